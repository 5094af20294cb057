/* The table of object identifiers: which field of a certificate says what of its holder. From key files that an
 * administrator or a user can add to: oids.d in PKGDATADIR, then in /etc/cert-assistant, then in cert-assistant in the
 * user's configuration folder. Lives in a worker, which has no room for more than GLib; read only when a certificate
 * has a field that nothing else knows, since a worker is for one insertion and must be quick. */
#pragma once

#include "model/identity.h"

/* What stands under one identifier. */
typedef struct
{
  IdentityKind kind;
  char *label; /* in the language of the process where the file has it; or NULL */
  guint rank;  /* its place in the table: the lower is preferred */
} OidsRow;

/* Dotted identifier → OidsRow, owned by it, in the order of the files' names and their groups; a later file of the same
 * name replaces an earlier one, and of an identifier the first row counts. A file that is broken, too large (64 KiB) or
 * no regular file is left out, and a warning says which; so are those after the 200th of a folder, and rows after the
 * 2000th of all. Never NULL. (transfer full) */
GHashTable *oids_load (void) G_GNUC_WARN_UNUSED_RESULT;
