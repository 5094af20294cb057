/* PKCS#15 cards that lie, go round in circles, go on for ever or go away: whatever they do, the reading ends, no PIN
 * goes out, and one bad place hides nothing. */
#include <string.h>

#include "hex.h"
#include "piv-bench.h"
#include "pkcs15-bench.h"
#include "testcert.h"

#define MAX_APDUS    64
#define LARGEST_FILE (8 * 1024) /* that is read */

static void
init_three (Bench *bench)
{
  bench_init_family (bench, &pkcs15_driver);
  pkcs15_bench_fill_certificates (bench->card, "P-256", "Zhang San|张三|Zhang San 2");
}

/* Directories: what is in one file, and what comes of the three certificates, of the PIN, and of who it is. */
static const struct
{
  const char *name;
  guint64 file;
  const char *hex;
  const char *certificates, *unreadable;
  gboolean pin;
  const char *serial;
} files[] = {
  { "odf-empty", PKCS15_ODF, "", "", "", FALSE, "0123456789" },
  { "odf-zeroes", PKCS15_ODF, "0000000000", "", "", FALSE, "0123456789" },
  { "odf-ones", PKCS15_ODF, "FFFFFFFFFF", "", "", FALSE, "0123456789" },
  { "odf-length-ffffffff", PKCS15_ODF, "A484FFFFFFFF", "", "", FALSE, "0123456789" },
  { "odf-length-of-9", PKCS15_ODF, "A489FFFFFFFFFFFFFFFFFF", "", "", FALSE, "0123456789" },
  { "odf-length-indefinite", PKCS15_ODF, "A480 300804063F0050154404 0000", "", "", FALSE, "0123456789" },
  { "odf-half", PKCS15_ODF, "A40A300804063F005015", "", "", FALSE, "0123456789" },
  { "odf-without-path", PKCS15_ODF, "A4023000 A402A000 A400", "", "", FALSE, "0123456789" },
  { "odf-negative-offset", PKCS15_ODF, "A40D300B04063F0050154404 0201FF", "", "", FALSE, "0123456789" },
  { "odf-huge-offset", PKCS15_ODF, "A410300E04063F0050154404 02047FFFFFFF", "", "", FALSE, "0123456789" },
  { "odf-huge-count", PKCS15_ODF, "A413301104063F0050154404 020100 80047FFFFFFF", "01 02 03", "", FALSE, "0123456789" },
  { "odf-names-itself", PKCS15_ODF, "A40A300804063F0050155031", "", "", FALSE, "0123456789" },
  { "odf-names-a-folder", PKCS15_ODF, "A408300604043F005015", "", "cdf", FALSE, "0123456789" },
  { "odf-names-the-top", PKCS15_ODF, "A406300404023F00", "", "cdf", FALSE, "0123456789" },
  { "odf-names-nothing", PKCS15_ODF, "A40A300804063F0050154499", "", "", FALSE, "0123456789" },
  { "odf-garbage-behind", PKCS15_ODF, "A40A300804063F0050154404 DEADBEEF", "01 02 03", "", FALSE, "0123456789" },
  { "odf-all-the-same", PKCS15_ODF,
    "A40A300804063F0050154404 A00A300804063F0050154404 A80A300804063F0050154404 A40A300804063F0050154404", "01 02 03",
    "", FALSE, "0123456789" },
  { "cdf-zeroes", PKCS15_CDF, "000000", "", "", TRUE, "0123456789" },
  { "cdf-empty-objects", PKCS15_CDF, "3000 3000 3000", "", "", TRUE, "0123456789" },
  { "cdf-length-ffffffff", PKCS15_CDF, "3084FFFFFFFF3000", "", "", TRUE, "0123456789" },
  { "cdf-tag-of-many-bytes", PKCS15_CDF, "3F81818181", "", "", TRUE, "0123456789" },
  { "cdf-of-another-kind", PKCS15_CDF, "A0183000300304014DA10F300D300B04063F0050154501020100", "", "", TRUE,
    "0123456789" },
  { "cdf-without-value", PKCS15_CDF, "300B 3000 3003040145 A1023000", "", "", TRUE, "0123456789" },
  { "cdf-nested", PKCS15_CDF, "300C 300A 3008 3006 3004 3002 3000", "", "", TRUE, "0123456789" },
  { "cdf-direct-nothing", PKCS15_CDF, "300D 3000 3003040145 A1043002A000", "", "45", TRUE, "0123456789" },
  { "cdf-direct-rubbish", PKCS15_CDF, "3010 3000 3003040145 A1073005A003020105", "", "45", TRUE, "0123456789" },
  { "cdf-names-itself", PKCS15_CDF, "3015 3000 3003040145 A10C300A300804063F0050154404", "", "45", TRUE, "0123456789" },
  { "cdf-names-a-folder", PKCS15_CDF, "3013 3000 3003040145 A10A3008300604043F005015", "", "45", TRUE, "0123456789" },
  { "cdf-huge-offset", PKCS15_CDF, "301B 3000 3003040145 A1123010300E04063F005015450102047FFFFFFF", "", "", TRUE,
    "0123456789" },
  { "aodf-zeroes", PKCS15_AODF, "00000000", "01 02 03", "", FALSE, "0123456789" },
  { "aodf-empty-objects", PKCS15_AODF, "3000 3000", "01 02 03", "", FALSE, "0123456789" },
  { "aodf-length-ffffffff", PKCS15_AODF, "3084FFFFFFFF", "01 02 03", "", FALSE, "0123456789" },
  { "aodf-without-type", PKCS15_AODF, "300B 3000 3003040101 A1023000", "01 02 03", "", FALSE, "0123456789" },
  { "aodf-negative-lengths", PKCS15_AODF, "3019 3000 3003040101 A110300E030204F00A0101 0201FF 020108", "01 02 03", "",
    FALSE, "0123456789" },
  { "aodf-huge-lengths", PKCS15_AODF, "301C 3000 3003040101 A1133011030204F00A0101 020104 02047FFFFFFF", "01 02 03", "",
    FALSE, "0123456789" },
  { "info-zeroes", PKCS15_INFO, "00000000", "01 02 03", "", TRUE, NULL },
  { "info-half", PKCS15_INFO, "3050 020100 0405", "01 02 03", "", TRUE, NULL },
  { "info-serial-too-long", PKCS15_INFO,
    "3026 020100 0421 010101010101010101010101010101010101010101010101010101010101010101", "01 02 03", "", TRUE, NULL },
  { "certificate-empty", PKCS15_CERT + 1, "", "02 03", "", TRUE, "0123456789" },
  { "certificate-blank", PKCS15_CERT + 1, "FFFFFFFF", "02 03", "", TRUE, "0123456789" },
  { "certificate-of-nothing", PKCS15_CERT + 1, "3000", "02 03", "01", TRUE, "0123456789" },
  { "certificate-a-byte", PKCS15_CERT + 1, "30", "02 03", "01", TRUE, "0123456789" },
  { "certificate-pem", PKCS15_CERT + 1, "2D2D2D2D2D424547494E20", "02 03", "01", TRUE, "0123456789" },
  { "certificate-length-ffffffff", PKCS15_CERT + 1, "3084FFFFFFFF3000", "02 03", "01", TRUE, "0123456789" },
  { "keys-zeroes", PKCS15_PRKDF, "0000", "01 02 03", "", TRUE, "0123456789" },
  { "keys-length-ffffffff", PKCS15_PRKDF, "3084FFFFFFFF", "01 02 03", "", TRUE, "0123456789" },
};

