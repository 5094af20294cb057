#include "history-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "copy-button.h"
#include "history-row.h"

/* More than fit on a large screen */
#define BATCH 100

struct _HistoryPage
{
  GtkScrolledWindow parent;
  GtkWidget *list, *empty, *copy;
  History *history;
  guint64 newest; /* the number of entries that there had ever been when the newest row was made */
  guint n_rows;
  guint update; /* source */
};

G_DEFINE_TYPE (HistoryPage, history_page, GTK_TYPE_SCROLLED_WINDOW)

/* ---- rows ---- */

/* Makes rows of the entries from INDEX on (0 is the newest), COUNT or as many as there are, and puts them at PLACE. */
static void
add_rows (HistoryPage *page, guint index, guint count, guint place)
{
  guint n_entries = history_get_n_entries (page->history);

  for (guint i = index; i < MIN (index + count, n_entries); i++)
    {
      gtk_list_box_insert (GTK_LIST_BOX (page->list), history_row_new (history_get_entry (page->history, i)), place++);
      page->n_rows++;
    }
}

static void
remove_rows (HistoryPage *page, guint from)
{
  GtkListBoxRow *row;

  while (page->n_rows > from && (row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (page->list), page->n_rows - 1)))
    {
      gtk_widget_destroy (GTK_WIDGET (row));
      page->n_rows--;
    }
}

static void
show_header (GtkListBoxRow *row, GtkListBoxRow *before, gpointer data G_GNUC_UNUSED)
{
  const char *day = history_row_get_day (ASSISTANT_HISTORY_ROW (row));
  GtkWidget *header;

  if (before && strcmp (day, history_row_get_day (ASSISTANT_HISTORY_ROW (before))) == 0)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  if (gtk_list_box_row_get_header (row))
    return;
  header = gtk_label_new (day);
  gtk_label_set_xalign (GTK_LABEL (header), 0);
  gtk_style_context_add_class (gtk_widget_get_style_context (header), "day");
  gtk_widget_show (header);
  gtk_list_box_row_set_header (row, header);
}

/* Who has scrolled down reads there: what is new comes when he is back on top. */
static gboolean
is_on_top (HistoryPage *page)
{
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page));

  return gtk_adjustment_get_value (place) <= gtk_adjustment_get_lower (place);
}

static void
update (HistoryPage *page)
{
  guint64 n_appended = history_get_n_appended (page->history);
  guint n_new = MIN (n_appended - page->newest, BATCH);

  gtk_widget_set_visible (page->empty, n_appended == 0);
  gtk_widget_set_visible (page->list, n_appended > 0);
  gtk_widget_set_sensitive (page->copy, n_appended > 0);
  if (n_new == 0 || (page->n_rows > 0 && !is_on_top (page)))
    return;
  remove_rows (page, BATCH - n_new);
  add_rows (page, 0, n_new, 0);
  page->newest = n_appended;
}

static gboolean
on_update (gpointer data)
{
  HistoryPage *page = data;

  page->update = 0;
  update (page);
  return G_SOURCE_REMOVE;
}

/* However much happens at once, the rows are made once. */
static void
on_history_changed (HistoryPage *page)
{
  if (!page->update && gtk_widget_get_mapped (GTK_WIDGET (page)))
    page->update = g_idle_add (on_update, page);
}

static void
on_edge_reached (HistoryPage *page, GtkPositionType edge)
{
  guint n_newer;

  if (page->n_rows == 0) /* as it is made */
    return;
  n_newer = MIN (history_get_n_appended (page->history) - page->newest, HISTORY_MAX_ENTRIES);
  if (edge == GTK_POS_BOTTOM)
    add_rows (page, n_newer + page->n_rows, BATCH, page->n_rows);
  else if (edge == GTK_POS_TOP)
    on_history_changed (page);
}

/* ---- the person ---- */

static void
on_copy_clicked (HistoryPage *page)
{
  g_autofree char *text = history_to_text (page->history);

  copy_button_copy (GTK_BUTTON (page->copy), text);
}

/* ---- the object ---- */

static void
history_page_map (GtkWidget *widget)
{
  HistoryPage *page = ASSISTANT_HISTORY_PAGE (widget);

  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page)), 0);
  if (page->history)
    update (page);
  GTK_WIDGET_CLASS (history_page_parent_class)->map (widget);
}

static void
history_page_unmap (GtkWidget *widget)
{
  HistoryPage *page = ASSISTANT_HISTORY_PAGE (widget);

  GTK_WIDGET_CLASS (history_page_parent_class)->unmap (widget);
  g_clear_handle_id (&page->update, g_source_remove);
  remove_rows (page, 0);
  page->newest = 0;
}

void
history_page_set_history (HistoryPage *page, History *history)
{
  page->history = g_object_ref (history);
  g_signal_connect_object (history, "changed", G_CALLBACK (on_history_changed), page, G_CONNECT_SWAPPED);
}

static void
history_page_dispose (GObject *object)
{
  HistoryPage *page = ASSISTANT_HISTORY_PAGE (object);

  g_clear_handle_id (&page->update, g_source_remove);
  G_OBJECT_CLASS (history_page_parent_class)->dispose (object);
}

static void
history_page_finalize (GObject *object)
{
  g_clear_object (&ASSISTANT_HISTORY_PAGE (object)->history);
  G_OBJECT_CLASS (history_page_parent_class)->finalize (object);
}

static void
history_page_class_init (HistoryPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = history_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = history_page_finalize;
  widget_class->map = history_page_map;
  widget_class->unmap = history_page_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/history-page.ui");
  gtk_widget_class_bind_template_child (widget_class, HistoryPage, list);
  gtk_widget_class_bind_template_child (widget_class, HistoryPage, empty);
  gtk_widget_class_bind_template_child (widget_class, HistoryPage, copy);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_edge_reached);
}

static void
history_page_init (HistoryPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  gtk_list_box_set_header_func (GTK_LIST_BOX (page->list), show_header, NULL, NULL);
  /* The page follows the focus. */
  gtk_list_box_set_adjustment (GTK_LIST_BOX (page->list),
                               gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page)));
}
