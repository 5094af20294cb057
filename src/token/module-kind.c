#include "module-kind.h"

#include <string.h>

static const ModuleKind *const kinds[] = { &pkcs11_module, &skf_module };

ModuleToken *
module_token_new (TokenFamily family)
{
  ModuleToken *token = g_new0 (ModuleToken, 1);

  token->token = token_new (family);
  token->addresses = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  return token;
}

void
module_token_free (ModuleToken *token)
{
  g_free (token->place);
  token_unref (token->token);
  g_ptr_array_unref (token->addresses);
  g_free (token);
}

const ModuleKind *
module_kind_find (const char *type)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i]->type, type) == 0)
      return kinds[i];
  return NULL;
}
