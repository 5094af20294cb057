#include <string.h>

#include "hex.h"
#include "piv-bench.h"
#include "testcert.h"

#define MAX_APDUS 64

/* Hostile objects: 9a is spoilt, 9c is good and must be there. */

typedef enum
{
  SPOIL_CONTENT, /* HEX in a container 53 */
  SPOIL_OBJECT,  /* HEX instead of it */
  SPOIL_AROUND,  /* a good certificate with HEX behind it, in a container */
  SPOIL_NAKED,   /* … in none */
  SPOIL_INFO,    /* a good certificate, with this info instead of its own */
  SPOIL_PACKED,  /* a good certificate, packed */
} Spoil;

static const struct
{
  const char *name;
  Spoil spoil;
  const char *hex;
  const char *certificates, *unreadable;
} objects[] = {
  { "empty-answer", SPOIL_OBJECT, "", "9c", "" },
  { "empty-container", SPOIL_OBJECT, "5300", "9c", "" },
  { "length-ffffffff", SPOIL_OBJECT, "5384FFFFFFFF7000", "9c", "9a" },
  { "length-indefinite", SPOIL_OBJECT, "53807003AABBCC0000", "9c", "9a" },
  { "length-of-5-bytes", SPOIL_OBJECT, "538500000000027000", "9c", "9a" },
  { "length-of-127-bytes", SPOIL_OBJECT, "53FF00", "9c", "9a" },
  { "tag-ffffff", SPOIL_OBJECT, "FFFFFFFFFFFF", "9c", "9a" },
  { "tag-5fffff", SPOIL_OBJECT, "5FFFFFFF00", "9c", "9a" },
  { "zeroes", SPOIL_OBJECT, "0000000000", "9c", "9a" },
  { "half-container", SPOIL_OBJECT, "5382039B7082039200112233", "9c", "9a" },
  { "larger-than-announced", SPOIL_OBJECT, "5302 7003AABBCC", "9c", "9a" },
  { "certificate-of-no-bytes", SPOIL_CONTENT, "7000 710100 FE00", "9c", "" },
  { "container-twice", SPOIL_CONTENT, "5307 7003AABBCC 710100", "9c", "9a" },
  { "no-certificate", SPOIL_CONTENT, "710100 FE00", "9c", "9a" },
  { "not-der", SPOIL_CONTENT, "7003AABBCC 710100 FE00", "9c", "9a" },
  { "pem", SPOIL_CONTENT, "700B2D2D2D2D2D424547494E20", "9c", "9a" },
  { "gzip-of-nothing", SPOIL_CONTENT, "700A1F8B0800000000000003 710101", "9c", "9a" },
  { "said-to-be-packed-and-not", SPOIL_INFO, "710101", "9c", "9a" },
  { "no-info", SPOIL_INFO, "", "9a 9c", "" },
  { "info-twice", SPOIL_INFO, "710100 710101", "9a 9c", "" },
  { "info-of-no-bytes", SPOIL_INFO, "7100", "9a 9c", "" },
  { "garbage-behind", SPOIL_AROUND, "FE00 DEADBEEF", "9a 9c", "" },
  { "no-container", SPOIL_NAKED, "710100 FE00", "9a 9c", "" },
  { "packed", SPOIL_PACKED, "710101", "9a 9c", "" },
  { "packed-and-not-said", SPOIL_PACKED, "710100", "9a 9c", "" },
};

static GByteArray *
make_spoilt (Spoil spoil, const char *hex)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) packed = testcert_pack (der->data, der->len, TESTCERT_GZIP);
  GByteArray *object = g_byte_array_new ();

  if (spoil == SPOIL_PACKED)
    hex_append_tlv (object, 0x70, packed->data, packed->len);
  else if (spoil != SPOIL_CONTENT && spoil != SPOIL_OBJECT)
    hex_append_tlv (object, 0x70, der->data, der->len);
  hex_append (object, hex);
  return object;
}

static void
test_object (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  gboolean raw = objects[i].spoil == SPOIL_OBJECT || objects[i].spoil == SPOIL_NAKED;
  g_autoptr (GByteArray) spoilt = make_spoilt (objects[i].spoil, objects[i].hex);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init (&bench);
  bench_put (&bench, TAG_9A, spoilt, raw);
  bench_put_certificate (&bench, TAG_9C, "P-256", "张三");
  token = bench_read (&bench);
  bench_assert_ids (token, objects[i].certificates, objects[i].unreadable);
  g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
}

