/* Profiles from key files, which an administrator or a user can add to: PKGDATADIR, then /etc/cert-assistant, then
 * cert-assistant in the user's configuration folder. Read once, when a program starts; a file that is changed later
 * waits for the next start. */
#pragma once

#include "model/issuer.h"
#include "model/module.h"

/* The Issuers in issuers.d of each folder, in the order of their files' names; a later file of the same name wins. A
 * file that is broken, too large (64 KiB) or no regular file is left out, and a warning says which; so are those after
 * the 200th of a folder. Never NULL; the array owns the Issuers. (transfer full) */
GPtrArray *profiles_load_issuers (void) G_GNUC_WARN_UNUSED_RESULT;

/* The ModuleProfiles in modules.d of each folder, in the same way; then those that are registered with p11-kit, but for
 * its own. (transfer full) */
GPtrArray *profiles_load_modules (void) G_GNUC_WARN_UNUSED_RESULT;

/* The file NAME of each folder in one: a key of a later one wins. Never NULL. (transfer full) */
GKeyFile *profiles_load_file (const char *name) G_GNUC_WARN_UNUSED_RESULT;
