#include "chain-bench.h"

#include <string.h>

#include <glib/gstdio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "token/chain.h"
#include "token/x509.h"

/* ---- certificates ---- */

static void
set_name (X509_NAME *name, const char *text)
{
  int ok = X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_UTF8, (const guchar *) text, -1, -1, 0);

  g_assert_true (ok);
}

EVP_PKEY *
chain_bench_get_key (const char *name)
{
  static GHashTable *keys;
  g_auto (GStrv) words = g_strsplit (name, " ", 2);
  EVP_PKEY *key;

  if (keys == NULL)
    keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) EVP_PKEY_free);
  key = g_hash_table_lookup (keys, name);
  if (key == NULL)
    {
      key = g_str_has_prefix (name, "RSA-")   ? EVP_RSA_gen ((unsigned) atoi (words[0] + 4))
            : strcmp (words[0], "P-256") == 0 ? EVP_EC_gen (words[0])
                                              : EVP_PKEY_Q_keygen (NULL, NULL, words[0]);
      g_assert_nonnull (key);
      g_hash_table_insert (keys, g_strdup (name), key);
    }
  return key;
}

EVP_MD_CTX *
chain_bench_start_signing (const char *key, const char *id)
{
  EVP_PKEY *pkey = chain_bench_get_key (key);
  gboolean sm2 = EVP_PKEY_is_a (pkey, "SM2"), pure = EVP_PKEY_is_a (pkey, "ED25519");
  const EVP_MD *digest = sm2 ? EVP_sm3 () : pure ? NULL : EVP_sha256 ();
  EVP_MD_CTX *context = EVP_MD_CTX_new ();
  EVP_PKEY_CTX *signer = EVP_PKEY_CTX_new (pkey, NULL);

  if (sm2 && id != NULL)
    g_assert_cmpint (EVP_PKEY_CTX_set1_id (signer, id, (int) strlen (id)), ==, 1);
  EVP_MD_CTX_set_pkey_ctx (context, signer);
  g_assert_cmpint (EVP_DigestSignInit (context, NULL, digest, NULL, pkey), ==, 1);
  return context;
}

void
chain_bench_end_signing (EVP_MD_CTX *context)
{
  EVP_PKEY_CTX *signer = EVP_MD_CTX_get_pkey_ctx (context);

  EVP_MD_CTX_free (context);
  EVP_PKEY_CTX_free (signer);
}

X509 *
chain_bench_make (ChainPlan plan)
{
  EVP_MD_CTX *signer = chain_bench_start_signing (plan.signer, plan.id);
  X509 *x509 = X509_new ();
  static long serial;

  X509_set_version (x509, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (x509), ++serial);
  ASN1_TIME_set_string_X509 (X509_getm_notBefore (x509), "20100101000000Z");
  ASN1_TIME_set_string_X509 (X509_getm_notAfter (x509), "20110101000000Z");
  X509_set_pubkey (x509, chain_bench_get_key (plan.key));
  set_name (X509_get_subject_name (x509), plan.subject);
  if (plan.issuer_name != NULL)
    set_name (X509_get_issuer_name (x509), plan.issuer_name);
  else
    X509_set_issuer_name (x509, X509_get_subject_name (plan.issuer != NULL ? plan.issuer : x509));
  testcert_add_extension (x509, NID_basic_constraints, plan.constraints != NULL ? plan.constraints : "CA:FALSE");
  if (plan.usage != NULL)
    testcert_add_extension (x509, NID_key_usage, plan.usage);
  if (plan.extended_usage != NULL)
    testcert_add_extension (x509, NID_ext_key_usage, plan.extended_usage);
  if (plan.lists != NULL)
    testcert_add_extension (x509, NID_crl_distribution_points, plan.lists);
  if (plan.critical != NULL)
    testcert_add_extension (x509, NID_netscape_comment, plan.critical);
  if (plan.critical != NULL)
    X509_EXTENSION_set_critical (X509_get_ext (x509, X509_get_ext_count (x509) - 1), 1);
  g_assert_cmpint (X509_sign_ctx (x509, signer), >, 0);
  chain_bench_end_signing (signer);
  return x509;
}

