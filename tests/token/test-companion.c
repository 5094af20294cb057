/* Two applications on one token: a YubiKey's PIV and OpenPGP are one Token, and each PIN goes to its own. */
#include "hex.h"
#include "pin-bench.h"
#include "testcert.h"
#include "token/atr.h"
#include "token/companion.h"

#define CODE "55667788"

#define TAG_AID          0x4F
#define TAG_FINGERPRINTS 0xC5
#define TAG_AUT          0x7F21
#define TAG_SIG          0x7F2102

#define KEY_OF_MAKER "00000000000000000000 00000000000000000000" /* twenty bytes, three times, and a fourth key */
#define NO_KEYS      KEY_OF_MAKER KEY_OF_MAKER KEY_OF_MAKER

static const guint8 select_piv[] = { 0, 0xA4, 4, 0, 5, 0xA0, 0, 0, 3, 8 };
static const guint8 verify_piv[] = { 0, 0x20, 0, 0x80, 8, '1', '2', '3', '4', '5', '6', 0xFF, 0xFF };
static const guint8 ask_piv[] = { 0, 0x20, 0, 0x80 };

static void
put (Bench *bench, guint32 tag, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  g_assert_true (vcard_put_object (bench->card, "openpgp", tag, bytes->data, bytes->len, FALSE));
}

static void
put_certificate (Bench *bench, guint32 tag, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", holder);

  g_assert_true (vcard_put_object (bench->card, "openpgp", tag, der->data, der->len, FALSE));
}

/* A YubiKey with a certificate in PIV, and an OpenPGP application as it comes. */
static void
init_bare (Bench *bench)
{
  bench_init (bench);
  vcard_set_yubico (bench->card, true);
  vcard_set_version (bench->card, 5, 7, 1);
  g_assert_true (vcard_add_applet (bench->card, "openpgp"));
  bench_put_certificate (bench, TAG_9A, "P-256", "张三");
}

/* … and one with a certificate there too, and a resetting code. */
static void
init (Bench *bench)
{
  init_bare (bench);
  put_certificate (bench, TAG_SIG, "Zhang San");
  g_assert_true (vcard_set_pin (bench->card, "piv", "puk", PUK, 3, 3));
  g_assert_true (vcard_set_pin (bench->card, "openpgp", "puk", CODE, 3, 3));
}

static Channel *
open_channel (Bench *bench)
{
  size_t n_atr;
  const uint8_t *atr = vcard_get_atr (bench->card, &n_atr);

  bench->n_sent = bench->n_reports = bench->n_sent_first = bench->n_sent_tries = 0;
  g_clear_error (&bench->error);
  return bench->session.channel =
           channel_new (bench_transmit, bench, atr, n_atr, atr_takes_extended (atr, n_atr), FALSE);
}

/* As the worker does it, over the channel of the bench. */
static Token *
read_in (Bench *bench)
{
  g_autoptr (Token) token = NULL;

  if (piv_driver.probe (&bench->session) == PROBE_NO)
    return NULL;
  token = piv_driver.read (&bench->session, &bench->error);
  if (token == NULL || !companion_read (&bench->session, &piv_driver, token, &bench->error))
    {
      g_assert_nonnull (bench->error);
      return NULL;
    }
  g_assert_no_error (bench->error);
  return g_steal_pointer (&token);
}

static Token *
read_whole (Bench *bench)
{
  g_autoptr (Channel) channel = open_channel (bench);
  Token *token = read_in (bench);

  g_assert_cmpuint (channel_get_n_secrets (channel), ==, 0);
  return token;
}

static void
assert_refs (const Token *token, const char *expected)
{
  g_autoptr (GString) refs = g_string_new (NULL);

  for (guint i = 0; i < token->pins->len; i++)
    g_string_append_printf (refs, "%s%s", i > 0 ? " " : "", ((Pin *) token->pins->pdata[i])->ref);
  g_assert_cmpstr (refs->str, ==, expected);
}

