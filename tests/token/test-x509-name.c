#include "token/x509.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "model/error.h"
#include "model/text.h"
#include "testcert.h"

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free_all)

/* Bytes as a string literal with its length, NULs and all. */
#define BYTES(text) text, sizeof (text) - 1

static Certificate *
parse (GByteArray *der)
{
  g_autoptr (GError) error = NULL;
  Certificate *certificate = x509_parse (der->data, der->len, &error);

  g_assert_no_error (error);
  g_assert_nonnull (certificate);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  return certificate;
}

static Certificate *
finish_and_parse (X509 *x509)
{
  g_autoptr (GByteArray) der = testcert_finish (x509);

  return parse (der);
}

static void
assert_refused (const guint8 *der, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Certificate) certificate = x509_parse (der, length, &error);

  g_assert_null (certificate);
  g_assert_error (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
}

/* Names */

#define REPLACED     "\357\277\275" /* U+FFFD */
#define ORGANIZATION "O=Beijing Example Trading Co.\\, Ltd."

static const struct
{
  const char *name;
  int type;
  const char *bytes;
  gsize length;
  const char *holder;
  gboolean refused;
} names[] = {
  { "utf8", V_ASN1_UTF8STRING, BYTES ("张三"), "张三", FALSE },
  { "printable", V_ASN1_PRINTABLESTRING, BYTES ("Zhang San"), "Zhang San", FALSE },
  { "bmp", V_ASN1_BMPSTRING, BYTES ("\x5F\x20\x4E\x09"), "张三", FALSE },
  { "bmp-surrogates", V_ASN1_BMPSTRING, BYTES ("\xD8\x40\xDC\x0B"), NULL, TRUE },
  { "bmp-lone-surrogate", V_ASN1_BMPSTRING, BYTES ("\xD8\x40\x00\x41"), NULL, TRUE },
  { "bmp-odd", V_ASN1_BMPSTRING, BYTES ("\x5F\x20\x4E\x09\x41"), NULL, TRUE },
  { "bmp-one-byte", V_ASN1_BMPSTRING, BYTES ("\x41"), NULL, TRUE },
  { "universal", V_ASN1_UNIVERSALSTRING, BYTES ("\0\0\x5F\x20\0\0\x4E\x09"), "张三", FALSE },
  { "universal-odd", V_ASN1_UNIVERSALSTRING, BYTES ("\0\0\x5F\x20\0"), NULL, TRUE },
  { "universal-beyond", V_ASN1_UNIVERSALSTRING, BYTES ("\x7F\xFF\xFF\xFF"), NULL, TRUE },
  { "t61-gbk", V_ASN1_T61STRING, BYTES ("\xD5\xC5\xC8\xFD"), "张三", FALSE },
  { "t61-utf8", V_ASN1_T61STRING, BYTES ("张三"), "张三", FALSE },
  { "t61-latin1", V_ASN1_T61STRING, BYTES ("Zh\xE0ng San"), "Zhàng San", FALSE },
  { "t61-latin1-at-the-end", V_ASN1_T61STRING, BYTES ("Zhang S\xE0"), "Zhang Sà", FALSE },
  { "printable-gbk", V_ASN1_PRINTABLESTRING, BYTES ("\xB1\xB1\xBE\xA9"), "北京", FALSE },
  { "printable-utf8", V_ASN1_PRINTABLESTRING, BYTES ("北京"), "北京", FALSE },
  { "ia5-gbk", V_ASN1_IA5STRING, BYTES ("Ltd \xB1\xB1\xBE\xA9"), "Ltd 北京", FALSE },
  { "t61-gbk-like-utf8", V_ASN1_T61STRING, BYTES ("\xC1\xAA\xCD\xA8"), "联通", FALSE },
  { "printable-gbk-company", V_ASN1_PRINTABLESTRING,
    BYTES ("\xB1\xB1\xBE\xA9\xCA\xBE\xC0\xFD\xC9\xCC\xC3\xB3\xD3\xD0\xCF\xDE\xB9\xAB\xCB\xBE"), "北京示例商贸有限公司",
    FALSE },
  { "t61-gbk-low-second-byte", V_ASN1_T61STRING, BYTES ("\xD5\xC5\xE9\x46"), "张镕", FALSE },
  { "t61-gb18030-four-bytes", V_ASN1_T61STRING, BYTES ("\x95\x32\x82\x36"), "𠀀", FALSE },
  { "t61-gb18030-mixed", V_ASN1_T61STRING, BYTES ("\xD5\xC5\x95\x32\x82\x36"), "张𠀀", FALSE },
  { "general-gbk", V_ASN1_GENERALSTRING, BYTES ("\xD5\xC5\xC8\xFD"), NULL, TRUE },
  { "visible-utf8", V_ASN1_VISIBLESTRING, BYTES ("张三"), NULL, TRUE },
  { "numeric-gbk", V_ASN1_NUMERICSTRING, BYTES ("\xD5\xC5\xC8\xFD"), "张三", FALSE },
  { "printable-utf8-cut", V_ASN1_PRINTABLESTRING, BYTES ("北京示\xE4\xBE"), "北京示", FALSE },
  { "t61-utf8-cut", V_ASN1_T61STRING, BYTES ("Ltd 北京\xE7"), "Ltd 北京", FALSE },
  { "t61-utf8-cut-four-bytes", V_ASN1_T61STRING, BYTES ("张\xF0\xA0\x80"), "张", FALSE },
  { "t61-nothing-but-cut", V_ASN1_T61STRING, BYTES ("\xE5\xBC"), "寮", FALSE }, /* that is GBK */
  { "t61-latin1-no-cut", V_ASN1_T61STRING, BYTES ("Zhang \xE9"), "Zhang é", FALSE },
  { "t61-gbk-cut", V_ASN1_T61STRING, BYTES ("\xB1\xB1\xBE\xA9\xCA"), "北京", FALSE },
  { "t61-gb18030-cut", V_ASN1_T61STRING, BYTES ("\xD5\xC5\x95\x32\x82"), "张", FALSE },
  { "t61-gbk-invalid", V_ASN1_T61STRING, BYTES ("\xFF\xFE"), "ÿþ", FALSE },
  { "t61-gbk-with-bidi", V_ASN1_T61STRING, BYTES ("\xD5\xC5\x81\x36\xA7\x31\xC8\xFD"), "张三", FALSE },
  { "utf8-with-gbk", V_ASN1_UTF8STRING, BYTES ("\xB1\xB1\xBE\xA9"), NULL, TRUE },
  { "utf8-invalid", V_ASN1_UTF8STRING, BYTES ("Zhang\xFF"), NULL, TRUE },
  { "nul", V_ASN1_UTF8STRING, BYTES ("Zhang\0San"), "Zhang" REPLACED "San", FALSE },
  { "nul-in-printable", V_ASN1_PRINTABLESTRING, BYTES ("Zhang\0San"), "Zhang" REPLACED "San", FALSE },
  { "nul-and-utf8", V_ASN1_T61STRING, BYTES ("张\0三"), "张" REPLACED "三", FALSE },
  { "nul-first", V_ASN1_UTF8STRING, BYTES ("\0San"), REPLACED "San", FALSE },
  { "bidi", V_ASN1_UTF8STRING, BYTES ("Zhang\u202E\u2066\u200B San"), "Zhang San", FALSE },
  { "escape", V_ASN1_UTF8STRING, BYTES ("\033[31mZhang\r\n\tSan\a"), "[31mZhang San", FALSE },
  { "markup", V_ASN1_UTF8STRING, BYTES ("<b>&amp;</b>"), "<b>&amp;</b>", FALSE },
  { "format", V_ASN1_UTF8STRING, BYTES ("%s%n$(id)../.."), "%s%n$(id)../..", FALSE },
  { "blanks", V_ASN1_UTF8STRING, BYTES ("  Zhang  San  "), "Zhang San", FALSE },
  { "nothing-visible", V_ASN1_UTF8STRING, BYTES ("\u202E\u200B"), NULL, FALSE },
  { "empty", V_ASN1_UTF8STRING, BYTES (""), NULL, FALSE },
};

