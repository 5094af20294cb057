#include "token/x509.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>

#include "hex.h"
#include "model/error.h"
#include "testcert.h"

static Certificate *
parse (GByteArray *der)
{
  g_autoptr (GError) error = NULL;
  Certificate *certificate = x509_parse (der->data, der->len, &error);

  g_assert_no_error (error);
  g_assert_nonnull (certificate);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  return certificate;
}

static Certificate *
finish_and_parse (X509 *x509)
{
  g_autoptr (GByteArray) der = testcert_finish (x509);

  return parse (der);
}

static void
assert_refused (const guint8 *der, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Certificate) certificate = x509_parse (der, length, &error);

  g_assert_null (certificate);
  g_assert_error (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
}

/* Plain certificates */

static void
test_plain (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GByteArray) der = NULL;
  g_autoptr (Certificate) certificate = NULL;
  g_autofree char *sha256 = NULL, *usages = NULL, *names = NULL;

  testcert_add_extension (x509, NID_key_usage, "digitalSignature,keyAgreement");
  testcert_add_extension (x509, NID_ext_key_usage, "clientAuth,1.2.3.4");
  testcert_add_extension (x509, NID_subject_alt_name,
                          "email:zhangsan@example.org,DNS:example.org,URI:urn:uuid:1,IP:192.0.2.1,IP:2001:db8::1,"
                          "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:zhangsan@EXAMPLE,RID:1.2.3");
  der = testcert_finish (x509);
  certificate = parse (der);
  sha256 = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  usages = g_strjoinv (" ", certificate->usages);
  names = g_strjoinv (" ", certificate->alternative_names);

  g_assert_null (certificate->id);
  g_assert_null (certificate->policies);
  g_assert_cmpstr (certificate->holder, ==, "Zhang San");
  g_assert_cmpstr (certificate->organization, ==, "Beijing Example Trading Co., Ltd.");
  g_assert_cmpstr (certificate->issuer_name, ==, "Test Authority");
  g_assert_cmpstr (certificate->subject, ==, "CN=Zhang San,O=Beijing Example Trading Co.\\, Ltd.");
  g_assert_cmpstr (certificate->issuer, ==, "CN=Test Authority,O=Test");
  g_assert_cmpstr (certificate->serial, ==, "0123456789AB");
  g_assert_cmpint (certificate->not_before, ==, 1704067200);
  g_assert_cmpint (certificate->not_after, ==, 2019686400);
  g_assert_cmpstr (certificate->key, ==, "EC P-256");
  g_assert_cmpstr (certificate->signature_algorithm, ==, "ecdsa-with-SHA256");
  g_assert_cmpstr (usages, ==, "digitalSignature keyAgreement clientAuth 1.2.3.4");
  g_assert_cmpstr (
    names, ==,
    "email:zhangsan@example.org DNS:example.org URI:urn:uuid:1 IP:192.0.2.1 IP:2001:db8::1 UPN:zhangsan@EXAMPLE");
  g_assert_cmpstr (certificate->sha256, ==, sha256);
  g_assert_cmpuint (strlen (certificate->sha1), ==, 40);
  g_assert_cmpint (certificate->role, ==, CERTIFICATE_ROLE_AUTHENTICATION);
}

static const struct
{
  const char *usage, *extended;
  CertificateRole role;
} roles[] = {
  { NULL, NULL, CERTIFICATE_ROLE_OTHER },
  { NULL, "clientAuth", CERTIFICATE_ROLE_OTHER },
  { "digitalSignature", NULL, CERTIFICATE_ROLE_OTHER },
  { "digitalSignature", "clientAuth", CERTIFICATE_ROLE_AUTHENTICATION },
  { "digitalSignature", "msSmartcardLogin", CERTIFICATE_ROLE_AUTHENTICATION },
  { "digitalSignature", "pkInitClientAuth", CERTIFICATE_ROLE_AUTHENTICATION },
  { "digitalSignature", "emailProtection", CERTIFICATE_ROLE_OTHER },
  { "digitalSignature,nonRepudiation", NULL, CERTIFICATE_ROLE_SIGNATURE },
  { "nonRepudiation", "clientAuth", CERTIFICATE_ROLE_SIGNATURE },
  { "keyEncipherment,dataEncipherment", NULL, CERTIFICATE_ROLE_ENCRYPTION },
  { "keyAgreement", "clientAuth", CERTIFICATE_ROLE_ENCRYPTION },
  { "keyCertSign", NULL, CERTIFICATE_ROLE_OTHER },
};

