#include "autostart.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#define FOLDER "autostart"
#define NAME   APPLICATION_ID ".autostart.desktop"

#define HIDDEN "Hidden"
/* What some desktops write instead */
#define ENABLED "X-GNOME-Autostart-enabled"

/* The entry in the configuration folder BASE, or NULL where there is none that can be read. */
static GKeyFile *
load_entry (const char *base)
{
  g_autofree char *path = g_build_filename (base, FOLDER, NAME, NULL);
  g_autoptr (GKeyFile) entry = g_key_file_new ();

  if (!g_key_file_load_from_file (entry, path, G_KEY_FILE_KEEP_COMMENTS | G_KEY_FILE_KEEP_TRANSLATIONS, NULL))
    return NULL;
  return g_steal_pointer (&entry);
}

static GKeyFile *
load_system_entry (void)
{
  const char *const *bases = g_get_system_config_dirs ();
  GKeyFile *entry = NULL;

  for (gsize i = 0; !entry && bases[i]; i++)
    entry = load_entry (bases[i]);
  return entry;
}

static gboolean
starts (GKeyFile *entry)
{
  if (!entry || g_key_file_get_boolean (entry, G_KEY_FILE_DESKTOP_GROUP, HIDDEN, NULL))
    return FALSE;
  return !g_key_file_has_key (entry, G_KEY_FILE_DESKTOP_GROUP, ENABLED, NULL)
         || g_key_file_get_boolean (entry, G_KEY_FILE_DESKTOP_GROUP, ENABLED, NULL);
}

static char *
get_own_path (void)
{
  return g_build_filename (g_get_user_config_dir (), FOLDER, NAME, NULL);
}

gboolean
autostart_is_on (void)
{
  g_autofree char *path = get_own_path ();
  g_autoptr (GKeyFile) entry = NULL;

  /* Also one that cannot be read goes before the system's: nobody starts by it. */
  if (g_file_test (path, G_FILE_TEST_EXISTS))
    entry = load_entry (g_get_user_config_dir ());
  else
    entry = load_system_entry ();
  return starts (entry);
}

/* Where the program is installed so that no autostart folder has its entry. */
static GKeyFile *
make_entry (void)
{
  GKeyFile *entry = g_key_file_new ();
  const char *const texts[][2] = {
    { G_KEY_FILE_DESKTOP_KEY_TYPE, G_KEY_FILE_DESKTOP_TYPE_APPLICATION },
    { G_KEY_FILE_DESKTOP_KEY_NAME, _ ("Certificate Assistant") },
    { G_KEY_FILE_DESKTOP_KEY_EXEC, "\"" BINDIR "/cert-assistant\" --background" },
    { G_KEY_FILE_DESKTOP_KEY_ICON, APPLICATION_ID },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    g_key_file_set_string (entry, G_KEY_FILE_DESKTOP_GROUP, texts[i][0], texts[i][1]);
  return entry;
}

static gboolean
save (GKeyFile *entry, const char *path, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (path);

  if (g_mkdir_with_parents (folder, 0700) < 0)
    {
      int code = errno;

      g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (code), g_strerror (code));
      return FALSE;
    }
  return g_key_file_save_to_file (entry, path, error);
}

static gboolean
forget (const char *path, GError **error)
{
  if (g_remove (path) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error_literal (error, G_FILE_ERROR, g_file_error_from_errno (errno), g_strerror (errno));
  return FALSE;
}

gboolean
autostart_set (gboolean on, GError **error)
{
  g_autofree char *path = get_own_path ();
  g_autoptr (GKeyFile) own = load_entry (g_get_user_config_dir ()), system = load_system_entry ();

  if (on && starts (system))
    return forget (path, error);
  if (!own)
    own = system ? g_key_file_ref (system) : make_entry ();
  g_key_file_remove_key (own, G_KEY_FILE_DESKTOP_GROUP, ENABLED, NULL);
  if (on)
    g_key_file_remove_key (own, G_KEY_FILE_DESKTOP_GROUP, HIDDEN, NULL);
  else
    g_key_file_set_boolean (own, G_KEY_FILE_DESKTOP_GROUP, HIDDEN, TRUE);
  return save (own, path, error);
}
