#include "token-switch.h"

struct _TokenSwitch
{
  GtkScrolledWindow parent;
  GtkWidget *box;
  GArray *generations; /* guint, of each button */
  gboolean updating;
};

G_DEFINE_TYPE (TokenSwitch, token_switch, GTK_TYPE_SCROLLED_WINDOW)

static guint chosen_signal;

static void
on_toggled (GtkToggleButton *button, gpointer data)
{
  TokenSwitch *tokens = data;
  guint generation = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (button), "generation"));

  if (!tokens->updating && gtk_toggle_button_get_active (button))
    g_signal_emit (tokens, chosen_signal, 0, generation);
}

static gboolean
is_same_set (TokenSwitch *tokens, const View *view)
{
  if (tokens->generations->len != view->tokens->len)
    return FALSE;
  for (guint i = 0; i < view->tokens->len; i++)
    if (g_array_index (tokens->generations, guint, i) != ((TokenView *) view->tokens->pdata[i])->generation)
      return FALSE;
  return TRUE;
}

static void
destroy_button (GtkWidget *button, gpointer data G_GNUC_UNUSED)
{
  gtk_widget_destroy (button);
}

static void
make_buttons (TokenSwitch *tokens, const View *view)
{
  GtkRadioButton *group = NULL;

  gtk_container_foreach (GTK_CONTAINER (tokens->box), destroy_button, NULL);
  g_array_set_size (tokens->generations, 0);
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];
      GtkWidget *button = gtk_radio_button_new_from_widget (group);
      GtkWidget *label = gtk_label_new (NULL);

      group = GTK_RADIO_BUTTON (button);
      gtk_toggle_button_set_mode (GTK_TOGGLE_BUTTON (button), FALSE);
      gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_MIDDLE);
      gtk_label_set_width_chars (GTK_LABEL (label), 14);
      gtk_container_add (GTK_CONTAINER (button), label);
      g_object_set_data (G_OBJECT (button), "generation", GUINT_TO_POINTER (token->generation));
      g_signal_connect (button, "toggled", G_CALLBACK (on_toggled), tokens);
      gtk_box_pack_start (GTK_BOX (tokens->box), button, TRUE, TRUE, 0);
      gtk_widget_show_all (button);
      g_array_append_val (tokens->generations, token->generation);
    }
}

void
token_switch_show_view (TokenSwitch *tokens, const View *view, guint generation)
{
  g_autoptr (GList) buttons = NULL;
  guint i = 0;

  tokens->updating = TRUE;
  if (!is_same_set (tokens, view))
    make_buttons (tokens, view);
  buttons = gtk_container_get_children (GTK_CONTAINER (tokens->box));
  for (GList *l = buttons; l; l = l->next, i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      gtk_label_set_text (GTK_LABEL (gtk_bin_get_child (l->data)), token->name);
      gtk_widget_set_tooltip_text (l->data, token->name);
      if (token->generation == generation)
        gtk_toggle_button_set_active (l->data, TRUE);
    }
  gtk_widget_set_visible (GTK_WIDGET (tokens), view->tokens->len > 1);
  tokens->updating = FALSE;
}

static void
token_switch_finalize (GObject *object)
{
  g_array_unref (ASSISTANT_TOKEN_SWITCH (object)->generations);
  G_OBJECT_CLASS (token_switch_parent_class)->finalize (object);
}

static void
token_switch_class_init (TokenSwitchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = token_switch_finalize;
  chosen_signal = g_signal_new ("chosen", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
token_switch_init (TokenSwitch *tokens)
{
  tokens->generations = g_array_new (FALSE, FALSE, sizeof (guint));
  tokens->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_box_set_homogeneous (GTK_BOX (tokens->box), TRUE);
  gtk_style_context_add_class (gtk_widget_get_style_context (tokens->box), "linked");
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (tokens), GTK_POLICY_AUTOMATIC, GTK_POLICY_NEVER);
  gtk_container_add (GTK_CONTAINER (tokens), tokens->box);
  gtk_widget_show (tokens->box);
}
