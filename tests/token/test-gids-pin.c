/* PINs of a GIDS card, as far as they are its own; the rest is in pin-bench. */
#include "gids-bench.h"
#include "pin-bench.h"

static void
fill (Bench *bench)
{
  vcard_set_pin (bench->card, NULL, "puk", PUK, 3, 3);
}

static const PinAttempt attempts[] = {
  { PIN_OPERATION_CHANGE, "user", PIN, NEW, "pin" },
  { PIN_OPERATION_CHANGE, "user", PIN, "1234", "pin" },
  { PIN_OPERATION_CHANGE, "user", PIN, "1234567890123456", "pin" },
  { PIN_OPERATION_CHANGE, "puk", PUK, NEW, "puk" },
  { PIN_OPERATION_UNLOCK, "user", PUK, NEW, "puk" },
  { 0 },
};

static const PinRefusal refusals[] = {
  { PIN_OPERATION_CHANGE, "user", "123", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "246", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "12345678901234567", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "12345678901234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", "123", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", PUK, "246", ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "puk", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "admin", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { 0 },
};

static const PinFamily family = {
  .driver = &gids_driver,
  .fill = fill,
  .attempts = attempts,
  .refusals = refusals,
  .wrong = 0x63C2,
  .statuses = {
    { 0x6982, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { 0x63C3, ERROR_PIN_REFUSED, 3 }, /* it has cost nothing: it is no wrong PIN */
  },
};

/* Without tries, and without a PUK. */
static void
test_obstacles (void)
{
  static const struct
  {
    PinOperation operation;
    const char *ref;
    guint pin, puk, puk_max;
    ErrorCode failure;
  } cases[] = {
    { PIN_OPERATION_CHANGE, "user", 0, 3, 3, ERROR_PIN_BLOCKED },
    { PIN_OPERATION_CHANGE, "puk", 3, 0, 3, ERROR_PIN_BLOCKED },
    { PIN_OPERATION_CHANGE, "puk", 3, 0, 0, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_UNLOCK, "user", 0, 0, 3, ERROR_PIN_BLOCKED },
    { PIN_OPERATION_UNLOCK, "user", 0, 0, 0, ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;

      bench_init_family (&bench, &gids_driver);
      vcard_set_pin (bench.card, NULL, "pin", PIN, cases[i].pin, 3);
      vcard_set_pin (bench.card, NULL, "puk", PUK, cases[i].puk, cases[i].puk_max);
      pin_bench_assert_refusal (&bench, cases[i].operation, cases[i].ref, PUK, NEW, cases[i].failure);
    }
}

/* A card that does not tell the tries of its PIN has one all the same. */
static void
test_without_state (void)
{
  g_auto (Bench) bench;

  pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
  g_assert_true (vcard_put_object (bench.card, NULL, GIDS_PIN, NULL, 0, TRUE));
  pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", WRONG, NEW, ERROR_PIN_WRONG, 2);
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
      gboolean wrong = cases[i].changed == NULL;
      g_auto (Bench) bench;

      pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
      pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", cases[i].old, cases[i].new,
                               wrong ? ERROR_PIN_WRONG : ERROR_NONE, wrong ? 2 : PIN_UNKNOWN);
      if (!wrong)
        pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", cases[i].changed, PIN, ERROR_NONE, PIN_UNKNOWN);
    }
}

/* Typed at a keypad the two would have no border that the reader could set. */
static void
test_keypad (void)
{
  g_auto (Bench) bench;
  g_autoptr (Channel) channel = NULL;
  Attempt made = { 0 };

  pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
  channel = channel_new (bench_transmit, &bench, NULL, 0, FALSE, FALSE);
  bench.session.channel = channel;
  g_assert_false (gids_driver.change_pin (&bench.session, "user", NULL, NULL, &made, &bench.error));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE);
  g_assert_cmpuint (bench.n_sent, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pin_bench_add_tests (&family);
  g_test_add_func ("/gids-pin/obstacles", test_obstacles);
  g_test_add_func ("/gids-pin/without-state", test_without_state);
  g_test_add_func ("/gids-pin/border", test_border);
  g_test_add_func ("/gids-pin/keypad", test_keypad);
  return g_test_run ();
}
