/* Reading good PKCS#15 cards: certificates, what the card is called, its PINs, and in how many steps. How what is read
 * is found is in test-pkcs15-files.c, cards that lie are in test-pkcs15-hostile.c. */
#include "pkcs15-bench.h"
#include "testcert.h"

/* The first certificate, and then the tries of PIN and PUK. */
#define MAX_FIRST 10
#define MAX_TRIES 14

static const Certificate *
get_certificate (const Token *token, guint i)
{
  g_assert_cmpuint (token->certificates->len, >, i);
  return token->certificates->pdata[i];
}

/* Good tokens */

static void
test_plain (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *user;

  pkcs15_bench_init (&bench, "P-256", "Zhang San|张三|Zhang San 2");
  token = bench_read (&bench);
  bench_assert_ids (token, "01 02 03", "");
  g_assert_cmpint (token->family, ==, TOKEN_FAMILY_PKCS15);
  g_assert_cmpstr (token->serial, ==, "0123456789");
  g_assert_cmpstr (token->label, ==, "Example Card");
  g_assert_cmpuint (bench.n_reports, ==, 4); /* the first, PINs, two more */
  g_assert_cmpint (get_certificate (token, 0)->role, ==, CERTIFICATE_ROLE_AUTHENTICATION);
  g_assert_cmpint (get_certificate (token, 1)->role, ==, CERTIFICATE_ROLE_SIGNATURE);
  g_assert_cmpint (get_certificate (token, 2)->role, ==, CERTIFICATE_ROLE_ENCRYPTION);

  g_assert_cmpuint (token->pins->len, ==, 1);
  user = token->pins->pdata[0];
  g_assert_cmpstr (user->ref, ==, "user");
  g_assert_cmpstr (user->label, ==, "User PIN");
  g_assert_cmpint (user->tries_left, ==, 3);
  g_assert_cmpint (user->tries_max, ==, PIN_UNKNOWN);
  g_assert_cmpint (user->min_length, ==, 4);
  g_assert_cmpint (user->max_length, ==, 8);
  g_assert_cmpint (user->charset, ==, PIN_CHARSET_DIGITS);
  g_assert_false (user->pinpad);
  g_assert_cmpint (user->unlock, ==, PIN_UNLOCK_PUK);
  g_assert_cmpint (user->unlock_tries_left, ==, 3);
}

/* What a certificate says of itself is worth more than its key. */
static void
test_roles (void)
{
  static const struct
  {
    const char *usage; /* of the certificate, or NULL */
    guint key;
    CertificateRole role;
  } cases[] = {
    { NULL, 0x2000, CERTIFICATE_ROLE_AUTHENTICATION },
    { NULL, 0x2040, CERTIFICATE_ROLE_SIGNATURE },
    { NULL, 0x4400, CERTIFICATE_ROLE_ENCRYPTION },
    { NULL, 0x0080, CERTIFICATE_ROLE_ENCRYPTION },
    { NULL, 0x6600, CERTIFICATE_ROLE_AUTHENTICATION },
    { NULL, 0x0000, CERTIFICATE_ROLE_OTHER },
    { "keyEncipherment", 0x2040, CERTIFICATE_ROLE_ENCRYPTION },
    { "nonRepudiation", 0x4400, CERTIFICATE_ROLE_SIGNATURE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (X509) x509 = testcert_new ("P-256");
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      pkcs15_bench_init (&bench, "P-256", "Zhang San");
      if (cases[i].usage != NULL)
        testcert_add_extension (x509, NID_key_usage, cases[i].usage);
      pkcs15_bench_put (bench.card, PKCS15_CERT + 1, testcert_finish (x509));
      pkcs15_bench_put (bench.card, PKCS15_PRKDF, pkcs15_bench_key ("01", cases[i].key));
      token = bench_read (&bench);
      g_assert_cmpint (get_certificate (token, 0)->role, ==, cases[i].role);
    }
}

static void
test_ids (void)
{
  static const struct
  {
    const char *first, *second, *ids;
  } cases[] = {
    { "45", "46", "45 46" }, { "DEADBEEF", "00", "deadbeef 00" },
    { "45", "45", "45 #2" }, { NULL, NULL, "#1 #2" },
    { "", "01", "#1 01" },   { "00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF00", "01", "#1 01" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) one = pkcs15_bench_path ("3F0050154501"), two = pkcs15_bench_path ("3F0050154502");
      GByteArray *cdf = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      pkcs15_bench_init (&bench, "P-256", "Zhang San|张三");
      pkcs15_bench_take (cdf, pkcs15_bench_certificate (cases[i].first, FALSE, one));
      pkcs15_bench_take (cdf, pkcs15_bench_certificate (cases[i].second, FALSE, two));
      pkcs15_bench_put (bench.card, PKCS15_CDF, cdf);
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].ids, "");
    }
}

