#include "token.h"

#include <string.h>

#include "fields.h"

static const Field pin_fields[] = {
  FIELD (Pin, ref, FIELD_TEXT, 0, 0),
  FIELD (Pin, label, FIELD_TEXT, 0, 0),
  FIELD (Pin, tries_left, FIELD_NUMBER, PIN_UNKNOWN, 255),
  FIELD (Pin, tries_max, FIELD_NUMBER, PIN_UNKNOWN, 255),
  FIELD (Pin, blocked, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Pin, few, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Pin, officer, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Pin, is_default, FIELD_NUMBER, PIN_UNKNOWN, TRUE),
  FIELD (Pin, min_length, FIELD_NUMBER, PIN_UNKNOWN, 255),
  FIELD (Pin, max_length, FIELD_NUMBER, PIN_UNKNOWN, 255),
  FIELD (Pin, charset, FIELD_NUMBER, PIN_CHARSET_UNKNOWN, PIN_N_CHARSETS - 1),
  FIELD (Pin, pinpad, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Pin, unlock, FIELD_NUMBER, PIN_UNLOCK_UNKNOWN, PIN_N_UNLOCKS - 1),
  FIELD (Pin, unlock_tries_left, FIELD_NUMBER, PIN_UNKNOWN, 255),
};

static const Field token_fields[] = {
  FIELD (Token, id, FIELD_TEXT, 0, 0),
  FIELD (Token, family, FIELD_NUMBER, TOKEN_FAMILY_PIV, TOKEN_N_FAMILIES - 1),
  FIELD (Token, label, FIELD_TEXT, 0, 0),
  FIELD (Token, serial, FIELD_TEXT, 0, 0),
  FIELD (Token, unreadable, FIELD_TEXTS, 0, TOKEN_MAX_CERTIFICATES),
  FIELD (Token, complete, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Token, steps_done, FIELD_NUMBER, 0, 1000),
  FIELD (Token, steps_total, FIELD_NUMBER, 0, 1000),
};

Pin *
pin_new (const char *ref)
{
  Pin *pin = g_new0 (Pin, 1);

  pin->ref = g_strdup (ref);
  pin->tries_left = pin->tries_max = pin->is_default = PIN_UNKNOWN;
  pin->min_length = pin->max_length = pin->unlock_tries_left = PIN_UNKNOWN;
  return pin;
}

void
pin_free (Pin *pin)
{
  fields_clear (pin_fields, G_N_ELEMENTS (pin_fields), pin);
  g_free (pin);
}

gboolean
pin_is_administrators (const Pin *pin)
{
  g_auto (GStrv) words = g_strsplit (pin->ref, "-", -1);

  return g_strv_contains ((const char *const *) words, "admin");
}

const char *
pin_charset_to_string (PinCharset charset)
{
  static const char *const words[PIN_N_CHARSETS] = { NULL, "digits", "any" };

  return words[charset];
}

const char *
pin_unlock_to_string (PinUnlock unlock)
{
  static const char *const words[PIN_N_UNLOCKS] = { NULL, "none", "puk", "admin", "issuer" };

  return words[unlock];
}

Token *
token_new (TokenFamily family)
{
  Token *token = g_new0 (Token, 1);

  g_ref_count_init (&token->refs);
  token->family = family;
  token->pins = g_ptr_array_new_with_free_func ((GDestroyNotify) pin_free);
  token->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  return token;
}

Token *
token_ref (Token *token)
{
  g_ref_count_inc (&token->refs);
  return token;
}

void
token_unref (Token *token)
{
  if (!g_ref_count_dec (&token->refs))
    return;
  fields_clear (token_fields, G_N_ELEMENTS (token_fields), token);
  g_ptr_array_unref (token->pins);
  g_ptr_array_unref (token->certificates);
  g_free (token);
}

static int
compare_fingerprints (gconstpointer a, gconstpointer b)
{
  return strcmp ((*(Certificate *const *) a)->sha256, (*(Certificate *const *) b)->sha256);
}

/* One fingerprint over those of all certificates, whatever their order; NULL without certificates. */
static char *
make_fingerprint (const Token *token)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (token->certificates, NULL, NULL);

  if (sorted->len == 0)
    return NULL;
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_fingerprints);
  for (guint i = 0; i < sorted->len; i++)
    g_checksum_update (checksum, (const guchar *) ((Certificate *) sorted->pdata[i])->sha256, -1);
  return g_strdup (g_checksum_get_string (checksum));
}

void
token_add_unreadable (Token *token, const char *id)
{
  guint n = token->unreadable != NULL ? g_strv_length (token->unreadable) : 0;

  token->unreadable = g_renew (char *, token->unreadable, n + 2);
  token->unreadable[n] = g_strdup (id);
  token->unreadable[n + 1] = NULL;
}

void
token_set_identity (Token *token)
{
  g_autofree char *fingerprint = token->serial ? NULL : make_fingerprint (token);

  g_free (token->id);
  token->id = g_strdup_printf ("%s-%.*s", token_family_to_string (token->family), token->serial ? 64 : 16,
                               token->serial ? token->serial
                               : fingerprint ? fingerprint
                                             : "unknown");
}

