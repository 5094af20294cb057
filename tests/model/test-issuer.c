/* Profiles of issuers: what is taken from a key file, what is left out of it, and which certificates it is for. */
#include "model/issuer.h"

#include <string.h>

#include "sample.h"

#define MINIMAL "[Issuer]\nName=Example\nMatch=CN=Example Test CA\n"

static Issuer *
try (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gboolean loaded = g_key_file_load_from_data (file, text, strlen (text), G_KEY_FILE_NONE, NULL);

  g_assert_true (loaded);
  return issuer_new_from_key_file (file, error);
}

static Issuer *
parse (const char *text)
{
  g_autoptr (GError) error = NULL;
  Issuer *issuer = try (text, &error);

  g_assert_no_error (error);
  g_assert_nonnull (issuer);
  return issuer;
}

/* MINIMAL and one line more. */
static Issuer *
parse_with (const char *key, const char *value)
{
  g_autofree char *text = g_strdup_printf (MINIMAL "%s=%s\n", key, value);

  return parse (text);
}

static void
test_whole (void)
{
  g_autoptr (Issuer) issuer = parse ("[Issuer]\n"
                                     "Name=Example\n"
                                     "Name[zh_CN]=示例\n"
                                     "Match=O=Example;1.2.3.4\n"
                                     "RenewUrl=https://example.org/renew?a=1&b=%20#top\n"
                                     "UnlockUrl=HTTPS://example.org:8443/\n"
                                     "CheckUrl=https://[2001:db8::1]/ \n"
                                     "Hotline=010-12345678\n"
                                     "PinMinLength=6\n"
                                     "PinMaxLength=16\n"
                                     "PinClasses=digit; upper;sign;emoji\n"
                                     "InitialPins=111111;12345678;\n");
  g_autofree char *match = g_strjoinv ("|", issuer->match), *pins = g_strjoinv ("|", issuer->initial_pins);

  g_assert_cmpstr (issuer->name, ==, "Example");
  g_assert_cmpstr (match, ==, "O=Example|1.2.3.4");
  g_assert_cmpstr (issuer_get_key (issuer), ==, "O=Example");
  g_assert_cmpstr (issuer->renew_url, ==, "https://example.org/renew?a=1&b=%20#top");
  g_assert_cmpstr (issuer->unlock_url, ==, "HTTPS://example.org:8443/");
  g_assert_cmpstr (issuer->check_url, ==, "https://[2001:db8::1]/");
  g_assert_cmpstr (issuer->hotline, ==, "010-12345678");
  g_assert_cmpint (issuer->pin_min_length, ==, 6);
  g_assert_cmpint (issuer->pin_max_length, ==, 16);
  g_assert_cmpuint (issuer->pin_classes, ==, ISSUER_PIN_DIGIT | ISSUER_PIN_UPPER | ISSUER_PIN_SIGN);
  g_assert_cmpstr (pins, ==, "111111|12345678");
}

static void
test_minimal (void)
{
  g_autoptr (Issuer) issuer = parse (MINIMAL);

  g_assert_null (issuer->renew_url);
  g_assert_null (issuer->unlock_url);
  g_assert_null (issuer->check_url);
  g_assert_null (issuer->hotline);
  g_assert_cmpint (issuer->pin_min_length, ==, -1);
  g_assert_cmpint (issuer->pin_max_length, ==, -1);
  g_assert_cmpuint (issuer->pin_classes, ==, 0);
  g_assert_nonnull (issuer->initial_pins);
  g_assert_cmpuint (g_strv_length (issuer->initial_pins), ==, 0);
}

static void
test_localised_name (void)
{
  g_autofree char *before = g_strdup (g_getenv ("LANGUAGE"));
  g_autoptr (Issuer) issuer = NULL;

  g_setenv ("LANGUAGE", "zh_CN", TRUE);
  issuer = parse ("[Issuer]\nName=Example\nName[de]=Beispiel\nName[zh_CN]=示例\nMatch=x\n");
  g_assert_cmpstr (issuer->name, ==, "示例");
  g_assert_cmpstr (issuer_get_key (issuer), ==, "x");
  if (before)
    g_setenv ("LANGUAGE", before, TRUE);
  else
    g_unsetenv ("LANGUAGE");
}

