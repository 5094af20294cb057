/* Where a certificate says that its issuer tells more. */

#include "token/x509-url.h"

#include <string.h>

#include <openssl/x509v3.h>

#include "testcert.h"

/* Adds extension NID with VALUE, which may refer to SECTIONS. */
static void
add (X509 *x509, int nid, const char *value, const char *sections)
{
  X509_EXTENSION *extension = testcert_make_extension (nid, value, sections);

  g_assert_cmpint (X509_add_ext (x509, extension, -1), ==, 1);
  X509_EXTENSION_free (extension);
}

/* The addresses of KIND in X509, separated by spaces. (transfer full) */
static char *
list (const X509 *x509, X509UrlKind kind)
{
  g_autoptr (GPtrArray) urls = x509_url_list (x509, kind);

  g_assert_cmpuint (urls->len, <=, X509_URL_MAX);
  g_ptr_array_add (urls, NULL);
  return g_strjoinv (" ", (char **) urls->pdata);
}

/* Accesses as openssl's configuration writes them, and what is left of them. */
static const struct
{
  const char *value, *services, *issuers;
} accesses[] = {
  { "OCSP;URI:http://ocsp.example.com", "http://ocsp.example.com", "" },
  { "OCSP;URI:OCSP://ocsp.example.com:9012", "http://ocsp.example.com:9012", "" },
  { "OCSP;URI:ocsp://ocsp.example.com/a", "http://ocsp.example.com/a", "" },
  { "OCSP;URI:HTTP://OCSP.example.com/A", "http://OCSP.example.com/A", "" },
  { "OCSP;URI:https://ocsp.example.com", "", "" },
  { "OCSP;URI:ldap://ocsp.example.com/c=CN", "", "" },
  { "OCSP;URI:file:///etc/passwd", "", "" },
  { "OCSP;URI:http:/ocsp.example.com", "", "" },
  { "OCSP;URI:ocsp.example.com", "", "" },
  { "OCSP;URI:http://", "", "" },
  { "OCSP;URI:http:///path", "", "" },
  { "OCSP;URI:http://:80/path", "", "" },
  { "OCSP;URI:http://?query", "", "" },
  { "OCSP;URI:http://a b/", "", "" },
  { "OCSP;URI:http://user@ocsp.example.com", "", "" },
  { "OCSP;URI:http://good.example.com@ocsp.example.com/", "", "" },
  { "OCSP;DNS:ocsp.example.com", "", "" },
  { "OCSP;email:ocsp@example.com", "", "" },
  { "OCSP;IP:127.0.0.1", "", "" },
  { "OCSP;URI:https://a/,OCSP;URI:http://b/,caIssuers;URI:http://c/,caIssuers;URI:ldap://d/", "http://b/",
    "http://c/" },
  { "caIssuers;URI:http://c/ca.cer", "", "http://c/ca.cer" },
  { "1.2.3.4;URI:http://c/", "", "" },
  { "OCSP;URI:http://1/,OCSP;URI:http://2/,OCSP;URI:http://3/,OCSP;URI:http://4/,OCSP;URI:http://5/",
    "http://1/ http://2/ http://3/ http://4/", "" },
  /* what is left out takes nobody's place */
  { "OCSP;URI:https://1/,OCSP;URI:ldap://2/,OCSP;URI:http://3/,OCSP;URI:http://4/,OCSP;URI:http://5/",
    "http://3/ http://4/ http://5/", "" },
};

static void
test_accesses (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (accesses); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autofree char *services = NULL, *issuers = NULL, *lists = NULL;

      add (x509, NID_info_access, accesses[i].value, NULL);
      services = list (x509, X509_URL_OCSP);
      issuers = list (x509, X509_URL_ISSUER);
      lists = list (x509, X509_URL_LIST);
      g_assert_cmpstr (services, ==, accesses[i].services);
      g_assert_cmpstr (issuers, ==, accesses[i].issuers);
      g_assert_cmpstr (lists, ==, "");
    }
}

static const struct
{
  const char *value, *sections, *lists;
} points[] = {
  { "URI:http://a/1.crl", NULL, "http://a/1.crl" },
  { "URI:http://a/1.crl,URI:ldap://b/,URI:http://c/", NULL, "http://a/1.crl http://c/" },
  { "URI:https://a/1.crl", NULL, "" },
  { "dirName:name", "[name]\nCN=1.crl\n", "" },
  { "p,q", "[p]\nfullname=dirName:name\n[q]\nfullname=URI:http://a/\n[name]\nCN=1.crl\n", "http://a/" },
  { "p", "[p]\nfullname=URI:ldap://a/,URI:http://b/,URI:http://c/\n", "http://b/ http://c/" },
  { "p", "[p]\nrelativename=name\n[name]\nCN=1.crl\n", "" },
  { "p", "[p]\nfullname=URI:http://a/\nreasons=keyCompromise\n", "" },
  { "p", "[p]\nfullname=URI:http://a/\nCRLissuer=dirName:name\n[name]\nCN=Other\n", "" },
  { "p,q", "[p]\nfullname=URI:http://a/\nreasons=keyCompromise\n[q]\nfullname=URI:http://b/\n", "http://b/" },
  { "URI:http://1/,URI:http://2/,URI:http://3/,URI:http://4/,URI:http://5/", NULL,
    "http://1/ http://2/ http://3/ http://4/" },
};

