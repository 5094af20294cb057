/* An entry for a PIN with an eye: while that is pressed, and for some seconds, one can read what one has typed. */
#pragma once

#include "pin-entry.h"

#define PIN_FIELD_TYPE (pin_field_get_type ())
G_DECLARE_FINAL_TYPE (PinField, pin_field, ASSISTANT, PIN_FIELD, GtkOverlay)

/* What is typed into, and what a label stands for. */
PinEntry *pin_field_get_entry (PinField *field);

/* Shows dots again. */
void pin_field_hide_text (PinField *field);

/* Marks it as what is wrong, for the reason SENTENCE; NULL: it is not. */
void pin_field_show_error (PinField *field, const char *sentence);
