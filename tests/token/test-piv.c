#include <string.h>

#include "hex.h"
#include "piv-bench.h"

static const guint8 select_piv[] = { 0, 0xA4, 4, 0, 9, 0xA0, 0, 0, 3, 8, 0, 0, 0x10, 0 };

static const Pin *
get_pin (const Token *token)
{
  g_assert_cmpuint (token->pins->len, ==, 1);
  return token->pins->pdata[0];
}

/* Good tokens */

static void
test_plain (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *pin;

  bench_init (&bench);
  bench_put_four (&bench, "P-256");
  token = bench_read (&bench);

  bench_assert_ids (token, "9a 9c 9d 9e", "");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_PIV);
  g_assert_cmpstr (token->serial, ==, GUID_TEXT);
  g_assert_null (token->label);
  g_assert_cmpuint (bench.n_reports, ==, 4);
  g_assert_cmpint (((Certificate *) token->certificates->pdata[1])->role, ==, CERTIFICATE_ROLE_SIGNATURE);
  g_assert_cmpint (((Certificate *) token->certificates->pdata[2])->role, ==, CERTIFICATE_ROLE_ENCRYPTION);

  pin = get_pin (token);
  g_assert_cmpstr (pin->ref, ==, "user");
  g_assert_null (pin->label);
  g_assert_cmpint (pin->tries_left, ==, 3);
  g_assert_cmpint (pin->tries_max, ==, PIN_UNKNOWN);
  g_assert_cmpint (pin->is_default, ==, PIN_UNKNOWN);
  g_assert_cmpint (pin->unlock_tries_left, ==, PIN_UNKNOWN);
  g_assert_cmpint (pin->charset, ==, PIN_CHARSET_DIGITS);
  g_assert_cmpint (pin->unlock, ==, PIN_UNLOCK_PUK);
  g_assert_false (pin->blocked);
}

static void
test_yubico (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  g_autoptr (Token) changed = NULL;
  g_autoptr (Token) old = NULL;
  const Pin *pin;

  bench_init (&bench);
  vcard_set_yubico (bench.card, true);
  bench_put_certificate (&bench, TAG_9A, "P-256", "Zhang San");
  bench_put_certificate (&bench, TAG_95, "P-256", "Zhang San");
  bench_put_hex (&bench, TAG_HISTORY, "C10100", FALSE);
  token = bench_read (&bench);

  bench_assert_ids (token, "9a 95", "");
  g_assert_cmpstr (token->label, ==, "YubiKey");
  g_assert_cmpstr (token->serial, ==, "12345678");
  pin = get_pin (token);
  g_assert_cmpint (pin->tries_left, ==, 3);
  g_assert_cmpint (pin->tries_max, ==, 3);
  g_assert_cmpint (pin->is_default, ==, TRUE);
  g_assert_cmpint (pin->unlock_tries_left, ==, 3);
  g_assert_cmpint (pin->charset, ==, PIN_CHARSET_ANY);

  vcard_set_pin (bench.card, "piv", "pin", "654321", 2, 5);
  vcard_set_pin (bench.card, "piv", "puk", "87654321", 0, 3);
  changed = bench_read (&bench);
  pin = get_pin (changed);
  g_assert_cmpint (pin->tries_left, ==, 2);
  g_assert_cmpint (pin->tries_max, ==, 5);
  g_assert_cmpint (pin->is_default, ==, FALSE);
  g_assert_cmpint (pin->unlock_tries_left, ==, 0);

  vcard_set_version (bench.card, 5, 2, 7);
  old = bench_read (&bench);
  pin = get_pin (old);
  g_assert_cmpint (pin->tries_left, ==, 2);
  g_assert_cmpint (pin->tries_max, ==, PIN_UNKNOWN);
  g_assert_cmpint (pin->is_default, ==, PIN_UNKNOWN);
}

