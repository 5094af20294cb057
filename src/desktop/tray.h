/* The tray icon. The only file that knows the indicator library. */
#pragma once

#include <gio/gio.h>

#include "model/view.h"

typedef struct _Tray Tray;

/* ACTIONS: the application's, called by name. SETTINGS may be NULL. */
Tray *tray_new (GActionGroup *actions, GSettings *settings);
void tray_free (Tray *tray);

void tray_update (Tray *tray, View *view);
