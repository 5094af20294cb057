/* What is offered for a PIN, and what is said after an attempt: every sentence, for each number of tries. */
#include "model/pin-view.h"
#include <string.h>

#include "sample.h"

typedef struct
{
  int left, max;
  gboolean blocked;
  PinUnlock unlock;
  int unlock_left;
  int is_default;
  gboolean officer;
} Tries;

static View *
make_view (const Tries *tries)
{
  g_autoptr (Judgement) judgement = NULL;
  g_autoptr (World) world = NULL;
  Token *token = sample_token ("12344821", 43);
  Pin *pin = token->pins->pdata[0];

  pin->tries_left = tries->left;
  pin->tries_max = tries->max;
  pin->blocked = tries->blocked;
  pin->unlock = tries->unlock;
  pin->unlock_tries_left = tries->unlock_left;
  pin->is_default = tries->is_default;
  pin->officer = tries->officer;
  world = sample_world ("Reader", token);
  judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  return view_build (world, judgement);
}

static PinView *
make_offer (const Tries *tries, const char *ref, PinOperation wanted)
{
  g_autoptr (View) view = make_view (tries);

  return pin_view_build (view->tokens->pdata[0], ref, wanted, NULL, ERROR_NONE);
}

/* What is wanted, and what is offered. */
#define CHANGE         PIN_OPERATION_CHANGE, PIN_OFFER_CHANGE
#define CHANGE_BLOCKED PIN_OPERATION_CHANGE, PIN_OFFER_UNLOCK
#define CHANGE_LOST    PIN_OPERATION_CHANGE, PIN_OFFER_DECIDE
#define UNLOCK         PIN_OPERATION_UNLOCK, PIN_OFFER_UNLOCK
#define UNLOCK_LOST    PIN_OPERATION_UNLOCK, PIN_OFFER_DECIDE
#define AS_ADMIN       PIN_OPERATION_UNLOCK_AS_ADMIN, PIN_OFFER_UNLOCK

#define BY_NONE   PIN_UNLOCK_NONE
#define BY_PUK    PIN_UNLOCK_PUK
#define BY_ADMIN  PIN_UNLOCK_ADMIN
#define BY_ISSUER PIN_UNLOCK_ISSUER

#define INFO     FINDING_INFO
#define WARNING  FINDING_WARNING
#define CRITICAL FINDING_CRITICAL

static const struct
{
  Tries tries;
  const char *ref;
  PinOperation wanted;
  PinOffer offer;
  const char *said; /* about the tries */
  FindingLevel level;
  gboolean confirm;
} offers[] = {
  { { 5, 10, FALSE, BY_PUK, 3, 0 }, "user", CHANGE, "5 of 10 tries left before this token locks.", INFO },
  { { 5, -1, FALSE, BY_PUK, 3, 0 }, "user", CHANGE, "5 tries left before this token locks.", INFO },
  { { 2, 3, FALSE, BY_PUK, 3, 0 }, "user", CHANGE, "2 of 3 tries left before this token locks.", WARNING },
  { { 1, 3, FALSE, BY_PUK, 3, 0 }, "user", CHANGE, "1 of 3 tries left before this token locks.", CRITICAL, TRUE },
  { { 1, -1, FALSE, BY_NONE, -1, -1 }, "user", CHANGE, "1 try left before this token locks.", CRITICAL, TRUE },
  { { -1, -1, FALSE, BY_PUK, -1, -1 }, "user", CHANGE, "The token does not tell how many tries are left.", INFO },
  /* Blocked: nobody is offered to type the PIN again. */
  { { 0, 3, TRUE, BY_PUK, 3, 0 }, "user", CHANGE_BLOCKED, "3 tries left with the PUK.", INFO },
  { { 0, 3, TRUE, BY_PUK, 1, 0 }, "user", UNLOCK, "1 try left with the PUK.", CRITICAL, TRUE },
  { { 0, 3, TRUE, BY_PUK, -1, 0 }, "user", UNLOCK, "The token does not tell how many tries are left.", INFO },
  { { 0, 3, TRUE, BY_PUK, 0, 0 }, "user", CHANGE_LOST, "The PUK is locked: no tries are left.", CRITICAL },
  /* Only others can unlock it: what is said is about the PIN itself. */
  { { 0, 3, TRUE, BY_ADMIN, -1, 0 }, "user", UNLOCK_LOST, "The PIN is locked: no tries are left.", CRITICAL },
  { { 5, 10, FALSE, BY_ISSUER, 3, 0, TRUE }, "user", UNLOCK_LOST, "5 of 10 tries left before this token locks.", INFO },
  /* By the administrator's PIN. */
  { { 0, 3, TRUE, BY_ADMIN, 5, 0, TRUE }, "user", CHANGE_BLOCKED, "5 tries left with the administrator's PIN.", INFO },
  { { 0, 3, TRUE, BY_ADMIN, 0, 0, TRUE },
    "user",
    UNLOCK_LOST,
    "The administrator's PIN is locked: no tries are left.",
    CRITICAL },
  { { 0, 10, TRUE, BY_ISSUER, 1, 0, TRUE },
    "user",
    AS_ADMIN,
    "1 try left with the administrator's PIN.",
    CRITICAL,
    TRUE },
  { { 3, 3, FALSE, BY_PUK, 2, 0 }, "puk", CHANGE, "2 tries left with the PUK.", WARNING },
  { { 3, 3, FALSE, BY_PUK, 0, 0 }, "puk", CHANGE_LOST, "The PUK is locked: no tries are left.", CRITICAL },
};