static void
test_roles (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (roles); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autoptr (Certificate) certificate = NULL;

      if (roles[i].usage != NULL)
        testcert_add_extension (x509, NID_key_usage, roles[i].usage);
      if (roles[i].extended != NULL)
        testcert_add_extension (x509, NID_ext_key_usage, roles[i].extended);
      certificate = finish_and_parse (x509);
      g_assert_cmpint (certificate->role, ==, roles[i].role);
    }
}

/* Keys */

static void
test_keys (void)
{
  static const char *const keys[][2] = {
    { "RSA-1024", "RSA 1024" }, { "RSA-2048", "RSA 2048" }, { "P-256", "EC P-256" },
    { "P-384", "EC P-384" },    { "P-521", "EC P-521" },    { "secp256k1", "EC secp256k1" },
    { "ED25519", "Ed25519" },   { "ED448", "Ed448" },       { "SM2", "SM2" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_autoptr (GByteArray) der = testcert_make (keys[i][0], "Zhang San");
      g_autoptr (Certificate) certificate = parse (der);

      g_assert_cmpstr (certificate->key, ==, keys[i][1]);
    }
}

/* An RSA key nobody can have made: BITS bits, with EXPONENT. */
static EVP_PKEY *
make_odd_rsa (int bits, gulong exponent)
{
  EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (NULL, "RSA", NULL);
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
  OSSL_PARAM *parameters;
  BIGNUM *n = BN_new (), *e = BN_new ();
  EVP_PKEY *key = NULL;
  int ok;

  ok = BN_rand (n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD) && BN_set_word (e, exponent)
       && OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_N, n)
       && OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_RSA_E, e);
  parameters = OSSL_PARAM_BLD_to_param (builder);
  ok = ok && EVP_PKEY_fromdata_init (context) > 0
       && EVP_PKEY_fromdata (context, &key, EVP_PKEY_PUBLIC_KEY, parameters) > 0;
  g_assert_true (ok);
  OSSL_PARAM_free (parameters);
  OSSL_PARAM_BLD_free (builder);
  BN_free (n);
  BN_free (e);
  EVP_PKEY_CTX_free (context);
  return key;
}

static void
test_odd_rsa (void)
{
  static const struct
  {
    int bits;
    gulong exponent;
    const char *key;
  } odd[] = { { 16384, 65537, "RSA 16384" }, { 2048, 1, "RSA 2048" }, { 512, 3, "RSA 512" } };

  for (gsize i = 0; i < G_N_ELEMENTS (odd); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autoptr (EVP_PKEY) key = make_odd_rsa (odd[i].bits, odd[i].exponent);
      g_autoptr (Certificate) certificate = NULL;

      X509_set_pubkey (x509, key);
      certificate = finish_and_parse (x509);
      g_assert_cmpstr (certificate->key, ==, odd[i].key);
    }
}

static void
test_explicit_curve (void)
{
  g_autoptr (EVP_PKEY) key = EVP_EC_gen ("P-256");
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (Certificate) certificate = NULL;

  EVP_PKEY_set_utf8_string_param (key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT);
  X509_set_pubkey (x509, key);
  certificate = finish_and_parse (x509);
  g_assert_true (g_str_has_prefix (certificate->key, "EC "));
  g_assert_cmpstr (certificate->holder, ==, "Zhang San");
}

/* A curve, and a kind of key, that nobody knows: the rest stays. */
static void
test_unknown_key (void)
{
  static const guint8 curve[] = { 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07 };
  static const guint8 kind[] = { 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01 };
  const struct
  {
    const guint8 *oid;
    gsize length;
  } oids[] = { { curve, sizeof curve }, { kind, sizeof kind } };

  for (gsize i = 0; i < G_N_ELEMENTS (oids); i++)
    {
      g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
      guint8 *place = memmem (der->data, der->len, oids[i].oid, oids[i].length);
      g_autoptr (Certificate) certificate = NULL;

      g_assert_nonnull (place);
      place[oids[i].length - 1] = 0x7F;
      certificate = parse (der);
      g_assert_null (certificate->key);
      g_assert_cmpstr (certificate->holder, ==, "Zhang San");
      g_assert_cmpint (certificate->not_after, ==, 2019686400);
    }
}

