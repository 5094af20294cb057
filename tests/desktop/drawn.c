#include "drawn.h"

/* What changes has been drawn in the second frame: the first may only find out how large things are. */
typedef struct
{
  char *line;
  guint n_frames;
} Drawing;

static void
on_painted (GdkFrameClock *clock, gpointer data)
{
  Drawing *drawing = data;

  if (drawing->n_frames-- > 0)
    {
      gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
      return;
    }
  gdk_display_sync (gdk_display_get_default ());
  g_print ("%s\n", drawing->line);
  g_signal_handlers_disconnect_by_data (clock, drawing);
  g_free (drawing->line);
  g_free (drawing);
}

void
drawn_print (GtkWidget *window, const char *line)
{
  GdkFrameClock *clock = window && gtk_widget_get_mapped (window) ? gtk_widget_get_frame_clock (window) : NULL;
  Drawing *drawing;

  if (!clock)
    {
      g_print ("%s\n", line);
      return;
    }
  drawing = g_new0 (Drawing, 1);
  drawing->line = g_strdup (line);
  drawing->n_frames = 2;
  g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), drawing);
  gdk_frame_clock_request_phase (clock, GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
}