static void
test_offers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (offers); i++)
    {
      g_autoptr (PinView) view = make_offer (&offers[i].tries, offers[i].ref, offers[i].wanted);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpint (view->offer, ==, offers[i].offer);
      g_assert_cmpstr (view->tries, ==, offers[i].said);
      g_assert_cmpint (view->level, ==, offers[i].level);
      g_assert_cmpint (view->confirmation != NULL, ==, offers[i].confirm);
      g_assert_cmpint (view->task.last_try, ==, offers[i].confirm);
      g_assert_cmpint (view->secret_label != NULL, ==, view->offer != PIN_OFFER_DECIDE);
      g_assert_null (view->obstacle);
      g_assert_cmpstr (view->token, ==, SAMPLE_HOLDER " · 4821");
    }
}

static const struct
{
  Tries tries;
  const char *ref;
  PinOperation wanted;
  const char *link;
  PinOffer offer; /* behind it */
  PinOperation operation;
} links[] = {
  { { 3, 3, FALSE, BY_PUK, 3, 0 },
    "user",
    PIN_OPERATION_CHANGE,
    "_Forgot the PIN? Unlock it with the PUK…",
    PIN_OFFER_UNLOCK,
    PIN_OPERATION_UNLOCK },
  { { 3, 3, FALSE, BY_ADMIN, 3, 0, TRUE },
    "user",
    PIN_OPERATION_CHANGE,
    "_Forgot the PIN? Unlock it with the administrator's PIN…",
    PIN_OFFER_UNLOCK,
    PIN_OPERATION_UNLOCK_AS_ADMIN },
  { { 3, 3, FALSE, BY_ADMIN, -1, 0 },
    "user",
    PIN_OPERATION_CHANGE,
    "_Forgot the PIN? See who can unlock it…",
    PIN_OFFER_DECIDE,
    PIN_OPERATION_UNLOCK },
  { { 3, 3, FALSE, BY_ISSUER, 3, 0, TRUE },
    "user",
    PIN_OPERATION_CHANGE,
    "_Forgot the PIN? See who can unlock it…",
    PIN_OFFER_DECIDE,
    PIN_OPERATION_UNLOCK },
  { { 0, 3, TRUE, BY_ISSUER, 3, 0, TRUE },
    "user",
    PIN_OPERATION_UNLOCK,
    "Unlock it with the _administrator's PIN…",
    PIN_OFFER_UNLOCK,
    PIN_OPERATION_UNLOCK_AS_ADMIN },
  { { 0, 3, TRUE, BY_ISSUER, -1, 0, TRUE },
    "user",
    PIN_OPERATION_CHANGE,
    "Unlock it with the _administrator's PIN…",
    PIN_OFFER_UNLOCK,
    PIN_OPERATION_UNLOCK_AS_ADMIN },
  { { 0, 3, TRUE, BY_ISSUER, 0, 0, TRUE }, "user", PIN_OPERATION_UNLOCK, NULL },
  { { 0, 3, TRUE, BY_ISSUER, -1, 0 }, "user", PIN_OPERATION_UNLOCK, NULL },
  { { 0, 3, TRUE, BY_PUK, 3, 0 }, "user", PIN_OPERATION_UNLOCK, NULL },
  { { 3, 3, FALSE, BY_PUK, 3, 0 }, "puk", PIN_OPERATION_CHANGE, NULL },
  { { 3, 3, FALSE, BY_NONE, -1, 0 }, "user", PIN_OPERATION_CHANGE, NULL },
};

