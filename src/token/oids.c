#include "oids.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_FILES 200 /* of a folder */
#define MAX_SIZE  (64 * 1024)
#define MAX_ROWS  2000

/* ---- files ---- */

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

/* What is in FD, at most MAX_SIZE bytes of it, or NULL with what is wrong in *REASON. */
static GString *
read_all (int fd, const char **reason)
{
  g_autofree char *bytes = g_malloc (MAX_SIZE + 1);
  gsize length = 0;
  gssize n;
  struct stat status;

  *reason = "not a regular file";
  if (fstat (fd, &status) < 0 || !S_ISREG (status.st_mode))
    return NULL;
  while ((n = read (fd, bytes + length, MAX_SIZE + 1 - length)) > 0 || (n < 0 && errno == EINTR))
    length += (gsize) MAX (n, 0);
  *reason = n < 0 ? g_strerror (errno) : "more than 65536 bytes";
  return n < 0 || length > MAX_SIZE ? NULL : g_string_new_len (bytes, (gssize) length);
}

/* Opened before it is looked at, so that nobody can put another in its place, and without waiting: it may be a pipe. */
static GKeyFile *
read_key_file (const char *path)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) error = NULL;
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  const char *reason = g_strerror (errno);
  GString *data = fd < 0 ? NULL : read_all (fd, &reason);
  gboolean loaded = data && g_key_file_load_from_data (file, data->str, data->len, G_KEY_FILE_NONE, &error);

  if (fd >= 0)
    close (fd);
  if (data)
    g_string_free (data, TRUE);
  if (!loaded)
    {
      g_autofree char *shown = g_filename_display_name (path);

      g_warning ("%s is left out: %s", shown, error ? error->message : reason);
      return NULL;
    }
  return g_steal_pointer (&file);
}

/* ---- rows ---- */

static void
row_free (OidsRow *row)
{
  g_free (row->label);
  g_free (row);
}

static gboolean
is_oid (const char *text)
{
  return g_ascii_isdigit (*text) && strspn (text, "0123456789.") == strlen (text);
}

static void
add_row (GHashTable *table, GKeyFile *file, const char *oid, const char *name)
{
  g_autofree char *word = g_key_file_get_string (file, oid, "Kind", NULL);
  IdentityKind kind;
  OidsRow *row;

  if (!is_oid (oid) || !word || !identity_kind_from_string (g_strstrip (word), &kind))
    {
      g_warning ("%s: [%s] is left out: no identifier, or no Kind", name, oid);
      return;
    }
  if (g_hash_table_contains (table, oid) || g_hash_table_size (table) >= MAX_ROWS)
    return;
  row = g_new0 (OidsRow, 1);
  row->kind = kind;
  row->label = g_key_file_get_locale_string (file, oid, "Label", NULL, NULL);
  row->rank = g_hash_table_size (table);
  g_hash_table_insert (table, g_strdup (oid), row);
}

static gboolean
add_file (gpointer name, gpointer file, gpointer table)
{
  g_auto (GStrv) groups = g_key_file_get_groups (file, NULL);

  for (guint i = 0; groups[i]; i++)
    add_row (table, file, groups[i], name);
  return FALSE;
}

GHashTable *
oids_load (void)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "cert-assistant", NULL);
  const char *const folders[] = { PKGDATADIR, "/etc/cert-assistant", own };
  g_autoptr (GTree) by_name = g_tree_new_full (compare_keys, NULL, g_free, (GDestroyNotify) g_key_file_unref);
  GHashTable *table = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) row_free);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *folder = g_build_filename (folders[i], "oids.d", NULL);
      g_autoptr (GPtrArray) names = list_names (folder);

      for (guint j = 0; j < names->len; j++)
        {
          g_autofree char *path = g_build_filename (folder, names->pdata[j], NULL);
          GKeyFile *file = read_key_file (path);

          if (file)
            g_tree_replace (by_name, g_strdup (names->pdata[j]), file);
        }
    }
  g_tree_foreach (by_name, add_file, table);
  return table;
}
