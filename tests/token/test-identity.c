/* Whom certificates name, with the table that comes with the program: each field in each encoding, with good and bad
 * check digits, and whatever else may stand there. All numbers are made up or the example of their standard. */
#include "token/identity.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/asn1.h>

#include "testcert.h"
#include "token/x509.h"

#define BYTES(text) text, sizeof (text) - 1

#define CREDIT_CODE "91350100M000100Y43"
#define OTHER_CODE  "91110000MA0000111B"
#define CARD        "11010519491231002X"

/* ---- certificates ---- */

static Certificate *
parse (X509 *x509)
{
  g_autoptr (GByteArray) der = testcert_finish (x509);
  g_autoptr (GError) error = NULL;
  Certificate *certificate = x509_parse (der->data, der->len, &error);

  g_assert_no_error (error);
  return certificate;
}

static Certificate *
make (const char *oid, const void *bytes, gsize length)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");

  testcert_add_raw_extension (x509, oid, bytes, length);
  return parse (x509);
}

static const Identity *
get (const Certificate *certificate, guint i)
{
  g_assert_cmpuint (certificate->identities->len, >, i);
  return certificate->identities->pdata[i];
}

static void
assert_only (const Certificate *certificate, IdentityKind kind, const char *value)
{
  g_assert_cmpuint (certificate->identities->len, ==, 1);
  g_assert_cmpint (get (certificate, 0)->kind, ==, kind);
  g_assert_cmpstr (get (certificate, 0)->value, ==, value);
}

/* ---- encodings ---- */

static GByteArray *
wrap (guint8 tag, GByteArray *inside)
{
  guint8 head[] = { tag, 0x82, (guint8) (inside->len >> 8), (guint8) inside->len };

  if (inside->len < 0x80)
    {
      head[1] = (guint8) inside->len;
      return g_byte_array_prepend (inside, head, 2);
    }
  return g_byte_array_prepend (inside, head, 4);
}

static GByteArray *
wrap_text (guint8 tag, const char *text)
{
  return wrap (tag, g_byte_array_append (g_byte_array_new (), (const guint8 *) text, (guint) strlen (text)));
}

static GByteArray *
make_utf8 (const char *text)
{
  return wrap_text (V_ASN1_UTF8STRING, text);
}

static GByteArray *
make_printable (const char *text)
{
  return wrap_text (V_ASN1_PRINTABLESTRING, text);
}

static GByteArray *
make_ia5 (const char *text)
{
  return wrap_text (V_ASN1_IA5STRING, text);
}

static GByteArray *
make_t61 (const char *text)
{
  return wrap_text (V_ASN1_T61STRING, text);
}

static GByteArray *
make_visible (const char *text)
{
  return wrap_text (V_ASN1_VISIBLESTRING, text);
}

static GByteArray *
make_bmp (const char *text)
{
  GByteArray *wide = g_byte_array_new ();

  for (; *text; text++)
    g_byte_array_append (wide, (const guint8[]){ 0, (guint8) *text }, 2);
  return wrap (V_ASN1_BMPSTRING, wide);
}

static GByteArray *
make_octets (const char *text)
{
  return wrap_text (V_ASN1_OCTET_STRING, text);
}

static GByteArray *
make_utf8_in_octets (const char *text)
{
  return wrap (V_ASN1_OCTET_STRING, make_utf8 (text));
}

static GByteArray *
make_raw (const char *text)
{
  return g_byte_array_append (g_byte_array_new (), (const guint8 *) text, (guint) strlen (text));
}

/* As a C program and as an editor leave it. */
static GByteArray *
make_raw_with_nul (const char *text)
{
  return g_byte_array_append (make_raw (text), (const guint8 *) "", 1);
}

static GByteArray *
make_raw_with_newline (const char *text)
{
  return g_byte_array_append (make_raw (text), (const guint8 *) "\r\n", 2);
}

/* As real ones have it: SET { [0] EXPLICIT PrintableString }. */
static GByteArray *
make_choice (const char *text)
{
  return wrap (0x31, wrap (0xA0, make_printable (text)));
}

static GByteArray *
make_implicit_choice (const char *text)
{
  return wrap (0x31, wrap_text (0x81, text));
}

