#include "pin-checklist.h"

#include <glib/gi18n.h>

struct _PinChecklist
{
  GtkBox parent;
  struct
  {
    GtkWidget *box, *image, *label;
  } rows[PIN_N_RULES];
};

G_DEFINE_TYPE (PinChecklist, pin_checklist, GTK_TYPE_BOX)

static void
show_rule (PinChecklist *list, PinRule rule, const char *sentence, gboolean met)
{
  GtkWidget *label = list->rows[rule].label;
  GtkStyleContext *context = gtk_widget_get_style_context (label);
  /* Translators: a rule for a new PIN, as it is read aloud: “done: 6 to 8 digits” */
  g_autofree char *name = g_strdup_printf (met ? _ ("done: %s") : _ ("missing: %s"), sentence);

  gtk_label_set_text (GTK_LABEL (label), sentence);
  atk_object_set_name (gtk_widget_get_accessible (label), name);
  gtk_style_context_remove_class (context, met ? "dim-label" : "met");
  gtk_style_context_add_class (context, met ? "met" : "dim-label");
  gtk_image_set_from_icon_name (GTK_IMAGE (list->rows[rule].image),
                                met ? "object-select-symbolic" : "window-close-symbolic", GTK_ICON_SIZE_MENU);
}

void
pin_checklist_show_rules (PinChecklist *list, const PinRules *rules, guint listed, guint met)
{
  for (PinRule rule = 0; rule < PIN_N_RULES; rule++)
    {
      g_autofree char *sentence = pin_rules_describe (rules, rule);

      gtk_widget_set_visible (list->rows[rule].box, (listed & 1 << rule) != 0);
      show_rule (list, rule, sentence, (met & 1 << rule) != 0);
    }
}

static void
pin_checklist_class_init (PinChecklistClass *klass G_GNUC_UNUSED)
{
}

static void
add_row (PinChecklist *list, PinRule rule)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *image = gtk_image_new ();
  GtkWidget *label = gtk_label_new (NULL);

  /* The label says it in words. */
  atk_object_set_role (gtk_widget_get_accessible (image), ATK_ROLE_REDUNDANT_OBJECT);
  gtk_widget_set_valign (image, GTK_ALIGN_START);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_line_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 40);
  gtk_box_pack_start (GTK_BOX (box), image, FALSE, FALSE, 0);
  gtk_box_pack_start (GTK_BOX (box), label, TRUE, TRUE, 0);
  gtk_box_pack_start (GTK_BOX (list), box, FALSE, FALSE, 0);
  gtk_widget_show (image);
  gtk_widget_show (label);
  list->rows[rule] = (typeof (list->rows[rule])){ box, image, label };
}

static void
pin_checklist_init (PinChecklist *list)
{
  gtk_orientable_set_orientation (GTK_ORIENTABLE (list), GTK_ORIENTATION_VERTICAL);
  gtk_box_set_spacing (GTK_BOX (list), 2);
  for (PinRule rule = 0; rule < PIN_N_RULES; rule++)
    add_row (list, rule);
}
