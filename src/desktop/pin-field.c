#include "pin-field.h"

/* How long one may read it, unless one goes on sooner. */
#define SHOWN_SECONDS 10

struct _PinField
{
  GtkOverlay parent;
  GtkWidget *entry, *eye, *eye_image;
  guint timer; /* while it is shown */
};

G_DEFINE_TYPE (PinField, pin_field, GTK_TYPE_OVERLAY)

PinEntry *
pin_field_get_entry (PinField *field)
{
  return ASSISTANT_PIN_ENTRY (field->entry);
}

void
pin_field_hide_text (PinField *field)
{
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (field->eye), FALSE);
}

void
pin_field_show_error (PinField *field, const char *sentence)
{
  GtkStyleContext *context = gtk_widget_get_style_context (field->entry);

  if (sentence)
    gtk_style_context_add_class (context, "error");
  else
    gtk_style_context_remove_class (context, "error");
  atk_object_set_description (gtk_widget_get_accessible (field->entry), sentence ? sentence : "");
}

static gboolean
on_shown_long_enough (gpointer data)
{
  PinField *field = data;

  field->timer = 0;
  pin_field_hide_text (field);
  return G_SOURCE_REMOVE;
}

static void
on_eye_toggled (PinField *field)
{
  gboolean shown = gtk_toggle_button_get_active (GTK_TOGGLE_BUTTON (field->eye));

  g_clear_handle_id (&field->timer, g_source_remove);
  if (shown)
    field->timer = g_timeout_add_seconds (SHOWN_SECONDS, on_shown_long_enough, field);
  gtk_image_set_from_icon_name (GTK_IMAGE (field->eye_image), shown ? "view-conceal-symbolic" : "view-reveal-symbolic",
                                GTK_ICON_SIZE_BUTTON);
  pin_entry_set_shown (ASSISTANT_PIN_ENTRY (field->entry), shown);
}

/* Neither the entry nor the eye has the keyboard any more. */
static void
pin_field_set_focus_child (GtkContainer *container, GtkWidget *child)
{
  GTK_CONTAINER_CLASS (pin_field_parent_class)->set_focus_child (container, child);
  if (!child)
    pin_field_hide_text (ASSISTANT_PIN_FIELD (container));
}

static void
pin_field_dispose (GObject *object)
{
  g_clear_handle_id (&ASSISTANT_PIN_FIELD (object)->timer, g_source_remove);
  G_OBJECT_CLASS (pin_field_parent_class)->dispose (object);
}

static void
pin_field_class_init (PinFieldClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = pin_field_dispose;
  GTK_CONTAINER_CLASS (klass)->set_focus_child = pin_field_set_focus_child;
  g_type_ensure (PIN_ENTRY_TYPE);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/pin-field.ui");
  gtk_widget_class_bind_template_child (widget_class, PinField, entry);
  gtk_widget_class_bind_template_child (widget_class, PinField, eye);
  gtk_widget_class_bind_template_child (widget_class, PinField, eye_image);
  gtk_widget_class_bind_template_callback (widget_class, on_eye_toggled);
}

static void
pin_field_init (PinField *field)
{
  gtk_widget_init_template (GTK_WIDGET (field));
}
