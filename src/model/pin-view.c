#include "pin-view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "phrases.h"

#define REF_USER "user"
#define REF_PUK  "puk"
#define FEW      2

/* What is typed first: its name in a sentence decides the sentence. */
typedef enum
{
  TYPED_PIN,
  TYPED_PUK,
  TYPED_OFFICER, /* the administrator's PIN */
  TYPED_N
} Typed;

/* Everything about one PIN that the sentences depend on. */
typedef struct
{
  const Pin *pin;
  gboolean puk_itself; /* it is the PUK that is changed */
  Typed typed;
  int left, max; /* tries of what is typed first */
} Case;

/* Whether it can be unlocked by something that is typed here. */
static gboolean
can_unlock (const Pin *pin)
{
  return pin->unlock == PIN_UNLOCK_PUK || (pin->unlock == PIN_UNLOCK_ADMIN && pin->officer);
}

/* The first thing that is typed; of a PIN that only others can unlock, the PIN itself. */
static Typed
find_typed (const Pin *pin, gboolean puk_itself, PinOperation operation)
{
  if (puk_itself)
    return TYPED_PUK;
  if (operation == PIN_OPERATION_UNLOCK_AS_ADMIN)
    return TYPED_OFFICER;
  if (operation == PIN_OPERATION_CHANGE || !can_unlock (pin))
    return TYPED_PIN;
  return pin->unlock == PIN_UNLOCK_ADMIN ? TYPED_OFFICER : TYPED_PUK;
}

static gboolean
find_case (const Token *token, const char *ref, PinOperation operation, Case *found)
{
  gboolean puk_itself = strcmp (ref, REF_PUK) == 0;
  const Pin *pin = token_find_pin (token, puk_itself ? REF_USER : ref);

  if (!pin || (puk_itself && pin->unlock != PIN_UNLOCK_PUK)
      || (operation == PIN_OPERATION_UNLOCK_AS_ADMIN && !pin->officer))
    return FALSE;
  *found = (Case){ .pin = pin, .puk_itself = puk_itself, .typed = find_typed (pin, puk_itself, operation) };
  found->left = found->typed != TYPED_PIN ? pin->unlock_tries_left : pin->blocked ? 0 : pin->tries_left;
  found->max = found->typed != TYPED_PIN ? PIN_UNKNOWN : pin->tries_max;
  return TRUE;
}

/* ---- sentences about tries ---- */

/* What depends on it alone. */
static const struct
{
  const char *label;  /* of the entry */
  const char *step;   /* at a keypad */
  const char *locked; /* before, … */
  const char *wrong;  /* … and after it was sent */
  const char *blocked;
  const char *last; /* the try */
} words[TYPED_N] = {
  [TYPED_PIN] = { N_ ("Current PIN"), N_ ("1. Type the current PIN and press OK."),
                  N_ ("The PIN is locked: no tries are left."), N_ ("Sent: the current PIN is wrong."),
                  N_ ("Sent: the token says that the PIN is locked."),
                  N_ (
                    "This is the last try. If the PIN is wrong, the token locks. To use it all the same, type 1 here.") },
  [TYPED_PUK] = { N_ ("PUK"), N_ ("1. Type the PUK and press OK."), N_ ("The PUK is locked: no tries are left."),
                  N_ ("Sent: the PUK is wrong."), N_ ("Sent: the token says that the PUK is locked."),
                  N_ (
                    "This is the last try. If the PUK is wrong, it is locked for good. To use it all the same, type 1 here.") },
  [TYPED_OFFICER] = { N_ ("Administrator's PIN"), N_ ("1. Type the administrator's PIN and press OK."),
                      N_ ("The administrator's PIN is locked: no tries are left."),
                      N_ ("Sent: the administrator's PIN is wrong."),
                      N_ ("Sent: the token says that the administrator's PIN is locked."),
                      N_ (
                        "This is the last try. If the administrator's PIN is wrong, it is locked for good. To use it all the same, type 1 here.") },
};