static GByteArray *
make_explicit (const char *text)
{
  return wrap (0xA2, make_utf8 (text));
}

/* SEQUENCE { OBJECT IDENTIFIER, [0] UTF8String }, as other names are written. */
static GByteArray *
make_other_name (const char *text)
{
  return wrap (0x30, g_byte_array_prepend (wrap (0xA0, make_utf8 (text)), (const guint8 *) "\x06\x03\x2A\x03\x04", 5));
}

static const struct
{
  const char *name;
  GByteArray *(*encode) (const char *text);
} encodings[] = {
  { "utf8", make_utf8 },
  { "printable", make_printable },
  { "ia5", make_ia5 },
  { "t61", make_t61 },
  { "visible", make_visible },
  { "bmp", make_bmp },
  { "octets", make_octets },
  { "utf8-in-octets", make_utf8_in_octets },
  { "raw", make_raw },
  { "raw-with-nul", make_raw_with_nul },
  { "raw-with-newline", make_raw_with_newline },
  { "choice", make_choice },
  { "implicit-choice", make_implicit_choice },
  { "explicit", make_explicit },
  { "other-name", make_other_name },
};

static const struct
{
  const char *oid;
  IdentityKind kind;
  const char *good, *bad; /* NULL: there is no check digit */
} fields[] = {
  { "1.2.156.10260.4.1.1", IDENTITY_ID_CARD, CARD, "110105194912310029" },
  { "1.2.156.10260.4.1.2", IDENTITY_SOCIAL_INSURANCE, "110105194912310281", NULL },
  { "1.2.156.10260.4.1.3", IDENTITY_BUSINESS_REGISTRATION, "110105012345678", NULL },
  { "1.2.156.10260.4.1.4", IDENTITY_ORGANIZATION_CODE, "78254324-4", "78254324-5" },
  { "1.2.156.10260.4.1.4", IDENTITY_USCC, CREDIT_CODE, "91350100M000100Y4Z" },
  { "1.2.156.10260.4.1.5", IDENTITY_TAXPAYER_ID, CREDIT_CODE, "91350100M000100Y34" },
  { "1.2.86.11.7.1", IDENTITY_ID_CARD, "110105194912310281", "110105194912310282" },
  { "1.2.86.11.7.3", IDENTITY_BUSINESS_REGISTRATION, OTHER_CODE, "91110000MA0000111C" },
  { "1.2.86.11.7.4", IDENTITY_USCC, "91512081MA62K0260E", "91512081MA62K0260F" },
  { "1.2.86.11.7.5", IDENTITY_TAXPAYER_ID, "110108782543244", NULL },
  { "1.2.86.11.7.1.8", IDENTITY_ENTITY_ID, "3B@JJ782543244", NULL },
  { "1.2.156.112562.2.1.1.11", IDENTITY_TAXPAYER_ID, OTHER_CODE, "91110000MA00001111" },
  { "1.2.156.112562.2.1.1.17", IDENTITY_USCC, OTHER_CODE, "91110000MA0000111D" },
  { "1.2.156.112562.2.1.1.23", IDENTITY_ENTITY_ID, "1@215009JJ0782543244", NULL },
  { "1.2.156.112562.2.1.1.31", IDENTITY_USCC, CREDIT_CODE, "91350100M000100Y40" },
};

static void
check_field (gsize field, const char *value, IdentityCheck check)
{
  for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autoptr (GByteArray) bytes = encodings[i].encode (value);
      g_autoptr (Certificate) certificate = make (fields[field].oid, bytes->data, bytes->len);

      g_test_message ("%s %s %s", fields[field].oid, encodings[i].name, value);
      assert_only (certificate, fields[field].kind, value);
      if (fields[field].bad)
        g_assert_cmpint (get (certificate, 0)->check, ==, check);
    }
}

static void
test_fields (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    {
      check_field (i, fields[i].good, IDENTITY_CHECK_OK);
      if (fields[i].bad)
        check_field (i, fields[i].bad, IDENTITY_CHECK_MISMATCH);
    }
}

/* ---- entity numbers ---- */

