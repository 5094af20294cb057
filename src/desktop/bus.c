#include "bus.h"

#include "engine/report.h"

#define INTERFACE "org.certassistant.Tokens1"

static const char introspection[] = "<node>"
                                    "  <interface name='" INTERFACE "'>"
                                    "    <method name='GetStatus'>"
                                    "      <arg name='json' type='s' direction='out'/>"
                                    "    </method>"
                                    "    <signal name='TokenAdded'>"
                                    "      <arg name='id' type='s'/>"
                                    "      <arg name='holder' type='s'/>"
                                    "    </signal>"
                                    "    <signal name='TokenRemoved'>"
                                    "      <arg name='id' type='s'/>"
                                    "    </signal>"
                                    "    <signal name='FindingsChanged'>"
                                    "      <arg name='ids' type='as'/>"
                                    "    </signal>"
                                    "  </interface>"
                                    "</node>";

struct _Bus
{
  GDBusConnection *connection;
  char *path;
  guint registration;
  View *view; /* the newest, or NULL */
};

/* ---- asked ---- */

static void
on_call (GDBusConnection *connection G_GNUC_UNUSED,
         const char *sender G_GNUC_UNUSED,
         const char *path G_GNUC_UNUSED,
         const char *interface G_GNUC_UNUSED,
         const char *method G_GNUC_UNUSED,
         GVariant *parameters G_GNUC_UNUSED,
         GDBusMethodInvocation *invocation,
         gpointer data)
{
  Bus *bus = data;
  g_autofree char *json = bus->view ? report_to_json (bus->view, FALSE) : g_strdup ("{\"version\":1}");

  g_dbus_method_invocation_return_value (invocation, g_variant_new ("(s)", json));
}

/* ---- unasked ---- */

/* Takes PARAMETERS. */
static void
emit (Bus *bus, const char *signal, GVariant *parameters)
{
  g_dbus_connection_emit_signal (bus->connection, NULL, bus->path, INTERFACE, signal, parameters, NULL);
}

/* By the number of the insertion: the same token pulled and back is another one. */
static gboolean
has_token (const View *view, const TokenView *token)
{
  for (guint i = 0; view && i < view->tokens->len; i++)
    {
      const TokenView *other = view->tokens->pdata[i];

      if (other->complete && other->generation == token->generation)
        return TRUE;
    }
  return FALSE;
}

static void
tell_tokens (Bus *bus, const View *before, const View *after)
{
  for (guint i = 0; before && i < before->tokens->len; i++)
    {
      const TokenView *token = before->tokens->pdata[i];

      if (token->complete && !has_token (after, token))
        emit (bus, "TokenRemoved", g_variant_new ("(s)", token->token->id));
    }
  for (guint i = 0; i < after->tokens->len; i++)
    {
      const TokenView *token = after->tokens->pdata[i];
      const Certificate *primary = token_get_primary (token->token);
      const char *holder = primary && primary->holder ? primary->holder : "";

      if (token->complete && !has_token (before, token))
        emit (bus, "TokenAdded", g_variant_new ("(ss)", token->token->id, holder));
    }
}

static GVariant *
list_findings (const View *view)
{
  GVariantBuilder ids;

  g_variant_builder_init (&ids, G_VARIANT_TYPE_STRING_ARRAY);
  for (guint i = 0; view && i < view->findings->len; i++)
    g_variant_builder_add (&ids, "s", ((FindingView *) view->findings->pdata[i])->finding->id);
  return g_variant_builder_end (&ids);
}

void
bus_update (Bus *bus, View *view)
{
  g_autoptr (GVariant) was = NULL, is = NULL;
  View *before;

  if (!bus)
    return;
  before = bus->view;
  bus->view = view_ref (view);
  tell_tokens (bus, before, view);
  was = g_variant_ref_sink (list_findings (before));
  is = g_variant_ref_sink (list_findings (view));
  if (!g_variant_equal (was, is))
    emit (bus, "FindingsChanged", g_variant_new ("(@as)", is));
  if (before)
    view_unref (before);
}

/* ---- the object ---- */

Bus *
bus_new (GDBusConnection *connection, const char *path)
{
  static const GDBusInterfaceVTable functions = { .method_call = on_call };
  g_autoptr (GDBusNodeInfo) node = g_dbus_node_info_new_for_xml (introspection, NULL);
  g_autoptr (GError) error = NULL;
  Bus *bus;

  if (!connection)
    return NULL;
  bus = g_new0 (Bus, 1);
  bus->registration =
    g_dbus_connection_register_object (connection, path, node->interfaces[0], &functions, bus, NULL, &error);
  if (bus->registration == 0)
    {
      g_warning ("%s", error->message);
      g_free (bus);
      return NULL;
    }
  bus->connection = g_object_ref (connection);
  bus->path = g_strdup (path);
  return bus;
}

void
bus_free (Bus *bus)
{
  g_dbus_connection_unregister_object (bus->connection, bus->registration);
  g_clear_pointer (&bus->view, view_unref);
  g_object_unref (bus->connection);
  g_free (bus->path);
  g_free (bus);
}
