#include "module-kind.h"

static GPtrArray *
parse (const GPtrArray *records G_GNUC_UNUSED)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) module_token_free);
}

static void
explain (const ModuleAnswer *answer G_GNUC_UNUSED, Attempt *attempt)
{
  attempt->failure = ERROR_PIN_STATUS;
}

const ModuleKind pkcs11_module = { .type = "pkcs11", .parse = parse, .explain = explain };