static char *
describe_tries (const Case *which)
{
  int left = which->left, max = which->max;

  if (left == PIN_UNKNOWN)
    return g_strdup (_ ("The token does not tell how many tries are left."));
  if (left == 0)
    return g_strdup (_ (words[which->typed].locked));
  if (which->typed == TYPED_OFFICER)
    return g_strdup_printf (ngettext ("%d try left with the administrator's PIN.",
                                      "%d tries left with the administrator's PIN.", left),
                            left);
  if (which->typed == TYPED_PUK)
    return g_strdup_printf (ngettext ("%d try left with the PUK.", "%d tries left with the PUK.", left), left);
  if (max == PIN_UNKNOWN || max < left)
    return g_strdup_printf (ngettext ("%d try left before this token locks.", "%d tries left before this token locks.",
                                      left),
                            left);
  return g_strdup_printf (ngettext ("%d of %d try left before this token locks.",
                                    "%d of %d tries left before this token locks.", max),
                          left, max);
}

static FindingLevel
judge_tries (int left)
{
  if (left == PIN_UNKNOWN || left > FEW)
    return FINDING_INFO;
  return left > 1 ? FINDING_WARNING : FINDING_CRITICAL;
}

static char *
phrase_after (int left)
{
  if (left == PIN_UNKNOWN)
    return g_strdup (_ ("How many tries are left is not known."));
  if (left == 0)
    return g_strdup (_ ("No tries are left: it is locked."));
  return g_strdup_printf (ngettext ("%d try left.", "%d tries left.", left), left);
}

/* ---- what came of it ---- */

static char *
explain_sent (const Attempt *attempt, const PinTask *task)
{
  gboolean unlock = task->operation != PIN_OPERATION_CHANGE, puk_itself = strcmp (task->ref, REF_PUK) == 0;
  Typed typed = task->operation == PIN_OPERATION_UNLOCK_AS_ADMIN ? TYPED_OFFICER
                : unlock || puk_itself                           ? TYPED_PUK
                                                                 : TYPED_PIN;

  switch (attempt->failure)
    {
    case ERROR_NONE:
      return g_strdup (unlock       ? _ ("The PIN is unlocked, and the new one holds.")
                       : puk_itself ? _ ("The PUK was changed.")
                                    : _ ("The PIN was changed."));
    case ERROR_PIN_WRONG:
      return g_strdup (_ (words[typed].wrong));
    case ERROR_PIN_BLOCKED:
      return g_strdup (_ (words[typed].blocked));
    case ERROR_PIN_REFUSED:
      return g_strdup (_ ("Sent: the token does not accept the new PIN. Nothing was changed."));
    case ERROR_PIN_IMPOSSIBLE:
      return g_strdup (_ ("Sent: this token cannot do that. Nothing was changed."));
    case ERROR_PIN_UNANSWERED:
      if (task->pad)
        return g_strdup (
          _ ("No answer came. Whether anything was sent, and whether the PIN was changed, is not known."));
      return g_strdup (_ ("Sent, but no answer came. Whether the PIN was changed is not known."));
    default:
      return g_strdup_printf (
        _ ("Sent: the token answered %04X, which says nothing known. The PIN was not changed as far "
           "as can be told."),
        (guint) MAX (attempt->status, 0));
    }
}

/* The tries of what was typed: the token's last word about them. */
static int
find_tries_after (const Attempt *attempt, const PinTask *task, const Pin *pin)
{
  gboolean unlock = task->operation != PIN_OPERATION_CHANGE, other = unlock || strcmp (task->ref, REF_PUK) == 0;
  int read = !pin ? PIN_UNKNOWN : other ? pin->unlock_tries_left : pin->blocked ? 0 : pin->tries_left;

  if (unlock && attempt->failure == ERROR_NONE && pin)
    return pin->blocked ? 0 : pin->tries_left; /* of the PIN that was unlocked */
  return read != PIN_UNKNOWN ? read : attempt->tries_left;
}

char *
pin_view_explain (const Attempt *attempt, const PinTask *task, const Pin *pin)
{
  g_autofree char *what = NULL, *tries = NULL;

  if (!attempt->sent)
    /* Translators: a sentence that says why */
    return g_strdup_printf (_ ("Not sent: no try was used. %s"), error_to_sentence (attempt->failure));
  what = explain_sent (attempt, task);
  tries = phrase_after (find_tries_after (attempt, task, pin));
  /* Translators: two sentences: what happened, and how many tries are left */
  return g_strdup_printf (_ ("%s %s"), what, tries);
}

/* ---- what is offered ---- */

