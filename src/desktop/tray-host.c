#include "tray-host.h"

#define WATCHER_NAME "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH "/StatusNotifierWatcher"

/* How long a panel may take to come, or to come back. */
#define GRACE_MS  3000
#define ANSWER_MS 3000

struct _TrayHost
{
  GDBusConnection *bus;
  TrayHostFunc changed;
  gpointer data;
  TrayHostState state;
  guint watch, signals;
  guint grace; /* source, while it is not sure that there is none */
  GCancellable *asking;
};

static void
set_state (TrayHost *host, TrayHostState state)
{
  if (host->state == state)
    return;
  host->state = state;
  host->changed (state, host->data);
}

static gboolean
on_grace_over (gpointer data)
{
  TrayHost *host = data;

  host->grace = 0;
  set_state (host, TRAY_HOST_ABSENT);
  return G_SOURCE_REMOVE;
}

static void
set_present (TrayHost *host, gboolean present)
{
  if (present)
    {
      g_clear_handle_id (&host->grace, g_source_remove);
      set_state (host, TRAY_HOST_PRESENT);
    }
  else if (!host->grace && host->state != TRAY_HOST_ABSENT)
    host->grace = g_timeout_add (GRACE_MS, on_grace_over, host);
}

static void
stop_asking (TrayHost *host)
{
  if (host->asking)
    g_cancellable_cancel (host->asking);
  g_clear_object (&host->asking);
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  g_autoptr (GVariant) value = NULL;
  TrayHost *host = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* HOST may be gone */
  g_clear_object (&host->asking);
  if (answer)
    g_variant_get (answer, "(v)", &value);
  set_present (host, value && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN) && g_variant_get_boolean (value));
}

static void
ask (TrayHost *host)
{
  stop_asking (host);
  host->asking = g_cancellable_new ();
  g_dbus_connection_call (host->bus, WATCHER_NAME, WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get",
                          g_variant_new ("(ss)", WATCHER_NAME, "IsStatusNotifierHostRegistered"),
                          G_VARIANT_TYPE ("(v)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS, host->asking, on_answer,
                          host);
}

static void
on_appeared (GDBusConnection *bus G_GNUC_UNUSED,
             const char *name G_GNUC_UNUSED,
             const char *owner G_GNUC_UNUSED,
             gpointer data)
{
  ask (data);
}

static void
on_vanished (GDBusConnection *bus G_GNUC_UNUSED, const char *name G_GNUC_UNUSED, gpointer data)
{
  TrayHost *host = data;

  stop_asking (host);
  set_present (host, FALSE);
}

/* A host came or went: there may be another one. */
static void
on_signal (GDBusConnection *bus G_GNUC_UNUSED,
           const char *sender G_GNUC_UNUSED,
           const char *path G_GNUC_UNUSED,
           const char *interface G_GNUC_UNUSED,
           const char *signal,
           GVariant *parameters G_GNUC_UNUSED,
           gpointer data)
{
  if (g_str_equal (signal, "StatusNotifierHostRegistered") || g_str_equal (signal, "StatusNotifierHostUnregistered"))
    ask (data);
}

TrayHost *
tray_host_new (GDBusConnection *bus, TrayHostFunc changed, gpointer data)
{
  TrayHost *host = g_new0 (TrayHost, 1);

  host->changed = changed;
  host->data = data;
  set_present (host, FALSE);
  if (!bus)
    return host;
  host->bus = g_object_ref (bus);
  host->signals = g_dbus_connection_signal_subscribe (bus, WATCHER_NAME, WATCHER_NAME, NULL, WATCHER_PATH, NULL,
                                                      G_DBUS_SIGNAL_FLAGS_NONE, on_signal, host, NULL);
  host->watch = g_bus_watch_name_on_connection (bus, WATCHER_NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared,
                                                on_vanished, host, NULL);
  return host;
}

TrayHostState
tray_host_get_state (TrayHost *host)
{
  return host->state;
}

void
tray_host_free (TrayHost *host)
{
  stop_asking (host);
  g_clear_handle_id (&host->grace, g_source_remove);
  g_clear_handle_id (&host->watch, g_bus_unwatch_name);
  if (host->signals)
    g_dbus_connection_signal_unsubscribe (host->bus, host->signals);
  g_clear_object (&host->bus);
  g_free (host);
}
