/* What happened to one virtual token: counters, and a text log without the data of PIN commands. Owned by the card. */
#pragma once

#include "vcard.h"

typedef struct
{
  VCardCounters counters;
  char *text;
  size_t n, size;
} Journal;

void journal_note (Journal *journal, const char *event);
void journal_apdu (Journal *journal, const uint8_t *apdu, size_t n, const uint8_t *answer, size_t n_answer);
void journal_clear (Journal *journal);
