/* The part of world_apply () about vendor libraries: what they show stands in slots of its own, beside those of the
 * smart card service. A token that another slot shows already is hidden while that one does. */
#pragma once

#include "world.h"

/* Makes the slots of the module of EVENT those that it shows. */
void world_module_apply (World *next, const WorldEvent *event);

/* Hides the slots of libraries whose token another slot shows, and shows the others. The last thing that is done to a
 * world. */
void world_module_hide_twins (World *next);