static void
test_prefixes (void)
{
  static const struct
  {
    const char *oid, *text;
    IdentityKind kind;
    const char *value;
  } cases[] = {
    { "1.2.156.112562.2.1.1.1", "SF" CARD, IDENTITY_ID_CARD, CARD },
    { "1.2.156.112562.2.1.1.1", "SF0" CARD, IDENTITY_ID_CARD, CARD },
    { "1.2.156.112562.2.1.1.1", "SF110105491231002", IDENTITY_ID_CARD, "110105491231002" },
    { "1.2.156.112562.2.1.1.1", "SF0110105491231002", IDENTITY_ID_CARD, "110105491231002" },
    { "1.2.156.112562.2.1.1.1", "JJ782543244", IDENTITY_ORGANIZATION_CODE, "782543244" },
    { "1.2.156.112562.2.1.1.1", "JJ78254324-4", IDENTITY_ORGANIZATION_CODE, "78254324-4" },
    { "2.16.840.1.113732.2", "JJ078254324-4", IDENTITY_ORGANIZATION_CODE, "78254324-4" },
    { "2.16.840.1.113732.2", "JJ" CREDIT_CODE, IDENTITY_USCC, CREDIT_CODE },
    { "2.16.840.1.113732.2", "JJ0" CREDIT_CODE, IDENTITY_USCC, CREDIT_CODE },
    { "1.2.86.11.7.9", "JJ000000019", IDENTITY_ORGANIZATION_CODE, "000000019" },
    /* Others are what they are, in full. */
    { "1.2.156.112562.2.1.1.1", "JZ12345678", IDENTITY_ENTITY_ID, "JZ12345678" },
    { "1.2.156.112562.2.1.1.1", "SF1", IDENTITY_ENTITY_ID, "SF1" },
    { "1.2.156.112562.2.1.1.1", "SF", IDENTITY_ENTITY_ID, "SF" },
    { "1.2.156.112562.2.1.1.1", "JJ张三张三张三", IDENTITY_ENTITY_ID, "JJ张三张三张三" },
    { "1.2.156.112562.2.1.1.23", "1@215009SF0" CARD, IDENTITY_ENTITY_ID, "1@215009SF0" CARD },
    { "1.2.156.112562.2.1.1.24", "1@5009JJ0782543244", IDENTITY_ENTITY_ID, "1@5009JJ0782543244" },
    { "1.2.156.112570.11.205", "SF0" CARD, IDENTITY_ID_CARD, CARD },
    { "1.2.156.10260.4.1.5", "JJ782543244", IDENTITY_TAXPAYER_ID, "JJ782543244" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Certificate) certificate = make (cases[i].oid, cases[i].text, strlen (cases[i].text));
      const Identity *identity = get (certificate, 0);

      g_test_message ("%s", cases[i].text);
      assert_only (certificate, cases[i].kind, cases[i].value);
      g_assert_true (identity->label == NULL || identity->kind == IDENTITY_ENTITY_ID);
    }
}

static void
test_labels (void)
{
  g_autoptr (Certificate) bjca = make ("1.2.156.112562.2.1.1.23", BYTES ("1@215009JJ0782543244"));
  g_autoptr (Certificate) plain = make ("1.2.156.10260.4.1.5", BYTES (CREDIT_CODE));

  g_assert_cmpstr (get (bjca, 0)->label, ==, "Entity ID (BJCA)");
  g_assert_null (get (plain, 0)->label);
}

/* ---- texts ---- */

