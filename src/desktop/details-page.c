#include "details-page.h"

#include <glib/gi18n.h>

#include "export.h"
#include "fact-row.h"
#include "look.h"
#include "model/calendar.h"

struct _DetailsPage
{
  GtkScrolledWindow parent;
  GtkWidget *holder, *status, *facts, *remember;
  Certificate *certificate;
  char *organization; /* as it is shown, or NULL */
};

G_DEFINE_TYPE (DetailsPage, details_page, GTK_TYPE_SCROLLED_WINDOW)

/* The button that asks the issuer, in the row that says what is known of it. */
static void
show_ask (DetailsPage *page, const CertificateView *certificate)
{
  FactButton button = { .label = _ ("_Ask the issuer"),
                        .action = "app.ask-revocation",
                        .target = certificate->certificate->sha256 };

  for (guint i = 0; i < certificate->facts->len; i++)
    fact_row_show_button (GTK_LIST_BOX (page->facts), i,
                          i == certificate->revocation && certificate->askable ? &button : NULL);
}

void
details_page_show_certificate (DetailsPage *page, const CertificateView *certificate)
{
  Certificate *before = page->certificate;

  page->certificate = certificate_ref (certificate->certificate);
  if (before)
    certificate_unref (before);
  g_free (page->organization);
  page->organization = g_strdup (certificate->organization);
  gtk_widget_set_visible (page->remember, certificate->validity != VALIDITY_UNKNOWN);
  gtk_label_set_text (GTK_LABEL (page->holder), certificate->holder);
  gtk_label_set_text (GTK_LABEL (page->status), certificate->status);
  look_mark_state (page->status, certificate);
  fact_row_show_facts (GTK_LIST_BOX (page->facts), certificate->facts);
  show_ask (page, certificate);
}

static void
on_export_clicked (DetailsPage *page)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (page));

  if (page->certificate && GTK_IS_WINDOW (window))
    export_certificate (GTK_WINDOW (window), page->certificate, gtk_label_get_text (GTK_LABEL (page->holder)));
}

static void
on_remember_clicked (DetailsPage *page)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (page));
  const char *holder = gtk_label_get_text (GTK_LABEL (page->holder));
  char *calendar = page->certificate ? calendar_build (page->certificate, holder, page->organization,
                                                       g_get_real_time () / G_USEC_PER_SEC)
                                     : NULL;

  if (calendar && GTK_IS_WINDOW (window))
    export_calendar (GTK_WINDOW (window), calendar, holder);
  else
    g_free (calendar);
}

static void
details_page_finalize (GObject *object)
{
  g_clear_pointer (&ASSISTANT_DETAILS_PAGE (object)->certificate, certificate_unref);
  g_free (ASSISTANT_DETAILS_PAGE (object)->organization);
  G_OBJECT_CLASS (details_page_parent_class)->finalize (object);
}

static void
details_page_class_init (DetailsPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = details_page_finalize;
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/details-page.ui");
  gtk_widget_class_bind_template_child (widget_class, DetailsPage, holder);
  gtk_widget_class_bind_template_child (widget_class, DetailsPage, status);
  gtk_widget_class_bind_template_child (widget_class, DetailsPage, facts);
  gtk_widget_class_bind_template_child (widget_class, DetailsPage, remember);
  gtk_widget_class_bind_template_callback (widget_class, on_export_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_remember_clicked);
}

static void
details_page_init (DetailsPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
