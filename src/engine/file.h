/* Files that others may have put there: read without waiting, and no more of them than is good for us. */
#pragma once

#include <glib.h>

/* What is in the regular file PATH, with a NUL behind it that *LENGTH does not count; NULL with ERROR (G_IO_ERROR):
 * NOT_REGULAR_FILE for a folder, a pipe, a device and, unless FOLLOW, a symbolic link; MESSAGE_TOO_LARGE when it has
 * more than MAX bytes; the system's own. */
char *file_read (const char *path, gboolean follow, gsize max, gsize *length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
