#include "journal.h"

#include "applet.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum
{
  INS_VERIFY = 0x20,
  INS_CHANGE = 0x24,
  INS_UNBLOCK = 0x2C
};

static void
reserve (Journal *journal, size_t more)
{
  if (journal->n + more + 1 <= journal->size)
    return;
  journal->size = 2 * (journal->n + more + 1);
  journal->text = vcard_alloc (journal->text, journal->size);
}

static void
append (Journal *journal, const char *text)
{
  size_t n = strlen (text);

  reserve (journal, n);
  memcpy (journal->text + journal->n, text, n + 1);
  journal->n += n;
}

static void
append_hex (Journal *journal, const uint8_t *data, size_t n)
{
  static const char digits[] = "0123456789ABCDEF";

  reserve (journal, 2 * n);
  for (size_t i = 0; i < n; i++)
    {
      journal->text[journal->n++] = digits[data[i] >> 4];
      journal->text[journal->n++] = digits[data[i] & 15];
    }
  journal->text[journal->n] = '\0';
}

void
journal_note (Journal *journal, const char *event)
{
  append (journal, event);
  append (journal, "\n");
}

static bool
carries_pin (const uint8_t *apdu, size_t n)
{
  return n > 5 && (apdu[1] == INS_VERIFY || apdu[1] == INS_CHANGE || apdu[1] == INS_UNBLOCK);
}

static void
count (VCardCounters *counters, const uint8_t *apdu, size_t n, size_t n_answer)
{
  counters->apdus++;
  counters->bytes_in += n;
  counters->bytes_out += n_answer;
  if (!carries_pin (apdu, n))
    return;
  counters->verifies += apdu[1] == INS_VERIFY;
  counters->changes += apdu[1] == INS_CHANGE;
  counters->unblocks += apdu[1] == INS_UNBLOCK;
}

void
journal_apdu (Journal *journal, const uint8_t *apdu, size_t n, const uint8_t *answer, size_t n_answer)
{
  char tail[64];

  count (&journal->counters, apdu, n, n_answer);
  if (carries_pin (apdu, n))
    {
      /* The whole rest, whatever its length bytes claim: a malformed VERIFY carries a PIN as well. */
      append_hex (journal, apdu, 4);
      snprintf (tail, sizeof tail, " [%zu bytes]", n - 5);
      append (journal, tail);
    }
  else
    append_hex (journal, apdu, n);

  if (n_answer >= 2)
    snprintf (tail, sizeof tail, " -> %02X%02X (%zu)\n", answer[n_answer - 2], answer[n_answer - 1], n_answer - 2);
  else
    snprintf (tail, sizeof tail, " -> [%zu bytes]\n", n_answer);
  append (journal, tail);
}

void
journal_clear (Journal *journal)
{
  free (journal->text);
  memset (journal, 0, sizeof *journal);
}
