/* Whether anything shows our tray icon: a StatusNotifierWatcher on the session bus that has a host (a panel). Asks
 * without waiting, and again whenever the bus says that something changed. */
#pragma once

#include <gio/gio.h>

typedef struct _TrayHost TrayHost;

typedef enum
{
  TRAY_HOST_UNKNOWN, /* a session that has just begun may still be starting its panel */
  TRAY_HOST_ABSENT,
  TRAY_HOST_PRESENT
} TrayHostState;

typedef void (*TrayHostFunc) (TrayHostState state, gpointer data);

/* CHANGED is called with every new state. BUS may be NULL: then there is no host. */
TrayHost *tray_host_new (GDBusConnection *bus, TrayHostFunc changed, gpointer data);
void tray_host_free (TrayHost *host);

TrayHostState tray_host_get_state (TrayHost *host);
