#include "look.h"

static const struct
{
  const char *icon;
  const char *style; /* class in style.css */
} looks[VALIDITY_N] = {
  [VALIDITY_UNKNOWN] = { "cert-assistant-warning", "unknown" },
  [VALIDITY_VALID] = { "cert-assistant-token", "valid" },
  [VALIDITY_EXPIRING] = { "cert-assistant-warning", "expiring" },
  [VALIDITY_EXPIRED] = { "cert-assistant-problem", "expired" },
  [VALIDITY_NOT_YET_VALID] = { "cert-assistant-problem", "expired" },
};

static Validity
get_state (const CertificateView *certificate)
{
  return !certificate ? VALIDITY_UNKNOWN : certificate->revoked ? VALIDITY_EXPIRED : certificate->validity;
}

const char *
look_get_icon (const TokenView *token)
{
  if (token->certificates->len > 0)
    return looks[get_state (token->certificates->pdata[0])].icon;
  return token->complete ? "cert-assistant-warning" : "cert-assistant-reading";
}

void
look_mark_state (GtkWidget *widget, const CertificateView *certificate)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  for (guint i = 0; i < VALIDITY_N; i++)
    gtk_style_context_remove_class (context, looks[i].style);
  gtk_style_context_add_class (context, looks[get_state (certificate)].style);
}