/* A certificate whose common name is LENGTH bytes of a string TYPE, put into the DER: OpenSSL would not write them all.
 */
static GByteArray *
make_named (int type, const char *bytes, gsize length)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autofree char *place = g_strnfill (length, '~');
  GByteArray *der;
  guint8 *found;

  testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, place, length);
  der = testcert_finish (x509);
  if (length == 0)
    return der;

  found = memmem (der->data, der->len, place, length);
  g_assert_nonnull (found);
  memcpy (found, bytes, length);
  found[-2] = (guint8) type;
  return der;
}

static void
test_name (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GByteArray) der = make_named (names[i].type, names[i].bytes, names[i].length);
  g_autoptr (Certificate) certificate = NULL;

  /* OpenSSL refuses names that it cannot compare, and with them the whole certificate. */
  if (names[i].refused)
    {
      assert_refused (der->data, der->len);
      return;
    }

  certificate = parse (der);
  g_assert_cmpstr (certificate->holder, ==, names[i].holder);
  g_assert_cmpstr (certificate->organization, ==, "Beijing Example Trading Co., Ltd.");
  g_assert_true (g_utf8_validate (certificate->subject, -1, NULL));
  g_assert_nonnull (strstr (certificate->subject, ORGANIZATION));
}

/* The whole subject as openssl prints it. */
static char *
print_by_openssl (const X509_NAME *name)
{
  g_autoptr (BIO) bio = BIO_new (BIO_s_mem ());
  char *text;
  long n;

  X509_NAME_print_ex (bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  n = BIO_get_mem_data (bio, &text);
  return g_strndup (text, (gsize) n);
}

static void
test_subject_like_openssl (void)
{
  static const char *const values[] = { "Zhang San",   "San, Zhang", "#1",   "a+b=c",    "\"quoted\"",
                                        "back\\slash", "<a;b>",      "张三", "e\xCC\x81" /* not composed */ };

  for (gsize i = 0; i + 1 < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      X509_NAME *name = X509_get_subject_name (x509);
      g_autoptr (Certificate) certificate = NULL;
      g_autofree char *expected = NULL;

      testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, values[i], strlen (values[i]));
      /* One part of two, an attribute that nobody knows, an empty value, and one that is no text. */
      X509_NAME_add_entry_by_NID (name, NID_serialNumber, MBSTRING_ASC, (const guchar *) "42", -1, -1, 1);
      X509_NAME_add_entry_by_txt (name, "1.2.3.4", MBSTRING_UTF8, (const guchar *) "odd", -1, -1, 0);
      testcert_set_name (x509, NID_userId, V_ASN1_UTF8STRING, "", 0);
      testcert_set_name (x509, NID_x500UniqueIdentifier, V_ASN1_BIT_STRING, "\x01\x02", 2);
      expected = print_by_openssl (name);
      certificate = finish_and_parse (x509);
      g_assert_cmpstr (certificate->subject, ==, expected);
    }
}