X509 *
chain_bench_make_ca (const char *subject, const char *key, X509 *issuer, const char *signer, const char *id)
{
  return chain_bench_make ((ChainPlan){ .subject = subject,
                                        .key = key,
                                        .issuer = issuer,
                                        .signer = signer,
                                        .id = id,
                                        .constraints = "critical,CA:TRUE",
                                        .usage = "keyCertSign" });
}

/* A token with these certificates, up to a NULL. */
Token *
chain_bench_make_token (X509 *first, ...)
{
  Token *token = token_new (TOKEN_FAMILY_PIV);
  va_list more;

  va_start (more, first);
  for (X509 *x509 = first; x509 != NULL; x509 = va_arg (more, X509 *))
    {
      guchar *der = NULL;
      int length = i2d_X509 (x509, &der);
      Certificate *certificate = x509_parse (der, (gsize) length, NULL);

      g_assert_nonnull (certificate);
      certificate->id = g_strdup ("9a");
      g_ptr_array_add (token->certificates, certificate);
      OPENSSL_free (der);
    }
  va_end (more);
  return token;
}

/* ---- folders ---- */

void
chain_bench_write (const char *folder, const char *name, const char *bytes, gssize length)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, length, &error);
  g_assert_no_error (error);
}

char *
chain_bench_to_pem (X509 *x509)
{
  BIO *bio = BIO_new (BIO_s_mem ());
  char *bytes;
  long length;
  char *pem;

  g_assert_cmpint (PEM_write_bio_X509 (bio, x509), ==, 1);
  length = BIO_get_mem_data (bio, &bytes);
  pem = g_strndup (bytes, (gsize) length);
  BIO_free (bio);
  return pem;
}

void
chain_bench_trust (const ChainBench *bench, X509 *x509, const char *name)
{
  g_autofree char *pem = chain_bench_to_pem (x509);

  chain_bench_write (bench->anchors, name, pem, -1);
}

void
chain_bench_trust_by_system (const ChainBench *bench, X509 *x509)
{
  g_autofree char *pem = chain_bench_to_pem (x509);
  g_autofree char *name = g_strdup_printf ("%08lx.0", X509_subject_name_hash (x509));

  chain_bench_write (bench->system, name, pem, -1);
}

void
chain_bench_set_up (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  bench->root = g_dir_make_tmp ("chain-XXXXXX", NULL);
  bench->anchors = g_build_filename (bench->root, "anchors.d", NULL);
  bench->system = g_build_filename (bench->root, "system", NULL);
  g_assert_cmpint (g_mkdir (bench->anchors, 0700), ==, 0);
  g_assert_cmpint (g_mkdir (bench->system, 0700), ==, 0);
  g_setenv ("SSL_CERT_DIR", bench->system, TRUE);
}

void
chain_bench_tear_down (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  const char *const command[] = { "rm", "-r", bench->root, NULL };

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (bench->root);
  g_free (bench->anchors);
  g_free (bench->system);
}

/* Fills TOKEN and returns the state of its first certificate in a word, with the culprit where it is broken. */
const char *
chain_bench_tell (const ChainBench *bench, Token *token)
{
  static char told[200];
  const Certificate *certificate = token_get_primary (token);
  const char *const folders[] = { "/nonexistent/anchors.d", bench->anchors, NULL };

  chain_fill (token, folders);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  g_assert_true ((certificate->chain == CERTIFICATE_CHAIN_BROKEN) == (certificate->chain_culprit != NULL));
  g_snprintf (told, sizeof told, "%s%s%s", certificate_chain_to_string (certificate->chain),
              certificate->chain_culprit != NULL ? ": " : "",
              certificate->chain_culprit != NULL ? certificate->chain_culprit : "");
  return told;
}
