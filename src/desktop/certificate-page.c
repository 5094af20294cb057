#include "certificate-page.h"

#include <glib/gi18n.h>

#include "fact-row.h"
#include "look.h"

struct _CertificatePage
{
  GtkScrolledWindow parent;
  GtkWidget *reading, *reading_text, *reading_bar;
  GtkWidget *image, *holder, *organization, *issued_by, *status, *renew;
  GtkWidget *lifetime, *lifetime_bar, *valid_from, *valid_until;
  GtkWidget *facts, *heading, *certificates;
  guint generation; /* of the token that is shown */
};

G_DEFINE_TYPE (CertificatePage, certificate_page, GTK_TYPE_SCROLLED_WINDOW)

static guint activated_signal;

/* Text that may not be there: then the label is not either. */
static void
set_text (GtkWidget *label, const char *text)
{
  gtk_label_set_text (GTK_LABEL (label), text ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

static void
show_lifetime (CertificatePage *page, const CertificateView *certificate)
{
  gboolean known = certificate && certificate->elapsed >= 0 && certificate->valid_from && certificate->valid_until;

  gtk_widget_set_visible (page->lifetime, known);
  if (!known)
    return;
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (page->lifetime_bar), certificate->elapsed);
  look_mark_state (page->lifetime_bar, certificate);
  set_text (page->valid_from, certificate->valid_from);
  set_text (page->valid_until, certificate->valid_until);
}

static void
show_renewal (CertificatePage *page, const TokenView *token)
{
  gtk_widget_set_visible (page->renew, token->renewable != NULL);
  if (!token->renewable)
    return;
  gtk_actionable_set_action_target_value (GTK_ACTIONABLE (page->renew), g_variant_new_string (token->renewable));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (page->renew), "app.renew");
}

static void
show_primary (CertificatePage *page, const TokenView *token, const CertificateView *certificate)
{
  gtk_image_set_from_icon_name (GTK_IMAGE (page->image), look_get_icon (token), GTK_ICON_SIZE_DIALOG);
  set_text (page->holder, certificate ? certificate->holder : token->headline);
  set_text (page->organization, certificate ? certificate->organization : NULL);
  set_text (page->issued_by, certificate ? certificate->issued_by : token->complete ? token->lifetime : NULL);
  set_text (page->status, certificate ? certificate->status : NULL);
  look_mark_state (page->status, certificate);
  show_renewal (page, token);
  show_lifetime (page, certificate);
}

static void
show_pin_button (CertificatePage *page, guint index, const PinRow *pin)
{
  FactButton button = { .label = _ ("Change _PIN…"), .action = "app.change-pin-of", .target = pin->target };

  if (g_strcmp0 (pin->action, "unlock") == 0)
    button = (FactButton){ .label = _ ("_Unlock…"), .action = "app.unlock-of", .target = pin->target };
  fact_row_show_button (GTK_LIST_BOX (page->facts), index, pin->action ? &button : NULL);
}

/* The PINs, and what else there is to know. */
static void
show_facts (CertificatePage *page, const TokenView *token)
{
  g_autoptr (GPtrArray) facts = g_ptr_array_new ();
  Fact pins[TOKEN_MAX_PINS] = { 0 };
  guint n_pins = MIN (token->pins->len, TOKEN_MAX_PINS);
  FactButton help = { .label = _ ("_Test page"), .action = "app.issuer-page", .target = token->token->id };

  for (guint i = 0; i < n_pins; i++)
    {
      const PinRow *pin = token->pins->pdata[i];

      pins[i] = (Fact){ .name = pin->name, .value = pin->status };
      g_ptr_array_add (facts, &pins[i]);
    }
  for (guint i = 0; i < token->facts->len; i++)
    g_ptr_array_add (facts, token->facts->pdata[i]);
  fact_row_show_facts (GTK_LIST_BOX (page->facts), facts);
  for (guint i = 0; i < n_pins; i++)
    show_pin_button (page, i, token->pins->pdata[i]);
  for (guint i = n_pins; i < facts->len; i++)
    fact_row_show_button (GTK_LIST_BOX (page->facts), i,
                          token->help_page && i == n_pins + token->support ? &help : NULL);
}

void
certificate_page_show_token (CertificatePage *page, const TokenView *token)
{
  const CertificateView *primary = token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;

  gtk_widget_set_visible (page->reading, !token->complete);
  gtk_label_set_text (GTK_LABEL (page->reading_text), token->reading ? token->reading : "");
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (page->reading_bar), CLAMP (token->progress, 0, 1));
  show_primary (page, token, primary);
  show_facts (page, token);
  fact_row_show_certificates (GTK_LIST_BOX (page->certificates), token->certificates);
  gtk_widget_set_visible (page->certificates, primary != NULL);
  gtk_widget_set_visible (page->heading, primary != NULL);

  if (page->generation != token->generation)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (page)), 0);
  page->generation = token->generation;
}

static void
on_row_activated (GtkListBox *list G_GNUC_UNUSED, GtkListBoxRow *row, gpointer data)
{
  g_signal_emit (data, activated_signal, 0, (guint) gtk_list_box_row_get_index (row));
}

static void
certificate_page_class_init (CertificatePageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  activated_signal = g_signal_new ("certificate-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                   NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/certificate-page.ui");
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, reading);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, reading_text);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, reading_bar);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, image);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, holder);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, organization);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, issued_by);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, status);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, renew);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, lifetime);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, lifetime_bar);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, valid_from);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, valid_until);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, facts);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, heading);
  gtk_widget_class_bind_template_child (widget_class, CertificatePage, certificates);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
certificate_page_init (CertificatePage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
}