/* The way on that is not the nearest, and that it leads where it says. */
static void
test_links (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (links); i++)
    {
      g_autoptr (PinView) view = make_offer (&links[i].tries, links[i].ref, links[i].wanted);
      g_autoptr (PinView) next = NULL;

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (view->link, ==, links[i].link);
      if (!links[i].link)
        continue;
      next = make_offer (&links[i].tries, links[i].ref, view->linked);
      g_assert_cmpint (next->offer, ==, links[i].offer);
      g_assert_cmpint (next->task.operation, ==, links[i].operation);
    }
}

static const struct
{
  Tries tries;
  const char *ref;
  PinOperation wanted;
  const char *steps[3]; /* none: there is nothing to type */
  gboolean confirm;
} pads[] = {
  { { 3, 3, FALSE, PIN_UNLOCK_PUK, 3, 0 },
    "user",
    PIN_OPERATION_CHANGE,
    { "1. Type the current PIN and press OK.", "2. Type the new PIN (6 to 8 digits) and press OK.",
      "3. Type the new PIN again and press OK." },
    FALSE },
  { { 1, 3, FALSE, PIN_UNLOCK_PUK, 3, 0 },
    "user",
    PIN_OPERATION_CHANGE,
    { "1. Type the current PIN and press OK.", "2. Type the new PIN (6 to 8 digits) and press OK.",
      "3. Type the new PIN again and press OK." },
    TRUE },
  { { 0, 3, TRUE, PIN_UNLOCK_PUK, 1, 0 },
    "user",
    PIN_OPERATION_CHANGE,
    { "1. Type the PUK and press OK.", "2. Type the new PIN (6 to 8 digits) and press OK.",
      "3. Type the new PIN again and press OK." },
    TRUE },
  { { 3, 3, FALSE, PIN_UNLOCK_PUK, 3, 0 },
    "puk",
    PIN_OPERATION_CHANGE,
    { "1. Type the current PUK and press OK.", "2. Type the new PUK (6 to 8 digits) and press OK.",
      "3. Type the new PUK again and press OK." },
    FALSE },
  { { 0, 3, TRUE, PIN_UNLOCK_NONE, -1, 0 }, "user", PIN_OPERATION_CHANGE, { NULL }, FALSE },
};

/* At the reader's keypad: nothing is typed here but the confirmation of a last try. */
static void
test_pad (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pads); i++)
    for (int pad = FALSE; pad <= TRUE; pad++)
      {
        g_autoptr (View) all = make_view (&pads[i].tries);
        const TokenView *token = all->tokens->pdata[0];
        Pin *pin = token->token->pins->pdata[0];
        g_autoptr (PinView) view = NULL;
        gboolean steps = pad && pads[i].steps[0] != NULL;

        g_test_message ("row %" G_GSIZE_FORMAT ", pad %d", i, pad);
        pin->pinpad = pad;
        pin->min_length = 6;
        pin->max_length = 8;
        pin->charset = PIN_CHARSET_ANY;
        view = pin_view_build (token, pads[i].ref, pads[i].wanted, NULL, ERROR_NONE);
        g_assert_cmpint (view->pad, ==, steps);
        g_assert_cmpint (view->task.pad, ==, steps);
        g_assert_cmpint (view->steps != NULL, ==, steps);
        g_assert_cmpint (view->secret_label != NULL, ==, !pad && pads[i].steps[0] != NULL);
        g_assert_cmpint (view->confirmation != NULL, ==, pads[i].confirm);
        g_assert_cmpint (view->task.last_try, ==, pads[i].confirm);
        for (gsize j = 0; steps && j < G_N_ELEMENTS (pads[i].steps); j++)
          g_assert_cmpstr (view->steps[j], ==, pads[i].steps[j]);
        if (steps)
          g_assert_null (view->steps[3]);
      }
}

