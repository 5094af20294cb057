/* One question of the help and its answer; activated, it leads to a row of the check. */
#pragma once

#include <gtk/gtk.h>

#define HELP_ROW_TYPE (help_row_get_type ())
G_DECLARE_FINAL_TYPE (HelpRow, help_row, ASSISTANT, HELP_ROW, GtkListBoxRow)

GtkWidget *help_row_new (const char *question, const char *answer);
