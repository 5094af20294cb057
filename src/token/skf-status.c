#include "skf-status.h"

#include <string.h>

#include "module-host/skf-api.h"

/* GM/T 0016 annex A, and below it what vendors have added; nothing else is a wrong PIN. */
static const struct
{
  guint32 code;
  ErrorCode failure;
} meanings[] = {
  { SKF_OK, ERROR_NONE },
  { 0x0A000024, ERROR_PIN_WRONG },
  { 0x0A000025, ERROR_PIN_BLOCKED },
  { 0x0A000026, ERROR_PIN_REFUSED }, /* not such a PIN */
  { 0x0A000027, ERROR_PIN_REFUSED }, /* its length */
  { SKF_NOT_SUPPORTED, ERROR_PIN_IMPOSSIBLE },
  { 0x0A000029, ERROR_PIN_IMPOSSIBLE }, /* there is none yet */
  { 0x0A00002A, ERROR_PIN_IMPOSSIBLE }, /* no such type of PIN */
  { SKF_DEVICE_REMOVED, ERROR_PIN_UNANSWERED },
  { 0x0A00000F, ERROR_PIN_UNANSWERED }, /* its time ran out */
  { 0x0A000033, ERROR_PIN_BLOCKED },    /* Wisec */
  { 0x0B000037, ERROR_PIN_BLOCKED },    /* Longmai */
};

static ErrorCode
explain_code (guint32 code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].code == code)
      return meanings[i].failure;
  return ERROR_PIN_STATUS;
}

/* What the library wrote as the tries that are left, or PIN_UNKNOWN. */
static int
find_tries (const GPtrArray *records)
{
  for (guint i = 0; i < records->len; i++)
    {
      const ModuleRecord *record = records->pdata[i];
      guint32 tries;

      if (record->kind != WIRE_TRIES || record->length != sizeof tries)
        continue;
      memcpy (&tries, record->bytes, sizeof tries);
      return tries <= SKF_MAX_TRIES ? (int) tries : PIN_UNKNOWN;
    }
  return PIN_UNKNOWN;
}

/* What failed on the way to the call: no PIN has gone out. */
static void
explain_way (const ModuleAnswer *answer, Attempt *attempt)
{
  attempt->sent = FALSE;
  attempt->status = ATTEMPT_NO_STATUS;
  attempt->failure = (guint32) answer->code == SKF_DEVICE_REMOVED ? ERROR_TOKEN_REMOVED : ERROR_READER_BUSY;
}

/* Some libraries write 0 whenever they write nothing better: with a wrong PIN it is not believed; the token is read
 * again, and tells. */
void
skf_status_explain (const ModuleAnswer *answer, Attempt *attempt)
{
  guint32 code = (guint32) answer->code;

  attempt->tries_left = PIN_UNKNOWN;
  if (code != SKF_OK
      && (strcmp (answer->function, "SKF_ConnectDev") == 0 || strcmp (answer->function, "SKF_OpenApplication") == 0))
    {
      explain_way (answer, attempt);
      return;
    }
  attempt->status = code <= G_MAXINT ? (int) code : ATTEMPT_NO_STATUS;
  attempt->failure = explain_code (code);
  if (attempt->failure == ERROR_PIN_BLOCKED)
    attempt->tries_left = 0;
  else if (attempt->failure == ERROR_PIN_WRONG && find_tries (answer->records) > 0)
    attempt->tries_left = find_tries (answer->records);
}
