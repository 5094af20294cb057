/* The mode `watch`: sleeps in SCardGetStatusChange and sends the whole picture whenever it has changed.
 *
 * pcsc-lite before 2.3.0 forgets a reader that is plugged between SCardListReaders and SCardGetStatusChange: the wait
 * counts the readers when it begins and compares with that. One process cannot look and wait at once, so after every
 * event, when people are plugging things, a second short-lived process (`look`) lists the readers again; if they are
 * not those that this one waits for, it sends a signal, and this one begins anew by executing itself: same process,
 * same socket, nothing else kept. Between events the list is compared whenever the long wait ends. */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/reader.h"
#include "pcsc.h"
#include "worker.h"

#define WATCH_SIGNAL SIGUSR1
#define PNP_READER   "\\\\?PnP?\\Notification"
#define SELF         "/proc/self/exe"
#define PROGRAM      "cert-assistant-worker"
#define MAX_STATES   (READER_MAX_COUNT + 1)
#define SHARED       (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)

#define WAIT_MS           (5 * 60 * 1000) /* the safety net under plug events */
#define WAIT_USE_MS       (3 * 60 * 1000) /* while a token is in that nobody seems to use: to begin to is no event */
#define LOOKS_PER_LIST    2               /* … and so often before the list of readers is compared */
#define WAIT_NO_PNP_MS    2000            /* where the service has no room for the plug entry */
#define BACKOFF_FIRST_MS  50
#define BACKOFF_MAX_MS    5000
#define BACKOFF_DENIED_MS 60000 /* each refusal is a line in the system's log */
#define LOOK_MS           30    /* after the wait began */
#define LOOK_AGAIN_MS     1000  /* on a machine so busy that it had not begun */
#define QUIET_FAILURES    3     /* a service that restarts is back before so many attempts */

/* What is passed to SCardGetStatusChange: all readers, then the plug entry where there is room. */
typedef struct
{
  SCARDCONTEXT context;
  guint64 epoch;
  gboolean pnp;
  gboolean served; /* a picture of this service has been sent */
  guint n_readers;
  SCARD_READERSTATE states[MAX_STATES];
  GVariant *sent; /* the last picture */
} Watch;

static char epoch_argument[24];
static volatile pid_t looker;

/* ---- signals: delivered during the wait only ---- */

static void
begin_anew (int signal_number G_GNUC_UNUSED)
{
  execl (SELF, PROGRAM, "watch", epoch_argument, NULL);
  _exit (EXIT_FAILURE);
}

static void
reap (int signal_number G_GNUC_UNUSED)
{
  int saved = errno;

  while (waitpid (-1, NULL, WNOHANG) > 0)
    looker = 0;
  errno = saved;
}

static void
set_signals (int how)
{
  sigset_t set;

  sigemptyset (&set);
  sigaddset (&set, WATCH_SIGNAL);
  sigaddset (&set, SIGCHLD);
  sigprocmask (how, &set, NULL);
}

/* ---- the second look ---- */

/* The readers' names in a list that ends with NULL. An empty list is a list; NULL is a failure in RV. */
static GStrv
list_readers (SCARDCONTEXT context, LONG *rv)
{
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autofree char *buffer = NULL;
  DWORD length = 0;

  *rv = SCardListReaders (context, NULL, NULL, &length);
  if (*rv == SCARD_S_SUCCESS)
    {
      buffer = g_malloc0 (length + 2);
      *rv = SCardListReaders (context, NULL, buffer, &length);
    }
  if (*rv != SCARD_S_SUCCESS && *rv != SCARD_E_NO_READERS_AVAILABLE)
    return NULL;
  for (const char *name = buffer; name && *name; name += strlen (name) + 1)
    g_strv_builder_add (names, name);
  return g_strv_builder_end (names);
}