static const struct
{
  const char *bytes;
  gsize length;
  const char *text; /* NULL: it is left out */
} texts[] = {
  /* What real certificates hold. */
  { BYTES ("\x31\x16\xA0\x14\x13\x12" CARD), CARD },
  { BYTES ("\x0C\x12" CREDIT_CODE), CREDIT_CODE },
  { BYTES (CREDIT_CODE), CREDIT_CODE },
  { BYTES ("1@5009JJ0782543244"), "1@5009JJ0782543244" },
  { BYTES ("\x0C\x0A"
           "78254324-4"),
    "78254324-4" }, /* whose length is a newline */
  { BYTES ("\xBE\xA9\x31\x32\x33"), "京123" },
  { BYTES ("京123"), "京123" },
  { BYTES ("\x14\x05\xBE\xA9\x31\x32\x33"), "京123" },
  { BYTES ("\x13\x06京123"), "京123" },
  { BYTES ("\x1E\x06\x4E\xAC\0001\0002"), "京12" },
  { BYTES ("\x1C\x08\0\0\x4E\xAC\0\0\0001"), "京1" },
  /* Texts that begin like an object. */
  { BYTES ("0"), "0" },
  { BYTES ("1@"), "1@" },
  { BYTES ("0 123456789012345678901234567890ab"), "0 123456789012345678901234567890ab" },
  { BYTES ("1 12345678901234567890123456789012"), "1 12345678901234567890123456789012" },
  /* Several texts: the first counts. */
  { BYTES ("\x30\x06\x0C\x01"
           "1\x0C\x01"
           "2"),
    "1" },
  { BYTES ("\x30\x08\x05\x00\x0C\x00\x0C\x02"
           "22"),
    "22" },
  { BYTES ("\x0C\x81\x02"
           "22"),
    "22" }, /* a longer form than needed */
  /* Lengths that lie. */
  { BYTES ("\x0C\x13" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x11" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x84\xFF\xFF\xFF\xFF" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x80" CREDIT_CODE "\0\0"), NULL },
  { BYTES ("\x31\x16\xA0\x14\x13\x13" CARD), NULL },
  { BYTES ("\x31\x16\xA0\x15\x13\x12" CARD), NULL },
  { BYTES ("\x31\x17\xA0\x14\x13\x12" CARD), NULL },
  { BYTES ("\x31\x17\xA0\x14\x13\x12" CARD "\x0C"), NULL },
  /* Nothing in it. */
  { BYTES (""), NULL },
  { BYTES ("\0"), NULL },
  { BYTES ("\xFF\xFF"), NULL },
  { BYTES ("\x0C\x00"), NULL },
  { BYTES ("\x31\x00"), NULL },
  { BYTES ("\x05\x00"), NULL },
  { BYTES ("\x0C\x02\r\n"), NULL },
  { BYTES ("\x0C\x01-"), NULL },
  { BYTES ("----"), NULL },
  /* No text. */
  { BYTES ("\x02\x02\x12\x34"), NULL },
  { BYTES ("\x03\x02\x07\x80"), NULL },
  { BYTES ("\x1F\x81\x01\x02"
           "22"),
    NULL },
  { BYTES ("\x01\x02\x03\x04"), NULL },
  { BYTES ("\x80\x81\x82\x83"), NULL },
  { BYTES ("9111\00022"), NULL },
  { BYTES ("9111\03322"), NULL },
  { BYTES ("9111\u202E22"), NULL },
  { BYTES ("\x0C\x04"
           "91\0001"),
    NULL },
  { BYTES ("\x0C\x03"
           "91\xFF"),
    NULL },
  { BYTES ("\x1E\x03\0001\0"), NULL },
};

static void
test_texts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (texts[i].bytes, texts[i].length);
      g_autofree char *text = identity_decode (bytes, texts[i].length);

      g_test_message ("text %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (text, ==, texts[i].text);
    }
}

static void
test_nesting (void)
{
  static const guint8 tags[] = { 0x30, 0x31, 0xA0, 0x04, 0xBF };

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      GByteArray *bytes = make_utf8 (CREDIT_CODE);

      for (int depth = 1; depth <= 5000; depth++)
        {
          g_autofree char *text = NULL;

          bytes = wrap (tags[i], bytes);
          text = depth < 20 || depth == 5000 ? identity_decode (bytes->data, bytes->len) : NULL;
          g_assert_cmpstr (text, ==, depth <= 8 && tags[i] != 0xBF ? CREDIT_CODE : NULL);
        }
      g_byte_array_unref (bytes);
    }
}

/* Whatever is cut off or changed: no byte is read that is not there, and what comes out is text. The bytes are a block
 * of their own, so that a checker of memory sees the first one too many. */
