/* PINs of an OpenPGP card: one try at stake at most, and what its answer is taken for. */
#include <string.h>

#include "hex.h"
#include "piv-bench.h"

#define PIN   "123456"
#define ADMIN "12345678"
#define CODE  "87654321"
#define NEW   "24681357"
#define WRONG "13572468"

#define N_READING 9 /* APDUs of reading a token without certificates, in short form */

typedef enum
{
  CHANGE,
  UNBLOCK,
  UNBLOCK_BY_ADMIN /* of a card without a resetting code */
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
  bench_init_family (bench, &openpgp_driver);
  vcard_set_pin (bench->card, NULL, "puk", CODE, 3, 3);
}

static guint
count_secrets (const Bench *bench)
{
  const VCardCounters *counters = vcard_get_counters (bench->card);

  return (guint) (counters->verifies + counters->changes + counters->unblocks);
}

/* One attempt after one reading, as the worker makes it. Of the two commands of UNBLOCK_BY_ADMIN the second has nothing
 * in it that could be wrong. */
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
  g_assert_cmpint (openpgp_driver.probe (&bench->session), ==, PROBE_SURE);
  token = openpgp_driver.read (&bench->session, NULL);
  if (what == UNBLOCK_BY_ADMIN)
    vcard_set_pin (bench->card, NULL, "puk", "", 0, 3);
  answered = (what == CHANGE ? openpgp_driver.change_pin : openpgp_driver.unblock) (&bench->session, ref, one, two,
                                                                                    made, &bench->error);
  g_assert_true (answered == (bench->error == NULL));
  g_assert_cmpuint (count_secrets (bench), <=, what == UNBLOCK_BY_ADMIN ? 2 : 1);
  g_assert_cmpuint (channel_get_n_secrets (channel), <=, what == UNBLOCK_BY_ADMIN ? 2 : 1);
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
    int tries;
  } cases[] = {
    { CHANGE, "user", PIN, NEW, ERROR_NONE, PIN_UNKNOWN },
    { CHANGE, "user", WRONG, NEW, ERROR_PIN_WRONG, 2 },
    { CHANGE, "admin", ADMIN, NEW, ERROR_NONE, PIN_UNKNOWN },
    { CHANGE, "admin", WRONG, NEW, ERROR_PIN_WRONG, 2 },
    { UNBLOCK, "user", CODE, NEW, ERROR_NONE, PIN_UNKNOWN },
    { UNBLOCK, "user", WRONG, NEW, ERROR_PIN_WRONG, 2 },
    { UNBLOCK_BY_ADMIN, "user", ADMIN, NEW, ERROR_NONE, PIN_UNKNOWN },
    { UNBLOCK_BY_ADMIN, "user", WRONG, NEW, ERROR_PIN_WRONG, 2 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      g_assert_true (attempt (&bench, cases[i].what, cases[i].ref, cases[i].first, cases[i].new, &made));
      g_assert_cmpint (made.failure, ==, cases[i].failure);
      g_assert_cmpint (made.tries_left, ==, cases[i].tries);
      g_assert_cmpint (made.status, ==, cases[i].failure == ERROR_NONE ? 0x9000 : 0x6982);
      g_assert_cmpuint (count_secrets (&bench), ==,
                        cases[i].what == UNBLOCK_BY_ADMIN && cases[i].failure == ERROR_NONE ? 2 : 1);
      if (cases[i].failure == ERROR_NONE)
        {
          g_assert_true (
            attempt (&bench, CHANGE, strcmp (cases[i].ref, "admin") == 0 ? "admin" : "user", NEW, WRONG, &made));
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
    { CHANGE, "user", "12345", NEW, ERROR_PIN_REFUSED },
    { CHANGE, "user", PIN, "24681", ERROR_PIN_REFUSED },
    { CHANGE, "admin", "1234567", NEW, ERROR_PIN_REFUSED },
    { CHANGE, "admin", ADMIN, "2468135", ERROR_PIN_REFUSED },
    { UNBLOCK, "user", "1234567", NEW, ERROR_PIN_REFUSED },
    { UNBLOCK, "user", CODE, "24681", ERROR_PIN_REFUSED },
    { CHANGE, "puk", CODE, NEW, ERROR_PIN_IMPOSSIBLE },
    { CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
    { UNBLOCK, "admin", ADMIN, NEW, ERROR_PIN_IMPOSSIBLE },
    { UNBLOCK_BY_ADMIN, "user", "1234567", NEW, ERROR_PIN_REFUSED },
    { UNBLOCK_BY_ADMIN, "user", ADMIN, "24681", ERROR_PIN_REFUSED },
  };
  static const gsize lengths[][2] = { { 6, 128 }, { 124, 127 }, { 127, 127 } };
  Attempt made;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;

      init (&bench);
      g_assert_false (attempt (&bench, cases[i].what, cases[i].ref, cases[i].first, cases[i].new, &made));
      g_assert_error (bench.error, ASSISTANT_ERROR, (int) cases[i].failure);
      g_assert_cmpuint (count_secrets (&bench), ==, 0);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *first = g_strnfill (lengths[i][0], '1'), *new = g_strnfill (lengths[i][1], '2');
      g_auto (Bench) bench;

      init (&bench);
      g_assert_false (attempt (&bench, CHANGE, "user", first, new, &made));
      g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_REFUSED);
      g_assert_cmpuint (count_secrets (&bench), ==, 0);
    }
}

/* The most that a command can carry. */
static void
test_longest (void)
{
  g_autofree char *first = g_strnfill (123, '1'), *new = g_strnfill (127, '2');
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  vcard_set_pin (bench.card, NULL, "pin", first, 3, 3);
  g_assert_true (attempt (&bench, CHANGE, "user", first, new, &made));
  g_assert_cmpint (made.failure, ==, ERROR_NONE);
}

