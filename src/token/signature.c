#include "signature.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>

/* GM/T 0009 section 10 */
static const char gm_id[] = "1234567812345678";

G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_MD_CTX, EVP_MD_CTX_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EVP_PKEY_CTX, EVP_PKEY_CTX_free)

gboolean
signature_fits_certificate (X509 *x509, EVP_PKEY *key)
{
  ASN1_OCTET_STRING *string = NULL;
  int digest;

  if (!X509_get_signature_info (x509, &digest, NULL, NULL, NULL) || digest != NID_sm3)
    return X509_verify (x509, key) == 1;

  string = ASN1_OCTET_STRING_new ();
  if (string == NULL || !ASN1_OCTET_STRING_set (string, (const guchar *) gm_id, sizeof gm_id - 1))
    g_clear_pointer (&string, ASN1_OCTET_STRING_free);
  X509_set0_distinguishing_id (x509, string);
  if (X509_verify (x509, key) == 1)
    return TRUE;

  X509_set0_distinguishing_id (x509, NULL);
  return X509_verify (x509, key) == 1;
}

static gboolean
is_sm2 (const X509_ALGOR *algorithm)
{
  const ASN1_OBJECT *oid;

  X509_ALGOR_get0 (&oid, NULL, NULL, algorithm);
  return OBJ_obj2nid (oid) == NID_SM2_with_SM3;
}

/* OpenSSL 3.0 has a setter of the identity for certificates alone. */
static gboolean
verify_sm2 (const guint8 *data, gsize length, const ASN1_BIT_STRING *signature, EVP_PKEY *key, const char *id)
{
  g_autoptr (EVP_MD_CTX) context = EVP_MD_CTX_new ();
  g_autoptr (EVP_PKEY_CTX) key_context = EVP_PKEY_CTX_new (key, NULL);

  if (context == NULL || key_context == NULL || EVP_PKEY_CTX_set1_id (key_context, id, (int) strlen (id)) <= 0)
    return FALSE;
  EVP_MD_CTX_set_pkey_ctx (context, key_context);
  return EVP_DigestVerifyInit_ex (context, NULL, "SM3", NULL, NULL, key, NULL) == 1
         && EVP_DigestVerify (context, ASN1_STRING_get0_data (signature), (gsize) ASN1_STRING_length (signature), data,
                              length)
              == 1;
}

/* DER of LENGTH bytes is what is signed, and freed here. */
static gboolean
fits_sm2 (guint8 *der, int length, const ASN1_BIT_STRING *signature, EVP_PKEY *key)
{
  gboolean fits = length > 0
                  && (verify_sm2 (der, (gsize) length, signature, key, gm_id)
                      || verify_sm2 (der, (gsize) length, signature, key, ""));

  OPENSSL_free (der);
  return fits;
}

gboolean
signature_fits_list (X509_CRL *list, EVP_PKEY *key)
{
  const ASN1_BIT_STRING *signature;
  const X509_ALGOR *algorithm;
  guint8 *der = NULL;
  int length;

  X509_CRL_get0_signature (list, &signature, &algorithm);
  if (!is_sm2 (algorithm))
    return X509_CRL_verify (list, key) == 1;
  length = i2d_re_X509_CRL_tbs (list, &der);
  return fits_sm2 (der, length, signature, key);
}

gboolean
signature_fits_response (OCSP_BASICRESP *response, EVP_PKEY *key)
{
  const ASN1_BIT_STRING *signature = OCSP_resp_get0_signature (response);
  const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg (response);
  const OCSP_RESPDATA *data = OCSP_resp_get0_respdata (response);
  guint8 *der = NULL;
  int length;

  if (!is_sm2 (algorithm))
    return ASN1_item_verify (ASN1_ITEM_rptr (OCSP_RESPDATA), algorithm, signature, data, key) == 1;
  length = i2d_OCSP_RESPDATA ((OCSP_RESPDATA *) data, &der);
  return fits_sm2 (der, length, signature, key);
}
