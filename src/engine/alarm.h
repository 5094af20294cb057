/* One moment of the wall clock, on the main loop. Nothing wakes up before it; it is kept through sleep, and whoever
 * sets the clock makes it ring too, for then nobody knows which moment is next. Linux: timerfd (timerfd_create(2)). */
#pragma once

#include <glib.h>

typedef struct _Alarm Alarm;

/* Off. RING is called from the default main loop, once for each moment that is set, and whenever the clock is set while
 * the alarm is not off; it may set or free the alarm. */
Alarm *alarm_new (void (*ring) (gpointer data), gpointer data);

/* TIME: seconds since 1970 UTC, instead of the moment before; one that is past rings as soon as the main loop runs.
 * G_MAXINT64: off. */
void alarm_set (Alarm *alarm, gint64 time);

void alarm_free (Alarm *alarm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Alarm, alarm_free)
