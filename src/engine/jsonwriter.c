#include "jsonwriter.h"

void
jsonwriter_add_text (JsonBuilder *json, const char *name, const char *value)
{
  if (!value)
    return;
  json_builder_set_member_name (json, name);
  json_builder_add_string_value (json, value);
}

void
jsonwriter_add_number (JsonBuilder *json, const char *name, gint64 value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, value);
}

void
jsonwriter_add_truth (JsonBuilder *json, const char *name, gboolean value)
{
  json_builder_set_member_name (json, name);
  json_builder_add_boolean_value (json, value);
}

void
jsonwriter_add_array (JsonBuilder *json,
                      const char *name,
                      const GPtrArray *items,
                      void (*add) (JsonBuilder *json, gconstpointer item))
{
  json_builder_set_member_name (json, name);
  json_builder_begin_array (json);
  for (guint i = 0; i < items->len; i++)
    {
      json_builder_begin_object (json);
      add (json, items->pdata[i]);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
}
