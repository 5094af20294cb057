/* What json-glib's builder leaves to say again and again: members of an object, left out where they are unknown. */
#pragma once

#include <json-glib/json-glib.h>

/* NULL: nothing is added. */
void jsonwriter_add_text (JsonBuilder *json, const char *name, const char *value);
void jsonwriter_add_number (JsonBuilder *json, const char *name, gint64 value);
void jsonwriter_add_truth (JsonBuilder *json, const char *name, gboolean value);

/* An array of objects, which ADD fills from each of ITEMS. */
void jsonwriter_add_array (JsonBuilder *json,
                           const char *name,
                           const GPtrArray *items,
                           void (*add) (JsonBuilder *json, gconstpointer item));