static void
test_cut_and_changed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (encodings); i++)
    {
      g_autoptr (GByteArray) whole = encodings[i].encode (CARD);

      for (guint length = 0; length < whole->len; length++)
        {
          g_autofree guint8 *cut = g_memdup2 (whole->data, length);
          g_autofree char *text = identity_decode (cut, length);

          g_assert_true (!text || g_utf8_validate (text, -1, NULL));
          /* Part of a number is shown only where nothing says how long it is; one byte may be a digit by itself. */
          if (!g_str_has_prefix (encodings[i].name, "raw") && length > 1)
            g_assert_null (text);
        }
      for (guint at = 0; at < whole->len; at++)
        for (int value = 0; value <= 0xFF; value++)
          {
            g_autofree guint8 *changed = g_memdup2 (whole->data, whole->len);
            g_autofree char *text = NULL;

            changed[at] = (guint8) value;
            text = identity_decode (changed, whole->len);
            g_assert_true (!text || (*text && g_utf8_validate (text, -1, NULL)));
          }
    }
}

/* ---- whole certificates ---- */

static void
test_cut_certificate (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GByteArray) choice = make_choice (CARD), der = NULL;

  testcert_add_raw_extension (x509, "1.2.156.10260.4.1.1", choice->data, choice->len);
  testcert_add_raw_extension (x509, "1.2.86.11.7.5", BYTES (CREDIT_CODE));
  der = testcert_finish (x509);
  for (guint length = 0; length < der->len; length++)
    {
      g_autofree guint8 *cut = g_memdup2 (der->data, length);

      g_assert_null (x509_parse (cut, length, NULL));
    }
  /* One byte changed: the certificate is refused, or says something. */
  for (guint at = 0; at < der->len; at++)
    {
      g_autofree guint8 *changed = g_memdup2 (der->data, der->len);
      g_autoptr (Certificate) certificate = NULL;

      changed[at] ^= 0x41;
      certificate = x509_parse (changed, der->len, NULL);
      for (guint i = 0; certificate && i < certificate->identities->len; i++)
        g_assert_true (g_utf8_validate (get (certificate, i)->value, -1, NULL));
    }
}

/* Where several fields hold a taxpayer number, the order of the table decides and not that of the certificate. */
static void
test_taxpayer_number (void)
{
  static const char *const order[] = {
    "1.2.156.10260.4.1.5",     "1.2.156.112562.2.1.1.11", "1.2.86.11.7.5", "1.2.156.112562.2.1.1.17",
    "1.2.156.112562.2.1.1.31", "1.2.156.10260.4.1.4",     "1.2.86.11.7.4",
  };

  for (gsize first = 0; first < G_N_ELEMENTS (order); first++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_autoptr (Certificate) certificate = NULL;

      for (gsize i = G_N_ELEMENTS (order); i > first; i--)
        testcert_add_raw_extension (x509, order[i - 1], i - 1 == first ? CREDIT_CODE : OTHER_CODE, 18);
      testcert_add_raw_extension (x509, "1.2.156.10260.4.1.1", BYTES (CARD));
      certificate = parse (x509);
      g_assert_cmpstr (identity_find_taxpayer_number (certificate->identities)->value, ==, CREDIT_CODE);
    }
}

/* The organisation code is no taxpayer number. */
static void
test_no_taxpayer_number (void)
{
  g_autoptr (Certificate) certificate = make ("1.2.156.10260.4.1.4", BYTES ("78254324-4"));

  g_assert_null (identity_find_taxpayer_number (certificate->identities));
}

static void
test_subject (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256"), twice = NULL;
  g_autoptr (Certificate) certificate = NULL, same = NULL;

  X509_NAME_add_entry_by_txt (X509_get_subject_name (x509), "1.2.156.112586.1.6", MBSTRING_UTF8,
                              (const guchar *) CREDIT_CODE, -1, -1, 0);
  X509_NAME_add_entry_by_txt (X509_get_subject_name (x509), "1.2.3.4", MBSTRING_UTF8, (const guchar *) "odd", -1, -1,
                              0);
  certificate = parse (x509);
  assert_only (certificate, IDENTITY_TAXPAYER_ID, CREDIT_CODE);

  /* What is said twice is shown once. */
  twice = X509_dup (x509);
  testcert_add_raw_extension (twice, "1.2.86.11.7.5", BYTES (CREDIT_CODE));
  same = parse (twice);
  assert_only (same, IDENTITY_TAXPAYER_ID, CREDIT_CODE);
}

