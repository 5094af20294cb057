#include "check-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "check-row.h"
#include "copy-button.h"
#include "export.h"
#include "engine/probe.h"

struct _CheckPage
{
  GtkBox parent;
  GtkWidget *scrolled, *list, *again, *copy, *save;
  View *view;
  Probe *probe;                /* of the newest check, or NULL */
  const DiagnosisFacts *facts; /* … its, when it has ended */
  Diagnosis *diagnosis;        /* what is shown, or NULL */
  gboolean opening;            /* nobody has seen what was found yet */
  char *layer;                 /* … and wants to see this row first, or NULL */
  GtkWidget *goal;             /* the row to be shown when it has a place, or NULL */
  guint placing;               /* source: it has one now */
};

G_DEFINE_TYPE (CheckPage, check_page, GTK_TYPE_BOX)

static guint checked;

static void start (CheckPage *page);

/* ---- rows ---- */

/* The rows are always the same ones: what has the focus keeps it. */
static void
show_rows (CheckPage *page)
{
  for (guint i = 0; i < page->diagnosis->rows->len; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (page->list), i);

      if (!row)
        {
          row = GTK_LIST_BOX_ROW (check_row_new ());
          g_signal_connect_swapped (row, "again", G_CALLBACK (start), page);
          gtk_list_box_insert (GTK_LIST_BOX (page->list), GTK_WIDGET (row), -1);
        }
      check_row_show (ASSISTANT_CHECK_ROW (row), page->diagnosis->rows->pdata[i]);
    }
}

/* The row that somebody asked for; otherwise the first of those that are worst. */
static gboolean
find_goal (CheckPage *page, guint *index)
{
  DiagnosisState worst = DIAGNOSIS_UNKNOWN;

  for (guint i = 0; i < page->diagnosis->rows->len; i++)
    {
      const DiagnosisRow *row = page->diagnosis->rows->pdata[i];

      if (page->layer ? strcmp (row->layer, page->layer) == 0 : row->state > worst)
        {
          *index = i;
          worst = row->state;
        }
    }
  return page->layer || worst > DIAGNOSIS_UNKNOWN;
}

/* Once, as the page opens: later it stays where the person has scrolled it to. */
static void
show_goal (CheckPage *page)
{
  guint index = 0;

  if (!page->opening)
    return;
  page->opening = FALSE;
  if (!find_goal (page, &index))
    return;
  page->goal = GTK_WIDGET (gtk_list_box_get_row_at_index (GTK_LIST_BOX (page->list), (int) index));
  if (page->layer)
    gtk_widget_grab_focus (page->goal);
  gtk_widget_queue_allocate (page->list);
}

static gboolean
on_placed (gpointer data)
{
  CheckPage *page = data;
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page->scrolled));
  GtkAllocation row;

  page->placing = 0;
  gtk_widget_get_allocation (page->goal, &row);
  gtk_adjustment_clamp_page (place, row.y, row.y + row.height + gtk_widget_get_margin_top (page->list));
  page->goal = NULL;
  return G_SOURCE_REMOVE;
}

static void
on_list_allocated (CheckPage *page)
{
  if (page->goal && !page->placing)
    page->placing = g_idle_add (on_placed, page);
}

static void
update (CheckPage *page)
{
  if (!page->facts || !page->view)
    return;
  g_clear_pointer (&page->diagnosis, diagnosis_free);
  page->diagnosis = diagnosis_new (page->facts, page->view);
  show_rows (page);
  show_goal (page);
  gtk_widget_set_sensitive (page->copy, TRUE);
  gtk_widget_set_sensitive (page->save, TRUE);
  g_signal_emit (page, checked, 0);
}

static void
on_probed (const DiagnosisFacts *facts, gpointer data)
{
  CheckPage *page = data;

  page->facts = facts;
  gtk_widget_set_sensitive (page->again, TRUE);
  update (page);
}

static void
forget (CheckPage *page)
{
  page->facts = NULL;
  g_clear_pointer (&page->probe, probe_free);
}

/* ---- from outside ---- */

static void
start (CheckPage *page)
{
  forget (page);
  page->probe = probe_new (on_probed, page);
  gtk_widget_set_sensitive (page->again, FALSE);
  g_signal_emit (page, checked, 0);
}

void
check_page_open (CheckPage *page, const char *layer)
{
  page->opening = TRUE;
  g_free (page->layer);
  page->layer = g_strdup (layer);
  start (page);
}

void
check_page_show_view (CheckPage *page, View *view)
{
  View *before = page->view;

  if (view == before)
    return;
  page->view = view_ref (view);
  if (before)
    view_unref (before);
  update (page);
}

const char *
check_page_get_summary (CheckPage *page)
{
  return page->facts && page->diagnosis ? page->diagnosis->summary : _ ("Checking…");
}

/* ---- the person ---- */

static void
on_copy_clicked (CheckPage *page)
{
  g_autofree char *text = page->diagnosis ? diagnosis_to_text (page->diagnosis) : NULL;

  if (text)
    copy_button_copy (GTK_BUTTON (page->copy), text);
}

static void
on_save_clicked (CheckPage *page)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (page));

  if (page->diagnosis && GTK_IS_WINDOW (window))
    export_report (GTK_WINDOW (window), diagnosis_to_text (page->diagnosis));
}

/* ---- the object ---- */

static void
check_page_map (GtkWidget *widget)
{
  CheckPage *page = ASSISTANT_CHECK_PAGE (widget);

  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page->scrolled)), 0);
  GTK_WIDGET_CLASS (check_page_parent_class)->map (widget);
}

/* Nothing is looked at any more; whoever comes back asks anew. */
static void
check_page_unmap (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (check_page_parent_class)->unmap (widget);
  forget (ASSISTANT_CHECK_PAGE (widget));
}

static void
check_page_dispose (GObject *object)
{
  CheckPage *page = ASSISTANT_CHECK_PAGE (object);

  forget (page);
  g_clear_handle_id (&page->placing, g_source_remove);
  G_OBJECT_CLASS (check_page_parent_class)->dispose (object);
}

static void
check_page_finalize (GObject *object)
{
  CheckPage *page = ASSISTANT_CHECK_PAGE (object);

  g_clear_pointer (&page->view, view_unref);
  g_clear_pointer (&page->diagnosis, diagnosis_free);
  g_free (page->layer);
  G_OBJECT_CLASS (check_page_parent_class)->finalize (object);
}

static void
check_page_class_init (CheckPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = check_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = check_page_finalize;
  widget_class->map = check_page_map;
  widget_class->unmap = check_page_unmap;
  checked = g_signal_new ("checked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/check-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CheckPage, scrolled);
  gtk_widget_class_bind_template_child (widget_class, CheckPage, list);
  gtk_widget_class_bind_template_child (widget_class, CheckPage, again);
  gtk_widget_class_bind_template_child (widget_class, CheckPage, copy);
  gtk_widget_class_bind_template_child (widget_class, CheckPage, save);
  gtk_widget_class_bind_template_callback (widget_class, start);
  gtk_widget_class_bind_template_callback (widget_class, on_list_allocated);
  gtk_widget_class_bind_template_callback (widget_class, on_copy_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_save_clicked);
}

static void
check_page_init (CheckPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  gtk_widget_set_sensitive (page->copy, FALSE);
  gtk_widget_set_sensitive (page->save, FALSE);
  /* The page follows the focus. */
  gtk_list_box_set_adjustment (GTK_LIST_BOX (page->list),
                               gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page->scrolled)));
}
