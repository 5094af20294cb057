/* The alarm on the real clock. Nobody may set that here: what the kernel answers after it was set (ECANCELED) comes
 * from read and timerfd_settime below, which the linker puts in place of the library's (--wrap). */
#include "engine/alarm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

gssize __real_read (int fd, void *bytes, gsize length);
gssize __wrap_read (int fd, void *bytes, gsize length);
int __real_timerfd_settime (int fd, int flags, const struct itimerspec *new, struct itimerspec *old);
int __wrap_timerfd_settime (int fd, int flags, const struct itimerspec *new, struct itimerspec *old);

static gboolean cancel_read, cancel_set; /* the next one */
static int last_fd, last_flags;
static struct itimerspec last_moment;

gssize
__wrap_read (int fd, void *bytes, gsize length)
{
  gssize n = __real_read (fd, bytes, length);

  if (!cancel_read)
    return n;
  cancel_read = FALSE;
  errno = ECANCELED;
  return -1;
}

/* As the kernel: what was asked for is done all the same. */
int
__wrap_timerfd_settime (int fd, int flags, const struct itimerspec *new, struct itimerspec *old)
{
  int result = __real_timerfd_settime (fd, flags, new, old);

  last_fd = fd;
  last_flags = flags;
  last_moment = *new;
  if (!cancel_set)
    return result;
  cancel_set = FALSE;
  errno = ECANCELED;
  return -1;
}

/* ---- help ---- */

typedef struct
{
  Alarm *alarm;
  guint n_rings;
  gint64 rung;  /* microseconds of the wall clock */
  gint64 again; /* to be set to inside the next ring; 0: not */
  gboolean free;
} Bell;

static void
on_ring (gpointer data)
{
  Bell *bell = data;

  bell->n_rings++;
  bell->rung = g_get_real_time ();
  if (bell->again != 0)
    alarm_set (bell->alarm, bell->again);
  bell->again = 0;
  if (bell->free)
    g_clear_pointer (&bell->alarm, alarm_free);
}

static Bell *
bell_new (void)
{
  Bell *bell = g_new0 (Bell, 1);

  bell->alarm = alarm_new (on_ring, bell);
  return bell;
}

static void
bell_free (Bell *bell)
{
  g_clear_pointer (&bell->alarm, alarm_free);
  g_free (bell);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Bell, bell_free)

static gint64
get_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

static gboolean
on_time (gpointer passed)
{
  *(gboolean *) passed = TRUE;
  return G_SOURCE_REMOVE;
}

/* Runs the main loop for so long. */
static void
pass (guint milliseconds)
{
  gboolean passed = FALSE;

  g_timeout_add (milliseconds, on_time, &passed);
  while (!passed)
    g_main_context_iteration (NULL, TRUE);
}

/* … or until BELL has rung N times, if that is earlier. */
static void
await (const Bell *bell, guint n, guint milliseconds)
{
  gboolean passed = FALSE;
  guint source = g_timeout_add (milliseconds, on_time, &passed);

  while (!passed && bell->n_rings < n)
    g_main_context_iteration (NULL, TRUE);
  if (!passed)
    g_source_remove (source);
  g_assert_cmpuint (bell->n_rings, ==, n);
}

/* ---- tests ---- */

static void
test_moment (void)
{
  for (int i = 0; i < 2; i++)
    {
      g_autoptr (Bell) bell = bell_new ();
      gint64 moment = get_now () + 1 + i;

      alarm_set (bell->alarm, moment);
      await (bell, 1, 10000);
      g_assert_cmpint (bell->rung, >=, moment * G_USEC_PER_SEC);
      g_assert_cmpint (bell->rung, <, (moment + 3) * G_USEC_PER_SEC);
    }
}

/* Never inside alarm_set, and once only. */
static void
test_past (void)
{
  const gint64 moments[] = { get_now (), get_now () - 1, 1, 0, -1, -1000000000, G_MININT64 + 1, G_MININT64 };

  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autoptr (Bell) bell = bell_new ();

      alarm_set (bell->alarm, moments[i]);
      g_assert_cmpuint (bell->n_rings, ==, 0);
      await (bell, 1, 10000);
      pass (50);
      g_assert_cmpuint (bell->n_rings, ==, 1);
    }
}

