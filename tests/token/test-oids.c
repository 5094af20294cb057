/* The table of object identifiers, from the files that come with the program and from what anybody may have put beside
 * them. Each test begins with an empty configuration folder. */
#include "token/oids.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the user's folder, which it makes. (transfer full) */
static char *
get_path (const char *name)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "cert-assistant", "oids.d", NULL);

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
put_shipped (const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("TEST_SOURCE"), "data", "oids.d", name, NULL);
  g_autofree char *contents = NULL;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (path, &contents, NULL, &error);
  g_assert_no_error (error);
  put (name, contents, -1);
}

static const OidsRow *
find (GHashTable *table, const char *oid)
{
  return g_hash_table_lookup (table, oid);
}

static void
expect_warning (const char *pattern)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, pattern);
}

/* The files that come with the program: nothing in them is left out, and those of a kind stand in their order. */
static void
test_shipped (void)
{
  static const struct
  {
    IdentityKind kind;
    const char *oids[8];
  } expected[] = {
    { IDENTITY_TAXPAYER_ID,
      { "1.2.156.10260.4.1.5", "1.2.156.112562.2.1.1.11", "1.2.86.11.7.5", "1.2.156.112586.1.6" } },
    { IDENTITY_USCC, { "1.2.156.112562.2.1.1.17", "1.2.156.112562.2.1.1.31", "1.2.86.11.7.4" } },
    { IDENTITY_ORGANIZATION_CODE, { "1.2.156.10260.4.1.4" } },
    { IDENTITY_BUSINESS_REGISTRATION, { "1.2.156.10260.4.1.3", "1.2.86.11.7.3" } },
    { IDENTITY_ID_CARD, { "1.2.156.10260.4.1.1", "1.2.86.11.7.1" } },
    { IDENTITY_SOCIAL_INSURANCE, { "1.2.156.10260.4.1.2" } },
    { IDENTITY_ENTITY_ID,
      { "1.2.156.112562.2.1.1.1", "2.16.840.1.113732.2", "1.2.86.11.7.9", "1.2.156.112562.2.1.1.23",
        "1.2.156.112562.2.1.1.24", "1.2.156.112562.2.1.1.4", "1.2.156.112562.2.4.1" } },
    { IDENTITY_ENTITY_ID,
      { "1.2.86.11.7.1.8", "1.2.156.112578.1", "1.2.156.1.8888.148", "1.2.156.112570.11.205",
        "1.3.6.1.4.1.18760.1.12.11", "1.2.86.21.1.3", "1.2.86.21.1.1" } },
  };
  g_autoptr (GHashTable) table = NULL;
  guint n = 0;

  put_shipped ("china.ini");
  put_shipped ("others.ini");
  table = oids_load ();
  for (gsize i = 0; i < G_N_ELEMENTS (expected); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (expected[i].oids) && expected[i].oids[j]; j++, n++)
      {
        const OidsRow *row = find (table, expected[i].oids[j]);

        g_test_message ("%s", expected[i].oids[j]);
        g_assert_nonnull (row);
        g_assert_cmpint (row->kind, ==, expected[i].kind);
        if (j > 0)
          g_assert_cmpuint (row->rank, >, find (table, expected[i].oids[j - 1])->rank);
      }
  g_assert_cmpuint (g_hash_table_size (table), ==, n);
  g_assert_cmpstr (find (table, "1.2.86.21.1.3")->label, ==, "Trust service number (GDCA)");
  g_assert_null (find (table, "1.2.156.10260.4.1.5")->label);
  /* Where both are there, the credit code of BJCA's own arc comes before that of the standard. */
  g_assert_cmpuint (find (table, "1.2.156.112562.2.1.1.31")->rank, <, find (table, "1.2.156.10260.4.1.4")->rank);
  g_assert_cmpuint (find (table, "1.2.156.10260.4.1.4")->rank, <, find (table, "1.2.86.11.7.4")->rank);
}

static void
test_order (void)
{
  g_autoptr (GHashTable) table = NULL;

  put ("b.ini", "[1.2.3]\nKind=uscc\n[1.2.1]\nKind=id-card\nLabel=b\n", -1);
  put ("a.ini", "[1.2.4]\nKind= uscc \n[1.2.3]\nKind=entity-id\nLabel=a\nLabel[zh_CN]=甲\n", -1);
  table = oids_load ();
  g_assert_cmpuint (find (table, "1.2.4")->rank, <, find (table, "1.2.3")->rank);
  g_assert_cmpuint (find (table, "1.2.3")->rank, <, find (table, "1.2.1")->rank);
  g_assert_cmpint (find (table, "1.2.3")->kind, ==, IDENTITY_ENTITY_ID);
  g_assert_cmpstr (find (table, "1.2.3")->label, ==, "a");
  g_assert_cmpint (find (table, "1.2.4")->kind, ==, IDENTITY_USCC);
}

