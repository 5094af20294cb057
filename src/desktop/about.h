/* The dialog that says what this program is. */
#pragma once

#include <gtk/gtk.h>

/* Opens it, or brings it to the front. */
void about_show (GtkWindow *parent);
