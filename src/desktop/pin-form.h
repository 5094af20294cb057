/* What is typed in the dialog for a PIN: the current PIN or the PUK, the new PIN twice, and where it is the last try
 * the confirmation; with the rules that the new PIN has to follow. Knows what is still missing. */
#pragma once

#include <gtk/gtk.h>

#include "model/pin-view.h"

#define PIN_FORM_TYPE (pin_form_get_type ())
G_DECLARE_FINAL_TYPE (PinForm, pin_form, ASSISTANT, PIN_FORM, GtkGrid)

/* Asks for what VIEW asks for, which must be no offer to decide. What is typed stays.
 * Signal "changed" (): the person has typed. Signal "entered" (): the person has pressed Return. */
void pin_form_show_view (PinForm *form, PinView *view);

/* Why it cannot be sent yet, in a sentence; *ENTRY: where to put that right. NULL when nothing is missing. (transfer
 * full) */
char *pin_form_explain_missing (PinForm *form, GtkWidget **entry);

/* The keyboard goes to the first entry, or to the NEW_PIN. ERROR: what was wrong with what stood there, or NULL. */
void pin_form_begin (PinForm *form, gboolean new_pin, const char *error);

/* Inside locked memory, valid until something is typed or wiped. */
PinText pin_form_get_secret (PinForm *form);
PinText pin_form_get_new_pin (PinForm *form);

/* Empties it; what was typed is overwritten. */
void pin_form_wipe (PinForm *form);

/* Shows dots again. */
void pin_form_hide_texts (PinForm *form);