/* To OpenPGP the reference of PIV is none. */
static void
assert_piv_is_selected (Bench *bench)
{
  g_assert_cmphex (bench_ask (bench, ask_piv, sizeof ask_piv) >> 8, ==, 0x63);
}

/* Reading */

static void
test_both (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *pin;

  init (&bench);
  vcard_set_pin (bench.card, "openpgp", "pin", PIN, 2, 3);
  token = read_whole (&bench);
  bench_assert_ids (token, "9a openpgp-sig", "");
  assert_refs (token, "user openpgp-user openpgp-admin");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_PIV);
  g_assert_cmpstr (token->label, ==, "YubiKey");
  g_assert_cmpstr (token->serial, ==, "12345678");
  g_assert_cmpstr (token_get_primary (token)->id, ==, "9a");
  g_assert_cmpint (((Certificate *) token->certificates->pdata[1])->role, ==, CERTIFICATE_ROLE_SIGNATURE);

  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
  pin = token_find_pin (token, "openpgp-user");
  g_assert_cmpstr (pin->label, ==, "OpenPGP User PIN");
  g_assert_cmpint (pin->tries_left, ==, 2);
  g_assert_cmpint (pin->unlock, ==, PIN_UNLOCK_PUK);
  g_assert_cmpint (pin->unlock_tries_left, ==, 3);
  g_assert_cmpstr (token_find_pin (token, "openpgp-admin")->label, ==, "OpenPGP Admin PIN");
  assert_piv_is_selected (&bench);
}

/* Where PIV has no certificate, the other one stands for the token. */
static void
test_empty_piv (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init (&bench);
  vcard_delete_object (bench.card, "piv", TAG_9A);
  put_certificate (&bench, TAG_AUT, "张三");
  token = read_whole (&bench);
  bench_assert_ids (token, "openpgp-aut openpgp-sig", "");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_PIV);
}

