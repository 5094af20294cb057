/* Made-up worlds, by name: what the windows are looked at with where there is no token. */
#pragma once

#include "model/view.h"

/* The moment at which all scenes take place: 2026-11-22 12:00 UTC. */
#define SCENES_NOW G_GINT64_CONSTANT (1795348800)

/* The view of the scene NAME, or NULL. GENERATION numbers its first token. */
View *scenes_build (const char *name, guint generation) G_GNUC_WARN_UNUSED_RESULT;

/* All names, ending with NULL. */
const char *const *scenes_list (void);
