#include "x509-url.h"

#include <string.h>

#include <openssl/x509v3.h>

#define SCHEME       "http://"
#define ALSO_SCHEME  "ocsp://" /* in certificates of BJCA */
#define USUAL_PORT   ":80"
#define MAX_LENGTH   1024
#define SCHEME_CHARS (sizeof SCHEME - 1)
#define HOST_ENDS    ":/?#"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AUTHORITY_INFO_ACCESS, AUTHORITY_INFO_ACCESS_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CRL_DIST_POINTS, CRL_DIST_POINTS_free)

/* Adds the address in NAME to URLS if it is one that can be used. */
static void
add_url (GPtrArray *urls, const GENERAL_NAME *name)
{
  const ASN1_IA5STRING *uri = name->type == GEN_URI ? name->d.uniformResourceIdentifier : NULL;
  const char *text = uri ? (const char *) ASN1_STRING_get0_data (uri) : NULL;
  int length = uri ? ASN1_STRING_length (uri) : 0;

  if (urls->len >= X509_URL_MAX || length <= (int) SCHEME_CHARS || length > MAX_LENGTH)
    return;
  if (g_ascii_strncasecmp (text, SCHEME, SCHEME_CHARS) != 0
      && g_ascii_strncasecmp (text, ALSO_SCHEME, SCHEME_CHARS) != 0)
    return;
  if (strchr (HOST_ENDS, text[SCHEME_CHARS]) != NULL) /* of nobody */
    return;
  for (int i = 0; i < length; i++)
    if (!g_ascii_isgraph (text[i]) || text[i] == '@') /* nobody logs in, and nobody hides the host behind a name */
      return;
  g_ptr_array_add (urls, g_strdup_printf ("%s%.*s", SCHEME, length - (int) SCHEME_CHARS, text + SCHEME_CHARS));
}

static void
add_accesses (GPtrArray *urls, const X509 *x509, int method)
{
  g_autoptr (AUTHORITY_INFO_ACCESS) accesses = X509_get_ext_d2i (x509, NID_info_access, NULL, NULL);

  for (int i = 0; i < sk_ACCESS_DESCRIPTION_num (accesses); i++)
    {
      const ACCESS_DESCRIPTION *access = sk_ACCESS_DESCRIPTION_value (accesses, i);

      if (OBJ_obj2nid (access->method) == method)
        add_url (urls, access->location);
    }
}

/* A list for some reasons only, or of another issuer, would not tell of all. */
static void
add_lists (GPtrArray *urls, const X509 *x509)
{
  g_autoptr (CRL_DIST_POINTS) points = X509_get_ext_d2i (x509, NID_crl_distribution_points, NULL, NULL);

  for (int i = 0; i < sk_DIST_POINT_num (points); i++)
    {
      const DIST_POINT *point = sk_DIST_POINT_value (points, i);
      gboolean whole = point->reasons == NULL && point->CRLissuer == NULL;
      const GENERAL_NAMES *names =
        whole && point->distpoint != NULL && point->distpoint->type == 0 ? point->distpoint->name.fullname : NULL;

      for (int j = 0; j < sk_GENERAL_NAME_num (names); j++)
        add_url (urls, sk_GENERAL_NAME_value (names, j));
    }
}

GPtrArray *
x509_url_list (const X509 *x509, X509UrlKind kind)
{
  GPtrArray *urls = g_ptr_array_new_with_free_func (g_free);

  if (kind == X509_URL_LIST)
    add_lists (urls, x509);
  else
    add_accesses (urls, x509, kind == X509_URL_OCSP ? NID_ad_OCSP : NID_ad_ca_issuers);
  return urls;
}

char *
x509_url_get_host (const char *url)
{
  const char *begin = url + SCHEME_CHARS;
  char *host = g_strndup (begin, strcspn (begin, "/?#"));

  if (g_str_has_suffix (host, USUAL_PORT))
    host[strlen (host) - strlen (USUAL_PORT)] = '\0';
  return host;
}
