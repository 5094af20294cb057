/* One row of the check: a sign and a word for its state, what it is about, what there is to say, and a button for what
 * can be done. */
#pragma once

#include <gtk/gtk.h>

#include "model/diagnosis.h"

#define CHECK_ROW_TYPE (check_row_get_type ())
G_DECLARE_FINAL_TYPE (CheckRow, check_row, ASSISTANT, CHECK_ROW, GtkListBoxRow)

/* Signal "again" (): the remedy is another check. All others the row does itself. */
GtkWidget *check_row_new (void);

/* Shows ROW from now on, of which it keeps nothing. */
void check_row_show (CheckRow *check, const DiagnosisRow *row);
