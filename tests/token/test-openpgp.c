/* Reading good OpenPGP cards; the others are in test-openpgp-hostile.c. */
#include "hex.h"
#include "piv-bench.h"
#include "testcert.h"

#define TAG_AUT 0x7F21
#define TAG_DEC 0x7F2101
#define TAG_SIG 0x7F2102

#define VERSION_2 "D276000124010201 FF00 00BC614E 0000"

static void
put_hex (Bench *bench, guint32 tag, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  g_assert_true (vcard_put_object (bench->card, NULL, tag, bytes->data, bytes->len, FALSE));
}

static void
put_certificate (Bench *bench, guint32 tag, const char *key, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make (key, holder);

  g_assert_true (vcard_put_object (bench->card, NULL, tag, der->data, der->len, FALSE));
}

static void
put_three (Bench *bench, const char *key)
{
  static const guint32 tags[] = { TAG_AUT, TAG_DEC, TAG_SIG };
  g_autoptr (GString) holder = g_string_new (bench_long_holder);

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    {
      g_string_append_c (holder, (char) ('A' + i));
      put_certificate (bench, tags[i], key, holder->str);
    }
  put_hex (bench, 0x5B, "5A68616E673C3C53616E"); /* Zhang<<San */
}

/* Good tokens */

static void
test_plain (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *user, *admin;

  bench_init_family (&bench, &openpgp_driver);
  put_three (&bench, "P-256");
  token = bench_read (&bench);

  bench_assert_ids (token, "aut dec sig", "");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_OPENPGP);
  g_assert_cmpstr (token->serial, ==, "FF0000BC614E");
  g_assert_null (token->label);
  g_assert_cmpuint (bench.n_reports, ==, 3);
  g_assert_cmpint (((Certificate *) token->certificates->pdata[1])->role, ==, CERTIFICATE_ROLE_ENCRYPTION);
  g_assert_cmpint (((Certificate *) token->certificates->pdata[2])->role, ==, CERTIFICATE_ROLE_SIGNATURE);

  g_assert_cmpuint (token->pins->len, ==, 2);
  user = token->pins->pdata[0];
  g_assert_cmpstr (user->ref, ==, "user");
  g_assert_cmpstr (user->label, ==, "User PIN");
  g_assert_cmpint (user->tries_left, ==, 3);
  g_assert_cmpint (user->tries_max, ==, PIN_UNKNOWN);
  g_assert_cmpint (user->min_length, ==, 6);
  g_assert_cmpint (user->max_length, ==, 127);
  g_assert_cmpint (user->charset, ==, PIN_CHARSET_ANY);
  g_assert_cmpint (user->unlock, ==, PIN_UNLOCK_ADMIN);
  g_assert_true (user->officer);
  g_assert_cmpint (user->unlock_tries_left, ==, 3);
  admin = token->pins->pdata[1];
  g_assert_cmpstr (admin->ref, ==, "admin");
  g_assert_cmpint (admin->tries_left, ==, 3);
  g_assert_cmpint (admin->min_length, ==, 8);
  g_assert_cmpint (admin->unlock, ==, PIN_UNLOCK_NONE);
}

