#include <glib-unix.h>
#include <glib/gi18n.h>
#include <stdio.h>

#include "engine/report.h"
#include "verb.h"

typedef struct
{
  Engine *engine;
  gboolean json;
  char *last;        /* what was printed last, as JSON */
  GHashTable *lines; /* id → sentence: what stands */
} Watching;

static void
print_now (const char *sign, const char *text)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_local ();
  g_autofree char *time = g_date_time_format (now, "%H:%M:%S");

  g_print ("%s %s %s\n", time, sign, text);
}

/* Everything that stands now, by an id that stays as long as it stands. */
static GHashTable *
collect_lines (const View *view)
{
  GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (token->complete)
        g_hash_table_insert (lines, g_strdup_printf ("%u", token->generation),
                             g_strdup_printf ("%s — %s", token->headline, token->lifetime));
    }
  for (guint i = 0; i < view->findings->len; i++)
    {
      const FindingView *finding = view->findings->pdata[i];

      g_hash_table_insert (lines, g_strdup (finding->finding->id), g_strdup (finding->text));
    }
  return lines;
}

/* Prints with SIGN what stands in A and does not in B. */
static void
print_difference (const char *sign, GHashTable *a, GHashTable *b)
{
  GHashTableIter iter;
  const char *id, *text;

  g_hash_table_iter_init (&iter, a);
  while (g_hash_table_iter_next (&iter, (gpointer *) &id, (gpointer *) &text))
    if (!g_hash_table_contains (b, id))
      print_now (sign, text);
}

static void
on_changed (Engine *engine, Watching *watching)
{
  const View *view = engine_get_view (engine);

  if (!view->world->known)
    return; /* nobody has looked yet */
  if (watching->json)
    {
      g_autofree char *json = report_to_json (view, FALSE);

      if (g_strcmp0 (json, watching->last) != 0)
        g_print ("%s\n", json);
      g_free (watching->last);
      watching->last = g_steal_pointer (&json);
    }
  else
    {
      g_autoptr (GHashTable) lines = collect_lines (view);

      print_difference ("-", watching->lines, lines);
      print_difference ("+", lines, watching->lines);
      g_hash_table_unref (watching->lines);
      watching->lines = g_steal_pointer (&lines);
    }
  fflush (stdout);
}

static gboolean
on_interrupt (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static int
run (Engine *engine, const VerbOptions *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Watching watching = { .engine = engine, .json = options->json };

  watching.lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_signal_connect (engine, "changed", G_CALLBACK (on_changed), &watching);
  g_unix_signal_add (SIGINT, on_interrupt, loop);
  g_unix_signal_add (SIGTERM, on_interrupt, loop);
  engine_start (engine);
  g_main_loop_run (loop);
  g_signal_handlers_disconnect_by_data (engine, &watching);
  g_hash_table_unref (watching.lines);
  g_free (watching.last);
  return EXIT_WELL;
}

const Verb watch_verb = {
  .name = "watch",
  .options = "[--json]",
  .help = N_ ("Print a line for every change, until interrupted"),
  .takes_json = TRUE,
  .run = run,
};
