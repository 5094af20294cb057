/* Which vendor libraries there are: the files of modules.d, and what is registered with p11-kit. Beside what is
 * installed on this machine stands what a test puts into the user's own folders. */
#include "engine/profiles.h"

#include <string.h>

static void
put (const char *folder, const char *name, const char *contents)
{
  g_autofree char *path = g_build_filename (g_get_user_config_dir (), folder, NULL);
  g_autofree char *file = g_build_filename (path, name, NULL);

  g_assert_cmpint (g_mkdir_with_parents (path, 0700), ==, 0);
  g_assert_true (g_file_set_contents (file, contents, -1, NULL));
}

static const ModuleProfile *
find (const GPtrArray *profiles, const char *id)
{
  for (guint i = 0; i < profiles->len; i++)
    if (strcmp (((ModuleProfile *) profiles->pdata[i])->id, id) == 0)
      return profiles->pdata[i];
  return NULL;
}

/* All that come with the program make sense. */
static void
test_shipped (void)
{
  static const struct
  {
    const char *name;
    guint vendor, product;
  } shipped[] = {
    { "longmai", 0x055C, 0xE618 },
    { "feitian", 0x096E, 0x0309 },
    { "fisec", 0x4612, 0x04B4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (shipped); i++)
    {
      g_autofree char *name = g_strconcat (shipped[i].name, ".ini", NULL);
      g_autofree char *path = g_build_filename (g_getenv ("TEST_SOURCE"), "data", "modules.d", name, NULL);
      g_autoptr (GKeyFile) file = g_key_file_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (ModuleProfile) profile = NULL;

      g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error);
      g_assert_no_error (error);
      profile = module_profile_new_from_key_file (file, shipped[i].name, &error);
      g_assert_no_error (error);
      g_assert_true (module_profile_has_device (profile, shipped[i].vendor, shipped[i].product));
      g_assert_false (module_profile_has_device (profile, 0x1050, 0x0407));
    }
}

static void
test_own (void)
{
  const ModuleProfile *mine;
  g_autoptr (GPtrArray) profiles = NULL;

  put ("cert-assistant/modules.d", "mine.ini", "[Module]\nName=Mine\nType=skf\nLibrary=/opt/mine/lib.so\n");
  put ("cert-assistant/modules.d", "fisec.ini", "[Module]\nEnabled=false\n");
  put ("cert-assistant/modules.d", "broken.ini", "[Module]\nType=skf\n");
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, "*broken.ini is left out: *Library is missing");
  profiles = profiles_load_modules ();
  g_test_assert_expected_messages ();
  mine = find (profiles, "mine");
  g_assert_nonnull (mine);
  g_assert_true (mine->own);
  g_assert_false (mine->registered);
  g_assert_cmpstr (mine->name, ==, "Mine");
  g_assert_null (find (profiles, "fisec"));
  g_assert_null (find (profiles, "broken"));
  put ("cert-assistant/modules.d", "broken.ini", "[Module]\nEnabled=false\n");
}

static void
test_registered (void)
{
  static const struct
  {
    const char *name, *contents;
    gboolean there;
  } files[] = {
    { "absolute", "# a comment: with a colon\nmodule: /opt/example/pkcs11.so\n", TRUE },
    { "relative", "module:example-pkcs11.so\nmanaged: no\n", TRUE },
    { "for-us", "enable-in: browser, cert-assistant\nmodule: /opt/example/1.so\n", TRUE },
    { "for-others", "enable-in: browser\nmodule: /opt/example/2.so\n", FALSE },
    { "not-for-us", "module: /opt/example/3.so\ndisable-in: cert-assistant browser\n", FALSE },
    { "not-for-others", "module: /opt/example/4.so\ndisable-in: browser\n", TRUE },
    { "trust", "module: p11-kit-trust.so\n", FALSE },
    { "nothing", "priority: 1\n", FALSE },
    { "empty", "", FALSE },
    { "switched-off", "module:\n", FALSE },
    { "known", "module: /opt/mine/lib.so\n", FALSE }, /* by a file of modules.d */
  };
  g_autoptr (GPtrArray) profiles = NULL;
  g_autofree char *relative = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *name = g_strconcat (files[i].name, ".module", NULL);

      put ("pkcs11/modules", name, files[i].contents);
    }
  profiles = profiles_load_modules ();
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      const ModuleProfile *profile = find (profiles, files[i].name);

      g_test_message ("%s", files[i].name);
      g_assert_cmpint (profile != NULL, ==, files[i].there);
      g_assert_true (!profile || (profile->registered && strcmp (profile->type, "pkcs11") == 0));
    }
  g_assert_cmpstr (find (profiles, "absolute")->libraries[0], ==, "/opt/example/pkcs11.so");
  relative = g_path_get_basename (find (profiles, "relative")->libraries[0]);
  g_assert_cmpstr (relative, ==, "example-pkcs11.so");
  g_assert_true (g_path_is_absolute (find (profiles, "relative")->libraries[0]));
}

int
main (int argc, char **argv)
{
  g_autofree char *config = g_dir_make_tmp ("test-modules-XXXXXX", NULL);
  g_autofree char *remove = g_strdup_printf ("rm -r '%s'", config);
  int status;

  g_setenv ("XDG_CONFIG_HOME", config, TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module-profiles/shipped", test_shipped);
  g_test_add_func ("/module-profiles/own", test_own);
  g_test_add_func ("/module-profiles/registered", test_registered);
  status = g_test_run ();
  return g_spawn_command_line_sync (remove, NULL, NULL, NULL, NULL) ? status : 1;
}
