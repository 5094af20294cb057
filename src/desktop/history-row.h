/* One entry of the history: when, and what. */
#pragma once

#include <gtk/gtk.h>

#include "history.h"

#define HISTORY_ROW_TYPE (history_row_get_type ())
G_DECLARE_FINAL_TYPE (HistoryRow, history_row, ASSISTANT, HISTORY_ROW, GtkListBoxRow)

GtkWidget *history_row_new (const HistoryEntry *entry);

/* The day of its entry, to stand above the first of each day. */
const char *history_row_get_day (HistoryRow *row);