int
look_run (char **arguments)
{
  close (WORKER_SOCKET);
  for (guint i = 0; i < 2; i++)
    {
      g_auto (GStrv) names = NULL;
      SCARDCONTEXT context;
      LONG rv;

      g_usleep (i > 0 ? LOOK_AGAIN_MS * 1000 : 0);
      if (SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS)
        return EXIT_SUCCESS; /* the service is gone: the watcher has been told */
      names = list_readers (context, &rv);
      SCardReleaseContext (context);
      if (names && !g_strv_equal ((const char *const *) names, (const char *const *) arguments))
        {
          kill (getppid (), WATCH_SIGNAL);
          return EXIT_SUCCESS;
        }
    }
  return EXIT_SUCCESS;
}

static void
start_look (const Watch *watch)
{
  char *argv[MAX_STATES + 3] = { (char *) PROGRAM, (char *) "look" };
  pid_t watcher = getpid ();

  if (looker > 0 && kill (looker, SIGKILL) == 0)
    waitpid (looker, NULL, 0);
  for (guint i = 0; i < watch->n_readers; i++)
    argv[2 + i] = (char *) watch->states[i].szReader;
  looker = fork ();
  if (looker != 0)
    return;
  /* The wait has begun by then, and the reading of what was inserted has had the processor for itself. */
  g_usleep (LOOK_MS * 1000);
  set_signals (SIG_UNBLOCK);
  /* PR_SET_PDEATHSIG is set by the program; until then the watcher may have gone. */
  if (getppid () == watcher)
    execv (SELF, argv);
  _exit (EXIT_FAILURE);
}

/* ---- the picture ---- */

static void
clear_readers (Watch *watch)
{
  for (guint i = 0; i < watch->n_readers; i++)
    g_free ((char *) watch->states[i].szReader);
  watch->n_readers = 0;
}

static DWORD
get_known_state (const Watch *watch, const char *name)
{
  for (guint i = 0; i < watch->n_readers; i++)
    if (strcmp (watch->states[i].szReader, name) == 0)
      return watch->states[i].dwCurrentState;
  return SCARD_STATE_UNAWARE;
}

/* Takes over the readers' list from the service; what was known of a reader stays known. */
static LONG
list_again (Watch *watch)
{
  SCARD_READERSTATE states[MAX_STATES] = { 0 };
  g_auto (GStrv) names = NULL;
  guint n = 0;
  LONG rv;

  names = list_readers (watch->context, &rv);
  if (!names)
    return rv;
  for (; names[n] && n < READER_MAX_COUNT; n++)
    {
      states[n].szReader = g_strdup (names[n]);
      states[n].dwCurrentState = get_known_state (watch, names[n]);
    }
  clear_readers (watch);
  memcpy (watch->states, states, n * sizeof states[0]);
  watch->n_readers = n;
  /* pcsc-lite from 2.3.0 on takes the number of readers that we know from here; older ones ignore it. */
  watch->states[n] = (SCARD_READERSTATE){ .szReader = PNP_READER, .dwCurrentState = (DWORD) n << 16 };
  return SCARD_S_SUCCESS;
}

static ReaderState
get_reader_state (DWORD state)
{
  if (!(state & SCARD_STATE_PRESENT))
    return READER_EMPTY;
  return state & SCARD_STATE_MUTE ? READER_MUTE : READER_PRESENT;
}

/* TRUE when there was something new to send. */
static gboolean
send_picture (Watch *watch, ErrorCode service)
{
  g_autoptr (ReaderList) list = reader_list_new (service, watch->epoch);
  g_autoptr (GVariant) picture = NULL;

  for (guint i = 0; i < watch->n_readers; i++)
    {
      DWORD state = watch->states[i].dwCurrentState;
      ReaderEvent *event = reader_event_new (watch->states[i].szReader, get_reader_state (state), state >> 16);

      event->in_use = (state & SHARED) != 0;
      g_ptr_array_add (list->readers, event);
    }
  picture = g_variant_ref_sink (reader_list_to_variant (list));
  if (watch->sent && g_variant_equal (picture, watch->sent))
    return FALSE;
  worker_send (FRAME_READERS, picture);
  g_clear_pointer (&watch->sent, g_variant_unref);
  watch->sent = g_steal_pointer (&picture);
  watch->served |= service == ERROR_NONE;
  return TRUE;
}