/* Extensions */

static void
test_many_alternative_names (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GString) value = g_string_new ("DNS:first.example");
  g_autoptr (Certificate) certificate = NULL;

  for (int i = 0; i < 999; i++)
    g_string_append_printf (value, ",DNS:%d.example", i);
  testcert_add_extension (x509, NID_subject_alt_name, value->str);
  certificate = finish_and_parse (x509);
  g_assert_cmpuint (g_strv_length (certificate->alternative_names), ==, CERTIFICATE_MAX_NAMES);
  g_assert_cmpstr (certificate->alternative_names[0], ==, "DNS:first.example");
}

static void
assert_policies (const char *value, const char *expected)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (Certificate) certificate = NULL;
  g_autofree char *policies = NULL;

  testcert_add_extension (x509, NID_certificate_policies, value);
  certificate = finish_and_parse (x509);
  policies = certificate->policies != NULL ? g_strjoinv (" ", certificate->policies) : NULL;
  g_assert_cmpstr (policies, ==, expected);
}

/* OpenSSL has a name for the last one. */
static void
test_policies (void)
{
  g_autoptr (GString) length_79 = g_string_new ("1.2"), length_80 = NULL;

  assert_policies ("1.2.156.112562.2.2.1", "1.2.156.112562.2.2.1");
  assert_policies ("1.2.3.4,2.5.29.32.0", "1.2.3.4 2.5.29.32.0");

  for (int i = 0; i < 38; i++)
    g_string_append (length_79, ".1");
  length_80 = g_string_new (length_79->str);
  g_string_append_c (length_80, '1');
  assert_policies (length_79->str, length_79->str);
  assert_policies (length_80->str, NULL);
}

static void
test_many_policies (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GString) value = g_string_new ("1.2.3");
  g_autoptr (Certificate) certificate = NULL;

  for (int i = 0; i < 999; i++)
    g_string_append_printf (value, ",1.2.3.%d", i);
  testcert_add_extension (x509, NID_certificate_policies, value->str);
  certificate = finish_and_parse (x509);
  g_assert_cmpuint (g_strv_length (certificate->policies), ==, CERTIFICATE_MAX_NAMES);
  g_assert_cmpstr (certificate->policies[0], ==, "1.2.3");
}

/* A good certificate, only larger than any token's. */
static void
test_too_large (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GString) value = g_string_new ("DNS:first.example");
  g_autoptr (GByteArray) der = NULL;

  for (int i = 0; i < 5000; i++)
    g_string_append_printf (value, ",DNS:%d.example", i);
  testcert_add_extension (x509, NID_subject_alt_name, value->str);
  der = testcert_finish (x509);
  g_assert_cmpuint (der->len, >, CERTIFICATE_MAX_DER);
  assert_refused (der->data, der->len);
}

/* An extension of the right name with anything in it. */
static void
test_spoilt_extensions (void)
{
  static const int nids[] = { NID_key_usage, NID_ext_key_usage, NID_subject_alt_name, NID_certificate_policies };
  static const char *const contents[] = { "",
                                          "04",
                                          "30",
                                          "3080",
                                          "0302",
                                          "030100",
                                          "03020780",
                                          "3003820141",
                                          "30038701AA",
                                          "3004A0020500",
                                          "300AA008060353040500A000",
                                          "3006820441000042",
                                          "30058603016A00",
                                          "3004300206FF",
                                          "300430020600" };

  for (gsize i = 0; i < G_N_ELEMENTS (nids); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (contents); j++)
      {
        g_autoptr (X509) x509 = testcert_new ("P-256");
        g_autoptr (GByteArray) bytes = hex_to_bytes (contents[j]);
        g_autoptr (Certificate) certificate = NULL;
        ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new ();
        X509_EXTENSION *extension;

        ASN1_OCTET_STRING_set (value, bytes->data, (int) bytes->len);
        extension = X509_EXTENSION_create_by_NID (NULL, nids[i], 0, value);
        X509_add_ext (x509, extension, -1);
        X509_add_ext (x509, extension, -1);
        X509_EXTENSION_free (extension);
        ASN1_OCTET_STRING_free (value);
        certificate = finish_and_parse (x509);
        g_assert_cmpstr (certificate->holder, ==, "Zhang San");
      }
}