/* An authority's stands behind the person's own, in whatever order they lie there; those of the card's maker ([5]) are
 * not read. */
static void
test_authorities (void)
{
  g_autoptr (GByteArray) one = pkcs15_bench_path ("3F0050154501"), two = pkcs15_bench_path ("3F0050154502");
  GByteArray *cdf = g_byte_array_new (), *odf = g_byte_array_new ();
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  pkcs15_bench_init (&bench, "P-256", "Test Authority|张三|Zhang San");
  pkcs15_bench_take (odf, pkcs15_bench_place (5, "3F0050154499"));
  pkcs15_bench_take (odf, pkcs15_bench_place (6, "3F0050154499"));
  pkcs15_bench_take (odf, pkcs15_bench_place (4, "3F0050154404"));
  pkcs15_bench_put (bench.card, PKCS15_ODF, odf);
  pkcs15_bench_take (cdf, pkcs15_bench_certificate ("0A", TRUE, one));
  pkcs15_bench_take (cdf, pkcs15_bench_certificate ("0B", FALSE, two));
  pkcs15_bench_put (bench.card, PKCS15_CDF, cdf);
  token = bench_read (&bench);
  bench_assert_ids (token, "0b 0a", "");
  g_assert_cmpstr (token_get_primary (token)->holder, ==, "张三");
}

/* … also where its entry does not say what it is, and its key has no say in that. */
static void
test_hidden_authority (void)
{
  g_autoptr (X509) authority = testcert_new ("P-256");
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  pkcs15_bench_init (&bench, "P-256", "Zhang San|张三|Zhang San 2");
  testcert_add_extension (authority, NID_key_usage, "keyCertSign");
  pkcs15_bench_put (bench.card, PKCS15_CERT + 1, testcert_finish (authority));
  token = bench_read (&bench);
  bench_assert_ids (token, "02 03 01", "");
  g_assert_cmpint (get_certificate (token, 0)->role, ==, CERTIFICATE_ROLE_SIGNATURE);
  g_assert_cmpint (get_certificate (token, 1)->role, ==, CERTIFICATE_ROLE_ENCRYPTION);
}

/* What wants a PIN is not read. It is worth a word only where its entry does not say so. */
static void
test_private (void)
{
  for (int declared = 0; declared <= 1; declared++)
    {
      g_autoptr (GByteArray) one = pkcs15_bench_path ("3F0050154501"), two = pkcs15_bench_path ("3F0050154502");
      GByteArray *cdf = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      pkcs15_bench_init (&bench, "P-256", "Zhang San|张三");
      pkcs15_bench_take (cdf, declared ? pkcs15_bench_private_certificate ("0A", one)
                                       : pkcs15_bench_certificate ("0A", FALSE, one));
      pkcs15_bench_take (cdf, pkcs15_bench_private_certificate ("0B", two)); /* and it is readable all the same */
      pkcs15_bench_put (bench.card, PKCS15_CDF, cdf);
      pkcs15_bench_put_hex (bench.card, G_GUINT64_CONSTANT (0x20) << 56 | (PKCS15_CERT + 1), "");
      token = bench_read (&bench);
      bench_assert_ids (token, "0b", declared ? "" : "0a");
    }
}