static void
test_points (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (points); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autofree char *lists = NULL, *services = NULL;

      add (x509, NID_crl_distribution_points, points[i].value, points[i].sections);
      lists = list (x509, X509_URL_LIST);
      services = list (x509, X509_URL_OCSP);
      g_assert_cmpstr (lists, ==, points[i].lists);
      g_assert_cmpstr (services, ==, "");
    }
}

/* A certificate that has the address BYTES for its OCSP service. (transfer full) */
static X509 *
make_with (const char *bytes, gsize length)
{
  X509 *x509 = testcert_new ("P-256");
  AUTHORITY_INFO_ACCESS *info = AUTHORITY_INFO_ACCESS_new ();
  ACCESS_DESCRIPTION *access = ACCESS_DESCRIPTION_new ();
  ASN1_IA5STRING *uri = ASN1_IA5STRING_new ();

  ASN1_STRING_set (uri, bytes, (int) length);
  ASN1_OBJECT_free (access->method);
  access->method = OBJ_nid2obj (NID_ad_OCSP);
  GENERAL_NAME_set0_value (access->location, GEN_URI, uri);
  sk_ACCESS_DESCRIPTION_push (info, access);
  g_assert_cmpint (X509_add1_ext_i2d (x509, NID_info_access, info, 0, 0), ==, 1);
  AUTHORITY_INFO_ACCESS_free (info);
  return x509;
}

/* No byte but a printable one of ASCII comes through, wherever it stands. */
static void
test_bytes (void)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      gboolean good = byte > 0x20 && byte < 0x7F && byte != '@';
      char text[] = "http://a.example/?";
      g_autoptr (X509) x509 = NULL;
      g_autofree char *services = NULL;

      text[sizeof text - 2] = (char) byte;
      x509 = make_with (text, sizeof text - 1);
      services = list (x509, X509_URL_OCSP);
      g_assert_cmpstr (services, ==, good ? text : "");
    }
}

static void
test_length (void)
{
  for (gsize length = 1023; length <= 1025; length++)
    {
      g_autofree char *text = g_strnfill (length, 'a');
      g_autoptr (X509) x509 = NULL;
      g_autofree char *services = NULL;

      memcpy (text, "http://", 7);
      x509 = make_with (text, length);
      services = list (x509, X509_URL_OCSP);
      g_assert_cmpstr (services, ==, length <= 1024 ? text : "");
    }
}

static void
test_none (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");

  testcert_add_raw_extension (x509, "1.3.6.1.5.5.7.1.1", "\x30\x05zz", 4);
  testcert_add_raw_extension (x509, "2.5.29.31", "\x30\x80", 2);
  for (X509UrlKind kind = 0; kind < X509_URL_N_KINDS; kind++)
    {
      g_autofree char *urls = list (x509, kind);

      g_assert_cmpstr (urls, ==, "");
    }
}

static void
test_hosts (void)
{
  static const struct
  {
    const char *url, *host;
  } cases[] = {
    { "http://ocsp.example.com", "ocsp.example.com" },
    { "http://ocsp.example.com/a/b?c#d", "ocsp.example.com" },
    { "http://ocsp.example.com:9012/a", "ocsp.example.com:9012" },
    { "http://ocsp.example.com:80/a", "ocsp.example.com" },
    { "http://ocsp.example.com:8080", "ocsp.example.com:8080" },
    { "http://ocsp.example.com?a=b/c", "ocsp.example.com" },
    { "http://ocsp.example.com#a", "ocsp.example.com" },
    { "http://192.0.2.1:80", "192.0.2.1" },
    { "http://[2001:db8::80]/a", "[2001:db8::80]" },
    { "http://[2001:db8::1]:80/a", "[2001:db8::1]" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *host = x509_url_get_host (cases[i].url);

      g_assert_cmpstr (host, ==, cases[i].host);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/x509-url/accesses", test_accesses);
  g_test_add_func ("/x509-url/points", test_points);
  g_test_add_func ("/x509-url/bytes", test_bytes);
  g_test_add_func ("/x509-url/length", test_length);
  g_test_add_func ("/x509-url/none", test_none);
  g_test_add_func ("/x509-url/hosts", test_hosts);
  return g_test_run ();
}
