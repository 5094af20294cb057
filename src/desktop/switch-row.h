/* One row of a card with something to choose: what it is, under it what it means, at the end a switch. A screen reader
 * has both sentences with the switch. */
#pragma once

#include <gtk/gtk.h>

/* Properties: "title", with a mnemonic; "text", or NULL; "active", to bind a setting to. */
#define SWITCH_ROW_TYPE (switch_row_get_type ())
G_DECLARE_FINAL_TYPE (SwitchRow, switch_row, ASSISTANT, SWITCH_ROW, GtkBox)