/* For who has forgotten the PIN. (transfer full) */
static char *
name_way_to_unlock (const Pin *pin)
{
  if (pin->unlock == PIN_UNLOCK_PUK)
    return g_strdup (_ ("_Forgot the PIN? Unlock it with the PUK…"));
  if (can_unlock (pin))
    return g_strdup (_ ("_Forgot the PIN? Unlock it with the administrator's PIN…"));
  if (pin->unlock == PIN_UNLOCK_ADMIN || pin->unlock == PIN_UNLOCK_ISSUER)
    return g_strdup (_ ("_Forgot the PIN? See who can unlock it…"));
  return NULL;
}

/* The way on that is not the nearest. */
static void
add_link (PinView *view, const Case *which)
{
  const Pin *pin = which->pin;

  view->linked = PIN_OPERATION_UNLOCK;
  if (view->offer == PIN_OFFER_CHANGE && !which->puk_itself)
    view->link = name_way_to_unlock (pin);
  /* What holders are seldom given. */
  if (view->offer == PIN_OFFER_DECIDE && which->typed == TYPED_PIN && pin->officer && pin->unlock_tries_left != 0)
    {
      view->link = g_strdup (_ ("Unlock it with the _administrator's PIN…"));
      view->linked = PIN_OPERATION_UNLOCK_AS_ADMIN;
    }
}

static PinOffer
choose_offer (const Case *which, PinOperation operation)
{
  if (which->left == 0)
    return PIN_OFFER_DECIDE;
  if (operation == PIN_OPERATION_CHANGE)
    return PIN_OFFER_CHANGE;
  return which->typed == TYPED_PIN ? PIN_OFFER_DECIDE : PIN_OFFER_UNLOCK;
}

/* Who can unlock what cannot be unlocked here, and what is not lost. */
static char *
explain_decision (const Case *which, const Issuer *issuer)
{
  g_autofree char *online =
    /* Translators: the name of an issuer of certificates */
    issuer && issuer->unlock_url ? g_strdup_printf (_ ("%s unlocks it online."), issuer->name) : NULL;
  const char *who =
    which->typed == TYPED_OFFICER ? _ ("The administrator's PIN has no tries left, so the PIN cannot be unlocked here.")
    : which->typed == TYPED_PUK   ? _ ("The PUK has no tries left, so the PIN cannot be unlocked here.")
    : which->pin->unlock == PIN_UNLOCK_ADMIN ? _ ("Its administrator can unlock it, with the administrator PIN or key.")
    : which->pin->unlock == PIN_UNLOCK_ISSUER ? _ ("Its issuer can unlock it.")
                                              : _ ("It cannot be unlocked here.");
  const char *ask = _ ("Ask the issuer of the certificate: its online service, its hotline or its counter.");

  return g_strjoin ("\n\n", who, online ? online : ask, _ ("The certificate and its keys are not lost."), NULL);
}

static char *
explain_offer (const PinView *view, const Case *which, const Issuer *issuer)
{
  if (view->offer == PIN_OFFER_DECIDE)
    return explain_decision (which, issuer);
  if (which->typed == TYPED_OFFICER)
    return g_strdup (
      _ ("Whoever looks after the token has the administrator's PIN. The certificate and its keys stay."));
  if (view->offer == PIN_OFFER_UNLOCK)
    return g_strdup (_ ("The PUK came with the token, often in a sealed letter. The certificate and its keys stay."));
  if (!which->puk_itself && which->pin->is_default == TRUE)
    return g_strdup (_ ("This is still the initial PIN, which others may know. Change it now."));
  return NULL;
}

static char *
describe_obstacle (const TokenView *token, ErrorCode obstacle)
{
  if (obstacle == ERROR_NONE)
    return NULL;
  if (obstacle == ERROR_TOKEN_ABSENT)
    return g_strdup (_ ("The token was pulled. Insert it again to go on."));
  if (obstacle == ERROR_TOKEN_OTHER)
    return g_strdup_printf (_ ("A different token is inserted; nothing is sent to it. Insert %s again to go on."),
                            token->name);
  return g_strdup (error_to_sentence (obstacle));
}

static void
add_last_try (PinView *view, const Case *which)
{
  if (which->left != 1 || view->offer == PIN_OFFER_DECIDE)
    return;
  view->confirmation = g_strdup ("1");
  view->confirm_text = g_strdup (_ (words[which->typed].last));
}

