#include "module.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/attempt.h"

#define PROGRAM "cert-assistant-module-host"

/* For a record. Loading a library is a matter of milliseconds, reading a token through one of seconds; a token may take
 * its time to write a PIN, and a person at its keypad types three times. */
#define LOAD_MS 10000
#define READ_MS 15000
#define PIN_MS  30000
#define PAD_MS  (3 * 1000 * ATTEMPT_PAD_SECONDS)

/* For all of an answer beyond what one record may take: no library may be slow for ever, record by record. */
#define ANSWER_MS 30000

struct _Module
{
  pid_t process;
  int socket;
  gboolean uses_pcsc;
  gint64 end; /* of the answer that is under way, monotonic */
};

static const ErrorCode refusals[] = {
  [WIRE_MISSING] = ERROR_MODULE_MISSING, [WIRE_UNTRUSTED] = ERROR_MODULE_UNTRUSTED,
  [WIRE_MACHINE] = ERROR_MODULE_MACHINE, [WIRE_UNLOADABLE] = ERROR_MODULE_UNLOADABLE,
  [WIRE_ENTRY] = ERROR_MODULE_MACHINE,   [WIRE_INIT] = ERROR_MODULE_UNLOADABLE,
};

static gboolean
fail (GError **error, ErrorCode code, const char *why)
{
  g_set_error_literal (error, ASSISTANT_ERROR, (int) code, why);
  return FALSE;
}

/* ---- bytes ---- */

static gint64
after (int ms)
{
  return g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;
}

/* UNTIL: monotonic. */
static gboolean
receive (Module *module, gpointer bytes, gsize length, gint64 until, GError **error)
{
  char *next = bytes;

  while (length > 0)
    {
      struct pollfd wait = { .fd = module->socket, .events = POLLIN };
      gint64 left = MAX (0, until - g_get_monotonic_time ());
      int ready = poll (&wait, 1, (int) (left / G_TIME_SPAN_MILLISECOND));
      gssize n;

      if (ready < 0 && errno == EINTR)
        continue;
      if (ready == 0)
        return fail (error, ERROR_MODULE_SILENT, "the host is silent");
      n = read (module->socket, next, length);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return fail (error, ERROR_MODULE_CRASHED, "the host has ended");
      next += n;
      length -= (gsize) n;
    }
  return TRUE;
}

static gboolean
send_message (Module *module, WireKind kind, gconstpointer bytes, gsize length, GError **error)
{
  WireHeader header = { kind, (guint32) length };
  struct iovec parts[] = { { &header, sizeof header }, { (gpointer) bytes, length } };
  struct msghdr message = { .msg_iov = parts, .msg_iovlen = G_N_ELEMENTS (parts) };

  /* Far less than the socket holds: it goes as a whole or not at all. */
  if (sendmsg (module->socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT) == (gssize) (sizeof header + length))
    return TRUE;
  return fail (error, ERROR_MODULE_CRASHED, "the host takes nothing");
}

static ModuleRecord *
record_new (WireKind kind, gsize length)
{
  ModuleRecord *record = g_malloc (sizeof *record + length + 1);
  guint8 *bytes = (guint8 *) (record + 1);

  bytes[length] = '\0';
  *record = (ModuleRecord){ kind, length, bytes };
  return record;
}

/* The next record, or NULL with ERROR. (transfer full) */
static ModuleRecord *
receive_record (Module *module, int timeout_ms, GError **error)
{
  gint64 until = MIN (after (timeout_ms), module->end);
  g_autofree ModuleRecord *record = NULL;
  WireHeader header;

  if (!receive (module, &header, sizeof header, until, error))
    return NULL;
  if (header.length > WIRE_MAX_RECORD)
    {
      fail (error, ERROR_MODULE_CRASHED, "the host speaks nonsense");
      return NULL;
    }
  record = record_new (header.kind, header.length);
  if (!receive (module, (gpointer) record->bytes, header.length, until, error))
    return NULL;
  return g_steal_pointer (&record);
}

/* ---- answers ---- */

void
module_answer_clear (ModuleAnswer *answer)
{
  g_clear_pointer (&answer->records, g_ptr_array_unref);
}

static void
take_end (ModuleAnswer *answer, const ModuleRecord *record)
{
  gsize n_name;

  memcpy (&answer->code, record->bytes, sizeof answer->code);
  n_name = MIN (record->length - sizeof answer->code, sizeof answer->function - 1);
  memcpy (answer->function, record->bytes + sizeof answer->code, n_name);
  for (gsize i = 0; i < n_name; i++)
    if (!g_ascii_isgraph (answer->function[i]))
      answer->function[i] = '?';
}

/* All records up to the end. */
static gboolean
receive_answer (Module *module, ModuleAnswer *answer, int timeout_ms, GError **error)
{
  gsize total = 0;

  *answer = (ModuleAnswer){ g_ptr_array_new_with_free_func (g_free), 0, "" };
  module->end = after (timeout_ms + ANSWER_MS);
  for (;;)
    {
      ModuleRecord *record = receive_record (module, timeout_ms, error);

      if (record == NULL)
        break;
      total += record->length;
      if (record->kind == WIRE_END && record->length >= sizeof answer->code)
        {
          take_end (answer, record);
          g_free (record);
          return TRUE;
        }
      g_ptr_array_add (answer->records, record);
      if (record->kind == WIRE_REFUSED || total > WIRE_MAX_ANSWER || answer->records->len > WIRE_MAX_RECORDS)
        {
          fail (error, record->kind == WIRE_REFUSED ? ERROR_MODULE_UNLOADABLE : ERROR_MODULE_CRASHED, "no answer");
          break;
        }
    }
  module_answer_clear (answer);
  return FALSE;
}

