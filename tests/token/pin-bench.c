#include "pin-bench.h"

#include <string.h>

Secret *
pin_bench_make_secret (const char *text)
{
  Secret *secret = secret_new ();

  g_assert_nonnull (secret);
  secret->length = strlen (text);
  memcpy (secret->bytes, text, secret->length);
  return secret;
}

guint
pin_bench_count_secrets (const Bench *bench)
{
  const VCardCounters *counters = vcard_get_counters (bench->card);

  return (guint) (counters->verifies + counters->changes + counters->unblocks);
}

int
pin_bench_get_tries (Bench *bench, const char *role)
{
  unsigned left, max;

  g_assert_true (vcard_get_tries (bench->card, NULL, role, &left, &max));
  return (int) left;
}

/* It is done by the administrator's PIN where there is no PUK. */
void
pin_bench_init (Bench *bench, const PinFamily *family, PinOperation operation)
{
  bench_init_family (bench, family->driver);
  family->fill (bench);
  if (operation == PIN_OPERATION_UNLOCK_AS_ADMIN)
    g_assert_true (vcard_set_pin (bench->card, NULL, "puk", "", 0, 3));
}

gboolean
pin_bench_attempt (Bench *bench,
                   PinOperation operation,
                   const char *ref,
                   const char *first,
                   const char *new,
                   Attempt *made)
{
  const Driver *driver = bench->driver;
  guint most = operation == PIN_OPERATION_UNLOCK_AS_ADMIN ? 2 : 1;
  g_autoptr (Channel) channel = channel_new (bench_transmit, bench, NULL, 0, FALSE, FALSE);
  g_autoptr (Secret) one = pin_bench_make_secret (first), two = pin_bench_make_secret (new);
  g_autoptr (Token) token = NULL;
  gboolean answered;

  *made = (Attempt){ .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  vcard_reset_counters (bench->card);
  g_clear_error (&bench->error);
  bench->session.channel = channel;
  g_assert_cmpint (driver->probe (&bench->session), ==, PROBE_SURE);
  token = driver->read (&bench->session, NULL);
  g_assert_cmpuint (channel_get_n_secrets (channel), ==, 0);
  answered = (operation == PIN_OPERATION_CHANGE ? driver->change_pin : driver->unblock) (&bench->session, ref, one, two,
                                                                                         made, &bench->error);
  g_assert_true (answered == (bench->error == NULL));
  g_assert_cmpuint (channel_get_n_secrets (channel), <=, most);
  g_assert_cmpuint (channel_get_n_secrets (channel), >=, pin_bench_count_secrets (bench));
  return answered;
}

void
pin_bench_assert_answer (Bench *bench,
                         PinOperation operation,
                         const char *ref,
                         const char *first,
                         const char *new,
                         ErrorCode failure,
                         int tries)
{
  Attempt made;

  g_assert_true (pin_bench_attempt (bench, operation, ref, first, new, &made));
  g_assert_cmpint (made.failure, ==, failure);
  g_assert_cmpint (made.tries_left, ==, tries);
  g_assert_cmpuint (pin_bench_count_secrets (bench), >=, 1);
}

void
pin_bench_assert_refusal (Bench *bench,
                          PinOperation operation,
                          const char *ref,
                          const char *first,
                          const char *new,
                          ErrorCode failure)
{
  Attempt made;

  g_assert_false (pin_bench_attempt (bench, operation, ref, first, new, &made));
  g_assert_error (bench->error, ASSISTANT_ERROR, (int) failure);
  g_assert_cmpuint (pin_bench_count_secrets (bench), ==, 0);
}

/* The tests */

/* Done, so that what was set is right from then on; or one try is gone. */
static void
test_attempts (gconstpointer data)
{
  const PinFamily *family = data;

  for (const PinAttempt *row = family->attempts; row->ref != NULL; row++)
    for (int wrong = 0; wrong <= 1; wrong++)
      {
        g_auto (Bench) bench;
        Attempt made;

        pin_bench_init (&bench, family, row->operation);
        g_assert_true (
          pin_bench_attempt (&bench, row->operation, row->ref, wrong ? WRONG : row->first, row->new, &made));
        g_assert_cmpint (made.failure, ==, wrong ? ERROR_PIN_WRONG : ERROR_NONE);
        g_assert_cmpint (made.status, ==, wrong ? family->wrong : 0x9000);
        g_assert_cmpint (made.tries_left, ==, wrong ? 2 : PIN_UNKNOWN);
        g_assert_cmpint (pin_bench_get_tries (&bench, row->role), ==, wrong ? 2 : 3);
        g_assert_cmpuint (pin_bench_count_secrets (&bench), ==,
                          row->operation == PIN_OPERATION_UNLOCK_AS_ADMIN && !wrong ? 2 : 1);
        if (!wrong)
          pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, row->ref, row->new, WRONG, ERROR_NONE, PIN_UNKNOWN);
      }
}

