#include "testcert.h"

#include <string.h>

#include <openssl/conf.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <zlib.h>

static EVP_PKEY *
make_key (const char *name)
{
  if (g_str_has_prefix (name, "RSA-"))
    return EVP_RSA_gen ((unsigned int) atoi (name + 4));
  if (g_str_has_prefix (name, "ED") || strcmp (name, "SM2") == 0)
    return EVP_PKEY_Q_keygen (NULL, NULL, name);
  return EVP_EC_gen (name);
}

EVP_PKEY *
testcert_get_key (const char *name)
{
  static GHashTable *keys;
  EVP_PKEY *key;

  if (keys == NULL)
    keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) EVP_PKEY_free);

  key = g_hash_table_lookup (keys, name);
  if (key == NULL)
    {
      key = make_key (name);
      g_assert_nonnull (key);
      g_hash_table_insert (keys, g_strdup (name), key);
    }

  EVP_PKEY_up_ref (key);
  return key;
}

static void
add_entry (X509_NAME *name, int nid, const char *text)
{
  int ok = X509_NAME_add_entry_by_NID (name, nid, MBSTRING_UTF8, (const guchar *) text, -1, -1, 0);

  g_assert_true (ok);
}

X509 *
testcert_new (const char *key)
{
  g_autoptr (EVP_PKEY) public_key = testcert_get_key (key);
  X509 *x509 = X509_new ();
  int ok = 1;

  X509_set_version (x509, X509_VERSION_3);
  ASN1_INTEGER_set (X509_get_serialNumber (x509), 0x0123456789AB);
  ok &= ASN1_TIME_set_string_X509 (X509_getm_notBefore (x509), "20240101000000Z");
  ok &= ASN1_TIME_set_string_X509 (X509_getm_notAfter (x509), "20340101000000Z");
  ok &= X509_set_pubkey (x509, public_key);
  g_assert_true (ok);

  add_entry (X509_get_subject_name (x509), NID_organizationName, "Beijing Example Trading Co., Ltd.");
  add_entry (X509_get_subject_name (x509), NID_commonName, "Zhang San");
  add_entry (X509_get_issuer_name (x509), NID_organizationName, "Test");
  add_entry (X509_get_issuer_name (x509), NID_commonName, "Test Authority");
  return x509;
}

void
testcert_set_name (X509 *x509, int nid, int type, const void *bytes, gsize length)
{
  X509_NAME *name = X509_get_subject_name (x509);
  int i = X509_NAME_get_index_by_NID (name, nid, -1);
  X509_NAME_ENTRY *entry = NULL;
  int ok;

  if (i >= 0)
    X509_NAME_ENTRY_free (X509_NAME_delete_entry (name, i));

  /* A text of its own first: OpenSSL checks what it is given, but not what is put into the string afterwards. */
  entry = X509_NAME_ENTRY_create_by_NID (NULL, nid, V_ASN1_UTF8STRING, (const guchar *) "x", 1);
  g_assert_nonnull (entry);
  X509_NAME_ENTRY_get_data (entry)->type = type;
  ok =
    ASN1_STRING_set (X509_NAME_ENTRY_get_data (entry), bytes, (int) length) && X509_NAME_add_entry (name, entry, -1, 0);
  g_assert_true (ok);
  X509_NAME_ENTRY_free (entry);
}

X509_EXTENSION *
testcert_make_extension (int nid, const char *value, const char *sections)
{
  CONF *configuration = NCONF_new (NULL); /* OpenSSL makes no policies without one, even if it is empty */
  BIO *text = BIO_new_mem_buf (sections != NULL ? sections : "", -1);
  X509V3_CTX context = { 0 };
  X509_EXTENSION *extension;

  g_assert_true (sections == NULL || NCONF_load_bio (configuration, text, NULL) > 0);
  X509V3_set_nconf (&context, configuration);
  extension = X509V3_EXT_nconf_nid (configuration, &context, nid, value);
  g_assert_nonnull (extension);
  BIO_free (text);
  NCONF_free (configuration);
  return extension;
}

void
testcert_add_extension (X509 *x509, int nid, const char *value)
{
  X509_EXTENSION *extension = testcert_make_extension (nid, value, NULL);

  X509_add_ext (x509, extension, -1);
  X509_EXTENSION_free (extension);
}

void
testcert_add_raw_extension (X509 *x509, const char *oid, const void *bytes, gsize length)
{
  ASN1_OBJECT *object = OBJ_txt2obj (oid, 1);
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new ();
  X509_EXTENSION *extension;
  int ok = ASN1_OCTET_STRING_set (value, bytes, (int) length);

  extension = X509_EXTENSION_create_by_OBJ (NULL, object, 0, value);
  ok = ok && extension && X509_add_ext (x509, extension, -1);
  g_assert_true (ok);
  X509_EXTENSION_free (extension);
  ASN1_OCTET_STRING_free (value);
  ASN1_OBJECT_free (object);
}

GByteArray *
testcert_finish (X509 *x509)
{
  gboolean rsa = EVP_PKEY_is_a (X509_get0_pubkey (x509), "RSA");
  g_autoptr (EVP_PKEY) authority = testcert_get_key (rsa ? "RSA-2048" : "P-256");
  GByteArray *bytes = g_byte_array_new ();
  guchar *der = NULL;
  int length;

  g_assert_cmpint (X509_sign (x509, authority, EVP_sha256 ()), >, 0);
  length = i2d_X509 (x509, &der);
  g_assert_cmpint (length, >, 0);
  g_byte_array_append (bytes, der, (guint) length);
  OPENSSL_free (der);
  return bytes;
}

GByteArray *
testcert_make (const char *key, const char *holder)
{
  g_autoptr (X509) x509 = testcert_new (key);

  testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, holder, strlen (holder));
  return testcert_finish (x509);
}

GByteArray *
testcert_pack (const guint8 *bytes, gsize length, int window)
{
  z_stream stream = { .next_in = (Bytef *) bytes, .avail_in = (uInt) length };
  GByteArray *packed = g_byte_array_new ();
  int rv;

  rv = deflateInit2 (&stream, Z_BEST_COMPRESSION, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
  g_assert_cmpint (rv, ==, Z_OK);
  g_byte_array_set_size (packed, (guint) deflateBound (&stream, length));
  stream.next_out = packed->data;
  stream.avail_out = packed->len;
  rv = deflate (&stream, Z_FINISH);
  g_assert_cmpint (rv, ==, Z_STREAM_END);
  g_byte_array_set_size (packed, packed->len - stream.avail_out);
  deflateEnd (&stream);
  return packed;
}
