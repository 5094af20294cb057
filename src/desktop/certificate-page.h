/* The page of one token: whose it is, whether it is valid and for how long, how many tries are left; below, what else
 * there is to know, and its certificates. Follows a token that changes or is still being read without moving what the
 * person looks at. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

/* Signal "certificate-activated" (guint index): the person wants the details of this one of the token's certificates.
 */
#define CERTIFICATE_PAGE_TYPE (certificate_page_get_type ())
G_DECLARE_FINAL_TYPE (CertificatePage, certificate_page, ASSISTANT, CERTIFICATE_PAGE, GtkScrolledWindow)

void certificate_page_show_token (CertificatePage *page, const TokenView *token);
