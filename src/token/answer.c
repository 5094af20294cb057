#include "answer.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#include "signature.h"
#include "x509-time.h"

/* How far clocks may differ, and how old an answer may be that does not say when the next one is due. */
#define SKEW_SECONDS    (5 * 60)
#define MAX_AGE_SECONDS (7 * 24 * 60 * 60)

#define MAX_DELEGATES 8

G_DEFINE_AUTOPTR_CLEANUP_FUNC (OCSP_RESPONSE, OCSP_RESPONSE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OCSP_BASICRESP, OCSP_BASICRESP_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OCSP_REQUEST, OCSP_REQUEST_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (OCSP_CERTID, OCSP_CERTID_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_CRL, X509_CRL_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CRL_DIST_POINTS, CRL_DIST_POINTS_free)

static void
fail (Revocation *revocation, RevocationFailure failure)
{
  revocation->state = REVOCATION_UNKNOWN;
  revocation->failure = failure;
}

static void
say (Revocation *revocation, RevocationState state)
{
  revocation->state = state;
  revocation->failure = REVOCATION_NOT_FAILED;
}

/* Whether an answer of the time FROM, good until UNTIL, is one of now. */
static gboolean
is_current (const Question *question, const ASN1_TIME *from, const ASN1_TIME *until, gint64 *as_of)
{
  gint64 begin = x509_time_get (from), end = x509_time_get (until);

  *as_of = begin;
  if (begin == CERTIFICATE_TIME_UNKNOWN || begin > question->now + SKEW_SECONDS)
    return FALSE;
  if (end == CERTIFICATE_TIME_UNKNOWN)
    end = begin + MAX_AGE_SECONDS;
  return end >= question->now - SKEW_SECONDS;
}

static void
take_reason (Revocation *revocation, long reason)
{
  revocation->reason = reason >= 0 && reason <= REVOCATION_MAX_REASON ? (int) reason : REVOCATION_NO_REASON;
}

/* ---- OCSP ---- */

/* Whether X509 is whom RESPONSE says it is signed by. */
static gboolean
is_responder (const OCSP_BASICRESP *response, X509 *x509)
{
  const ASN1_OCTET_STRING *hash = NULL;
  const X509_NAME *name = NULL;
  guint8 digest[EVP_MAX_MD_SIZE];
  guint length = 0;

  if (!OCSP_resp_get0_id (response, &hash, &name))
    return FALSE;
  if (name != NULL)
    return X509_NAME_cmp (name, X509_get_subject_name (x509)) == 0;
  return X509_pubkey_digest (x509, EVP_sha1 (), digest, &length) && (int) length == ASN1_STRING_length (hash)
         && memcmp (digest, ASN1_STRING_get0_data (hash), length) == 0;
}

/* Whether the issuer has put X509 in charge of answers (RFC 6960 section 4.2.2.2). */
static gboolean
is_delegate (const Question *question, X509 *x509)
{
  gint64 begin = x509_time_get (X509_get0_notBefore (x509)), end = x509_time_get (X509_get0_notAfter (x509));

  return X509_check_issued (question->issuer, x509) == X509_V_OK
         && (X509_get_extension_flags (x509) & EXFLAG_XKUSAGE) != 0
         && (X509_get_extended_key_usage (x509) & XKU_OCSP_SIGN) != 0 && begin <= question->now + SKEW_SECONDS
         && end >= question->now - SKEW_SECONDS
         && signature_fits_certificate (x509, X509_get0_pubkey (question->issuer));
}

static gboolean
is_signed (const Question *question, OCSP_BASICRESP *response)
{
  const STACK_OF (X509) *delegates = OCSP_resp_get0_certs (response);
  int n = MIN (sk_X509_num (delegates), MAX_DELEGATES);

  if (is_responder (response, question->issuer))
    return signature_fits_response (response, X509_get0_pubkey (question->issuer));
  for (int i = 0; i < n; i++)
    {
      X509 *delegate = sk_X509_value (delegates, i);

      if (is_responder (response, delegate) && is_delegate (question, delegate)
          && signature_fits_response (response, X509_get0_pubkey (delegate)))
        return TRUE;
    }
  return FALSE;
}

static void
read_basic (Revocation *revocation, const Question *question, OCSP_BASICRESP *response)
{
  g_autoptr (OCSP_CERTID) id = OCSP_cert_to_id (EVP_sha1 (), question->x509, question->issuer);
  ASN1_GENERALIZEDTIME *revoked_at = NULL, *from = NULL, *until = NULL;
  int status = V_OCSP_CERTSTATUS_UNKNOWN, reason = REVOCATION_NO_REASON;

  if (id == NULL || !OCSP_resp_find_status (response, id, &status, &reason, &revoked_at, &from, &until))
    fail (revocation, REVOCATION_NONSENSE);
  else if (!is_signed (question, response))
    fail (revocation, REVOCATION_FORGED);
  else if (!is_current (question, from, until, &revocation->as_of))
    fail (revocation, REVOCATION_OUTDATED);
  else if (status == V_OCSP_CERTSTATUS_GOOD)
    say (revocation, REVOCATION_GOOD);
  else if (status == V_OCSP_CERTSTATUS_REVOKED)
    {
      say (revocation, REVOCATION_REVOKED);
      revocation->revoked_at = x509_time_get (revoked_at);
      take_reason (revocation, reason);
    }
  else
    fail (revocation, REVOCATION_STRANGER);
}

void
answer_read_response (Revocation *revocation, const Question *question, const guint8 *der, gsize length)
{
  g_autoptr (OCSP_RESPONSE) response = d2i_OCSP_RESPONSE (NULL, &der, (long) length);
  g_autoptr (OCSP_BASICRESP) basic = NULL;

  if (response != NULL && OCSP_response_status (response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
    basic = OCSP_response_get1_basic (response);
  if (basic != NULL)
    read_basic (revocation, question, basic);
  else
    fail (revocation, response != NULL && OCSP_response_status (response) != OCSP_RESPONSE_STATUS_SUCCESSFUL
                        ? REVOCATION_REFUSED
                        : REVOCATION_NONSENSE);
  ERR_clear_error ();
}

GBytes *
answer_make_request (const Question *question)
{
  g_autoptr (OCSP_REQUEST) request = OCSP_REQUEST_new ();
  OCSP_CERTID *id = OCSP_cert_to_id (EVP_sha1 (), question->x509, question->issuer);
  guint8 *der = NULL;
  GBytes *bytes = NULL;
  int length;

  if (request != NULL && id != NULL && OCSP_request_add0_id (request, id) != NULL)
    id = NULL; /* the request's now */
  OCSP_CERTID_free (id);
  length = request != NULL ? i2d_OCSP_REQUEST (request, &der) : 0;
  bytes = g_bytes_new (der, (gsize) MAX (length, 0));
  OPENSSL_free (der);
  return bytes;
}

/* ---- lists ---- */

static gboolean
is_among (const GENERAL_NAMES *names, const GENERAL_NAMES *others)
{
  for (int i = 0; i < sk_GENERAL_NAME_num (names); i++)
    for (int j = 0; j < sk_GENERAL_NAME_num (others); j++)
      if (GENERAL_NAME_cmp (sk_GENERAL_NAME_value (names, i), sk_GENERAL_NAME_value (others, j)) == 0)
        return TRUE;
  return FALSE;
}

/* Whether X509 says that its list is in the place NAME: an issuer may spread its certificates over many lists, and
 * whoever is on the way could serve another one than was asked for. */
static gboolean
is_place (const DIST_POINT_NAME *name, const X509 *x509)
{
  g_autoptr (CRL_DIST_POINTS) points = X509_get_ext_d2i (x509, NID_crl_distribution_points, NULL, NULL);

  for (int i = 0; name->type == 0 && i < sk_DIST_POINT_num (points); i++)
    {
      const DIST_POINT_NAME *other = sk_DIST_POINT_value (points, i)->distpoint;

      if (other != NULL && other->type == 0 && is_among (name->name.fullname, other->name.fullname))
        return TRUE;
    }
  return FALSE;
}

/* Whether a list for POINT tells of X509, whatever that was revoked for. */
static gboolean
is_for (const ISSUING_DIST_POINT *point, X509 *x509)
{
  gboolean authority = (X509_get_extension_flags (x509) & EXFLAG_CA) != 0;

  return point->onlysomereasons == NULL && point->indirectCRL <= 0 && point->onlyattr <= 0
         && (authority ? point->onlyuser : point->onlyCA) <= 0
         && (point->distpoint == NULL || is_place (point->distpoint, x509));
}

/* Whether LIST tells all that its issuer has to say of X509: not for other certificates or another place, not a
 * part that adds to another list, nor with a rule that nobody here knows. */
static gboolean
is_whole (const X509_CRL *list, X509 *x509)
{
  static const int known[] = { NID_authority_key_identifier, NID_crl_number, NID_issuing_distribution_point };
  int found;
  ISSUING_DIST_POINT *point = X509_CRL_get_ext_d2i (list, NID_issuing_distribution_point, &found, NULL);
  gboolean whole = point != NULL ? is_for (point, x509) : found == -1; /* -1: there is none; else it is no good */

  ISSUING_DIST_POINT_free (point);
  for (int i = 0; whole && i < X509_CRL_get_ext_count (list); i++)
    {
      X509_EXTENSION *extension = X509_CRL_get_ext (list, i);
      int nid = OBJ_obj2nid (X509_EXTENSION_get_object (extension));
      gboolean is_known = FALSE;

      for (gsize j = 0; j < G_N_ELEMENTS (known); j++)
        is_known |= known[j] == nid;
      whole = nid != NID_delta_crl && (is_known || !X509_EXTENSION_get_critical (extension));
    }
  return whole;
}

static void
read_entry (Revocation *revocation, X509_REVOKED *entry)
{
  ASN1_ENUMERATED *reason = X509_REVOKED_get_ext_d2i (entry, NID_crl_reason, NULL, NULL);

  say (revocation, REVOCATION_REVOKED);
  revocation->revoked_at = x509_time_get (X509_REVOKED_get0_revocationDate (entry));
  take_reason (revocation, reason != NULL ? ASN1_ENUMERATED_get (reason) : REVOCATION_NO_REASON);
  ASN1_ENUMERATED_free (reason);
}

void
answer_read_list (Revocation *revocation, const Question *question, const guint8 *der, gsize length)
{
  g_autoptr (X509_CRL) list = d2i_X509_CRL (NULL, &der, (long) length);
  X509_REVOKED *entry = NULL;

  if (list == NULL || X509_NAME_cmp (X509_CRL_get_issuer (list), X509_get_subject_name (question->issuer)) != 0
      || !is_whole (list, question->x509))
    fail (revocation, REVOCATION_NONSENSE);
  else if (!signature_fits_list (list, X509_get0_pubkey (question->issuer)))
    fail (revocation, REVOCATION_FORGED);
  else if (!is_current (question, X509_CRL_get0_lastUpdate (list), X509_CRL_get0_nextUpdate (list), &revocation->as_of))
    fail (revocation, REVOCATION_OUTDATED);
  else if (X509_CRL_get0_by_cert (list, &entry, question->x509) == 1)
    read_entry (revocation, entry);
  else
    say (revocation, REVOCATION_GOOD);
  ERR_clear_error ();
}
