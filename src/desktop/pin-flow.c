#include "pin-flow.h"

#include <glib/gi18n.h>
#include <string.h>

#include "engine/pin-job.h"
#include "engine/profiles.h"
#include "pin-dialog.h"

struct _PinFlow
{
  Engine *engine;      /* or NULL */
  PinDialog *dialog;   /* or NULL */
  View *view;          /* the last one in which the token was there … */
  char *fingerprint;   /* … by who it is */
  char *ref;           /* its PIN */
  char *reader;        /* where it was */
  ErrorCode obstacle;  /* why nothing can be sent to it now, or ERROR_NONE */
  PinOperation wanted; /* what the person asked for */
  gboolean done;       /* … has been done */
  Issuer *issuer;      /* or NULL */
  PinView *offer;      /* what the dialog shows */
  PinTask *task;       /* of the attempt that is under way or was the last, or NULL */
  PinJob *job;         /* under way, or NULL */
};

/* ---- the token ---- */

static const TokenView *
find_token (const View *view, const char *fingerprint)
{
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];
      g_autofree char *other = token->complete ? token_make_fingerprint (token->token) : NULL;

      if (g_strcmp0 (other, fingerprint) == 0)
        return token;
    }
  return NULL;
}

static gboolean
is_reader_taken (const View *view, const char *reader)
{
  for (guint i = 0; i < view->readers->len; i++)
    {
      const ReaderView *other = view->readers->pdata[i];

      if (strcmp (other->name, reader) == 0)
        return strcmp (other->state, "empty") != 0 && strcmp (other->state, "reading") != 0;
    }
  return FALSE;
}

/* The PIN of the token as it was last seen, or NULL. */
static const Pin *
find_pin (PinFlow *flow)
{
  const TokenView *token = find_token (flow->view, flow->fingerprint);

  return token ? token_find_pin (token->token, flow->ref) : NULL;
}

/* ---- the dialog ---- */

static void
show (PinFlow *flow)
{
  const TokenView *token = find_token (flow->view, flow->fingerprint);
  PinView *offer = pin_view_build (token, flow->ref, flow->wanted, flow->issuer, flow->obstacle);

  if (!offer)
    return;
  g_clear_pointer (&flow->offer, pin_view_unref);
  flow->offer = offer;
  if (flow->dialog)
    pin_dialog_show_view (flow->dialog, offer);
}

static void
forget (PinFlow *flow)
{
  g_clear_pointer (&flow->view, view_unref);
  g_clear_pointer (&flow->fingerprint, g_free);
  g_clear_pointer (&flow->ref, g_free);
  g_clear_pointer (&flow->reader, g_free);
  g_clear_pointer (&flow->issuer, issuer_unref);
  g_clear_pointer (&flow->offer, pin_view_unref);
  g_clear_pointer (&flow->task, pin_task_free);
}

static void
close_dialog (PinFlow *flow)
{
  PinDialog *dialog = g_steal_pointer (&flow->dialog);

  if (dialog)
    gtk_widget_destroy (GTK_WIDGET (dialog));
}

/* ---- the attempt ---- */

static PinResult
get_result (const Attempt *attempt)
{
  switch (attempt->failure)
    {
    case ERROR_NONE:
      return PIN_RESULT_DONE;
    case ERROR_PIN_WRONG:
    case ERROR_PIN_BLOCKED:
      return PIN_RESULT_WRONG;
    case ERROR_PIN_REFUSED:
      return PIN_RESULT_REFUSED;
    default:
      return PIN_RESULT_NOT_DONE;
    }
}

/* The person has closed the dialog while the token was at work: what came of it has to be said all the same. */
static void
say_afterwards (PinFlow *flow, const Attempt *attempt, const char *sentence)
{
  gboolean done = attempt->failure == ERROR_NONE;
  GtkWidget *box = gtk_message_dialog_new (NULL, 0, done ? GTK_MESSAGE_INFO : GTK_MESSAGE_WARNING, GTK_BUTTONS_CLOSE,
                                           "%s", flow->offer->token);

  gtk_window_set_title (GTK_WINDOW (box), flow->offer->title);
  gtk_message_dialog_format_secondary_text (GTK_MESSAGE_DIALOG (box), "%s", sentence);
  g_signal_connect (box, "response", G_CALLBACK (gtk_widget_destroy), NULL);
  gtk_widget_show (box);
}

static void
on_done (PinJob *job, const Attempt *attempt, gpointer data)
{
  PinFlow *flow = data;
  g_autofree char *sentence = NULL;

  flow->job = NULL;
  pin_job_free (job);
  sentence = pin_view_explain (attempt, flow->task, flow->obstacle == ERROR_NONE ? find_pin (flow) : NULL);
  if (!flow->dialog)
    {
      if (attempt->failure != ERROR_CANCELLED)
        say_afterwards (flow, attempt, sentence);
      forget (flow);
      return;
    }
  show (flow);
  flow->done = attempt->failure == ERROR_NONE;
  pin_dialog_show_result (flow->dialog, get_result (attempt), sentence);
}

