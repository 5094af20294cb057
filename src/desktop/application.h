/* The tray program: hands every view to the icon, the notifications and the window, and knows when a window has to open
 * because nothing shows the icon. One instance a session. */
#pragma once

#include <gtk/gtk.h>

#include "engine/engine.h"
#include "pin-flow.h"
#include "window.h"

#define APPLICATION_TYPE (application_get_type ())
G_DECLARE_FINAL_TYPE (AssistantApplication, application, ASSISTANT, APPLICATION, GtkApplication)

/* ENGINE is started with the program and owned by it. NULL: nothing is watched, and only what application_show_view ()
 * is given is shown. */
AssistantApplication *application_new (Engine *engine);

/* Shows VIEW, as soon as the program has started up. */
void application_show_view (AssistantApplication *application, View *view);

/* Its parts, for its actions; borrowed. Without an engine, a view yet, or settings in the system: NULL. */
Engine *application_get_engine (AssistantApplication *application);
View *application_get_view (AssistantApplication *application);
GSettings *application_get_settings (AssistantApplication *application);
PinFlow *application_get_pin_flow (AssistantApplication *application);

/* The window, which need not be open; and the same or NULL where it is not. */
AssistantWindow *application_get_window (AssistantApplication *application);
GtkWindow *application_get_visible_window (AssistantApplication *application);

/* Only where there are settings. */
void application_show_preferences (AssistantApplication *application);
