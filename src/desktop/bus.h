/* The tokens for other programs of the session, read only: the D-Bus interface org.certassistant.Tokens1 at the
 * application's object, as cert-assistant-dbus(7) describes it. */
#pragma once

#include <gio/gio.h>

#include "model/view.h"

typedef struct _Bus Bus;

/* Offers the interface on CONNECTION at PATH; NULL where there is no bus, or it is taken: then nobody is told. */
Bus *bus_new (GDBusConnection *connection, const char *path);
void bus_free (Bus *bus);

/* VIEW is how things are now: who listens hears of what has changed. BUS may be NULL. */
void bus_update (Bus *bus, View *view);
