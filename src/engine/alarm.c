#include "alarm.h"

#include <errno.h>
#include <glib-unix.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* The kernel counts nanoseconds in 63 bits, which end in 2262; an old time_t ends in 2038. */
#define LATEST (sizeof (time_t) > 4 ? G_GINT64_CONSTANT (9000000000) : G_MAXINT32)

struct _Alarm
{
  void (*ring) (gpointer data);
  gpointer data;
  int fd;
  guint source;
  guint again; /* to ring although the descriptor says nothing */
};

static gboolean
on_readable (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Alarm *alarm = data;
  guint64 n_rings;
  gssize n = read (fd, &n_rings, sizeof n_rings);

  /* Where the moment was moved after the descriptor had become readable, there is nothing to read. */
  if (n == sizeof n_rings || (n < 0 && errno == ECANCELED))
    alarm->ring (alarm->data);
  return G_SOURCE_CONTINUE; /* the alarm may be gone */
}

static gboolean
on_again (gpointer data)
{
  Alarm *alarm = data;

  alarm->again = 0;
  alarm->ring (alarm->data);
  return G_SOURCE_REMOVE;
}

Alarm *
alarm_new (void (*ring) (gpointer data), gpointer data)
{
  Alarm *alarm = g_new0 (Alarm, 1);

  alarm->ring = ring;
  alarm->data = data;
  alarm->fd = timerfd_create (CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
  if (alarm->fd < 0) /* no descriptor is left, and the main loop itself needs some: as glib does in this case */
    g_error ("timerfd_create: %s", g_strerror (errno));
  alarm->source = g_unix_fd_add (alarm->fd, G_IO_IN, on_readable, alarm);
  return alarm;
}

void
alarm_set (Alarm *alarm, gint64 time)
{
  struct itimerspec moment = { .it_value = { .tv_sec = (time_t) CLAMP (time, 0, LATEST) } };
  int flags = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;

  if (time <= 0)
    moment.it_value.tv_nsec = 1; /* all 0 would be off */
  if (time == G_MAXINT64)
    {
      moment.it_value.tv_sec = 0;
      flags = 0;
      g_clear_handle_id (&alarm->again, g_source_remove);
    }
  if (timerfd_settime (alarm->fd, flags, &moment, NULL) == 0)
    return;
  /* The clock was set before, and nobody has read that yet: the moment is set, but that news is not on the descriptor
   * any more (timerfd_create(2), NOTES). */
  if (errno != ECANCELED)
    g_warning ("timerfd_settime: %s", g_strerror (errno));
  else if (!alarm->again)
    alarm->again = g_idle_add (on_again, alarm);
}

void
alarm_free (Alarm *alarm)
{
  g_clear_handle_id (&alarm->source, g_source_remove);
  g_clear_handle_id (&alarm->again, g_source_remove);
  close (alarm->fd);
  g_free (alarm);
}
