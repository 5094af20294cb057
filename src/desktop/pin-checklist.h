/* The rules for a new PIN, each with a tick or a cross. */
#pragma once

#include <gtk/gtk.h>

#include "model/pin-rules.h"

#define PIN_CHECKLIST_TYPE (pin_checklist_get_type ())
G_DECLARE_FINAL_TYPE (PinChecklist, pin_checklist, ASSISTANT, PIN_CHECKLIST, GtkBox)

/* Shows those of RULES that are in LISTED, of which those in MET are met: bits (1 << PinRule). */
void pin_checklist_show_rules (PinChecklist *list, const PinRules *rules, guint listed, guint met);
