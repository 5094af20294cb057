/* The help: what people ask most, and where the check answers it. Nothing in it changes. */
#pragma once

#include <gtk/gtk.h>

/* Signal "layer-activated" (const char *layer): the person wants to see this row of the check. */
#define HELP_PAGE_TYPE (help_page_get_type ())
G_DECLARE_FINAL_TYPE (HelpPage, help_page, ASSISTANT, HELP_PAGE, GtkScrolledWindow)
