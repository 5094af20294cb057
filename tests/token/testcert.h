/* Certificates for tests, made at the moment they are needed: a plain one, that a test then spoils. */
#pragma once

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY, EVP_PKEY_free)

/* A new key: "RSA-1024", "P-256", "SM2", "ED25519" … (transfer full); the same one each time for the same NAME. */
EVP_PKEY *testcert_get_key (const char *name);

/* "Zhang San" of "Beijing Example Trading Co., Ltd.", issued by "Test Authority", 2024-01-01 to 2034-01-01, with KEY.
 * Not signed yet. (transfer full) */
X509 *testcert_new (const char *key);

/* Puts another value into the subject, of ASN.1 type TYPE and with bytes as they are. */
void testcert_set_name (X509 *x509, int nid, int type, const void *bytes, gsize length);

/* Extension NID as openssl's configuration writes it; SECTIONS is what VALUE refers to (a text in the form of that
 * configuration), or NULL. (transfer full) */
X509_EXTENSION *testcert_make_extension (int nid, const char *value, const char *sections);

/* Adds such an extension, which refers to nothing. */
void testcert_add_extension (X509 *x509, int nid, const char *value);

/* Adds extension OID, dotted, with LENGTH bytes as they are. */
void testcert_add_raw_extension (X509 *x509, const char *oid, const void *bytes, gsize length);

/* Signs it with RSA-2048 where its own key is RSA, else with P-256, and gives its DER. (transfer full) */
GByteArray *testcert_finish (X509 *x509);

/* The DER of a plain certificate of HOLDER. (transfer full) */
GByteArray *testcert_make (const char *key, const char *holder);

#define TESTCERT_ZLIB 15
#define TESTCERT_GZIP (15 + 16)

/* BYTES compressed as far as zlib can, with the header of FORMAT. (transfer full) */
GByteArray *testcert_pack (const guint8 *bytes, gsize length, int format);