/* As BJCA writes subjects: the common name first, another name (2.5.4.41) beside it, the country as UTF8String. Holder
 * and organisation are the same, and the whole is what openssl makes of it. */
static void
test_reversed (void)
{
  static const struct
  {
    int nid;
    const char *text;
  } parts[] = {
    { NID_commonName, "张三" },
    { NID_name, "张三丰" },
    { NID_organizationalUnitName, "财务部" },
    { NID_organizationName, "北京示例商贸有限公司" },
    { NID_stateOrProvinceName, "北京" },
    { NID_countryName, "CN" },
  };
  g_autoptr (X509) x509 = testcert_new ("P-256");
  X509_NAME *name = X509_get_subject_name (x509);
  g_autofree char *expected = NULL;
  g_autoptr (Certificate) certificate = NULL;

  while (X509_NAME_entry_count (name) > 0)
    X509_NAME_ENTRY_free (X509_NAME_delete_entry (name, 0));
  for (gsize i = 0; i < G_N_ELEMENTS (parts); i++)
    testcert_set_name (x509, parts[i].nid, V_ASN1_UTF8STRING, parts[i].text, strlen (parts[i].text));
  expected = print_by_openssl (name);
  certificate = finish_and_parse (x509);
  g_assert_cmpstr (certificate->holder, ==, "张三");
  g_assert_cmpstr (certificate->organization, ==, "北京示例商贸有限公司");
  g_assert_cmpstr (certificate->subject, ==, expected);
  g_assert_cmpstr (certificate->subject, ==, "C=CN,ST=北京,O=北京示例商贸有限公司,OU=财务部,name=张三丰,CN=张三");
}