static void
on_submitted (PinDialog *dialog, PinFlow *flow)
{
  PinText secret = pin_dialog_get_secret (dialog), new = pin_dialog_get_new_pin (dialog);

  if (flow->job || !flow->engine)
    return;
  g_clear_pointer (&flow->task, pin_task_free);
  flow->task = pin_task_copy (&flow->offer->task);
  flow->job = pin_job_new (flow->engine, flow->task, secret.bytes, secret.length, new.bytes, new.length, on_done, flow);
}

static void
on_link_wanted (PinDialog *dialog G_GNUC_UNUSED, PinFlow *flow)
{
  if (flow->job)
    return;
  flow->wanted = flow->offer->linked;
  show (flow);
}

static void
on_page_wanted (PinDialog *dialog, PinFlow *flow)
{
  g_autoptr (GError) error = NULL;

  if (flow->offer->page_url
      && !gtk_show_uri_on_window (GTK_WINDOW (dialog), flow->offer->page_url, GDK_CURRENT_TIME, &error))
    g_warning ("%s", error->message);
}

static void
on_response (PinDialog *dialog G_GNUC_UNUSED, int response G_GNUC_UNUSED, PinFlow *flow)
{
  close_dialog (flow);
  if (flow->job)
    pin_job_cancel (flow->job); /* what has been sent goes on, and is told when it is over */
  else
    forget (flow);
}

static void
open_dialog (PinFlow *flow, GtkWindow *parent)
{
  flow->dialog = pin_dialog_new (parent);
  g_signal_connect (flow->dialog, "submitted", G_CALLBACK (on_submitted), flow);
  g_signal_connect (flow->dialog, "link-wanted", G_CALLBACK (on_link_wanted), flow);
  g_signal_connect (flow->dialog, "page-wanted", G_CALLBACK (on_page_wanted), flow);
  g_signal_connect (flow->dialog, "response", G_CALLBACK (on_response), flow);
}

/* ---- from outside ---- */

/* Whether the dialog already asks for just that; what is typed in it stays then. */
static gboolean
is_open_about (PinFlow *flow, const TokenView *token, const char *ref, PinOperation operation)
{
  g_autofree char *fingerprint = token_make_fingerprint (token->token);

  return flow->dialog && !flow->done && flow->wanted == operation && strcmp (flow->ref, ref) == 0
         && g_str_equal (fingerprint, flow->fingerprint);
}

void
pin_flow_start (PinFlow *flow,
                GtkWindow *parent,
                View *view,
                const TokenView *token,
                const char *ref,
                PinOperation operation)
{
  g_autoptr (GPtrArray) issuers = NULL;

  if (!token->complete || token->token->pins->len == 0)
    return;
  if (!ref)
    ref = ((Pin *) token->token->pins->pdata[0])->ref;
  if (is_open_about (flow, token, ref, operation) || flow->job)
    {
      if (flow->dialog)
        gtk_window_present (GTK_WINDOW (flow->dialog));
      return;
    }
  if (!token_find_pin (token->token, ref))
    return;
  close_dialog (flow);
  forget (flow);
  issuers = profiles_load_issuers ();
  flow->view = view_ref (view);
  flow->fingerprint = token_make_fingerprint (token->token);
  flow->ref = g_strdup (ref);
  flow->reader = g_strdup (token->reader);
  flow->issuer = issuer_find (issuers, token_get_primary (token->token));
  if (flow->issuer)
    issuer_ref (flow->issuer);
  flow->obstacle = ERROR_NONE;
  flow->done = FALSE;
  flow->wanted = operation;
  open_dialog (flow, parent);
  show (flow);
  gtk_window_present (GTK_WINDOW (flow->dialog));
}

void
pin_flow_show_view (PinFlow *flow, View *view)
{
  const TokenView *token = flow->view ? find_token (view, flow->fingerprint) : NULL;

  if (!flow->view)
    return;
  flow->obstacle = token                                  ? ERROR_NONE
                   : view->world->service != ERROR_NONE   ? view->world->service
                   : is_reader_taken (view, flow->reader) ? ERROR_TOKEN_OTHER
                                                          : ERROR_TOKEN_ABSENT;
  if (token)
    {
      View *before = flow->view;

      flow->view = view_ref (view);
      view_unref (before);
      g_free (flow->reader);
      flow->reader = g_strdup (token->reader);
    }
  /* While the token works the dialog waits for what comes of it. */
  if (!flow->job)
    show (flow);
}

PinFlow *
pin_flow_new (Engine *engine)
{
  PinFlow *flow = g_new0 (PinFlow, 1);

  flow->engine = engine;
  return flow;
}

void
pin_flow_free (PinFlow *flow)
{
  close_dialog (flow);
  g_clear_pointer (&flow->job, pin_job_free);
  forget (flow);
  g_free (flow);
}
