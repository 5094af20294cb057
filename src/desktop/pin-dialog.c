#include "pin-dialog.h"

#include <glib/gi18n.h>

#include "pin-form.h"

typedef enum
{
  PHASE_ASKING,
  PHASE_BUSY, /* what was typed is on its way */
  PHASE_DONE
} Phase;

struct _PinDialog
{
  GtkDialog parent;
  GtkWidget *cancel, *token, *send, *close;
  GtkWidget *tries, *explanation, *steps, *form, *page, *hotline;
  GtkWidget *spinner, *tick, *status, *link;

  PinView *view;  /* what is shown; NULL at first */
  PinView *newer; /* what to show when no longer busy, or NULL */
  Phase phase;
  gboolean attempted; /* something has been sent for already */
  char *result;       /* of the last attempt, until the person types again; or NULL */
  guint countdown;    /* source, while a person types at a keypad */
  guint seconds;      /* that are left for that */
};

G_DEFINE_TYPE (PinDialog, pin_dialog, GTK_TYPE_DIALOG)

static guint submitted_signal, link_wanted_signal, page_wanted_signal;

static PinForm *
get_form (PinDialog *dialog)
{
  return ASSISTANT_PIN_FORM (dialog->form);
}

PinText
pin_dialog_get_secret (PinDialog *dialog)
{
  return pin_form_get_secret (get_form (dialog));
}

PinText
pin_dialog_get_new_pin (PinDialog *dialog)
{
  return pin_form_get_new_pin (get_form (dialog));
}

/* ---- what is shown ---- */

static gboolean
can_type (PinDialog *dialog)
{
  return dialog->phase == PHASE_ASKING && dialog->view && dialog->view->offer != PIN_OFFER_DECIDE
         && !dialog->view->obstacle;
}

/* NULL hides LABEL. */
static void
set_text (GtkWidget *label, const char *text)
{
  if (g_strcmp0 (gtk_label_get_text (GTK_LABEL (label)), text) != 0)
    gtk_label_set_text (GTK_LABEL (label), text ? text : "");
  gtk_widget_set_visible (label, text != NULL);
}

/* Of CLASSES, WIDGET has the one called WANTED, or none for NULL. */
static void
set_style (GtkWidget *widget, const char *const classes[], const char *wanted)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  for (guint i = 0; classes[i]; i++)
    gtk_style_context_remove_class (context, classes[i]);
  if (wanted)
    gtk_style_context_add_class (context, wanted);
}

/* Aloud. A screen reader without this signal of ATK 2.46 has seen the label change. */
static void
announce (PinDialog *dialog, const char *sentence)
{
  if (g_signal_lookup ("announcement", ATK_TYPE_OBJECT))
    g_signal_emit_by_name (gtk_widget_get_accessible (dialog->status), "announcement", sentence);
}

static char *
describe_work (PinDialog *dialog)
{
  if (!dialog->view->pad)
    return g_strdup (_ ("The token is working…"));
  if (dialog->seconds == 0)
    return g_strdup (_ ("Waiting for the reader…"));
  return g_strdup_printf (
    ngettext ("Follow the steps at the reader's keypad: %u second left. To give up, cancel there.",
              "Follow the steps at the reader's keypad: %u seconds left. To give up, cancel there.", dialog->seconds),
    dialog->seconds);
}

/* MISSING: why it cannot be sent yet, or NULL. (transfer full) */
static char *
choose_status (PinDialog *dialog, const char *missing)
{
  if (dialog->phase == PHASE_BUSY)
    return describe_work (dialog);
  if (dialog->result)
    return g_strdup (dialog->result);
  if (dialog->view->obstacle)
    return g_strdup (dialog->view->obstacle);
  if (dialog->view->offer == PIN_OFFER_DECIDE)
    return NULL;
  if (missing)
    return g_strdup (missing);
  return g_strdup (dialog->attempted ? _ ("This has not been sent to the token yet.")
                                     : _ ("Nothing has been sent to the token yet."));
}