static void
test_file (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);

  for (int extended = 0; extended <= 1; extended++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      vcard_set_extended (bench.card, extended);
      pkcs15_bench_put_hex (bench.card, files[i].file, files[i].hex);
      token = bench_read (&bench);
      bench_assert_ids (token, files[i].certificates, files[i].unreadable);
      g_assert_cmpuint (token->pins->len, ==, files[i].pin);
      g_assert_cmpstr (token->serial, ==, files[i].serial);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* A thousand of everything: as many are taken as there may be, and none is read twice. */

static GByteArray *
repeat (GByteArray *(*make) (guint i), guint n)
{
  GByteArray *all = g_byte_array_new ();

  for (guint i = 0; i < n; i++)
    pkcs15_bench_take (all, make (i));
  return all;
}

static GByteArray *
make_same_entry (guint i)
{
  g_autofree char *id = g_strdup_printf ("%04X", i);
  g_autoptr (GByteArray) value = pkcs15_bench_path ("3F0050154501");

  return pkcs15_bench_certificate (id, FALSE, value);
}

static GByteArray *
make_absent_entry (guint i)
{
  g_autofree char *id = g_strdup_printf ("%04X", i), *path = g_strdup_printf ("3F005015%04X", 0x6000 + i);
  g_autoptr (GByteArray) value = pkcs15_bench_path (path);

  return pkcs15_bench_certificate (id, FALSE, value);
}

static GByteArray *
make_shifted_entry (guint i)
{
  g_autofree char *id = g_strdup_printf ("%04X", i), *offset = g_strdup_printf ("0202%04X", i);
  g_autoptr (GByteArray) value = g_byte_array_new (), path = hex_to_bytes ("04063F0050154501");

  hex_append (path, offset);
  hex_append_tlv (value, 0x30, path->data, path->len);
  return pkcs15_bench_certificate (id, FALSE, value);
}

static GByteArray *
make_pin (guint i)
{
  Pkcs15PinObject object = pkcs15_bench_pin;
  g_autofree char *id = g_strdup_printf ("%04X", i);

  object.id = id;
  object.reference = i % 128;
  return pkcs15_bench_pin_object (&object);
}

static GByteArray *
make_place (guint i)
{
  g_autofree char *path = g_strdup_printf ("3F005015%04X", 0x6000 + i);

  return pkcs15_bench_place (4, path);
}

static void
test_thousands (void)
{
  static const struct
  {
    guint64 file;
    GByteArray *(*make) (guint i);
    guint max_apdus;
    guint certificates, unreadable;
  } cases[] = {
    { PKCS15_CDF, make_same_entry, MAX_APDUS, 1, 0 },
    { PKCS15_CDF, make_absent_entry, MAX_APDUS + 3 * TOKEN_MAX_CERTIFICATES, 0, 0 },
    { PKCS15_CDF, make_shifted_entry, MAX_APDUS + 3 * TOKEN_MAX_CERTIFICATES, 1, 63 },
    { PKCS15_AODF, make_pin, 2 * MAX_APDUS, 3, 0 },
    { PKCS15_ODF, make_place, MAX_APDUS, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      pkcs15_bench_put (bench.card, cases[i].file, repeat (cases[i].make, 1000));
      token = bench_read (&bench);
      g_assert_no_error (bench.error);
      g_test_message ("%u APDUs", bench.n_sent);
      g_assert_cmpuint (token->certificates->len, ==, cases[i].certificates);
      g_assert_cmpuint (token->unreadable != NULL ? g_strv_length (token->unreadable) : 0, <=, cases[i].unreadable);
      g_assert_cmpuint (token->pins->len, <=, TOKEN_MAX_PINS);
      g_assert_cmpuint (bench.n_sent, <=, cases[i].max_apdus);
    }
}

static void
test_large_files (void)
{
  static const guint64 places[] = { PKCS15_CERT + 1, PKCS15_CDF, PKCS15_ODF, PKCS15_AODF, PKCS15_INFO };
  static const guint8 starts[][4] = { { 0x30, 0x82, 0xFD, 0xE4 },
                                      { 0x30, 0x83, 0xFF, 0xFF },
                                      { 0x30, 0x02, 0x30, 0x00 } };
  g_autoptr (GByteArray) large = g_byte_array_new ();

  g_byte_array_set_size (large, 65000);
  for (gsize i = 0; i < G_N_ELEMENTS (places) * G_N_ELEMENTS (starts) * 2; i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      memset (large->data, 0x30, large->len);
      memcpy (large->data, starts[i / 2 % G_N_ELEMENTS (starts)], sizeof starts[0]);
      init_three (&bench);
      vcard_set_extended (bench.card, i % 2 != 0);
      vcard_put_object (bench.card, NULL, places[i / 2 / G_N_ELEMENTS (starts)], large->data, large->len, FALSE);
      token = bench_read (&bench);
      g_assert_no_error (bench.error);
      g_assert_nonnull (token);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS + LARGEST_FILE / 256);
    }
}

/* Every cut of a directory and of a certificate. */
static void
test_cuts (void)
{
  static const guint64 places[] = { PKCS15_ODF, PKCS15_CDF, PKCS15_AODF, PKCS15_PRKDF, PKCS15_INFO, PKCS15_CERT + 1 };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (guint n = 0; n < 400; n++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_limit_object (bench.card, NULL, places[i], n);
        token = bench_read (&bench);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (token->certificates->len, <=, 3);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        if (places[i] == PKCS15_CERT + 1)
          g_assert_cmpuint (token->certificates->len, >=, 2);
      }
}

/* Every bit of the directories turned over. */
static void
test_bits (void)
{
  static const guint64 places[] = { PKCS15_ODF, PKCS15_CDF, PKCS15_AODF };
  g_autofree guint8 *answer = g_malloc (VCARD_ANSWER_MAX);

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    {
      const guint8 select[] = { 0, 0xA4, 8, 0x0C, 4, 0x50, 0x15, (guint8) (places[i] >> 8), (guint8) places[i] };
      static const guint8 read[] = { 0, 0xB0, 0, 0, 0 };
      g_autofree guint8 *file = NULL;
      g_auto (Bench) bench;
      size_t n;

      init_three (&bench);
      vcard_transmit (bench.card, select, sizeof select, answer, &n);
      vcard_transmit (bench.card, read, sizeof read, answer, &n);
      n -= 2;
      g_assert_cmpuint (n, >, 0);
      file = g_memdup2 (answer, n);
      for (gsize bit = 0; bit < 8 * n; bit++)
        {
          g_autoptr (Token) token = NULL;

          file[bit / 8] ^= (guint8) (1u << bit % 8);
          vcard_put_object (bench.card, NULL, places[i], file, n, FALSE);
          file[bit / 8] ^= (guint8) (1u << bit % 8);
          vcard_reset (bench.card);
          token = bench_read (&bench);
          g_assert_no_error (bench.error);
          g_assert_cmpuint (token->certificates->len, <=, 3);
          g_assert_cmpuint (token->pins->len, <=, 2);
          g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        }
    }
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
  { "no-such-file", 0, "6A82" },
  { "no-such-function", 0, "6A86" },
  { "no-instruction", 0, "6D00" },
  { "wrong-length-67", 0, "6700" },
  { "beyond-the-end", 0, "6B00" },
  { "fewer-bytes", 0, "6282" },
  { "one-more-byte", 0, "30 9000" },
  { "one-warned-byte", 0, "30 6282" },
  { "zeroes", 200, "9000" },
  { "256-zeroes", 256, "9000" },
  { "an-object-for-ever", 0, "30 00 9000" },
  { "a-place-for-ever", 0, "A4 0A 30 08 04 06 3F00 5015 4404 9000" },
  { "size-of-4g", 0, "6F 06 80 04 FFFFFFFF 9000" },
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
    for (guint k = 0; k <= 24; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_set_extended (bench.card, extended);
        spoil (&bench, i, k, G_MAXUINT);
        token = bench_read (&bench);

        if (bench.error != NULL && !g_error_matches (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN))
          g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
        n_most = MAX (n_most, bench.n_sent);
      }
  g_test_message ("at most %u APDUs", n_most);
  g_assert_cmpuint (n_most, <=, 24 + CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS) + MAX_APDUS);
}