static void
test_identity (void)
{
  static const struct
  {
    const char *info, *serial, *label;
  } cases[] = {
    { "3013 020100 0402 0102 0C04 4D616B65 8004 43617264", "0102", "Card" },
    { "300D 020100 0402 0102 0C04 4D616B65", "0102", "Make" },
    { "3010 020100 0402 0102 8007 20436172642020", "0102", "Card" },
    { "3005 020100 0400", NULL, NULL },
    { "3007 020100 0402 0000", NULL, NULL },
    { "300C 020100 0401 05 8004 E280AE61", "05", "a" }, /* right to left */
    { "3024 020100 041F 00000000000000000000000000000000000000000000000000000000000001",
      "00000000000000000000000000000000000000000000000000000000000001", NULL },
    { "3003 020100", NULL, NULL },
    { "", NULL, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      pkcs15_bench_init (&bench, "P-256", "Zhang San");
      pkcs15_bench_put_hex (bench.card, PKCS15_INFO, cases[i].info);
      token = bench_read (&bench);
      g_assert_cmpstr (token->serial, ==, cases[i].serial);
      g_assert_cmpstr (token->label, ==, cases[i].label);
    }
}

/* PINs */

#define UNKNOWN PIN_UNKNOWN

/* What one PIN object comes to, beside the PUK. */
static const struct
{
  Pkcs15PinObject pin;
  const char *ref; /* NULL: no PIN comes of it */
  PinCharset charset;
  int min, max;
  PinUnlock unlock;
} pin_objects[] = {
  { { "PIN", "01", "02", 0xCC00, 1, 4, 8, 8, 1, "00" }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
  { { "PIN", "01", NULL, 0xCC00, 1, 4, 8, 0, 1, "FF" }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
  { { "PIN", "01", "09", 0xCC00, 1, 4, 8, 0, 1, NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_UNKNOWN },
  { { "PIN", "01", "02", 0xDC00, 1, 4, 8, 0, 1, NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_NONE },
  { { "PIN", "01", "02", 0xC800, 2, 6, 0, 0, 1, NULL }, "user", PIN_CHARSET_ANY, 6, UNKNOWN, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xC800, 2, 6, 8, 20, 1, NULL }, "user", PIN_CHARSET_ANY, 6, 20, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 2, 6, 8, 20, 1, NULL }, "user", PIN_CHARSET_ANY, 6, 8, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 0, 4, 8, 0, 1, "FF" }, "user", PIN_CHARSET_DIGITS, 4, 16, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 3, 4, 8, 0, 1, "FF" }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 4, 0, 8, 0, 1, "FF" }, "user", PIN_CHARSET_DIGITS, 4, 12, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 1, 0, 0, 0, 1, NULL }, "user", PIN_CHARSET_DIGITS, 1, UNKNOWN, PIN_UNLOCK_PUK },
  { { "PIN", "01", "02", 0xCC00, 1, 9, 8, 8, 1, "00" }, "user", PIN_CHARSET_DIGITS, UNKNOWN, UNKNOWN, PIN_UNLOCK_PUK },
  { { "PIN", "01", NULL, 0xCD00, 1, 4, 8, 8, 3, "00" }, "admin", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_UNKNOWN },
  { { "PIN", "01", NULL, 0xCC00, 5, 4, 8, 8, 1, "00" }, NULL, 0, 0, 0, 0 },
  { { "PIN", "01", NULL, 0xCC00, 1, 4, 999, 8, 1, "00" }, NULL, 0, 0, 0, 0 },
  { { "PIN", "01", NULL, 0xCE00, 1, 4, 8, 8, 1, "00" }, NULL, 0, 0, 0, 0 },
};

static void
test_pin_objects (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pin_objects); i++)
    {
      const Pkcs15PinObject objects[] = { pkcs15_bench_puk, pin_objects[i].pin };
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *pin;

      pkcs15_bench_init (&bench, "P-256", "Zhang San");
      pkcs15_bench_put_pins (bench.card, objects, G_N_ELEMENTS (objects));
      token = bench_read (&bench);
      g_assert_cmpuint (token->pins->len, ==, pin_objects[i].ref != NULL);
      if (pin_objects[i].ref == NULL)
        continue;
      pin = token->pins->pdata[0];
      g_assert_cmpstr (pin->ref, ==, pin_objects[i].ref);
      g_assert_cmpint (pin->charset, ==, pin_objects[i].charset);
      g_assert_cmpint (pin->min_length, ==, pin_objects[i].min);
      g_assert_cmpint (pin->max_length, ==, pin_objects[i].max);
      g_assert_cmpint (pin->unlock, ==, pin_objects[i].unlock);
    }
}

