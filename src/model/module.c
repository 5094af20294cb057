#include "module.h"

#include <string.h>

#include "error.h"
#include "text.h"

#define GROUP          "Module"
#define NAME_MAX_CHARS 60
#define USB_DIGITS     4

/* ---- profiles ---- */

ModuleProfile *
module_profile_ref (ModuleProfile *profile)
{
  g_ref_count_inc (&profile->refs);
  return profile;
}

void
module_profile_unref (ModuleProfile *profile)
{
  if (!g_ref_count_dec (&profile->refs))
    return;
  g_free (profile->id);
  g_free (profile->name);
  g_free (profile->type);
  g_strfreev (profile->libraries);
  g_strfreev (profile->usb);
  g_free (profile);
}

static gboolean
is_type (const char *type)
{
  return g_strcmp0 (type, "pkcs11") == 0 || g_strcmp0 (type, "skf") == 0;
}

/* "055c" or "055c:e618" */
static gboolean
is_device (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (i == USB_DIGITS ? text[i] != ':' : !g_ascii_isxdigit (text[i]))
      return FALSE;
  return length == USB_DIGITS || length == 2 * USB_DIGITS + 1;
}

static gboolean
check (const ModuleProfile *profile, GError **error)
{
  const char *fault = NULL;

  if (!is_type (profile->type))
    fault = "Type is neither pkcs11 nor skf";
  else if (!profile->libraries || !profile->libraries[0])
    fault = "Library is missing";
  for (gsize i = 0; !fault && profile->libraries[i]; i++)
    if (!g_path_is_absolute (profile->libraries[i]))
      fault = "Library is no absolute path";
  for (gsize i = 0; !fault && profile->usb && profile->usb[i]; i++)
    if (!is_device (profile->usb[i]))
      fault = "Usb is not vid:pid";
  if (fault)
    g_set_error (error, ASSISTANT_ERROR, ERROR_MODULE_UNLOADABLE, "[%s] %s", GROUP, fault);
  return fault == NULL;
}

/* As a list of texts without blanks around them, or NULL. */
static GStrv
get_list (GKeyFile *file, const char *key)
{
  GStrv list = g_key_file_get_string_list (file, GROUP, key, NULL, NULL);

  for (gsize i = 0; list && list[i]; i++)
    g_strstrip (list[i]);
  return list;
}

ModuleProfile *
module_profile_new_from_key_file (GKeyFile *file, const char *id, GError **error)
{
  g_autoptr (ModuleProfile) profile = g_new0 (ModuleProfile, 1);
  g_autofree char *name = g_key_file_get_locale_string (file, GROUP, "Name", NULL, NULL);
  g_autofree char *cleaned = NULL;

  g_ref_count_init (&profile->refs);
  if (g_key_file_has_key (file, GROUP, "Enabled", NULL) && !g_key_file_get_boolean (file, GROUP, "Enabled", NULL))
    return NULL;
  profile->id = g_strdup (id);
  cleaned = text_clean (name ? name : id, -1);
  profile->name = text_shorten (cleaned, NAME_MAX_CHARS);
  profile->type = g_key_file_get_string (file, GROUP, "Type", NULL);
  profile->libraries = get_list (file, "Library");
  profile->usb = get_list (file, "Usb");
  profile->software_tokens = g_key_file_get_boolean (file, GROUP, "SoftwareTokens", NULL);
  return check (profile, error) ? g_steal_pointer (&profile) : NULL;
}

gboolean
module_profile_has_device (const ModuleProfile *profile, guint vendor, guint product)
{
  for (gsize i = 0; profile->usb && profile->usb[i]; i++)
    {
      const char *text = profile->usb[i];

      if (g_ascii_strtoull (text, NULL, 16) == vendor
          && (text[USB_DIGITS] == '\0' || g_ascii_strtoull (text + USB_DIGITS + 1, NULL, 16) == product))
        return TRUE;
    }
  return FALSE;
}

/* ---- reports ---- */

static void
entry_free (ModuleEntry *entry)
{
  g_free (entry->place);
  token_unref (entry->token);
  g_free (entry);
}

ModuleReport *
module_report_new (void)
{
  ModuleReport *report = g_new0 (ModuleReport, 1);

  report->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  return report;
}

void
module_report_free (ModuleReport *report)
{
  g_ptr_array_unref (report->entries);
  g_free (report);
}

void
module_report_add (ModuleReport *report, const char *place, Token *token)
{
  ModuleEntry *entry = g_new0 (ModuleEntry, 1);

  entry->place = g_strdup (place);
  entry->token = token;
  g_ptr_array_add (report->entries, entry);
}

GVariant *
module_report_to_variant (const ModuleReport *report)
{
  GVariantBuilder entries;

  g_variant_builder_init (&entries, G_VARIANT_TYPE ("a(sa{sv})"));
  for (guint i = 0; i < report->entries->len; i++)
    {
      const ModuleEntry *entry = report->entries->pdata[i];

      g_variant_builder_add (&entries, "(s@a{sv})", entry->place, token_to_variant (entry->token));
    }
  return g_variant_new ("(bba(sa{sv}))", report->uses_pcsc, report->only_software, &entries);
}

static gboolean
has_place (const ModuleReport *report, const char *place)
{
  for (guint i = 0; i < report->entries->len; i++)
    if (strcmp (((ModuleEntry *) report->entries->pdata[i])->place, place) == 0)
      return TRUE;
  return FALSE;
}

ModuleReport *
module_report_from_variant (GVariant *variant)
{
  g_autoptr (ModuleReport) report = module_report_new ();
  g_autoptr (GVariantIter) entries = NULL;
  GVariant *dictionary;
  const char *raw;

  g_variant_get (variant, MODULE_REPORT_TYPE, &report->uses_pcsc, &report->only_software, &entries);
  while (report->entries->len < MODULE_REPORT_MAX && g_variant_iter_next (entries, "(&s@a{sv})", &raw, &dictionary))
    {
      g_autoptr (GVariant) owned = dictionary;
      g_autofree char *place = text_clean (raw, -1);
      g_autoptr (Token) token = token_from_variant (owned);

      if (!token || !token->complete || has_place (report, place))
        return NULL;
      module_report_add (report, place, g_steal_pointer (&token));
    }
  return g_steal_pointer (&report);
}
