#include "application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

#include "about.h"
#include "bus.h"
#include "engine/settings.h"
#include "history.h"
#include "notifier.h"
#include "pin-flow.h"
#include "preferences-window.h"
#include "tray-host.h"
#include "tray.h"
#include "ui-resources.h"
#include "window.h"

struct _AssistantApplication
{
  GtkApplication parent;
  Engine *engine;      /* or NULL */
  View *view;          /* the newest, or NULL */
  GSettings *settings; /* or NULL */
  History *history;
  Tray *tray;
  TrayHost *host;
  Notifier *notifier;
  Bus *bus; /* or NULL */
  PinFlow *pins;
  AssistantWindow *window; /* from the first time on that it is needed */
  GtkWindow *preferences;  /* while it is open */
  gboolean background;     /* started without a window */
  gboolean quiet_start;    /* … and the activation that comes with it is still to come */
  gboolean host_known;     /* whether there is a tray has been found out */
  guint announced;         /* the newest insertion that the window needs not open for any more */
  guint on_interrupt, on_terminate;
};

G_DEFINE_TYPE (AssistantApplication, application, GTK_TYPE_APPLICATION)

/* ---- the window ---- */

/* With an icon to come back by, closing is hiding; so it is for who wanted no window in the first place. */
static gboolean
on_delete (GtkWidget *window, GdkEvent *event G_GNUC_UNUSED, gpointer data)
{
  AssistantApplication *self = data;

  /* What is inserted has been seen: it is no reason to open again. */
  if (self->view)
    self->announced = self->view->world->last_generation;
  if (self->background || tray_host_get_state (self->host) != TRAY_HOST_ABSENT)
    gtk_widget_hide (window);
  else
    g_application_quit (G_APPLICATION (self));
  return GDK_EVENT_STOP;
}

static AssistantWindow *
get_window (AssistantApplication *self)
{
  if (!self->window)
    {
      self->window = window_new (GTK_APPLICATION (self), self->history);
      g_signal_connect (self->window, "delete-event", G_CALLBACK (on_delete), self);
      if (self->view)
        window_show_view (self->window, self->view);
    }
  return self->window;
}

static gboolean
is_token_inserted (const View *view)
{
  for (guint i = 0; i < view->readers->len; i++)
    if (strcmp (((ReaderView *) view->readers->pdata[i])->state, "empty") != 0)
      return TRUE;
  return FALSE;
}

/* Where nothing shows the icon, the window opens by itself for a token that was inserted. */
static void
announce (AssistantApplication *self)
{
  TrayHostState state = tray_host_get_state (self->host);

  if (!self->view || state == TRAY_HOST_UNKNOWN || self->announced == self->view->world->last_generation)
    return;
  self->announced = self->view->world->last_generation;
  if (state == TRAY_HOST_ABSENT && is_token_inserted (self->view))
    window_open (get_window (self), FALSE);
}

static void
on_host_changed (TrayHostState state, gpointer data)
{
  AssistantApplication *self = data;
  gboolean first = !self->host_known;

  self->host_known = TRUE;
  announce (self);
  /* The window was closed before it was known that there is nothing else to come back by. */
  if (first && state == TRAY_HOST_ABSENT && !self->background && self->window
      && !gtk_widget_get_visible (GTK_WIDGET (self->window)))
    g_application_quit (G_APPLICATION (self));
}

/* ---- views ---- */

static void
show (AssistantApplication *self)
{
  if (self->window)
    window_show_view (self->window, self->view);
  tray_update (self->tray, self->view);
  notifier_update (self->notifier, self->view);
  pin_flow_show_view (self->pins, self->view);
  bus_update (self->bus, self->view);
  announce (self);
}

void
application_show_view (AssistantApplication *self, View *view)
{
  View *before = self->view;

  self->view = view_ref (view);
  history_follow (self->history, before, view, view->judgement->now);
  if (before)
    view_unref (before);
  if (self->tray)
    show (self);
}

