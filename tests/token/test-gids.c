/* Reading good GIDS cards; the others are in test-gids-hostile.c. */
#include "gids-bench.h"
#include "testcert.h"

#define DEFAULT (GIDS_VALID | GIDS_DEFAULT)

static const GidsContainer three[] = {
  { GIDS_VALID, FALSE, "P-256", "Zhang San", FALSE },
  { DEFAULT, TRUE, "P-256", "张三", FALSE },
  { GIDS_VALID, TRUE, "RSA-2048", "Zhang San", TRUE },
};

static void
init_three (Bench *bench)
{
  bench_init_family (bench, &gids_driver);
  gids_put_containers (bench->card, three, G_N_ELEMENTS (three));
}

/* Good tokens */

static void
test_plain (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *user;

  init_three (&bench);
  token = bench_read (&bench);

  bench_assert_ids (token, "kxc01 ksc00 kxc02", "");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_GIDS);
  g_assert_cmpstr (token->serial, ==, "56434152440000000000000000BC614E");
  g_assert_null (token->label);
  g_assert_cmpstr (token_get_primary (token)->holder, ==, "张三");
  g_assert_cmpuint (bench.n_reports, ==, 3);

  g_assert_cmpuint (token->pins->len, ==, 1);
  user = token->pins->pdata[0];
  g_assert_cmpstr (user->ref, ==, "user");
  g_assert_cmpint (user->tries_left, ==, 3);
  g_assert_cmpint (user->tries_max, ==, 3);
  g_assert_cmpint (user->min_length, ==, 4);
  g_assert_cmpint (user->max_length, ==, 16);
  g_assert_cmpint (user->charset, ==, PIN_CHARSET_ANY);
  g_assert_cmpint (user->unlock, ==, PIN_UNLOCK_ADMIN);
  g_assert_cmpint (user->unlock_tries_left, ==, PIN_UNKNOWN);
  g_assert_false (user->blocked);
}

/* Filled, and nothing on it yet. */
static void
test_empty (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &gids_driver);
  token = bench_read (&bench);
  bench_assert_ids (token, "", "");
  g_assert_nonnull (token->serial);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
}

/* Not even filled: it has its PIN, and no files. */
static void
test_blank (void)
{
  static const guint8 not_found[] = { 0x6A, 0x82 };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &gids_driver);
  vcard_fault_answer (bench.card, (VCardMatch){ 1, VCARD_ANY }, not_found, sizeof not_found, 1);
  token = bench_read (&bench);
  bench_assert_ids (token, "", "");
  g_assert_null (token->serial);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
}