/* Needs the installed files: then one of the same name replaces them. */
static void
test_later_file_wins (void)
{
  g_autoptr (GHashTable) table = NULL;

  if (!g_file_test (PKGDATADIR "/oids.d/china.ini", G_FILE_TEST_EXISTS))
    {
      g_test_skip ("not installed");
      return;
    }
  put ("china.ini", "[1.2.3.4.5.6.7.8]\nKind=uscc\n", -1);
  table = oids_load ();
  g_assert_nonnull (find (table, "1.2.3.4.5.6.7.8"));
  g_assert_null (find (table, "1.2.156.10260.4.1.5"));
}

/* Each is named once, and the good ones between them stay. */
static void
test_broken_files (void)
{
  static const char rubbish[] = "\xff\0\x01[[[\n=\n[Issuer\n\0";
  g_autofree char *large = g_strnfill (64 * 1024 + 1, '\n'), *largest = g_strnfill (64 * 1024, '\n');
  g_autofree char *folder = get_path ("70-folder.ini"), *pipe = get_path ("75-pipe.ini");
  g_autofree char *link = get_path ("80-link.ini"), *endless = get_path ("85-endless.ini");
  g_autoptr (GHashTable) table = NULL;

  put ("10-empty.ini", "", 0);
  put ("20-rubbish.ini", rubbish, sizeof rubbish);
  put ("30-rows.ini", "[1.2.1]\n[1.2.2]\nKind=USCC\n[name]\nKind=uscc\n[.1]\nKind=uscc\n[1.2.3]\nKind=uscc\n", -1);
  put ("40-large.ini", large, -1);
  memcpy (largest, "[1.2.4]\nKind=uscc\n", 18);
  put ("50-largest.ini", largest, -1);
  put (".hidden.ini", rubbish, sizeof rubbish);
  put ("readme.txt", rubbish, sizeof rubbish);
  g_assert_cmpint (g_mkdir (folder, 0700), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (symlink ("50-largest.ini", link), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", endless), ==, 0);
  expect_warning ("*/20-rubbish.ini is left out: *");
  expect_warning ("*/40-large.ini is left out: *65536*");
  expect_warning ("*/70-folder.ini is left out: not a regular file");
  expect_warning ("*/75-pipe.ini is left out: not a regular file");
  expect_warning ("*/85-endless.ini is left out: not a regular file");
  for (int i = 0; i < 4; i++)
    expect_warning ("30-rows.ini: * is left out: *");
  table = oids_load ();
  g_test_assert_expected_messages ();
  g_assert_nonnull (find (table, "1.2.3"));
  g_assert_nonnull (find (table, "1.2.4"));
}

static void
test_bounds (void)
{
  g_autoptr (GHashTable) table = NULL;

  for (int i = 0; i < 203; i++)
    {
      g_autofree char *name = g_strdup_printf ("%03d.ini", i);
      GString *rows = g_string_new (NULL);

      for (int j = 0; j < 20; j++)
        g_string_append_printf (rows, "[1.9.%d.%d]\nKind=entity-id\n", i, j);
      put (name, rows->str, -1);
      g_string_free (rows, TRUE);
    }
  expect_warning ("*/oids.d: only the first 200 of 203 files are read");
  table = oids_load ();
  g_test_assert_expected_messages ();
  g_assert_cmpuint (g_hash_table_size (table), ==, 2000);
}

static const struct
{
  const char *path;
  void (*function) (void);
} tests[] = {
  { "/oids/shipped", test_shipped },
  { "/oids/order", test_order },
  { "/oids/later-file-wins", test_later_file_wins },
  { "/oids/broken-files", test_broken_files },
  { "/oids/bounds", test_bounds },
};

/* One of them; nothing of it stays for the next. */
static void
run (gconstpointer index)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "cert-assistant", "oids.d", NULL);
  g_autoptr (GDir) dir = NULL;
  const char *name;

  tests[GPOINTER_TO_SIZE (index)].function ();
  dir = g_dir_open (folder, 0, NULL);
  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_remove (path), ==, 0);
    }
}

int
main (int argc, char **argv)
{
  g_autofree char *config = g_dir_make_tmp ("test-oids-XXXXXX", NULL);
  g_autofree char *ours = g_build_filename (config, "cert-assistant", NULL);
  g_autofree char *folder = g_build_filename (ours, "oids.d", NULL);
  int status;

  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_setenv ("LANGUAGE", "C", TRUE);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, GSIZE_TO_POINTER (i), run);
  status = g_test_run ();
  g_rmdir (folder);
  g_rmdir (ours);
  g_rmdir (config);
  return status;
}
