/* What the settings make of what stands in them, whoever wrote it there: a person, an administrator, another version.
 * They are in a key file of this test's own. What a process reads only once is tested in a process of its own. */
#include "engine/settings.h"

#include <glib/gstdio.h>
#include <string.h>

#include "engine/engine.h"

#define GROUP "[org/certassistant/CertAssistant]\n"
#define PATH  "/org/certassistant/CertAssistant/"

/* Where the backend "keyfile" has its */
#define KEYFILE "config/glib-2.0/settings/keyfile"

static char *home;

/* A file below the folder of this test. */
static void
put (const char *name, const char *text)
{
  g_autofree char *path = g_build_filename (home, name, NULL), *folder = g_path_get_dirname (path);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
assert_steps (const Rules *rules, const int *steps, guint n_steps)
{
  g_assert_cmpmem (rules->steps, rules->n_steps * sizeof *steps, steps, n_steps * sizeof *steps);
}

static void
assert_default (const Rules *rules)
{
  const Rules expected = RULES_DEFAULT;

  assert_steps (rules, expected.steps, expected.n_steps);
  g_assert_cmpint (rules->quiet_from, ==, expected.quiet_from);
  g_assert_cmpint (rules->quiet_to, ==, expected.quiet_to);
  g_assert_cmpint (rules->remind_absent, ==, expected.remind_absent);
  g_assert_cmpint (rules->want_one_token, ==, expected.want_one_token);
}

/* Of the schema: they are those of the program. */
static void
test_defaults (void)
{
  g_autoptr (GSettings) settings = settings_new ();
  Rules rules = settings_get_rules (settings);

  g_assert_nonnull (settings);
  assert_default (&rules);
  g_assert_true (settings_get_hide_icon (settings));
  g_assert_true (settings_get_remember (settings));
  g_assert_false (g_settings_get_boolean (settings, SETTINGS_QUIET_HOURS));
  g_assert_cmpint (g_settings_get_int (settings, SETTINGS_QUIET_FROM), ==, 22 * 60);
  g_assert_cmpint (g_settings_get_int (settings, SETTINGS_QUIET_TO), ==, 8 * 60);
}

static void
test_chosen (void)
{
  g_autoptr (GSettings) settings = settings_new ();
  Rules rules;

  g_settings_set_int (settings, SETTINGS_QUIET_FROM, 0);
  g_settings_set_int (settings, SETTINGS_QUIET_TO, 1439);
  rules = settings_get_rules (settings);
  g_assert_cmpint (rules.quiet_from, ==, rules.quiet_to);
  g_settings_set_boolean (settings, SETTINGS_QUIET_HOURS, TRUE);
  g_settings_set_boolean (settings, SETTINGS_REMEMBER, FALSE);
  g_settings_set_boolean (settings, SETTINGS_WARN_SEVERAL, FALSE);
  g_settings_set_boolean (settings, SETTINGS_HIDE_ICON, FALSE);
  rules = settings_get_rules (settings);
  g_assert_cmpint (rules.quiet_from, ==, 0);
  g_assert_cmpint (rules.quiet_to, ==, 1439);
  g_assert_false (rules.remind_absent);
  g_assert_false (rules.want_one_token);
  g_assert_false (settings_get_remember (settings));
  g_assert_false (settings_get_hide_icon (settings));
}

static const struct
{
  const char *written;
  int steps[RULES_MAX_STEPS];
  guint n_steps;
} days[] = {
  { "@ai []", { 0 }, 0 },
  { "[7, 30, 7, 0, 30]", { 30, 7, 0 }, 3 },
  { "[-1, 3651, 3650, 2147483647, -2147483648]", { 3650 }, 1 },
  { "[16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]",
    { 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 },
    16 },
  { "[90, 60, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]",
    { 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 },
    16 },
};

static void
test_days (void)
{
  g_autoptr (GSettings) settings = settings_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (days); i++)
    {
      Rules rules;

      g_settings_set_value (settings, SETTINGS_REMIND_DAYS, g_variant_new_parsed (days[i].written));
      rules = settings_get_rules (settings);
      assert_steps (&rules, days[i].steps, days[i].n_steps);
    }
}

/* What is not of the key's type or range was not written. */
static void
test_nonsense (void)
{
  if (g_test_subprocess ())
    {
      g_autoptr (GSettings) settings = settings_new ();
      Rules rules = settings_get_rules (settings);

      assert_steps (&rules, RULES_DEFAULT.steps, RULES_DEFAULT.n_steps);
      g_assert_cmpint (rules.quiet_from, ==, 22 * 60);
      g_assert_cmpint (rules.quiet_to, ==, 8 * 60);
      return;
    }
  put (KEYFILE, GROUP "remind-days='soon'\nquiet-hours=true\nquiet-from=1440\nquiet-to=-1\n");
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
  put (KEYFILE, "");
}

static void
compile (const char *program, const char *output, const char *folder)
{
  const char *argv[] = { program, output ? "compile" : folder, output, output ? folder : NULL, NULL };
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, &error);
  g_assert_no_error (error);
  g_assert_cmpint (status, ==, 0);
}