/* Without tries, and with PINs that do not go to the card as they are typed. */
static void
test_obstacles (void)
{
  static const struct
  {
    guint32 tag;
    const char *object; /* NULL: the PIN is blocked */
    ErrorCode failure;
  } cases[] = {
    { 0, NULL, ERROR_PIN_BLOCKED },
    { 0xF9, "810100", ERROR_NONE },
    { 0xF9, "F903 810100", ERROR_NONE },
    { 0xF9, "", ERROR_NONE },
    { 0xF9, "810103 820108 83040000FFFF", ERROR_PIN_IMPOSSIBLE },
    { 0xF9, "F903 810103", ERROR_PIN_IMPOSSIBLE },
    { 0xF9, "8100", ERROR_PIN_IMPOSSIBLE },
    { 0xF9, "DEADBEEF", ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) bytes = hex_to_bytes (cases[i].object != NULL ? cases[i].object : "");
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      if (cases[i].object != NULL)
        vcard_put_object (bench.card, NULL, cases[i].tag, bytes->data, bytes->len, FALSE);
      else
        vcard_set_pin (bench.card, NULL, "pin", PIN, 0, 3);
      g_assert_cmpint (attempt (&bench, CHANGE, "user", PIN, NEW, &made), ==, cases[i].failure == ERROR_NONE);
      g_assert_cmpint (error_get_code (bench.error), ==, cases[i].failure);
      g_assert_cmpuint (count_secrets (&bench), ==, cases[i].failure == ERROR_NONE);
    }
}

/* A PIN in block format 2, said by the highest bit of the longest length. */
static void
test_packed (void)
{
  static const guint8 status[] = { 0x00, 0xA0, 0x20, 0x20, 3, 3, 3, 0x90, 0x00 };
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  vcard_fault_answer (bench.card, (VCardMatch){ N_READING, 0xCA }, status, sizeof status, 1);
  g_assert_false (attempt (&bench, CHANGE, "user", PIN, NEW, &made));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE);
}

/* A status word by itself: 6982 is no wrong PIN where it cost nothing. */
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
    { { 0x69, 0x82 }, ERROR_PIN_STATUS, 3 },
    { { 0x69, 0x83 }, ERROR_PIN_BLOCKED, 0 },
    { { 0x63, 0xC2 }, ERROR_PIN_WRONG, 2 },
    { { 0x6A, 0x80 }, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { { 0x67, 0x00 }, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { { 0x6D, 0x00 }, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { { 0x69, 0x85 }, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
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
  g_assert_true (attempt (&bench, UNBLOCK, "user", CODE, NEW, &made));
  g_assert_cmpint (made.failure, ==, ERROR_NONE);
  g_assert_cmpint (get_tries (&bench, "pin"), ==, 3);
}

/* Pulled at every APDU: never more than one command with a PIN, and no answer is made up. */
static void
test_pulled_anywhere (void)
{
  gboolean whole = FALSE;
  guint n_judged = 0;

  for (int k = N_READING; !whole; k++)
    {
      g_auto (Bench) bench;
      Attempt made;
      gboolean answered;

      init (&bench);
      vcard_fault_drop (bench.card, (VCardMatch){ k, VCARD_ANY });
      answered = attempt (&bench, CHANGE, "user", WRONG, NEW, &made);
      whole = answered && made.failure == ERROR_PIN_WRONG;
      if (answered && !whole)
        {
          g_assert_cmpint (made.failure, ==, ERROR_PIN_STATUS);
          n_judged++;
        }
      if (!answered)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
    }
  g_assert_cmpuint (n_judged, ==, 1);
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

      init (&bench);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x2C }, cases[i].status, 2, VCARD_FOREVER);
      g_assert_true (attempt (&bench, UNBLOCK_BY_ADMIN, "user", ADMIN, NEW, &made));
      g_assert_cmpint (made.failure, ==, cases[i].failure);
      g_assert_cmpint (get_tries (&bench, "admin"), ==, 3);
    }
}

/* Without tries of PW3 nothing goes out, nor where it is pulled between the two commands is anything made up. */
static void
test_admin_at_the_end (void)
{
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  vcard_set_pin (bench.card, NULL, "admin", ADMIN, 0, 3);
  g_assert_false (attempt (&bench, UNBLOCK_BY_ADMIN, "user", ADMIN, NEW, &made));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_PIN_BLOCKED);
  g_assert_cmpuint (count_secrets (&bench), ==, 0);

  vcard_set_pin (bench.card, NULL, "admin", ADMIN, 3, 3);
  vcard_fault_drop (bench.card, (VCardMatch){ VCARD_ANY, 0x2C });
  g_assert_false (attempt (&bench, UNBLOCK_BY_ADMIN, "user", ADMIN, NEW, &made));
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
  g_assert_cmpint (get_tries (&bench, "admin"), ==, 3);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openpgp-pin/attempts", test_attempts);
  g_test_add_func ("/openpgp-pin/not-sent", test_not_sent);
  g_test_add_func ("/openpgp-pin/longest", test_longest);
  g_test_add_func ("/openpgp-pin/obstacles", test_obstacles);
  g_test_add_func ("/openpgp-pin/packed", test_packed);
  g_test_add_func ("/openpgp-pin/status-words", test_status_words);
  g_test_add_func ("/openpgp-pin/last-try", test_last_try);
  g_test_add_func ("/openpgp-pin/pulled-anywhere", test_pulled_anywhere);
  g_test_add_func ("/openpgp-pin/refused-behind-admin", test_refused_behind_admin);
  g_test_add_func ("/openpgp-pin/admin-at-the-end", test_admin_at_the_end);
  return g_test_run ();
}
