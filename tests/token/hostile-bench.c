#include "hostile-bench.h"

#include <string.h>

#include "hex.h"

/* Of a reading where one thing is bad. */
#define MAX_APDUS 64

#define N_LARGE 65000

/* Bytes of anything on the first cards, and bits of what is no certificate. */
#define LARGEST_OBJECT    512
#define LARGEST_DIRECTORY (8 * 240)

/* What a test is about. */
typedef struct
{
  const HostileFamily *family;
  const HostileCard *card;
  gconstpointer row; /* of a table */
} Case;

/* What a token may answer to anything. */
typedef struct
{
  const char *name;
  gsize n_zeroes;
  const char *end;
  const Driver *believer; /* the family to which it means something … */
  guint max_apdus;        /* … and how long it listens; 0: as to all others */
} Answer;

static const Answer answers[] = {
  { "more-with-256-bytes", 256, "6100" },
  { "more-without-data", 0, "6100" },
  { "more-with-a-byte", 1, "61FF" },
  { "wrong-length", 0, "6C10" },
  { "wrong-length-00", 0, "6C00" },
  { "wrong-length-67", 0, "6700" },
  { "success-without-data", 0, "9000" },
  { "zeroes", 200, "9000" },
  { "256-zeroes", 256, "9000" },
  { "65535-bytes", 65533, "9000" },
  { "nothing", 0, "" },
  { "a-byte", 0, "90" },
  { "one-more-byte", 0, "30 9000", &pkcs15_driver, 2 * MAX_APDUS },
  { "one-warned-byte", 0, "30 6282", &pkcs15_driver, 2 * MAX_APDUS },
  { "fewer-bytes", 0, "6282" },
  { "beyond-the-end", 0, "6B00" },
  { "tries-15", 0, "63CF" },
  { "tries-0", 0, "63C0" },
  { "blocked", 0, "6983" },
  { "refused", 0, "6982" },
  { "wrong-data", 0, "6A80" },
  { "not-found", 0, "6A82" },
  { "no-such-function", 0, "6A86" },
  { "no-such-object", 0, "6A88" },
  { "no-instruction", 0, "6D00" },
  { "failure", 0, "6F00" },
  { "zero-status", 0, "0000" },
  { "ones", 0, "FFFF" },
  { "four-bytes", 0, "DEADBEEF 9000" }, /* as long as a serial number */
  { "seven-bytes", 7, "9000" },         /* … as a PW status */
  /* A long object of which six bytes come at a time. */
  { "piv-rubbish", 0, "53 82 70 00 AA BB 9000", &pkcs15_driver, CHANNEL_MAX_APDUS },
  { "openpgp-rubbish", 0, "6E 82 70 00 AA BB 9000", &pkcs15_driver, CHANNEL_MAX_APDUS },
  { "gids-rubbish", 0, "DF1F 82 70 00 AA BB 9000" },
  { "an-object-for-ever", 0, "30 00 9000" },
  { "a-place-for-ever", 0, "A4 0A 30 08 04 06 3F00 5015 4404 9000", &pkcs15_driver },
  { "size-of-4g", 0, "6F 06 80 04 FFFFFFFF 9000" },
};

/* The card of WHICH, read once without any fault. */
static Token *
init_read (Bench *bench, const Case *which)
{
  Token *token;

  bench_init_family (bench, which->family->driver);
  which->card->fill (bench);
  token = bench_read (bench);
  g_assert_nonnull (token);
  return token;
}

/* Once more, with the fault of BENCH from one APDU on up to another one. */
static Token *
read_spoilt (Bench *bench, guint from, guint until)
{
  bench->spoil_from = from;
  bench->spoil_until = until;
  vcard_reset (bench->card);
  return bench_read (bench);
}

static Token *
read_unspoilt (Bench *bench)
{
  return read_spoilt (bench, G_MAXUINT, G_MAXUINT);
}

static void
set_answer (Bench *bench, const Answer *answer)
{
  bench->spoilt = g_byte_array_new ();
  g_byte_array_set_size (bench->spoilt, (guint) answer->n_zeroes);
  if (answer->n_zeroes > 0)
    memset (bench->spoilt->data, 0, answer->n_zeroes);
  hex_append (bench->spoilt, answer->end);
}