/* As on a machine whose administrator has preset some settings and locked one: in dconf. */
static void
test_system (void)
{
  g_autofree char *folder = g_build_filename (home, "site.d", NULL), *site = g_build_filename (home, "site", NULL);
  g_autofree char *profile = g_build_filename (home, "profile", NULL);
  g_autofree char *text = g_strdup_printf ("user-db:user\nfile-db:%s\n", site);

  if (g_test_subprocess ())
    {
      g_autoptr (GSettings) settings = settings_new ();
      Rules rules = settings_get_rules (settings);

      assert_steps (&rules, (int[]){ 45 }, 1);
      g_assert_false (settings_get_hide_icon (settings));
      g_assert_false (rules.want_one_token);
      g_assert_true (g_settings_is_writable (settings, SETTINGS_REMIND_DAYS));
      g_assert_false (g_settings_is_writable (settings, SETTINGS_WARN_SEVERAL));
      g_assert_false (g_settings_set_boolean (settings, SETTINGS_WARN_SEVERAL, TRUE));
      rules = settings_get_rules (settings);
      g_assert_false (rules.want_one_token);
      return;
    }
  put ("site.d/settings", GROUP "remind-days=[45]\nhide-icon-without-token=false\nwarn-about-several-tokens=false\n");
  put ("site.d/locks/settings", PATH SETTINGS_WARN_SEVERAL "\n");
  compile ("dconf", site, folder);
  put ("profile", text);
  g_setenv ("DCONF_PROFILE", profile, TRUE);
  g_setenv ("GSETTINGS_BACKEND", "dconf", TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_setenv ("GSETTINGS_BACKEND", "keyfile", TRUE);
  g_test_trap_assert_passed ();
}

/* The parent's schemas are in FOLDER. */
static void
run_with_schemas (const char *folder)
{
  g_autofree char *before = g_strdup (g_getenv ("GSETTINGS_SCHEMA_DIR"));

  g_setenv ("GSETTINGS_SCHEMA_DIR", folder, TRUE);
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_setenv ("GSETTINGS_SCHEMA_DIR", before, TRUE);
  g_test_trap_assert_passed ();
}

static void
assert_nothing_to_choose (void)
{
  g_autoptr (GSettings) settings = settings_new ();
  Rules rules = settings_get_rules (settings);

  g_assert_null (settings);
  assert_default (&rules);
  g_assert_true (settings_get_hide_icon (settings));
  g_assert_true (settings_get_remember (settings));
}

static void
test_no_schema (void)
{
  if (g_test_subprocess ())
    assert_nothing_to_choose ();
  else
    run_with_schemas (home);
}

static void
test_older_schema (void)
{
  g_autofree char *folder = g_build_filename (home, "older", NULL);

  if (g_test_subprocess ())
    {
      assert_nothing_to_choose ();
      return;
    }
  put ("older/older.gschema.xml", "<schemalist><schema id='" APPLICATION_ID "' path='" PATH "'>"
                                  "<key name='hide-icon-without-token' type='b'><default>false</default></key>"
                                  "</schema></schemalist>");
  compile ("glib-compile-schemas", NULL, folder);
  run_with_schemas (folder);
}

static void
count (guint *n)
{
  ++*n;
}

/* The view is judged anew at once. */
static void
test_engine (void)
{
  g_autoptr (Engine) engine = engine_new ();
  Rules rules = RULES_DEFAULT;
  guint n_changes = 0;

  g_signal_connect_swapped (engine, "changed", G_CALLBACK (count), &n_changes);
  rules.steps[0] = 365;
  engine_set_rules (engine, &rules);
  g_assert_cmpuint (n_changes, ==, 1);
  g_assert_cmpint (engine_get_view (engine)->judgement->rules.steps[0], ==, 365);
  g_assert_nonnull (engine_get_view (engine)->judgement->rules.issuers);
  g_assert_cmpint (engine_get_view (engine)->judgement->rules.built, >, 0);
}

/* PATH and all that is below it. */
static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    {
      g_autofree char *child = g_build_filename (path, name, NULL);

      remove_all (child);
    }
  g_remove (path);
}

/* The first process makes the folder in which it and the others have all that they read. */
static void
make_home (void)
{
  g_autofree char *schemas = g_build_filename (g_getenv ("TEST_BUILD"), "data", NULL), *config = NULL;

  if (g_test_subprocess ())
    {
      home = g_strdup (g_getenv ("TEST_SETTINGS_HOME"));
      return;
    }
  home = g_dir_make_tmp ("test-settings-XXXXXX", NULL);
  config = g_build_filename (home, "config", NULL);
  g_setenv ("TEST_SETTINGS_HOME", home, TRUE);
  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_setenv ("XDG_DATA_DIRS", home, TRUE);
  g_setenv ("XDG_DATA_HOME", home, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", home, TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "disabled:", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "keyfile", TRUE);
  g_setenv ("GSETTINGS_SCHEMA_DIR", schemas, TRUE);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  make_home ();
  g_test_add_func ("/settings/nonsense", test_nonsense);
  g_test_add_func ("/settings/system", test_system);
  g_test_add_func ("/settings/no-schema", test_no_schema);
  g_test_add_func ("/settings/older-schema", test_older_schema);
  /* From here on this process has read its own. */
  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/chosen", test_chosen);
  g_test_add_func ("/settings/days", test_days);
  g_test_add_func ("/settings/engine", test_engine);
  status = g_test_run ();
  if (!g_test_subprocess ())
    remove_all (home);
  g_free (home);
  return status;
}
