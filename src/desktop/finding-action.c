#include "finding-action.h"

#include <glib/gi18n.h>

/* NAME takes no target and may be NULL; NAME_OF does. */
static const struct
{
  const char *word, *label;
  const char *name, *name_of;
} rows[] = {
  { "details", N_ ("_Details"), "show-window", "show-token" },
  { "change-pin", N_ ("Change _PIN…"), "change-pin", "change-pin-of" },
  { "renew", N_ ("_Renew…"), NULL, "renew" },
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
finding_action_activate (const char *word, const char *target, GActionGroup *actions)
{
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    if (g_str_equal (rows[i].word, word) && (target || rows[i].name))
      g_action_group_activate_action (actions, target ? rows[i].name_of : rows[i].name,
                                      target ? g_variant_new_string (target) : NULL);
}
