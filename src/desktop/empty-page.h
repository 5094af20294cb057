/* The page while there is no token: what is in the way of one, or what to do; and after a while, whether to look for
 * the reason. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define EMPTY_PAGE_TYPE (empty_page_get_type ())
G_DECLARE_FINAL_TYPE (EmptyPage, empty_page, ASSISTANT, EMPTY_PAGE, GtkBox)

void empty_page_show_view (EmptyPage *page, const View *view);

/* The worst of what is in the way of a token, which this page says; or NULL. */
const FindingView *empty_page_find_hindrance (const View *view);
