/* OpenPGP cards that lie, go on for ever or go away: whatever they do, the reading ends, no PIN goes out, and one bad
 * place hides nothing. */
#include <string.h>

#include "hex.h"
#include "piv-bench.h"
#include "testcert.h"

#define TAG_AUT   0x7F21
#define TAG_DEC   0x7F2101
#define TAG_SIG   0x7F2102
#define MAX_APDUS 64
#define AID       "D276000124010304 0005 0000BEEF 0000"

static void
put (Bench *bench, guint32 tag, const GByteArray *bytes)
{
  g_assert_true (vcard_put_object (bench->card, NULL, tag, bytes->data, bytes->len, FALSE));
}

static void
put_hex (Bench *bench, guint32 tag, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  put (bench, tag, bytes);
}

static void
put_certificate (Bench *bench, guint32 tag, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", holder);

  put (bench, tag, der);
}

static void
init_three (Bench *bench)
{
  bench_init_family (bench, &openpgp_driver);
  put_certificate (bench, TAG_AUT, "Zhang San");
  put_certificate (bench, TAG_DEC, "张三");
  put_certificate (bench, TAG_SIG, "Zhang San 2");
}

/* The template 6E, with a good AID and PW status besides. */
static const struct
{
  const char *name, *hex;
  const char *serial;
  int tries;
} templates[] = {
  { "empty", "", "FF0000BC614E", 3 },
  { "only-itself", "6E00", "FF0000BC614E", 3 },
  { "twice-itself", "6E02 6E00", "FF0000BC614E", 3 },
  { "length-ffffffff", "6E84FFFFFFFF 4F00", "FF0000BC614E", 3 },
  { "length-indefinite", "6E80 4F10" AID "0000", "FF0000BC614E", 3 },
  { "tag-ffffff", "FFFFFFFFFF", "FF0000BC614E", 3 },
  { "zeroes", "0000000000", "FF0000BC614E", 3 },
  { "half-aid", "4F10 D27600012401", "FF0000BC614E", 3 },
  { "short-aid", "4F06 D27600012401", "FF0000BC614E", 3 },
  { "aid-of-another", "4F10 A0000003080000100001000000000000", "FF0000BC614E", 3 },
  { "aid-twice", "4F10" AID "4F10 D276000124010304 0005 11111111 0000", "00050000BEEF", 3 },
  { "status-outside", "4F10" AID "C407 00202020020002", "00050000BEEF", 2 },
  { "status-inside", "4F10" AID "7309 C407 00202020020002", "00050000BEEF", 2 },
  { "status-short", "4F10" AID "7308 C406 002020200200", "00050000BEEF", 3 },
  { "status-cut", "4F10" AID "7305 C407 002020", "00050000BEEF", 3 },
  { "status-of-all-ones", "4F10" AID "7309 C407 FFFFFFFFFFFFFF", "00050000BEEF", 255 },
  { "garbage-behind", "4F10" AID "7309 C407 00202020020002 DEADBEEF", "00050000BEEF", 2 },
};

static void
test_template (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  put_hex (&bench, 0x6E, templates[i].hex);
  token = bench_read (&bench);
  bench_assert_ids (token, "aut dec sig", "");
  g_assert_cmpstr (token->serial, ==, templates[i].serial);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, templates[i].tries);
  g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
}

/* Certificates: the first is spoilt, the others are good and must be there. */

static const struct
{
  const char *name, *hex;
  const char *certificates, *unreadable;
} certificates[] = {
  { "zeroes", "0000000000", "dec sig", "aut" },
  { "a-byte", "30", "dec sig", "aut" },
  { "sequence-of-nothing", "3000", "dec sig", "aut" },
  { "length-ffffffff", "3084FFFFFFFF", "dec sig", "aut" },
  { "pem", "2D2D2D2D2D424547494E20", "dec sig", "aut" },
  { "card-verifiable", "7F4E 03 5F2901 00", "dec sig", "aut" },
  { "wrapper-of-nothing", "7F2100", "dec sig", "" },
  { "wrapper-of-rubbish", "7F2103AABBCC", "dec sig", "aut" },
  { "wrapper-too-long", "7F2184FFFFFFFF3000", "dec sig", "aut" },
};

static void
test_certificate (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  put_hex (&bench, TAG_AUT, certificates[i].hex);
  token = bench_read (&bench);
  bench_assert_ids (token, certificates[i].certificates, certificates[i].unreadable);
  g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
}

static void
test_wrapped_certificate (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) wrapped = g_byte_array_new ();
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &openpgp_driver);
  hex_append_tlv (wrapped, 0x7F21, der->data, der->len);
  put (&bench, TAG_AUT, wrapped);
  token = bench_read (&bench);
  bench_assert_ids (token, "aut", "");
}