static void
add_words (PinView *view, const Case *which)
{
  if (view->offer == PIN_OFFER_UNLOCK || (view->offer == PIN_OFFER_DECIDE && !which->puk_itself))
    view->title = g_strdup (_ ("Unlock PIN"));
  else
    view->title = g_strdup (which->puk_itself ? _ ("Change PUK") : _ ("Change PIN"));
  if (view->offer != PIN_OFFER_DECIDE && !view->pad)
    view->secret_label = g_strdup (which->puk_itself ? _ ("Current PUK") : _ (words[which->typed].label));
  view->tries = describe_tries (which);
  view->level = judge_tries (which->left);
}

/* The rules of a PUK are those of the PIN but for the character set, which nobody limits; a keypad has digits alone. */
static PinRules *
make_rules (const PinView *view, const Token *token, const Case *which, const Issuer *issuer)
{
  Pin pin = *which->pin;

  if (view->pad)
    pin.charset = PIN_CHARSET_DIGITS;
  else if (which->puk_itself)
    pin.charset = PIN_CHARSET_ANY;
  return pin_rules_new (&pin, which->puk_itself ? NULL : issuer, token_get_primary (token));
}

/* What the reader asks for, one entry after the other. */
static void
add_steps (PinView *view, const Case *which)
{
  g_autofree char *length = pin_rules_describe (view->rules, PIN_RULE_LENGTH);
  const char *first = which->puk_itself ? _ ("1. Type the current PUK and press OK.") : _ (words[which->typed].step);
  /* Translators: %s is “6 to 8 digits” */
  const char *second =
    which->puk_itself ? _ ("2. Type the new PUK (%s) and press OK.") : _ ("2. Type the new PIN (%s) and press OK.");
  const char *third =
    which->puk_itself ? _ ("3. Type the new PUK again and press OK.") : _ ("3. Type the new PIN again and press OK.");

  view->steps = g_new0 (char *, 4);
  view->steps[0] = g_strdup (first);
  view->steps[1] = g_strdup_printf (second, length);
  view->steps[2] = g_strdup (third);
}

/* Whose it is, and which one where there are more. */
static char *
name_whole (const TokenView *token, const Pin *pin)
{
  g_autofree char *name = phrase_for_pin (pin);

  return token->pins->len > 1 ? g_strdup_printf ("%s · %s", token->name, name) : g_strdup (token->name);
}

PinView *
pin_view_build (const TokenView *token, const char *ref, PinOperation wanted, const Issuer *issuer, ErrorCode obstacle)
{
  PinView *view;
  Case which;

  if (!find_case (token->token, ref, wanted, &which))
    return NULL;
  if (which.left == 0 && wanted == PIN_OPERATION_CHANGE && !which.puk_itself)
    {
      wanted = PIN_OPERATION_UNLOCK;
      find_case (token->token, ref, wanted, &which);
    }
  view = g_new0 (PinView, 1);
  g_ref_count_init (&view->refs);
  view->offer = choose_offer (&which, wanted);
  view->pad = which.pin->pinpad && view->offer != PIN_OFFER_DECIDE;
  view->task = (PinTask){ .operation = which.typed == TYPED_OFFICER ? PIN_OPERATION_UNLOCK_AS_ADMIN : wanted,
                          .ref = g_strdup (ref),
                          .fingerprint = token_make_fingerprint (token->token),
                          .last_try = which.left == 1,
                          .pad = view->pad };
  view->token = name_whole (token, which.pin);
  add_words (view, &which);
  add_last_try (view, &which);
  view->explanation = explain_offer (view, &which, issuer);
  view->obstacle = describe_obstacle (token, obstacle);
  view->rules = make_rules (view, token->token, &which, issuer);
  if (view->pad)
    add_steps (view, &which);
  view->page_url = g_strdup (issuer ? issuer->unlock_url : NULL);
  view->hotline = issuer && issuer->hotline ? g_strdup_printf (_ ("Hotline: %s"), issuer->hotline) : NULL;
  add_link (view, &which);
  return view;
}

PinView *
pin_view_ref (PinView *view)
{
  g_ref_count_inc (&view->refs);
  return view;
}

void
pin_view_unref (PinView *view)
{
  if (!g_ref_count_dec (&view->refs))
    return;
  pin_task_clear (&view->task);
  g_free (view->title);
  g_free (view->token);
  g_free (view->tries);
  g_free (view->explanation);
  g_free (view->secret_label);
  g_strfreev (view->steps);
  g_free (view->obstacle);
  g_free (view->confirmation);
  g_free (view->confirm_text);
  pin_rules_unref (view->rules);
  g_free (view->page_url);
  g_free (view->hotline);
  g_free (view->link);
  g_free (view);
}
