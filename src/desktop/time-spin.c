#include "time-spin.h"

struct _TimeSpin
{
  GtkSpinButton parent;
};

G_DEFINE_TYPE (TimeSpin, time_spin, GTK_TYPE_SPIN_BUTTON)

static gboolean
is_colon (gunichar c)
{
  return c == ':' || c == '.' || c == 0xff1a; /* the wide one of Chinese keyboards */
}

int
time_spin_parse (const char *text)
{
  int numbers[2] = { 0, 0 }, n_digits[2] = { 0, 0 };
  guint part = 0;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);
      int digit = g_unichar_digit_value (c);

      if (digit >= 0 && ++n_digits[part] <= 2)
        numbers[part] = numbers[part] * 10 + digit;
      else if (is_colon (c) && part == 0)
        part = 1;
      else if (!g_unichar_isspace (c))
        return -1;
    }
  if (n_digits[0] == 0 || (part == 1 && n_digits[1] == 0) || numbers[0] > 23 || numbers[1] > 59)
    return -1;
  return numbers[0] * 60 + numbers[1];
}

static int
time_spin_input (GtkSpinButton *spin, double *value)
{
  int minutes = time_spin_parse (gtk_entry_get_text (GTK_ENTRY (spin)));

  *value = minutes;
  return minutes >= 0 ? TRUE : GTK_INPUT_ERROR;
}

static int
time_spin_output (GtkSpinButton *spin)
{
  int minutes = gtk_adjustment_get_value (gtk_spin_button_get_adjustment (spin));
  g_autofree char *text = g_strdup_printf ("%02d:%02d", minutes / 60, minutes % 60);

  if (g_strcmp0 (gtk_entry_get_text (GTK_ENTRY (spin)), text) != 0)
    gtk_entry_set_text (GTK_ENTRY (spin), text);
  return TRUE;
}

/* Who scrolls over the page does not mean the entry that comes by under the pointer. */
static gboolean
time_spin_scroll_event (GtkWidget *widget, GdkEventScroll *event)
{
  if (!gtk_widget_has_focus (widget))
    return GDK_EVENT_PROPAGATE;
  return GTK_WIDGET_CLASS (time_spin_parent_class)->scroll_event (widget, event);
}

static void
time_spin_class_init (TimeSpinClass *klass)
{
  GtkSpinButtonClass *spin_class = GTK_SPIN_BUTTON_CLASS (klass);

  spin_class->input = time_spin_input;
  spin_class->output = time_spin_output;
  GTK_WIDGET_CLASS (klass)->scroll_event = time_spin_scroll_event;
}

static void
time_spin_init (TimeSpin *spin)
{
  GtkSpinButton *button = GTK_SPIN_BUTTON (spin);

  gtk_spin_button_set_range (button, 0, 24 * 60 - 1);
  gtk_spin_button_set_increments (button, 15, 60);
  gtk_spin_button_set_wrap (button, TRUE);
  gtk_spin_button_set_update_policy (button, GTK_UPDATE_IF_VALID);
  gtk_entry_set_width_chars (GTK_ENTRY (spin), 5);
  gtk_entry_set_alignment (GTK_ENTRY (spin), 1);
}