static void
on_engine_changed (Engine *engine, gpointer data)
{
  application_show_view (data, engine_get_view (engine));
}

/* ---- actions ---- */

static void
on_show_window (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  window_open (get_window (data), TRUE);
}

static void
on_show_token (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantWindow *window = get_window (data);

  window_show_token (window, g_variant_get_string (parameter, NULL));
  window_open (window, TRUE);
}

static void
on_history (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantWindow *window = get_window (data);

  window_open (window, TRUE);
  window_show_history (window);
}

static void
on_help (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantWindow *window = get_window (data);

  window_open (window, TRUE);
  window_show_help (window);
}

static void
on_check (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantApplication *self = data;
  AssistantWindow *window = get_window (self);

  if (self->engine)
    engine_retry_modules (self->engine);
  window_open (window, TRUE);
  window_show_check (window);
}

static GtkWindow *
get_visible_window (AssistantApplication *self)
{
  return self->window && gtk_widget_get_visible (GTK_WIDGET (self->window)) ? GTK_WINDOW (self->window) : NULL;
}

/* About the token with the id PARAMETER, and its PIN as in the target of a PinRow; without one about the only token
 * that has a PIN. Where it is not clear which one is meant, or there is none, the window shows what there is. */
static void
start_pin (AssistantApplication *self, GVariant *parameter, PinOperation operation)
{
  g_auto (GStrv) target = g_strsplit (parameter ? g_variant_get_string (parameter, NULL) : "", PIN_ROW_SEPARATOR, 2);
  const char *ref = target[0] ? target[1] : NULL;
  const TokenView *token = NULL;
  guint n_tokens = 0;

  for (guint i = 0; self->view && i < self->view->tokens->len; i++)
    {
      const TokenView *other = self->view->tokens->pdata[i];

      if (!other->pin_action || (parameter && g_strcmp0 (other->token->id, target[0]) != 0))
        continue;
      token = other;
      n_tokens++;
    }
  if (n_tokens == 1)
    pin_flow_start (self->pins, get_visible_window (self), self->view, token, ref, operation);
  else
    window_open (get_window (self), TRUE);
}

static void
on_change_pin (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  start_pin (data, parameter, PIN_OPERATION_CHANGE);
}

static void
on_unlock (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  start_pin (data, parameter, PIN_OPERATION_UNLOCK);
}

/* The page is that of the finding as it is now: nobody else says which one is opened. */
static void
on_renew (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantApplication *self = data;
  g_autoptr (GError) error = NULL;

  for (guint i = 0; self->view && i < self->view->findings->len; i++)
    {
      const Finding *finding = ((FindingView *) self->view->findings->pdata[i])->finding;

      if (!finding->url || g_strcmp0 (finding->certificate, g_variant_get_string (parameter, NULL)) != 0)
        continue;
      if (!gtk_show_uri_on_window (get_visible_window (self), finding->url, GDK_CURRENT_TIME, &error))
        g_warning ("%s", error->message);
      return;
    }
}

/* The page is that of the issuer's profile: nobody else says which one is opened. */
static void
on_issuer_page (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantApplication *self = data;
  const TokenView *token = self->view ? view_find_token (self->view, g_variant_get_string (parameter, NULL)) : NULL;
  g_autoptr (GError) error = NULL;

  if (token && token->help_page
      && !gtk_show_uri_on_window (get_visible_window (self), token->help_page, GDK_CURRENT_TIME, &error))
    g_warning ("%s", error->message);
}

static void
on_ask_revocation (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantApplication *self = data;

  if (self->engine)
    engine_ask_revocation (self->engine, g_variant_get_string (parameter, NULL));
}

/* The id that PARAMETER has, of a reminder that there is; or NULL: any program may call. */
static const char *
find_reminder (AssistantApplication *self, GVariant *parameter)
{
  const char *id = g_variant_get_string (parameter, NULL);

  for (guint i = 0; self->engine && self->view && i < self->view->notices->len; i++)
    {
      const Notice *notice = self->view->notices->pdata[i];

      if (notice->reminder && g_str_equal (notice->id, id))
        return id;
    }
  return NULL;
}