static void
show_status (PinDialog *dialog)
{
  static const char *const styles[] = { "dim-label", "trouble", "met", NULL };
  gboolean busy = dialog->phase == PHASE_BUSY, done = dialog->phase == PHASE_DONE, typing = can_type (dialog);
  GtkWidget *entry;
  g_autofree char *missing = typing ? pin_form_explain_missing (get_form (dialog), &entry) : NULL;
  g_autofree char *status = choose_status (dialog, missing);

  set_text (dialog->status, status);
  set_style (dialog->status, styles,
             busy                                       ? NULL
             : done                                     ? "met"
             : dialog->result || dialog->view->obstacle ? "trouble"
                                                        : "dim-label");
  g_object_set (dialog->spinner, "visible", busy, "active", busy, NULL);
  gtk_widget_set_visible (dialog->tick, done);
  gtk_widget_set_sensitive (dialog->send, typing && !missing);
  atk_object_set_description (gtk_widget_get_accessible (dialog->send), missing ? missing : "");
}

static void
show_header (PinDialog *dialog)
{
  const PinView *view = dialog->view;
  gboolean over = dialog->phase == PHASE_DONE || view->offer == PIN_OFFER_DECIDE;

  gtk_window_set_title (GTK_WINDOW (dialog), view->title);
  gtk_label_set_text (GTK_LABEL (dialog->token), view->token);
  gtk_widget_set_tooltip_text (dialog->token, view->token);
  gtk_button_set_label (GTK_BUTTON (dialog->send), view->pad                         ? _ ("_Begin")
                                                   : view->offer == PIN_OFFER_UNLOCK ? _ ("_Unlock")
                                                                                     : _ ("C_hange"));
  gtk_widget_set_visible (dialog->cancel, !over);
  gtk_widget_set_visible (dialog->send, !over);
  gtk_widget_set_visible (dialog->close, over);
}

/* What to type at the keypad, one line an entry. */
static void
show_steps (PinDialog *dialog)
{
  const PinView *view = dialog->view;
  g_autofree char *lines = view->steps ? g_strjoinv ("\n", view->steps) : NULL;

  set_text (dialog->steps, dialog->phase == PHASE_DONE ? NULL : lines);
}

static void
show (PinDialog *dialog)
{
  static const char *const levels[FINDING_N_LEVELS + 1] = { "info", "warning", "critical", NULL };
  const PinView *view = dialog->view;
  gboolean done = dialog->phase == PHASE_DONE, decide = view->offer == PIN_OFFER_DECIDE;

  show_header (dialog);
  set_text (dialog->tries, done ? NULL : view->tries);
  set_style (dialog->tries, levels, levels[view->level]);
  set_text (dialog->explanation, done ? NULL : view->explanation);
  show_steps (dialog);
  if (!decide)
    pin_form_show_view (get_form (dialog), dialog->view);
  gtk_widget_set_visible (dialog->form, !done && !decide);
  gtk_widget_set_sensitive (dialog->form, can_type (dialog));
  gtk_widget_set_visible (dialog->page, decide && view->page_url);
  gtk_widget_set_tooltip_text (dialog->page, view->page_url);
  set_text (dialog->hotline, decide ? view->hotline : NULL);
  gtk_button_set_label (GTK_BUTTON (dialog->link), view->link ? view->link : "");
  gtk_widget_set_visible (dialog->link, !done && view->link);
  gtk_widget_set_sensitive (dialog->link, dialog->phase == PHASE_ASKING);
  show_status (dialog);
}

/* Where to go on. */
static void
move_focus (PinDialog *dialog, gboolean new_pin, const char *error)
{
  if (can_type (dialog) && dialog->view->pad && !dialog->view->confirmation)
    gtk_widget_grab_focus (dialog->send);
  else if (can_type (dialog))
    pin_form_begin (get_form (dialog), new_pin, error);
  else if (gtk_widget_get_visible (dialog->page))
    gtk_widget_grab_focus (dialog->page);
  else if (gtk_widget_get_visible (dialog->close))
    gtk_widget_grab_focus (dialog->close);
}

