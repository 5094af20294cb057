/* The menu of the tray icon: what is wrong, a line a token, and what can be done. Any program of the session can click
 * any item at any time, also one that is gone: every item looks at the newest view when it is clicked. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

typedef struct _TrayMenu TrayMenu;

/* ACTIONS: the application's, called by name. */
TrayMenu *tray_menu_new (GActionGroup *actions);
void tray_menu_free (TrayMenu *menu);

/* Shows VIEW; TRUE when the menu is a new one. */
gboolean tray_menu_update (TrayMenu *menu, View *view);

/* The menu, NULL before the first update; and in it what a click of the middle button does. */
GtkMenu *tray_menu_get_widget (TrayMenu *menu);
GtkWidget *tray_menu_get_default (TrayMenu *menu);
