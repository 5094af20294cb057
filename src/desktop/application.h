/* The tray program: hands every view to the icon, the notifications and the window, and knows when a window has to open
 * because nothing shows the icon. One instance a session. */
#pragma once

#include <gtk/gtk.h>

#include "engine/engine.h"

#define APPLICATION_TYPE (application_get_type ())
G_DECLARE_FINAL_TYPE (AssistantApplication, application, ASSISTANT, APPLICATION, GtkApplication)

/* ENGINE is started with the program and owned by it. NULL: nothing is watched, and only what application_show_view ()
 * is given is shown. */
AssistantApplication *application_new (Engine *engine);

/* Shows VIEW, as soon as the program has started up. */
void application_show_view (AssistantApplication *application, View *view);
