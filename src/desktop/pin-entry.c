#define GCR_API_SUBJECT_TO_CHANGE
#include "pin-entry.h"

#include <string.h>
#include <sys/mman.h>
#include <ui/gcr-ui.h>
#include <unistd.h>

/* Longer than any PIN. */
#define MAX_BYTES 64

/* Between the characters, so that the widest fits in the place of a dot. */
#define LETTER_SPACING (2 * PANGO_SCALE)

struct _PinEntry
{
  GtkEntry parent;
  gboolean shown;
};

static GtkEditableInterface *parent_editable;

static void pin_entry_init_editable (GtkEditableInterface *editable);

G_DEFINE_TYPE_WITH_CODE (PinEntry,
                         pin_entry,
                         GTK_TYPE_ENTRY,
                         G_IMPLEMENT_INTERFACE (GTK_TYPE_EDITABLE, pin_entry_init_editable))

/* ---- the bytes ---- */

PinText
pin_entry_get_text (PinEntry *entry)
{
  GtkEntryBuffer *buffer = gtk_entry_get_buffer (GTK_ENTRY (entry));

  return (PinText){ gtk_entry_buffer_get_text (buffer), gtk_entry_buffer_get_bytes (buffer) };
}

/* gcr keeps its memory out of the swap, but not out of a core file; and the limit for those does not count where the
 * system hands them to a program. */
static void
keep_out_of_core (PinEntry *entry)
{
  PinText text = pin_entry_get_text (entry);
  guintptr start = (guintptr) text.bytes & ~((guintptr) sysconf (_SC_PAGESIZE) - 1);

  if (text.length > 0)
    madvise ((gpointer) start, (guintptr) text.bytes + text.length - start, MADV_DONTDUMP);
}

/* Deleting leaves the bytes in gcr's buffer; its end overwrites them. */
static void
renew_buffer (PinEntry *entry)
{
  g_autoptr (GtkEntryBuffer) buffer = gcr_secure_entry_buffer_new ();

  gtk_entry_set_buffer (GTK_ENTRY (entry), buffer);
}

void
pin_entry_wipe (PinEntry *entry)
{
  gtk_entry_set_text (GTK_ENTRY (entry), "");
  renew_buffer (entry);
}

static void
pin_entry_destroy (GtkWidget *widget)
{
  renew_buffer (ASSISTANT_PIN_ENTRY (widget));
  GTK_WIDGET_CLASS (pin_entry_parent_class)->destroy (widget);
}

/* ---- what is seen ---- */

void
pin_entry_set_shown (PinEntry *entry, gboolean shown)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (entry));

  entry->shown = shown;
  if (shown)
    gtk_style_context_add_class (context, "shown");
  else
    gtk_style_context_remove_class (context, "shown");
  gtk_widget_queue_draw (GTK_WIDGET (entry));
}

/* The colour of the character at INDEX: the style class has made that of the dots transparent. */
static void
set_colour (PinEntry *entry, cairo_t *cr, int index)
{
  GtkStyleContext *context = gtk_widget_get_style_context (GTK_WIDGET (entry));
  int start, end;
  GdkRGBA colour;

  gtk_style_context_save (context);
  gtk_style_context_remove_class (context, "shown");
  gtk_style_context_get_color (context, gtk_style_context_get_state (context), &colour);
  if (gtk_editable_get_selection_bounds (GTK_EDITABLE (entry), &start, &end) && index >= start && index < end)
    gtk_style_context_lookup_color (context, "theme_selected_fg_color", &colour);
  gtk_style_context_restore (context);
  gdk_cairo_set_source_rgba (cr, &colour);
}

/* The text on the entry's own dots: cursor and selection stay right. Pango copies what it draws into ordinary memory; a
 * character at a time leaves none of them beside another. */
static void
draw_text (PinEntry *entry, cairo_t *cr)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (entry), NULL);
  PangoLayout *dots = gtk_entry_get_layout (GTK_ENTRY (entry));
  const char *dot = pango_layout_get_text (dots), *first_dot = dot;
  PinText text = pin_entry_get_text (entry);
  const char *next;
  int left, top, index = 0;

  gtk_entry_get_layout_offsets (GTK_ENTRY (entry), &left, &top);
  for (const char *p = text.bytes; p < text.bytes + text.length && *dot; p = next, dot = g_utf8_next_char (dot))
    {
      PangoRectangle place;
      int width;

      next = g_utf8_next_char (p);
      pango_layout_index_to_pos (dots, dot - first_dot, &place);
      pango_layout_set_text (layout, p, next - p);
      pango_layout_get_size (layout, &width, NULL);
      set_colour (entry, cr, index++);
      cairo_move_to (cr, left + (place.x + (place.width - width) / 2) / (double) PANGO_SCALE,
                     top + (pango_layout_get_baseline (dots) - pango_layout_get_baseline (layout)) / PANGO_SCALE);
      pango_cairo_show_layout (cr, layout);
    }
  pango_layout_set_text (layout, "", 0);
}

