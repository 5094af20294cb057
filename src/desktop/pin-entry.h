/* An entry for a PIN. What is typed stands in gcr's locked memory and nowhere else in one piece: the entry never copies
 * it, neither to a clipboard nor to an accessibility client, and no input method or menu sees it. */
#pragma once

#include <gtk/gtk.h>

#include "model/pin-rules.h"

#define PIN_ENTRY_TYPE (pin_entry_get_type ())
G_DECLARE_FINAL_TYPE (PinEntry, pin_entry, ASSISTANT, PIN_ENTRY, GtkEntry)

/* Inside locked memory, valid until the entry changes. */
PinText pin_entry_get_text (PinEntry *entry);

/* Empties it; what stood there is overwritten. */
void pin_entry_wipe (PinEntry *entry);

/* Whether a person can read it on the screen. To every program it stays a row of dots. */
void pin_entry_set_shown (PinEntry *entry, gboolean shown);
