/* The program: events from workers → world → judgement → view, in one main loop that never waits. The tray, the window
 * and the command line own one Engine each process and show what it says. */
#pragma once

#include <glib-object.h>

#include "model/view.h"

#define ENGINE_TYPE (engine_get_type ())
G_DECLARE_FINAL_TYPE (Engine, engine, ASSISTANT, ENGINE, GObject)

/* Signal "changed" (): engine_get_view () says something new. */
Engine *engine_new (void);

/* Begins to watch; without it the view stays empty. */
void engine_start (Engine *engine);

/* The newest view, never NULL; owned by the engine until it changes. */
View *engine_get_view (Engine *engine);
