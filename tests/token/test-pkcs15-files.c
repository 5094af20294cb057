/* How what is read of a PKCS#15 card is found on it: the folder of the application, directories, paths, a part of a
 * file, and how long a file is. */
#include <string.h>

#include "hex.h"
#include "pkcs15-bench.h"
#include "testcert.h"

/* What is asked of a card that is of no family that we know. */
#define MAX_UNKNOWN 3

/* Puts a directory of certificates with the path PATH for the first of them. */
static void
put_path (Bench *bench, const char *path)
{
  g_autoptr (GByteArray) value = pkcs15_bench_path (path);

  pkcs15_bench_put (bench->card, PKCS15_CDF, pkcs15_bench_certificate ("45", FALSE, value));
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

  pkcs15_bench_init (&bench, "P-256", "Zhang San|张三");
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

        pkcs15_bench_init (&bench, "P-256", "");
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

        pkcs15_bench_init (&bench, "P-256", "Zhang San");
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

/* Puts N bytes FILLER behind what is in the file PATH in the folder of the application, and has the card tell CONTROL
 * of it (NULL: what is so). */
static void
pad_file (VCard *card, guint64 path, gsize n, int filler, const char *control)
{
  const guint8 select[] = { 0, 0xA4, 8, 0x0C, 4, 0x50, 0x15, (guint8) (path >> 8), (guint8) path };
  static const guint8 read[] = { 0, 0xB0, 0, 0, 0, 0xFF, 0xFF };
  g_autofree guint8 *data = g_malloc (VCARD_ANSWER_MAX + n);
  size_t length;

  vcard_set_extended (card, true);
  vcard_transmit (card, select, sizeof select, data, &length);
  vcard_transmit (card, read, sizeof read, data, &length);
  g_assert_cmpuint (length, >, 2);
  length -= 2;
  memset (data + length, filler, n);
  g_assert_true (vcard_put_object (card, NULL, path, data, length + n, FALSE));
  if (control != NULL)
    pkcs15_bench_put_hex (card, G_GUINT64_CONSTANT (0x6F) << 56 | path, control);
}

/* What a card tells of a file. */
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

/* The size that it tells is a hint: whatever it is, the same comes of it. */
static void
test_sizes (void)
{
  static const guint64 files[] = { PKCS15_ODF, PKCS15_CDF, PKCS15_AODF, PKCS15_INFO, PKCS15_CERT + 1 };
  static const struct
  {
    gsize n;
    int filler;
  } behind[] = { { 0, 0 }, { 1, 0x00 }, { 1, 0xFF }, { 700, 0x00 }, { 700, 0xFF } };

  for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (behind); j++)
      for (int extended = 0; extended <= 1; extended++)
        {
          g_auto (Bench) bench;
          g_autoptr (Token) token = NULL;

          pkcs15_bench_init (&bench, "RSA-2048",
                             "Zhang San 1|Zhang San 2|Zhang San 3|Zhang San 4|Zhang San 5|Zhang San 6");
          for (gsize k = 0; k < G_N_ELEMENTS (files); k++)
            pad_file (bench.card, files[k], behind[j].n, behind[j].filler, controls[i]);
          vcard_set_extended (bench.card, extended);
          vcard_reset (bench.card);
          token = bench_read (&bench);
          bench_assert_ids (token, "01 02 03 04 05 06", "");
          g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
          g_assert_cmpstr (token->serial, ==, "0123456789");
          g_assert_cmpuint (bench.n_sent, <=, 60);
        }
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

      pkcs15_bench_init (&bench, "P-256", "Zhang San|张三");
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
  g_test_add_func ("/pkcs15-files/places", test_places);
  g_test_add_func ("/pkcs15-files/paths", test_paths);
  g_test_add_func ("/pkcs15-files/part-of-a-file", test_part_of_a_file);
  g_test_add_func ("/pkcs15-files/sizes", test_sizes);
  g_test_add_func ("/pkcs15-files/directory-of-applications", test_directory_of_applications);
  return g_test_run ();
}