static void
test_broken (void)
{
  static const struct
  {
    const char *text;
    GKeyFileError code;
  } broken[] = {
    { "", G_KEY_FILE_ERROR_GROUP_NOT_FOUND },
    { "[Module]\nName=a\nMatch=b\n", G_KEY_FILE_ERROR_GROUP_NOT_FOUND },
    { "[Issuer]\nMatch=b\n", G_KEY_FILE_ERROR_KEY_NOT_FOUND },
    { "[Issuer]\nName=a\n", G_KEY_FILE_ERROR_KEY_NOT_FOUND },
    { "[Issuer]\nName=\nMatch=b\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { "[Issuer]\nName=\u200b\nMatch=b\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { "[Issuer]\nName=a\nMatch=\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { "[Issuer]\nName=a\nMatch=; ;\u202e;\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { "[Issuer]\nName=\xff\nMatch=b\n", G_KEY_FILE_ERROR_UNKNOWN_ENCODING },
    { "[Issuer]\nName=a\nMatch=\xff\n", G_KEY_FILE_ERROR_UNKNOWN_ENCODING },
    { MINIMAL "PinMinLength=six\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMinLength=\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMinLength=0\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMinLength=-1\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMaxLength=256\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMaxLength=99999999999999999999\n", G_KEY_FILE_ERROR_INVALID_VALUE },
    { MINIMAL "PinMinLength=9\nPinMaxLength=8\n", G_KEY_FILE_ERROR_INVALID_VALUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (Issuer) issuer = try (broken[i].text, &error);
      g_autoptr (Issuer) unasked = try (broken[i].text, NULL);

      g_assert_null (issuer);
      g_assert_null (unasked);
      g_assert_error (error, G_KEY_FILE_ERROR, (int) broken[i].code);
    }
}

static void
test_pages (void)
{
  static const char *const bad[] = {
    "",
    "https",
    "https:",
    "https://",
    "https:///path",
    "https:example.org",
    "https://:443/",
    "https://example.org:port/",
    "http://example.org/",
    "httpsx://example.org/",
    "javascript:alert(1)",
    "file:///etc/passwd",
    "/etc/passwd",
    "-https://example.org/",
    "https://exa mple.org/",
    "https://example.org/\\sb",
    "https://example.org/\\nb",
    "https://example.org/\\tb",
    "https://example.org/\x1b",
    "https://example.org/\x7f",
    "https://example.org/示例",
    "https://example.org/\xe2\x80\xae",
    "https://example.org/\xff",
    "https://bank.example@example.org/",
  };
  g_autofree char *many = g_strnfill (2000, 'a');
  g_autofree char *large = g_strconcat ("https://example.org/", many, NULL);
  g_autoptr (Issuer) too_large = parse_with ("CheckUrl", large);

  g_assert_null (too_large->check_url);
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (Issuer) issuer = parse_with ("RenewUrl", bad[i]);

      g_assert_null (issuer->renew_url);
    }
}

static void
test_clean_texts (void)
{
  g_autofree char *many = g_strnfill (5000, 'a');
  g_autoptr (Issuer) dirty = parse_with ("Hotline", "010\\n\u202e 1<b>\\t");
  g_autoptr (Issuer) empty = parse_with ("Hotline", "\u200b");
  g_autoptr (Issuer) large = parse_with ("Hotline", many);

  g_assert_cmpstr (dirty->hotline, ==, "010 1<b>");
  g_assert_null (empty->hotline);
  g_assert_cmpuint (strlen (large->hotline), ==, 200);
}

/* At most 64 entries, none of them cut: half an entry would be another one. */
static void
test_lists (void)
{
  g_autoptr (GString) matches = g_string_new ("[Issuer]\nName=a\nMatch=");
  g_autofree char *many = g_strnfill (201, '1');
  g_autofree char *pins = g_strdup_printf ("%s;;1 ; 22;\\n;3", many);
  g_autoptr (Issuer) crowd = NULL;
  g_autoptr (Issuer) large = parse_with ("InitialPins", pins);
  g_autoptr (Issuer) spoilt = parse_with ("InitialPins", "1;\xff");
  g_autofree char *kept = g_strjoinv ("|", large->initial_pins);

  for (int i = 0; i < 100; i++)
    g_string_append_printf (matches, "match %d;;", i);
  crowd = parse (matches->str);
  g_assert_cmpuint (g_strv_length (crowd->match), ==, 64);
  g_assert_cmpstr (crowd->match[63], ==, "match 63");
  g_assert_cmpstr (kept, ==, "1|22|3");
  g_assert_cmpuint (g_strv_length (spoilt->initial_pins), ==, 0);
}

static void
test_matches (void)
{
  static const struct
  {
    const char *match;
    gboolean matches;
  } matches[] = {
    { "CN=Beijing SM2 CA", TRUE },
    { "O=bjca", TRUE },
    { "beijing sm2", TRUE },
    { "北京", TRUE },
    { "no;o=BJCA", TRUE },
    { "CN=Beijing SM3 CA", FALSE },
    { "BJCA2", FALSE },
    { "1.2.156.112562.2.2.1", TRUE },
    { "no;1.2.3", TRUE },
    { "1.2.156.112562.2.2", FALSE }, /* not a part of an OID */
    { "2", FALSE },
    { ".", FALSE },
    { "OU=1.2.3", FALSE },
  };
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autoptr (Certificate) unknown = certificate_new ();

  g_free (certificate->issuer);
  certificate->issuer = g_strdup ("CN=Beijing SM2 CA,O=BJCA,ST=北京市 2,C=CN");
  certificate->policies = g_strsplit ("1.2.3 1.2.156.112562.2.2.1", " ", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (matches); i++)
    {
      g_autofree char *text = g_strdup_printf ("[Issuer]\nName=a\nMatch=%s\n", matches[i].match);
      g_autoptr (Issuer) issuer = parse (text);

      g_assert_true (issuer_matches (issuer, certificate) == matches[i].matches);
      g_assert_false (issuer_matches (issuer, unknown));
    }
}

static void
test_find (void)
{
  g_autoptr (GPtrArray) issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autoptr (Certificate) other = certificate_new ();
  Issuer *second;

  g_assert_null (issuer_find (issuers, certificate));
  g_ptr_array_add (issuers, parse ("[Issuer]\nName=first\nMatch=Another CA;1.2.3\n"));
  g_ptr_array_add (issuers, parse ("[Issuer]\nName=second\nMatch=example test\n"));
  g_ptr_array_add (issuers, issuer_ref (second = issuers->pdata[1]));
  g_ptr_array_add (issuers, parse (MINIMAL));

  g_assert_true (issuer_find (issuers, certificate) == second);
  certificate->policies = g_strsplit ("1.2.3", " ", -1);
  g_assert_true (issuer_find (issuers, certificate) == issuers->pdata[0]);
  g_assert_null (issuer_find (issuers, other));
  g_assert_null (issuer_find (issuers, NULL));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/issuer/whole", test_whole);
  g_test_add_func ("/issuer/minimal", test_minimal);
  g_test_add_func ("/issuer/localised-name", test_localised_name);
  g_test_add_func ("/issuer/broken", test_broken);
  g_test_add_func ("/issuer/pages", test_pages);
  g_test_add_func ("/issuer/clean-texts", test_clean_texts);
  g_test_add_func ("/issuer/lists", test_lists);
  g_test_add_func ("/issuer/matches", test_matches);
  g_test_add_func ("/issuer/find", test_find);
  return g_test_run ();
}