/* The same with whatever CONTENT the container of 9a has. */
static void
assert_unreadable (const GByteArray *content)
{
  for (int extended = 0; extended <= 1; extended++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      vcard_set_extended (bench.card, extended);
      bench_put (&bench, TAG_9A, content, FALSE);
      bench_put_certificate (&bench, TAG_9C, "P-256", "张三");
      token = bench_read (&bench);
      bench_assert_ids (token, "9c", "9a");
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

static void
test_large_objects (void)
{
  g_autoptr (GByteArray) nested = g_byte_array_new ();
  g_autoptr (GByteArray) large = g_byte_array_new ();
  g_autofree guint8 *zeroes = g_malloc0 (60 * 1000 * 1000);
  g_autoptr (GByteArray) bomb = testcert_pack (zeroes, 60 * 1000 * 1000, TESTCERT_GZIP);
  g_autoptr (GByteArray) small_bomb = testcert_pack (zeroes, 60 * 1000, TESTCERT_GZIP);
  g_autoptr (GByteArray) bomb_content = bench_make_content (bomb, 1),
                         small_content = bench_make_content (small_bomb, 1);

  for (int i = 0; i < 1000; i++)
    {
      g_autoptr (GByteArray) inner = nested;

      nested = g_byte_array_new ();
      hex_append_tlv (nested, 0x70, inner->data, inner->len);
    }
  hex_append_tlv (large, 0x70, zeroes, 65000);

  assert_unreadable (nested);
  assert_unreadable (large);
  assert_unreadable (bomb_content);
  assert_unreadable (small_content);
}

/* A damaged packed certificate: cut anywhere, or with another check sum. */
static void
test_damaged_packed (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) packed = testcert_pack (der->data, der->len, TESTCERT_GZIP);
  g_autoptr (GByteArray) zlib = testcert_pack (der->data, der->len, TESTCERT_ZLIB);
  g_autoptr (GByteArray) zlib_content = bench_make_content (zlib, 1);

  assert_unreadable (zlib_content);
  for (guint i = 0; i < packed->len; i += 1 + (i > 16 && i + 16 < packed->len) * 37)
    {
      GByteArray cut = { packed->data, i + 1 };
      g_autoptr (GByteArray) content = bench_make_content (&cut, 1);

      if (i + 1 < packed->len)
        assert_unreadable (content);
    }
  packed->data[packed->len - 5] ^= 1;
  {
    g_autoptr (GByteArray) content = bench_make_content (packed, 1);

    assert_unreadable (content);
  }
}

/* Every cut of what the token answers for 9a. */
static void
test_cut_object (void)
{
  g_auto (Bench) bench;
  guint whole = 0;

  bench_init (&bench);
  bench_put_certificate (&bench, TAG_9A, "P-256", "Zhang San");
  bench_put_certificate (&bench, TAG_9C, "P-256", "张三");
  bench_put_hex (&bench, TAG_HISTORY, "C10100", FALSE);
  for (guint n = 0; whole == 0; n++)
    {
      g_autoptr (Token) token = NULL;

      vcard_limit_object (bench.card, "piv", TAG_9A, n);
      token = bench_read (&bench);
      if (token->certificates->len == 2)
        whole = n;
      else
        bench_assert_ids (token, "9c", n == 0 ? "" : "9a");
    }
  g_test_message ("whole at %u bytes", whole);
}

/* Hostile transports: from APDU k on the token says one thing for ever. */

static const struct
{
  const char *name;
  gsize n_data;
  const char *end;
} answers[] = {
  { "more-with-256-bytes", 256, "6100" },
  { "more-without-data", 0, "6100" },
  { "more-with-a-byte", 1, "61FF" },
  { "wrong-length", 0, "6C10" },
  { "wrong-length-00", 0, "6C00" },
  { "failure", 0, "6F00" },
  { "success-without-data", 0, "9000" },
  { "a-byte", 0, "90" },
  { "nothing", 0, "" },
  { "65535-bytes", 65533, "9000" },
  { "tries-15", 0, "63CF" },
  { "tries-0", 0, "63C0" },
  { "blocked", 0, "6983" },
  { "not-found", 0, "6A82" },
  { "wrong-data", 0, "6A80" },
  { "refused", 0, "6982" },
  { "no-instruction", 0, "6D00" },
  { "wrong-length-67", 0, "6700" },
  { "zeroes", 200, "9000" },
  { "rubbish", 0, "53 82 70 00 AA BB 9000" },
  { "four-bytes", 0, "DEADBEEF 9000" }, /* as long as a serial number */
  { "zero-status", 0, "0000" },
  { "ones", 0, "FFFF" },
};

static void
test_answer (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  guint n_most = 0;

  for (int extended = 0; extended <= 1; extended++)
    for (guint k = 0; k <= 24; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;
        g_autofree guint8 *zeroes = g_malloc0 (answers[i].n_data + 1);

        bench_init (&bench);
        vcard_set_yubico (bench.card, extended);
        bench_put_four (&bench, "P-256");
        bench.spoilt = g_byte_array_new ();
        g_byte_array_append (bench.spoilt, zeroes, (guint) answers[i].n_data);
        hex_append (bench.spoilt, answers[i].end);
        bench.spoil_from = k;
        token = bench_read (&bench);

        /* Saying the same to everything makes no PIV token of it. */
        g_assert_true (k == 0 ? token == NULL : token != NULL || bench.error != NULL);
        if (bench.error != NULL && !g_error_matches (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN))
          g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
        g_assert_cmpuint (bench.n_sent, <=, MAX (MAX_APDUS, k + CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS)));
        if (k <= 1)
          g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        n_most = MAX (n_most, bench.n_sent);
      }
  g_test_message ("at most %u APDUs", n_most);
}