char *
token_make_fingerprint (const Token *token)
{
  g_autofree char *certificates = make_fingerprint (token);
  g_autofree char *all =
    g_strjoin ("\n", token_family_to_string (token->family), token->serial ? token->serial : "", certificates, NULL);

  return g_compute_checksum_for_string (G_CHECKSUM_SHA256, all, -1);
}

const Pin *
token_find_pin (const Token *token, const char *ref)
{
  for (guint i = 0; i < token->pins->len; i++)
    if (strcmp (((Pin *) token->pins->pdata[i])->ref, ref) == 0)
      return token->pins->pdata[i];
  return NULL;
}

const Certificate *
token_find_certificate (const Token *token, const char *sha256)
{
  for (guint i = 0; i < token->certificates->len; i++)
    if (strcmp (((Certificate *) token->certificates->pdata[i])->sha256, sha256) == 0)
      return token->certificates->pdata[i];
  return NULL;
}

gboolean
token_is_same (const Token *a, const Token *b)
{
  g_autofree char *fingerprint_a = token_make_fingerprint (a), *fingerprint_b = token_make_fingerprint (b);

  return strcmp (fingerprint_a, fingerprint_b) == 0;
}

gboolean
token_has_same_holder (const Token *a, const Token *b)
{
  const Certificate *x = token_get_primary (a), *y = token_get_primary (b);

  if (!x || !y || (!x->holder && !y->holder && !x->organization && !y->organization))
    return token_is_same (a, b);
  return g_strcmp0 (x->holder, y->holder) == 0 && g_strcmp0 (x->organization, y->organization) == 0;
}

Certificate *
token_get_primary (const Token *token)
{
  return token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;
}

Token *
token_forget_counters (Token *token)
{
  g_autoptr (GVariant) values = g_variant_ref_sink (token_to_variant (token));
  Token *copy = token_from_variant (values);

  g_return_val_if_fail (copy, token_ref (token)); /* it came as such values */
  for (guint i = 0; i < copy->pins->len; i++)
    {
      Pin *pin = copy->pins->pdata[i];

      pin->blocked = FALSE;
      pin->few = FALSE;
      pin->tries_left = pin->is_default = pin->unlock_tries_left = PIN_UNKNOWN;
    }
  return copy;
}

const char *
token_family_to_string (TokenFamily family)
{
  static const char *const words[TOKEN_N_FAMILIES] = { "piv", "openpgp", "pkcs15", "gids", "pkcs11", "skf" };

  return words[family];
}

GVariant *
token_to_variant (const Token *token)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  fields_write (&builder, token_fields, G_N_ELEMENTS (token_fields), token);

  g_variant_builder_open (&builder, G_VARIANT_TYPE ("{sv}"));
  g_variant_builder_add (&builder, "s", "pins");
  g_variant_builder_open (&builder, G_VARIANT_TYPE_VARIANT);
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < token->pins->len; i++)
    {
      g_variant_builder_open (&builder, G_VARIANT_TYPE_VARDICT);
      fields_write (&builder, pin_fields, G_N_ELEMENTS (pin_fields), token->pins->pdata[i]);
      g_variant_builder_close (&builder);
    }
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);

  g_variant_builder_open (&builder, G_VARIANT_TYPE ("{sv}"));
  g_variant_builder_add (&builder, "s", "certificates");
  g_variant_builder_open (&builder, G_VARIANT_TYPE_VARIANT);
  g_variant_builder_open (&builder, G_VARIANT_TYPE ("aa{sv}"));
  for (guint i = 0; i < token->certificates->len; i++)
    g_variant_builder_add_value (&builder, certificate_to_variant (token->certificates->pdata[i]));
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);
  g_variant_builder_close (&builder);
  return g_variant_builder_end (&builder);
}

static Pin *
pin_from_variant (GVariant *variant)
{
  Pin *pin = pin_new (NULL);

  fields_read (variant, pin_fields, G_N_ELEMENTS (pin_fields), pin);
  if (pin->ref && *pin->ref)
    return pin;
  pin_free (pin);
  return NULL;
}

/* Appends to ITEMS what PARSE makes of each child of VARIANT; FALSE when one is not what it should be, or there are
 * more than MAX. */
static gboolean
read_items (GVariant *token, const char *key, guint max, gpointer (*parse) (GVariant *), GPtrArray *items)
{
  g_autoptr (GVariant) list = g_variant_lookup_value (token, key, G_VARIANT_TYPE ("aa{sv}"));
  gsize n = list ? g_variant_n_children (list) : 0;

  if (n > max)
    return FALSE;
  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (list, i);
      gpointer item = parse (child);

      if (!item)
        return FALSE;
      g_ptr_array_add (items, item);
    }
  return TRUE;
}

Token *
token_from_variant (GVariant *variant)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_PIV);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return NULL;
  fields_read (variant, token_fields, G_N_ELEMENTS (token_fields), token);
  if (!token->complete && !token->id)
    token->id = g_strdup ("reading"); /* who it is shows in the end */
  if (!token->id || !*token->id
      || !read_items (variant, "pins", TOKEN_MAX_PINS, (gpointer (*) (GVariant *)) pin_from_variant, token->pins)
      || !read_items (variant, "certificates", TOKEN_MAX_CERTIFICATES,
                      (gpointer (*) (GVariant *)) certificate_from_variant, token->certificates))
    return NULL;
  return g_steal_pointer (&token);
}