static void
test_pins (void)
{
  static const struct
  {
    guint user, code, admin;
    PinUnlock unlock;
    int unlock_tries;
  } cases[] = {
    { 3, 0, 3, PIN_UNLOCK_ADMIN, 3 },
    { 2, 3, 1, PIN_UNLOCK_PUK, 3 },
    { 0, 1, 0, PIN_UNLOCK_PUK, 1 },
    { 0, 0, 0, PIN_UNLOCK_ADMIN, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *user, *admin;

      bench_init_family (&bench, &openpgp_driver);
      vcard_set_pin (bench.card, NULL, "pin", "123456", cases[i].user, 3);
      vcard_set_pin (bench.card, NULL, "puk", "87654321", cases[i].code, 3);
      vcard_set_pin (bench.card, NULL, "admin", "12345678", cases[i].admin, 3);
      token = bench_read (&bench);
      user = token_find_pin (token, "user");
      admin = token_find_pin (token, "admin");
      g_assert_cmpint (user->tries_left, ==, cases[i].user);
      g_assert_cmpint (user->blocked, ==, cases[i].user == 0);
      g_assert_cmpint (user->unlock, ==, cases[i].unlock);
      g_assert_cmpint (user->unlock_tries_left, ==, cases[i].unlock_tries);
      g_assert_cmpint (user->officer, ==, cases[i].unlock == PIN_UNLOCK_ADMIN);
      g_assert_cmpint (admin != NULL, ==, cases[i].admin > 0);
    }
}

/* What the PW status may be, in the template and by itself. */
static void
test_pw_status (void)
{
  static const struct
  {
    const char *status;
    int tries, max;
  } cases[] = {
    { "00 20 20 20 03 00 03", 3, 32 },
    { "00 A0 A0 A0 03 00 03", 3, 32 }, /* packed */
    { "00 05 20 20 FF 00 03", 255, PIN_UNKNOWN },
    { "00 00 00 00 00 00 00", 0, PIN_UNKNOWN },
    { "00 20 20 20 03 00 03 AA", 3, 32 },
    { "00 20 20 20 03 00", PIN_UNKNOWN, PIN_UNKNOWN },
    { "", PIN_UNKNOWN, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *user;

      bench_init_family (&bench, &openpgp_driver);
      put_hex (&bench, 0xC4, cases[i].status);
      token = bench_read (&bench);
      user = token_find_pin (token, "user");
      g_assert_cmpint (user->tries_left, ==, cases[i].tries);
      g_assert_cmpint (user->max_length, ==, cases[i].max);
      g_assert_cmpint (user->blocked, ==, cases[i].tries == 0);
      if (cases[i].tries == PIN_UNKNOWN)
        g_assert_cmpint (user->unlock, ==, PIN_UNLOCK_UNKNOWN);
    }
}

static void
test_identity (void)
{
  static const struct
  {
    const char *aid;
    const char *serial, *label;
  } cases[] = {
    { "D276000124010304 0006 12345678 0000", "12345678", "YubiKey" },
    { "D276000124010304 0006 00004711 0000", "4711", "YubiKey" },
    { "D276000124010304 0006 0000471A 0000", "00060000471A", "YubiKey" },
    { "D276000124010304 0005 0000BEEF 0000", "00050000BEEF", "ZeitControl" },
    { "D276000124010200 F517 12345678 0000", "F51712345678", "Gnuk" },
    { "D276000124010304 FFFF 00000000 0000", NULL, NULL },
    { "D276000124010304 0005", NULL, NULL },
    { "D276000124020304 0005 0000BEEF 0000", NULL, NULL },
    { "", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      g_autofree char *application = NULL;
      g_autoptr (GByteArray) aid = hex_to_bytes (cases[i].aid);

      bench_init_family (&bench, &openpgp_driver);
      application = g_strdup_printf ("4F %02X %s", aid->len, cases[i].aid);
      put_hex (&bench, 0x6E, application);
      put_hex (&bench, 0x4F, cases[i].aid);
      put_certificate (&bench, TAG_AUT, "P-256", "Zhang San");
      token = bench_read (&bench);
      g_assert_cmpstr (token->serial, ==, cases[i].serial);
      g_assert_cmpstr (token->label, ==, cases[i].label);
      g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3); /* from C4 itself */
    }
}

/* The holder's name, where no certificate has it. */
static void
test_name (void)
{
  static const struct
  {
    const char *name, *label;
  } cases[] = {
    { "5A68616E673C3C53616E", "San Zhang" },
    { "5A68616E672053616E", "Zhang San" },
    { "4D756C6C65723C4D65793C3C416E6E613C4C656E61", "Anna Lena Muller Mey" },
    { "413C3C3C3C42", "B A" },
    { "4DFC6C6C6572", "Müller" },
    { "4DC3BC6C6C6572", "Müller" },
    { "3C3C3C3C", NULL },
    { "", NULL },
    { "E280AE6162", "ab" }, /* right to left */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int yubico = 0; yubico <= 1; yubico++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        bench_init_family (&bench, &openpgp_driver);
        vcard_set_yubico (bench.card, yubico);
        put_hex (&bench, 0x5B, cases[i].name);
        token = bench_read (&bench);
        g_assert_cmpstr (token->label, ==, cases[i].label != NULL ? cases[i].label : yubico ? "YubiKey" : NULL);
      }
}

/* Which certificates are asked for, and that the token is left with the first one selected. */
static void
test_places (void)
{
  static const struct
  {
    const char *aid;
    guint32 tags[3];
    const char *ids;
    guint n_sent; /* SELECT, 6E, and 7F21 for the first; 65 where there is none */
  } cases[] = {
    { NULL, { 0 }, "", 3 + 4 + 1 + 1 },
    { NULL, { TAG_AUT }, "aut", 3 + 4 + 1 },
    { NULL, { TAG_AUT, TAG_DEC }, "aut dec", 3 + 4 + 1 },
    { NULL, { TAG_AUT, TAG_DEC, TAG_SIG }, "aut dec sig", 3 + 4 + 1 },
    { NULL, { TAG_AUT, TAG_SIG }, "aut sig", 3 + 4 + 1 },
    { NULL, { TAG_DEC }, "dec", 3 + 4 + 1 },
    { NULL, { TAG_SIG }, "sig", 3 + 4 + 1 },
    { VERSION_2, { 0 }, "", 3 + 1 },
    { VERSION_2, { TAG_AUT, TAG_DEC, TAG_SIG }, "aut", 3 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      static const guint8 ask[] = { 0, 0xCA, 0x7F, 0x21, 0, 0, 0 };
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      g_autofree guint8 *answer = g_malloc (VCARD_ANSWER_MAX);
      size_t n;

      bench_init_family (&bench, &openpgp_driver);
      vcard_set_extended (bench.card, true);
      if (cases[i].aid != NULL)
        put_hex (&bench, 0x4F, cases[i].aid);
      for (gsize j = 0; j < G_N_ELEMENTS (cases[i].tags) && cases[i].tags[j] != 0; j++)
        {
          g_autofree char *holder = g_strdup_printf ("Zhang San %zu", j);

          put_certificate (&bench, cases[i].tags[j], "P-256", holder);
        }
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].ids, "");
      g_assert_cmpuint (bench.n_sent, ==, cases[i].n_sent);

      vcard_transmit (bench.card, ask, sizeof ask, answer, &n);
      if (cases[i].tags[0] != TAG_AUT)
        g_assert_cmpuint (n, ==, 2);
      else
        {
          GBytes *der = token_get_primary (token)->der;

          g_assert_cmpmem (answer, n - 2, g_bytes_get_data (der, NULL), g_bytes_get_size (der));
        }
    }
}

/* A token that says yes to SELECT DATA and does not heed it has one certificate. */
static void
test_deaf (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &openpgp_driver);
  put_certificate (&bench, TAG_AUT, "P-256", "Zhang San");
  vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0xA5 }, (const uint8_t[]){ 0x90, 0x00 }, 2, VCARD_FOREVER);
  token = bench_read (&bench);
  bench_assert_ids (token, "aut", "");
}

