/* The check: a row for every layer between the USB socket and the clock. The machine is looked at when it is asked for;
 * what is said of the token follows the view as long as the page is open. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define CHECK_PAGE_TYPE (check_page_get_type ())
G_DECLARE_FINAL_TYPE (CheckPage, check_page, ASSISTANT, CHECK_PAGE, GtkBox)

/* Signal "checked" (): check_page_get_summary () says something else. */

/* The page is about to be seen: looks at the machine, and shows the row LAYER and gives it the keyboard; NULL: shows the
 * first row that is not right. */
void check_page_open (CheckPage *page, const char *layer);

void check_page_show_view (CheckPage *page, View *view);

/* "1 problem, 1 warning", or that it is still checking. */
const char *check_page_get_summary (CheckPage *page);
