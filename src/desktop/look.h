/* How a state looks: the icon and the style class that go with the words, the same in every place. */
#pragma once

#include <gtk/gtk.h>

#include "model/view.h"

/* The icon of one token: of its primary certificate, or of its having none. */
const char *look_get_icon (const TokenView *token);

/* Gives WIDGET, which says in words whether CERTIFICATE is good (NULL: there is none), the style that goes with it. */
void look_mark_state (GtkWidget *widget, const CertificateView *certificate);
