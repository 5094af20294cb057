/* What a button does that copies: the text goes to the clipboard, and the button says so for a moment, with the word
 * "Copied" in place of its label or a tick in place of its icon. */
#pragma once

#include <gtk/gtk.h>

/* BUTTON has a label, or an image as its only child. */
void copy_button_copy (GtkButton *button, const char *text);

/* Ends the moment at once: BUTTON says again what it said before. For who is about to change that. */
void copy_button_settle (GtkButton *button);
