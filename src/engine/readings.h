/* The workers that read tokens: one a slot that wants to be read (model/slot), one an insertion, each step with a
 * deadline. What comes of them goes back into the world as events of that slot and generation; nothing else is kept
 * here. In the engine only. */
#pragma once

#include "model/world.h"

typedef struct _Readings Readings;

/* EVENT, of a slot, belongs to the caller. May lead to readings_follow () before it returns. */
typedef void (*ReadingsFunc) (const WorldEvent *event, gpointer data);

Readings *readings_new (ReadingsFunc func, gpointer data);

/* Ends them all, whatever they are doing. */
void readings_free (Readings *readings);

/* Makes the readings that are under way those that the slots of WORLD want, but for those of vendor libraries. */
void readings_follow (Readings *readings, const World *world);
