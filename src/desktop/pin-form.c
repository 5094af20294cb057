#include "pin-form.h"

#include <glib/gi18n.h>

#include "pin-checklist.h"
#include "pin-field.h"

/* The PINs that are typed; what confirms the last try comes after them. */
#define N_FIELDS 3

struct _PinForm
{
  GtkGrid parent;
  GtkWidget *secret_label, *secret, *new_label, *new_pin, *again_label, *again, *checklist;
  GtkWidget *confirmation, *confirm_label, *confirm;
  PinView *view; /* NULL at first */
  gboolean wiping;
};

G_DEFINE_TYPE (PinForm, pin_form, GTK_TYPE_GRID)

static guint changed_signal, entered_signal;

/* ---- what is typed ---- */

static PinText
get_text (GtkWidget *field)
{
  return pin_entry_get_text (pin_field_get_entry (ASSISTANT_PIN_FIELD (field)));
}

PinText
pin_form_get_secret (PinForm *form)
{
  return get_text (form->secret);
}

PinText
pin_form_get_new_pin (PinForm *form)
{
  return get_text (form->new_pin);
}

static guint
list_rules (PinForm *form)
{
  return pin_rules_list (form->view->rules, form->view->offer == PIN_OFFER_CHANGE);
}

static guint
check_rules (PinForm *form)
{
  PinText old = get_text (form->secret), new = get_text (form->new_pin), again = get_text (form->again);

  return pin_rules_check (form->view->rules, form->view->offer == PIN_OFFER_CHANGE ? &old : NULL, &new, &again);
}

static void
update_checklist (PinForm *form)
{
  pin_checklist_show_rules (ASSISTANT_PIN_CHECKLIST (form->checklist), form->view->rules, list_rules (form),
                            check_rules (form));
}

void
pin_form_hide_texts (PinForm *form)
{
  pin_field_hide_text (ASSISTANT_PIN_FIELD (form->secret));
  pin_field_hide_text (ASSISTANT_PIN_FIELD (form->new_pin));
  pin_field_hide_text (ASSISTANT_PIN_FIELD (form->again));
}

void
pin_form_wipe (PinForm *form)
{
  form->wiping = TRUE;
  pin_form_hide_texts (form);
  pin_entry_wipe (pin_field_get_entry (ASSISTANT_PIN_FIELD (form->secret)));
  pin_entry_wipe (pin_field_get_entry (ASSISTANT_PIN_FIELD (form->new_pin)));
  pin_entry_wipe (pin_field_get_entry (ASSISTANT_PIN_FIELD (form->again)));
  gtk_entry_set_text (GTK_ENTRY (form->confirm), "");
  form->wiping = FALSE;
  if (form->view)
    update_checklist (form);
}

/* ---- what is missing ---- */

/* (transfer full) */
static char *
explain_secret (PinForm *form)
{
  PinText secret = get_text (form->secret);

  if (form->view->offer == PIN_OFFER_UNLOCK)
    /* Translators: %s is “PUK” */
    return secret.length > 0 ? NULL
                             : g_strdup_printf (_ ("Type the code that unlocks it: %s."), form->view->secret_label);
  if (secret.length == 0)
    return g_strdup (_ ("Type the current PIN."));
  if (!pin_rules_may_be_current (form->view->rules, &secret))
    return g_strdup (_ ("This cannot be the current PIN yet; sending it would only cost a try."));
  return NULL;
}

/* (transfer full) */
static char *
explain_new_pin (PinForm *form)
{
  guint missing = list_rules (form) & ~check_rules (form) & ~(1u << PIN_RULE_REPEATED);
  g_autofree char *rule = missing ? pin_rules_describe (form->view->rules, g_bit_nth_lsf (missing, -1)) : NULL;

  if (get_text (form->new_pin).length == 0)
    return g_strdup (_ ("Type the new PIN."));
  /* Translators: %s is a rule, “6 to 8 digits” */
  return rule ? g_strdup_printf (_ ("The new PIN does not fit yet: %s."), rule) : NULL;
}

/* (transfer full) */
static char *
explain_again (PinForm *form)
{
  if (get_text (form->again).length == 0)
    return g_strdup (_ ("Type the new PIN again."));
  return check_rules (form) & 1u << PIN_RULE_REPEATED ? NULL : g_strdup (_ ("The two entries of the new PIN differ."));
}

/* (transfer full) */
static char *
explain_confirmation (PinForm *form)
{
  const char *wanted = form->view->confirmation;

  if (!wanted || g_str_equal (gtk_entry_get_text (GTK_ENTRY (form->confirm)), wanted))
    return NULL;
  return g_strdup (_ ("Confirm that you want to use the last try."));
}

