/* One attempt to change or unlock a PIN, as a value: what is asked of the worker, and what came of it. No PIN is in it.
 */
#pragma once

#include "error.h"
#include "token.h"

typedef enum
{
  PIN_OPERATION_CHANGE,
  PIN_OPERATION_UNLOCK,          /* by its PUK, or however it is unlocked by something that its holder has */
  PIN_OPERATION_UNLOCK_AS_ADMIN, /* by the administrator's PIN */
  PIN_N_OPERATIONS
} PinOperation;

/* What is asked: of the token with this fingerprint and of no other. */
typedef struct
{
  PinOperation operation;
  char *ref;         /* of the Pin */
  char *fingerprint; /* token_make_fingerprint () of the token that the person saw */
  gboolean last_try; /* the person knows that this is the last one */
  gboolean pad;      /* typed at the reader's keypad: no PIN is here */
} PinTask;

/* That the reader gives a person for each entry at its keypad. */
#define ATTEMPT_PAD_SECONDS 60

/* Of an answer that no status word came with. */
#define ATTEMPT_NO_STATUS (-1)

/* What came of it. */
typedef struct
{
  gboolean sent;     /* the command with the PIN has gone to the token, or may have */
  ErrorCode failure; /* ERROR_NONE: done */
  int status;        /* the token's status word, or the return code of its library; or ATTEMPT_NO_STATUS */
  int tries_left;    /* of what was typed, as the token told right after it; PIN_UNKNOWN otherwise */
} Attempt;

PinTask *pin_task_copy (const PinTask *task);
void pin_task_free (PinTask *task);
void pin_task_clear (PinTask *task);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinTask, pin_task_free)

/* As a{sv}. from_variant takes an untrusted VARIANT; one that contradicts itself (done without having been sent) is no
 * attempt: FALSE. */
GVariant *attempt_to_variant (const Attempt *attempt);
gboolean attempt_from_variant (GVariant *variant, Attempt *attempt) G_GNUC_WARN_UNUSED_RESULT;
