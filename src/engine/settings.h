/* What the person may choose, and an administrator preset or lock: GSettings, read by the tray and the command line
 * alike. The programs also run where the schema is not installed, or is that of an older version: then there is no
 * GSettings, the defaults hold and nothing can be chosen. Every function takes NULL for it. */
#pragma once

#include <gio/gio.h>

#include "model/judge.h"

/* Keys, for binding widgets to them */
#define SETTINGS_HIDE_ICON    "hide-icon-without-token"
#define SETTINGS_REMIND_DAYS  "remind-days"               /* days before the end, the last one 0 */
#define SETTINGS_QUIET_HOURS  "quiet-hours"               /* whether there are any */
#define SETTINGS_QUIET_FROM   "quiet-from"                /* minutes of the local day */
#define SETTINGS_QUIET_TO     "quiet-to"                  /* the same */
#define SETTINGS_REMEMBER     "remember-certificates"     /* and remind of them without their token */
#define SETTINGS_WARN_SEVERAL "warn-about-several-tokens" /* when more than one is inserted */

/* NULL where the schema is not installed or lacks a key. (transfer full) */
GSettings *settings_new (void);

/* Whether the tray icon goes away when nothing is inserted and nothing is wrong. */
gboolean settings_get_hide_icon (GSettings *settings);

/* Fit for judge (), whatever was written into the settings. */
Rules settings_get_rules (GSettings *settings);

/* Whether to keep what is needed to remind of a certificate whose token is not inserted. */
gboolean settings_get_remember (GSettings *settings);