/* What of the OpenPGP application makes it a part of the token. */
static void
test_use (void)
{
  static const struct
  {
    guint32 tag;
    const char *object;
    gboolean part;
    const char *unreadable;
  } cases[] = {
    { 0, NULL, FALSE, "" },
    { TAG_FINGERPRINTS, NO_KEYS, FALSE, "" },
    { TAG_FINGERPRINTS, NO_KEYS "ABABABABABABABABABAB ABABABABABABABABABAB", FALSE, "" },
    { TAG_FINGERPRINTS, KEY_OF_MAKER KEY_OF_MAKER "0000000000000000000000000000000000000001", TRUE, "" },
    { TAG_FINGERPRINTS, "01", TRUE, "" },
    { TAG_FINGERPRINTS, "", FALSE, "" },
    { 0x6E, "6E00", FALSE, "" },
    { 0x6E, "", FALSE, "" },
    { TAG_AUT, "3000", TRUE, "openpgp-aut" },
    { TAG_SIG, "3000", TRUE, "openpgp-sig" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_bare (&bench);
      if (cases[i].object != NULL)
        put (&bench, cases[i].tag, cases[i].object);
      token = read_whole (&bench);
      bench_assert_ids (token, "9a", cases[i].unreadable);
      assert_refs (token, cases[i].part ? "user openpgp-user openpgp-admin" : "user");
      assert_piv_is_selected (&bench);
    }
}

/* It is the same token if it says so itself. */
static void
test_serial (void)
{
  static const struct
  {
    const char *aid;
    guint32 serial;
    gboolean part;
  } cases[] = {
    { "D276000124010304 0006 12345678 0000", 12345678, TRUE },
    { "D276000124010304 0006 00004711 0000", 4711, TRUE },
    { "D276000124010304 0006 12345679 0000", 12345678, FALSE },
    { "D276000124010304 0005 12345678 0000", 12345678, FALSE },
    { "D276000124010304 0006 00BC614E 0000", 12345678, FALSE },
    { "D276000124010304 0006 00000000 0000", 12345678, FALSE },
    { "D276000124010304 0006 00000000 0000", 0, FALSE },
    { "D276", 12345678, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init (&bench);
      vcard_set_serial (bench.card, cases[i].serial);
      put (&bench, TAG_AID, cases[i].aid);
      token = read_whole (&bench);
      bench_assert_ids (token, cases[i].part ? "9a openpgp-sig" : "9a", "");
      assert_refs (token, cases[i].part ? "user openpgp-user openpgp-admin" : "user");
    }
}

/* The first report comes as early as without OpenPGP, and what is no YubiKey is not asked at all. */
static void
test_costs (void)
{
  for (int extended = 0; extended <= 1; extended++)
    for (int yubico = 0; yubico <= 1; yubico++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) alone = NULL, both = NULL;
        guint n_alone, n_first;

        init (&bench);
        vcard_set_yubico (bench.card, yubico);
        vcard_set_extended (bench.card, extended);
        alone = bench_read (&bench);
        n_alone = bench.n_sent;
        n_first = bench.n_sent_first;
        both = read_whole (&bench);
        g_test_message ("%s, %s: %u APDUs, of OpenPGP %u", yubico ? "YubiKey" : "other",
                        extended ? "extended" : "short", bench.n_sent, bench.n_sent - n_alone);
        g_assert_cmpuint (bench.n_sent_first, ==, n_first);
        g_assert_cmpuint (n_first, ==, extended ? 3 : 4);
        g_assert_cmpuint (both->certificates->len, ==, yubico ? 2 : 1);
        if (!yubico)
          g_assert_cmpuint (bench.n_sent, ==, n_alone);
        else if (extended)
          g_assert_cmpuint (bench.n_sent, ==, n_alone + 10);
      }
}

/* Without OpenPGP on it. */
static void
test_piv_alone (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init (&bench);
  vcard_set_yubico (bench.card, true);
  token = read_whole (&bench);
  assert_refs (token, "user");
  assert_piv_is_selected (&bench);
}

/* What another program verified stays verified, at the price of the other half; unless a PIN is on its way. */
static void
test_verified_by_others (void)
{
  for (int for_pin = 0; for_pin <= 1; for_pin++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init (&bench);
      bench_ask (&bench, select_piv, sizeof select_piv);
      g_assert_cmphex (bench_ask (&bench, verify_piv, sizeof verify_piv), ==, 0x9000);
      vcard_reset_counters (bench.card);
      bench.session.for_pin = for_pin;
      token = read_whole (&bench);
      bench_assert_ids (token, for_pin ? "9a openpgp-sig" : "9a", "");
      g_assert_cmphex (bench_ask (&bench, ask_piv, sizeof ask_piv) >> 8, ==, for_pin ? 0x63 : 0x90);
    }
}

/* Trouble */

/* The first application does not come back: what was read stands, and no PIN would go anywhere. */
static void
test_no_way_back (void)
{
  for (int for_pin = 0; for_pin <= 1; for_pin++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) whole = NULL, token = NULL;

      init (&bench);
      whole = read_whole (&bench);
      bench.session.for_pin = for_pin;
      bench.spoilt = hex_to_bytes ("6A82");
      bench.spoil_from = bench.n_sent - 1 - (guint) for_pin; /* which does not ask whether it is verified */
      bench.spoil_until = G_MAXUINT;
      token = read_whole (&bench);
      g_assert_true ((token == NULL) == for_pin);
      if (for_pin)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
      else
        bench_assert_ids (token, "9a openpgp-sig", "");
    }
}

/* From any APDU on nothing of what is said makes sense: PIV is there as it was read. */
static void
test_rubbish (void)
{
  static const char *const answers[] = { "9000", "6100", "6982", "6F00", "90", "", "6E82FFFF9000", "63C0" };

  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      guint n_whole = G_MAXUINT;

      for (guint k = 31; k < n_whole; k++)
        {
          g_auto (Bench) bench;
          g_autoptr (Token) whole = NULL, token = NULL;

          init (&bench);
          whole = read_whole (&bench);
          n_whole = bench.n_sent;
          bench.spoilt = hex_to_bytes (answers[i]);
          bench.spoil_from = k;
          bench.spoil_until = G_MAXUINT;
          token = read_whole (&bench);
          g_assert_nonnull (token);
          g_assert_cmpstr (token_get_primary (token)->id, ==, "9a");
          g_assert_cmpuint (bench.n_sent, <, n_whole + 100);
        }
    }
}

