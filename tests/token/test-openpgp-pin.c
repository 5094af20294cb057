/* PINs of an OpenPGP card, as far as they are its own; the rest is in pin-bench. */
#include "hex.h"
#include "pin-bench.h"

#define N_READING 9 /* APDUs of reading a token without certificates, in short form */

/* The resetting code is its PUK. */
static void
fill (Bench *bench)
{
  vcard_set_pin (bench->card, NULL, "puk", PUK, 3, 3);
}

static const PinAttempt attempts[] = {
  { PIN_OPERATION_CHANGE, "user", PIN, NEW, "pin" },
  { PIN_OPERATION_CHANGE, "admin", ADMIN, NEW, "admin" },
  { PIN_OPERATION_UNLOCK, "user", PUK, NEW, "puk" },
  { PIN_OPERATION_UNLOCK_AS_ADMIN, "user", ADMIN, NEW, "admin" },
  { 0 },
};

static const PinRefusal refusals[] = {
  { PIN_OPERATION_CHANGE, "user", "12345", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "24681", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "admin", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "admin", ADMIN, "2468135", ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", PUK, "24681", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "puk", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_UNLOCK, "admin", ADMIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_UNLOCK_AS_ADMIN, "user", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK_AS_ADMIN, "user", ADMIN, "24681", ERROR_PIN_REFUSED },
  { 0 },
};

/* To a wrong PIN it says 6982 and nothing of the tries: the PW status tells whether one is gone. */
static const PinFamily family = {
  .driver = &openpgp_driver,
  .fill = fill,
  .attempts = attempts,
  .refusals = refusals,
  .wrong = 0x6982,
  .statuses = { { 0x6982, ERROR_PIN_STATUS, 3 } },
  .n_questions = 1,
};

static void
test_too_long (void)
{
  static const gsize lengths[][2] = { { 6, 128 }, { 124, 127 }, { 127, 127 } };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *first = g_strnfill (lengths[i][0], '1'), *new = g_strnfill (lengths[i][1], '2');
      g_auto (Bench) bench;

      pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
      pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", first, new, ERROR_PIN_REFUSED);
    }
}

/* The most that a command can carry. */
static void
test_longest (void)
{
  g_autofree char *first = g_strnfill (123, '1'), *new = g_strnfill (127, '2');
  g_auto (Bench) bench;

  pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
  vcard_set_pin (bench.card, NULL, "pin", first, 3, 3);
  pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", first, new, ERROR_NONE, PIN_UNKNOWN);
}

/* PINs that do not go to the card as they are typed: what F9 says. */
static void
test_obstacles (void)
{
  static const struct
  {
    const char *object;
    gboolean possible;
  } cases[] = {
    { "810100", TRUE },       { "F903 810100", TRUE }, { "", TRUE },          { "810103 820108 83040000FFFF", FALSE },
    { "F903 810103", FALSE }, { "8100", FALSE },       { "DEADBEEF", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = hex_to_bytes (cases[i].object);
      g_auto (Bench) bench;

      pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
      vcard_put_object (bench.card, NULL, 0xF9, bytes->data, bytes->len, FALSE);
      if (cases[i].possible)
        pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, ERROR_NONE, PIN_UNKNOWN);
      else
        pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, ERROR_PIN_IMPOSSIBLE);
    }
}

/* A PIN in block format 2, said by the highest bit of the longest length. */
static void
test_packed (void)
{
  static const guint8 status[] = { 0x00, 0xA0, 0x20, 0x20, 3, 3, 3, 0x90, 0x00 };
  g_auto (Bench) bench;

  pin_bench_init (&bench, &family, PIN_OPERATION_CHANGE);
  vcard_fault_answer (bench.card, (VCardMatch){ N_READING, 0xCA }, status, sizeof status, 1);
  pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, ERROR_PIN_IMPOSSIBLE);
}

/* PW3 is right and the new PIN is not taken, or nobody knows why not: no try is told as lost, and the PIN is as it
 * was. */
static void
test_refused_behind_admin (void)
{
  static const struct
  {
    guint8 status[2];
    ErrorCode failure;
  } cases[] = {
    { { 0x6A, 0x80 }, ERROR_PIN_REFUSED },
    { { 0x69, 0x82 }, ERROR_PIN_STATUS },
    { { 0x6D, 0x00 }, ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      pin_bench_init (&bench, &family, PIN_OPERATION_UNLOCK_AS_ADMIN);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x2C }, cases[i].status, 2, VCARD_FOREVER);
      g_assert_true (pin_bench_attempt (&bench, PIN_OPERATION_UNLOCK_AS_ADMIN, "user", ADMIN, NEW, &made));
      g_assert_cmpint (made.failure, ==, cases[i].failure);
      g_assert_cmpint (pin_bench_get_tries (&bench, "admin"), ==, 3);
    }
}

/* Without tries of PW3 nothing goes out, nor where it is pulled between the two commands is anything made up. */
static void
test_admin_at_the_end (void)
{
  g_auto (Bench) bench;
  Attempt made;

  pin_bench_init (&bench, &family, PIN_OPERATION_UNLOCK_AS_ADMIN);
  vcard_set_pin (bench.card, NULL, "admin", ADMIN, 0, 3);
  pin_bench_assert_refusal (&bench, PIN_OPERATION_UNLOCK_AS_ADMIN, "user", ADMIN, NEW, ERROR_PIN_BLOCKED);

  vcard_set_pin (bench.card, NULL, "admin", ADMIN, 3, 3);
  vcard_fault_drop (bench.card, (VCardMatch){ VCARD_ANY, 0x2C });
  g_assert_false (pin_bench_attempt (&bench, PIN_OPERATION_UNLOCK_AS_ADMIN, "user", ADMIN, NEW, &made));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
  g_assert_cmpint (pin_bench_get_tries (&bench, "admin"), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pin_bench_add_tests (&family);
  g_test_add_func ("/openpgp-pin/too-long", test_too_long);
  g_test_add_func ("/openpgp-pin/longest", test_longest);
  g_test_add_func ("/openpgp-pin/obstacles", test_obstacles);
  g_test_add_func ("/openpgp-pin/packed", test_packed);
  g_test_add_func ("/openpgp-pin/refused-behind-admin", test_refused_behind_admin);
  g_test_add_func ("/openpgp-pin/admin-at-the-end", test_admin_at_the_end);
  return g_test_run ();
}
