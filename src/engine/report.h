/* View → JSON: the contract that other programs read (the README's section "For programs"). Absent means unknown;
 * nothing is invented, and a token that is still being read is not there yet. */
#pragma once

#include <json-glib/json-glib.h>

#include "model/diagnosis.h"

JsonNode *report_build (const View *view) G_GNUC_WARN_UNUSED_RESULT;

/* The same as text: one line, or PRETTY. (transfer full) */
char *report_to_json (const View *view, gboolean pretty) G_GNUC_WARN_UNUSED_RESULT;

/* Of a diagnosis, with a word for each row that stays. (transfer full) */
char *report_diagnosis_to_json (const Diagnosis *diagnosis) G_GNUC_WARN_UNUSED_RESULT;
