#include "fact-row.h"

#include <glib/gi18n.h>

#include "copy-button.h"
#include "look.h"

struct _FactRow
{
  GtkListBoxRow parent;
  GtkWidget *name, *value, *pill, *copy, *button, *chevron;
  char *copied; /* what the button copies, or NULL */
};

G_DEFINE_TYPE (FactRow, fact_row, GTK_TYPE_LIST_BOX_ROW)

/* A label that has not changed is left alone: it may have a selection. */
static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text);
}

static void
on_copy_clicked (FactRow *row)
{
  if (row->copied)
    copy_button_copy (GTK_BUTTON (row->copy), row->copied);
}

static void
fact_row_finalize (GObject *object)
{
  g_free (ASSISTANT_FACT_ROW (object)->copied);
  G_OBJECT_CLASS (fact_row_parent_class)->finalize (object);
}

static void
fact_row_class_init (FactRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = fact_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/fact-row.ui");
  gtk_widget_class_bind_template_child (widget_class, FactRow, name);
  gtk_widget_class_bind_template_child (widget_class, FactRow, value);
  gtk_widget_class_bind_template_child (widget_class, FactRow, pill);
  gtk_widget_class_bind_template_child (widget_class, FactRow, copy);
  gtk_widget_class_bind_template_child (widget_class, FactRow, button);
  gtk_widget_class_bind_template_child (widget_class, FactRow, chevron);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
}

static void
fact_row_init (FactRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}

/* The row at INDEX of LIST, a new one if there is none. */
static FactRow *
ensure_row (GtkListBox *list, guint index)
{
  GtkListBoxRow *row = gtk_list_box_get_row_at_index (list, index);

  if (!row)
    {
      row = g_object_new (FACT_ROW_TYPE, NULL);
      gtk_list_box_insert (list, GTK_WIDGET (row), -1);
    }
  return ASSISTANT_FACT_ROW (row);
}

static void
remove_rows (GtkListBox *list, guint from)
{
  GtkListBoxRow *row;

  while ((row = gtk_list_box_get_row_at_index (list, from)))
    gtk_widget_destroy (GTK_WIDGET (row));
}

static void
show_fact (FactRow *row, const Fact *fact)
{
  g_autofree char *copy = g_strdup_printf (_ ("Copy %s"), fact->name);
  g_autofree char *both = g_strdup_printf (_ ("%s: %s"), fact->name, fact->value);

  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), FALSE);
  set_text (row->name, fact->name);
  set_text (row->value, fact->value);
  gtk_label_set_selectable (GTK_LABEL (row->value), TRUE);
  g_free (row->copied);
  row->copied = g_strdup (fact->copied);
  gtk_widget_set_visible (row->copy, row->copied != NULL);
  gtk_widget_set_tooltip_text (row->copy, copy);
  atk_object_set_name (gtk_widget_get_accessible (row->copy), copy);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row)), both);
}

void
fact_row_show_facts (GtkListBox *list, const GPtrArray *facts)
{
  for (guint i = 0; i < facts->len; i++)
    show_fact (ensure_row (list, i), facts->pdata[i]);
  remove_rows (list, facts->len);
}

void
fact_row_show_button (GtkListBox *list, guint index, const FactButton *button)
{
  FactRow *row = ensure_row (list, index);

  gtk_widget_set_visible (row->button, button != NULL);
  if (!button)
    return;
  gtk_button_set_label (GTK_BUTTON (row->button), button->label);
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (row->button), g_variant_new_string (button->target));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (row->button), button->action);
}

static void
show_certificate (FactRow *row, const CertificateView *certificate)
{
  gboolean usable =
    !certificate->revoked && (certificate->validity == VALIDITY_VALID || certificate->validity == VALIDITY_EXPIRING);
  g_autofree char *name =
    g_strdup_printf (_ ("%s: %s, %s"), certificate->title, certificate->summary, certificate->status);

  set_text (row->name, certificate->title);
  set_text (row->value, certificate->summary);
  set_text (row->pill, certificate->status);
  /* That a certificate is good is said by its date; that it is not has to be seen. */
  gtk_widget_set_visible (row->pill, !usable);
  look_mark_state (row->pill, certificate);
  gtk_widget_show (row->chevron);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row)), name);
}

void
fact_row_show_certificates (GtkListBox *list, const GPtrArray *certificates)
{
  for (guint i = 0; i < certificates->len; i++)
    show_certificate (ensure_row (list, i), certificates->pdata[i]);
  remove_rows (list, certificates->len);
}
