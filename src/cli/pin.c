#include <glib/gi18n.h>
#include <string.h>

#include "engine/pin-job.h"
#include "engine/profiles.h"
#include "model/pin-view.h"
#include "terminal.h"
#include "verb.h"

#define REF_USER "user"

typedef struct
{
  gboolean over;
  Attempt attempt;
} Outcome;

/* ---- which token ---- */

/* The one that the command line names, or the only one. NULL after saying why there is none. */
static const TokenView *
choose_token (const View *view, const char *id)
{
  const TokenView *token = id ? view_find_token (view, id) : view->tokens->len == 1 ? view->tokens->pdata[0] : NULL;

  if (token && token->complete)
    return token;
  if (view->tokens->len > 1 && !id)
    {
      g_printerr ("%s\n", _ ("More than one token is inserted. Name one of them with --token:"));
      for (guint i = 0; i < view->tokens->len; i++)
        g_printerr ("  %s  %s\n", ((TokenView *) view->tokens->pdata[i])->token->id,
                    ((TokenView *) view->tokens->pdata[i])->name);
    }
  else if (id && verb_get_exit (view) != EXIT_NO_SERVICE)
    g_printerr (_ ("No token with the ID “%s” is inserted.\n"), id);
  else
    g_printerr ("%s\n", view->summary);
  return NULL;
}

/* The PIN of TOKEN that is meant when nothing is said: its first. */
static const char *
get_default_ref (const TokenView *token)
{
  return token->token->pins->len > 0 ? ((Pin *) token->token->pins->pdata[0])->ref : REF_USER;
}

/* ---- the form ---- */

static PinText
to_text (const Secret *secret)
{
  return (PinText){ (const char *) secret->bytes, secret->length };
}

/* Says what is wrong with what was typed; TRUE when nothing is. */
static gboolean
check (const PinView *view, const Secret *secret, const Secret *new, const Secret *again)
{
  PinText texts[] = { to_text (secret), to_text (new), to_text (again) };
  gboolean change = view->offer == PIN_OFFER_CHANGE;
  guint wanted = pin_rules_list (view->rules, change);
  guint missing = wanted & ~pin_rules_check (view->rules, change ? &texts[0] : NULL, &texts[1], &texts[2]);
  gboolean possible = pin_rules_may_be_current (view->rules, &texts[0]);

  if (possible && missing == 0)
    return TRUE;
  g_print ("%s\n", _ ("Not sent: no try was used."));
  if (!possible)
    g_print ("  ✗ %s\n", change ? _ ("What was typed cannot be the current PIN: its length is wrong.")
                         : view->task.operation == PIN_OPERATION_UNLOCK_AS_ADMIN
                           ? _ ("What was typed cannot be the administrator's PIN: its length is wrong.")
                           : _ ("What was typed cannot be the PUK: its length is wrong."));
  for (int rule = 0; rule < PIN_N_RULES; rule++)
    if (missing & 1u << rule)
      {
        g_autofree char *sentence = pin_rules_describe (view->rules, rule);

        g_print ("  ✗ %s\n", sentence);
      }
  return FALSE;
}

/* FALSE after saying that nothing was sent. */
static gboolean
confirm_last_try (const PinView *view)
{
  g_autofree char *prompt = view->confirmation ? g_strdup_printf ("%s ", view->confirm_text) : NULL;
  g_autoptr (Secret) line = NULL;

  if (!view->confirmation)
    return TRUE;
  line = terminal_ask (prompt);
  if (line && line->length == strlen (view->confirmation)
      && memcmp (line->bytes, view->confirmation, line->length) == 0)
    return TRUE;
  g_print ("%s\n", _ ("Not sent: no try was used. The last try was not confirmed."));
  return FALSE;
}

/* ---- the attempt ---- */

static void
on_done (PinJob *job G_GNUC_UNUSED, const Attempt *attempt, gpointer data)
{
  Outcome *outcome = data;

  outcome->over = TRUE;
  outcome->attempt = *attempt;
}

/* The PIN as the newest view has it, or NULL. */
static const Pin *
find_pin (Engine *engine, const PinTask *task)
{
  const View *view = verb_settle (engine);

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const Token *token = ((TokenView *) view->tokens->pdata[i])->token;
      g_autofree char *fingerprint = token_make_fingerprint (token);

      if (strcmp (fingerprint, task->fingerprint) == 0)
        return token_find_pin (token, strcmp (task->ref, "puk") == 0 ? REF_USER : task->ref);
    }
  return NULL;
}