char *
pin_form_explain_missing (PinForm *form, GtkWidget **entry)
{
  /* At a keypad nothing else is typed here. */
  const guint first = form->view->pad ? N_FIELDS : 0;
  const struct
  {
    char *(*explain) (PinForm *form);
    gpointer entry;
  } steps[] = {
    { explain_secret, pin_field_get_entry (ASSISTANT_PIN_FIELD (form->secret)) },
    { explain_new_pin, pin_field_get_entry (ASSISTANT_PIN_FIELD (form->new_pin)) },
    { explain_again, pin_field_get_entry (ASSISTANT_PIN_FIELD (form->again)) },
    { explain_confirmation, form->confirm },
  };

  for (guint i = first; i < G_N_ELEMENTS (steps); i++)
    {
      char *sentence = steps[i].explain (form);

      *entry = steps[i].entry;
      if (sentence)
        return sentence;
    }
  return NULL;
}

/* ---- what is shown ---- */

static void
mark_error (PinForm *form, GtkWidget *field, const char *error)
{
  pin_field_show_error (ASSISTANT_PIN_FIELD (form->secret), field == form->secret ? error : NULL);
  pin_field_show_error (ASSISTANT_PIN_FIELD (form->new_pin), field == form->new_pin ? error : NULL);
}

void
pin_form_begin (PinForm *form, gboolean new_pin, const char *error)
{
  GtkWidget *field = new_pin ? form->new_pin : form->secret;

  mark_error (form, field, error);
  if (form->view->pad)
    gtk_widget_grab_focus (form->confirm);
  else
    gtk_widget_grab_focus (GTK_WIDGET (pin_field_get_entry (ASSISTANT_PIN_FIELD (field))));
}

static void
show_fields (PinForm *form, gboolean shown)
{
  GtkWidget *const widgets[] = { form->secret_label, form->secret, form->new_label, form->new_pin,
                                 form->again_label,  form->again,  form->checklist };

  for (gsize i = 0; i < G_N_ELEMENTS (widgets); i++)
    gtk_widget_set_visible (widgets[i], shown);
}

void
pin_form_show_view (PinForm *form, PinView *view)
{
  PinView *before = form->view;

  form->view = pin_view_ref (view);
  if (before)
    pin_view_unref (before);
  show_fields (form, !view->pad);
  gtk_label_set_text (GTK_LABEL (form->secret_label), view->secret_label ? view->secret_label : "");
  gtk_label_set_text (GTK_LABEL (form->confirm_label), view->confirm_text ? view->confirm_text : "");
  gtk_widget_set_visible (form->confirmation, view->confirmation != NULL);
  update_checklist (form);
}

/* ---- the person ---- */

static void
on_changed (PinForm *form)
{
  if (form->wiping || !form->view)
    return;
  mark_error (form, NULL, NULL);
  update_checklist (form);
  g_signal_emit (form, changed_signal, 0);
}

static void
on_activate (PinForm *form)
{
  g_signal_emit (form, entered_signal, 0);
}

/* ---- the object ---- */

static void
pin_form_finalize (GObject *object)
{
  g_clear_pointer (&ASSISTANT_PIN_FORM (object)->view, pin_view_unref);
  G_OBJECT_CLASS (pin_form_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/pin-form.ui");
  gtk_widget_class_bind_template_child (widget_class, PinForm, secret_label);
  gtk_widget_class_bind_template_child (widget_class, PinForm, secret);
  gtk_widget_class_bind_template_child (widget_class, PinForm, new_label);
  gtk_widget_class_bind_template_child (widget_class, PinForm, new_pin);
  gtk_widget_class_bind_template_child (widget_class, PinForm, again_label);
  gtk_widget_class_bind_template_child (widget_class, PinForm, again);
  gtk_widget_class_bind_template_child (widget_class, PinForm, checklist);
  gtk_widget_class_bind_template_child (widget_class, PinForm, confirmation);
  gtk_widget_class_bind_template_child (widget_class, PinForm, confirm_label);
  gtk_widget_class_bind_template_child (widget_class, PinForm, confirm);
  gtk_widget_class_bind_template_callback (widget_class, on_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_activate);
}

static void
pin_form_class_init (PinFormClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = pin_form_finalize;
  changed_signal =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  entered_signal =
    g_signal_new ("entered", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  g_type_ensure (PIN_CHECKLIST_TYPE);
  g_type_ensure (PIN_FIELD_TYPE);
  bind_template (GTK_WIDGET_CLASS (klass));
}

static void
connect_field (PinForm *form, GtkWidget *field, GtkWidget *label)
{
  PinEntry *entry = pin_field_get_entry (ASSISTANT_PIN_FIELD (field));

  gtk_label_set_mnemonic_widget (GTK_LABEL (label), GTK_WIDGET (entry));
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_changed), form, G_CONNECT_SWAPPED);
  g_signal_connect_object (entry, "activate", G_CALLBACK (on_activate), form, G_CONNECT_SWAPPED);
}

static void
pin_form_init (PinForm *form)
{
  gtk_widget_init_template (GTK_WIDGET (form));
  connect_field (form, form->secret, form->secret_label);
  connect_field (form, form->new_pin, form->new_label);
  connect_field (form, form->again, form->again_label);
}
