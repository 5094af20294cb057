/* Notifications: they are the view's notices, no more and no less. A new id is shown, an id that is gone is closed, the
 * same id is left alone, also when the person has closed it. Never waits for the notification server: nothing is sent
 * before the server has shown that it answers. */
#pragma once

#include <gio/gio.h>

#include "model/view.h"

typedef struct _Notifier Notifier;

/* BUS may be NULL: then nothing is ever shown. ACTIONS: the application's, called by name; of a reminder that has been
 * shown, or that is to come again tomorrow, it hears by "reminded" and "snooze" with the notice's id. */
Notifier *notifier_new (GDBusConnection *bus, GActionGroup *actions);

/* Closes what is shown: its buttons would lead nowhere. */
void notifier_free (Notifier *notifier);

void notifier_update (Notifier *notifier, View *view);
