/* What a kind of vendor library is to the worker: one file, token/pkcs11.c or token/skf.c, that parses what the host of
 * such a library (src/module-host/pkcs11.c, skf.c) sends. Pure: records in, values out; they come from a library that
 * nobody vouches for, through a process that may have been taken over. */
#pragma once

#include "model/attempt.h"
#include "module.h"

/* One token that a library shows. */
typedef struct
{
  char *place;          /* clean, and no other in its library has it: the name of the device, the slot */
  Token *token;         /* all of it; the identity is set by the caller */
  GPtrArray *addresses; /* GBytes: of each of token->pins, in their order, where it is (module-host/wire.h) */
  gboolean hardware;    /* FALSE: it is made of software */
} ModuleToken;

ModuleToken *module_token_new (TokenFamily family);
void module_token_free (ModuleToken *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ModuleToken, module_token_free)

typedef struct
{
  const char *type; /* as in a key file of modules.d */

  /* The tokens in RECORDS (ModuleRecord) of an answer to WIRE_LIST, at most MODULE_MAX_TOKENS. (transfer full) */
  GPtrArray *(*parse) (const GPtrArray *records);

  /* What ANSWER to WIRE_CHANGE_PIN or WIRE_UNBLOCK means: sets failure, status and tries_left of ATTEMPT, and clears
   * sent, which its caller has set, where the library never came to the call with the PIN. An unknown code is never a
   * wrong PIN. */
  void (*explain) (const ModuleAnswer *answer, Attempt *attempt);
} ModuleKind;

#define MODULE_MAX_TOKENS 16

extern const ModuleKind pkcs11_module, skf_module;

/* The kind called TYPE, or NULL. */
const ModuleKind *module_kind_find (const char *type);
