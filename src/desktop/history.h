/* What has happened since the program was started: a log, in memory only, of what one view says and the one before it
 * did not. Belongs to the application; the page of the window shows it. */
#pragma once

#include <glib-object.h>

#include "model/view.h"

/* The oldest go when there are more. */
#define HISTORY_MAX_ENTRIES 10000

typedef struct
{
  gint64 time;        /* seconds since 1970 UTC */
  FindingLevel level; /* of a warning; otherwise FINDING_INFO */
  char *text;
} HistoryEntry;

/* Signal "changed" (): there are new entries. */
#define HISTORY_TYPE (history_get_type ())
G_DECLARE_FINAL_TYPE (History, history, ASSISTANT, HISTORY, GObject)

History *history_new (void);

/* Appends what AFTER says that BEFORE (NULL: the first view) did not: a token that has been read, one that has gone, a
 * warning that is due. Every view has to pass by here. */
void history_follow (History *history, View *before, View *after, gint64 now);

guint history_get_n_entries (History *history);

/* The entry INDEX, of which 0 is the newest; valid until the next one is appended. */
const HistoryEntry *history_get_entry (History *history, guint index);

/* How many there have ever been, with those that have gone. */
guint64 history_get_n_appended (History *history);

/* All of it, the newest first, a line an entry, in local time. (transfer full) */
char *history_to_text (History *history);

/* The day and the time of day of ENTRY, in local time. (transfer full) */
char *history_entry_get_day (const HistoryEntry *entry);
char *history_entry_get_time (const HistoryEntry *entry);