static void
test_blocked (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init (&bench);
  vcard_set_pin (bench.card, "piv", "pin", "123456", 0, 3);
  token = bench_read (&bench);
  g_assert_cmpint (get_pin (token)->tries_left, ==, 0);
  g_assert_true (get_pin (token)->blocked);
}

/* What VERIFY without data may be answered. */
static void
test_tries (void)
{
  static const struct
  {
    guint8 status[2];
    int tries;
  } cases[] = {
    { { 0x63, 0xC0 }, 0 },           { { 0x63, 0xC1 }, 1 },           { { 0x63, 0xCF }, 15 },
    { { 0x69, 0x83 }, 0 },           { { 0x63, 0x00 }, PIN_UNKNOWN }, { { 0x63, 0x03 }, PIN_UNKNOWN },
    { { 0x90, 0x00 }, PIN_UNKNOWN }, { { 0x69, 0x82 }, PIN_UNKNOWN }, { { 0x67, 0x00 }, PIN_UNKNOWN },
    { { 0x6D, 0x00 }, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x20 }, cases[i].status, 2, VCARD_FOREVER);
      token = bench_read (&bench);
      g_assert_cmpint (get_pin (token)->tries_left, ==, cases[i].tries);
      g_assert_cmpint (get_pin (token)->blocked, ==, cases[i].tries == 0);
    }
}

/* Another program has verified the PIN: it stays so, and where the token tells them, the tries are known all the same.
 */
static void
test_verified_by_others (void)
{
  for (int yubico = 0; yubico <= 1; yubico++)
    {
      static const guint8 verify[] = { 0, 0x20, 0, 0x80, 8, '1', '2', '3', '4', '5', '6', 0xFF, 0xFF };
      static const guint8 ask[] = { 0, 0x20, 0, 0x80 };
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      vcard_set_yubico (bench.card, yubico);
      bench_put_certificate (&bench, TAG_9A, "P-256", "Zhang San");
      bench_ask (&bench, select_piv, sizeof select_piv);
      g_assert_cmphex (bench_ask (&bench, verify, sizeof verify), ==, 0x9000);
      vcard_reset_counters (bench.card);

      token = bench_read (&bench);
      bench_assert_ids (token, "9a", "");
      g_assert_cmpint (get_pin (token)->tries_left, ==, yubico ? 3 : PIN_UNKNOWN);
      g_assert_cmpint (bench.tries_first, ==, yubico ? 3 : PIN_UNKNOWN);
      g_assert_false (get_pin (token)->blocked);
      g_assert_cmphex (bench_ask (&bench, ask, sizeof ask), ==, 0x9000);
    }
}

static void
put_policy (Bench *bench, const char *policy)
{
  guint n = (guint) strlen (policy) / 2;
  g_autofree char *hex = g_strdup_printf ("7E %02X 5F2F %02X %s", 3 + n, n, policy);

  bench_put_hex (bench, 0x7E, hex, TRUE);
}

static void
test_policies (void)
{
  static const char *const policies[][2] = { { "4000", "user" },   { "6010", "user" }, { "6020", "user" },
                                             { "2020", "global" }, { "0000", "user" }, { "", "user" } };

  for (gsize i = 0; i < G_N_ELEMENTS (policies); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      gboolean global = strcmp (policies[i][1], "global") == 0;

      bench_init (&bench);
      vcard_set_pin (bench.card, "piv", "global", "123456", 5, 5);
      put_policy (&bench, policies[i][0]);
      token = bench_read (&bench);
      g_assert_cmpstr (get_pin (token)->ref, ==, policies[i][1]);
      g_assert_cmpint (get_pin (token)->tries_left, ==, global ? 5 : 3);
      g_assert_cmpint (get_pin (token)->unlock, ==, global ? PIN_UNLOCK_UNKNOWN : PIN_UNLOCK_PUK);
    }
}