static gboolean
pin_entry_draw (GtkWidget *widget, cairo_t *cr)
{
  PinEntry *entry = ASSISTANT_PIN_ENTRY (widget);
  gboolean drawn = GTK_WIDGET_CLASS (pin_entry_parent_class)->draw (widget, cr);
  GdkRectangle area;

  if (!entry->shown)
    return drawn;
  gtk_entry_get_text_area (GTK_ENTRY (entry), &area);
  cairo_save (cr);
  gdk_cairo_rectangle (cr, &area);
  cairo_clip (cr);
  draw_text (entry, cr);
  cairo_restore (cr);
  return drawn;
}

/* ---- no way in or out but the keyboard ---- */

static void
refuse (GtkEntry *entry)
{
  gtk_widget_error_bell (GTK_WIDGET (entry));
}

/* The menu and the middle button paste. */
static gboolean
pin_entry_button_press_event (GtkWidget *widget, GdkEventButton *event)
{
  if (event->button == GDK_BUTTON_PRIMARY)
    return GTK_WIDGET_CLASS (pin_entry_parent_class)->button_press_event (widget, event);
  gtk_widget_grab_focus (widget);
  return GDK_EVENT_STOP;
}

static gboolean
pin_entry_popup_menu (GtkWidget *widget G_GNUC_UNUSED)
{
  return GDK_EVENT_STOP;
}

/* Whoever copies asks here, accessibility clients too. */
static char *
pin_entry_get_chars (GtkEditable *editable G_GNUC_UNUSED, int start G_GNUC_UNUSED, int end G_GNUC_UNUSED)
{
  return g_strdup ("");
}

static void
pin_entry_do_insert_text (GtkEditable *editable, const char *text, int length, int *position)
{
  gsize bytes = pin_entry_get_text (ASSISTANT_PIN_ENTRY (editable)).length;

  if (bytes + (length < 0 ? strlen (text) : (gsize) length) > MAX_BYTES)
    gtk_widget_error_bell (GTK_WIDGET (editable));
  else
    parent_editable->do_insert_text (editable, text, length, position);
  keep_out_of_core (ASSISTANT_PIN_ENTRY (editable));
}

/* What is selected here belongs to no other program, not even as dots. */
static void
drop_primary (GtkWidget *widget)
{
  GtkClipboard *primary = gtk_widget_get_clipboard (widget, GDK_SELECTION_PRIMARY);

  if (gtk_clipboard_get_owner (primary) == G_OBJECT (widget))
    gtk_clipboard_clear (primary);
}

static void
pin_entry_set_selection_bounds (GtkEditable *editable, int start, int end)
{
  parent_editable->set_selection_bounds (editable, start, end);
  if (gtk_widget_get_realized (GTK_WIDGET (editable)))
    drop_primary (GTK_WIDGET (editable));
}

static void
on_event_after (GtkWidget *widget, GdkEvent *event G_GNUC_UNUSED)
{
  drop_primary (widget);
}

/* ---- the object ---- */

static void
pin_entry_init_editable (GtkEditableInterface *editable)
{
  parent_editable = g_type_interface_peek_parent (editable);
  editable->get_chars = pin_entry_get_chars;
  editable->do_insert_text = pin_entry_do_insert_text;
  editable->set_selection_bounds = pin_entry_set_selection_bounds;
}

static void
pin_entry_class_init (PinEntryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);
  GtkEntryClass *entry_class = GTK_ENTRY_CLASS (klass);

  widget_class->destroy = pin_entry_destroy;
  widget_class->draw = pin_entry_draw;
  widget_class->button_press_event = pin_entry_button_press_event;
  widget_class->popup_menu = pin_entry_popup_menu;
  entry_class->copy_clipboard = refuse;
  entry_class->cut_clipboard = refuse;
  entry_class->paste_clipboard = refuse;
  entry_class->insert_emoji = refuse;
}

static void
pin_entry_init (PinEntry *entry)
{
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_letter_spacing_new (LETTER_SPACING));
  renew_buffer (entry);
  g_object_set (entry, "visibility", FALSE, "input-purpose", GTK_INPUT_PURPOSE_PIN, "input-hints",
                GTK_INPUT_HINT_NO_SPELLCHECK | GTK_INPUT_HINT_NO_EMOJI, "im-module", "gtk-im-context-simple",
                "caps-lock-warning", TRUE, "attributes", attributes, NULL);
  gtk_drag_dest_unset (GTK_WIDGET (entry));
  g_signal_connect (entry, "event-after", G_CALLBACK (on_event_after), NULL);
}
