/* Whom certificates name, with the table that comes with the program: each field in each encoding, with good and bad
 * check digits, and whatever else may stand there. The texts by themselves are in test-identity-text.c. */
#include "token/identity.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "identity-bench.h"
#include "testcert.h"
#include "token/x509.h"

#define OTHER_CODE "91110000MA0000111B"

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

/* ---- fields ---- */

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
  for (gsize i = 0; i < G_N_ELEMENTS (identity_bench_encodings); i++)
    {
      g_autoptr (GByteArray) bytes = identity_bench_encode (&identity_bench_encodings[i], value);
      g_autoptr (Certificate) certificate = make (fields[field].oid, bytes->data, bytes->len);

      g_test_message ("%s %s %s", fields[field].oid, identity_bench_encodings[i].name, value);
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

/* ---- whole certificates ---- */

static void
test_cut_certificate (void)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GByteArray) choice = identity_bench_encode (&(IdentityBenchEncoding){ .tags = "\x31\xA0\x13" }, CARD);
  g_autoptr (GByteArray) der = NULL;

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