/* Takes over what the wait saw. TRUE when the list of readers has to be fetched again. */
static gboolean
take_events (Watch *watch)
{
  gboolean stale = watch->pnp && watch->states[watch->n_readers].dwEventState & SCARD_STATE_CHANGED;

  for (guint i = 0; i < watch->n_readers; i++)
    {
      SCARD_READERSTATE *state = &watch->states[i];

      if (state->dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_IGNORE))
        {
          stale = TRUE;
          continue;
        }
      state->dwCurrentState = state->dwEventState & ~(DWORD) SCARD_STATE_CHANGED;
    }
  return stale;
}

/* ---- waiting ---- */

/* A reader whose state is not known yet makes the wait return at once. */
static gboolean
is_complete (const Watch *watch)
{
  for (guint i = 0; i < watch->n_readers; i++)
    if (watch->states[i].dwCurrentState == SCARD_STATE_UNAWARE)
      return FALSE;
  return TRUE;
}

/* Whether a token is in that nobody uses. */
static gboolean
is_idle (const Watch *watch)
{
  for (guint i = 0; i < watch->n_readers; i++)
    if ((watch->states[i].dwCurrentState & (SCARD_STATE_PRESENT | SHARED)) == SCARD_STATE_PRESENT)
      return TRUE;
  return FALSE;
}

/* When a program lets go of a token, the wait ends; when one takes it, somebody has to look. */
static void
look_for_use (Watch *watch)
{
  SCARD_READERSTATE states[MAX_STATES];

  memcpy (states, watch->states, sizeof states);
  for (guint i = 0; i < watch->n_readers; i++)
    states[i].dwCurrentState = SCARD_STATE_UNAWARE;
  if (SCardGetStatusChange (watch->context, 0, states, watch->n_readers) != SCARD_S_SUCCESS)
    return;
  for (guint i = 0; i < watch->n_readers; i++)
    if (states[i].dwEventState >> 16 == watch->states[i].dwCurrentState >> 16)
      watch->states[i].dwCurrentState =
        (watch->states[i].dwCurrentState & ~(DWORD) SHARED) | (states[i].dwEventState & SHARED);
}

/* One wait; signals arrive in here and nowhere else. */
static LONG
wait_for_change (Watch *watch)
{
  DWORD timeout_ms = !watch->pnp ? WAIT_NO_PNP_MS : is_idle (watch) ? WAIT_USE_MS : WAIT_MS;
  LONG rv;

  set_signals (SIG_UNBLOCK);
  rv = SCardGetStatusChange (watch->context, timeout_ms, watch->states, watch->n_readers + watch->pnp);
  set_signals (SIG_BLOCK);
  if (rv == SCARD_E_INVALID_PARAMETER && watch->pnp && watch->n_readers >= 16)
    {
      watch->pnp = FALSE; /* pcsc-lite before 2.5.0 takes no more than 16 entries */
      return SCARD_E_TIMEOUT;
    }
  return rv;
}

/* Whatever the service may do, answers that bring no news are paced, so that this is never a busy loop. */
static void
pace (guint n_barren)
{
  if (n_barren > 2)
    g_usleep (MIN (BACKOFF_FIRST_MS << MIN (n_barren - 3, 5), 1000) * 1000);
}

/* Waits and sends until the list of readers is stale or the service lost. */
static LONG
watch_readers (Watch *watch, guint *n_barren)
{
  LONG rv;

  do
    {
      if (is_complete (watch))
        {
          if (send_picture (watch, ERROR_NONE))
            *n_barren = 0;
          if (*n_barren == 0)
            start_look (watch);
        }
      rv = wait_for_change (watch);
      *n_barren += 1;
      pace (*n_barren);
    }
  while (rv == SCARD_S_SUCCESS && !take_events (watch));
  return rv;
}

