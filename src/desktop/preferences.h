/* What the person may choose. The program also runs where its settings are not installed: then the defaults hold and
 * nothing can be chosen. */
#pragma once

#include <gio/gio.h>

#define PREFERENCES_HIDE_ICON "hide-icon-without-token"

/* NULL where the schema is not installed. (transfer full) */
GSettings *preferences_new (void);

/* Whether the tray icon goes away when nothing is inserted and nothing is wrong. PREFERENCES may be NULL. */
gboolean preferences_get_hide_icon (GSettings *preferences);
