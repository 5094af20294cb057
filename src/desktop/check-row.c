#include "check-row.h"

#include <glib/gi18n.h>

#include "copy-button.h"

struct _CheckRow
{
  GtkListBoxRow parent;
  GtkWidget *mark, *title, *state, *text, *remedy;
  DiagnosisRemedy kind;
  char *target;
};

G_DEFINE_TYPE (CheckRow, check_row, GTK_TYPE_LIST_BOX_ROW)

static guint again;

static const struct
{
  const char *icon;
  const char *style; /* class in style.css */
} looks[DIAGNOSIS_N_STATES] = {
  [DIAGNOSIS_OK] = { "object-select-symbolic", "valid" },
  [DIAGNOSIS_UNKNOWN] = { "dialog-question-symbolic", "unknown" },
  [DIAGNOSIS_WARNING] = { "dialog-warning-symbolic", "expiring" },
  [DIAGNOSIS_PROBLEM] = { "dialog-error-symbolic", "expired" },
};

/* ---- what can be done ---- */

static GActionGroup *
get_actions (CheckRow *check)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (check));

  return GTK_IS_WINDOW (window) ? G_ACTION_GROUP (gtk_window_get_application (GTK_WINDOW (window))) : NULL;
}

static void
act (CheckRow *check)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  if (g_action_parse_detailed_name (check->target, &name, &target, NULL) && get_actions (check))
    g_action_group_activate_action (get_actions (check), name, target);
}

/* Whether the application has the action: some are there only where there is something to set. */
static gboolean
can_act (CheckRow *check, const char *detailed)
{
  g_autofree char *name = NULL;
  g_autoptr (GVariant) target = NULL;

  return g_action_parse_detailed_name (detailed, &name, &target, NULL) && get_actions (check)
         && g_action_group_has_action (get_actions (check), name);
}

/* The page of an issuer's profile, which has nothing but https. */
static void
open_page (CheckRow *check)
{
  GtkWidget *window = gtk_widget_get_toplevel (GTK_WIDGET (check));
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_on_window (GTK_WINDOW (window), check->target, GDK_CURRENT_TIME, &error))
    g_warning ("%s", error->message);
}

static void
on_remedy_clicked (CheckRow *check)
{
  switch (check->kind)
    {
    case DIAGNOSIS_REMEDY_PAGE:
      open_page (check);
      break;
    case DIAGNOSIS_REMEDY_COMMAND:
      copy_button_copy (GTK_BUTTON (check->remedy), check->target);
      break;
    case DIAGNOSIS_REMEDY_RETRY:
      g_signal_emit (check, again, 0);
      break;
    case DIAGNOSIS_REMEDY_ACTION:
      act (check);
      break;
    case DIAGNOSIS_REMEDY_NONE:
      break;
    }
}

static void
show_remedy (CheckRow *check, const DiagnosisRow *row)
{
  gboolean possible =
    row->remedy != DIAGNOSIS_REMEDY_NONE && (row->remedy != DIAGNOSIS_REMEDY_ACTION || can_act (check, row->target));

  copy_button_settle (GTK_BUTTON (check->remedy));
  check->kind = row->remedy;
  g_free (check->target);
  check->target = g_strdup (row->target);
  gtk_widget_set_visible (check->remedy, possible);
  if (!possible)
    return;
  gtk_button_set_label (GTK_BUTTON (check->remedy), row->label);
  /* What would be copied or opened, and for a screen reader: about what. */
  gtk_widget_set_tooltip_text (check->remedy, row->remedy == DIAGNOSIS_REMEDY_ACTION ? NULL : row->target);
  atk_object_set_description (gtk_widget_get_accessible (check->remedy), row->title);
}

/* ---- the row ---- */

void
check_row_show (CheckRow *check, const DiagnosisRow *row)
{
  GtkStyleContext *style = gtk_widget_get_style_context (check->state);
  const char *word = diagnosis_state_to_phrase (row->state);
  /* Translators: what is checked, a word for its state, and sentences about it */
  g_autofree char *all = g_strdup_printf (_ ("%s: %s. %s"), row->title, word, row->text);

  for (guint i = 0; i < DIAGNOSIS_N_STATES; i++)
    gtk_style_context_remove_class (style, looks[i].style);
  gtk_style_context_add_class (style, looks[row->state].style);
  gtk_image_set_from_icon_name (GTK_IMAGE (check->mark), looks[row->state].icon, GTK_ICON_SIZE_SMALL_TOOLBAR);
  gtk_label_set_text (GTK_LABEL (check->title), row->title);
  gtk_label_set_text (GTK_LABEL (check->state), word);
  gtk_widget_set_visible (check->state, row->state != DIAGNOSIS_OK);
  gtk_label_set_text (GTK_LABEL (check->text), row->text);
  show_remedy (check, row);
  gtk_widget_set_tooltip_text (check->mark, word);
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (check)), all);
}

static void
check_row_finalize (GObject *object)
{
  g_free (ASSISTANT_CHECK_ROW (object)->target);
  G_OBJECT_CLASS (check_row_parent_class)->finalize (object);
}

static void
check_row_class_init (CheckRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = check_row_finalize;
  again = g_signal_new ("again", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/check-row.ui");
  gtk_widget_class_bind_template_child (widget_class, CheckRow, mark);
  gtk_widget_class_bind_template_child (widget_class, CheckRow, title);
  gtk_widget_class_bind_template_child (widget_class, CheckRow, state);
  gtk_widget_class_bind_template_child (widget_class, CheckRow, text);
  gtk_widget_class_bind_template_child (widget_class, CheckRow, remedy);
  gtk_widget_class_bind_template_callback (widget_class, on_remedy_clicked);
}

static void
check_row_init (CheckRow *check)
{
  gtk_widget_init_template (GTK_WIDGET (check));
}

GtkWidget *
check_row_new (void)
{
  return g_object_new (CHECK_ROW_TYPE, NULL);
}
