#include "anchors.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#define MAX_ENTRIES 10000 /* of a folder that are looked at */

struct _Anchors
{
  GPtrArray *own; /* X509, of the folders */
  X509_STORE *store;
  X509_STORE_CTX *system;
  gint64 deadline;
};

G_DEFINE_AUTOPTR_CLEANUP_FUNC (BIO, BIO_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)

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

static gboolean
is_late (const Anchors *anchors)
{
  return g_get_monotonic_time () >= anchors->deadline;
}

/* Files */

/* The names of the certificate files in FOLDER, in their order. */
static GPtrArray *
list_names (const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const char *name;

  for (guint n = 0; dir != NULL && n < MAX_ENTRIES && (name = g_dir_read_name (dir)) != NULL; n++)
    if (*name != '.' && g_str_has_suffix (name, ".pem"))
      g_ptr_array_add (names, g_strdup (name));

  g_ptr_array_sort (names, compare_names);
  if (names->len > ANCHORS_MAX_FILES)
    g_ptr_array_set_size (names, ANCHORS_MAX_FILES);
  return names;
}

static gsize
read_up_to (int fd, char *bytes, gsize size)
{
  gsize length = 0;

  while (length < size)
    {
      gssize n = read (fd, bytes + length, size - length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      length += (gsize) n;
    }

  return length;
}

/* Opened before it is looked at, and without waiting: it may be a pipe. NULL when it is no file of fitting size. */
static GBytes *
read_file (const char *path)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  struct stat status;
  GBytes *bytes = NULL;

  if (fd < 0)
    return NULL;

  if (fstat (fd, &status) == 0 && S_ISREG (status.st_mode) && status.st_size <= ANCHORS_MAX_SIZE)
    {
      gsize size = (gsize) status.st_size;
      char *data = g_malloc (size + 1);

      bytes = g_bytes_new_take (data, read_up_to (fd, data, size));
    }
  close (fd);
  return bytes;
}

/* Certificates */

/* Asks nobody: OpenSSL would ask at the terminal where a file says that it is encrypted. */
static int
refuse_password (char *buffer G_GNUC_UNUSED,
                 int size G_GNUC_UNUSED,
                 int writing G_GNUC_UNUSED,
                 void *data G_GNUC_UNUSED)
{
  return -1;
}

/* Every turn takes at least a line, until there is none left. */
static void
take_certificates (Anchors *anchors, GBytes *bytes)
{
  gsize length;
  const void *data = g_bytes_get_data (bytes, &length);
  g_autoptr (BIO) bio = length > 0 ? BIO_new_mem_buf (data, (int) length) : NULL;

  while (bio != NULL && !BIO_eof (bio) && anchors->own->len < ANCHORS_MAX_CERTIFICATES && !is_late (anchors))
    {
      X509 *x509 = PEM_read_bio_X509 (bio, NULL, refuse_password, NULL);

      if (x509 != NULL)
        g_ptr_array_add (anchors->own, x509);
    }
}

static gboolean
take_file (gpointer name G_GNUC_UNUSED, gpointer path, gpointer data)
{
  Anchors *anchors = data;
  g_autoptr (GBytes) bytes = is_late (anchors) ? NULL : read_file (path);

  if (bytes != NULL)
    take_certificates (anchors, bytes);
  return is_late (anchors);
}

static void
take_folders (Anchors *anchors, const char *const *folders)
{
  g_autoptr (GTree) files = g_tree_new_full (compare_keys, NULL, g_free, g_free);

  for (; *folders != NULL; folders++)
    {
      g_autoptr (GPtrArray) names = list_names (*folders);

      for (guint i = 0; i < names->len; i++)
        g_tree_replace (files, g_strdup (names->pdata[i]), g_build_filename (*folders, names->pdata[i], NULL));
    }

  g_tree_foreach (files, take_file, anchors);
}

/* The folder alone, in which every certificate has the hash of its subject for a name: to read the bundle beside it
 * takes longer than to read a token. */
static void
open_system (Anchors *anchors)
{
  X509_LOOKUP *lookup;

  anchors->store = X509_STORE_new ();
  anchors->system = X509_STORE_CTX_new ();
  lookup = anchors->store != NULL ? X509_STORE_add_lookup (anchors->store, X509_LOOKUP_hash_dir ()) : NULL;
  if (lookup == NULL || anchors->system == NULL || X509_LOOKUP_add_dir (lookup, NULL, X509_FILETYPE_DEFAULT) != 1
      || X509_STORE_CTX_init (anchors->system, anchors->store, NULL, NULL) != 1)
    g_clear_pointer (&anchors->system, X509_STORE_CTX_free);
}

Anchors *
anchors_load (const char *const *folders, gint64 deadline)
{
  Anchors *anchors = g_new0 (Anchors, 1);

  anchors->deadline = deadline;
  anchors->own = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);
  take_folders (anchors, folders);
  open_system (anchors);
  ERR_clear_error ();
  return anchors;
}

void
anchors_free (Anchors *anchors)
{
  X509_STORE_CTX_free (anchors->system);
  X509_STORE_free (anchors->store);
  g_ptr_array_unref (anchors->own);
  g_free (anchors);
}

static void
take_from_system (const Anchors *anchors, const X509_NAME *subject, GPtrArray *found)
{
  STACK_OF (X509) *all = anchors->system != NULL ? X509_STORE_CTX_get1_certs (anchors->system, subject) : NULL;

  while (sk_X509_num (all) > 0)
    g_ptr_array_add (found, sk_X509_pop (all));
  sk_X509_free (all);
}

GPtrArray *
anchors_find (const Anchors *anchors, const X509_NAME *subject)
{
  GPtrArray *found = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);

  for (guint i = 0; i < anchors->own->len; i++)
    {
      X509 *x509 = anchors->own->pdata[i];

      if (X509_NAME_cmp (X509_get_subject_name (x509), subject) == 0 && X509_up_ref (x509))
        g_ptr_array_add (found, x509);
    }

  take_from_system (anchors, subject, found);
  ERR_clear_error ();
  return found;
}

GStrv
anchors_list_folders (void)
{
  g_autoptr (GStrvBuilder) folders = g_strv_builder_new ();
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "cert-assistant", "anchors.d", NULL);

  g_strv_builder_add (folders, PKGDATADIR "/anchors.d");
  g_strv_builder_add (folders, "/etc/cert-assistant/anchors.d");
  g_strv_builder_add (folders, own);
  return g_strv_builder_end (folders);
}
