#include "application.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <string.h>

#include "actions.h"
#include "bus.h"
#include "engine/settings.h"
#include "history.h"
#include "notifier.h"
#include "preferences-window.h"
#include "tray-host.h"
#include "tray.h"
#include "ui-resources.h"

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

AssistantWindow *
application_get_window (AssistantApplication *self)
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
    window_open (application_get_window (self), FALSE);
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

/* ---- its parts ---- */

Engine *
application_get_engine (AssistantApplication *self)
{
  return self->engine;
}

View *
application_get_view (AssistantApplication *self)
{
  return self->view;
}

GSettings *
application_get_settings (AssistantApplication *self)
{
  return self->settings;
}

PinFlow *
application_get_pin_flow (AssistantApplication *self)
{
  return self->pins;
}

GtkWindow *
application_get_visible_window (AssistantApplication *self)
{
  return self->window && gtk_widget_get_visible (GTK_WIDGET (self->window)) ? GTK_WINDOW (self->window) : NULL;
}

void
application_show_preferences (AssistantApplication *self)
{
  if (!self->preferences)
    {
      self->preferences = preferences_window_new (GTK_APPLICATION (self), self->settings);
      g_signal_connect (self->preferences, "destroy", G_CALLBACK (gtk_widget_destroyed), &self->preferences);
    }
  gtk_window_present (self->preferences);
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
  actions_add (self);
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
    window_open (application_get_window (self), TRUE);
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