/* Waits and sends until the list of readers is stale, old or the service lost. */
static LONG
watch_list (Watch *watch, guint *n_barren)
{
  LONG rv;

  for (guint i = 0; i < LOOKS_PER_LIST; i++)
    {
      gboolean idle = is_idle (watch);

      rv = watch_readers (watch, n_barren);
      if (rv != SCARD_E_TIMEOUT)
        return rv;
      *n_barren = 1; /* nothing has happened: no second look, no pacing */
      if (!idle || !watch->pnp)
        return rv;
      look_for_use (watch);
    }
  return rv;
}

/* Until the service is lost; returns how. */
static LONG
watch_service (Watch *watch)
{
  guint n_barren = 0;
  LONG rv;

  while ((rv = list_again (watch)) == SCARD_S_SUCCESS)
    {
      rv = watch_list (watch, &n_barren);
      if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT && rv != SCARD_E_UNKNOWN_READER)
        return rv;
    }
  return rv;
}

static guint64
make_epoch (void)
{
  guint64 epoch = 0;

  if (getrandom (&epoch, sizeof epoch, 0) != sizeof epoch)
    epoch = (guint64) g_get_real_time ();
  return epoch;
}

/* One service from its beginning to its end, and why it ended or never began. */
static ErrorCode
attend_service (Watch *watch)
{
  LONG rv = SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &watch->context);

  if (rv == SCARD_S_SUCCESS)
    {
      g_snprintf (epoch_argument, sizeof epoch_argument, "%" G_GUINT64_FORMAT, watch->epoch);
      rv = watch_service (watch);
      SCardReleaseContext (watch->context);
      clear_readers (watch);
      watch->epoch = make_epoch ();
    }
  return pcsc_error_from_code (rv, FALSE);
}

static void
install_handlers (void)
{
  struct sigaction action = { .sa_handler = begin_anew };

  sigaddset (&action.sa_mask, SIGCHLD);
  sigaction (WATCH_SIGNAL, &action, NULL);
  action = (struct sigaction){ .sa_handler = reap, .sa_flags = SA_NOCLDSTOP };
  sigaddset (&action.sa_mask, WATCH_SIGNAL);
  sigaction (SIGCHLD, &action, NULL);
  set_signals (SIG_BLOCK);
}

int
watch_run (char **arguments)
{
  Watch watch = { .pnp = TRUE, .epoch = arguments[0] ? g_ascii_strtoull (arguments[0], NULL, 10) : make_epoch () };
  guint n_failures = 0;

  install_handlers ();
  while (TRUE)
    {
      ErrorCode failure;
      guint wait_ms;

      if (n_failures < QUIET_FAILURES)
        worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_SERVICE));
      watch.served = FALSE;
      failure = attend_service (&watch);
      n_failures = watch.served ? 1 : n_failures + 1;
      wait_ms = MIN (BACKOFF_FIRST_MS << MIN (n_failures - 1, 10), BACKOFF_MAX_MS);
      if (failure == ERROR_SERVICE_STOPPED && n_failures >= QUIET_FAILURES && pcsc_is_listening ())
        failure = ERROR_SERVICE_DENIED; /* hangs up on us so quickly that it looks like none */
      if (failure == ERROR_SERVICE_DENIED)
        wait_ms = BACKOFF_DENIED_MS;
      if (n_failures >= QUIET_FAILURES || failure == ERROR_SERVICE_DENIED)
        send_picture (&watch, failure >= ERROR_SERVICE_STOPPED && failure <= ERROR_SERVICE_HUNG
                                ? failure
                                : ERROR_SERVICE_STOPPED);
      g_usleep (wait_ms * 1000);
    }
}
