/* The host of a vendor library (src/module-host), seen from the worker: started, asked, and killed when it is silent or
 * speaks nonsense. What it sends is bytes from a library that nobody vouches for: bounded here, and parsed by the kind
 * of library (token/pkcs11, token/skf). Blocks, never longer than its deadlines. In the worker only. */
#pragma once

#include <glib.h>

#include "model/error.h"
#include "model/secret.h"
#include "module-host/wire.h"

typedef struct _Module Module;

/* One record of an answer. */
typedef struct
{
  WireKind kind;
  gsize length;
  const guint8 *bytes; /* length of them, then a NUL that does not count */
} ModuleRecord;

/* Starts the host of LIBRARY, a path, of TYPE "pkcs11" or "skf"; OWN: the user's own file names it. NULL with ERROR:
 * ERROR_MODULE_MISSING, …_UNTRUSTED, …_MACHINE, …_UNLOADABLE, …_SILENT or …_CRASHED. (transfer full) */
Module *module_start (const char *type, const char *library, gboolean own, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Kills it, whatever it is doing. */
void module_free (Module *module);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Module, module_free)

/* Whether the library speaks with the smart card service: then it is not kept. */
gboolean module_uses_pcsc (const Module *module);

/* What came of a request. */
typedef struct
{
  GPtrArray *records; /* ModuleRecord, without the WIRE_END */
  guint64 code;       /* the library's return code, 0: all well */
  char function[33];  /* that returned it, printable ASCII, or "" */
} ModuleAnswer;

void module_answer_clear (ModuleAnswer *answer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ModuleAnswer, module_answer_clear)

/* Asks for WIRE_LIST; FALSE with ERROR (ERROR_MODULE_SILENT, …_CRASHED, or …_UNLOADABLE where the library would not
 * begin), and MODULE is of no more use then. */
gboolean module_list (Module *module, ModuleAnswer *answer, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One request with PINs to ADDRESS (module-host/wire.h), WIRE_CHANGE_PIN or WIRE_UNBLOCK. Two empty ones: they are
 * typed at the token, and it takes as long as a person does. */
gboolean module_use_pins (Module *module,
                          WireKind request,
                          GBytes *address,
                          const Secret *first,
                          const Secret *new,
                          ModuleAnswer *answer,
                          GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Begins WIRE_WAIT. module_get_fd () becomes readable when it is over, or the library has crashed; module_end_wait ()
 * takes the answer then: FALSE with ERROR as above. */
gboolean module_begin_wait (Module *module, GError **error) G_GNUC_WARN_UNUSED_RESULT;
int module_get_fd (const Module *module);
gboolean module_end_wait (Module *module, guint64 *code, GError **error) G_GNUC_WARN_UNUSED_RESULT;