static void
test_off (void)
{
  g_autoptr (Bell) bell = bell_new ();

  pass (50); /* as it is made */
  alarm_set (bell->alarm, get_now () + 1);
  alarm_set (bell->alarm, G_MAXINT64);
  pass (2100);
  alarm_set (bell->alarm, 1); /* readable by now … */
  alarm_set (bell->alarm, G_MAXINT64);
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 0);
  alarm_set (bell->alarm, 1);
  await (bell, 1, 10000);
}

/* The last moment is the one. */
static void
test_set_again (void)
{
  g_autoptr (Bell) bell = bell_new ();
  gint64 start = get_now ();

  alarm_set (bell->alarm, start + 1);
  alarm_set (bell->alarm, start + 2);
  await (bell, 1, 10000);
  g_assert_cmpint (bell->rung, >=, (start + 2) * G_USEC_PER_SEC);

  alarm_set (bell->alarm, start + 1000);
  alarm_set (bell->alarm, 1);
  await (bell, 2, 10000);
  alarm_set (bell->alarm, 1);
  alarm_set (bell->alarm, start + 1000);
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 2);
}

static gboolean
on_move (gpointer data)
{
  alarm_set (((Bell *) data)->alarm, get_now () + 1000);
  return G_SOURCE_REMOVE;
}

/* Moved in the very round of the main loop in which it would have rung. */
static void
test_moved_at_the_last_moment (void)
{
  g_autoptr (Bell) bell = bell_new ();

  g_idle_add_full (G_PRIORITY_DEFAULT, on_move, bell, NULL);
  alarm_set (bell->alarm, 1);
  pass (50);
  g_assert_cmpuint (bell->n_rings, <=, 1); /* which of the two comes first is not said */

  g_idle_add_full (G_PRIORITY_HIGH, on_move, bell, NULL);
  alarm_set (bell->alarm, 1);
  bell->n_rings = 0;
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 0);
}

static void
test_set_inside (void)
{
  g_autoptr (Bell) bell = bell_new ();

  bell->again = 1;
  alarm_set (bell->alarm, 1);
  await (bell, 2, 10000);
  bell->again = get_now () + 1;
  alarm_set (bell->alarm, 1);
  await (bell, 4, 10000);
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 4);
}

static void
test_freed_inside (void)
{
  g_autoptr (Bell) bell = bell_new ();
  g_autoptr (Bell) other = bell_new ();

  bell->free = other->free = TRUE;
  alarm_set (bell->alarm, 1);
  await (bell, 1, 10000);
  g_assert_null (bell->alarm);
  cancel_set = TRUE;
  alarm_set (other->alarm, get_now () + 1000);
  await (other, 1, 10000);
  pass (50);
}

static void
test_freed_before (void)
{
  g_autoptr (Bell) bell = bell_new ();
  int fd;

  cancel_set = TRUE;
  alarm_set (bell->alarm, 1);
  fd = last_fd;
  g_clear_pointer (&bell->alarm, alarm_free);
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 0);
  g_assert_cmpint (fcntl (fd, F_GETFD), ==, -1);
}

/* Further than the clock of any kernel goes: set, and silent. */
static void
test_far (void)
{
  static const gint64 moments[] = {
    G_GINT64_CONSTANT (2147483648),   /* 2038 */
    G_GINT64_CONSTANT (4294967296),   /* 2106 */
    G_GINT64_CONSTANT (9223372036),   /* 2262 */
    G_GINT64_CONSTANT (9223372037),   /* … */
    G_GINT64_CONSTANT (253402300799), /* 9999 */
    G_GINT64_CONSTANT (9223372036854775806),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (moments); i++)
    {
      g_autoptr (Bell) bell = bell_new ();
      struct itimerspec left;

      alarm_set (bell->alarm, moments[i]);
      g_assert_cmpint (timerfd_gettime (last_fd, &left), ==, 0);
      g_assert_cmpint (left.it_value.tv_sec, >, 100000000);
      g_assert_cmpint (left.it_interval.tv_sec + left.it_interval.tv_nsec, ==, 0);
      pass (20);
      g_assert_cmpuint (bell->n_rings, ==, 0);
    }
}

