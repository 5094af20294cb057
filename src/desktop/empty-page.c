#include "empty-page.h"

#include <glib/gi18n.h>

/* Who sees that much time go by without a token asks himself what is wrong. */
#define PATIENCE_S 10

struct _EmptyPage
{
  GtkBox parent;
  GtkWidget *image, *title, *text, *check;
  gboolean bad;   /* something is known to be wrong */
  guint patience; /* source: nothing has been inserted for so long that a check is offered */
};

G_DEFINE_TYPE (EmptyPage, empty_page, GTK_TYPE_BOX)

const FindingView *
empty_page_find_hindrance (const View *view)
{
  for (guint i = 0; i < view->findings->len; i++)
    if (((FindingView *) view->findings->pdata[i])->hinders)
      return view->findings->pdata[i];
  return NULL;
}

static gboolean
on_patience_over (gpointer data)
{
  EmptyPage *page = data;

  page->patience = 0;
  gtk_widget_show (page->check);
  return G_SOURCE_REMOVE;
}

/* A check is offered where something is known to be wrong, or the page has been looked at for a while. */
static void
offer_check (EmptyPage *page)
{
  if (page->bad)
    gtk_widget_show (page->check);
  else if (!page->patience && !gtk_widget_get_visible (page->check))
    page->patience = g_timeout_add_seconds (PATIENCE_S, on_patience_over, page);
}

void
empty_page_show_view (EmptyPage *page, const View *view)
{
  const FindingView *worst = empty_page_find_hindrance (view);
  const char *title;

  page->bad = worst && worst->finding->level > FINDING_INFO;
  title = page->bad ? worst->title : view->settled ? _ ("Insert your token") : view->summary;
  gtk_image_set_from_icon_name (GTK_IMAGE (page->image),
                                page->bad ? "cert-assistant-problem" : "cert-assistant-none-symbolic",
                                GTK_ICON_SIZE_DIALOG);
  gtk_label_set_text (GTK_LABEL (page->title), title);
  gtk_label_set_text (GTK_LABEL (page->text), worst ? worst->text : "");
  gtk_widget_set_visible (page->text, worst != NULL);
  if (gtk_widget_get_mapped (GTK_WIDGET (page)))
    offer_check (page);
}

static void
empty_page_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (empty_page_parent_class)->map (widget);
  offer_check (ASSISTANT_EMPTY_PAGE (widget));
}

static void
empty_page_unmap (GtkWidget *widget)
{
  EmptyPage *page = ASSISTANT_EMPTY_PAGE (widget);

  GTK_WIDGET_CLASS (empty_page_parent_class)->unmap (widget);
  g_clear_handle_id (&page->patience, g_source_remove);
  gtk_widget_hide (page->check);
}

static void
empty_page_dispose (GObject *object)
{
  g_clear_handle_id (&ASSISTANT_EMPTY_PAGE (object)->patience, g_source_remove);
  G_OBJECT_CLASS (empty_page_parent_class)->dispose (object);
}

static void
empty_page_class_init (EmptyPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = empty_page_dispose;
  widget_class->map = empty_page_map;
  widget_class->unmap = empty_page_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/empty-page.ui");
  gtk_widget_class_bind_template_child (widget_class, EmptyPage, image);
  gtk_widget_class_bind_template_child (widget_class, EmptyPage, title);
  gtk_widget_class_bind_template_child (widget_class, EmptyPage, text);
  gtk_widget_class_bind_template_child (widget_class, EmptyPage, check);
}

static void
empty_page_init (EmptyPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
