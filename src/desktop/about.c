#include "about.h"

#include <glib/gi18n.h>

void
about_show (GtkWindow *parent)
{
  gtk_show_about_dialog (parent, "program-name", _ ("Certificate Assistant"), "version", VERSION, "comments",
                         _ ("Whose certificate is on the token, and for how long it is valid."), "license-type",
                         GTK_LICENSE_GPL_3_0, "logo-icon-name", APPLICATION_ID,
                         /* Translators: your names, a line each */
                         "translator-credits", _ ("translator-credits"), NULL);
}
