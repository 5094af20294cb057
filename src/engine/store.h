/* The state file: what the assistant remembers (model/memory) from one start to the next. JSON, for its owner alone,
 * and replaced as a whole or not at all. Nothing that can be wrong with the file or its folder stops the program: it is
 * said once by a warning, and the program goes on with what it has in memory. One a process, in that of the tray. */
#pragma once

#include "model/memory.h"

typedef struct _Store Store;

/* The file PATH; NULL: cert-assistant/state.json in the user's state folder. Touches nothing yet. */
Store *store_new (const char *path);
void store_free (Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Store, store_free)

/* What is in the file; an empty memory when there is none. What is no state file (damaged, more than 1 MiB, no regular
 * file) is moved aside, to the same name with ".damaged" behind it; one of a later version of the program is left as it
 * is, and nothing is saved from then on. Never NULL. (transfer full) */
Memory *store_load (Store *store) G_GNUC_WARN_UNUSED_RESULT;

/* Puts MEMORY in the file, if it is not there already. What failed is tried again by the next call; of several failures
 * in a row only the first is said. */
void store_save (Store *store, Memory *memory);