static void
test_crowds (void)
{
  g_autoptr (X509) many = testcert_new ("P-256"), large = testcert_new ("P-256"), late = testcert_new ("P-256");
  g_autofree char *text = g_strnfill (60 * 1000, '9'), *longest = g_strnfill (IDENTITY_MAX_CHARS, '9');
  g_autoptr (Certificate) certificate = NULL, without = NULL, unseen = NULL;

  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *value = g_strdup_printf ("%d", i);

      testcert_add_raw_extension (many, "1.2.86.11.7.5", value, strlen (value));
      testcert_add_raw_extension (late, "1.2.3.4", value, strlen (value));
    }
  certificate = parse (many);
  g_assert_cmpuint (certificate->identities->len, ==, IDENTITY_MAX_LIST);
  g_assert_cmpstr (get (certificate, 0)->value, ==, "0");
  testcert_add_raw_extension (late, "1.2.86.11.7.5", BYTES (CREDIT_CODE));
  unseen = parse (late);
  g_assert_cmpuint (unseen->identities->len, ==, 0);

  testcert_add_raw_extension (large, "1.2.86.11.7.5", text, 60 * 1000);
  testcert_add_raw_extension (large, "1.2.156.10260.4.1.5", longest, IDENTITY_MAX_CHARS);
  without = parse (large);
  assert_only (without, IDENTITY_TAXPAYER_ID, longest);
}

/* ---- the table ---- */

/* The table is read when the first certificate needs it, and not before: a file in it is broken, and a warning says so
 * once. */
static void
load_table (void)
{
  static gboolean loaded;
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (Certificate) plain = NULL, unknown = NULL;

  if (loaded)
    return;
  loaded = TRUE;
  testcert_add_extension (x509, NID_key_usage, "digitalSignature");
  plain = parse (x509);
  g_assert_cmpuint (plain->identities->len, ==, 0);
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*/broken.ini is left out: *");
  unknown = make ("1.2.3.4.5", BYTES (CREDIT_CODE));
  g_test_assert_expected_messages ();
  g_assert_cmpuint (unknown->identities->len, ==, 0);
}

static const struct
{
  const char *path;
  void (*function) (void);
} tests[] = {
  { "/identity/table", load_table },
  { "/identity/fields", test_fields },
  { "/identity/prefixes", test_prefixes },
  { "/identity/labels", test_labels },
  { "/identity/texts", test_texts },
  { "/identity/nesting", test_nesting },
  { "/identity/cut-and-changed", test_cut_and_changed },
  { "/identity/cut-certificate", test_cut_certificate },
  { "/identity/taxpayer-number", test_taxpayer_number },
  { "/identity/no-taxpayer-number", test_no_taxpayer_number },
  { "/identity/subject", test_subject },
  { "/identity/crowds", test_crowds },
};

static void
run (gconstpointer index)
{
  load_table ();
  tests[GPOINTER_TO_SIZE (index)].function ();
}

int
main (int argc, char **argv)
{
  static const char *const files[] = { "china.ini", "others.ini" };
  g_autofree char *config = g_dir_make_tmp ("test-identity-XXXXXX", NULL);
  g_autofree char *ours = g_build_filename (config, "cert-assistant", NULL);
  g_autofree char *folder = g_build_filename (ours, "oids.d", NULL);
  g_autofree char *broken = g_build_filename (folder, "broken.ini", NULL);
  int status;

  g_mkdir_with_parents (folder, 0700);
  g_file_set_contents (broken, "no key file", -1, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *ini = g_build_filename (g_getenv ("TEST_SOURCE"), "data", "oids.d", files[i], NULL);
      g_autofree char *link = g_build_filename (folder, files[i], NULL);

      if (symlink (ini, link) < 0)
        return 1;
    }
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_setenv ("LANGUAGE", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, GSIZE_TO_POINTER (i), run);
  status = g_test_run ();
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *link = g_build_filename (folder, files[i], NULL);

      g_remove (link);
    }
  g_remove (broken);
  g_rmdir (folder);
  g_rmdir (ours);
  g_rmdir (config);
  return status;
}
