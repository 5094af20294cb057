/* The folders of profiles, as they may be on anybody's machine. Each test begins with an empty configuration folder. */
#include "engine/profiles.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROFILE "[Issuer]\nName=%s\nMatch=Test\n"

/* In the user's folder, which it makes. (transfer full) */
static char *
get_path (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "cert-assistant", "issuers.d", NULL);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  return g_build_filename (folder, name, NULL);
}

static void
put (const char *name, const char *contents, gssize length)
{
  g_autofree char *path = get_path (name);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, contents, length, &error);
  g_assert_no_error (error);
}

static void
put_profile (const char *file, const char *issuer)
{
  g_autofree char *contents = g_strdup_printf (PROFILE, issuer);

  put (file, contents, -1);
}

/* Where the issuer NAME stands, or -1. */
static int
find (const GPtrArray *issuers, const char *name)
{
  for (guint i = 0; i < issuers->len; i++)
    if (strcmp (((Issuer *) issuers->pdata[i])->name, name) == 0)
      return (int) i;
  return -1;
}

static gboolean
is_installed (void)
{
  return g_file_test (PKGDATADIR "/issuers.d/bjca.ini", G_FILE_TEST_EXISTS);
}

/* As BJCA issues it. */
static Certificate *
make_certificate (void)
{
  Certificate *certificate = certificate_new ();

  certificate->issuer = g_strdup ("CN=Beijing SM2 CA,O=BJCA,C=CN");
  return certificate;
}

static void
expect_warning (const char *pattern)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, pattern);
}

/* The profile that comes with the program, from the source: nothing in it was left out. */
static void
test_shipped (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("TEST_SOURCE"), "data", "issuers.d", "bjca.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  g_autoptr (Issuer) issuer = NULL;
  g_autoptr (Certificate) certificate = make_certificate ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error);
  g_assert_no_error (error);
  issuer = issuer_new_from_key_file (file, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (issuer->renew_url, ==, "https://yzt.beijing.gov.cn/");
  g_assert_cmpstr (issuer->unlock_url, ==, "https://yzt.beijing.gov.cn/");
  g_assert_cmpstr (issuer->check_url, ==, "https://help.bjca.org.cn/zsjc.html");
  g_assert_cmpstr (issuer->hotline, ==, "4007001900");
  g_assert_cmpint (issuer->pin_min_length, ==, 6);
  g_assert_cmpint (issuer->pin_max_length, ==, 16);
  g_assert_true (g_strv_contains ((const char *const *) issuer->initial_pins, "111111"));

  g_assert_true (issuer_matches (issuer, certificate));
  g_free (certificate->issuer);
  certificate->issuer = g_strdup ("CN=Example Test CA,O=Example,C=CN");
  g_assert_false (issuer_matches (issuer, certificate));
}

static void
test_installed (void)
{
  g_autoptr (GPtrArray) issuers = profiles_load_issuers (); /* and the user has no folder */
  g_autoptr (Certificate) certificate = make_certificate ();

  if (is_installed ())
    g_assert_nonnull (issuer_find (issuers, certificate));
  else
    g_test_skip ("not installed");
}

static void
test_later_file_wins (void)
{
  g_autoptr (Certificate) certificate = make_certificate ();
  g_autoptr (GPtrArray) issuers = NULL;

  put_profile ("bjca.ini", "Mine");
  issuers = profiles_load_issuers ();
  g_assert_cmpint (find (issuers, "Mine"), >=, 0);
  g_assert_null (issuer_find (issuers, certificate)); /* the installed one is gone */
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) issuers = NULL;

  put_profile ("zz-2.ini", "second");
  put_profile ("zz-3.ini", "third");
  put_profile ("zz-1.ini", "first");
  put_profile ("aa.ini", "zeroth");
  issuers = profiles_load_issuers ();
  g_assert_cmpint (find (issuers, "zeroth"), ==, 0);
  g_assert_cmpint (find (issuers, "first"), ==, issuers->len - 3);
  g_assert_cmpint (find (issuers, "second"), ==, issuers->len - 2);
  g_assert_cmpint (find (issuers, "third"), ==, issuers->len - 1);
}

/* Each is named once, and the good one between them stays; a broken file hides no good one of the same name. */
static void
test_broken_files (void)
{
  static const char rubbish[] = "\xff\0\x01[[[\n=\n[Issuer\n\0";
  g_autofree char *large = g_strnfill (64 * 1024 + 1, '\n');
  g_autoptr (Certificate) certificate = make_certificate ();
  g_autoptr (GPtrArray) issuers = NULL;

  put ("10-empty.ini", "", 0);
  put ("20-rubbish.ini", rubbish, sizeof rubbish);
  put ("30-no-match.ini", "[Issuer]\nName=x\n", -1);
  put_profile ("40-good.ini", "Good");
  put ("50-large.ini", large, -1);
  put ("60-number.ini", "[Issuer]\nName=x\nMatch=x\nPinMinLength=x\n", -1);
  put ("bjca.ini", "no key file", -1);
  put (".hidden.ini", rubbish, sizeof rubbish);
  put ("readme.txt", rubbish, sizeof rubbish);
  expect_warning ("*/10-empty.ini is left out: *");
  expect_warning ("*/20-rubbish.ini is left out: *");
  expect_warning ("*/30-no-match.ini is left out: *");
  expect_warning ("*/50-large.ini is left out: *65536*");
  expect_warning ("*/60-number.ini is left out: *");
  expect_warning ("*/bjca.ini is left out: *");
  issuers = profiles_load_issuers ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (find (issuers, "Good"), >=, 0);
  g_assert_cmpint (find (issuers, "x"), ==, -1);
  if (is_installed ())
    g_assert_nonnull (issuer_find (issuers, certificate));
}