/* Where the PIN is that of the whole card, nothing that is shown is the other one's. */
static void
test_global_pin (void)
{
  static const struct
  {
    guint own, left, max; /* max 0: there is none */
    int tries;
  } cases[] = { { 3, 2, 5, 2 }, { 0, 5, 5, 5 }, { 3, 0, 5, 0 }, { 3, 0, 0, PIN_UNKNOWN }, { 0, 0, 0, PIN_UNKNOWN } };

  for (int yubico = 0; yubico <= 1; yubico++)
    for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;
        const Pin *pin;

        bench_init (&bench);
        vcard_set_yubico (bench.card, yubico);
        vcard_set_pin (bench.card, "piv", "pin", "123456", cases[i].own, 3);
        vcard_set_pin (bench.card, "piv", "global", "123456", cases[i].left, cases[i].max);
        put_policy (&bench, "2000");
        token = bench_read (&bench);
        pin = get_pin (token);
        g_assert_cmpstr (pin->ref, ==, "global");
        g_assert_cmpint (pin->tries_left, ==, cases[i].tries);
        g_assert_cmpint (pin->blocked, ==, cases[i].tries == 0);
        g_assert_cmpint (pin->tries_max, ==, PIN_UNKNOWN);
        g_assert_cmpint (pin->is_default, ==, PIN_UNKNOWN);
        g_assert_cmpint (pin->unlock_tries_left, ==, PIN_UNKNOWN);
      }
}

static void
test_serials (void)
{
  static const struct
  {
    const char *chuid;
    gboolean yubico, old;
    const char *serial;
  } cases[] = {
    { CHUID_GUID, FALSE, FALSE, GUID_TEXT },
    { "3019"
      "D4E739DA739CED39CE739D836858210842108421C84210C3EB" CHUID_GUID "3E00FE00",
      FALSE, FALSE, GUID_TEXT },
    { "3410 00000000000000000000000000000000", FALSE, FALSE, NULL },
    { "340F 001122334455667788990011223344", FALSE, FALSE, NULL },
    { "3411 0011223344556677889900112233445566", FALSE, FALSE, NULL },
    { "", FALSE, FALSE, NULL },
    { "FFFF", FALSE, FALSE, NULL },
    { CHUID_GUID, TRUE, FALSE, "12345678" },
    { CHUID_GUID, TRUE, TRUE, GUID_TEXT },
    { NULL, TRUE, TRUE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      vcard_set_yubico (bench.card, cases[i].yubico);
      if (cases[i].old)
        vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0xF8 }, (const uint8_t[]){ 0x6D, 0x00 }, 2,
                            VCARD_FOREVER);
      if (cases[i].chuid != NULL)
        bench_put_hex (&bench, TAG_CHUID, cases[i].chuid, FALSE);
      token = bench_read (&bench);
      g_assert_cmpstr (token->serial, ==, cases[i].serial);
    }
}

static void
test_labels (void)
{
  static const char *const labels[][2] = {
    { "3BFC1300008131FE15 597562696B65794E454F7233 E1", "YubiKey NEO" },
    { "3BF81300008131FE15 597562696B657934 D4", "YubiKey 4" },
    { "3BFD1300008131FE15 8073C021C057597562694B6579 40", "YubiKey" },
    { "3B88 01 5955424943414C31 00", NULL },
    { "3B00", NULL },
    { "", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      g_autoptr (GByteArray) atr = hex_to_bytes (labels[i][0]);

      bench_init (&bench);
      vcard_set_yubico (bench.card, true);
      vcard_set_atr (bench.card, atr->data, atr->len);
      token = bench_read (&bench);
      g_assert_cmpstr (token->label, ==, labels[i][1]);
    }
}

/* Retired keys */

static void
test_retired (void)
{
  static const struct
  {
    const char *history;
    guint32 tags[3];
    const char *ids;
    guint n_asked; /* of the retired slots */
  } cases[] = {
    { NULL, { 0 }, "", 20 },
    { NULL, { TAG_83, TAG_95 }, "83 95", 20 },
    { "C10100", { 0 }, "", 1 },
    { "C10100", { TAG_83 }, "", 1 }, /* the price of asking one slot only */
    { "C10100", { TAG_82 }, "82", 20 },
    { "C10100", { TAG_82, TAG_95 }, "82 95", 20 },
    { "C10102", { TAG_82, TAG_83, TAG_95 }, "82 83", 2 },
    { "C10102", { TAG_83 }, "83", 20 },
    { "C101FF", { TAG_95 }, "95", 20 },
    { "C100", { TAG_95 }, "95", 20 },
    { "FFFF", { TAG_95 }, "95", 20 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      bench_put_hex (&bench, TAG_CHUID, CHUID_GUID, FALSE);
      if (cases[i].history != NULL)
        bench_put_hex (&bench, TAG_HISTORY, cases[i].history, FALSE);
      for (gsize j = 0; j < G_N_ELEMENTS (cases[i].tags) && cases[i].tags[j] != 0; j++)
        bench_put_certificate (&bench, cases[i].tags[j], "P-256", "Zhang San");
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].ids, "");
      g_assert_cmpuint (token->steps_done, ==, 5 + cases[i].n_asked);
    }
}

