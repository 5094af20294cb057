#include "finding-bar.h"

#include <glib/gi18n.h>

#include "finding-action.h"

struct _FindingBar
{
  GtkInfoBar parent;
  GtkWidget *title, *text, *act, *pager, *position;
  View *view;           /* whose findings they are */
  GPtrArray *findings;  /* FindingView, borrowed from VIEW: those that stand here */
  guint index;          /* of the one that is shown */
  char *ids;   /* of all, to know the same set again */
  gboolean closed;
};

G_DEFINE_TYPE (FindingBar, finding_bar, GTK_TYPE_INFO_BAR)

static const GtkMessageType types[FINDING_N_LEVELS] = {
  [FINDING_INFO] = GTK_MESSAGE_INFO,
  [FINDING_WARNING] = GTK_MESSAGE_WARNING,
  [FINDING_CRITICAL] = GTK_MESSAGE_ERROR,
};

static guint
count_findings (FindingBar *bar)
{
  return bar->findings->len;
}

static const FindingView *
get_finding (FindingBar *bar, guint index)
{
  return bar->findings->pdata[index];
}

static void
take_findings (FindingBar *bar, const FindingView *said)
{
  g_ptr_array_set_size (bar->findings, 0);
  for (guint i = 0; i < bar->view->findings->len; i++)
    {
      FindingView *finding = bar->view->findings->pdata[i];

      if (finding != said && !finding->beside)
        g_ptr_array_add (bar->findings, finding);
    }
}

static char *
list_ids (FindingBar *bar)
{
  GString *ids = g_string_new (NULL);

  for (guint i = 0; i < count_findings (bar); i++)
    g_string_append_printf (ids, "%s\n", get_finding (bar, i)->finding->id);
  return g_string_free (ids, FALSE);
}

static void
show_action (FindingBar *bar, const FindingView *finding)
{
  const char *label = finding_action_get_label (finding->action);

  gtk_widget_set_visible (bar->act, label != NULL);
  if (label)
    gtk_button_set_label (GTK_BUTTON (bar->act), label);
}

static void
show (FindingBar *bar)
{
  guint count = count_findings (bar);
  g_autofree char *position = g_strdup_printf (_ ("%u of %u"), bar->index + 1, count);
  const FindingView *finding;

  gtk_widget_set_visible (GTK_WIDGET (bar), count > 0 && !bar->closed);
  if (count == 0)
    return;
  finding = get_finding (bar, bar->index);
  gtk_info_bar_set_message_type (GTK_INFO_BAR (bar), types[finding->finding->level]);
  gtk_label_set_text (GTK_LABEL (bar->title), finding->title);
  gtk_label_set_text (GTK_LABEL (bar->text), finding->text);
  gtk_label_set_text (GTK_LABEL (bar->position), position);
  gtk_widget_set_visible (bar->pager, count > 1);
  show_action (bar, finding);
}

void
finding_bar_show_view (FindingBar *bar, View *view, const FindingView *said)
{
  g_autofree char *current = count_findings (bar) > 0 ? g_strdup (get_finding (bar, bar->index)->finding->id) : NULL;
  g_autofree char *ids = NULL;
  View *before = bar->view;

  bar->view = view_ref (view);
  take_findings (bar, said);
  bar->index = 0;
  if (before)
    view_unref (before);
  ids = list_ids (bar);
  if (g_strcmp0 (ids, bar->ids) != 0)
    bar->closed = FALSE;
  else
    for (guint i = 0; i < count_findings (bar); i++)
      if (g_strcmp0 (get_finding (bar, i)->finding->id, current) == 0)
        bar->index = i;
  g_free (bar->ids);
  bar->ids = g_steal_pointer (&ids);
  show (bar);
}

static void
on_next_clicked (FindingBar *bar)
{
  guint count = count_findings (bar);

  bar->index = count > 0 ? (bar->index + 1) % count : 0;
  show (bar);
}

static void
on_act_clicked (FindingBar *bar)
{
  const FindingView *finding = count_findings (bar) > bar->index ? get_finding (bar, bar->index) : NULL;

  if (finding)
    finding_action_activate (finding->action, finding->target, G_ACTION_GROUP (g_application_get_default ()));
}

static void
on_close_clicked (FindingBar *bar)
{
  bar->closed = TRUE;
  show (bar);
}

static void
finding_bar_finalize (GObject *object)
{
  FindingBar *bar = ASSISTANT_FINDING_BAR (object);

  g_clear_pointer (&bar->view, view_unref);
  g_ptr_array_unref (bar->findings);
  g_free (bar->ids);
  G_OBJECT_CLASS (finding_bar_parent_class)->finalize (object);
}

static void
finding_bar_class_init (FindingBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = finding_bar_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/finding-bar.ui");
  gtk_widget_class_bind_template_child (widget_class, FindingBar, title);
  gtk_widget_class_bind_template_child (widget_class, FindingBar, text);
  gtk_widget_class_bind_template_child (widget_class, FindingBar, act);
  gtk_widget_class_bind_template_child (widget_class, FindingBar, pager);
  gtk_widget_class_bind_template_child (widget_class, FindingBar, position);
  gtk_widget_class_bind_template_callback (widget_class, on_act_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_next_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_close_clicked);
}

static void
finding_bar_init (FindingBar *bar)
{
  bar->findings = g_ptr_array_new ();
  g_signal_connect (bar, "close", G_CALLBACK (on_close_clicked), NULL); /* the Escape key, where it has the focus */
  gtk_widget_init_template (GTK_WIDGET (bar));
}
