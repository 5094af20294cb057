#include "profiles.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <string.h>
#include <sys/stat.h>

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

/* Opened before it is looked at, so that nobody can put another in its place, and without waiting: it may be a pipe. */
static GInputStream *
open_regular (const char *path, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  g_autoptr (GInputStream) stream = fd < 0 ? NULL : g_unix_input_stream_new (fd, TRUE);
  struct stat status;

  if (fd < 0 || fstat (fd, &status) < 0)
    {
      int code = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
      return NULL;
    }
  if (!S_ISREG (status.st_mode))
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "not a regular file");
      return NULL;
    }
  return g_steal_pointer (&stream);
}

static GKeyFile *
read_key_file (const char *path, GError **error)
{
  g_autoptr (GInputStream) stream = open_regular (path, error);
  char data[MAX_SIZE + 1];
  g_autoptr (GKeyFile) file = g_key_file_new ();
  gsize length;

  if (!stream || !g_input_stream_read_all (stream, data, sizeof data, &length, NULL, error))
    return NULL;
  if (length > MAX_SIZE)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "more than %d bytes", MAX_SIZE);
      return NULL;
    }
  if (!g_key_file_load_from_data (file, data, length, G_KEY_FILE_NONE, error))
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
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "cert-assistant", NULL);
  const char *const folders[] = { PKGDATADIR, "/etc/cert-assistant", own };
  g_autoptr (GTree) by_name = g_tree_new_full (compare_keys, NULL, g_free, (GDestroyNotify) issuer_unref);
  GPtrArray *issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
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