static void
test_one_answer (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    for (guint k = 0; k < 24; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        spoil (&bench, i, k, k + 1);
        token = bench_read (&bench);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS + 2 * CHANNEL_MAX_PARTS);
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
    for (int unnamed = 0; unnamed <= 1; unnamed++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) whole = NULL;
        guint n_whole;

        init_three (&bench);
        if (unnamed)
          {
            pkcs15_bench_put_hex (bench.card, 0x84, "");
            pkcs15_bench_put_hex (bench.card, PKCS15_EF_DIR, "6114 4F0C A000000063504B43532D3135 5104 3F005015");
          }
        whole = bench_read (&bench);
        n_whole = bench.n_sent;
        g_assert_nonnull (whole);

        bench.failure = losses[i];
        for (guint k = 0; k < n_whole; k++)
          {
            g_autoptr (Token) token = NULL;

            bench.spoil_from = k;
            bench.spoil_until = k + 1;
            vcard_reset (bench.card);
            token = bench_read (&bench);
            g_assert_null (token);
            g_assert_cmpuint (bench.n_sent, ==, k + 1);
            if (k > (unnamed ? 3 : 0))
              g_assert_error (bench.error, ASSISTANT_ERROR, (int) losses[i]);
          }
      }
}

/* Nothing is invented: what says 9000 to SELECT must have something of PKCS#15, or name it there. */
static void
test_evidence (void)
{
  static const guint8 yes[] = { 0x90, 0x00 };
  static const struct
  {
    int ins;
    gboolean named;
    gboolean known;
  } cases[] = {
    { VCARD_ANY, TRUE, FALSE },
    { 0xB0, TRUE, TRUE },
    { 0xB0, FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      if (!cases[i].named)
        pkcs15_bench_put_hex (bench.card, 0x6F, "");
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, cases[i].ins }, yes, sizeof yes, VCARD_FOREVER);
      token = bench_read (&bench);
      g_assert_cmpint (token != NULL, ==, cases[i].known);
      g_assert_cmpuint (bench.n_reports, ==, 0);
      if (!cases[i].known)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    bench_add_table ("/pkcs15-hostile/file/", files[i].name, i, test_file);
  g_test_add_func ("/pkcs15-hostile/thousands", test_thousands);
  g_test_add_func ("/pkcs15-hostile/large-files", test_large_files);
  g_test_add_func ("/pkcs15-hostile/cuts", test_cuts);
  g_test_add_func ("/pkcs15-hostile/bits", test_bits);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    bench_add_table ("/pkcs15-hostile/answer/", answers[i].name, i, test_answer);
  g_test_add_func ("/pkcs15-hostile/one-answer", test_one_answer);
  g_test_add_func ("/pkcs15-hostile/endless", test_endless);
  g_test_add_func ("/pkcs15-hostile/loss-anywhere", test_loss_anywhere);
  g_test_add_func ("/pkcs15-hostile/evidence", test_evidence);
  return g_test_run ();
}
