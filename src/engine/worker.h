/* One worker process, seen from the engine: spawned with a socketpair, listened to frame by frame, and killed when its
 * deadline passes, when it speaks nonsense or when nobody wants it any more. The main loop never waits for it. */
#pragma once

#include <gio/gio.h>

#include "model/error.h"
#include "model/frame.h"

typedef struct _Worker Worker;

/* A frame has come. PAYLOAD is in normal form and of the type of KIND, and otherwise as hostile as its sender. */
typedef void (*WorkerFrameFunc) (Worker *worker, FrameKind kind, GVariant *payload, gpointer data);

/* The worker has ended by itself, or its deadline has: TIMED_OUT. The worker may be freed in here. */
typedef void (*WorkerEndFunc) (Worker *worker, gboolean timed_out, gpointer data);

/* Starts `cert-assistant-worker ARGUMENTS…`. Neither function is called before the main loop runs again. NULL with
 * ERROR when the process cannot be started. */
Worker *
worker_spawn (const char *const *arguments, WorkerFrameFunc frame, WorkerEndFunc end, gpointer data, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Kills it if it lives. No function is called any more. */
void worker_free (Worker *worker);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Worker, worker_free)

/* Sends a frame of KIND: straight from BYTES, which may be in locked memory, to the worker's socket; no copy is made
 * here. At most FRAME_MAX_SECRET bytes. FALSE when the worker is gone. */
gboolean worker_send (Worker *worker, FrameKind kind, gconstpointer bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;

/* Sends a frame of KIND with VALUE, of 128 KiB at most. FALSE when the worker is gone. */
gboolean worker_send_value (Worker *worker, FrameKind kind, GVariant *value) G_GNUC_WARN_UNUSED_RESULT;

/* From now on it has MILLISECONDS to send another frame or end; 0: for ever. */
void worker_set_deadline (Worker *worker, guint milliseconds);
