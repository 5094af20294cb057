/* The window in which a person chooses. What is chosen holds at once, and what is chosen elsewhere is seen here at
 * once: the widgets are bound to the settings. What an administrator has locked cannot be changed. Destroyed when it is
 * closed. */
#pragma once

#include <gtk/gtk.h>

#define PREFERENCES_WINDOW_TYPE (preferences_window_get_type ())
G_DECLARE_FINAL_TYPE (PreferencesWindow, preferences_window, ASSISTANT, PREFERENCES_WINDOW, GtkApplicationWindow)

GtkWindow *preferences_window_new (GtkApplication *application, GSettings *settings);
