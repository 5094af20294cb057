/* All that there is to know about one certificate, to read, to copy and to save. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define DETAILS_PAGE_TYPE (details_page_get_type ())
G_DECLARE_FINAL_TYPE (DetailsPage, details_page, ASSISTANT, DETAILS_PAGE, GtkScrolledWindow)

void details_page_show_certificate (DetailsPage *page, const CertificateView *certificate);