/* What the kernel is asked for: else it would say nothing when the clock is set, and a child would get the descriptor.
 */
static void
test_request (void)
{
  g_autoptr (Bell) bell = bell_new ();

  alarm_set (bell->alarm, 5000000000);
  g_assert_cmpint (last_flags, ==, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET);
  g_assert_cmpint (last_moment.it_value.tv_sec, ==, 5000000000);
  g_assert_cmpint (last_moment.it_value.tv_nsec, ==, 0);
  g_assert_cmpint (fcntl (last_fd, F_GETFD) & FD_CLOEXEC, ==, FD_CLOEXEC);
  g_assert_cmpint (fcntl (last_fd, F_GETFL) & O_NONBLOCK, ==, O_NONBLOCK);
}

/* The clock was set while the alarm waited. */
static void
test_clock_set (void)
{
  g_autoptr (Bell) bell = bell_new ();

  cancel_read = TRUE;
  alarm_set (bell->alarm, 1); /* readable, and then the answer is ECANCELED */
  await (bell, 1, 10000);
  g_assert_false (cancel_read);
  alarm_set (bell->alarm, 1);
  await (bell, 2, 10000);
}

/* … and nobody had read that when the next moment was set: it rings for the clock, and then at the moment. */
static void
test_clock_set_unread (void)
{
  g_autoptr (Bell) bell = bell_new ();
  gint64 moment = get_now () + 3;

  cancel_set = TRUE;
  alarm_set (bell->alarm, moment);
  g_assert_cmpuint (bell->n_rings, ==, 0);
  cancel_set = TRUE;
  alarm_set (bell->alarm, moment);
  await (bell, 1, 10000);
  g_assert_cmpint (bell->rung, <, moment * G_USEC_PER_SEC);
  await (bell, 2, 10000);
  g_assert_cmpint (bell->rung, >=, moment * G_USEC_PER_SEC);

  cancel_set = TRUE;
  alarm_set (bell->alarm, moment + 1000);
  alarm_set (bell->alarm, G_MAXINT64);
  pass (50);
  g_assert_cmpuint (bell->n_rings, ==, 2); /* off is off */
}

/* Waiting costs nothing: the main loop is not woken. */
static void
test_no_wake_up (void)
{
  g_autoptr (Bell) bell = bell_new ();
  guint n_rounds = 0;
  gboolean passed = FALSE;

  alarm_set (bell->alarm, get_now () + 1000);
  g_timeout_add (1500, on_time, &passed);
  while (!passed)
    {
      g_main_context_iteration (NULL, TRUE);
      n_rounds++;
    }
  g_assert_cmpuint (n_rounds, <=, 3); /* the end of it, and what glib rounds down to a millisecond */
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/alarm/moment", test_moment);
  g_test_add_func ("/alarm/past", test_past);
  g_test_add_func ("/alarm/off", test_off);
  g_test_add_func ("/alarm/set-again", test_set_again);
  g_test_add_func ("/alarm/moved-at-the-last-moment", test_moved_at_the_last_moment);
  g_test_add_func ("/alarm/set-inside", test_set_inside);
  g_test_add_func ("/alarm/freed-inside", test_freed_inside);
  g_test_add_func ("/alarm/freed-before", test_freed_before);
  g_test_add_func ("/alarm/far", test_far);
  g_test_add_func ("/alarm/request", test_request);
  g_test_add_func ("/alarm/clock-set", test_clock_set);
  g_test_add_func ("/alarm/clock-set-unread", test_clock_set_unread);
  g_test_add_func ("/alarm/no-wake-up", test_no_wake_up);
  return g_test_run ();
}
