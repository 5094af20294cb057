#include "profiles.h"

#include <gio/gio.h>
#include <string.h>

#include "file.h"
#include "registry.h"

#define EXTENSION ".ini"
#define MAX_FILES 200 /* of a folder */
#define MAX_SIZE  (64 * 1024)

static int
compare_keys (gconstpointer a, gconstpointer b, gpointer data G_GNUC_UNUSED)
{
  return strcmp (a, b);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* From the first to the last, which has the last word. */
static GStrv
list_folders (void)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "cert-assistant", NULL);
  const char *const folders[] = { PKGDATADIR, "/etc/cert-assistant", own, NULL };

  return g_strdupv ((GStrv) folders);
}

/* The names of the key files in FOLDER, which need not exist, in their order. Hidden ones are what editors leave. */
static GPtrArray *
list_names (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  while (dir && (name = g_dir_read_name (dir)))
    if (*name != '.' && g_str_has_suffix (name, EXTENSION))
      g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  if (names->len > MAX_FILES)
    {
      g_autofree char *shown = g_filename_display_name (folder);

      g_warning ("%s: only the first %d of %u files are read", shown, MAX_FILES, names->len);
      g_ptr_array_set_size (names, MAX_FILES);
    }
  return names;
}

static GKeyFile *
read_key_file (const char *path, GError **error)
{
  gsize length;
  g_autofree char *data = file_read (path, TRUE, MAX_SIZE, &length, error);
  g_autoptr (GKeyFile) file = g_key_file_new ();

  if (!data || !g_key_file_load_from_data (file, data, length, G_KEY_FILE_NONE, error))
    return NULL;
  return g_steal_pointer (&file);
}

/* ---- profiles of a kind ---- */

typedef struct
{
  const char *folder; /* "issuers.d" */
  /* A profile from FILE, called ID; OWN: in the user's own folder. NULL: none, with ERROR where something is wrong. */
  gpointer (*make) (GKeyFile *file, const char *id, gboolean own, GError **error);
  GDestroyNotify unref;
} Kind;

static gpointer
load_profile (const Kind *kind, const char *path, const char *name, gboolean own)
{
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (EXTENSION));
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file = read_key_file (path, &error);
  gpointer profile = file ? kind->make (file, id, own, &error) : NULL;

  if (error)
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_warning ("%s is left out: %s", shown, error->message);
    }
  return profile;
}

/* Takes PROFILE. */
static gboolean
add_profile (gpointer name G_GNUC_UNUSED, gpointer profile, gpointer profiles)
{
  if (profile)
    g_ptr_array_add (profiles, profile);
  return FALSE;
}

/* All of KIND, sorted by their names. With SWITCHES a later file that is no profile takes an earlier one away. */
static GPtrArray *
load_profiles (const Kind *kind, gboolean switches)
{
  g_auto (GStrv) folders = list_folders ();
  g_autoptr (GTree) by_name = g_tree_new_full (compare_keys, NULL, g_free, NULL);
  GPtrArray *profiles = g_ptr_array_new_with_free_func (kind->unref);

  for (gsize i = 0; folders[i]; i++)
    {
      g_autofree char *folder = g_build_filename (folders[i], kind->folder, NULL);
      g_autoptr (GPtrArray) names = list_names (folder);

      for (guint j = 0; j < names->len; j++)
        {
          g_autofree char *path = g_build_filename (folder, names->pdata[j], NULL);
          gpointer profile = load_profile (kind, path, names->pdata[j], folders[i + 1] == NULL);
          gpointer before = g_tree_lookup (by_name, names->pdata[j]);

          if (!profile && !switches)
            continue;
          if (before)
            kind->unref (before);
          g_tree_replace (by_name, g_strdup (names->pdata[j]), profile);
        }
    }
  g_tree_foreach (by_name, add_profile, profiles);
  return profiles;
}

static gpointer
make_issuer (GKeyFile *file, const char *id G_GNUC_UNUSED, gboolean own G_GNUC_UNUSED, GError **error)
{
  return issuer_new_from_key_file (file, error);
}

GPtrArray *
profiles_load_issuers (void)
{
  static const Kind issuers = { "issuers.d", make_issuer, (GDestroyNotify) issuer_unref };

  return load_profiles (&issuers, FALSE);
}

static gpointer
make_module (GKeyFile *file, const char *id, gboolean own, GError **error)
{
  ModuleProfile *profile = module_profile_new_from_key_file (file, id, error);

  if (profile)
    profile->own = own;
  return profile;
}

/* Enabled=false in a later file switches off what an earlier one names. */
GPtrArray *
profiles_load_modules (void)
{
  static const Kind modules = { "modules.d", make_module, (GDestroyNotify) module_profile_unref };
  GPtrArray *profiles = load_profiles (&modules, TRUE);

  registry_add_modules (profiles);
  return profiles;
}

static void
add_group (GKeyFile *whole, GKeyFile *file, const char *group)
{
  g_auto (GStrv) keys = g_key_file_get_keys (file, group, NULL, NULL);

  for (guint i = 0; keys && keys[i]; i++)
    {
      g_autofree char *value = g_key_file_get_value (file, group, keys[i], NULL);

      if (value)
        g_key_file_set_value (whole, group, keys[i], value);
    }
}

GKeyFile *
profiles_load_file (const char *name)
{
  g_auto (GStrv) folders = list_folders ();
  GKeyFile *whole = g_key_file_new ();

  for (gsize i = 0; folders[i]; i++)
    {
      g_autofree char *path = g_build_filename (folders[i], name, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (GKeyFile) file = read_key_file (path, &error);
      g_auto (GStrv) groups = file ? g_key_file_get_groups (file, NULL) : NULL;

      for (guint j = 0; groups && groups[j]; j++)
        add_group (whole, file, groups[j]);
      if (error && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
        g_warning ("%s is left out: %s", path, error->message);
    }
  return whole;
}
