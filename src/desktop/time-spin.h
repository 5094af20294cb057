/* An entry for a time of the day: its value is the minutes since midnight, its text is 22:00. */
#pragma once

#include <gtk/gtk.h>

#define TIME_SPIN_TYPE (time_spin_get_type ())
G_DECLARE_FINAL_TYPE (TimeSpin, time_spin, ASSISTANT, TIME_SPIN, GtkSpinButton)

/* The minutes that TEXT means; -1 when it is no time of the day. "22:00", "22：00", "7:5" and "22" are. */
int time_spin_parse (const char *text);