/* Yubico's tokens, which understand SELECT DATA in two ways; and one that has no other place than the first. */
static void
test_yubico (void)
{
  static const struct
  {
    guint8 version[3];
    const char *ids;
    guint n_sent; /* SELECT, 6E, 7F21, then the others */
  } cases[] = {
    { { 5, 4, 3 }, "aut sig", 3 + 1 + 4 + 1 },
    { { 5, 4, 4 }, "aut sig", 3 + 4 + 1 },
    { { 5, 7, 1 }, "aut sig", 3 + 4 + 1 },
    { { 5, 1, 0 }, "aut", 3 + 2 },
  };
  static const guint8 bad_instruction[] = { 0x6D, 0x00 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const guint8 *version = cases[i].version;
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init_family (&bench, &openpgp_driver);
      vcard_set_yubico (bench.card, true);
      vcard_set_version (bench.card, version[0], version[1], version[2]);
      if (version[1] < 2)
        vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0xA5 }, bad_instruction, 2, VCARD_FOREVER);
      put_certificate (&bench, TAG_AUT, "P-256", "Zhang San");
      put_certificate (&bench, TAG_SIG, "P-256", "张三");
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].ids, "");
      g_assert_cmpuint (bench.n_sent, ==, cases[i].n_sent);
      g_assert_cmpuint (bench.n_sent_first, ==, 3);
    }
}

