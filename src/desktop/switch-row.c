#include "switch-row.h"

struct _SwitchRow
{
  GtkBox parent;
  GtkWidget *title, *text, *choice;
};

G_DEFINE_TYPE (SwitchRow, switch_row, GTK_TYPE_BOX)

enum
{
  PROPERTY_TITLE = 1,
  PROPERTY_TEXT,
  PROPERTY_ACTIVE,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
switch_row_get_property (GObject *object, guint id, GValue *value, GParamSpec *property)
{
  SwitchRow *row = ASSISTANT_SWITCH_ROW (object);

  switch (id)
    {
    case PROPERTY_TITLE:
      g_value_set_string (value, gtk_label_get_label (GTK_LABEL (row->title)));
      return;
    case PROPERTY_TEXT:
      g_value_set_string (value, gtk_label_get_label (GTK_LABEL (row->text)));
      return;
    case PROPERTY_ACTIVE:
      g_value_set_boolean (value, gtk_switch_get_active (GTK_SWITCH (row->choice)));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, property);
    }
}

static void
switch_row_set_property (GObject *object, guint id, const GValue *value, GParamSpec *property)
{
  SwitchRow *row = ASSISTANT_SWITCH_ROW (object);
  AtkObject *accessible = gtk_widget_get_accessible (row->choice);
  const char *text;

  switch (id)
    {
    case PROPERTY_TITLE:
      gtk_label_set_text_with_mnemonic (GTK_LABEL (row->title), g_value_get_string (value));
      atk_object_set_name (accessible, gtk_label_get_text (GTK_LABEL (row->title)));
      return;
    case PROPERTY_TEXT:
      text = g_value_get_string (value);
      gtk_label_set_text (GTK_LABEL (row->text), text ? text : "");
      gtk_widget_set_visible (row->text, text != NULL);
      atk_object_set_description (accessible, text ? text : "");
      return;
    case PROPERTY_ACTIVE:
      gtk_switch_set_active (GTK_SWITCH (row->choice), g_value_get_boolean (value));
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, property);
    }
}

static void
on_active_changed (SwitchRow *row)
{
  g_object_notify_by_pspec (G_OBJECT (row), properties[PROPERTY_ACTIVE]);
}

/* A switch that is switched from afar gets the focus too: so one sees it, also where it has to be scrolled to. */
static gboolean
on_mnemonic_activate (GtkWidget *choice, gboolean cycling G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  gtk_widget_grab_focus (choice);
  return FALSE;
}

static void
switch_row_class_init (SwitchRowClass *klass)
{
  const GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->get_property = switch_row_get_property;
  G_OBJECT_CLASS (klass)->set_property = switch_row_set_property;
  properties[PROPERTY_TITLE] = g_param_spec_string ("title", NULL, NULL, NULL, flags);
  properties[PROPERTY_TEXT] = g_param_spec_string ("text", NULL, NULL, NULL, flags);
  properties[PROPERTY_ACTIVE] = g_param_spec_boolean ("active", NULL, NULL, FALSE, flags);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/switch-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SwitchRow, title);
  gtk_widget_class_bind_template_child (widget_class, SwitchRow, text);
  gtk_widget_class_bind_template_child (widget_class, SwitchRow, choice);
}

static void
switch_row_init (SwitchRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
  g_signal_connect_swapped (row->choice, "notify::active", G_CALLBACK (on_active_changed), row);
  g_signal_connect (row->choice, "mnemonic-activate", G_CALLBACK (on_mnemonic_activate), NULL);
}
