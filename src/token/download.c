#include "download.h"

#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/http.h>
#include <openssl/httperr.h>

#define OCSP_QUESTION "application/ocsp-request"
#define OCSP_ANSWER   "application/ocsp-response"

/* One exchange: a host that is away must not take the time of the others. */
#define MAX_SECONDS 8

#define MAX_REDIRECTIONS 5
#define NAP_MS           100
#define SCHEME           "http://"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

/* One question and what came of it. */
typedef struct
{
  BIO *question; /* NULL: what is there is asked for */
  gsize max_size;
  gint64 deadline;
  char *elsewhere; /* OpenSSL's: not there but here */
  RevocationFailure failure;
} Exchange;

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

/* OpenSSL's client would do this by itself, but it tries somebody who refuses again and again until its time is over,
 * and then says that nobody answered in time. */
static BIO *
connect_to (Exchange *exchange, const char *host, const char *port, int seconds)
{
  g_autoptr (BIO) connection = BIO_new_connect (host);
  time_t until = time (NULL) + seconds;

  if (connection == NULL || !BIO_set_conn_port (connection, port) || !BIO_set_nbio (connection, 1))
    return NULL;
  while (BIO_do_connect (connection) <= 0)
    {
      gboolean goes_on = BIO_should_retry (connection);

      if (!goes_on || BIO_wait (connection, until, NAP_MS) <= 0)
        {
          exchange->failure = goes_on ? REVOCATION_SILENT : REVOCATION_UNREACHABLE;
          return NULL;
        }
    }
  return g_steal_pointer (&connection);
}

static BIO *
talk (Exchange *exchange, const char *host, const char *port, const char *path, int seconds)
{
  gboolean direct = OSSL_HTTP_adapt_proxy (NULL, NULL, host, 0) == NULL; /* else OpenSSL connects to the proxy */
  g_autoptr (BIO) connection = direct ? connect_to (exchange, host, port, seconds) : NULL;
  const char *sent = exchange->question != NULL ? OCSP_QUESTION : NULL;
  const char *expected = exchange->question != NULL ? OCSP_ANSWER : NULL;
  OSSL_HTTP_REQ_CTX *context = NULL;
  BIO *answer = NULL;

  if (direct && connection == NULL)
    return NULL;
  ERR_clear_error ();
  context = OSSL_HTTP_open (host, port, NULL, NULL, 0, connection, NULL, NULL, NULL, 0, seconds);
  if (context != NULL
      && OSSL_HTTP_set1_request (context, path, NULL, sent, exchange->question, expected, 1, exchange->max_size,
                                 seconds, 0))
    answer = OSSL_HTTP_exchange (context, exchange->question == NULL ? &exchange->elsewhere : NULL);
  exchange->failure = answer != NULL ? REVOCATION_NOT_FAILED : explain_all ();
  OSSL_HTTP_close (context, answer != NULL);
  return answer;
}

static GBytes *
ask (Exchange *exchange, const char *url)
{
  char *host = NULL, *port = NULL, *path = NULL, *bytes = NULL;
  int tls = 0, seconds = get_seconds (exchange->deadline);
  g_autoptr (BIO) answer = NULL;
  long length;

  exchange->failure = seconds == 0 ? REVOCATION_SILENT : REVOCATION_NONSENSE;
  if (seconds > 0 && OSSL_HTTP_parse_url (url, &tls, NULL, &host, &port, NULL, &path, NULL, NULL) && !tls)
    answer = talk (exchange, host, port, path, seconds);
  OPENSSL_free (host);
  OPENSSL_free (port);
  OPENSSL_free (path);
  ERR_clear_error ();
  length = answer != NULL ? BIO_get_mem_data (answer, &bytes) : 0;
  if (answer != NULL && length <= 0)
    exchange->failure = REVOCATION_NONSENSE;
  return exchange->failure == REVOCATION_NOT_FAILED ? g_bytes_new (bytes, (gsize) length) : NULL;
}

/* The address to which URL sends us; NULL for none that can be used. */
static char *
take_elsewhere (Exchange *exchange, const char *url)
{
  const char *target = exchange->elsewhere;
  gsize host_end = strlen (SCHEME) + strcspn (url + strlen (SCHEME), "/?#");
  char *next = NULL;

  if (target != NULL && g_ascii_strncasecmp (target, SCHEME, strlen (SCHEME)) == 0)
    next = g_strdup (target);
  else if (target != NULL && *target == '/' && target[1] != '/')
    next = g_strdup_printf ("%.*s%s", (int) host_end, url, target);
  OPENSSL_free (exchange->elsewhere);
  exchange->elsewhere = NULL;
  return next;
}

GBytes *
download_get (const char *url, gsize max_size, gint64 deadline, RevocationFailure *failure)
{
  Exchange exchange = { .max_size = max_size, .deadline = deadline };
  g_autofree char *place = g_strdup (url);
  GBytes *bytes = NULL;

  for (guint i = 0; i <= MAX_REDIRECTIONS && place != NULL; i++)
    {
      g_autofree char *asked = g_steal_pointer (&place);

      bytes = ask (&exchange, asked);
      place = take_elsewhere (&exchange, asked);
    }
  *failure = exchange.failure;
  return bytes;
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
  Exchange exchange = { .question = request, .max_size = max_size, .deadline = deadline };
  GBytes *bytes = request != NULL ? ask (&exchange, url) : NULL;

  *failure = request != NULL ? exchange.failure : REVOCATION_BROKEN;
  return bytes;
}