/* Dates and numbers */

static const struct
{
  const char *name;
  int type;
  const char *text;
  gint64 time;
} dates[] = {
  { "utc-2049", V_ASN1_UTCTIME, "491231235959Z", 2524607999 },
  { "utc-1950", V_ASN1_UTCTIME, "500101000000Z", -631152000 },
  { "after-2038", V_ASN1_UTCTIME, "380119031408Z", 2147483648 },
  { "before-1970", V_ASN1_UTCTIME, "691231235959Z", -1 },
  { "generalized", V_ASN1_GENERALIZEDTIME, "20240229120000Z", 1709208000 },
  { "9999", V_ASN1_GENERALIZEDTIME, "99991231235959Z", 253402300799 },
  { "year-0", V_ASN1_GENERALIZEDTIME, "00000101000000Z", -62167219200 },
  { "february-30", V_ASN1_GENERALIZEDTIME, "20240230000000Z", CERTIFICATE_TIME_UNKNOWN },
  { "no-leap-year", V_ASN1_UTCTIME, "230229000000Z", CERTIFICATE_TIME_UNKNOWN },
  { "month-13", V_ASN1_UTCTIME, "241301000000Z", CERTIFICATE_TIME_UNKNOWN },
  { "month-0", V_ASN1_UTCTIME, "240001000000Z", CERTIFICATE_TIME_UNKNOWN },
  { "hour-24", V_ASN1_UTCTIME, "240101240000Z", CERTIFICATE_TIME_UNKNOWN },
  { "no-z", V_ASN1_UTCTIME, "240101000000", CERTIFICATE_TIME_UNKNOWN },
  { "no-z-generalized", V_ASN1_GENERALIZEDTIME, "20240101000000", CERTIFICATE_TIME_UNKNOWN },
  { "letters", V_ASN1_UTCTIME, "2401010000xxZ", CERTIFICATE_TIME_UNKNOWN },
  { "empty", V_ASN1_UTCTIME, "", CERTIFICATE_TIME_UNKNOWN },
  { "z-alone", V_ASN1_GENERALIZEDTIME, "Z", CERTIFICATE_TIME_UNKNOWN },
  { "long", V_ASN1_GENERALIZEDTIME, "202401010000000000000000000000000000000Z", CERTIFICATE_TIME_UNKNOWN },
};

static void
test_date (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (Certificate) certificate = NULL;
  ASN1_TIME *time = X509_getm_notAfter (x509);

  time->type = dates[i].type;
  ASN1_STRING_set (time, dates[i].text, (int) strlen (dates[i].text));
  certificate = finish_and_parse (x509);
  g_assert_cmpint (certificate->not_after, ==, dates[i].time);
  g_assert_cmpint (certificate->not_before, ==, 1704067200);
}

static const struct
{
  const char *bytes;
  gboolean negative;
  const char *serial;
} serials[] = {
  { "00", FALSE, "00" },
  { "", FALSE, "00" },
  { "01", FALSE, "01" },
  { "80", FALSE, "80" },
  { "0A", TRUE, "-0A" },
  { "0102030405060708090A0B0C0D0E0F101112131415", FALSE, "0102030405060708090A0B0C0D0E0F101112131415" },
};

static void
test_serials (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (serials); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autoptr (GByteArray) bytes = hex_to_bytes (serials[i].bytes);
      g_autoptr (Certificate) certificate = NULL;
      ASN1_INTEGER *serial = X509_get_serialNumber (x509);

      ASN1_STRING_set (serial, bytes->data, (int) bytes->len);
      serial->type = serials[i].negative ? V_ASN1_NEG_INTEGER : V_ASN1_INTEGER;
      certificate = finish_and_parse (x509);
      g_assert_cmpstr (certificate->serial, ==, serials[i].serial);
    }
}

/* Bytes that are no certificate, or almost one */

static void
test_trailing_bytes (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (Certificate) alone = parse (der);
  g_autoptr (Certificate) followed = NULL;

  hex_append (der, "00FFDEADBEEF");
  followed = parse (der);
  g_assert_cmpstr (followed->sha256, ==, alone->sha256);
  g_assert_true (g_bytes_equal (followed->der, alone->der));
}