/* Several: the person's own first, each with its name. */
static void
test_several_pins (void)
{
  static const Pkcs15PinObject objects[] = {
    { "SO PIN", "03", NULL, PKCS15_ADMIN_FLAGS, 1, 8, 8, 8, 3, "00", NULL },
    { "PUK", "02", NULL, PKCS15_PUK_FLAGS, 1, 8, 8, 8, 2, "00", NULL },
    { "PIN", "01", "02", PKCS15_PIN_FLAGS, 1, 4, 8, 8, 1, "00", NULL },
    { "Signature PIN", "04", "03", PKCS15_PIN_FLAGS, 1, 6, 8, 8, 4, "00", "3F005016" },
  };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  pkcs15_bench_init (&bench, "P-256", "Zhang San");
  pkcs15_bench_put_pins (bench.card, objects, G_N_ELEMENTS (objects));
  pkcs15_bench_put_hex (bench.card, G_GUINT64_CONSTANT (0x3F0050160001), "00");
  vcard_set_pin (bench.card, NULL, "pin2", "654321", 2, 3);
  vcard_set_pin (bench.card, NULL, "admin", "12345678", 1, 3);
  token = bench_read (&bench);
  g_assert_cmpuint (token->pins->len, ==, 3);
  g_assert_cmpstr (((Pin *) token->pins->pdata[0])->ref, ==, "user");
  g_assert_cmpstr (((Pin *) token->pins->pdata[1])->ref, ==, "user-2");
  g_assert_cmpstr (((Pin *) token->pins->pdata[1])->label, ==, "Signature PIN");
  g_assert_cmpint (((Pin *) token->pins->pdata[1])->tries_left, ==, 2);
  g_assert_cmpint (((Pin *) token->pins->pdata[1])->unlock, ==, PIN_UNLOCK_ADMIN);
  g_assert_cmpstr (((Pin *) token->pins->pdata[2])->ref, ==, "admin");
  g_assert_cmpint (((Pin *) token->pins->pdata[2])->tries_left, ==, 1);
  g_assert_cmpstr (token->serial, ==, "0123456789");
}

