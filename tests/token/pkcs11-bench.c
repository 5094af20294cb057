#include "pkcs11-bench.h"

#include <string.h>

#include "hex.h"
#include "testcert.h"

/* ---- records ---- */

void
pkcs11_put (GPtrArray *records, WireKind kind, gconstpointer bytes, gsize length)
{
  ModuleRecord *record = g_malloc (sizeof *record + length + 1);
  guint8 *copy = (guint8 *) (record + 1);

  if (length > 0)
    memcpy (copy, bytes, length);
  copy[length] = '\0';
  *record = (ModuleRecord){ kind, length, copy };
  g_ptr_array_add (records, record);
}

GPtrArray *
pkcs11_records_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
fill (CK_UTF8CHAR *field, gsize size, const char *text)
{
  memset (field, ' ', size);
  memcpy (field, text, MIN (size, strlen (text)));
}

void
pkcs11_put_slot (GPtrArray *records, CK_SLOT_ID slot, const char *description, CK_FLAGS flags)
{
  CK_SLOT_INFO info = { .flags = flags };
  guint8 bytes[sizeof slot + sizeof info];

  fill (info.slotDescription, sizeof info.slotDescription, description);
  fill (info.manufacturerID, sizeof info.manufacturerID, "Example");
  memcpy (bytes, &slot, sizeof slot);
  memcpy (bytes + sizeof slot, &info, sizeof info);
  pkcs11_put (records, WIRE_SLOT, bytes, sizeof bytes);
}

void
pkcs11_put_token (GPtrArray *records, const char *label, const char *maker, const char *serial, CK_FLAGS flags)
{
  CK_TOKEN_INFO info = { .flags = flags, .ulMinPinLen = 6, .ulMaxPinLen = 16 };

  fill (info.label, sizeof info.label, label);
  fill (info.manufacturerID, sizeof info.manufacturerID, maker);
  fill (info.model, sizeof info.model, "Model");
  fill (info.serialNumber, sizeof info.serialNumber, serial);
  pkcs11_put (records, WIRE_TOKEN, &info, sizeof info);
}

void
pkcs11_put_one (GPtrArray *records, CK_FLAGS flags)
{
  pkcs11_put_slot (records, PKCS11_SLOT, PKCS11_PLACE, CKF_HW_SLOT);
  pkcs11_put_token (records, "Zhang San", "Example", "4711", flags);
}

void
pkcs11_put_der (GPtrArray *records, const char *id, const guint8 *der, gsize length)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (id);

  pkcs11_put (records, WIRE_ID, bytes->data, bytes->len);
  pkcs11_put (records, WIRE_LABEL, "Certificate", 11);
  pkcs11_put (records, WIRE_SIGNATURE, der, length);
}

void
pkcs11_put_certificate (GPtrArray *records, const char *id, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", holder);

  pkcs11_put_der (records, id, der->data, der->len);
}

void
pkcs11_put_failure (GPtrArray *records, guint64 code, const char *function)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) &code, sizeof code);
  g_byte_array_append (bytes, (const guint8 *) function, (guint) strlen (function));
  pkcs11_put (records, WIRE_FAILED, bytes->data, bytes->len);
}

/* ---- what came of them ---- */

ModuleToken *
pkcs11_get (const GPtrArray *tokens, guint i)
{
  g_assert_cmpuint (i, <, tokens->len);
  return tokens->pdata[i];
}

static char *
join_ids (const Token *token)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < token->certificates->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", ((Certificate *) token->certificates->pdata[i])->id);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

void
pkcs11_assert_ids (const Token *token, const char *readable, const char *unreadable)
{
  g_autofree char *found = join_ids (token);
  g_autofree char *others = token->unreadable != NULL ? g_strjoinv (" ", token->unreadable) : g_strdup ("");

  g_assert_cmpstr (found, ==, readable);
  g_assert_cmpstr (others, ==, unreadable);
}

/* Whatever the records were. */
static void
assert_sound (const GPtrArray *tokens)
{
  g_assert_cmpuint (tokens->len, <=, MODULE_MAX_TOKENS);
  for (guint i = 0; i < tokens->len; i++)
    {
      const ModuleToken *token = tokens->pdata[i];
      g_autoptr (GVariant) variant = NULL;
      g_autoptr (Token) copy = NULL;

      for (guint j = 0; j < i; j++)
        g_assert_cmpstr (token->place, !=, ((ModuleToken *) tokens->pdata[j])->place);
      g_assert_cmpuint (token->token->pins->len, ==, token->addresses->len);
      for (guint j = 1; j < token->token->pins->len; j++)
        g_assert_cmpstr (((Pin *) token->token->pins->pdata[j])->ref, !=,
                         ((Pin *) token->token->pins->pdata[j - 1])->ref);

      token_set_identity (token->token);
      variant = g_variant_ref_sink (token_to_variant (token->token));
      copy = token_from_variant (variant);
      g_assert_nonnull (copy);
      g_assert_cmpuint (copy->certificates->len, ==, token->token->certificates->len);
      g_assert_cmpuint (copy->pins->len, ==, token->token->pins->len);
    }
}

GPtrArray *
pkcs11_parse (const GPtrArray *records)
{
  GPtrArray *tokens = pkcs11_module.parse (records);

  assert_sound (tokens);
  return tokens;
}