/* ---- the host ---- */

/* Beside this program, and nowhere else. */
static char *
find_program (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self ? g_path_get_dirname (self) : NULL;
  g_autofree char *beside = folder ? g_build_filename (folder, PROGRAM, NULL) : NULL;

  if (beside && g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_build_filename (LIBEXECDIR, PROGRAM, NULL);
}

/* In the child. Nothing of a library's talk goes anywhere: who knows what it says of a PIN. It ends with the worker,
 * which may be killed at any moment, before it has become the host too. */
static void
become (const char *program, const char *const *arguments, int socket, pid_t worker)
{
  gboolean ready = dup2 (socket, WIRE_SOCKET) >= 0;
  int nowhere = open ("/dev/null", O_RDWR);
  sigset_t none;

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  if (getppid () != worker)
    _exit (127);
  sigemptyset (&none);
  sigprocmask (SIG_SETMASK, &none, NULL);
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
    ready = ready && dup2 (nowhere, fd) >= 0;
  if (ready)
    execv (program, (char *const *) arguments);
  _exit (127);
}

static gboolean
spawn (Module *module, const char *const *arguments, GError **error)
{
  g_autofree char *program = find_program ();
  pid_t worker = getpid ();
  int sockets[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets) != 0)
    return fail (error, ERROR_WORKER_FAILED, "no socketpair");
  module->process = fork ();
  if (module->process == 0)
    become (program, arguments, sockets[1], worker);
  close (sockets[1]);
  module->socket = sockets[0];
  return module->process > 0 || fail (error, ERROR_WORKER_FAILED, "no process");
}

/* What the host says first. */
static gboolean
receive_ready (Module *module, GError **error)
{
  g_autofree ModuleRecord *record = receive_record (module, LOAD_MS, error);
  guint32 number;

  if (record == NULL)
    return FALSE;
  if (record->length != sizeof number)
    return fail (error, ERROR_MODULE_CRASHED, "the host speaks nonsense");
  memcpy (&number, record->bytes, sizeof number);
  module->uses_pcsc = (number & WIRE_USES_PCSC) != 0;
  if (record->kind == WIRE_READY)
    return TRUE;
  return fail (error,
               record->kind == WIRE_REFUSED && number > 0 && number < G_N_ELEMENTS (refusals) ? refusals[number]
                                                                                              : ERROR_MODULE_CRASHED,
               "the library is not hosted");
}

Module *
module_start (const char *type, const char *library, gboolean own, GError **error)
{
  const char *const arguments[] = { PROGRAM, type, library, own ? "own" : NULL, NULL };
  g_autoptr (Module) module = g_new0 (Module, 1);

  module->socket = -1;
  module->end = after (LOAD_MS);
  if (!spawn (module, arguments, error) || !receive_ready (module, error))
    return NULL;
  return g_steal_pointer (&module);
}

void
module_free (Module *module)
{
  if (module->process > 0)
    {
      kill (module->process, SIGKILL);
      waitpid (module->process, NULL, 0);
    }
  if (module->socket >= 0)
    close (module->socket);
  g_free (module);
}

gboolean
module_uses_pcsc (const Module *module)
{
  return module->uses_pcsc;
}

/* ---- requests ---- */

gboolean
module_list (Module *module, ModuleAnswer *answer, GError **error)
{
  return send_message (module, WIRE_LIST, NULL, 0, error) && receive_answer (module, answer, READ_MS, error);
}

gboolean
module_use_pins (Module *module,
                 WireKind request,
                 GBytes *address,
                 const Secret *first,
                 const Secret *new,
                 ModuleAnswer *answer,
                 GError **error)
{
  int timeout_ms = first->length == 0 && new->length == 0 ? PAD_MS : PIN_MS;
  gsize length;
  gconstpointer bytes = g_bytes_get_data (address, &length);

  if (first->length > WIRE_MAX_SECRET || new->length > WIRE_MAX_SECRET || length > WIRE_MAX_ADDRESS)
    return fail (error, ERROR_PIN_REFUSED, "too long");
  return send_message (module, request, bytes, length, error)
         && send_message (module, WIRE_SECRET, first->bytes, first->length, error)
         && send_message (module, WIRE_SECRET, new->bytes, new->length, error)
         && receive_answer (module, answer, timeout_ms, error);
}

gboolean
module_begin_wait (Module *module, GError **error)
{
  return send_message (module, WIRE_WAIT, NULL, 0, error);
}

int
module_get_fd (const Module *module)
{
  return module->socket;
}

gboolean
module_end_wait (Module *module, guint64 *code, GError **error)
{
  g_auto (ModuleAnswer) answer = { NULL };

  if (!receive_answer (module, &answer, READ_MS, error))
    return FALSE;
  *code = answer.code;
  return TRUE;
}
