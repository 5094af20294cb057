/* When what was asked for stands on the screen. */
#pragma once

#include <gtk/gtk.h>

/* Prints LINE on standard output when WINDOW, which may be NULL, has been drawn. */
void drawn_print (GtkWidget *window, const char *line);
