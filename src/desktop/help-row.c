#include "help-row.h"

#include <glib/gi18n.h>

struct _HelpRow
{
  GtkListBoxRow parent;
  GtkWidget *question, *answer;
};

G_DEFINE_TYPE (HelpRow, help_row, GTK_TYPE_LIST_BOX_ROW)

static void
help_row_class_init (HelpRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/help-row.ui");
  gtk_widget_class_bind_template_child (widget_class, HelpRow, question);
  gtk_widget_class_bind_template_child (widget_class, HelpRow, answer);
}

static void
help_row_init (HelpRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}

GtkWidget *
help_row_new (const char *question, const char *answer)
{
  HelpRow *row = g_object_new (HELP_ROW_TYPE, NULL);
  /* Translators: two sentences */
  g_autofree char *both = g_strdup_printf (_ ("%s %s"), question, answer);

  gtk_label_set_text (GTK_LABEL (row->question), question);
  gtk_label_set_text (GTK_LABEL (row->answer), answer);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row)), both);
  return GTK_WIDGET (row);
}
