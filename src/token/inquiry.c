#include "inquiry.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "anchors.h"
#include "answer.h"
#include "download.h"
#include "signature.h"
#include "x509-url.h"

#define MAX_RESPONSE (64 * 1024)
#define MAX_LIST     (16 * 1024 * 1024)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)

/* ---- the issuer ---- */

static gboolean
is_issuer (X509 *issuer, X509 *x509)
{
  return X509_check_issued (issuer, x509) == X509_V_OK && signature_fits_certificate (x509, X509_get0_pubkey (issuer));
}

/* The one of CANDIDATES that has signed X509, or NULL. (transfer full) */
static X509 *
choose_issuer (const GPtrArray *candidates, X509 *x509)
{
  for (guint i = 0; i < candidates->len; i++)
    {
      X509 *candidate = candidates->pdata[i];

      if (is_issuer (candidate, x509) && X509_up_ref (candidate))
        return candidate;
    }
  return NULL;
}

/* From where X509 says that it is: it needs no trust, for it must have signed X509. */
static X509 *
fetch_issuer (X509 *x509, gint64 deadline)
{
  g_autoptr (GPtrArray) urls = x509_url_list (x509, X509_URL_ISSUER);

  for (guint i = 0; i < urls->len; i++)
    {
      RevocationFailure failure;
      g_autoptr (GBytes) der = download_get (urls->pdata[i], CERTIFICATE_MAX_DER, deadline, &failure);
      gsize length = 0;
      const guint8 *bytes = der ? g_bytes_get_data (der, &length) : NULL;
      X509 *issuer = der ? d2i_X509 (NULL, &bytes, (long) length) : NULL;

      if (issuer != NULL && is_issuer (issuer, x509))
        return issuer;
      X509_free (issuer);
    }
  return NULL;
}

static X509 *
find_issuer (X509 *x509, const GPtrArray *candidates, const char *const *folders, gint64 deadline)
{
  g_autoptr (Anchors) anchors = NULL;
  g_autoptr (GPtrArray) trusted = NULL;
  X509 *issuer = choose_issuer (candidates, x509);

  if (issuer == NULL)
    {
      anchors = anchors_load (folders, deadline);
      trusted = anchors_find (anchors, X509_get_issuer_name (x509));
      issuer = choose_issuer (trusted, x509);
    }
  return issuer != NULL ? issuer : fetch_issuer (x509, deadline);
}

/* ---- the question ---- */

static GBytes *
ask_service (const Question *question, const char *url, gint64 deadline, RevocationFailure *failure)
{
  g_autoptr (GBytes) request = answer_make_request (question);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (request, &length);

  return download_ask_ocsp (url, bytes, length, MAX_RESPONSE, deadline, failure);
}

static GBytes *
get_list (const Question *question G_GNUC_UNUSED, const char *url, gint64 deadline, RevocationFailure *failure)
{
  return download_get (url, MAX_LIST, deadline, failure);
}

static const struct
{
  X509UrlKind kind;
  GBytes *(*fetch) (const Question *question, const char *url, gint64 deadline, RevocationFailure *failure);
  AnswerRead read;
} ways[] = {
  { X509_URL_OCSP, ask_service, answer_read_response },
  { X509_URL_LIST, get_list, answer_read_list },
};

/* Asks at URL in the WAYth of the ways; of two failures the one is kept that came closer to an answer. */
static void
ask (Revocation *revocation, gsize way, const Question *question, const char *url, gint64 deadline)
{
  g_autoptr (Revocation) found = revocation_new (revocation->sha256, REVOCATION_UNKNOWN);
  g_autoptr (GBytes) answer = ways[way].fetch (question, url, deadline, &found->failure);
  gsize length = 0;
  const guint8 *bytes = answer ? g_bytes_get_data (answer, &length) : NULL;

  if (answer)
    ways[way].read (found, question, bytes, length);
  if (found->state == REVOCATION_UNKNOWN && found->failure <= revocation->failure)
    return;
  g_free (revocation->host);
  revocation->host = x509_url_get_host (url);
  revocation->state = found->state;
  revocation->failure = found->failure;
  revocation->as_of = found->as_of;
  revocation->revoked_at = found->revoked_at;
  revocation->reason = found->reason;
}

static gboolean
has_address (const X509 *x509)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GPtrArray) urls = x509_url_list (x509, ways[i].kind);

      if (urls->len > 0)
        return TRUE;
    }
  return FALSE;
}

static void
ask_all (Revocation *revocation, const Question *question, gint64 deadline)
{
  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      g_autoptr (GPtrArray) urls = x509_url_list (question->x509, ways[i].kind);

      for (guint j = 0; j < urls->len && revocation->state == REVOCATION_UNKNOWN; j++)
        ask (revocation, i, question, urls->pdata[j], deadline);
    }
}

void
inquiry_make (Revocation *revocation,
              X509 *x509,
              const GPtrArray *candidates,
              const char *const *folders,
              gint64 now,
              gint64 deadline)
{
  g_autoptr (X509) issuer = NULL;

  revocation->state = REVOCATION_UNKNOWN;
  revocation->failure = REVOCATION_NO_ADDRESS;
  if (has_address (x509))
    {
      revocation->failure = REVOCATION_NO_ISSUER;
      issuer = find_issuer (x509, candidates, folders, deadline);
    }
  if (issuer != NULL)
    ask_all (revocation, &(Question){ x509, issuer, now }, deadline);
  ERR_clear_error ();
}