/* What the reader refuses was not sent; where it says nothing, nobody knows. */
static void
test_pad_sentences (void)
{
  static const struct
  {
    Attempt attempt;
    const char *said;
  } rows[] = {
    { { FALSE, ERROR_PAD_TIMEOUT, -1, -1 },
      "Not sent: no try was used. The time for typing at the reader's keypad ran out." },
    { { FALSE, ERROR_PAD_CANCELLED, -1, -1 }, "Not sent: no try was used. It was cancelled at the reader's keypad." },
    { { FALSE, ERROR_PAD_DIFFERENT, -1, -1 }, "Not sent: no try was used. The two entries of the new PIN differ." },
    { { FALSE, ERROR_PAD_LENGTH, -1, -1 },
      "Not sent: no try was used. What was typed at the reader's keypad is too short or too long." },
    { { TRUE, ERROR_PIN_UNANSWERED, -1, -1 },
      "No answer came. Whether anything was sent, and whether the PIN was changed, is not known. How many tries are "
      "left is not known." },
    { { TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }, "Sent: the current PIN is wrong. 2 tries left." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      PinTask task = { .ref = (char *) "user", .pad = TRUE };
      g_autofree char *said = pin_view_explain (&rows[i].attempt, &task, NULL);

      g_assert_cmpstr (said, ==, rows[i].said);
    }
}

static void
test_no_such_pin (void)
{
  static const Tries with_puk = { 3, 3, FALSE, PIN_UNLOCK_PUK, 3, 0 },
                     without = { 3, 3, FALSE, PIN_UNLOCK_NONE, -1, 0 };

  g_assert_null (make_offer (&with_puk, "nonsense", PIN_OPERATION_CHANGE));
  g_assert_null (make_offer (&without, "puk", PIN_OPERATION_CHANGE));
}

static void
test_what_is_not_lost (void)
{
  static const Tries tries = { 0, 3, TRUE, PIN_UNLOCK_NONE, -1, 0 };
  g_autoptr (View) view = make_view (&tries);
  char *const initial[] = { NULL };
  Issuer issuer = { .name = (char *) "Beijing CA",
                    .unlock_url = (char *) "https://example.org/unlock",
                    .hotline = (char *) "400-000-0000",
                    .pin_min_length = -1,
                    .pin_max_length = -1,
                    .initial_pins = (GStrv) initial };
  g_autoptr (PinView) plain = pin_view_build (view->tokens->pdata[0], "user", PIN_OPERATION_CHANGE, NULL, ERROR_NONE);
  g_autoptr (PinView) issued =
    pin_view_build (view->tokens->pdata[0], "user", PIN_OPERATION_CHANGE, &issuer, ERROR_NONE);

  g_assert_cmpstr (
    plain->explanation, ==,
    "It cannot be unlocked here.\n\nAsk the issuer of the certificate: its online service, its hotline or "
    "its counter.\n\nThe certificate and its keys are not lost.");
  g_assert_null (plain->page_url);
  g_assert_cmpstr (
    issued->explanation, ==,
    "It cannot be unlocked here.\n\nBeijing CA unlocks it online.\n\nThe certificate and its keys are not "
    "lost.");
  g_assert_cmpstr (issued->page_url, ==, "https://example.org/unlock");
  g_assert_cmpstr (issued->hotline, ==, "Hotline: 400-000-0000");
}

static void
test_obstacles (void)
{
  static const Tries tries = { 3, 3, FALSE, PIN_UNLOCK_PUK, 3, 1 };
  g_autoptr (View) view = make_view (&tries);
  g_autoptr (PinView) pulled =
    pin_view_build (view->tokens->pdata[0], "user", PIN_OPERATION_CHANGE, NULL, ERROR_TOKEN_ABSENT);
  g_autoptr (PinView) other =
    pin_view_build (view->tokens->pdata[0], "user", PIN_OPERATION_CHANGE, NULL, ERROR_TOKEN_OTHER);
  g_autoptr (PinView) stopped =
    pin_view_build (view->tokens->pdata[0], "user", PIN_OPERATION_CHANGE, NULL, ERROR_SERVICE_STOPPED);

  g_assert_cmpstr (pulled->obstacle, ==, "The token was pulled. Insert it again to go on.");
  g_assert_cmpstr (other->obstacle, ==,
                   "A different token is inserted; nothing is sent to it. Insert " SAMPLE_HOLDER
                   " · 4821 again to go on.");
  g_assert_cmpstr (stopped->obstacle, ==,
                   "The smart card service (pcscd) is not running. Start it, or restart the computer.");
  g_assert_cmpstr (pulled->explanation, ==, "This is still the initial PIN, which others may know. Change it now.");
}

static const struct
{
  Attempt attempt;
  PinOperation operation;
  const char *ref;
  int left; /* of the PIN afterwards; -2: the token is not there */
  int puk_left;
  const char *said;
} sentences[] = {
  { { FALSE, ERROR_TOKEN_OTHER, -1, -1 },
    0,
    "user",
    -2,
    0,
    "Not sent: no try was used. A different token is inserted." },
  { { FALSE, ERROR_READER_BUSY, -1, -1 },
    0,
    "user",
    3,
    0,
    "Not sent: no try was used. Another program is using this token alone. It will be read when that program lets go." },
  { { FALSE, ERROR_CANCELLED, -1, -1 }, 1, "user", 3, 0, "Not sent: no try was used. You cancelled it." },
  { { TRUE, ERROR_NONE, 0x9000, -1 }, 0, "user", 5, 3, "The PIN was changed. 5 tries left." },
  { { TRUE, ERROR_NONE, 0x9000, -1 }, 0, "user", -2, 3, "The PIN was changed. How many tries are left is not known." },
  { { TRUE, ERROR_NONE, 0x9000, -1 }, 0, "puk", 5, 3, "The PUK was changed. 3 tries left." },
  { { TRUE, ERROR_NONE, 0x9000, -1 }, 1, "user", 5, 3, "The PIN is unlocked, and the new one holds. 5 tries left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }, 0, "user", 2, 3, "Sent: the current PIN is wrong. 2 tries left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C1, 1 }, 0, "user", 1, 3, "Sent: the current PIN is wrong. 1 try left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C0, 0 },
    0,
    "user",
    0,
    3,
    "Sent: the current PIN is wrong. No tries are left: it is locked." },
  /* It lied: what it says when asked again is what counts. */
  { { TRUE, ERROR_PIN_WRONG, 0x63CF, 15 }, 0, "user", 2, 3, "Sent: the current PIN is wrong. 2 tries left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }, 0, "user", -2, 3, "Sent: the current PIN is wrong. 2 tries left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }, 1, "user", 0, 2, "Sent: the PUK is wrong. 2 tries left." },
  { { TRUE, ERROR_PIN_WRONG, 0x63C1, 1 }, 1, "user", 0, -1, "Sent: the PUK is wrong. 1 try left." },
  { { TRUE, ERROR_PIN_BLOCKED, 0x6983, 0 },
    1,
    "user",
    0,
    0,
    "Sent: the token says that the PUK is locked. No tries are left: it is locked." },
  { { TRUE, ERROR_PIN_BLOCKED, 0x6983, 0 },
    0,
    "user",
    0,
    0,
    "Sent: the token says that the PIN is locked. No tries are left: it is locked." },
  { { TRUE, ERROR_PIN_REFUSED, 0x6A80, -1 },
    0,
    "user",
    3,
    3,
    "Sent: the token does not accept the new PIN. Nothing was changed. 3 tries left." },
  { { TRUE, ERROR_PIN_STATUS, 0x6F00, -1 },
    0,
    "user",
    3,
    3,
    "Sent: the token answered 6F00, which says nothing known. The PIN was not changed as far as can be told. 3 tries "
    "left." },
  { { TRUE, ERROR_PIN_UNANSWERED, -1, -1 },
    0,
    "user",
    -2,
    0,
    "Sent, but no answer came. Whether the PIN was changed is not known. How many tries are left is not known." },
};

