#include <unistd.h>

#include "probe-part.h"

#define WATCHER_NAME       "org.kde.StatusNotifierWatcher"
#define WATCHER_PATH       "/StatusNotifierWatcher"
#define NOTIFICATIONS_NAME "org.freedesktop.Notifications"
#define NOTIFICATIONS_PATH "/org/freedesktop/Notifications"
#define BUS_NAME           "org.freedesktop.DBus"
#define BUS_PATH           "/org/freedesktop/DBus"

#define ANSWER_MS 1500

struct _ProbeBus
{
  DiagnosisFacts *facts;
  void (*done) (gpointer data);
  gpointer data;
  GCancellable *asking;
  guint absent; /* source, where there is no bus */
  guint n_open; /* questions that have no answer yet */
};

/* One more question has got its answer; the last one ends it. */
static void
close_question (ProbeBus *bus)
{
  bus->n_open--;
  if (bus->n_open == 0)
    bus->done (bus->data);
}

/* The answer to a question that somebody may have given up waiting for: then NULL, and *BUS is gone. */
static GVariant *
take_answer (GObject *source, GAsyncResult *result, ProbeBus **bus, GError **error)
{
  GVariant *answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, error);

  if (!answer && g_error_matches (*error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    *bus = NULL;
  return answer;
}

static gboolean
is_timeout (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)
         || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY);
}

/* Nobody to ask is a no. */
static void
on_host (GObject *source, GAsyncResult *result, gpointer data)
{
  ProbeBus *bus = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = take_answer (source, result, &bus, &error);
  g_autoptr (GVariant) value = NULL;

  if (!bus)
    return;
  if (answer)
    g_variant_get (answer, "(v)", &value);
  if (!is_timeout (error))
    bus->facts->tray = (DiagnosisFact){ DIAGNOSIS_KNOWN, value && g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN)
                                                           && g_variant_get_boolean (value) };
  close_question (bus);
}

/* Also a server that knows another version of this method is one. */
static void
on_server (GObject *source, GAsyncResult *result, gpointer data)
{
  ProbeBus *bus = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer G_GNUC_UNUSED = take_answer (source, result, &bus, &error);

  if (!bus)
    return;
  if (!is_timeout (error))
    bus->facts->notifications = (DiagnosisFact){ DIAGNOSIS_KNOWN, TRUE };
  close_question (bus);
}

static void
ask (ProbeBus *bus,
     GDBusConnection *connection,
     const char *name,
     const char *path,
     const char *interface,
     const char *method,
     GVariant *arguments,
     const char *type,
     GAsyncReadyCallback answered)
{
  g_dbus_connection_call (connection, name, path, interface, method, arguments, G_VARIANT_TYPE (type),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START, ANSWER_MS, bus->asking, answered, bus);
}

/* A server that is not there yet, but is started by the first notification, is as good as one. */
static void
on_activatable (GObject *source, GAsyncResult *result, gpointer data)
{
  ProbeBus *bus = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = take_answer (source, result, &bus, &error);
  g_autofree const char **names = NULL;

  if (!bus)
    return;
  if (answer)
    {
      g_variant_get (answer, "(^a&s)", &names);
      bus->facts->notifications = (DiagnosisFact){ DIAGNOSIS_KNOWN, g_strv_contains (names, NOTIFICATIONS_NAME) };
    }
  close_question (bus);
}

static void
on_owned (GObject *source, GAsyncResult *result, gpointer data)
{
  GDBusConnection *connection = G_DBUS_CONNECTION (source);
  ProbeBus *bus = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = take_answer (source, result, &bus, &error);
  gboolean owned = FALSE;

  if (!bus)
    return;
  if (answer)
    g_variant_get (answer, "(b)", &owned);
  if (owned)
    ask (bus, connection, NOTIFICATIONS_NAME, NOTIFICATIONS_PATH, NOTIFICATIONS_NAME, "GetServerInformation", NULL,
         "(ssss)", on_server);
  else
    ask (bus, connection, BUS_NAME, BUS_PATH, BUS_NAME, "ListActivatableNames", NULL, "(as)", on_activatable);
}

static void
leave_open (ProbeBus *bus)
{
  bus->facts->tray.reason = bus->facts->notifications.reason = DIAGNOSIS_NO_SESSION;
  bus->done (bus->data);
}

static void
on_bus (GObject *source G_GNUC_UNUSED, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) connection = g_bus_get_finish (result, &error);
  ProbeBus *bus = data;

  if (!connection && g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (!connection)
    {
      leave_open (bus);
      return;
    }
  bus->n_open = 2;
  ask (bus, connection, WATCHER_NAME, WATCHER_PATH, "org.freedesktop.DBus.Properties", "Get",
       g_variant_new ("(ss)", WATCHER_NAME, "IsStatusNotifierHostRegistered"), "(v)", on_host);
  ask (bus, connection, BUS_NAME, BUS_PATH, BUS_NAME, "NameHasOwner", g_variant_new ("(s)", NOTIFICATIONS_NAME), "(b)",
       on_owned);
}

static gboolean
on_absent (gpointer data)
{
  ProbeBus *bus = data;

  bus->absent = 0;
  leave_open (bus);
  return G_SOURCE_REMOVE;
}

/* Where there is none, asking for it would start one. */
static gboolean
has_bus (void)
{
  g_autofree char *path = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");

  return (address && *address) || access (path, F_OK) == 0;
}

ProbeBus *
probe_bus_new (DiagnosisFacts *facts, void (*done) (gpointer data), gpointer data)
{
  ProbeBus *bus = g_new0 (ProbeBus, 1);

  bus->facts = facts;
  bus->done = done;
  bus->data = data;
  bus->asking = g_cancellable_new ();
  if (has_bus ())
    g_bus_get (G_BUS_TYPE_SESSION, bus->asking, on_bus, bus);
  else
    bus->absent = g_idle_add (on_absent, bus);
  return bus;
}

void
probe_bus_free (ProbeBus *bus)
{
  g_cancellable_cancel (bus->asking);
  g_object_unref (bus->asking);
  g_clear_handle_id (&bus->absent, g_source_remove);
  g_free (bus);
}
