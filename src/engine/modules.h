/* The vendor libraries: each that is installed, and whose device is plugged in where it names one, is followed by a
 * worker of its own (token/module-mode), started again with a growing pause when it fails, and left alone when it fails
 * too often. Libraries that speak with the smart card service are not kept: they are asked once about a token that
 * nobody else knows. */
#pragma once

#include "model/world.h"

typedef struct _Modules Modules;

/* The library of MODULE in the file LIBRARY (NULL: it is not installed) has said what it shows (REPORT), has failed
 * (FAILURE), or is being asked (neither). Not called before modules_start (), and never from within modules_follow () or
 * modules_refresh (). */
typedef void (*ModulesFunc) (const ModuleProfile *module,
                             const char *library,
                             const ModuleReport *report,
                             ErrorCode failure,
                             gpointer data);

/* PROFILES (ModuleProfile) is taken. */
Modules *modules_new (GPtrArray *profiles, ModulesFunc func, gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/* Ends all workers. */
void modules_free (Modules *modules);

void modules_start (Modules *modules);

/* WORLD is how it is now: there may be a token that only such a library knows, or none any more. Returns the profiles
 * of those that are going to be asked, which FUNC is not told of. (transfer container) */
GPtrArray *modules_follow (Modules *modules, const World *world) G_GNUC_WARN_UNUSED_RESULT;

/* The library ID is asked anew what it shows. */
void modules_refresh (Modules *modules, const char *id);

/* Those that failed too often may try again. */
void modules_retry (Modules *modules);

/* The library ID: its profile and the path of its file; or NULL. */
const ModuleProfile *modules_find (Modules *modules, const char *id, const char **library);