static void
test_no_common_name (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (X509) nameless = testcert_new ("P-256");
  g_autoptr (Certificate) certificate = NULL;
  g_autoptr (Certificate) without = NULL;

  X509_NAME_ENTRY_free (X509_NAME_delete_entry (X509_get_subject_name (x509), 1));
  X509_NAME_ENTRY_free (X509_NAME_delete_entry (X509_get_issuer_name (x509), 1));
  certificate = finish_and_parse (x509);
  g_assert_null (certificate->holder);
  g_assert_cmpstr (certificate->subject, ==, ORGANIZATION);
  g_assert_cmpstr (certificate->issuer_name, ==, "Test");

  for (int i = 0; i < 2; i++)
    {
      X509_NAME_ENTRY_free (X509_NAME_delete_entry (X509_get_subject_name (nameless), 0));
      X509_NAME_ENTRY_free (X509_NAME_delete_entry (X509_get_issuer_name (nameless), 0));
    }
  without = finish_and_parse (nameless);
  g_assert_null (without->subject);
  g_assert_null (without->issuer);
  g_assert_null (without->issuer_name);
}

static void
test_long_names (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (X509) many = testcert_new ("P-256");
  g_autofree char *name = g_strnfill (60 * 1024, 'A');
  g_autoptr (Certificate) one = NULL;
  g_autoptr (GByteArray) der = NULL;
  g_autoptr (Certificate) certificate = NULL;

  testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, name, 60 * 1024);
  one = finish_and_parse (x509);
  g_assert_cmpint (g_utf8_strlen (one->holder, -1), <=, TEXT_MAX_CHARS);

  /* As many parts as fit: the first 64 count. */
  for (int i = 0; i < 4000; i++)
    X509_NAME_add_entry_by_NID (X509_get_subject_name (many), NID_organizationalUnitName, MBSTRING_ASC,
                                (const guchar *) "x", -1, -1, 0);
  der = testcert_finish (many);
  g_assert_cmpuint (der->len, <=, CERTIFICATE_MAX_DER);
  certificate = parse (der);
  g_assert_cmpstr (certificate->holder, ==, "Zhang San");
  g_assert_true (g_str_has_suffix (certificate->subject, ",CN=Zhang San," ORGANIZATION));
  g_assert_cmpuint (strlen (certificate->subject), <, TEXT_MAX_CHARS);
}

static void
add_table (const char *prefix, const char *name, gsize i, GTestDataFunc function)
{
  g_autofree char *path = g_strconcat (prefix, name, NULL);

  g_test_add_data_func (path, GSIZE_TO_POINTER (i), function);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    add_table ("/x509/name/", names[i].name, i, test_name);
  g_test_add_func ("/x509/subject-like-openssl", test_subject_like_openssl);
  g_test_add_func ("/x509/reversed", test_reversed);
  g_test_add_func ("/x509/no-common-name", test_no_common_name);
  g_test_add_func ("/x509/long-names", test_long_names);
  return g_test_run ();
}