static void
test_sentences (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (sentences); i++)
    {
      PinTask task = { .operation = sentences[i].operation, .ref = (char *) sentences[i].ref };
      g_autoptr (Pin) pin = pin_new ("user");
      g_autofree char *said = NULL;

      pin->tries_left = sentences[i].left;
      pin->blocked = sentences[i].left == 0;
      pin->unlock_tries_left = sentences[i].puk_left;
      said = pin_view_explain (&sentences[i].attempt, &task, sentences[i].left == -2 ? NULL : pin);
      g_assert_cmpstr (said, ==, sentences[i].said);
    }
}

/* Every failure has a sentence, and none of them calls an unknown one a wrong PIN. */
static void
test_every_failure (void)
{
  for (int failure = ERROR_NONE + 1; failure < ERROR_N_CODES; failure++)
    for (int sent = FALSE; sent <= TRUE; sent++)
      {
        Attempt attempt = { sent, failure, sent ? 0x6F00 : ATTEMPT_NO_STATUS, PIN_UNKNOWN };
        PinTask task = { .ref = (char *) "user" };
        g_autofree char *said = pin_view_explain (&attempt, &task, NULL);

        g_assert_cmpint (g_str_has_prefix (said, "Not sent: no try was used. "), ==, !sent);
        g_assert_cmpint (strlen (said), >, 30);
        if (sent && failure != ERROR_PIN_WRONG)
          g_assert_null (strstr (said, "wrong"));
      }
}