/* It grows by itself with what it says, and shrinks only here: when it says something else. */
static void
fit (PinDialog *dialog)
{
  int width;

  gtk_window_get_size (GTK_WINDOW (dialog), &width, NULL);
  gtk_window_resize (GTK_WINDOW (dialog), width, 1);
}

/* Whether what was typed for A can be sent for B. */
static gboolean
is_same_task (const PinView *a, const PinView *b)
{
  return a->offer == b->offer && a->offer != PIN_OFFER_DECIDE && !b->obstacle
         && g_strcmp0 (a->task.ref, b->task.ref) == 0 && g_strcmp0 (a->task.fingerprint, b->task.fingerprint) == 0;
}

void
pin_dialog_show_view (PinDialog *dialog, PinView *view)
{
  g_autoptr (PinView) before = NULL;
  gboolean could_type = can_type (dialog), other;

  if (dialog->phase == PHASE_DONE)
    return;
  if (dialog->phase == PHASE_BUSY)
    {
      g_clear_pointer (&dialog->newer, pin_view_unref);
      dialog->newer = pin_view_ref (view);
      return;
    }
  before = dialog->view;
  other = !before || before->offer != view->offer;
  dialog->view = pin_view_ref (view);
  if (!before || !is_same_task (before, view))
    pin_form_wipe (get_form (dialog));
  show (dialog);
  if (other)
    fit (dialog);
  if (other || could_type != can_type (dialog))
    move_focus (dialog, FALSE, NULL);
  if (view->obstacle && (!before || g_strcmp0 (before->obstacle, view->obstacle) != 0))
    announce (dialog, view->obstacle);
}

void
pin_dialog_show_result (PinDialog *dialog, PinResult result, const char *sentence)
{
  gboolean wrong = result == PIN_RESULT_WRONG || result == PIN_RESULT_REFUSED;
  g_autoptr (PinView) newer = g_steal_pointer (&dialog->newer);

  g_clear_handle_id (&dialog->countdown, g_source_remove);
  g_free (dialog->result);
  dialog->result = g_strdup (sentence);
  dialog->phase = PHASE_ASKING;
  pin_form_wipe (get_form (dialog));
  if (newer)
    pin_dialog_show_view (dialog, newer);
  if (result == PIN_RESULT_DONE)
    dialog->phase = PHASE_DONE;
  show (dialog);
  if (result == PIN_RESULT_DONE)
    fit (dialog);
  move_focus (dialog, result == PIN_RESULT_REFUSED, wrong ? sentence : NULL);
  announce (dialog, sentence);
}

/* ---- the person ---- */

static gboolean
on_second (gpointer data)
{
  PinDialog *dialog = data;

  dialog->seconds--;
  if (dialog->seconds == 0)
    dialog->countdown = 0;
  show_status (dialog);
  return dialog->seconds > 0;
}

static void
begin_countdown (PinDialog *dialog)
{
  dialog->seconds = ATTEMPT_PAD_SECONDS;
  g_clear_handle_id (&dialog->countdown, g_source_remove);
  dialog->countdown = g_timeout_add_seconds (1, on_second, dialog);
}

