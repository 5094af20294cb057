/* The linked buttons that choose between the tokens; not there with one token. Tokens are known by the number of their
 * insertion: two may have the same id. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

/* Signal "chosen" (guint generation): the person wants this token. */
#define TOKEN_SWITCH_TYPE (token_switch_get_type ())
G_DECLARE_FINAL_TYPE (TokenSwitch, token_switch, ASSISTANT, TOKEN_SWITCH, GtkScrolledWindow)

/* Offers the tokens of VIEW, of which GENERATION is shown. */
void token_switch_show_view (TokenSwitch *tokens, const View *view, guint generation);
