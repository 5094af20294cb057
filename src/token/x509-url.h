/* The addresses in a certificate at which its issuer tells more (RFC 5280 sections 4.2.1.13 and 4.2.2.1). Plain http
 * alone: answers are signed, and that is what everybody serves them by. In the worker only. */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

#define X509_URL_MAX 4 /* of each kind; the rest is left out */

typedef enum
{
  X509_URL_OCSP,   /* answers about one certificate */
  X509_URL_LIST,   /* the list of all that are revoked, for all reasons */
  X509_URL_ISSUER, /* the issuer's own certificate */
  X509_URL_N_KINDS
} X509UrlKind;

/* Those of KIND in X509, "http://HOST…" each, printable ASCII. (transfer full) */
GPtrArray *x509_url_list (const X509 *x509, X509UrlKind kind) G_GNUC_WARN_UNUSED_RESULT;

/* Who is asked at URL, one of the above: "ocsp.example.com", with its port where that is an unusual one.
 * (transfer full) */
char *x509_url_get_host (const char *url);
