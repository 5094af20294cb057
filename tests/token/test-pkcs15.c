/* Reading good PKCS#15 cards; the others are in test-pkcs15-hostile.c. */
#include <string.h>

#include "hex.h"
#include "piv-bench.h"
#include "pkcs15-bench.h"
#include "testcert.h"

/* The first certificate, and then the tries of PIN and PUK; what is asked of a card that is of no family that we know.
 */
#define MAX_FIRST   10
#define MAX_TRIES   14
#define MAX_UNKNOWN 3

static void
init (Bench *bench, const char *key, const char *holders)
{
  bench_init_family (bench, &pkcs15_driver);
  pkcs15_bench_fill_certificates (bench->card, key, holders);
}

static const Certificate *
get_certificate (const Token *token, guint i)
{
  g_assert_cmpuint (token->certificates->len, >, i);
  return token->certificates->pdata[i];
}

/* Puts a directory of certificates with the path PATH for the first of them. */
static void
put_path (Bench *bench, const char *path)
{
  g_autoptr (GByteArray) value = pkcs15_bench_path (path);

  pkcs15_bench_put (bench->card, PKCS15_CDF, pkcs15_bench_certificate ("45", FALSE, value));
}

/* What is in the file PATH in the folder of the application, as the card gives it. */
static gsize
read_file (VCard *card, guint64 path, guint8 *data)
{
  const guint8 select[] = { 0, 0xA4, 8, 0x0C, 4, 0x50, 0x15, (guint8) (path >> 8), (guint8) path };
  static const guint8 read[] = { 0, 0xB0, 0, 0, 0, 0xFF, 0xFF };
  size_t n;

  vcard_set_extended (card, true);
  vcard_transmit (card, select, sizeof select, data, &n);
  vcard_transmit (card, read, sizeof read, data, &n);
  g_assert_cmpuint (n, >, 2);
  return n - 2;
}

/* Good tokens */

static void
test_plain (void)
{
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;
  const Pin *user;

  init (&bench, "P-256", "Zhang San|张三|Zhang San 2");
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

      init (&bench, "P-256", "Zhang San");
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

      init (&bench, "P-256", "Zhang San|张三");
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

  init (&bench, "P-256", "Test Authority|张三|Zhang San");
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

  init (&bench, "P-256", "Zhang San|张三|Zhang San 2");
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

      init (&bench, "P-256", "Zhang San|张三");
      pkcs15_bench_take (cdf, declared ? pkcs15_bench_private_certificate ("0A", one)
                                       : pkcs15_bench_certificate ("0A", FALSE, one));
      pkcs15_bench_take (cdf, pkcs15_bench_private_certificate ("0B", two)); /* and it is readable all the same */
      pkcs15_bench_put (bench.card, PKCS15_CDF, cdf);
      pkcs15_bench_put_hex (bench.card, G_GUINT64_CONSTANT (0x20) << 56 | (PKCS15_CERT + 1), "");
      token = bench_read (&bench);
      bench_assert_ids (token, "0b", declared ? "" : "0a");
    }
}

/* Several directories, and one whose objects lie in the object directory itself. */
static void
test_places (void)
{
  g_autoptr (GByteArray) one = pkcs15_bench_path ("3F0050154501"), two = pkcs15_bench_path ("3F0050154502");
  g_autoptr (GByteArray) entry = pkcs15_bench_certificate ("0B", FALSE, two);
  g_autoptr (GByteArray) here = g_byte_array_new ();
  GByteArray *odf = g_byte_array_new ();
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init (&bench, "P-256", "Zhang San|张三");
  put_path (&bench, "3F0050154501");
  hex_append_tlv (here, 0xA0, entry->data, entry->len);
  pkcs15_bench_take (odf, pkcs15_bench_place (4, "3F0050154404"));
  hex_append_tlv (odf, 0xA4, here->data, here->len);
  pkcs15_bench_take (odf, pkcs15_bench_place (4, "3F0050154404"));
  pkcs15_bench_put (bench.card, PKCS15_ODF, odf);
  token = bench_read (&bench);
  bench_assert_ids (token, "45 0b", "");
  g_assert_cmpuint (token->pins->len, ==, 0);
  g_assert_cmpstr (token->label, ==, "Example Card");
}