static void
test_large_objects (void)
{
  static const guint32 tags[] = { TAG_AUT, 0x6E, 0x65 };
  g_autoptr (GByteArray) large = g_byte_array_new ();

  g_byte_array_set_size (large, 65000);
  memset (large->data, 0x30, large->len);
  for (int extended = 0; extended <= 1; extended++)
    for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_set_extended (bench.card, extended);
        put (&bench, tags[i], large);
        token = bench_read (&bench);
        if (tags[i] == TAG_AUT)
          bench_assert_ids (token, "dec sig", "aut");
        else
          bench_assert_ids (token, "aut dec sig", "");
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
      }
}

/* Every cut of what the token answers for a certificate. */
static void
test_cut_certificate (void)
{
  g_auto (Bench) bench;
  guint whole = 0;

  init_three (&bench);
  for (guint n = 1; whole == 0; n++)
    {
      g_autoptr (Token) token = NULL;

      vcard_limit_object (bench.card, NULL, TAG_AUT, n);
      token = bench_read (&bench);
      if (token->certificates->len == 3)
        whole = n;
      else
        bench_assert_ids (token, "dec sig", "aut");
    }
  g_test_message ("whole at %u bytes", whole);
}

/* Hostile transports: from APDU k on the token says one thing, once or for ever. */

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
  { "refused", 0, "6982" },
  { "no-such-object", 0, "6A88" },
  { "no-instruction", 0, "6D00" },
  { "wrong-length-67", 0, "6700" },
  { "zeroes", 200, "9000" },
  { "seven-bytes", 7, "9000" }, /* as long as a PW status */
  { "rubbish", 0, "6E 82 70 00 AA BB 9000" },
  { "zero-status", 0, "0000" },
  { "ones", 0, "FFFF" },
};

static void
spoil (Bench *bench, gsize i, guint from, guint until)
{
  g_autofree guint8 *zeroes = g_malloc0 (answers[i].n_data + 1);

  bench->spoilt = g_byte_array_new ();
  g_byte_array_append (bench->spoilt, zeroes, (guint) answers[i].n_data);
  hex_append (bench->spoilt, answers[i].end);
  bench->spoil_from = from;
  bench->spoil_until = until;
}

static void
test_answer (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  guint n_most = 0;

  for (int extended = 0; extended <= 1; extended++)
    for (guint k = 0; k <= 16; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_set_yubico (bench.card, extended);
        spoil (&bench, i, k, G_MAXUINT);
        token = bench_read (&bench);

        /* Saying the same to everything makes no OpenPGP card of it. */
        g_assert_true (k == 0 ? token == NULL : token != NULL || bench.error != NULL);
        if (bench.error != NULL && !g_error_matches (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN))
          g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
        g_assert_cmpuint (bench.n_sent, <=, MAX (MAX_APDUS, k + CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS)));
        n_most = MAX (n_most, bench.n_sent);
      }
  g_test_message ("at most %u APDUs", n_most);
}

static void
test_one_answer (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    for (guint k = 0; k < 14; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        spoil (&bench, i, k, k + 1);
        token = bench_read (&bench);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        if (k > 0)
          g_assert_nonnull (token);
      }
}

static void
test_endless (void)
{
  static const char *const kinds[] = { "61", "61-empty", "6c", "grow" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
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

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    for (int empty = 0; empty <= 1; empty++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) whole = NULL;
        guint n_whole;

        init_three (&bench);
        if (empty)
          vcard_delete_object (bench.card, NULL, TAG_AUT);
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
      }
}

/* Nothing is invented: what says 9000 to SELECT must have something of OpenPGP, or name it there. */
static void
test_evidence (void)
{
  static const guint8 yes[] = { 0x90, 0x00 };

  for (int ins = 0; ins <= 1; ins++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, ins ? VCARD_ANY : 0xCA }, yes, sizeof yes,
                          VCARD_FOREVER);
      token = bench_read (&bench);
      g_assert_cmpint (token != NULL, ==, !ins);
      g_assert_cmpuint (bench.n_reports, ==, 0);
      if (ins)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (templates); i++)
    bench_add_table ("/openpgp-hostile/template/", templates[i].name, i, test_template);
  for (gsize i = 0; i < G_N_ELEMENTS (certificates); i++)
    bench_add_table ("/openpgp-hostile/certificate/", certificates[i].name, i, test_certificate);
  g_test_add_func ("/openpgp-hostile/wrapped-certificate", test_wrapped_certificate);
  g_test_add_func ("/openpgp-hostile/large-objects", test_large_objects);
  g_test_add_func ("/openpgp-hostile/cut-certificate", test_cut_certificate);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    bench_add_table ("/openpgp-hostile/answer/", answers[i].name, i, test_answer);
  g_test_add_func ("/openpgp-hostile/one-answer", test_one_answer);
  g_test_add_func ("/openpgp-hostile/endless", test_endless);
  g_test_add_func ("/openpgp-hostile/loss-anywhere", test_loss_anywhere);
  g_test_add_func ("/openpgp-hostile/evidence", test_evidence);
  return g_test_run ();
}