static void
test_rubbish (void)
{
  static const char *const rubbish[] = { "",           "30",       "3000",         "3080",
                                         "30800000",   "30820400", "30030203",     "04033000",
                                         "FFFFFFFF",   "00000000", "3084FFFFFFFF", "3085000000000100",
                                         "31820001AA", "30023000", "1F8B0800" };
  static const char pem[] = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
  g_autofree guint8 *large = g_malloc0 (CERTIFICATE_MAX_DER + 8);
  g_autoptr (GByteArray) indefinite = testcert_make ("P-256", "Zhang San");

  for (gsize i = 0; i < G_N_ELEMENTS (rubbish); i++)
    {
      g_autoptr (GByteArray) bytes = hex_to_bytes (rubbish[i]);

      assert_refused (bytes->data, bytes->len);
    }
  assert_refused ((const guint8 *) pem, sizeof pem);

  large[0] = 0x30;
  large[1] = 0x83;
  large[2] = 0x01;
  assert_refused (large, CERTIFICATE_MAX_DER + 5);

  /* BER of indefinite length is no DER. */
  indefinite->data[1] = 0x80;
  assert_refused (indefinite->data, indefinite->len);
}

static void
test_every_cut (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");

  for (guint n = 0; n < der->len; n++)
    {
      g_autofree guint8 *cut = g_memdup2 (der->data, n);

      assert_refused (cut, n);
    }
}

/* One bit changed anywhere: no certificate, or one that passes the pipe. */
static void
test_every_bit (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GByteArray) der = NULL;
  guint n_parsed = 0;

  testcert_add_extension (x509, NID_key_usage, "digitalSignature");
  testcert_add_extension (x509, NID_ext_key_usage, "clientAuth");
  testcert_add_extension (x509, NID_subject_alt_name,
                          "email:zhangsan@example.org,IP:192.0.2.1,"
                          "otherName:1.3.6.1.4.1.311.20.2.3;UTF8:zhangsan@EXAMPLE");
  testcert_add_extension (x509, NID_certificate_policies, "1.2.156.112562.2.2.1");
  der = testcert_finish (x509);
  for (guint i = 0; i < 8 * der->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Certificate) certificate = NULL;

      der->data[i / 8] ^= (guint8) (1 << (i % 8));
      certificate = x509_parse (der->data, der->len, &error);
      der->data[i / 8] ^= (guint8) (1 << (i % 8));

      g_assert_true ((certificate == NULL) == (error != NULL));
      if (certificate != NULL)
        {
          g_autoptr (GVariant) variant = NULL;
          g_autoptr (Certificate) again = NULL;

          certificate->id = g_strdup ("9a");
          variant = g_variant_ref_sink (certificate_to_variant (certificate));
          again = certificate_from_variant (variant);
          g_assert_nonnull (again);
          n_parsed++;
        }
    }
  g_test_message ("%u of %u changed certificates are still certificates", n_parsed, 8 * der->len);
}

static void
add_table (const char *prefix, const char *name, gsize i, GTestDataFunc function)
{
  g_autofree char *path = g_strconcat (prefix, name, NULL);

  g_test_add_data_func (path, GSIZE_TO_POINTER (i), function);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/x509/plain", test_plain);
  g_test_add_func ("/x509/roles", test_roles);
  g_test_add_func ("/x509/keys", test_keys);
  g_test_add_func ("/x509/odd-rsa", test_odd_rsa);
  g_test_add_func ("/x509/explicit-curve", test_explicit_curve);
  g_test_add_func ("/x509/unknown-key", test_unknown_key);
  g_test_add_func ("/x509/many-alternative-names", test_many_alternative_names);
  g_test_add_func ("/x509/policies", test_policies);
  g_test_add_func ("/x509/many-policies", test_many_policies);
  g_test_add_func ("/x509/too-large", test_too_large);
  g_test_add_func ("/x509/spoilt-extensions", test_spoilt_extensions);
  for (gsize i = 0; i < G_N_ELEMENTS (dates); i++)
    add_table ("/x509/date/", dates[i].name, i, test_date);
  g_test_add_func ("/x509/serials", test_serials);
  g_test_add_func ("/x509/trailing-bytes", test_trailing_bytes);
  g_test_add_func ("/x509/rubbish", test_rubbish);
  g_test_add_func ("/x509/every-cut", test_every_cut);
  g_test_add_func ("/x509/every-bit", test_every_bit);
  return g_test_run ();
}