static void
test_attempts_travel (void)
{
  static const struct
  {
    Attempt attempt;
    gboolean possible;
  } rows[] = {
    { { TRUE, ERROR_NONE, 0x9000, PIN_UNKNOWN }, TRUE },
    { { TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }, TRUE },
    { { FALSE, ERROR_TOKEN_OTHER, ATTEMPT_NO_STATUS, PIN_UNKNOWN }, TRUE },
    { { FALSE, ERROR_PAD_LENGTH, ATTEMPT_NO_STATUS, PIN_UNKNOWN }, TRUE },
    { { FALSE, ERROR_PAD_TIMEOUT, 0x6400, PIN_UNKNOWN }, FALSE },     /* the reader's word, not the token's */
    { { FALSE, ERROR_NONE, ATTEMPT_NO_STATUS, PIN_UNKNOWN }, FALSE }, /* done, and nothing was sent */
    { { FALSE, ERROR_PIN_WRONG, 0x63C2, PIN_UNKNOWN }, FALSE },       /* an answer to nothing */
  };
  g_autoptr (GVariant) number = g_variant_ref_sink (g_variant_new_uint32 (1));
  Attempt result;

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autoptr (GVariant) variant = g_variant_ref_sink (attempt_to_variant (&rows[i].attempt));

      g_assert_cmpint (attempt_from_variant (variant, &result), ==, rows[i].possible);
      if (rows[i].possible)
        g_assert_cmpmem (&result, sizeof result, &rows[i].attempt, sizeof result);
    }
  g_assert_false (attempt_from_variant (number, &result));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pin-view/offers", test_offers);
  g_test_add_func ("/pin-view/links", test_links);
  g_test_add_func ("/pin-view/pad", test_pad);
  g_test_add_func ("/pin-view/pad-sentences", test_pad_sentences);
  g_test_add_func ("/pin-view/no-such-pin", test_no_such_pin);
  g_test_add_func ("/pin-view/what-is-not-lost", test_what_is_not_lost);
  g_test_add_func ("/pin-view/obstacles", test_obstacles);
  g_test_add_func ("/pin-view/sentences", test_sentences);
  g_test_add_func ("/pin-view/every-failure", test_every_failure);
  g_test_add_func ("/pin-view/attempts-travel", test_attempts_travel);
  return g_test_run ();
}