/* Whoever asks for it, all is checked again: what is grey can still be pressed through the accessibility bus. */
static void
submit (PinDialog *dialog)
{
  g_autoptr (PinDialog) alive = g_object_ref (dialog);
  g_autofree char *missing = NULL;
  GtkWidget *entry;

  if (!can_type (dialog))
    return;
  missing = pin_form_explain_missing (get_form (dialog), &entry);
  if (missing)
    {
      gtk_widget_grab_focus (entry);
      announce (dialog, missing);
      return;
    }
  g_clear_pointer (&dialog->result, g_free);
  dialog->phase = PHASE_BUSY;
  dialog->attempted = TRUE;
  if (dialog->view->pad)
    begin_countdown (dialog);
  pin_form_hide_texts (get_form (dialog));
  show (dialog);
  announce (dialog, gtk_label_get_text (GTK_LABEL (dialog->status)));
  g_signal_emit (alive, submitted_signal, 0);
  pin_form_wipe (get_form (alive));
}

static void
on_form_changed (PinDialog *dialog)
{
  g_clear_pointer (&dialog->result, g_free);
  show_status (dialog);
}

static void
on_link_clicked (PinDialog *dialog)
{
  if (dialog->phase == PHASE_ASKING && dialog->view && dialog->view->link)
    g_signal_emit (dialog, link_wanted_signal, 0);
}

static void
on_page_clicked (PinDialog *dialog)
{
  if (dialog->view && dialog->view->page_url)
    g_signal_emit (dialog, page_wanted_signal, 0);
}

static void
on_cancel_clicked (PinDialog *dialog)
{
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_CANCEL);
}

static void
on_close_clicked (PinDialog *dialog)
{
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_CLOSE);
}

/* Before anybody else. Escape and the window's own button mean what the button that is there means. */
static void
on_response (GtkDialog *self, int response)
{
  PinDialog *dialog = ASSISTANT_PIN_DIALOG (self);

  pin_form_wipe (get_form (dialog));
  if (response != GTK_RESPONSE_DELETE_EVENT)
    return;
  g_signal_stop_emission_by_name (self, "response");
  gtk_dialog_response (self, gtk_widget_get_visible (dialog->close) ? GTK_RESPONSE_CLOSE : GTK_RESPONSE_CANCEL);
}

static void
on_is_active (PinDialog *dialog)
{
  if (!gtk_window_is_active (GTK_WINDOW (dialog)))
    pin_form_hide_texts (get_form (dialog));
}

/* ---- the object ---- */

static void
pin_dialog_finalize (GObject *object)
{
  PinDialog *dialog = ASSISTANT_PIN_DIALOG (object);

  g_clear_handle_id (&dialog->countdown, g_source_remove);
  g_clear_pointer (&dialog->view, pin_view_unref);
  g_clear_pointer (&dialog->newer, pin_view_unref);
  g_free (dialog->result);
  G_OBJECT_CLASS (pin_dialog_parent_class)->finalize (object);
}

static guint
add_signal (PinDialogClass *klass, const char *name)
{
  return g_signal_new (name, G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/pin-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, PinDialog, token);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, cancel);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, send);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, close);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, tries);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, explanation);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, steps);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, form);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, page);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, hotline);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, spinner);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, tick);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, status);
  gtk_widget_class_bind_template_child (widget_class, PinDialog, link);
  gtk_widget_class_bind_template_callback (widget_class, submit);
  gtk_widget_class_bind_template_callback (widget_class, on_form_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_link_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_page_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_close_clicked);
}

static void
pin_dialog_class_init (PinDialogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pin_dialog_finalize;
  submitted_signal = add_signal (klass, "submitted");
  link_wanted_signal = add_signal (klass, "link-wanted");
  page_wanted_signal = add_signal (klass, "page-wanted");
  g_type_ensure (PIN_FORM_TYPE);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
pin_dialog_init (PinDialog *dialog)
{
  gtk_widget_init_template (GTK_WIDGET (dialog));
  g_signal_connect (dialog, "response", G_CALLBACK (on_response), NULL);
  g_signal_connect (dialog, "notify::is-active", G_CALLBACK (on_is_active), NULL);
}

PinDialog *
pin_dialog_new (GtkWindow *parent)
{
  return g_object_new (PIN_DIALOG_TYPE, "use-header-bar", TRUE, "transient-for", parent, NULL);
}