static void
on_reminded (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantApplication *self = data;
  const char *id = find_reminder (self, parameter);

  if (id)
    engine_remind_done (self->engine, id);
}

static void
on_snooze (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantApplication *self = data;
  const char *id = find_reminder (self, parameter);

  if (id)
    engine_remind_tomorrow (self->engine, id);
}

static void
on_forget (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantApplication *self = data;

  if (self->engine)
    engine_forget (self->engine);
}

static void
on_about (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  about_show (GTK_WINDOW (get_window (data)));
}

static void
on_quit (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  g_application_quit (data);
}

static void
on_preferences (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantApplication *self = data;

  if (!self->preferences)
    {
      self->preferences = preferences_window_new (GTK_APPLICATION (self), self->settings);
      g_signal_connect (self->preferences, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->preferences);
    }
  gtk_window_present (self->preferences);
}

static void
add_actions (AssistantApplication *self)
{
  static const GActionEntry entries[] = {
    { .name = "show-window", .activate = on_show_window },
    { .name = "show-token", .activate = on_show_token, .parameter_type = "s" },
    { .name = "change-pin", .activate = on_change_pin },
    { .name = "change-pin-of", .activate = on_change_pin, .parameter_type = "s" },
    { .name = "unlock", .activate = on_unlock },
    { .name = "unlock-of", .activate = on_unlock, .parameter_type = "s" },
    { .name = "renew", .activate = on_renew, .parameter_type = "s" },
    { .name = "issuer-page", .activate = on_issuer_page, .parameter_type = "s" },
    { .name = "ask-revocation", .activate = on_ask_revocation, .parameter_type = "s" },
    { .name = "reminded", .activate = on_reminded, .parameter_type = "s" },
    { .name = "snooze", .activate = on_snooze, .parameter_type = "s" },
    { .name = "forget", .activate = on_forget },
    { .name = "history", .activate = on_history },
    { .name = "check", .activate = on_check },
    { .name = "help", .activate = on_help },
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };
  /* Only where there is something to set: the menu leaves out what has no action. */
  static const GActionEntry preferences = { .name = "preferences", .activate = on_preferences };
  static const struct
  {
    const char *action;
    const char *keys[2];
  } keys[] = { { "app.help", { "F1" } },
               { "app.quit", { "<Primary>q" } },
               { "app.preferences", { "<Primary>comma" } },
               { "win.close", { "<Primary>w" } },
               { "win.menu", { "F10" } } };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
  if (self->settings)
    g_action_map_add_action_entries (G_ACTION_MAP (self), &preferences, 1, self);
}

/* ---- the life of the program ---- */

/* The engine judges by what the person chooses, at once. */
static void
apply_settings (AssistantApplication *self)
{
  Rules rules = settings_get_rules (self->settings);

  if (self->engine)
    engine_set_rules (self->engine, &rules);
}

