/* What can be asked of the program: from its window, its menu, its notifications, the launcher, or over the bus by any
 * program of the user. The table is in actions.c. */
#pragma once

#include "application.h"

/* Adds all of them, with their keys. */
void actions_add (AssistantApplication *application);
