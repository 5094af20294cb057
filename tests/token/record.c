/* Writes the transcripts of tests/cards: fills virtual tokens, lets the driver read each, and puts down what passes
 * between the two. Not a test; see tests/cards/README.md.
 *
 *   record FOLDER   writes FOLDER/FAMILY/NAME.txt for every recording in the table of recordings.c */
#include <stdlib.h>
#include <string.h>

#include "recordings.h"
#include "token/atr.h"
#include "token/companion.h"

#define WRONG_LENGTH 0x80 /* what a T=0 token announces once, and takes back */

typedef struct
{
  VCard *card;
  gboolean t0;
  GByteArray *held; /* T=0: an answer that GET RESPONSE fetches */
  gboolean lied;
} Recorder;

static gsize
answer_status (guint8 *answer, guint16 status)
{
  answer[0] = (guint8) (status >> 8);
  answer[1] = (guint8) status;
  return 2;
}

/* The held answer to GET RESPONSE, where that names its length. */
static gsize
fetch_held (Recorder *recorder, const guint8 *command, guint8 *answer)
{
  gsize n = recorder->held->len;
  guint8 n_data = (guint8) (n - 2);

  if (command[4] != n_data)
    return answer_status (answer, (guint16) (0x6C00 | n_data));
  memcpy (answer, recorder->held->data, n);
  g_clear_pointer (&recorder->held, g_byte_array_unref);
  return n;
}

/* A command with data goes to the token with an Le; whatever it answers beside a status word is held back. */
static gboolean
exchange_t0 (Recorder *recorder, const guint8 *command, gsize length, guint8 *answer, gsize *n)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  guint8 le = 0;

  if (recorder->held != NULL && command[1] == 0xC0)
    {
      *n = fetch_held (recorder, command, answer);
      return TRUE;
    }

  g_byte_array_append (whole, command, (guint) length);
  if (length > 5)
    g_byte_array_append (whole, &le, 1);
  if (vcard_transmit (recorder->card, whole->data, whole->len, answer, n) != VCARD_ANSWERED)
    return FALSE;
  if (length <= 5 || *n == 2)
    return TRUE;

  recorder->held = g_byte_array_new ();
  g_byte_array_append (recorder->held, answer, (guint) *n);
  *n = answer_status (answer, (guint16) (0x6100 | (recorder->lied ? (guint8) (*n - 2) : WRONG_LENGTH)));
  recorder->lied = TRUE;
  return TRUE;
}

/* A ChannelTransmit. */
static gboolean
card_transmit (gpointer transport,
               const guint8 *command,
               gsize length,
               guint8 *answer,
               gsize *answer_length,
               GError **error)
{
  Recorder *recorder = transport;

  if (recorder->t0 ? exchange_t0 (recorder, command, length, answer, answer_length)
                   : vcard_transmit (recorder->card, command, length, answer, answer_length) == VCARD_ANSWERED)
    return TRUE;

  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED, "pulled");
  return FALSE;
}

static const Driver *
find_driver (const char *family)
{
  for (gsize i = 0; drivers[i] != NULL; i++)
    if (strcmp (drivers[i]->name, family) == 0)
      return drivers[i];
  g_error ("no driver %s", family);
}

/* As the worker does it; the transcript says what was said, and test-replay judges what came of it. */
static void
record_reading (Recorder *recorder, const Driver *driver, GString *text)
{
  size_t n_atr;
  const guint8 *atr = vcard_get_atr (recorder->card, &n_atr);
  gboolean extended = atr_takes_extended (atr, n_atr) && !recorder->t0;
  g_autoptr (Channel) channel = channel_new (card_transmit, recorder, atr, n_atr, extended, recorder->t0);
  Session session = { .channel = channel };
  g_autoptr (Token) token = NULL;

  channel_record (channel, text);
  if (driver->probe (&session) != PROBE_NO)
    token = driver->read (&session, NULL);
  if (token != NULL && !companion_read (&session, driver, token, NULL))
    return;
}

static void
record (const Recording *recording, const char *folder)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Recorder recorder = { .card = vcard_new (), .t0 = recording->t0 };
  g_autofree char *path = g_strdup_printf ("%s/%s/%s.txt", folder, recording->family, recording->name);
  g_autofree char *parent = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_true (vcard_add_applet (recorder.card, recording->family));
  recording->fill (recorder.card);
  g_string_append_printf (text, "# %s\n", recording->title);
  record_reading (&recorder, find_driver (recording->family), text);
  g_string_append_printf (text, "\n%s", recording->expected);

  if (g_mkdir_with_parents (parent, 0755) != 0 || !g_file_set_contents (path, text->str, (gssize) text->len, &error))
    g_error ("%s: %s", path, error != NULL ? error->message : "no folder");
  g_clear_pointer (&recorder.held, g_byte_array_unref);
  vcard_free (recorder.card);
}

int
main (int argc, char **argv)
{
  if (argc != 2 || !g_file_test (argv[1], G_FILE_TEST_IS_DIR))
    {
      g_printerr ("record FOLDER\n");
      return 2;
    }

  for (const Recording *recording = recordings; recording->family != NULL; recording++)
    record (recording, argv[1]);
  return EXIT_SUCCESS;
}
