#include "history-row.h"

#include <glib/gi18n.h>

struct _HistoryRow
{
  GtkListBoxRow parent;
  GtkWidget *time, *text, *mark;
  char *day;
};

G_DEFINE_TYPE (HistoryRow, history_row, GTK_TYPE_LIST_BOX_ROW)

static void
history_row_finalize (GObject *object)
{
  g_free (ASSISTANT_HISTORY_ROW (object)->day);
  G_OBJECT_CLASS (history_row_parent_class)->finalize (object);
}

static void
history_row_class_init (HistoryRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = history_row_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/history-row.ui");
  gtk_widget_class_bind_template_child (widget_class, HistoryRow, time);
  gtk_widget_class_bind_template_child (widget_class, HistoryRow, text);
  gtk_widget_class_bind_template_child (widget_class, HistoryRow, mark);
}

static void
history_row_init (HistoryRow *row)
{
  gtk_widget_init_template (GTK_WIDGET (row));
}

GtkWidget *
history_row_new (const HistoryEntry *entry)
{
  static const char *const icons[FINDING_N_LEVELS] = { NULL, "dialog-warning-symbolic", "dialog-error-symbolic" };
  HistoryRow *row = g_object_new (HISTORY_ROW_TYPE, NULL);
  g_autofree char *time = history_entry_get_time (entry);
  /* Translators: when something happened, and what */
  g_autofree char *both = g_strdup_printf (_ ("%s: %s"), time, entry->text);

  row->day = history_entry_get_day (entry);
  gtk_label_set_text (GTK_LABEL (row->time), time);
  gtk_label_set_text (GTK_LABEL (row->text), entry->text);
  gtk_image_set_from_icon_name (GTK_IMAGE (row->mark), icons[entry->level], GTK_ICON_SIZE_MENU);
  gtk_widget_set_visible (row->mark, icons[entry->level] != NULL);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (row)), both);
  /* What stands above rows is no part of a list to a screen reader. */
  atk_object_set_description (gtk_widget_get_accessible (GTK_WIDGET (row)), row->day);
  return GTK_WIDGET (row);
}

const char *
history_row_get_day (HistoryRow *row)
{
  return row->day;
}
