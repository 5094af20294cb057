/* The faults of one virtual token: a table of {which APDU, what happens, how often}, asked once for every APDU.
 * Owned by the card; copies what it is given. */
#pragma once

#include "vcard.h"

typedef struct Fault Fault;

/* What happens to this APDU: the sum of all faults that hit it. */
typedef struct
{
  unsigned delay_ms;
  bool pulled;
  bool answered; /* answer[0..n] replaces what the card would have said */
  uint8_t *answer;
  size_t n;
} FaultEffect;

typedef enum
{
  FAULT_DELAY,
  FAULT_DROP,
  FAULT_ANSWER,
  FAULT_GROW
} FaultKind;

void
faults_add (Fault **faults, FaultKind kind, VCardMatch match, long count, unsigned ms, const uint8_t *answer, size_t n);
void faults_clear (Fault **faults);
void faults_apply (Fault *faults, unsigned long index, int ins, uint8_t *buffer, FaultEffect *effect);