/* A half-read token is none. */
static void
test_loss_anywhere (void)
{
  static const ErrorCode losses[] = { ERROR_TOKEN_REMOVED, ERROR_TOKEN_RESET, ERROR_SERVICE_STOPPED };

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) whole = NULL;
      guint n_whole;

      init (&bench);
      whole = read_whole (&bench);
      n_whole = bench.n_sent;
      bench.failure = losses[i];
      for (guint k = 1; k < n_whole; k++)
        {
          g_autoptr (Token) token = NULL;

          bench.spoil_from = k;
          bench.spoil_until = k + 1;
          token = read_whole (&bench);
          g_assert_null (token);
          g_assert_error (bench.error, ASSISTANT_ERROR, (int) losses[i]);
          g_assert_cmpuint (bench.n_sent, ==, k + 1);
        }
    }
}

/* PINs */

/* One attempt after one reading, as the worker makes it. */
static gboolean
attempt (Bench *bench, PinOperation operation, const char *ref, const char *first, const char *new, Attempt *made)
{
  g_autoptr (Channel) channel = open_channel (bench);
  g_autoptr (Secret) one = pin_bench_make_secret (first), two = pin_bench_make_secret (new);
  g_autoptr (Token) token = NULL;
  gboolean answered;

  *made = (Attempt){ .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  vcard_reset_counters (bench->card);
  bench->session.for_pin = TRUE;
  token = read_in (bench);
  if (token == NULL)
    return FALSE;
  answered = companion_send_pin (&bench->session, &piv_driver, operation, ref, (Secret *const[]){ one, two }, made,
                                 &bench->error);
  g_assert_true (answered == (bench->error == NULL));
  g_assert_cmpuint (channel_get_n_secrets (channel), <=, 1);
  g_assert_cmpuint (channel_get_n_secrets (channel), >=, pin_bench_count_secrets (bench));
  return answered;
}

/* PIN and PUK of PIV, then PW1, resetting code and PW3. */
static void
assert_tries (Bench *bench, const char *expected)
{
  static const struct
  {
    const char *applet, *role;
  } counters[] = {
    { "piv", "pin" }, { "piv", "puk" }, { "openpgp", "pin" }, { "openpgp", "puk" }, { "openpgp", "admin" }
  };
  g_autoptr (GString) found = g_string_new (NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (counters); i++)
    {
      unsigned left, max;

      g_assert_true (vcard_get_tries (bench->card, counters[i].applet, counters[i].role, &left, &max));
      g_string_append_printf (found, "%u", left);
    }
  g_assert_cmpstr (found->str, ==, expected);
}

/* A right one does what was asked, a wrong one costs a try of its own counter and no other. */
static void
test_attempts (void)
{
  static const struct
  {
    PinOperation operation;
    const char *ref, *first;
    const char *tries; /* after a wrong one */
  } cases[] = {
    { PIN_OPERATION_CHANGE, "user", PIN, "23333" },          { PIN_OPERATION_CHANGE, "puk", PUK, "32333" },
    { PIN_OPERATION_UNLOCK, "user", PUK, "32333" },          { PIN_OPERATION_CHANGE, "openpgp-user", PIN, "33233" },
    { PIN_OPERATION_UNLOCK, "openpgp-user", CODE, "33323" }, { PIN_OPERATION_CHANGE, "openpgp-admin", ADMIN, "33332" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int wrong = 0; wrong <= 1; wrong++)
      {
        g_auto (Bench) bench;
        Attempt made;

        init (&bench);
        g_assert_true (attempt (&bench, cases[i].operation, cases[i].ref, wrong ? WRONG : cases[i].first, NEW, &made));
        g_assert_cmpint (made.failure, ==, wrong ? ERROR_PIN_WRONG : ERROR_NONE);
        g_assert_cmpuint (pin_bench_count_secrets (&bench), ==, 1);
        assert_tries (&bench, wrong ? cases[i].tries : "33333");
      }
}

/* What cannot be sent is not, and the first application is selected as before. */
static void
test_not_sent (void)
{
  static const struct
  {
    PinOperation operation;
    const char *ref, *first;
    ErrorCode failure;
  } cases[] = {
    { PIN_OPERATION_CHANGE, "openpgp-user", "12345", ERROR_PIN_REFUSED },
    { PIN_OPERATION_CHANGE, "openpgp-admin", PIN, ERROR_PIN_REFUSED },
    { PIN_OPERATION_CHANGE, "openpgp-puk", CODE, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_CHANGE, "openpgp-", PIN, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_CHANGE, "openpgp", PIN, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_CHANGE, "openpgp-openpgp-user", PIN, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_UNLOCK, "openpgp-admin", ADMIN, ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_CHANGE, "admin", ADMIN, ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      g_assert_false (attempt (&bench, cases[i].operation, cases[i].ref, cases[i].first, NEW, &made));
      g_assert_error (bench.error, ASSISTANT_ERROR, (int) cases[i].failure);
      g_assert_cmpuint (pin_bench_count_secrets (&bench), ==, 0);
      assert_piv_is_selected (&bench);
    }
}

/* Neither application gets what is for the other, wherever a SELECT fails. */
static void
test_select_fails (void)
{
  static const char *const refs[] = { "user", "openpgp-user" };
  static const guint8 not_found[] = { 0x6A, 0x82 };

  for (gsize i = 0; i < G_N_ELEMENTS (refs); i++)
    for (int k = 1; k < 60; k++)
      {
        g_auto (Bench) bench;
        Attempt made;
        gboolean answered;

        init (&bench);
        vcard_fault_answer (bench.card, (VCardMatch){ k, 0xA4 }, not_found, 2, 1);
        answered = attempt (&bench, PIN_OPERATION_CHANGE, refs[i], WRONG, NEW, &made);
        g_assert_cmpuint (pin_bench_count_secrets (&bench), ==, answered && made.status != ATTEMPT_NO_STATUS);
        if (!answered)
          assert_tries (&bench, "33333");
        else
          assert_tries (&bench, i == 0 ? "23333" : "33233");
      }
}

/* Pulled at every APDU: one command with a PIN at most. */
static void
test_pulled_anywhere (void)
{
  gboolean whole = FALSE;

  for (int k = 0; !whole; k++)
    {
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      vcard_fault_drop (bench.card, (VCardMatch){ k, VCARD_ANY });
      whole =
        attempt (&bench, PIN_OPERATION_CHANGE, "openpgp-user", WRONG, NEW, &made) && made.failure == ERROR_PIN_WRONG;
      g_assert_cmpuint (pin_bench_count_secrets (&bench), <=, 1);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/companion/both", test_both);
  g_test_add_func ("/companion/empty-piv", test_empty_piv);
  g_test_add_func ("/companion/use", test_use);
  g_test_add_func ("/companion/serial", test_serial);
  g_test_add_func ("/companion/costs", test_costs);
  g_test_add_func ("/companion/piv-alone", test_piv_alone);
  g_test_add_func ("/companion/verified-by-others", test_verified_by_others);
  g_test_add_func ("/companion/no-way-back", test_no_way_back);
  g_test_add_func ("/companion/rubbish", test_rubbish);
  g_test_add_func ("/companion/loss-anywhere", test_loss_anywhere);
  g_test_add_func ("/companion/attempts", test_attempts);
  g_test_add_func ("/companion/not-sent", test_not_sent);
  g_test_add_func ("/companion/select-fails", test_select_fails);
  g_test_add_func ("/companion/pulled-anywhere", test_pulled_anywhere);
  return g_test_run ();
}
