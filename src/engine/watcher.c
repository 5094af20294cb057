#include "watcher.h"

#include "worker.h"

#define DEADLINE_MS 3000

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS   5000

#define MAX_BROKEN 5 /* about a second and a half */

struct _Watcher
{
  WatcherFunc func;
  gpointer data;
  Worker *worker;
  guint restart;    /* source, while there is no worker */
  guint n_restarts; /* in a row, without a picture between them */
};

static void spawn (Watcher *watcher);

/* Nobody can tell what is in the readers. */
static void
tell_failure (Watcher *watcher, ErrorCode failure)
{
  g_autoptr (ReaderList) list = reader_list_new (failure, 0);

  watcher->func (list, watcher->data);
}

static gboolean
on_restart (gpointer data)
{
  Watcher *watcher = data;

  watcher->restart = 0;
  spawn (watcher);
  return G_SOURCE_REMOVE;
}

/* FAILURE: why, when it is known. A worker that ends again and again is as good as none. */
static void
restart (Watcher *watcher, ErrorCode failure)
{
  guint delay_ms = MIN (BACKOFF_FIRST_MS << MIN (watcher->n_restarts, 10), BACKOFF_MAX_MS);

  g_clear_pointer (&watcher->worker, worker_free);
  watcher->n_restarts++;
  watcher->restart = g_timeout_add (delay_ms, on_restart, watcher);
  if (failure == ERROR_NONE && watcher->n_restarts == MAX_BROKEN)
    failure = ERROR_WORKER_MISSING;
  if (failure != ERROR_NONE)
    tell_failure (watcher, failure);
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  restart (data, timed_out ? ERROR_SERVICE_HUNG : ERROR_NONE);
}

static void
on_frame (Worker *worker, FrameKind kind, GVariant *payload, gpointer data)
{
  Watcher *watcher = data;
  g_autoptr (ReaderList) list = kind == FRAME_READERS ? reader_list_from_variant (payload) : NULL;

  if (list)
    {
      worker_set_deadline (worker, 0);
      watcher->n_restarts = 0;
      watcher->func (list, watcher->data);
    }
  else if (kind == FRAME_STAGE)
    worker_set_deadline (worker, DEADLINE_MS);
  else
    restart (watcher, ERROR_NONE);
}

static void
spawn (Watcher *watcher)
{
  static const char *const arguments[] = { "watch", NULL };
  g_autoptr (GError) error = NULL;

  watcher->worker = worker_spawn (arguments, on_frame, on_end, watcher, &error);
  if (watcher->worker)
    {
      worker_set_deadline (watcher->worker, DEADLINE_MS);
      return;
    }
  if (watcher->n_restarts == 0)
    g_warning ("%s", error->message);
  restart (watcher, ERROR_WORKER_MISSING);
}

void
watcher_start (Watcher *watcher)
{
  spawn (watcher);
}

Watcher *
watcher_new (WatcherFunc func, gpointer data)
{
  Watcher *watcher = g_new0 (Watcher, 1);

  watcher->func = func;
  watcher->data = data;
  return watcher;
}

void
watcher_free (Watcher *watcher)
{
  g_clear_pointer (&watcher->worker, worker_free);
  g_clear_handle_id (&watcher->restart, g_source_remove);
  g_free (watcher);
}
