/* PINs of a GIDS card: one command with a PIN at most, and what its answer is taken for. */
#include <string.h>

#include "gids-bench.h"

#define PIN   "123456"
#define PUK   "87654321"
#define NEW   "24681357"
#define WRONG "13572468"

typedef enum
{
  CHANGE,
  UNBLOCK
} What;

static Secret *
make_secret (const char *text)
{
  Secret *secret = secret_new ();

  g_assert_nonnull (secret);
  secret->length = strlen (text);
  memcpy (secret->bytes, text, secret->length);
  return secret;
}

static void
init (Bench *bench)
{
  bench_init_family (bench, &gids_driver);
  vcard_set_pin (bench->card, NULL, "puk", PUK, 3, 3);
}

static guint
count_secrets (const Bench *bench)
{
  const VCardCounters *counters = vcard_get_counters (bench->card);

  return (guint) (counters->verifies + counters->changes + counters->unblocks);
}

/* One attempt after one reading, as the worker makes it. */
static gboolean
attempt (Bench *bench, What what, const char *ref, const char *first, const char *new, Attempt *made)
{
  g_autoptr (Channel) channel = channel_new (bench_transmit, bench, NULL, 0, FALSE, FALSE);
  g_autoptr (Secret) one = make_secret (first), two = make_secret (new);
  g_autoptr (Token) token = NULL;
  gboolean answered;

  *made = (Attempt){ .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  vcard_reset_counters (bench->card);
  g_clear_error (&bench->error);
  bench->session.channel = channel;
  g_assert_cmpint (gids_driver.probe (&bench->session), ==, PROBE_SURE);
  token = gids_driver.read (&bench->session, NULL);
  answered = (what == CHANGE ? gids_driver.change_pin : gids_driver.unblock) (&bench->session, ref, one, two, made,
                                                                              &bench->error);
  g_assert_true (answered == (bench->error == NULL));
  g_assert_cmpuint (count_secrets (bench), <=, 1);
  g_assert_cmpuint (channel_get_n_secrets (channel), <=, 1);
  g_assert_cmpuint (channel_get_n_secrets (channel), >=, count_secrets (bench));
  return answered;
}

static int
get_tries (Bench *bench, const char *role)
{
  unsigned left, max;

  g_assert_true (vcard_get_tries (bench->card, NULL, role, &left, &max));
  return (int) left;
}

static void
test_attempts (void)
{
  static const struct
  {
    What what;
    const char *ref, *first, *new;
    ErrorCode failure;
    int status, tries;
  } cases[] = {
    { CHANGE, "user", PIN, NEW, ERROR_NONE, 0x9000, PIN_UNKNOWN },
    { CHANGE, "user", PIN, "1234", ERROR_NONE, 0x9000, PIN_UNKNOWN },
    { CHANGE, "user", PIN, "1234567890123456", ERROR_NONE, 0x9000, PIN_UNKNOWN },
    { CHANGE, "user", WRONG, NEW, ERROR_PIN_WRONG, 0x63C2, 2 },
    { CHANGE, "puk", PUK, NEW, ERROR_NONE, 0x9000, PIN_UNKNOWN },
    { CHANGE, "puk", WRONG, NEW, ERROR_PIN_WRONG, 0x63C2, 2 },
    { UNBLOCK, "user", PUK, NEW, ERROR_NONE, 0x9000, PIN_UNKNOWN },
    { UNBLOCK, "user", WRONG, NEW, ERROR_PIN_WRONG, 0x63C2, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char *changed = strcmp (cases[i].ref, "puk") == 0 ? "puk" : "user";
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      g_assert_true (attempt (&bench, cases[i].what, cases[i].ref, cases[i].first, cases[i].new, &made));
      g_assert_cmpint (made.failure, ==, cases[i].failure);
      g_assert_cmpint (made.tries_left, ==, cases[i].tries);
      g_assert_cmpint (made.status, ==, cases[i].status);
      g_assert_cmpuint (count_secrets (&bench), ==, 1);
      if (cases[i].failure == ERROR_NONE)
        {
          g_assert_true (attempt (&bench, CHANGE, changed, cases[i].new, WRONG, &made));
          g_assert_cmpint (made.failure, ==, ERROR_NONE);
        }
    }
}

/* What can be seen to be wrong beforehand costs nothing. */
static void
test_not_sent (void)
{
  static const struct
  {
    What what;
    const char *ref, *first, *new;
    ErrorCode failure;
  } cases[] = {
    { CHANGE, "user", "123", NEW, ERROR_PIN_REFUSED },
    { CHANGE, "user", "", NEW, ERROR_PIN_REFUSED },
    { CHANGE, "user", PIN, "246", ERROR_PIN_REFUSED },
    { CHANGE, "user", PIN, "", ERROR_PIN_REFUSED },
    { CHANGE, "user", PIN, "12345678901234567", ERROR_PIN_REFUSED },
    { CHANGE, "user", "12345678901234567", NEW, ERROR_PIN_REFUSED },
    { UNBLOCK, "user", "123", NEW, ERROR_PIN_REFUSED },
    { UNBLOCK, "user", PUK, "246", ERROR_PIN_REFUSED },
    { UNBLOCK, "puk", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
    { CHANGE, "admin", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
    { CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      g_assert_false (attempt (&bench, cases[i].what, cases[i].ref, cases[i].first, cases[i].new, &made));
      g_assert_error (bench.error, ASSISTANT_ERROR, (int) cases[i].failure);
      g_assert_cmpuint (count_secrets (&bench), ==, 0);
    }
}

/* Without tries, and without a PUK. */
static void
test_obstacles (void)
{
  static const struct
  {
    What what;
    const char *ref;
    guint pin, puk, puk_max;
    ErrorCode failure;
  } cases[] = {
    { CHANGE, "user", 0, 3, 3, ERROR_PIN_BLOCKED },     { CHANGE, "puk", 3, 0, 3, ERROR_PIN_BLOCKED },
    { CHANGE, "puk", 3, 0, 0, ERROR_PIN_IMPOSSIBLE },   { UNBLOCK, "user", 0, 0, 3, ERROR_PIN_BLOCKED },
    { UNBLOCK, "user", 0, 0, 0, ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      vcard_set_pin (bench.card, NULL, "pin", PIN, cases[i].pin, 3);
      vcard_set_pin (bench.card, NULL, "puk", PUK, cases[i].puk, cases[i].puk_max);
      g_assert_false (attempt (&bench, cases[i].what, cases[i].ref, PUK, NEW, &made));
      g_assert_error (bench.error, ASSISTANT_ERROR, (int) cases[i].failure);
      g_assert_cmpuint (count_secrets (&bench), ==, 0);
    }
}

/* A card that does not tell the tries of its PIN has one all the same. */
static void
test_without_state (void)
{
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  g_assert_true (vcard_put_object (bench.card, NULL, GIDS_PIN, NULL, 0, TRUE));
  g_assert_true (attempt (&bench, CHANGE, "user", WRONG, NEW, &made));
  g_assert_cmpint (made.failure, ==, ERROR_PIN_WRONG);
  g_assert_cmpint (made.tries_left, ==, 2);
}

/* The hazard of two PINs without anything between them: the card takes what it can read as the right one. It says that
 * it is done, and nobody can tell it from a PIN that was changed as it was typed. */
static void
test_border (void)
{
  static const struct
  {
    const char *old, *new;
    const char *changed; /* to what, or NULL */
  } cases[] = {
    { "1234", "56246813", "246813" },
    { "1234567", "246813", "7246813" },
    { "12345", "66666666", "6666666" },
    { "12345", "76666666", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      g_assert_true (attempt (&bench, CHANGE, "user", cases[i].old, cases[i].new, &made));
      g_assert_cmpint (made.failure, ==, cases[i].changed != NULL ? ERROR_NONE : ERROR_PIN_WRONG);
      if (cases[i].changed != NULL)
        {
          g_assert_true (attempt (&bench, CHANGE, "user", cases[i].changed, PIN, &made));
          g_assert_cmpint (made.failure, ==, ERROR_NONE);
        }
    }
}

/* A status word by itself. 63C3 has cost nothing: it is no wrong PIN. */
static void
test_status_words (void)
{
  static const struct
  {
    guint8 status[2];
    ErrorCode failure;
    int tries;
  } cases[] = {
    { { 0x90, 0x00 }, ERROR_NONE, PIN_UNKNOWN },
    { { 0x69, 0x82 }, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { { 0x69, 0x83 }, ERROR_PIN_BLOCKED, 0 },
    { { 0x63, 0xC3 }, ERROR_PIN_REFUSED, 3 },
    { { 0x63, 0xC2 }, ERROR_PIN_WRONG, 2 },
    { { 0x63, 0xC0 }, ERROR_PIN_WRONG, 0 },
    { { 0x63, 0xCF }, ERROR_PIN_WRONG, 15 },
    { { 0x6A, 0x80 }, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { { 0x67, 0x00 }, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { { 0x6D, 0x00 }, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { { 0x6A, 0x88 }, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { { 0x6F, 0x00 }, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { { 0x62, 0x00 }, ERROR_PIN_STATUS, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x24 }, cases[i].status, 2, VCARD_FOREVER);
      g_assert_true (attempt (&bench, CHANGE, "user", WRONG, NEW, &made));
      g_assert_cmpint (made.failure, ==, cases[i].failure);
      g_assert_cmpint (made.tries_left, ==, cases[i].tries);
      g_assert_cmpint (get_tries (&bench, "pin"), ==, 3);
    }
}

/* The last try, and the counters that go with it. */
static void
test_last_try (void)
{
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  vcard_set_pin (bench.card, NULL, "pin", PIN, 1, 3);
  g_assert_true (attempt (&bench, CHANGE, "user", WRONG, NEW, &made));
  g_assert_cmpint (made.failure, ==, ERROR_PIN_WRONG);
  g_assert_cmpint (made.tries_left, ==, 0);
  g_assert_false (attempt (&bench, CHANGE, "user", PIN, NEW, &made));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_BLOCKED);
  g_assert_true (attempt (&bench, UNBLOCK, "user", PUK, NEW, &made));
  g_assert_cmpint (made.failure, ==, ERROR_NONE);
  g_assert_cmpint (get_tries (&bench, "pin"), ==, 3);
}

/* Typed at a keypad the two would have no border that the reader could set. */
static void
test_keypad (void)
{
  g_auto (Bench) bench;
  g_autoptr (Channel) channel = NULL;
  Attempt made = { 0 };

  init (&bench);
  channel = channel_new (bench_transmit, &bench, NULL, 0, FALSE, FALSE);
  bench.session.channel = channel;
  g_assert_false (gids_driver.change_pin (&bench.session, "user", NULL, NULL, &made, &bench.error));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE);
  g_assert_cmpuint (bench.n_sent, ==, 0);
}

/* Pulled at every APDU: never more than one command with a PIN, and no answer is made up. */
static void
test_pulled_anywhere (void)
{
  gboolean whole = FALSE;

  for (int k = 3; !whole; k++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      vcard_fault_drop (bench.card, (VCardMatch){ k, VCARD_ANY });
      whole = attempt (&bench, CHANGE, "user", WRONG, NEW, &made);
      if (whole)
        g_assert_cmpint (made.failure, ==, ERROR_PIN_WRONG);
      else
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gids-pin/attempts", test_attempts);
  g_test_add_func ("/gids-pin/not-sent", test_not_sent);
  g_test_add_func ("/gids-pin/obstacles", test_obstacles);
  g_test_add_func ("/gids-pin/without-state", test_without_state);
  g_test_add_func ("/gids-pin/border", test_border);
  g_test_add_func ("/gids-pin/status-words", test_status_words);
  g_test_add_func ("/gids-pin/last-try", test_last_try);
  g_test_add_func ("/gids-pin/keypad", test_keypad);
  g_test_add_func ("/gids-pin/pulled-anywhere", test_pulled_anywhere);
  return g_test_run ();
}