/* Exactly as large as a file may be. */
static void
test_largest_file (void)
{
  g_autoptr (GString) contents = g_string_new (NULL);
  g_autoptr (GPtrArray) issuers = NULL;

  g_string_append_printf (contents, PROFILE "#", "Largest");
  while (contents->len < 64 * 1024)
    g_string_append_c (contents, '#');
  put ("largest.ini", contents->str, (gssize) contents->len);
  issuers = profiles_load_issuers ();
  g_assert_cmpint (find (issuers, "Largest"), >=, 0);
}

/* A pipe that nobody writes to must not be waited for. */
static void
test_no_files (void)
{
  g_autofree char *folder = get_path ("10-folder.ini"), *dangling = get_path ("20-dangling.ini");
  g_autofree char *loop = get_path ("30-loop.ini"), *pipe = get_path ("40-pipe.ini");
  g_autofree char *link = get_path ("50-link.ini"), *endless = get_path ("60-endless.ini");
  g_autoptr (GPtrArray) issuers = NULL;

  put_profile ("profile", "Linked");
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (symlink ("nothing", dangling), ==, 0);
  g_assert_cmpint (symlink ("30-loop.ini", loop), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (symlink ("profile", link), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", endless), ==, 0);
  expect_warning ("*/10-folder.ini is left out: not a regular file");
  expect_warning ("*/20-dangling.ini is left out: *");
  expect_warning ("*/30-loop.ini is left out: *");
  expect_warning ("*/40-pipe.ini is left out: not a regular file");
  expect_warning ("*/60-endless.ini is left out: not a regular file");
  issuers = profiles_load_issuers ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (find (issuers, "Linked"), >=, 0);
}

static void
test_many_files (void)
{
  g_autoptr (GPtrArray) issuers = NULL;

  for (int i = 0; i < 203; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d", i), *file = g_strconcat (name, ".ini", NULL);

      put_profile (file, name);
    }
  expect_warning ("*/issuers.d: only the first 200 of 203 files are read");
  issuers = profiles_load_issuers ();
  g_test_assert_expected_messages ();
  g_assert_cmpint (find (issuers, "000"), ==, 0);
  g_assert_cmpint (find (issuers, "199"), ==, 199);
  g_assert_cmpint (find (issuers, "200"), ==, -1);
}

static void
put_file (const char *contents)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), "cert-assistant", "check.ini", NULL);

  g_assert_true (g_file_set_contents (path, contents, -1, NULL));
}

/* One file for all: a key of the person's wins, and what is broken takes nothing with it. */
static void
test_one_file (void)
{
  g_autofree char *folder = get_path (""), *path = g_build_filename (folder, "..", "check.ini", NULL);
  g_autoptr (GKeyFile) own = NULL, broken = NULL;
  g_autofree char *added = NULL, *gone = NULL;

  put_file ("[Makers]\nffff=Test\n[Services]\n1=One\n");
  own = profiles_load_file ("check.ini");
  added = g_key_file_get_locale_string (own, "Makers", "ffff", NULL, NULL);
  g_assert_cmpstr (added, ==, "Test");
  put_file ("ffff=Test\n");
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*check.ini is left out: *");
  broken = profiles_load_file ("check.ini");
  g_test_assert_expected_messages ();
  gone = g_key_file_get_string (broken, "Makers", "ffff", NULL);
  g_assert_null (gone);
  g_assert_cmpint (g_remove (path), ==, 0);
}

/* Every key of the file that is shipped is one that is looked for. */
static void
test_check_file (void)
{
  static const char *const shapes[][2] = { { "Makers", "^[0-9a-f]{4}(\\[zh_CN\\])?$" },
                                           { "Tokens", "^[0-9a-f]{4}(-[0-9a-f]{4})?$" },
                                           { "Services", "^[0-9]{1,5}(\\[zh_CN\\])?$" } };
  g_autofree char *path = g_build_filename (g_getenv ("TEST_SOURCE"), "data", "check.ini", NULL);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_assert_true (g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_TRANSLATIONS, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_auto (GStrv) keys = g_key_file_get_keys (file, shapes[i][0], NULL, NULL);

      g_assert_nonnull (keys);
      for (guint j = 0; keys[j]; j++)
        g_assert_true (g_regex_match_simple (shapes[i][1], keys[j], 0, 0));
    }
}

static const struct
{
  const char *path;
  void (*function) (void);
} tests[] = {
  { "/profiles/shipped", test_shipped },
  { "/profiles/installed", test_installed },
  { "/profiles/later-file-wins", test_later_file_wins },
  { "/profiles/order", test_order },
  { "/profiles/broken-files", test_broken_files },
  { "/profiles/largest-file", test_largest_file },
  { "/profiles/no-files", test_no_files },
  { "/profiles/many-files", test_many_files },
  { "/profiles/one-file", test_one_file },
  { "/profiles/check-file", test_check_file },
};

/* One of them; nothing of it stays for the next. */
static void
run (gconstpointer index)
{
  static const char *const levels[] = { "cert-assistant/issuers.d", "cert-assistant", NULL };
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), levels[0], NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  tests[GPOINTER_TO_SIZE (index)].function ();
  dir = g_dir_open (folder, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
  for (gsize i = 0; dir && levels[i]; i++)
    {
      g_autofree char *level = g_build_filename (g_get_user_config_dir (), levels[i], NULL);

      g_assert_cmpint (g_rmdir (level), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *config = g_dir_make_tmp ("test-profiles-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, GSIZE_TO_POINTER (i), run);
  status = g_test_run ();
  g_rmdir (config);
  return status;
}