/* From one APDU on for ever. Saying the same to everything makes no card of the family. */
static void
test_answer (gconstpointer data)
{
  const Case *which = data;
  const Answer *answer = which->row;
  gboolean believed = answer->believer == which->family->driver;
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, which);
  guint n_whole = bench.n_sent, n_probe = bench.n_sent_probe;

  set_answer (&bench, answer);
  for (guint k = 0; k <= n_whole; k++)
    {
      g_autoptr (Token) token = read_spoilt (&bench, k, G_MAXUINT);
      guint max_parts = k + CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS);

      if (k == 0 && !believed)
        {
          g_assert_null (token);
          g_assert_cmpuint (bench.n_reports, ==, 0);
        }
      if (k >= n_probe)
        g_assert_true (token != NULL || bench.error != NULL);
      if (bench.error != NULL && !g_error_matches (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN))
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
      g_assert_cmpuint (bench.n_sent, <=, MAX (MAX (MAX_APDUS, max_parts), believed * answer->max_apdus));
    }
}

/* One in the middle of an otherwise good reading. */
static void
test_one_answer (gconstpointer data)
{
  const Case *which = data;
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, which);
  guint n_whole = bench.n_sent, n_probe = bench.n_sent_probe;
  gboolean named = bench.probed == PROBE_SURE;

  set_answer (&bench, which->row);
  for (guint k = 0; k < n_whole; k++)
    {
      g_autoptr (Token) token = read_spoilt (&bench, k, k + 1);

      if (k < n_probe && !named && bench.error != NULL)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
      else
        g_assert_no_error (bench.error);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
      if (k >= n_probe)
        g_assert_cmpuint (token->certificates->len, >=, which->family->n_spared);
    }
}

/* One bit of one answer turned over: every one of a directory; in a certificate nearly all do the same. */
static void
test_bits (gconstpointer data)
{
  const Case *which = data;
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, which), again = NULL;
  guint n_whole, n_probe;

  vcard_set_extended (bench.card, true);
  again = read_unspoilt (&bench);
  n_whole = bench.n_sent;
  n_probe = bench.n_sent_probe;
  for (guint k = 0; k < n_whole; k++)
    for (guint bit = 1; bit == 1 || bit <= bench.n_turnable; bit += bench.n_turnable > LARGEST_DIRECTORY ? 61 : 1)
      {
        g_autoptr (Token) token = NULL;

        bench.turned_bit = bit;
        token = read_spoilt (&bench, k, k + 1);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        if (k >= n_probe)
          g_assert_cmpuint (token->certificates->len, <=, whole->certificates->len);
        if (k >= n_probe)
          g_assert_cmpuint (token->pins->len, <=, whole->pins->len + 1);
      }
}

/* What is on the card is cut anywhere. */
static void
test_cuts (gconstpointer data)
{
  const Case *which = data;
  const HostileFamily *family = which->family;
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, which);

  for (gsize i = 0; i < G_N_ELEMENTS (family->places) && family->places[i] != 0; i++)
    for (guint n = 0; n <= LARGEST_OBJECT; n++)
      {
        g_autoptr (Token) token = NULL;

        g_assert_true (vcard_limit_object (bench.card, NULL, family->places[i], n));
        token = read_unspoilt (&bench);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        g_assert_cmpuint (token->certificates->len, <=, whole->certificates->len);
        if (i == 0 && token->certificates->len < whole->certificates->len)
          bench_assert_ids (token, family->others, n == 0 ? "" : family->id);
        if (n == LARGEST_OBJECT)
          g_assert_true (token_is_same (token, whole));
      }
}

/* The token's own endless answers, as the virtual token makes them. */
static void
test_endless (gconstpointer data)
{
  static const char *const kinds[] = { "61", "61-empty", "6c", "grow" };
  const Case *which = data;
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, which);

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (Token) token = NULL;

      vcard_faults_clear (bench.card);
      g_assert_true (vcard_fault_endless (bench.card, kinds[i]));
      token = read_unspoilt (&bench);
      g_assert_null (token);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* The token, the reader or the service goes away at every APDU; afterwards everything would be well again. */
static void
test_loss_anywhere (gconstpointer data)
{
  static const ErrorCode losses[] = { ERROR_TOKEN_REMOVED, ERROR_TOKEN_RESET,     ERROR_READER_GONE,
                                      ERROR_READER_BUSY,   ERROR_SERVICE_STOPPED, ERROR_TOKEN_SILENT };
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, data);
  guint n_whole = bench.n_sent, n_probe = bench.n_sent_probe;

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    for (guint k = 0; k < n_whole; k++)
      {
        g_autoptr (Token) token = NULL;

        bench.failure = losses[i];
        token = read_spoilt (&bench, k, k + 1);
        g_assert_null (token);
        g_assert_cmpuint (bench.n_sent, ==, k + 1);
        if (k >= n_probe)
          g_assert_error (bench.error, ASSISTANT_ERROR, (int) losses[i]);
      }
}

