#include "skf-bench.h"

#include <string.h>

#include "model/text.h"
#include "testcert.h"

#define LABEL  130
#define SERIAL 162

void
skf_bench_put_text (GPtrArray *records, WireKind kind, const char *text)
{
  pkcs11_put (records, kind, text, strlen (text));
}

void
skf_bench_put_info (GPtrArray *records, const char *label, const char *serial, gsize length)
{
  guint8 info[512] = { 1, 0 };

  memcpy (info + LABEL, label, MIN (strlen (label), 32));
  memcpy (info + SERIAL, serial, MIN (strlen (serial), 32));
  pkcs11_put (records, WIRE_DEVICE_INFO, info, length);
}

void
skf_bench_put_pin (GPtrArray *records, guint32 max, guint32 left, guint32 is_default)
{
  guint32 numbers[] = { 1, max, left, is_default };

  pkcs11_put (records, WIRE_PIN, numbers, sizeof numbers);
}

void
skf_bench_put_certificate (GPtrArray *records, WireKind kind, const char *holder, int year, const char *usages)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autofree char *end = g_strdup_printf ("%04d0101000000Z", year);
  g_autoptr (GByteArray) der = NULL;

  testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, holder, strlen (holder));
  g_assert_cmpint (ASN1_TIME_set_string_X509 (X509_getm_notAfter (x509), end), ==, 1);
  if (usages != NULL)
    {
      testcert_add_extension (x509, NID_key_usage, "digitalSignature");
      testcert_add_extension (x509, NID_ext_key_usage, usages);
    }
  der = testcert_finish (x509);
  pkcs11_put (records, kind, der->data, der->len);
}

void
skf_bench_put_start (GPtrArray *records, const char *device)
{
  skf_bench_put_text (records, WIRE_DEVICE, device);
  skf_bench_put_info (records, "BJCA-UserKey", device, 512);
  skf_bench_put_text (records, WIRE_APPLICATION, SKF_APPLICATION);
  skf_bench_put_pin (records, 10, 10, 0);
  skf_bench_put_text (records, WIRE_CONTAINER, "personalCert00");
}

GPtrArray *
skf_bench_parse (const GPtrArray *records)
{
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  GPtrArray *modules = skf_module.parse (records);

  g_assert_cmpuint (modules->len, <=, MODULE_MAX_TOKENS);
  for (guint i = 0; i < modules->len; i++)
    {
      ModuleToken *module = modules->pdata[i];
      g_autofree char *clean = text_clean (module->place, -1);
      g_autoptr (GVariant) variant = NULL;
      g_autoptr (Token) copy = NULL;

      g_assert_cmpstr (module->place, ==, clean);
      g_assert_true (*clean != '\0' && g_hash_table_add (places, module->place));
      g_assert_cmpuint (module->addresses->len, ==, module->token->pins->len);
      token_set_identity (module->token);
      module->token->complete = TRUE;
      variant = g_variant_ref_sink (token_to_variant (module->token));
      copy = token_from_variant (variant);
      g_assert_nonnull (copy);
      g_assert_true (token_is_same (copy, module->token));
    }
  return modules;
}

ModuleToken *
skf_bench_parse_one (const GPtrArray *records)
{
  g_autoptr (GPtrArray) modules = skf_bench_parse (records);

  g_assert_cmpuint (modules->len, ==, 1);
  return g_ptr_array_steal_index (modules, 0);
}

static char *
join_ids (const Token *token)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < token->certificates->len; i++)
    {
      const Certificate *certificate = token->certificates->pdata[i];

      g_string_append_printf (ids, "%s%s:%s", i > 0 ? " " : "", certificate->id,
                              certificate_role_to_string (certificate->role));
    }
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

void
skf_bench_assert_ids (const Token *token, const char *expected, const char *unreadable)
{
  g_autofree char *ids = join_ids (token);
  g_autofree char *lost = token->unreadable != NULL ? g_strjoinv (" ", token->unreadable) : g_strdup ("");

  g_assert_cmpstr (ids, ==, expected);
  g_assert_cmpstr (lost, ==, unreadable);
}
