#include "preferences-window.h"

#include <glib/gi18n.h>

#include "engine/autostart.h"
#include "engine/settings.h"
#include "switch-row.h"
#include "time-spin.h"

#define N_COLUMNS 2

struct _PreferencesWindow
{
  GtkApplicationWindow parent;
  GtkWidget *page, *content, *days;
  GtkWidget *quiet, *quiet_from, *quiet_to;
  GtkWidget *remember, *several, *hide_icon;
  GtkWidget *login, *trouble;
};

G_DEFINE_TYPE (PreferencesWindow, preferences_window, GTK_TYPE_APPLICATION_WINDOW)

/* ---- the days ---- */

static const int offered_days[] = { 90, 60, 30, 14, 7, 3, 1, 0 };

/* One of the days, as a check button has it. */
typedef struct
{
  GSettings *settings; /* of the binding */
  gint32 day;
} Day;

static gboolean
is_day_chosen (GValue *active, GVariant *days, gpointer data)
{
  const Day *day = data;
  gsize n_values;
  const gint32 *values = g_variant_get_fixed_array (days, &n_values, sizeof *values);
  gboolean chosen = FALSE;

  for (gsize i = 0; i < n_values; i++)
    chosen |= values[i] == day->day;
  g_value_set_boolean (active, chosen);
  return TRUE;
}

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  return *(const gint32 *) a < *(const gint32 *) b ? 1 : -1;
}

/* The days with this one or without it. Those that are not offered here stay. */
static GVariant *
choose_day (const GValue *active, const GVariantType *type G_GNUC_UNUSED, gpointer data)
{
  const Day *day = data;
  g_autoptr (GVariant) before = g_settings_get_value (day->settings, SETTINGS_REMIND_DAYS);
  g_autoptr (GArray) days = g_array_new (FALSE, FALSE, sizeof (gint32));
  gsize n_values;
  const gint32 *values = g_variant_get_fixed_array (before, &n_values, sizeof *values);

  for (gsize i = 0; i < n_values; i++)
    if (values[i] != day->day)
      g_array_append_val (days, values[i]);
  if (g_value_get_boolean (active))
    g_array_append_val (days, day->day);
  g_array_sort (days, compare_falling);
  return g_variant_new_fixed_array (G_VARIANT_TYPE_INT32, days->data, days->len, sizeof (gint32));
}

static void
add_days (PreferencesWindow *window, GSettings *settings)
{
  for (guint i = 0; i < G_N_ELEMENTS (offered_days); i++)
    {
      int n = offered_days[i];
      /* Translators: a reminder that comes so long before the end of a certificate */
      g_autofree char *label =
        n > 0 ? g_strdup_printf (ngettext ("%d day before", "%d days before", n), n) : g_strdup (_ ("On the last day"));
      GtkWidget *check = gtk_check_button_new_with_label (label);
      Day *day = g_new (Day, 1);

      *day = (Day){ settings, n };
      gtk_grid_attach (GTK_GRID (window->days), check, i % N_COLUMNS, i / N_COLUMNS, 1, 1);
      g_settings_bind_with_mapping (settings, SETTINGS_REMIND_DAYS, check, "active", G_SETTINGS_BIND_DEFAULT,
                                    is_day_chosen, choose_day, day, g_free);
      gtk_widget_show (check);
    }
}

/* The mnemonic of all of them leads to the first and changes none. */
static gboolean
on_days_mnemonic (GtkWidget *days, gboolean cycling G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  gtk_widget_grab_focus (gtk_grid_get_child_at (GTK_GRID (days), 0, 0));
  return TRUE;
}

/* ---- start at login ---- */

static void on_login_changed (PreferencesWindow *window);

/* SENTENCE, or NULL: nothing is wrong. */
static void
show_login (PreferencesWindow *window, const char *sentence)
{
  g_signal_handlers_block_by_func (window->login, on_login_changed, window);
  g_object_set (window->login, "active", autostart_is_on (), NULL);
  g_signal_handlers_unblock_by_func (window->login, on_login_changed, window);
  gtk_label_set_text (GTK_LABEL (window->trouble), sentence ? sentence : "");
  gtk_widget_set_visible (window->trouble, sentence != NULL);
}

static void
on_login_changed (PreferencesWindow *window)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *sentence = NULL;
  gboolean on;

  g_object_get (window->login, "active", &on, NULL);
  if (!autostart_set (on, &error))
    /* Translators: the reason, as the system says it */
    sentence = g_strdup_printf (_ ("This could not be changed: %s"), error->message);
  show_login (window, sentence);
}

/* ---- the window ---- */

static void
on_close (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  gtk_window_close (data);
}

/* After everybody else: Escape closes a menu first. */
static gboolean
preferences_window_key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  if (GTK_WIDGET_CLASS (preferences_window_parent_class)->key_press_event (widget, event))
    return GDK_EVENT_STOP;
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  gtk_window_close (GTK_WINDOW (widget));
  return GDK_EVENT_STOP;
}

static void
preferences_window_class_init (PreferencesWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->key_press_event = preferences_window_key_press_event;
  g_type_ensure (SWITCH_ROW_TYPE);
  g_type_ensure (TIME_SPIN_TYPE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, page);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, content);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, days);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, quiet);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, quiet_from);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, quiet_to);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, remember);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, several);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, hide_icon);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, login);
  gtk_widget_class_bind_template_child (widget_class, PreferencesWindow, trouble);
  gtk_widget_class_bind_template_callback (widget_class, on_days_mnemonic);
}

static void
preferences_window_init (PreferencesWindow *window)
{
  static const GActionEntry actions[] = { { .name = "close", .activate = on_close } };

  gtk_widget_init_template (GTK_WIDGET (window));
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), window);
  /* The page follows the focus. */
  gtk_container_set_focus_vadjustment (GTK_CONTAINER (window->content),
                                       gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (window->page)));
  g_signal_connect_swapped (window->login, "notify::active", G_CALLBACK (on_login_changed), window);
  show_login (window, NULL);
}

GtkWindow *
preferences_window_new (GtkApplication *application, GSettings *settings)
{
  PreferencesWindow *window = g_object_new (PREFERENCES_WINDOW_TYPE, "application", application, NULL);
  const struct
  {
    const char *key;
    GtkWidget *widget;
    const char *property;
  } bindings[] = {
    { SETTINGS_QUIET_HOURS, window->quiet, "active" },    { SETTINGS_QUIET_FROM, window->quiet_from, "value" },
    { SETTINGS_QUIET_TO, window->quiet_to, "value" },     { SETTINGS_REMEMBER, window->remember, "active" },
    { SETTINGS_WARN_SEVERAL, window->several, "active" }, { SETTINGS_HIDE_ICON, window->hide_icon, "active" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bindings); i++)
    g_settings_bind (settings, bindings[i].key, bindings[i].widget, bindings[i].property, G_SETTINGS_BIND_DEFAULT);
  add_days (window, settings);
  return GTK_WINDOW (window);
}
