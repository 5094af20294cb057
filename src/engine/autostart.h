/* Starting at login, by the entry of the desktops' autostart folders (freedesktop.org, Desktop Application Autostart
 * Specification 0.5). What a person's own folder says goes before what the system's folders say; Hidden=true there
 * means no. Nothing is kept here: the files are read when they are asked for. */
#pragma once

#include <glib.h>

gboolean autostart_is_on (void);

/* FALSE with an error in words (G_FILE_ERROR) when the person's file cannot be written or removed: then nothing has
 * changed. */
gboolean autostart_set (gboolean on, GError **error) G_GNUC_WARN_UNUSED_RESULT;
