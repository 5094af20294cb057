#include "download.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/httperr.h>

#define OCSP_QUESTION "application/ocsp-request"
#define OCSP_ANSWER   "application/ocsp-response"

/* One exchange: a host that is away must not take the time of the others. */
#define MAX_SECONDS 8

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

/* What OpenSSL's reasons mean here. Those of its HTTP client that are not here: the answer is not to be made sense of;
 * of its sockets: there is no connection. */
static const struct
{
  int library, reason;
  RevocationFailure failure;
} meanings[] = {
  { ERR_LIB_HTTP, HTTP_R_MAX_RESP_LEN_EXCEEDED, REVOCATION_TOO_LARGE },
  { ERR_LIB_HTTP, HTTP_R_ASN1_LEN_EXCEEDS_MAX_RESP_LEN, REVOCATION_TOO_LARGE },
  { ERR_LIB_HTTP, HTTP_R_STATUS_CODE_UNSUPPORTED, REVOCATION_REFUSED },
  { ERR_LIB_HTTP, HTTP_R_RECEIVED_ERROR, REVOCATION_REFUSED },
  { ERR_LIB_HTTP, HTTP_R_RETRY_TIMEOUT, REVOCATION_SILENT },
  { ERR_LIB_HTTP, HTTP_R_CONNECT_FAILURE, REVOCATION_UNREACHABLE },
  { ERR_LIB_BIO, BIO_R_CONNECT_TIMEOUT, REVOCATION_SILENT },
  { ERR_LIB_BIO, BIO_R_TRANSFER_TIMEOUT, REVOCATION_SILENT },
};

static RevocationFailure
explain (gulong error)
{
  int library = ERR_GET_LIB (error), reason = ERR_GET_REASON (error);

  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].library == library && meanings[i].reason == reason)
      return meanings[i].failure;
  return library == ERR_LIB_HTTP || library == ERR_LIB_ASN1 ? REVOCATION_NONSENSE : REVOCATION_UNREACHABLE;
}

/* The first error is the cause; where a time-out is among them, that is. */
static RevocationFailure
explain_all (void)
{
  RevocationFailure first = REVOCATION_NOT_FAILED;
  gulong error;

  while ((error = ERR_get_error ()) != 0)
    {
      RevocationFailure failure = explain (error);

      if (first == REVOCATION_NOT_FAILED || failure == REVOCATION_SILENT)
        first = failure;
    }
  return first != REVOCATION_NOT_FAILED ? first : REVOCATION_NONSENSE;
}

/* Whole seconds that are left, 0 for none: a bit too few rather than too many. */
static int
get_seconds (gint64 deadline)
{
  gint64 left = (deadline - g_get_monotonic_time ()) / G_USEC_PER_SEC;

  return (int) CLAMP (left, 0, MAX_SECONDS);
}

/* What is in ANSWER, which is in memory. */
static GBytes *
take (BIO *answer, RevocationFailure *failure)
{
  char *bytes = NULL;
  long length = answer ? BIO_get_mem_data (answer, &bytes) : 0;

  *failure = answer == NULL ? explain_all () : length <= 0 ? REVOCATION_NONSENSE : REVOCATION_NOT_FAILED;
  ERR_clear_error ();
  return *failure == REVOCATION_NOT_FAILED ? g_bytes_new (bytes, (gsize) length) : NULL;
}

GBytes *
download_get (const char *url, gsize max_size, gint64 deadline, RevocationFailure *failure)
{
  g_autoptr (BIO) answer = NULL;
  int seconds = get_seconds (deadline);

  *failure = REVOCATION_SILENT;
  if (seconds == 0)
    return NULL;
  ERR_clear_error ();
  answer = OSSL_HTTP_get (url, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, NULL, 1, max_size, seconds);
  return take (answer, failure);
}

/* Where OSSL_HTTP_transfer () wants URL in parts. */
static BIO *
post (const char *url, BIO *question, gsize max_size, int seconds)
{
  char *host = NULL, *port = NULL, *path = NULL;
  BIO *answer = NULL;

  if (OSSL_HTTP_parse_url (url, NULL, NULL, &host, &port, NULL, &path, NULL, NULL))
    answer = OSSL_HTTP_transfer (NULL, host, port, path, 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, NULL, OCSP_QUESTION,
                                 question, OCSP_ANSWER, 1, max_size, seconds, 0);
  OPENSSL_free (host);
  OPENSSL_free (port);
  OPENSSL_free (path);
  return answer;
}

GBytes *
download_ask_ocsp (const char *url,
                   const guint8 *question,
                   gsize length,
                   gsize max_size,
                   gint64 deadline,
                   RevocationFailure *failure)
{
  g_autoptr (BIO) request = BIO_new_mem_buf (question, (int) length);
  g_autoptr (BIO) answer = NULL;
  int seconds = get_seconds (deadline);

  *failure = REVOCATION_SILENT;
  if (seconds == 0 || request == NULL)
    return NULL;
  ERR_clear_error ();
  answer = post (url, request, max_size, seconds);
  return take (answer, failure);
}
