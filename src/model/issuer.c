#include "issuer.h"

#include <string.h>

#include "text.h"

#define GROUP       "Issuer"
#define MAX_CHARS   200
#define MAX_URL     1024
#define MAX_ENTRIES 64
#define MAX_LENGTH  255 /* of a PIN */

static const struct
{
  const char *word;
  IssuerPinClass class;
} pin_classes[] = {
  { "digit", ISSUER_PIN_DIGIT },
  { "lower", ISSUER_PIN_LOWER },
  { "upper", ISSUER_PIN_UPPER },
  { "sign", ISSUER_PIN_SIGN },
};

/* RAW, clean and not long; NULL when nothing is left of it. */
static char *
make_text (const char *raw)
{
  g_autofree char *clean = text_clean (raw, -1);

  return clean && *clean ? g_utf8_substring (clean, 0, MIN (g_utf8_strlen (clean, -1), MAX_CHARS)) : NULL;
}

static char *
read_text (GKeyFile *file, const char *key)
{
  g_autofree char *raw = g_key_file_get_string (file, GROUP, key, NULL);

  return make_text (raw);
}

/* The entries of a list; an empty one would match anything, and half of a long one means something else than the whole:
 * both are left out. */
static GStrv
read_list (GKeyFile *file, const char *key, GError **error)
{
  g_auto (GStrv) raw = g_key_file_get_string_list (file, GROUP, key, NULL, error);
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  guint n = 0;

  if (!raw)
    return NULL;
  for (guint i = 0; raw[i] && n < MAX_ENTRIES; i++)
    {
      g_autofree char *text = text_clean (raw[i], -1);

      if (!*text || g_utf8_strlen (text, -1) > MAX_CHARS)
        continue;
      g_strv_builder_add (texts, text);
      n++;
    }
  return g_strv_builder_end (texts);
}

/* Whether URL can be opened as it stands: RFC 3986 knows ASCII alone, and a user in it hides which host it is. */
static gboolean
is_page (const char *url)
{
  g_autoptr (GUri) uri = NULL;

  for (const char *p = url; *p; p++)
    if (!g_ascii_isgraph (*p))
      return FALSE;
  uri = strlen (url) <= MAX_URL ? g_uri_parse (url, G_URI_FLAGS_NONE, NULL) : NULL;
  return uri && strcmp (g_uri_get_scheme (uri), "https") == 0 && g_uri_get_host (uri) && *g_uri_get_host (uri)
         && !g_uri_get_userinfo (uri);
}

static char *
read_page (GKeyFile *file, const char *key)
{
  g_autofree char *url = g_key_file_get_string (file, GROUP, key, NULL);

  return url && is_page (g_strchomp (url)) ? g_steal_pointer (&url) : NULL;
}

static gboolean
read_length (GKeyFile *file, const char *key, int *length, GError **error)
{
  g_autoptr (GError) invalid = NULL;

  *length = -1;
  if (!g_key_file_has_key (file, GROUP, key, NULL))
    return TRUE;
  *length = g_key_file_get_integer (file, GROUP, key, &invalid);
  if (!invalid && *length >= 1 && *length <= MAX_LENGTH)
    return TRUE;
  if (!invalid)
    invalid = g_error_new (G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "%s is not 1 to %d", key, MAX_LENGTH);
  g_propagate_error (error, g_steal_pointer (&invalid));
  return FALSE;
}

static gboolean
read_lengths (Issuer *issuer, GKeyFile *file, GError **error)
{
  if (!read_length (file, "PinMinLength", &issuer->pin_min_length, error)
      || !read_length (file, "PinMaxLength", &issuer->pin_max_length, error))
    return FALSE;
  if (issuer->pin_max_length != -1 && issuer->pin_min_length > issuer->pin_max_length)
    {
      g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE,
                           "PinMinLength is more than PinMaxLength");
      return FALSE;
    }
  return TRUE;
}

/* A word that nobody knows is left out: the token still has the last word on a PIN. */
static guint
read_classes (GKeyFile *file)
{
  g_auto (GStrv) words = read_list (file, "PinClasses", NULL);
  guint classes = 0;

  for (gsize i = 0; words && i < G_N_ELEMENTS (pin_classes); i++)
    if (g_strv_contains ((const char *const *) words, pin_classes[i].word))
      classes |= pin_classes[i].class;
  return classes;
}

/* What no profile can do without. */
static gboolean
read_identity (Issuer *issuer, GKeyFile *file, GError **error)
{
  g_autofree char *name = g_key_file_get_locale_string (file, GROUP, "Name", NULL, error);
  gboolean found = name && (issuer->match = read_list (file, "Match", error));

  if (!found)
    return FALSE;
  issuer->name = make_text (name);
  if (issuer->name && *issuer->match)
    return TRUE;
  g_set_error_literal (error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_INVALID_VALUE, "Name or Match is empty");
  return FALSE;
}

Issuer *
issuer_new_from_key_file (GKeyFile *file, GError **error)
{
  g_autoptr (Issuer) issuer = g_new0 (Issuer, 1);

  g_ref_count_init (&issuer->refs);
  if (!read_identity (issuer, file, error) || !read_lengths (issuer, file, error))
    return NULL;
  issuer->renew_url = read_page (file, "RenewUrl");
  issuer->unlock_url = read_page (file, "UnlockUrl");
  issuer->check_url = read_page (file, "CheckUrl");
  issuer->hotline = read_text (file, "Hotline");
  issuer->pin_classes = read_classes (file);
  issuer->initial_pins = read_list (file, "InitialPins", NULL);
  if (!issuer->initial_pins)
    issuer->initial_pins = g_new0 (char *, 1);
  return g_steal_pointer (&issuer);
}

Issuer *
issuer_ref (Issuer *issuer)
{
  g_ref_count_inc (&issuer->refs);
  return issuer;
}

void
issuer_unref (Issuer *issuer)
{
  if (!g_ref_count_dec (&issuer->refs))
    return;
  g_free (issuer->name);
  g_strfreev (issuer->match);
  g_free (issuer->renew_url);
  g_free (issuer->unlock_url);
  g_free (issuer->check_url);
  g_free (issuer->hotline);
  g_strfreev (issuer->initial_pins);
  g_free (issuer);
}

const char *
issuer_get_key (const Issuer *issuer)
{
  return issuer->match[0];
}

static gboolean
is_oid (const char *match)
{
  return strspn (match, "0123456789.") == strlen (match);
}

static gboolean
has_policy (const Certificate *certificate, const char *oid)
{
  return certificate->policies && g_strv_contains ((const char *const *) certificate->policies, oid);
}

gboolean
issuer_matches (const Issuer *issuer, const Certificate *certificate)
{
  g_autofree char *name = certificate->issuer ? g_utf8_casefold (certificate->issuer, -1) : NULL;

  for (guint i = 0; issuer->match[i]; i++)
    {
      const char *match = issuer->match[i];
      g_autofree char *part = g_utf8_casefold (match, -1);

      if (is_oid (match) ? has_policy (certificate, match) : name && strstr (name, part))
        return TRUE;
    }
  return FALSE;
}

Issuer *
issuer_find (const GPtrArray *issuers, const Certificate *certificate)
{
  for (guint i = 0; certificate && i < issuers->len; i++)
    if (issuer_matches (issuers->pdata[i], certificate))
      return issuers->pdata[i];
  return NULL;
}
