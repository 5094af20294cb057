#include "replay.h"

#include <string.h>

#include "hex.h"

typedef struct
{
  char *command; /* as apdu_to_log () writes it */
  GByteArray *answer;
  ErrorCode failure;
} Turn;

struct _Replay
{
  GPtrArray *turns; /* Turn */
  GPtrArray *expectations;
  GByteArray *atr;
  gboolean extended, t0;
  guint next;
  char *deviation;
};

static void
turn_free (gpointer data)
{
  Turn *turn = data;

  g_free (turn->command);
  g_clear_pointer (&turn->answer, g_byte_array_unref);
  g_free (turn);
}

static Turn *
get_last (Replay *replay)
{
  if (replay->turns->len == 0)
    g_error ("an answer before the first command");
  return replay->turns->pdata[replay->turns->len - 1];
}

ErrorCode
replay_parse_code (const char *word)
{
  for (ErrorCode code = ERROR_NONE; code < ERROR_N_CODES; code++)
    if (strcmp (error_to_string (code), word) == 0)
      return code;
  g_error ("no error %s", word);
}

static void
read_line (Replay *replay, const char *line)
{
  const char *rest = line[0] != '\0' && line[1] == ' ' ? line + 2 : "";

  if (line[0] == '>')
    {
      Turn *turn = g_new0 (Turn, 1);

      turn->command = g_strdup (rest);
      g_ptr_array_add (replay->turns, turn);
    }
  else if (line[0] == '<')
    get_last (replay)->answer = hex_to_bytes (rest);
  else if (line[0] == '!')
    get_last (replay)->failure = replay_parse_code (rest);
  else if (line[0] == '=')
    g_ptr_array_add (replay->expectations, g_strdup (rest));
  else if (line[0] == ' ')
    hex_append (get_last (replay)->answer, line);
  else if (g_str_has_prefix (line, "atr "))
    hex_append (replay->atr, line + 4);
  else if (g_str_has_prefix (line, "form "))
    {
      replay->extended = strcmp (line + 5, "extended") == 0;
      replay->t0 = strcmp (line + 5, "t0") == 0;
    }
  else if (line[0] != '#' && line[0] != '\0')
    g_error ("not a line of a transcript: %s", line);
}

Replay *
replay_new_from_text (const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", 0);
  Replay *replay = g_new0 (Replay, 1);

  replay->turns = g_ptr_array_new_with_free_func (turn_free);
  replay->expectations = g_ptr_array_new_with_free_func (g_free);
  replay->atr = g_byte_array_new ();
  for (gsize i = 0; lines[i] != NULL; i++)
    read_line (replay, lines[i]);
  return replay;
}

Replay *
replay_new_from_file (const char *path)
{
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &text, NULL, &error);
  g_assert_no_error (error);
  return replay_new_from_text (text);
}

void
replay_free (Replay *replay)
{
  g_ptr_array_unref (replay->turns);
  g_ptr_array_unref (replay->expectations);
  g_byte_array_unref (replay->atr);
  g_free (replay->deviation);
  g_free (replay);
}

static gboolean
deviate (Replay *replay, const char *sent, GError **error)
{
  if (replay->deviation == NULL)
    replay->deviation = g_strdup_printf ("command %u is %s", replay->next + 1, sent);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "not in the transcript");
  return FALSE;
}

static gboolean
transmit (gpointer transport, const guint8 *command, gsize length, guint8 *answer, gsize *answer_length, GError **error)
{
  Replay *replay = transport;
  const Turn *turn = replay->next < replay->turns->len ? replay->turns->pdata[replay->next] : NULL;
  g_autofree char *sent = apdu_to_log (command, length);

  if (turn == NULL || strcmp (turn->command, sent) != 0)
    return deviate (replay, sent, error);

  replay->next++;
  if (turn->answer == NULL)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, (int) turn->failure, "as recorded");
      return FALSE;
    }

  g_assert_cmpuint (turn->answer->len, <=, *answer_length);
  *answer_length = turn->answer->len;
  if (turn->answer->len > 0)
    memcpy (answer, turn->answer->data, turn->answer->len);
  return TRUE;
}

Channel *
replay_open (Replay *replay)
{
  replay->next = 0;
  return channel_new (transmit, replay, replay->atr->data, replay->atr->len, replay->extended, replay->t0);
}

const char *
replay_get_deviation (Replay *replay)
{
  if (replay->deviation == NULL && replay->next < replay->turns->len)
    replay->deviation = g_strdup_printf ("command %u is not sent", replay->next + 1);
  return replay->deviation;
}

GPtrArray *
replay_get_expectations (Replay *replay)
{
  return replay->expectations;
}