/* Gates */

static guint
count_chunks (Bench *bench, guint32 tag)
{
  const guint8 ask[] = { 0, 0xCB, 0x3F, 0xFF, 5, 0x5C, 3, (guint8) (tag >> 16), (guint8) (tag >> 8), (guint8) tag, 0 };
  static const guint8 more[] = { 0, 0xC0, 0, 0, 0 };
  guint16 status = bench_ask (bench, ask, sizeof ask);
  guint n_chunks = 1;

  for (; status >> 8 == 0x61; n_chunks++)
    status = bench_ask (bench, more, sizeof more);
  g_assert_cmphex (status, ==, 0x9000);
  return n_chunks;
}

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
        static const guint32 tags[] = { TAG_9A, TAG_9C, TAG_9D, TAG_9E };
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;
        guint floor = 2;

        bench_init (&bench);
        vcard_set_extended (bench.card, extended);
        bench_put_four (&bench, gates[i].key);
        token = bench_read (&bench);
        bench_assert_ids (token, "9a 9c 9d 9e", "");

        for (gsize j = 0; j < G_N_ELEMENTS (tags); j++)
          floor += extended ? 1 : count_chunks (&bench, tags[j]);
        g_test_message ("%s %s: %u APDUs to the first report, %u in all, floor %u", gates[i].key,
                        extended ? "extended" : "short", bench.n_sent_first, bench.n_sent, floor);
        g_assert_cmpuint (bench.n_sent_first, ==, extended ? 3 : gates[i].n_short);
        g_assert_cmpuint (bench.n_sent, <=, floor + 4);
      }
}

static void
test_exact_le (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init (&bench);
  vcard_set_exact_le (bench.card, true);
  bench_put_four (&bench, "P-256");
  token = bench_read (&bench);
  bench_assert_ids (token, "9a 9c 9d 9e", "");
}

/* Probing */

static void
test_probe (void)
{
  static const BenchProbe probes[] = {
    { "piv", "61114F0600001000010079074F05A0000003089000", PROBE_SURE, 1 },
    { "piv-of-nist", "61124F0BA0000003080000100001007903AABBCC9000", PROBE_SURE, 1 },
    { "authority-only", "6104 7902AABB 9000", PROBE_SURE, 1 },
    { "other-template", "6F028400 9000", PROBE_MAYBE, 1 },
    { "empty-template", "61009000", PROBE_MAYBE, 1 },
    { "no-data", "9000", PROBE_MAYBE, 1 },
    { "rubbish", "FFFEFD9000", PROBE_MAYBE, 1 },
    { "not-found", "6A82", PROBE_NO, 1 },
    { "failure", "6F00", PROBE_NO, 1 },
    { "a-byte", "90", PROBE_NO, 1 },
    { "nothing", "", PROBE_NO, 1 },
  };

  bench_assert_probes (&piv_driver, probes, G_N_ELEMENTS (probes));
}