static void
test_pins (void)
{
  static const struct
  {
    guint user, puk, puk_max;
    PinUnlock unlock;
    int unlock_tries;
  } cases[] = {
    { 3, 0, 0, PIN_UNLOCK_ADMIN, PIN_UNKNOWN },
    { 2, 3, 3, PIN_UNLOCK_PUK, 3 },
    { 0, 1, 3, PIN_UNLOCK_PUK, 1 },
    { 0, 0, 3, PIN_UNLOCK_ADMIN, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *user;

      bench_init_family (&bench, &gids_driver);
      vcard_set_pin (bench.card, NULL, "pin", "123456", cases[i].user, 5);
      vcard_set_pin (bench.card, NULL, "puk", "87654321", cases[i].puk, cases[i].puk_max);
      token = bench_read (&bench);
      user = token_find_pin (token, "user");
      g_assert_cmpint (user->tries_left, ==, cases[i].user);
      g_assert_cmpint (user->tries_max, ==, 5);
      g_assert_cmpint (user->blocked, ==, cases[i].user == 0);
      g_assert_cmpint (user->unlock, ==, cases[i].unlock);
      g_assert_cmpint (user->unlock_tries_left, ==, cases[i].unlock_tries);
    }
}

/* What the state of a PIN may be. */
static void
test_pin_state (void)
{
  static const struct
  {
    const char *state;
    int left, max;
  } cases[] = {
    { "970103 930105", 3, 5 },
    { "930105 970103", 3, 5 },
    { "9F170102 930105", 2, 5 }, /* version 1 */
    { "970103", 3, PIN_UNKNOWN },
    { "970103 930102", 3, PIN_UNKNOWN },
    { "970103 93020005", 3, PIN_UNKNOWN },
    { "970100 930103", 0, 3 },
    { "9700 930105", PIN_UNKNOWN, PIN_UNKNOWN },
    { "97020003", PIN_UNKNOWN, PIN_UNKNOWN },
    { "930105", PIN_UNKNOWN, PIN_UNKNOWN },
    { "DEADBEEF", PIN_UNKNOWN, PIN_UNKNOWN },
    { "", PIN_UNKNOWN, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *user;

      init_three (&bench);
      gids_put_hex (bench.card, GIDS_PIN, cases[i].state);
      token = bench_read (&bench);
      user = token_find_pin (token, "user");
      g_assert_cmpint (user->tries_left, ==, cases[i].left);
      g_assert_cmpint (user->tries_max, ==, cases[i].max);
      g_assert_cmpint (user->blocked, ==, cases[i].left == 0);
      bench_assert_ids (token, "kxc01 ksc00 kxc02", "");
    }
}

static void
test_serial (void)
{
  static const struct
  {
    const char *id, *serial;
  } cases[] = {
    { "00112233445566778899AABBCCDDEEFF", "00112233445566778899AABBCCDDEEFF" },
    { "BEEF", "BEEF" },
    { "00000000000000000000000000000000", NULL },
    { "00112233445566778899AABBCCDDEEFF00", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      gids_put_hex (bench.card, GIDS_CARD_ID, cases[i].id);
      token = bench_read (&bench);
      g_assert_cmpstr (token->serial, ==, cases[i].serial);
    }
}

/* Which of five containers count, and in which order; E has an exchange key, S one for signatures. */
static void
test_containers (void)
{
  static const struct
  {
    guint8 flags[5];
    const char *kinds, *ids;
  } cases[] = {
    { { 1, 1, 1, 1, 1 }, "SESES", "ksc00 kxc01 ksc02 kxc03 ksc04" },
    { { 1, 1, 1, 1, 3 }, "SESES", "ksc04 ksc00 kxc01 ksc02 kxc03" },
    { { 1, 0, 3, 0, 1 }, "EEEEE", "kxc02 kxc00 kxc04" },
    { { 0, 2, 0, 0, 1 }, "EEEEE", "kxc04" },
    { { 1, 3, 3, 1, 1 }, "EEEEE", "kxc01 kxc00 kxc02 kxc03 kxc04" },
    { { 1, 1, 0, 0, 0 }, "E-EEE", "kxc00" },
    { { 0, 0, 0, 0, 0 }, "EEEEE", "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GidsContainer containers[5];
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      for (gsize j = 0; j < G_N_ELEMENTS (containers); j++)
        containers[j] = (GidsContainer){ cases[i].flags[j], cases[i].kinds[j] == 'E',
                                         cases[i].kinds[j] == '-' ? NULL : "P-256", "Zhang San", FALSE };
      bench_init_family (&bench, &gids_driver);
      gids_put_containers (bench.card, containers, G_N_ELEMENTS (containers));
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].ids, "");
    }
}

/* A container with two keys: the exchange key is the one to log in with. */
static void
test_two_keys (void)
{
  static const GidsContainer one[] = { { DEFAULT, FALSE, "P-256", "Zhang San", FALSE } };
  g_autoptr (GByteArray) table = gids_make_table (), der = testcert_make ("P-256", "张三");
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &gids_driver);
  gids_put_containers (bench.card, one, G_N_ELEMENTS (one));
  gids_append_entry (table, "mscp", "ksc00", GIDS_FIRST);
  gids_append_entry (table, "mscp", "kxc00", GIDS_FIRST + 1);
  gids_put (bench.card, GIDS_TABLE, table);
  gids_put (bench.card, GIDS_FIRST + 1, der);
  token = bench_read (&bench);
  bench_assert_ids (token, "kxc00 ksc00", "");
}

/* By its usages where they tell, by its kind otherwise. */
static void
test_roles (void)
{
  static const struct
  {
    const char *usage, *extended;
    CertificateRole signature, exchange;
  } cases[] = {
    { "digitalSignature", "clientAuth", CERTIFICATE_ROLE_AUTHENTICATION, CERTIFICATE_ROLE_AUTHENTICATION },
    { "keyEncipherment", NULL, CERTIFICATE_ROLE_ENCRYPTION, CERTIFICATE_ROLE_ENCRYPTION },
    { "digitalSignature,nonRepudiation", NULL, CERTIFICATE_ROLE_SIGNATURE, CERTIFICATE_ROLE_SIGNATURE },
    { NULL, NULL, CERTIFICATE_ROLE_SIGNATURE, CERTIFICATE_ROLE_OTHER },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int exchange = 0; exchange <= 1; exchange++)
      {
        GidsContainer one = { DEFAULT, exchange, "P-256", "Zhang San", FALSE };
        g_autoptr (X509) x509 = testcert_new ("P-256");
        g_autoptr (GByteArray) der = NULL;
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        if (cases[i].usage != NULL)
          testcert_add_extension (x509, NID_key_usage, cases[i].usage);
        if (cases[i].extended != NULL)
          testcert_add_extension (x509, NID_ext_key_usage, cases[i].extended);
        der = testcert_finish (x509);
        bench_init_family (&bench, &gids_driver);
        gids_put_containers (bench.card, &one, 1);
        gids_put (bench.card, GIDS_FIRST, der);
        token = bench_read (&bench);
        g_assert_cmpint (token_get_primary (token)->role, ==, exchange ? cases[i].exchange : cases[i].signature);
      }
}

/* What another program verified stays verified. */
static void
test_verified_by_others (void)
{
  static const guint8 select[] = { 0, 0xA4, 4, 0, 9, 0xA0, 0, 0, 3, 0x97, 0x42, 0x54, 0x46, 0x59 };
  static const guint8 verify[] = { 0, 0x20, 0, 0x80, 6, '1', '2', '3', '4', '5', '6' };
  static const guint8 change[] = { 0, 0x24, 1, 0x80, 6, '6', '5', '4', '3', '2', '1' };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  bench_ask (&bench, select, sizeof select);
  g_assert_cmphex (bench_ask (&bench, verify, sizeof verify), ==, 0x9000);
  vcard_reset_counters (bench.card);
  token = bench_read (&bench);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
  g_assert_cmphex (bench_ask (&bench, change, sizeof change), ==, 0x9000);
}

/* Gates */

static void
test_gate (void)
{
  static const struct
  {
    const char *key;
    gsize n;
    guint n_short;
  } gates[] = { { "RSA-2048", 1, 8 }, { "RSA-2048", 3, 9 }, { "P-256", 1, 6 } };

  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    for (int extended = 0; extended <= 1; extended++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        bench_init_family (&bench, &gids_driver);
        vcard_set_extended (bench.card, extended);
        gids_put_large (bench.card, gates[i].key, gates[i].n);
        token = bench_read (&bench);
        g_assert_cmpuint (token->certificates->len, ==, gates[i].n);
        g_assert_cmpint (bench.tries_first, ==, 3);
        g_test_message ("%zu of %s %s: %u APDUs to the first report, %u in all", gates[i].n, gates[i].key,
                        extended ? "extended" : "short", bench.n_sent_first, bench.n_sent);
        g_assert_cmpuint (bench.n_sent_first, <=, extended ? 5 : gates[i].n_short);
      }
}

static void
test_exact_le (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  vcard_set_exact_le (bench.card, true);
  token = bench_read (&bench);
  bench_assert_ids (token, "kxc01 ksc00 kxc02", "");
}

/* Probing */

static void
test_probe (void)
{
  static const BenchProbe probes[] = {
    { "whole", "6112 4F0B A000000397425446590201 7303 4001C0 9000", PROBE_SURE, 1 },
    { "version-1", "610C 4F0A A0000003974254465901 9000", PROBE_SURE, 1 },
    { "fci", "6F0B 8409 A00000039742544659 9000", PROBE_SURE, 1 },
    { "another", "610B 4F09 A00000030800001000 9000", PROBE_MAYBE, 1 },
    { "short", "610A 4F08 A000000397425446 9000", PROBE_MAYBE, 1 },
    { "no-data", "9000", PROBE_MAYBE, 1 },
    { "rubbish", "FFFEFD9000", PROBE_MAYBE, 1 },
    { "not-found", "6A82", PROBE_NO, 1 },
    { "terminated", "6285", PROBE_NO, 1 },
    { "nothing", "", PROBE_NO, 1 },
  };

  bench_assert_probes (&gids_driver, probes, G_N_ELEMENTS (probes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gids/plain", test_plain);
  g_test_add_func ("/gids/empty", test_empty);
  g_test_add_func ("/gids/blank", test_blank);
  g_test_add_func ("/gids/pins", test_pins);
  g_test_add_func ("/gids/pin-state", test_pin_state);
  g_test_add_func ("/gids/serial", test_serial);
  g_test_add_func ("/gids/containers", test_containers);
  g_test_add_func ("/gids/two-keys", test_two_keys);
  g_test_add_func ("/gids/roles", test_roles);
  g_test_add_func ("/gids/verified-by-others", test_verified_by_others);
  g_test_add_func ("/gids/gate", test_gate);
  g_test_add_func ("/gids/exact-le", test_exact_le);
  g_test_add_func ("/gids/probe", test_probe);
  return g_test_run ();
}
