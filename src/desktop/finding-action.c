#include "finding-action.h"

#include <glib/gi18n.h>

/* NAME takes no token; NAME_OF does. */
static const struct
{
  const char *word, *label;
  const char *name, *name_of;
} rows[] = {
  { "details", N_ ("_Details"), "show-window", "show-token" },
  { "change-pin", N_ ("Change _PIN…"), "change-pin", "change-pin-of" },
  { "unlock", N_ ("_Unlock…"), "unlock", "unlock-of" },
};

const char *
finding_action_get_label (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].word, word))
      return _ (rows[i].label);
  return NULL;
}

void
finding_action_activate (const char *word, const char *token, GActionGroup *actions)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].word, word))
      g_action_group_activate_action (actions, token ? rows[i].name_of : rows[i].name,
                                      token ? g_variant_new_string (token) : NULL);
}