/* One answer in the middle of an otherwise good reading. */
static void
test_one_answer (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    for (guint k = 0; k < 20; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;
        g_autofree guint8 *zeroes = g_malloc0 (answers[i].n_data + 1);

        bench_init (&bench);
        bench_put_four (&bench, "P-256");
        bench.spoilt = g_byte_array_new ();
        g_byte_array_append (bench.spoilt, zeroes, (guint) answers[i].n_data);
        hex_append (bench.spoilt, answers[i].end);
        bench.spoil_from = k;
        bench.spoil_until = k + 1;
        token = bench_read (&bench);

        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        if (k > 0)
          g_assert_cmpuint (token->certificates->len, >=, 3);
      }
}

/* The token's own endless answers, as the virtual token makes them. */
static void
test_endless (void)
{
  static const char *const kinds[] = { "61", "61-empty", "6c", "grow" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      bench_put_four (&bench, "P-256");
      g_assert_true (vcard_fault_endless (bench.card, kinds[i]));
      token = bench_read (&bench);
      g_assert_null (token);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* The token, the reader or the service goes away at every APDU; afterwards everything would be well again. */
static void
test_loss_anywhere (void)
{
  static const ErrorCode losses[] = { ERROR_TOKEN_REMOVED, ERROR_TOKEN_RESET,     ERROR_READER_GONE,
                                      ERROR_READER_BUSY,   ERROR_SERVICE_STOPPED, ERROR_TOKEN_SILENT };

  for (int yubico = 0; yubico <= 1; yubico++)
    for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) whole = NULL;
        guint n_whole;

        bench_init (&bench);
        vcard_set_yubico (bench.card, yubico);
        bench_put_four (&bench, "P-256");
        whole = bench_read (&bench);
        n_whole = bench.n_sent;
        g_assert_nonnull (whole);

        bench.failure = losses[i];
        for (guint k = 0; k < n_whole; k++)
          {
            g_autoptr (Token) token = NULL;

            bench.spoil_from = k;
            bench.spoil_until = k + 1;
            token = bench_read (&bench);
            g_assert_null (token);
            g_assert_cmpuint (bench.n_sent, ==, k + 1);
            if (k > 0)
              g_assert_error (bench.error, ASSISTANT_ERROR, (int) losses[i]);
          }
        g_test_message ("%s at each of %u APDUs", error_to_string (losses[i]), n_whole);
      }
}

/* The same with the virtual token's own fault. */
static void
test_pulled_anywhere (void)
{
  guint k = 0;

  for (gboolean whole = FALSE; !whole; k++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      bench_init (&bench);
      bench_put_four (&bench, "P-256");
      vcard_fault_drop (bench.card, (VCardMatch){ (int) k, VCARD_ANY });
      token = bench_read (&bench);
      whole = token != NULL;
      if (!whole && k > 0)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
      if (whole)
        g_assert_cmpuint (bench.n_sent, ==, k);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (objects); i++)
    bench_add_table ("/piv-hostile/object/", objects[i].name, i, test_object);
  g_test_add_func ("/piv-hostile/large-objects", test_large_objects);
  g_test_add_func ("/piv-hostile/damaged-packed", test_damaged_packed);
  g_test_add_func ("/piv-hostile/cut-object", test_cut_object);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    bench_add_table ("/piv-hostile/answer/", answers[i].name, i, test_answer);
  g_test_add_func ("/piv-hostile/one-answer", test_one_answer);
  g_test_add_func ("/piv-hostile/endless", test_endless);
  g_test_add_func ("/piv-hostile/loss-anywhere", test_loss_anywhere);
  g_test_add_func ("/piv-hostile/pulled-anywhere", test_pulled_anywhere);
  return g_test_run ();
}
