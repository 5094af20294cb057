/* cert-assistant: the tray icon, its notifications and its window. */

#include <glib/gi18n.h>
#include <locale.h>
#include <sys/resource.h>

#include "application.h"

int
main (int argc, char **argv)
{
  g_autoptr (Engine) engine = NULL;
  g_autoptr (AssistantApplication) application = NULL;

  /* The first GTK program of a session would load a whole OpenGL driver to ask what it can do. Nothing here needs it.
   */
  g_setenv ("GDK_GL", "disable", FALSE);
  /* No memory of ours is ever left in a file. */
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });

  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Certificate Assistant"));

  engine = engine_new ();
  engine_set_store (engine, store_new (NULL));
  application = application_new (engine);
  return g_application_run (G_APPLICATION (application), argc, argv);
}
