#include "copy-button.h"

#include <glib/gi18n.h>

#include "clipboard.h"

#define MOMENT_MS 1500

typedef struct
{
  GtkButton *button;
  char *before; /* the label or the name of the icon */
  guint source;
} Thanks;

#define THANKS "copy-button-thanks" /* where its button keeps it */

static GtkImage *
get_image (GtkButton *button)
{
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (button));

  return GTK_IS_IMAGE (child) ? GTK_IMAGE (child) : NULL;
}

static const char *
get_face (GtkButton *button)
{
  GtkImage *image = get_image (button);
  const char *icon = NULL;

  if (!image)
    return gtk_button_get_label (button);
  gtk_image_get_icon_name (image, &icon, NULL);
  return icon;
}

static void
set_face (GtkButton *button, const char *face)
{
  GtkImage *image = get_image (button);

  if (image)
    gtk_image_set_from_icon_name (image, face, GTK_ICON_SIZE_BUTTON);
  else
    gtk_button_set_label (button, face);
}

/* As its button goes, or the moment is over. */
static void
thanks_free (gpointer data)
{
  Thanks *thanks = data;

  g_clear_handle_id (&thanks->source, g_source_remove);
  g_free (thanks->before);
  g_free (thanks);
}

static gboolean
on_over (gpointer data)
{
  Thanks *thanks = data;

  thanks->source = 0;
  copy_button_settle (thanks->button);
  return G_SOURCE_REMOVE;
}

void
copy_button_copy (GtkButton *button, const char *text)
{
  Thanks *thanks;

  clipboard_set_text (text);
  copy_button_settle (button);
  thanks = g_new0 (Thanks, 1);
  thanks->button = button;
  thanks->before = g_strdup (get_face (button));
  thanks->source = g_timeout_add (MOMENT_MS, on_over, thanks);
  g_object_set_data_full (G_OBJECT (button), THANKS, thanks, thanks_free);
  set_face (button, get_image (button) ? "object-select-symbolic" : _ ("Copied"));
}

void
copy_button_settle (GtkButton *button)
{
  Thanks *thanks = g_object_get_data (G_OBJECT (button), THANKS);

  if (!thanks)
    return;
  set_face (button, thanks->before);
  g_object_set_data (G_OBJECT (button), THANKS, NULL);
}
