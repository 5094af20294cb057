/* The verb record: what was said between the program and each token in a reader, for those who teach it a new kind. */

#include <glib/gi18n.h>

#include "engine/worker.h"
#include "model/text.h"
#include "verb.h"

#define RECORD_MS 60000

typedef struct
{
  char *transcript; /* NULL: there is none */
  ErrorCode failure;
  gboolean ended;
} Recording;

/* A transcript is lines of plain ASCII: nothing else that a worker sends gets to a terminal. */
static gboolean
is_plain (const char *text)
{
  for (; *text; text++)
    if (!g_ascii_isprint (*text) && *text != '\n')
      return FALSE;
  return TRUE;
}

static void
on_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  Recording *recording = data;
  guint number = kind == FRAME_FAILURE ? g_variant_get_uint32 (payload) : ERROR_NONE;

  if (kind == FRAME_TRANSCRIPT && !recording->transcript && is_plain (g_variant_get_string (payload, NULL)))
    recording->transcript = g_variant_dup_string (payload, NULL);
  else if (number > ERROR_NONE && number < ERROR_N_CODES)
    recording->failure = number;
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  Recording *recording = data;

  recording->ended = TRUE;
  if (timed_out)
    recording->failure = ERROR_TOKEN_SILENT;
}

static void
spawn_and_wait (const char *reader, Recording *recording)
{
  const char *const arguments[] = { "record", reader, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (Worker) worker = worker_spawn (arguments, on_frame, on_end, recording, &error);

  if (!worker)
    {
      recording->failure = error_get_code (error);
      return;
    }

  worker_set_deadline (worker, RECORD_MS);
  while (!recording->ended)
    g_main_context_iteration (NULL, TRUE);
}

/* Prints the conversation with the token in READER. FALSE after saying why there is none. */
static gboolean
record (const char *reader)
{
  Recording recording = { .failure = ERROR_WORKER_FAILED };
  g_autofree char *name = text_clean (reader, -1);

  spawn_and_wait (reader, &recording);
  if (recording.transcript)
    g_print ("# %s\n%s\n", name, recording.transcript);
  else
    g_printerr ("%s: %s\n", name, error_to_sentence (recording.failure));
  g_free (recording.transcript);
  return recording.transcript != NULL;
}

/* Whether the token in SLOT is one that commands could be sent to, and is meant. */
static gboolean
is_meant (const Slot *slot, const VerbOptions *options)
{
  return slot->state != SLOT_EMPTY && !slot->module
         && (!options->token || (slot->token && g_strcmp0 (slot->token->id, options->token) == 0));
}

static int
run (Engine *engine, const VerbOptions *options)
{
  g_autoptr (View) view = view_ref (verb_settle (engine));
  guint n_meant = 0, n_recorded = 0;

  for (guint i = 0; i < view->world->slots->len; i++)
    {
      const Slot *slot = view->world->slots->pdata[i];

      if (!is_meant (slot, options))
        continue;
      n_meant++;
      n_recorded += record (slot->reader);
    }
  if (n_recorded > 0)
    g_printerr ("%s\n", _ ("Certificates, names and serial numbers are in it, but no PIN."));
  else if (n_meant == 0 && options->token)
    g_printerr (_ ("No token with the ID “%s” is inserted.\n"), options->token);
  else if (n_meant == 0)
    g_printerr ("%s\n", view->summary);
  if (g_strcmp0 (view->service, "running") != 0)
    return EXIT_NO_SERVICE;
  return n_meant > 0 && n_recorded == n_meant ? EXIT_WELL : EXIT_FINDING;
}

const Verb record_verb = {
  .name = "record",
  .options = "[--token ID]",
  .help = N_ ("Print what is said to the tokens and what they answer, to teach a new kind"),
  .takes_token = TRUE,
  .run = run,
};
