#include "worker.h"

#include <errno.h>
#include <signal.h>
#include <glib-unix.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PROGRAM      "cert-assistant-worker"
#define CHILD_SOCKET 3
#define READ_SIZE    (64 * 1024)
#define MAX_VALUE    (128 * 1024) /* what the socket of a worker that has just been started takes at once */

struct _Worker
{
  FrameParser *parser;
  int socket, process; /* the latter a descriptor too: its number may be another's by now */
  guint source, deadline;
  gboolean *freed; /* set when the worker is freed inside one of its own functions */
  WorkerFrameFunc frame;
  WorkerEndFunc end;
  gpointer data;
};

static char *
find_program (void)
{
  const char *folder = g_getenv ("CERT_ASSISTANT_LIBEXEC");

  return g_build_filename (folder && *folder ? folder : LIBEXECDIR, PROGRAM, NULL);
}

/* Hands out every whole frame. FALSE when the worker speaks nonsense; *FREED when it is not there any more. */
static gboolean
hand_out_frames (Worker *worker, gboolean *freed)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) payload = NULL;
  FrameKind kind;

  while (!*freed && frame_parser_next (worker->parser, &kind, &payload, &error))
    {
      worker->frame (worker, kind, payload, worker->data);
      g_clear_pointer (&payload, g_variant_unref);
    }
  if (error)
    g_warning ("A worker spoke nonsense: %s", error->message);
  return error == NULL;
}

/* Reads what is there. FALSE at the end. */
static gboolean
read_socket (Worker *worker, gboolean *freed)
{
  g_autofree guint8 *bytes = g_malloc (READ_SIZE);
  gssize n = recv (worker->socket, bytes, READ_SIZE, MSG_DONTWAIT);

  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    return TRUE;
  if (n <= 0)
    return FALSE;
  frame_parser_push (worker->parser, bytes, n);
  return hand_out_frames (worker, freed);
}

static gboolean
on_readable (int fd G_GNUC_UNUSED, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Worker *worker = data;
  gboolean freed = FALSE, alive;

  worker->freed = &freed;
  alive = read_socket (worker, &freed);
  if (freed)
    return G_SOURCE_REMOVE;
  worker->freed = NULL;
  if (alive)
    return G_SOURCE_CONTINUE;
  worker->source = 0;
  worker_set_deadline (worker, 0);
  worker->end (worker, FALSE, worker->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_deadline (gpointer data)
{
  Worker *worker = data;

  worker->deadline = 0;
  g_clear_handle_id (&worker->source, g_source_remove);
  worker->end (worker, TRUE, worker->data);
  return G_SOURCE_REMOVE;
}

static void
on_ended (GPid pid, int status G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  g_spawn_close_pid (pid);
}

/* Starts ARGV with CHILD as its file descriptor CHILD_SOCKET. */
static gboolean
spawn (const char *const *argv, int child, GPid *pid, GError **error)
{
  return g_spawn_async_with_pipes_and_fds (NULL, argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL,
                                           NULL, NULL, -1, -1, -1, &child, (const int[]){ CHILD_SOCKET }, 1, pid, NULL,
                                           NULL, NULL, error);
}

Worker *
worker_spawn (const char *const *arguments, WorkerFrameFunc frame, WorkerEndFunc end, gpointer data, GError **error)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autofree char *program = find_program ();
  Worker *worker;
  int sockets[2];
  gboolean spawned;
  GPid pid;

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    {
      g_set_error (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "socketpair: %s", g_strerror (errno));
      return NULL;
    }
  g_ptr_array_add (argv, program);
  for (; *arguments; arguments++)
    g_ptr_array_add (argv, (gpointer) *arguments);
  g_ptr_array_add (argv, NULL);
  spawned = spawn ((const char *const *) argv->pdata, sockets[1], &pid, error);
  close (sockets[1]);
  if (!spawned)
    {
      close (sockets[0]);
      return NULL;
    }
  worker = g_new0 (Worker, 1);
  worker->process = syscall (SYS_pidfd_open, pid, 0);
  g_child_watch_add (pid, on_ended, NULL);
  worker->parser = frame_parser_new ();
  worker->socket = sockets[0];
  worker->frame = frame;
  worker->end = end;
  worker->data = data;
  worker->source = g_unix_fd_add (worker->socket, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, worker);
  return worker;
}

gboolean
worker_send (Worker *worker, FrameKind kind, gconstpointer bytes, gsize length)
{
  guint8 header[FRAME_HEADER_SIZE];
  struct iovec parts[] = { { header, sizeof header }, { (gpointer) bytes, length } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts) };

  g_return_val_if_fail (length <= FRAME_MAX_SECRET, FALSE);
  frame_write_header (header, kind, (guint32) length);
  /* Far less than the socket holds: it goes as a whole or not at all. */
  return sendmsg (worker->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (gssize) (sizeof header + length);
}

gboolean
worker_send_value (Worker *worker, FrameKind kind, GVariant *value)
{
  g_autoptr (GBytes) frame = frame_encode (kind, value);
  gsize length;
  gconstpointer bytes = g_bytes_get_data (frame, &length);

  g_return_val_if_fail (length <= MAX_VALUE, FALSE);
  return send (worker->socket, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (gssize) length;
}

void
worker_free (Worker *worker)
{
  if (worker->freed)
    *worker->freed = TRUE;
  g_clear_handle_id (&worker->source, g_source_remove);
  g_clear_handle_id (&worker->deadline, g_source_remove);
  syscall (SYS_pidfd_send_signal, worker->process, SIGKILL, NULL, 0);
  close (worker->process);
  frame_parser_free (worker->parser);
  close (worker->socket);
  g_free (worker);
}

void
worker_set_deadline (Worker *worker, guint milliseconds)
{
  g_clear_handle_id (&worker->deadline, g_source_remove);
  if (milliseconds > 0)
    worker->deadline = g_timeout_add (milliseconds, on_deadline, worker);
}