/* VERIFY without data, and what comes back. */
static void
test_tries (void)
{
  static const struct
  {
    guint16 answer; /* 0: the card's own */
    guint left;
    guint flags;
    int tries;
  } cases[] = {
    { 0, 3, PKCS15_PIN_FLAGS, 3 },
    { 0, 0, PKCS15_PIN_FLAGS, 0 },
    { 0, 15, PKCS15_PIN_FLAGS, 15 },
    { 0, 0, 0xC400, PIN_UNKNOWN }, /* not set yet */
    { 0, 2, 0xC400, 2 },
    { 0, 3, 0xCC40, PIN_UNKNOWN }, /* only by secure messaging */
    { 0x6983, 3, PKCS15_PIN_FLAGS, 0 },
    { 0x9000, 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { 0x6700, 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { 0x6300, 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { 0x6D00, 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { 0x6A88, 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const guint8 answer[] = { (guint8) (cases[i].answer >> 8), (guint8) cases[i].answer };
      Pkcs15PinObject object = pkcs15_bench_pin;
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      pkcs15_bench_init (&bench, "P-256", "Zhang San");
      object.flags = cases[i].flags;
      pkcs15_bench_put_pins (bench.card, &object, 1);
      vcard_set_pin (bench.card, NULL, "pin", "123456", cases[i].left, 15);
      if (cases[i].answer != 0)
        vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x20 }, answer, sizeof answer, VCARD_FOREVER);
      token = bench_read (&bench);
      g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, cases[i].tries);
      g_assert_cmpint (token_find_pin (token, "user")->blocked, ==, cases[i].tries == 0);
    }
}

/* What another program verified stays verified. */
static void
test_verified_by_others (void)
{
  static const guint8 select[] = { 0, 0xA4, 4, 0, 12, 0xA0, 0, 0, 0, 0x63, 'P', 'K', 'C', 'S', '-', '1', '5' };
  static const guint8 verify[] = { 0, 0x20, 0, 1, 8, '1', '2', '3', '4', '5', '6', 0, 0 };
  static const guint8 ask[] = { 0, 0x20, 0, 1 };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  pkcs15_bench_init (&bench, "P-256", "Zhang San");
  bench_ask (&bench, select, sizeof select);
  g_assert_cmphex (bench_ask (&bench, verify, sizeof verify), ==, 0x9000);
  vcard_reset_counters (bench.card);
  token = bench_read (&bench);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, PIN_UNKNOWN);
  g_assert_cmphex (bench_ask (&bench, ask, sizeof ask), ==, 0x9000);
}

/* Gates */

static void
test_gate (void)
{
  static const struct
  {
    const char *key;
    guint n_more; /* READ BINARY in short form beyond those of a usual certificate */
  } gates[] = { { "RSA-2048", 0 }, { "RSA-4096", 1 }, { "P-256", 0 } };

  for (gsize i = 0; i < G_N_ELEMENTS (gates); i++)
    for (int extended = 0; extended <= 1; extended++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        pkcs15_bench_init (&bench, gates[i].key, bench_long_holder);
        vcard_set_extended (bench.card, extended);
        token = bench_read (&bench);
        bench_assert_ids (token, "01", "");
        g_test_message ("%s %s, %zu bytes: %u APDUs to the certificate, %u to the tries, %u in all", gates[i].key,
                        extended ? "extended" : "short", g_bytes_get_size (token_get_primary (token)->der),
                        bench.n_sent_first, bench.n_sent_tries, bench.n_sent);
        g_assert_cmpuint (bench.n_sent_first, <=, extended ? 7 : MAX_FIRST + gates[i].n_more);
        g_assert_cmpuint (bench.n_sent_tries, <=, extended ? 11 : MAX_TRIES + gates[i].n_more);
      }
}

static void
test_exact_le (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  pkcs15_bench_init (&bench, "RSA-2048", "Zhang San|张三");
  vcard_set_exact_le (bench.card, true);
  token = bench_read (&bench);
  bench_assert_ids (token, "01 02", "");
}

/* Probing */

static void
test_probe (void)
{
  static const BenchProbe probes[] = {
    { "whole", "6F0E 840C A000000063504B43532D3135 9000", PROBE_SURE, 1 },
    { "longer", "6F12 8410 A000000063504B43532D313500000000 9000", PROBE_SURE, 1 },
    { "fcp", "620E 840C A000000063504B43532D3135 9000", PROBE_SURE, 1 },
    { "another", "6F07 8405 A000000063 9000", PROBE_MAYBE, 1 },
    { "no-data", "9000", PROBE_MAYBE, 1 },
    { "rubbish", "FFFEFD9000", PROBE_MAYBE, 1 },
    { "not-found", "6A82", PROBE_NO, 2 },
    { "no-instruction", "6D00", PROBE_NO, 2 },
    { "no-such-function", "6A86", PROBE_NO, 2 },
    { "nothing", "", PROBE_NO, 1 },
  };

  bench_assert_probes (&pkcs15_driver, probes, G_N_ELEMENTS (probes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pkcs15/plain", test_plain);
  g_test_add_func ("/pkcs15/roles", test_roles);
  g_test_add_func ("/pkcs15/ids", test_ids);
  g_test_add_func ("/pkcs15/authorities", test_authorities);
  g_test_add_func ("/pkcs15/hidden-authority", test_hidden_authority);
  g_test_add_func ("/pkcs15/private", test_private);
  g_test_add_func ("/pkcs15/identity", test_identity);
  g_test_add_func ("/pkcs15/pin-objects", test_pin_objects);
  g_test_add_func ("/pkcs15/several-pins", test_several_pins);
  g_test_add_func ("/pkcs15/tries", test_tries);
  g_test_add_func ("/pkcs15/verified-by-others", test_verified_by_others);
  g_test_add_func ("/pkcs15/gate", test_gate);
  g_test_add_func ("/pkcs15/exact-le", test_exact_le);
  g_test_add_func ("/pkcs15/probe", test_probe);
  return g_test_run ();
}