/* What can be seen to be wrong beforehand costs nothing. */
static void
test_not_sent (gconstpointer data)
{
  const PinFamily *family = data;

  for (const PinRefusal *row = family->refusals; row->ref != NULL; row++)
    {
      g_auto (Bench) bench;

      pin_bench_init (&bench, family, row->operation);
      pin_bench_assert_refusal (&bench, row->operation, row->ref, row->first, row->new, row->failure);
    }
}

/* One command, whatever the card says to it; and an unknown word is never a wrong PIN. */
static void
assert_statuses (const PinFamily *family, const PinStatus *statuses)
{
  for (const PinStatus *row = statuses; row->status != 0; row++)
    {
      const guint8 status[] = { (guint8) (row->status >> 8), (guint8) row->status };
      g_auto (Bench) bench;

      pin_bench_init (&bench, family, PIN_OPERATION_CHANGE);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x24 }, status, sizeof status, VCARD_FOREVER);
      pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", WRONG, NEW, row->failure, row->tries);
      g_assert_cmpint (pin_bench_get_tries (&bench, "pin"), ==, 3);
    }
}

static void
test_status_words (gconstpointer data)
{
  static const PinStatus shared[] = {
    { 0x9000, ERROR_NONE, PIN_UNKNOWN },
    { 0x6200, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { 0x63C0, ERROR_PIN_WRONG, 0 },
    { 0x63C2, ERROR_PIN_WRONG, 2 },
    { 0x63CF, ERROR_PIN_WRONG, 15 },
    { 0x6700, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { 0x6983, ERROR_PIN_BLOCKED, 0 },
    { 0x6985, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { 0x6A80, ERROR_PIN_REFUSED, PIN_UNKNOWN },
    { 0x6A88, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { 0x6C10, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { 0x6D00, ERROR_PIN_IMPOSSIBLE, PIN_UNKNOWN },
    { 0x6F00, ERROR_PIN_STATUS, PIN_UNKNOWN },
    { 0 },
  };
  const PinFamily *family = data;

  assert_statuses (family, shared);
  assert_statuses (family, family->statuses);
}

/* The last try, and the counters that go with it. */
static void
test_last_try (gconstpointer data)
{
  const PinFamily *family = data;
  g_auto (Bench) bench;

  pin_bench_init (&bench, family, PIN_OPERATION_CHANGE);
  vcard_set_pin (bench.card, NULL, "pin", PIN, 1, 3);
  pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", WRONG, NEW, ERROR_PIN_WRONG, 0);
  if (family->without_tries != ERROR_NONE)
    pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, family->without_tries, 0);
  else
    pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, ERROR_PIN_BLOCKED);
  pin_bench_assert_answer (&bench, PIN_OPERATION_UNLOCK, "user", PUK, NEW, ERROR_NONE, PIN_UNKNOWN);
  g_assert_cmpint (pin_bench_get_tries (&bench, "pin"), ==, 3);
}

/* Pulled at every APDU, no answer is made up. Where the token is asked what a word meant and is gone, nobody knows. */
static void
test_pulled_anywhere (gconstpointer data)
{
  const PinFamily *family = data;
  gboolean whole = FALSE;
  guint n_unknown = 0;

  for (int k = 1; !whole; k++)
    {
      g_auto (Bench) bench;
      Attempt made;
      gboolean answered;

      pin_bench_init (&bench, family, PIN_OPERATION_CHANGE);
      vcard_fault_drop (bench.card, (VCardMatch){ k, VCARD_ANY });
      answered = pin_bench_attempt (&bench, PIN_OPERATION_CHANGE, "user", WRONG, NEW, &made);
      whole = strstr (vcard_get_log (bench.card), "pulled") == NULL;
      if (whole)
        g_assert_cmpint (made.failure, ==, ERROR_PIN_WRONG);
      else if (!answered)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
      else
        {
          g_assert_cmpint (made.failure, ==, ERROR_PIN_STATUS);
          n_unknown++;
        }
    }
  g_assert_cmpuint (n_unknown, ==, family->n_questions);
}

void
pin_bench_add_tests (const PinFamily *family)
{
  static const struct
  {
    const char *name;
    GTestDataFunc function;
  } tests[] = {
    { "attempts", test_attempts },
    { "not-sent", test_not_sent },
    { "status-words", test_status_words },
    { "last-try", test_last_try },
    { "pulled-anywhere", test_pulled_anywhere },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strdup_printf ("/%s-pin/%s", family->driver->name, tests[i].name);

      g_test_add_data_func (path, family, tests[i].function);
    }
}