/* The same with the virtual token's own fault. */
static void
test_pulled_anywhere (gconstpointer data)
{
  g_auto (Bench) bench;
  g_autoptr (Token) whole = init_read (&bench, data);
  guint n_whole = bench.n_sent, n_probe = bench.n_sent_probe;

  for (guint k = 0; k <= n_whole; k++)
    {
      g_autoptr (Token) token = NULL;

      vcard_faults_clear (bench.card);
      vcard_reset_counters (bench.card);
      vcard_fault_drop (bench.card, (VCardMatch){ (int) k, VCARD_ANY });
      token = read_unspoilt (&bench);
      g_assert_cmpint (token != NULL, ==, k == n_whole);
      g_assert_cmpuint (bench.n_sent, ==, MIN (k + 1, n_whole));
      if (k >= n_probe && k < n_whole)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
    }
}

static int
get_tries (const Token *token)
{
  const Pin *pin = token_find_pin (token, "user");

  return pin != NULL ? pin->tries_left : HOSTILE_NO_PIN;
}

/* Nothing is invented: what says 9000 to everything is of no family, unless it names it when it is selected. */
static void
test_evidence (gconstpointer data)
{
  static const guint8 yes[] = { 0x90, 0x00 };
  const Case *which = data;
  const int instructions[] = { VCARD_ANY, which->family->ins };

  for (gsize i = 0; i < G_N_ELEMENTS (instructions); i++)
    {
      gboolean named = instructions[i] != VCARD_ANY;
      g_auto (Bench) bench;
      g_autoptr (Token) whole = init_read (&bench, which), token = NULL;

      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, instructions[i] }, yes, sizeof yes, VCARD_FOREVER);
      token = read_unspoilt (&bench);
      g_assert_cmpint (token != NULL, ==, named);
      g_assert_cmpuint (bench.n_reports, <=, named && get_tries (token) >= 0);
      if (!named)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
    }
}

static GByteArray *
make_object (const HostileObject *object)
{
  GByteArray *bytes = hex_to_bytes (object->hex);
  guint n_hex = bytes->len;

  if (object->large)
    {
      g_byte_array_set_size (bytes, n_hex + N_LARGE);
      memset (bytes->data + n_hex, 0x30, N_LARGE);
    }
  return bytes;
}

static void
test_object (gconstpointer data)
{
  const Case *which = data;
  const HostileObject *object = which->row;
  const char *serial = object->serial;
  gboolean raw = which->family->driver != &pkcs15_driver; /* with it, its files would tell no size */
  g_autoptr (GByteArray) bytes = make_object (object);

  for (int extended = 0; extended <= 1; extended++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) whole = init_read (&bench, which), token = NULL;

      vcard_set_extended (bench.card, extended);
      g_assert_true (vcard_put_object (bench.card, NULL, object->place, bytes->data, bytes->len, raw));
      token = read_unspoilt (&bench);
      bench_assert_ids (token, object->certificates, object->unreadable);
      g_assert_cmpstr (token->serial, ==, serial == NULL ? whole->serial : *serial == '\0' ? NULL : serial);
      g_assert_cmpint (get_tries (token), ==, object->tries != 0 ? object->tries : get_tries (whole));
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* The tests */

static void
add (const HostileFamily *family, const char *what, const char *name, Case which, GTestDataFunc function)
{
  g_autofree char *path = g_strdup_printf ("/%s-hostile/%s/%s", family->driver->name, what, name);

  which.family = family;
  g_test_add_data_func_full (path, g_memdup2 (&which, sizeof which), function, g_free);
}

void
hostile_bench_add_tests (const HostileFamily *family)
{
  static const struct
  {
    const char *name;
    GTestDataFunc function;
    gboolean first_only;
  } tests[] = {
    { "bits", test_bits, TRUE },
    { "cuts", test_cuts, TRUE },
    { "endless", test_endless, FALSE },
    { "loss-anywhere", test_loss_anywhere, FALSE },
    { "pulled-anywhere", test_pulled_anywhere, FALSE },
    { "evidence", test_evidence, TRUE },
  };

  for (const HostileCard *card = family->cards; card->name != NULL; card++)
    {
      g_autofree char *answer = g_strconcat (card->name, "/answer", NULL);
      g_autofree char *one_answer = g_strconcat (card->name, "/one-answer", NULL);

      for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
        if (card == family->cards || !tests[i].first_only)
          add (family, card->name, tests[i].name, (Case){ .card = card }, tests[i].function);
      for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
        {
          add (family, answer, answers[i].name, (Case){ .card = card, .row = &answers[i] }, test_answer);
          add (family, one_answer, answers[i].name, (Case){ .card = card, .row = &answers[i] }, test_one_answer);
        }
    }
}

void
hostile_bench_add_objects (const HostileFamily *family, const char *what, const HostileObject *objects, gsize n)
{
  for (gsize i = 0; i < n; i++)
    add (family, what, objects[i].name, (Case){ .card = &family->cards[0], .row = &objects[i] }, test_object);
}
