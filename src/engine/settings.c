#include "settings.h"

#include <string.h>

#define MAX_DAYS 3650

static const char *const keys[] = {
  SETTINGS_HIDE_ICON, SETTINGS_REMIND_DAYS, SETTINGS_QUIET_HOURS,  SETTINGS_QUIET_FROM,
  SETTINGS_QUIET_TO,  SETTINGS_REMEMBER,    SETTINGS_WARN_SEVERAL,
};

/* Asking for a key that is not there would end the program. */
static gboolean
has_all_keys (GSettingsSchema *schema)
{
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (!g_settings_schema_has_key (schema, keys[i]))
      return FALSE;
  return TRUE;
}

GSettings *
settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  GSettingsSchema *schema = source ? g_settings_schema_source_lookup (source, APPLICATION_ID, TRUE) : NULL;
  GSettings *settings = schema && has_all_keys (schema) ? g_settings_new_full (schema, NULL, NULL) : NULL;

  g_clear_pointer (&schema, g_settings_schema_unref);
  return settings;
}

gboolean
settings_get_hide_icon (GSettings *settings)
{
  return settings ? g_settings_get_boolean (settings, SETTINGS_HIDE_ICON) : TRUE;
}

gboolean
settings_get_remember (GSettings *settings)
{
  return settings ? g_settings_get_boolean (settings, SETTINGS_REMEMBER) : RULES_DEFAULT.remind_absent;
}

static int
compare_falling (gconstpointer a, gconstpointer b)
{
  return *(const gint32 *) b - *(const gint32 *) a;
}

/* Puts the DAYS that make sense into RULES, falling, each once. Of too many the last ones stay: a reminder that does
 * not come shortly before the end is the greater loss. */
static void
set_steps (Rules *rules, const gint32 *days, gsize n_days)
{
  g_autoptr (GArray) steps = g_array_new (FALSE, FALSE, sizeof (gint32));
  guint first;

  for (gsize i = 0; i < n_days; i++)
    if (days[i] >= 0 && days[i] <= MAX_DAYS)
      g_array_append_val (steps, days[i]);
  g_array_sort (steps, compare_falling);
  for (guint i = steps->len; i > 1; i--)
    if (g_array_index (steps, gint32, i - 1) == g_array_index (steps, gint32, i - 2))
      g_array_remove_index (steps, i - 1);
  rules->n_steps = MIN (steps->len, RULES_MAX_STEPS);
  first = steps->len - rules->n_steps;
  for (guint i = 0; i < rules->n_steps; i++)
    rules->steps[i] = g_array_index (steps, gint32, first + i);
}

Rules
settings_get_rules (GSettings *settings)
{
  Rules rules = RULES_DEFAULT;
  g_autoptr (GVariant) days = NULL;
  const gint32 *values;
  gsize n_values;

  if (!settings)
    return rules;
  days = g_settings_get_value (settings, SETTINGS_REMIND_DAYS);
  values = g_variant_get_fixed_array (days, &n_values, sizeof *values);
  memset (rules.steps, 0, sizeof rules.steps);
  set_steps (&rules, values, n_values);
  if (g_settings_get_boolean (settings, SETTINGS_QUIET_HOURS))
    {
      rules.quiet_from = g_settings_get_int (settings, SETTINGS_QUIET_FROM);
      rules.quiet_to = g_settings_get_int (settings, SETTINGS_QUIET_TO);
    }
  rules.remind_absent = settings_get_remember (settings);
  rules.want_one_token = g_settings_get_boolean (settings, SETTINGS_WARN_SEVERAL);
  return rules;
}
