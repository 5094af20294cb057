#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixinputstream.h>
#include <sys/stat.h>

/* Opened before it is looked at, so that nobody can put another in its place, and without waiting: it may be a pipe. */
static GInputStream *
open_regular (const char *path, gboolean follow, GError **error)
{
  int fd = open (path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
  struct stat status = { 0 };
  int failure = fd < 0 || fstat (fd, &status) < 0 ? errno : 0;
  g_autoptr (GInputStream) stream = fd < 0 ? NULL : g_unix_input_stream_new (fd, TRUE);

  if (failure == 0 && S_ISREG (status.st_mode))
    return g_steal_pointer (&stream);
  if (failure == 0 || (failure == ELOOP && !follow))
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "not a regular file");
  else
    g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (failure), g_strerror (failure));
  return NULL;
}

char *
file_read (const char *path, gboolean follow, gsize max, gsize *length, GError **error)
{
  g_autoptr (GInputStream) stream = open_regular (path, follow, error);
  g_autofree char *data = NULL;

  if (!stream)
    return NULL;
  data = g_malloc (max + 1);
  if (!g_input_stream_read_all (stream, data, max + 1, length, NULL, error))
    return NULL;
  if (*length > max)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE, "more than %" G_GSIZE_FORMAT " bytes", max);
      return NULL;
    }
  data[*length] = '\0';
  return g_steal_pointer (&data);
}
