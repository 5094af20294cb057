#include "profiles.h"

#include <gio/gio.h>
#include <string.h>

#include "file.h"

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
    if (*name != '.' && g_str_has_suffix (name, ".ini"))
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

static Issuer *
load_issuer (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GKeyFile) file = read_key_file (path, &error);
  Issuer *issuer = file ? issuer_new_from_key_file (file, &error) : NULL;

  if (error)
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_warning ("%s is left out: %s", shown, error->message);
    }
  return issuer;
}

static gboolean
add_issuer (gpointer name G_GNUC_UNUSED, gpointer issuer, gpointer issuers)
{
  g_ptr_array_add (issuers, issuer_ref (issuer));
  return FALSE;
}

GPtrArray *
profiles_load_issuers (void)
{
  g_auto (GStrv) folders = list_folders ();
  g_autoptr (GTree) by_name = g_tree_new_full (compare_keys, NULL, g_free, (GDestroyNotify) issuer_unref);
  GPtrArray *issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);

  for (gsize i = 0; folders[i]; i++)
    {
      g_autofree char *folder = g_build_filename (folders[i], "issuers.d", NULL);
      g_autoptr (GPtrArray) names = list_names (folder);

      for (guint j = 0; j < names->len; j++)
        {
          g_autofree char *path = g_build_filename (folder, names->pdata[j], NULL);
          Issuer *issuer = load_issuer (path);

          if (issuer)
            g_tree_replace (by_name, g_strdup (names->pdata[j]), issuer);
        }
    }
  g_tree_foreach (by_name, add_issuer, issuers);
  return issuers;
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
