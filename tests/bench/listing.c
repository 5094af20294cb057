/* listing TYPE LIBRARY   How long a list of tokens takes, in milliseconds, the median of many: the calls of the library
 * alone, in this process; with what they bring parsed and checked; and the whole way through a worker and its host,
 * from the engine's word to the report as a value. The library is one that cannot wait, and is asked each time. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/worker.h"
#include "model/module.h"
#include "module-host/host.h"
#include "token/chain.h"
#include "token/module-kind.h"

#define ROUNDS   201
#define STARTUP  500 /* ms: what it does once it is loaded */
#define N_SERIES 4

typedef struct
{
  const char *type, *library;
  const Kind *host;
  GMainLoop *loop;
  Module *module;
  Worker *worker;
  guint n_tokens;
} Bench;

/* ---- in one process: the same calls as the host makes ---- */

static GPtrArray *records; /* ModuleRecord; NULL: nobody wants them */

void
host_put (WireKind kind, const void *bytes, size_t length)
{
  ModuleRecord *record;

  if (!records)
    return;
  record = g_malloc (sizeof *record + length + 1);
  *record = (ModuleRecord){ kind, length, (guint8 *) (record + 1) };
  if (length > 0)
    memcpy (record + 1, bytes, length);
  ((guint8 *) (record + 1))[length] = '\0';
  g_ptr_array_add (records, record);
}

void
host_put_failure (const char *function G_GNUC_UNUSED, unsigned long code G_GNUC_UNUSED)
{
}

void *
host_alloc (size_t length)
{
  return calloc (1, length);
}

void
host_free (void *bytes, size_t length G_GNUC_UNUSED)
{
  free (bytes);
}

static void
load (Bench *bench)
{
  void *library = dlopen (bench->library, RTLD_NOW | RTLD_LOCAL);

  bench->host = strcmp (bench->type, "skf") == 0 ? &skf_kind : &pkcs11_kind;
  if (!library || !bench->host->bind (library) || bench->host->begin ().code != 0)
    g_error ("%s: it does not work", bench->library);
}

static void
list_alone (Bench *bench)
{
  bench->host->list ();
}

static void
parse (Bench *bench, const GPtrArray *list)
{
  g_autoptr (GPtrArray) tokens = module_kind_find (bench->type)->parse (list);

  for (guint i = 0; i < tokens->len; i++)
    {
      ModuleToken *token = tokens->pdata[i];

      token_set_identity (token->token);
      chain_fill_from_system (token->token);
    }
  bench->n_tokens = tokens->len;
}

static void
list_and_parse (Bench *bench)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);

  records = list;
  bench->host->list ();
  records = NULL;
  parse (bench, list);
}

/* ---- through the host alone ---- */

static void
start_host (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  bench->module = module_start (bench->type, bench->library, TRUE, &error);
  g_assert_no_error (error);
}

static void
list_through_host (Bench *bench)
{
  g_auto (ModuleAnswer) answer = { NULL };
  g_autoptr (GError) error = NULL;

  if (!module_list (bench->module, &answer, &error))
    g_error ("%s", error->message);
  parse (bench, answer.records);
}

/* ---- through the worker ---- */

static void
on_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  Bench *bench = data;
  g_autoptr (ModuleReport) report = kind == FRAME_MODULE ? module_report_from_variant (payload) : NULL;

  if (!report)
    return;
  g_assert_cmpuint (report->entries->len, ==, bench->n_tokens);
  g_main_loop_quit (bench->loop);
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_error ("the worker has ended");
}

static void
list_through_worker (Bench *bench)
{
  if (!worker_send (bench->worker, FRAME_GO, NULL, 0))
    g_error ("the worker is gone");
  g_main_loop_run (bench->loop);
}

static gboolean
on_started (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
start_worker (Bench *bench)
{
  const char *const arguments[] = { "module", bench->type, bench->library, "own", "software", "keep", NULL };
  g_autoptr (GError) error = NULL;

  bench->loop = g_main_loop_new (NULL, FALSE);
  bench->worker = worker_spawn (arguments, on_frame, on_end, bench, &error);
  g_assert_no_error (error);
  g_main_loop_run (bench->loop);
  g_timeout_add (STARTUP, on_started, bench->loop);
  g_main_loop_run (bench->loop);
}

/* ---- figures ---- */

static int
compare (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static double
find_median_ms (gint64 *times)
{
  qsort (times, ROUNDS, sizeof *times, compare);
  return (double) times[ROUNDS / 2] / 1000;
}

int
main (int argc, char **argv)
{
  static void (*const series[N_SERIES]) (Bench * bench) = { list_alone, list_and_parse, list_through_host,
                                                            list_through_worker };
  static gint64 times[N_SERIES][ROUNDS];
  Bench bench = { 0 };

  if (argc != 3)
    return 2;
  bench.type = argv[1];
  bench.library = argv[2];
  load (&bench);
  list_and_parse (&bench);
  start_host (&bench);
  start_worker (&bench);
  for (int i = 0; i < ROUNDS; i++)
    for (int j = 0; j < N_SERIES; j++)
      {
        gint64 begin = g_get_monotonic_time ();

        series[j](&bench);
        times[j][i] = g_get_monotonic_time () - begin;
      }
  printf ("%u", bench.n_tokens);
  for (int j = 0; j < N_SERIES; j++)
    printf (" %.3f", find_median_ms (times[j]));
  printf ("\n");
  worker_free (bench.worker);
  module_free (bench.module);
  g_main_loop_unref (bench.loop);
  return 0;
}