/* Nothing is invented: what says 9000 to SELECT must have something of PIV, or name it there. */

/* A card that answers VERIFY with STATUS, and to SELECT its template or nothing. */
static void
init_doubtful (Bench *bench, gboolean template, guint16 status)
{
  const guint8 tries[] = { (guint8) (status >> 8), (guint8) status };

  bench_init (bench);
  bench_ask (bench, select_piv, sizeof select_piv);
  if (!template)
    vcard_fault_answer (bench->card, (VCardMatch){ VCARD_ANY, 0xA4 }, (const uint8_t[]){ 0x90, 0x00 }, 2,
                        VCARD_FOREVER);
  vcard_fault_answer (bench->card, (VCardMatch){ VCARD_ANY, 0x20 }, tries, 2, VCARD_FOREVER);
}

static void
test_evidence (void)
{
  static const struct
  {
    gboolean template;
    guint16 verify;
    gboolean certificate, rubbish, chuid;
    gboolean known;
  } cases[] = {
    { TRUE, 0x9000, FALSE, FALSE, FALSE, TRUE },   { TRUE, 0x6D00, FALSE, FALSE, FALSE, TRUE },
    { TRUE, 0x9000, FALSE, TRUE, FALSE, TRUE },    { FALSE, 0x63C3, FALSE, FALSE, FALSE, TRUE },
    { FALSE, 0x6983, FALSE, FALSE, FALSE, TRUE },  { FALSE, 0x9000, TRUE, FALSE, FALSE, TRUE },
    { FALSE, 0x9000, FALSE, FALSE, FALSE, FALSE }, { FALSE, 0x6D00, FALSE, FALSE, FALSE, FALSE },
    { FALSE, 0x9000, FALSE, TRUE, FALSE, FALSE },  { FALSE, 0x9000, FALSE, FALSE, TRUE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_doubtful (&bench, cases[i].template, cases[i].verify);
      if (cases[i].certificate)
        bench_put_certificate (&bench, TAG_9C, "P-256", "张三");
      if (cases[i].rubbish)
        bench_put_hex (&bench, TAG_9A, "7003AABBCC", FALSE);
      if (cases[i].chuid)
        bench_put_hex (&bench, TAG_CHUID, CHUID_GUID, FALSE);
      token = bench_read (&bench);
      g_assert_true ((token != NULL) == cases[i].known);
      if (!cases[i].known)
        {
          g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
          g_assert_cmpuint (bench.n_reports, ==, 0);
        }
    }
}

/* The token is pulled while it is asked for its name once more. */
static void
test_pulled_at_the_end (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) whole = NULL;
  g_autoptr (Token) token = NULL;

  init_doubtful (&bench, TRUE, 0x9000);
  whole = bench_read (&bench);
  g_assert_nonnull (whole);
  bench.spoil_from = bench.n_sent - 1;
  bench.failure = ERROR_TOKEN_REMOVED;
  token = bench_read (&bench);
  g_assert_null (token);
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/piv/plain", test_plain);
  g_test_add_func ("/piv/yubico", test_yubico);
  g_test_add_func ("/piv/blocked", test_blocked);
  g_test_add_func ("/piv/tries", test_tries);
  g_test_add_func ("/piv/verified-by-others", test_verified_by_others);
  g_test_add_func ("/piv/policies", test_policies);
  g_test_add_func ("/piv/global-pin", test_global_pin);
  g_test_add_func ("/piv/serials", test_serials);
  g_test_add_func ("/piv/labels", test_labels);
  g_test_add_func ("/piv/retired", test_retired);
  g_test_add_func ("/piv/gate", test_gate);
  g_test_add_func ("/piv/exact-le", test_exact_le);
  g_test_add_func ("/piv/probe", test_probe);
  g_test_add_func ("/piv/evidence", test_evidence);
  g_test_add_func ("/piv/pulled-at-the-end", test_pulled_at_the_end);
  return g_test_run ();
}
