#include "preferences.h"

GSettings *
preferences_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  GSettingsSchema *schema = source ? g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE) : NULL;
  GSettings *preferences = NULL;

  /* An older installation may have the schema without the key: asking for it would end the program. */
  if (schema && g_settings_schema_has_key (schema, PREFERENCES_HIDE_ICON))
    preferences = g_settings_new_full (schema, NULL, NULL);
  g_clear_pointer (&schema, g_settings_schema_unref);
  return preferences;
}

gboolean
preferences_get_hide_icon (GSettings *preferences)
{
  return preferences ? g_settings_get_boolean (preferences, PREFERENCES_HIDE_ICON) : TRUE;
}