/* What another program verified stays verified. */
static void
test_verified_by_others (void)
{
  static const guint8 select[] = { 0, 0xA4, 4, 0, 6, 0xD2, 0x76, 0, 1, 0x24, 1 };
  static const guint8 verify[] = { 0, 0x20, 0, 0x82, 6, '1', '2', '3', '4', '5', '6' };
  static const guint8 ask[] = { 0, 0x20, 0, 0x82 };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &openpgp_driver);
  bench_ask (&bench, select, sizeof select);
  g_assert_cmphex (bench_ask (&bench, verify, sizeof verify), ==, 0x9000);
  vcard_reset_counters (bench.card);
  token = bench_read (&bench);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
  g_assert_cmphex (bench_ask (&bench, ask, sizeof ask), ==, 0x9000);
}

/* Gates */

static void
test_gate (void)
{
  static const struct
  {
    const char *key;
    guint n_short;
  } gates[] = { { "RSA-2048", 6 }, { "RSA-4096", 7 }, { "P-256", 4 } };

  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    for (int extended = 0; extended <= 1; extended++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        bench_init_family (&bench, &openpgp_driver);
        vcard_set_extended (bench.card, extended);
        put_three (&bench, gates[i].key);
        token = bench_read (&bench);
        bench_assert_ids (token, "aut dec sig", "");
        g_assert_cmpint (bench.tries_first, ==, 3);
        g_test_message ("%s %s: %u APDUs to the first report, %u in all", gates[i].key, extended ? "extended" : "short",
                        bench.n_sent_first, bench.n_sent);
        g_assert_cmpuint (bench.n_sent_first, <=, extended ? 3 : gates[i].n_short);
      }
}

static void
test_exact_le (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &openpgp_driver);
  vcard_set_exact_le (bench.card, true);
  put_three (&bench, "P-256");
  token = bench_read (&bench);
  bench_assert_ids (token, "aut dec sig", "");
}

/* Probing */

static void
test_probe (void)
{
  static const BenchProbe probes[] = {
    { "whole", "6F12 8410 D27600012401030400060471100000 00 9000", PROBE_SURE, 1 },
    { "short", "6F08 8406 D27600012401 9000", PROBE_SURE, 1 },
    { "another", "6F08 8406 D27600012402 9000", PROBE_MAYBE, 1 },
    { "no-data", "9000", PROBE_MAYBE, 1 },
    { "rubbish", "FFFEFD9000", PROBE_MAYBE, 1 },
    { "not-found", "6A82", PROBE_NO, 1 },
    { "terminated", "6285", PROBE_NO, 1 },
    { "nothing", "", PROBE_NO, 1 },
  };

  bench_assert_probes (&openpgp_driver, probes, G_N_ELEMENTS (probes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/openpgp/plain", test_plain);
  g_test_add_func ("/openpgp/pins", test_pins);
  g_test_add_func ("/openpgp/pw-status", test_pw_status);
  g_test_add_func ("/openpgp/identity", test_identity);
  g_test_add_func ("/openpgp/name", test_name);
  g_test_add_func ("/openpgp/places", test_places);
  g_test_add_func ("/openpgp/deaf", test_deaf);
  g_test_add_func ("/openpgp/yubico", test_yubico);
  g_test_add_func ("/openpgp/verified-by-others", test_verified_by_others);
  g_test_add_func ("/openpgp/gate", test_gate);
  g_test_add_func ("/openpgp/exact-le", test_exact_le);
  g_test_add_func ("/openpgp/probe", test_probe);
  return g_test_run ();
}
