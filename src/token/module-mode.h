/* What the modes about vendor libraries have in common: which library, and what it shows. In the worker program. */
#pragma once

#include "module-kind.h"

/* Borrowed from the arguments of the process. */
typedef struct
{
  const ModuleKind *kind;
  const char *library;
  gboolean own;      /* the user's own file names it */
  gboolean software; /* tokens without hardware count too */
} ModuleOrder;

/* "TYPE LIBRARY any|own hardware|software", four arguments; or FALSE. */
gboolean module_mode_parse (ModuleOrder *order, char **arguments) G_GNUC_WARN_UNUSED_RESULT;

/* The ModuleTokens that MODULE shows and that count, each with its identity and its chains; *ANY_HARDWARE: it has
 * places for hardware, or nothing at all. NULL with ERROR as module_list (). (transfer full) */
GPtrArray *module_mode_read (const ModuleOrder *order, Module *module, gboolean *any_hardware, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;
