/* The worker that watches readers: started once, and again with back-off whenever it ends or does not answer. In the
 * engine only. */
#pragma once

#include "model/reader.h"

typedef struct _Watcher Watcher;

/* The newest picture; where the service cannot be asked, or no watcher lives long enough to do so, a picture without
 * readers that says why. LIST belongs to the caller. */
typedef void (*WatcherFunc) (ReaderList *list, gpointer data);

Watcher *watcher_new (WatcherFunc func, gpointer data);
void watcher_free (Watcher *watcher);

/* Once. */
void watcher_start (Watcher *watcher);
