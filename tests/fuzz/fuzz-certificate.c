/* What calls itself a certificate.
 *
 *   all of it: DER */
#include "fuzz.h"
#include "testcert.h"
#include "token/x509.h"

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length)
{
  g_autoptr (GError) error = NULL;
  Certificate *certificate = x509_parse (bytes, length, &error);
  g_autoptr (Token) token = NULL;

  g_assert_true (!certificate == !!error);
  if (!certificate)
    return 0;
  token = token_new (TOKEN_FAMILY_PIV);
  certificate->id = g_strdup ("9a");
  g_ptr_array_add (token->certificates, certificate);
  fuzz_check_token (token);
  return 0;
}

/* One with everything that is looked at. */
static GByteArray *
make_full (const char *key)
{
  g_autoptr (X509) x509 = testcert_new (key);

  testcert_set_name (x509, NID_userId, V_ASN1_UTF8STRING, "91110105MA01234567", 18);
  testcert_add_extension (x509, NID_key_usage, "critical,digitalSignature,nonRepudiation");
  testcert_add_extension (x509, NID_ext_key_usage, "clientAuth,emailProtection");
  testcert_add_extension (x509, NID_subject_alt_name,
                          "email:zhangsan@example.com,DNS:example.com,URI:https://example.com");
  testcert_add_extension (x509, NID_certificate_policies, "1.2.156.112562.2");
  testcert_add_extension (x509, NID_info_access,
                          "OCSP;URI:http://ocsp.example.com/,caIssuers;URI:http://example.com/ca");
  testcert_add_extension (x509, NID_crl_distribution_points, "URI:http://example.com/list.crl");
  testcert_add_raw_extension (x509, "1.2.156.10260.4.1.4",
                              "\x13\x12"
                              "91110105MA01234567",
                              20);
  return testcert_finish (x509);
}

GPtrArray *
fuzz_list_seeds (void)
{
  static const char *const keys[] = { "RSA-2048", "P-256", "SM2", "ED25519" };
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    {
      g_ptr_array_add (seeds, g_byte_array_free_to_bytes (testcert_make (keys[i], "张三")));
      g_ptr_array_add (seeds, g_byte_array_free_to_bytes (make_full (keys[i])));
    }
  return seeds;
}
