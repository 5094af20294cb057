/* What can be done about a finding, by the word that the view has for it: the same in every place. */
#pragma once

#include <gio/gio.h>

/* Of a button, with a mnemonic; NULL for a word that offers nothing. */
const char *finding_action_get_label (const char *word);

/* Does it, to TARGET (of a FindingView; may be NULL). ACTIONS: the application's. */
void finding_action_activate (const char *word, const char *target, GActionGroup *actions);