static void
load_look (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();
  const char *icons = g_getenv ("CERT_ASSISTANT_ICONS");

  ui_register_resource ();
  gtk_css_provider_load_from_resource (style, "/org/certassistant/CertAssistant/ui/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (style),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
  if (icons)
    gtk_icon_theme_append_search_path (gtk_icon_theme_get_default (), icons);
  gtk_window_set_default_icon_name (APPLICATION_ID);
}

static gboolean
on_signal (gpointer data)
{
  g_application_quit (data);
  return G_SOURCE_CONTINUE;
}

static void
application_startup (GApplication *application)
{
  AssistantApplication *self = ASSISTANT_APPLICATION (application);
  GDBusConnection *bus = g_application_get_dbus_connection (application);

  /* By this name Wayland finds the desktop entry, and with it our icon. */
  g_set_prgname (APPLICATION_ID);
  G_APPLICATION_CLASS (application_parent_class)->startup (application);
  load_look ();
  self->settings = settings_new ();
  apply_settings (self);
  if (self->settings)
    g_signal_connect_swapped (self->settings, "changed", G_CALLBACK (apply_settings), self);
  add_actions (self);
  self->tray = tray_new (G_ACTION_GROUP (self), self->settings);
  self->notifier = notifier_new (bus, G_ACTION_GROUP (self));
  self->bus = bus_new (bus, g_application_get_dbus_object_path (application));
  self->pins = pin_flow_new (self->engine);
  self->host = tray_host_new (bus, on_host_changed, self);
  self->on_interrupt = g_unix_signal_add (SIGINT, on_signal, self);
  self->on_terminate = g_unix_signal_add (SIGTERM, on_signal, self);
  /* It lives in the tray, whatever windows are open. */
  g_application_hold (application);
  if (self->engine)
    {
      g_signal_connect (self->engine, "changed", G_CALLBACK (on_engine_changed), self);
      on_engine_changed (self->engine, self);
      engine_start (self->engine);
    }
  else if (self->view)
    show (self);
}

static void
application_activate (GApplication *application)
{
  AssistantApplication *self = ASSISTANT_APPLICATION (application);

  if (!self->quiet_start)
    window_open (get_window (self), TRUE);
  self->quiet_start = FALSE;
}

static void
application_shutdown (GApplication *application)
{
  AssistantApplication *self = ASSISTANT_APPLICATION (application);

  if (self->engine)
    g_signal_handlers_disconnect_by_data (self->engine, self);
  if (self->settings)
    g_signal_handlers_disconnect_by_data (self->settings, self);
  g_clear_handle_id (&self->on_interrupt, g_source_remove);
  g_clear_handle_id (&self->on_terminate, g_source_remove);
  g_clear_pointer (&self->pins, pin_flow_free);
  if (self->window)
    gtk_widget_destroy (GTK_WIDGET (self->window));
  self->window = NULL;
  if (self->preferences)
    gtk_widget_destroy (GTK_WIDGET (self->preferences));
  g_clear_pointer (&self->host, tray_host_free);
  g_clear_pointer (&self->notifier, notifier_free);
  g_clear_pointer (&self->bus, bus_free);
  g_clear_pointer (&self->tray, tray_free);
  g_clear_object (&self->engine);
  G_APPLICATION_CLASS (application_parent_class)->shutdown (application);
}

/* A start in the background does nothing where the program is running already. */
static int
start_in_background (AssistantApplication *self)
{
  g_autoptr (GError) error = NULL;

  self->background = self->quiet_start = TRUE;
  if (!g_application_register (G_APPLICATION (self), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return 1;
    }
  return g_application_get_is_remote (G_APPLICATION (self)) ? 0 : -1;
}

static int
application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version"))
    {
      g_print ("cert-assistant %s\n", VERSION);
      return 0;
    }
  if (g_variant_dict_contains (options, "background"))
    return start_in_background (ASSISTANT_APPLICATION (application));
  return -1;
}

static void
application_finalize (GObject *object)
{
  AssistantApplication *self = ASSISTANT_APPLICATION (object);

  g_clear_object (&self->engine);
  g_clear_object (&self->settings);
  g_clear_object (&self->history);
  g_clear_pointer (&self->view, view_unref);
  G_OBJECT_CLASS (application_parent_class)->finalize (object);
}

static void
application_class_init (AssistantApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = application_finalize;
  application_class->startup = application_startup;
  application_class->activate = application_activate;
  application_class->shutdown = application_shutdown;
  application_class->handle_local_options = application_handle_local_options;
}

static void
application_init (AssistantApplication *self)
{
  static const GOptionEntry options[] = {
    { "background", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Start without a window"), NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, N_ ("Print the version"), NULL },
    { NULL },
  };

  self->history = history_new ();
  g_application_add_main_option_entries (G_APPLICATION (self), options);
}

AssistantApplication *
application_new (Engine *engine)
{
  AssistantApplication *self = g_object_new (APPLICATION_TYPE, "application-id", APPLICATION_ID, NULL);

  self->engine = engine ? g_object_ref (engine) : NULL;
  return self;
}
