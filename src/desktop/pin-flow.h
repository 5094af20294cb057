/* A PIN from the first click to the last sentence: opens the dialog for a token, follows the token while it is open,
 * hands what is typed to the engine once, and says what came of it. One at a time. */
#pragma once

#include <gtk/gtk.h>

#include "engine/engine.h"
#include "model/attempt.h"

typedef struct _PinFlow PinFlow;

/* ENGINE is borrowed; NULL: nothing can be sent (made-up tokens). */
PinFlow *pin_flow_new (Engine *engine);

/* Closes the dialog. An attempt that is under way is killed. */
void pin_flow_free (PinFlow *flow);

/* Opens the dialog about the PIN called REF (NULL: the first one) of TOKEN in VIEW, above PARENT (or NULL). One that is
 * open about something else makes room; one that asks for the same already, or waits for its token, comes to the front.
 */
void pin_flow_start (PinFlow *flow,
                     GtkWindow *parent,
                     View *view,
                     const TokenView *token,
                     const char *ref,
                     PinOperation operation);

/* VIEW is how things are now. */
void pin_flow_show_view (PinFlow *flow, View *view);