/* Where PINs are typed at the reader, neither text is there. */
static int
attempt (Engine *engine, const PinView *view, PinText secret, PinText new)
{
  Outcome outcome = { 0 };
  PinJob *job =
    pin_job_new (engine, &view->task, secret.bytes, secret.length, new.bytes, new.length, on_done, &outcome);
  g_autofree char *sentence = NULL;

  while (!outcome.over)
    g_main_context_iteration (NULL, TRUE);
  pin_job_free (job);
  sentence = pin_view_explain (&outcome.attempt, &view->task, find_pin (engine, &view->task));
  g_print ("%s\n", sentence);
  return outcome.attempt.failure == ERROR_NONE ? EXIT_WELL : EXIT_FINDING;
}

/* Asks for what VIEW needs, and sends it if it is fit to be sent. */
static int
fill_in (Engine *engine, const PinView *view)
{
  /* Translators: what is to be typed: “PUK” */
  g_autofree char *prompt = g_strdup_printf (_ ("%s: "), view->secret_label);
  g_autoptr (Secret) secret = terminal_ask_secret (prompt);
  g_autoptr (Secret) new = secret ? terminal_ask_secret (_ ("New PIN: ")) : NULL;
  g_autoptr (Secret) again = new ? terminal_ask_secret (_ ("New PIN again: ")) : NULL;

  if (!again)
    {
      g_print ("%s\n", _ ("Not sent: no try was used. The input ended, or a line was too long."));
      return EXIT_FINDING;
    }
  if (!check (view, secret, new, again) || !confirm_last_try (view))
    return EXIT_FINDING;
  return attempt (engine, view, to_text (secret), to_text (new));
}

/* Says what to type at the reader: no PIN is asked for here. */
static int
use_pad (Engine *engine, const PinView *view)
{
  g_print ("%s\n", _ ("At the reader's keypad:"));
  for (char **step = view->steps; *step; step++)
    g_print ("  %s\n", *step);
  if (!confirm_last_try (view))
    return EXIT_FINDING;
  return attempt (engine, view, (PinText){ 0 }, (PinText){ 0 });
}

static void
print_offer (const PinView *view)
{
  const char *const lines[] = { view->token, view->tries, view->explanation, view->hotline };

  for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
    if (lines[i])
      g_print ("%s\n", lines[i]);
  if (view->offer == PIN_OFFER_DECIDE && view->page_url)
    g_print ("%s\n", view->page_url);
}

/* What holders are seldom given is asked for after all that can be said without it. */
static void
follow_link (const TokenView *token, const Issuer *issuer, PinView **offer)
{
  g_autoptr (PinView) before = *offer;

  *offer = pin_view_build (token, before->task.ref, before->linked, issuer, ERROR_NONE);
  g_print ("\n%s\n%s\n", _ ("Who has the administrator's PIN can unlock it here; Ctrl+C gives up."), (*offer)->tries);
}

static int
run (Engine *engine, const VerbOptions *options, PinOperation operation)
{
  const View *view = verb_settle (engine);
  const TokenView *token = choose_token (view, options->token);
  const char *ref = options->pin ? options->pin : token ? get_default_ref (token) : NULL;
  g_autoptr (GPtrArray) issuers = profiles_load_issuers ();
  g_autoptr (PinView) offer = NULL;
  const Issuer *issuer;

  if (!token)
    return MAX (verb_get_exit (view), EXIT_FINDING);
  issuer = issuer_find (issuers, token_get_primary (token->token));
  offer = pin_view_build (token, ref, operation, issuer, ERROR_NONE);
  if (!offer)
    {
      g_printerr (_ ("The token has no PIN called “%s”.\n"), ref);
      return EXIT_FINDING;
    }
  print_offer (offer);
  if (offer->offer == PIN_OFFER_DECIDE && offer->link && operation != PIN_OPERATION_CHANGE)
    follow_link (token, issuer, &offer);
  if (offer->offer == PIN_OFFER_DECIDE)
    return EXIT_FINDING;
  if (operation == PIN_OPERATION_CHANGE && offer->task.operation != operation)
    {
      g_print ("%s\n", _ ("Unlock it with: cert-assistant-cli unlock"));
      return EXIT_FINDING;
    }
  return offer->pad ? use_pad (engine, offer) : fill_in (engine, offer);
}

static int
run_change (Engine *engine, const VerbOptions *options)
{
  return run (engine, options, PIN_OPERATION_CHANGE);
}

static int
run_unlock (Engine *engine, const VerbOptions *options)
{
  return run (engine, options, PIN_OPERATION_UNLOCK);
}

const Verb change_pin_verb = {
  .name = "change-pin",
  .options = "[--token ID] [--pin REF]",
  .help = N_ ("Change the PIN: asks for the old one and twice for the new one"),
  .takes_token = TRUE,
  .takes_pin = TRUE,
  .run = run_change,
};

const Verb unlock_verb = {
  .name = "unlock",
  .options = "[--token ID] [--pin REF]",
  .help = N_ ("Unlock the PIN: asks for the PUK and twice for a new PIN"),
  .takes_token = TRUE,
  .takes_pin = TRUE,
  .run = run_unlock,
};
