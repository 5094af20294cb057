/* show-view SCENE [OPTION…]: the real program with made-up tokens instead of an engine. OPTION is what cert-assistant
 * takes. Every line on standard input is the next scene (its tokens are the ones of the scene before where they have
 * the same place, unless the line begins with "+": then they were inserted anew); "end" ends it. */

#include <gio/gunixinputstream.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "desktop/application.h"
#include "drawn.h"
#include "scenes.h"

typedef struct
{
  AssistantApplication *application;
  GDataInputStream *input;
  guint generation;
} Show;

static gboolean
show_scene (Show *show, const char *name)
{
  g_autoptr (View) view = NULL;

  if (*name == '+')
    {
      show->generation += 10;
      name++;
    }
  view = scenes_build (name, show->generation);
  if (!view)
    {
      g_printerr ("no scene %s; there are:", name);
      for (const char *const *names = scenes_list (); *names; names++)
        g_printerr (" %s", *names);
      g_printerr ("\n");
      return FALSE;
    }
  application_show_view (show->application, view);
  return TRUE;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Show *show = data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (!line)
    return;
  if (strcmp (line, "end") == 0)
    g_application_quit (G_APPLICATION (show->application));
  else if (show_scene (show, line))
    {
      GList *windows = gtk_application_get_windows (GTK_APPLICATION (show->application));

      drawn_print (windows ? windows->data : NULL, line);
    }
  g_data_input_stream_read_line_async (show->input, G_PRIORITY_DEFAULT, NULL, on_line, show);
}

static void
on_startup (GApplication *application G_GNUC_UNUSED, gpointer data)
{
  Show *show = data;

  g_data_input_stream_read_line_async (show->input, G_PRIORITY_DEFAULT, NULL, on_line, show);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (standard_input);
  g_autoptr (AssistantApplication) application = NULL;
  const char *localedir = g_getenv ("SHOW_VIEW_LOCALEDIR");
  Show show = { .input = input, .generation = 1 };
  int status;

  g_setenv ("GDK_GL", "disable", FALSE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, localedir ? localedir : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  g_set_application_name (_ ("Certificate Assistant"));

  application = application_new (NULL);
  show.application = application;
  if (argc < 2 || !show_scene (&show, argv[1]))
    return 2;
  argv[1] = argv[0];
  g_signal_connect (application, "startup", G_CALLBACK (on_startup), &show);
  status = g_application_run (G_APPLICATION (application), argc - 1, argv + 1);
  return status;
}
