/* What is wrong, on top of the window: one finding at a time, the worst first. Once closed it stays away until another
 * set of findings is there. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

#define FINDING_BAR_TYPE (finding_bar_get_type ())
G_DECLARE_FINAL_TYPE (FindingBar, finding_bar, ASSISTANT, FINDING_BAR, GtkInfoBar)

/* Shows the findings of VIEW but those that the token's page says, and SAID (or NULL), which stands elsewhere. */
void finding_bar_show_view (FindingBar *bar, View *view, const FindingView *said);