/* Paths: whole ones, those from the folder of the application on, and those that lead elsewhere. */
static void
test_paths (void)
{
  static const struct
  {
    const char *path;
    guint64 place;
    gboolean found;
  } cases[] = {
    { "3F0050154501", G_GUINT64_CONSTANT (0x3F0050154501), TRUE },
    { "4501", G_GUINT64_CONSTANT (0x3F0050154501), TRUE },
    { "50164501", G_GUINT64_CONSTANT (0x3F00501550164501), TRUE },
    { "3F0050164501", G_GUINT64_CONSTANT (0x3F0050164501), TRUE },
    { "3F0050174501", G_GUINT64_CONSTANT (0x3F0050174501), TRUE },
    { "3F004501", G_GUINT64_CONSTANT (0x3F004501), TRUE },
    { "3F00501545", G_GUINT64_CONSTANT (0x3F0050154501), FALSE },
    { "", G_GUINT64_CONSTANT (0x3F0050154501), FALSE },
    { "3F00501550155015501550155015501550154501", G_GUINT64_CONSTANT (0x3F0050154501), FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int by_steps = 0; by_steps <= 1; by_steps++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init (&bench, "P-256", "");
        vcard_delete_object (bench.card, NULL, PKCS15_CERT + 1);
        pkcs15_bench_put (bench.card, cases[i].place, testcert_make ("P-256", "张三"));
        put_path (&bench, cases[i].path);
        if (by_steps)
          pkcs15_bench_put_hex (bench.card, 0xA4, "");
        token = bench_read (&bench);
        bench_assert_ids (token, cases[i].found ? "45" : "", "");
        g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
        g_assert_cmpstr (token->serial, ==, "0123456789");
      }
}

/* A part of a file, also far behind, where READ BINARY has another form. */
static void
test_part_of_a_file (void)
{
  static const struct
  {
    guint offset;
    const char *path;
    gboolean found;
  } cases[] = {
    { 0, "04063F0050154501 020100 8002 0800", TRUE },    { 3, "04063F0050154501 020103", TRUE },
    { 300, "04063F0050154501 0202012C 80020800", TRUE }, { 300, "04063F0050154501 0202012C 800120", FALSE },
    { 32760, "04063F0050154501 02027FF8", TRUE },        { 0x9000, "04063F0050154501 0203009000", TRUE },
    { 0x9000, "04063F0050154501 02029000", FALSE }, /* negative */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    for (int extended = 0; extended <= 1; extended++)
      {
        g_autoptr (GByteArray) der = testcert_make ("RSA-2048", "张三"), path = hex_to_bytes (cases[i].path);
        g_autoptr (GByteArray) value = g_byte_array_new ();
        GByteArray *file = g_byte_array_new ();
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init (&bench, "P-256", "Zhang San");
        vcard_set_extended (bench.card, extended);
        g_byte_array_set_size (file, cases[i].offset);
        if (file->len > 0)
          memset (file->data, 0x30, file->len);
        g_byte_array_append (file, der->data, der->len);
        pkcs15_bench_put (bench.card, PKCS15_CERT + 1, file);
        hex_append_tlv (value, 0x30, path->data, path->len);
        pkcs15_bench_put (bench.card, PKCS15_CDF, pkcs15_bench_certificate ("45", FALSE, value));
        token = bench_read (&bench);
        g_assert_cmpuint (token->certificates->len, ==, cases[i].found);
        g_assert_cmpuint (bench.n_sent, <=, 24);
      }
}

/* The size that a card tells of a file is a hint: whatever it is, the same comes of it. */
static void
test_sizes (void)
{
  static const char *const controls[] = {
    NULL,
    "",
    "6F00",
    "6F04 8002 0000",
    "6F04 8002 000A",
    "6F04 8002 FFFF",
    "6F03 8001 10",
    "6F04 8102 1000",
    "6F06 8004 FFFFFFFF",
    "6F07 8005 0100000000",
    "6F02 8000",
    "6204 8002 0200",
    "6F06 6204 8002 0200",
    "30050102",
  };
  static const gsize fillers[] = { 0, 1, 700 };
  static const guint8 kinds[] = { 0x00, 0xFF };

  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (fillers) * G_N_ELEMENTS (kinds) * 2; j++)
      {
        static const guint64 files[] = { PKCS15_ODF, PKCS15_CDF, PKCS15_AODF, PKCS15_INFO, PKCS15_CERT + 1 };
        gsize filler = fillers[j / 4];
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init (&bench, "RSA-2048", "Zhang San 1|Zhang San 2|Zhang San 3|Zhang San 4|Zhang San 5|Zhang San 6");
        for (gsize k = 0; k < G_N_ELEMENTS (files); k++)
          {
            g_autoptr (GByteArray) padded = g_byte_array_new ();
            g_autofree guint8 *behind = g_malloc (filler + 1);
            guint64 control = G_GUINT64_CONSTANT (0x6F) << 56 | files[k];
            g_autofree guint8 *data = g_malloc (VCARD_ANSWER_MAX);
            gsize n = read_file (bench.card, files[k], data);

            g_byte_array_append (padded, data, (guint) n);
            memset (behind, kinds[j / 2 % 2], filler);
            g_byte_array_append (padded, behind, (guint) filler);
            vcard_put_object (bench.card, NULL, files[k], padded->data, padded->len, FALSE);
            if (controls[i] != NULL)
              pkcs15_bench_put_hex (bench.card, control, controls[i]);
          }
        vcard_set_extended (bench.card, j % 2 != 0);
        vcard_reset (bench.card);
        token = bench_read (&bench);
        bench_assert_ids (token, "01 02 03 04 05 06", "");
        g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
        g_assert_cmpstr (token->serial, ==, "0123456789");
        g_assert_cmpuint (bench.n_sent, <=, 60);
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

      init (&bench, "P-256", "Zhang San");
      pkcs15_bench_put_hex (bench.card, PKCS15_INFO, cases[i].info);
      token = bench_read (&bench);
      g_assert_cmpstr (token->serial, ==, cases[i].serial);
      g_assert_cmpstr (token->label, ==, cases[i].label);
    }
}

/* PINs */

/* What one PIN object comes to, beside the PUK. */
static void
test_pin_objects (void)
{
  static const struct
  {
    Pkcs15PinObject pin;
    const char *ref; /* NULL: no PIN comes of it */
    PinCharset charset;
    int min, max;
    PinUnlock unlock;
  } cases[] = {
    { { "PIN", "01", "02", 0xCC00, 1, 4, 8, 8, 1, "00", NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
    { { "PIN", "01", NULL, 0xCC00, 1, 4, 8, 0, 1, "FF", NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
    { { "PIN", "01", "09", 0xCC00, 1, 4, 8, 0, 1, NULL, NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_UNKNOWN },
    { { "PIN", "01", "02", 0xDC00, 1, 4, 8, 0, 1, NULL, NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_NONE },
    { { "PIN", "01", "02", 0xC800, 2, 6, 0, 0, 1, NULL, NULL },
      "user",
      PIN_CHARSET_ANY,
      6,
      PIN_UNKNOWN,
      PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xC800, 2, 6, 8, 20, 1, NULL, NULL }, "user", PIN_CHARSET_ANY, 6, 20, PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 2, 6, 8, 20, 1, NULL, NULL }, "user", PIN_CHARSET_ANY, 6, 8, PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 0, 4, 8, 0, 1, "FF", NULL }, "user", PIN_CHARSET_DIGITS, 4, 16, PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 3, 4, 8, 0, 1, "FF", NULL }, "user", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 4, 0, 8, 0, 1, "FF", NULL }, "user", PIN_CHARSET_DIGITS, 4, 12, PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 1, 0, 0, 0, 1, NULL, NULL },
      "user",
      PIN_CHARSET_DIGITS,
      1,
      PIN_UNKNOWN,
      PIN_UNLOCK_PUK },
    { { "PIN", "01", "02", 0xCC00, 1, 9, 8, 8, 1, "00", NULL },
      "user",
      PIN_CHARSET_DIGITS,
      PIN_UNKNOWN,
      PIN_UNKNOWN,
      PIN_UNLOCK_PUK },
    { { "PIN", "01", NULL, 0xCD00, 1, 4, 8, 8, 3, "00", NULL }, "admin", PIN_CHARSET_DIGITS, 4, 8, PIN_UNLOCK_UNKNOWN },
    { { "PIN", "01", NULL, 0xCC00, 5, 4, 8, 8, 1, "00", NULL }, NULL, 0, 0, 0, 0 },
    { { "PIN", "01", NULL, 0xCC00, 1, 4, 999, 8, 1, "00", NULL }, NULL, 0, 0, 0, 0 },
    { { "PIN", "01", NULL, 0xCE00, 1, 4, 8, 8, 1, "00", NULL }, NULL, 0, 0, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      GByteArray *aodf = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;
      const Pin *pin;

      init (&bench, "P-256", "Zhang San");
      pkcs15_bench_take (aodf, pkcs15_bench_pin_object (&pkcs15_bench_puk));
      pkcs15_bench_take (aodf, pkcs15_bench_pin_object (&cases[i].pin));
      pkcs15_bench_put (bench.card, PKCS15_AODF, aodf);
      token = bench_read (&bench);
      g_assert_cmpuint (token->pins->len, ==, cases[i].ref != NULL);
      if (cases[i].ref == NULL)
        continue;
      pin = token->pins->pdata[0];
      g_assert_cmpstr (pin->ref, ==, cases[i].ref);
      g_assert_cmpint (pin->charset, ==, cases[i].charset);
      g_assert_cmpint (pin->min_length, ==, cases[i].min);
      g_assert_cmpint (pin->max_length, ==, cases[i].max);
      g_assert_cmpint (pin->unlock, ==, cases[i].unlock);
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
  GByteArray *aodf = g_byte_array_new ();
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init (&bench, "P-256", "Zhang San");
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    pkcs15_bench_take (aodf, pkcs15_bench_pin_object (&objects[i]));
  pkcs15_bench_put (bench.card, PKCS15_AODF, aodf);
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
    const char *answer; /* NULL: the card's own */
    guint left;
    guint flags;
    int tries;
  } cases[] = {
    { NULL, 3, PKCS15_PIN_FLAGS, 3 },
    { NULL, 0, PKCS15_PIN_FLAGS, 0 },
    { NULL, 15, PKCS15_PIN_FLAGS, 15 },
    { NULL, 0, 0xC400, PIN_UNKNOWN }, /* not set yet */
    { NULL, 2, 0xC400, 2 },
    { NULL, 3, 0xCC40, PIN_UNKNOWN }, /* only by secure messaging */
    { "6983", 3, PKCS15_PIN_FLAGS, 0 },
    { "9000", 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { "6700", 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { "6300", 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { "6D00", 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
    { "6A88", 3, PKCS15_PIN_FLAGS, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pkcs15PinObject object = pkcs15_bench_pin;
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init (&bench, "P-256", "Zhang San");
      object.flags = cases[i].flags;
      pkcs15_bench_put (bench.card, PKCS15_AODF, pkcs15_bench_pin_object (&object));
      vcard_set_pin (bench.card, NULL, "pin", "123456", cases[i].left, 15);
      if (cases[i].answer != NULL)
        {
          g_autoptr (GByteArray) answer = hex_to_bytes (cases[i].answer);

          vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0x20 }, answer->data, answer->len, VCARD_FOREVER);
        }
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

  init (&bench, "P-256", "Zhang San");
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

        init (&bench, gates[i].key, bench_long_holder);
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

  init (&bench, "RSA-2048", "Zhang San|张三");
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

/* A card that does not know its application by name. */
static void
test_directory_of_applications (void)
{
  static const struct
  {
    const char *dir;
    guint n_sent; /* by probing */
    Probe probe;
  } cases[] = {
    { "6118 4F0C A000000063504B43532D3135 5002 4341 5104 3F005015", 4, PROBE_SURE },
    { "6109 4F02 A000 51033F0050 6114 4F0C A000000063504B43532D3135 5104 3F005015", 4, PROBE_SURE },
    { "6108 4F06 D27600012401", MAX_UNKNOWN, PROBE_NO },
    { "610E 4F0C A000000063504B43532D3135", MAX_UNKNOWN, PROBE_NO },
    { "6112 4F0C A000000063504B43532D3135 5102 5015", MAX_UNKNOWN, PROBE_NO },
    { "6114 4F0C A000000063504B43532D3135 5104 3F005099", 4, PROBE_NO },
    { "61FF 4F", MAX_UNKNOWN, PROBE_NO },
    { "0000", MAX_UNKNOWN, PROBE_NO },
    { "", MAX_UNKNOWN, PROBE_NO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Channel) channel = channel_new (bench_transmit, &bench, NULL, 0, FALSE, FALSE);
      g_autoptr (Token) token = NULL;

      init (&bench, "P-256", "Zhang San|张三");
      pkcs15_bench_put_hex (bench.card, 0x84, "");
      pkcs15_bench_put_hex (bench.card, PKCS15_EF_DIR, cases[i].dir);
      bench.session.channel = channel;
      g_assert_cmpint (pkcs15_driver.probe (&bench.session), ==, cases[i].probe);
      g_assert_cmpuint (bench.n_sent, ==, cases[i].n_sent);
      token = bench_read (&bench);
      g_assert_cmpint (token != NULL, ==, cases[i].probe == PROBE_SURE);
      if (token != NULL)
        {
          bench_assert_ids (token, "01 02", "");
          g_assert_cmpstr (token->serial, ==, "0123456789");
        }
    }
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
  g_test_add_func ("/pkcs15/places", test_places);
  g_test_add_func ("/pkcs15/paths", test_paths);
  g_test_add_func ("/pkcs15/part-of-a-file", test_part_of_a_file);
  g_test_add_func ("/pkcs15/sizes", test_sizes);
  g_test_add_func ("/pkcs15/identity", test_identity);
  g_test_add_func ("/pkcs15/pin-objects", test_pin_objects);
  g_test_add_func ("/pkcs15/several-pins", test_several_pins);
  g_test_add_func ("/pkcs15/tries", test_tries);
  g_test_add_func ("/pkcs15/verified-by-others", test_verified_by_others);
  g_test_add_func ("/pkcs15/gate", test_gate);
  g_test_add_func ("/pkcs15/exact-le", test_exact_le);
  g_test_add_func ("/pkcs15/probe", test_probe);
  g_test_add_func ("/pkcs15/directory-of-applications", test_directory_of_applications);
  return g_test_run ();
}
