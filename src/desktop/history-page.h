/* The history, the newest first, by days. Only as many rows are made as are looked at: more come as one scrolls down,
 * and none are there while the page is not. */
#pragma once

#include <gtk/gtk.h>

#include "history.h"

#define HISTORY_PAGE_TYPE (history_page_get_type ())
G_DECLARE_FINAL_TYPE (HistoryPage, history_page, ASSISTANT, HISTORY_PAGE, GtkScrolledWindow)

/* Once: the history that the page shows and follows. */
void history_page_set_history (HistoryPage *page, History *history);
