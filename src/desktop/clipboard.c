#include "clipboard.h"

#include <gtk/gtk.h>

void
clipboard_set_text (const char *text)
{
  gtk_clipboard_set_text (gtk_clipboard_get_default (gdk_display_get_default ()), text, -1);
}
