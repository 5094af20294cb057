/* PIV tokens that lie: packed certificates, containers. What any card can do besides is in hostile-bench. */
#include "hex.h"
#include "hostile-bench.h"
#include "testcert.h"

#define MAX_APDUS 64
#define OTHERS    "9c 9d 9e"

/* The cards */

static void
fill_four (Bench *bench)
{
  bench_put_four (bench, "P-256");
}

static void
fill_yubikey (Bench *bench)
{
  vcard_set_yubico (bench->card, true);
  bench_put_four (bench, "P-256");
}

static const HostileFamily family = {
  .driver = &piv_driver,
  .cards = { { "four", fill_four }, { "yubikey", fill_yubikey } },
  .ins = 0xCB,
  .n_spared = 3,
  .id = "9a",
  .others = OTHERS,
  .places = { TAG_9A, TAG_9C, TAG_CHUID, TAG_HISTORY },
};

/* What stands in the place of the first certificate, container and all; the others are good and must be there. */
static const HostileObject objects[] = {
  { "empty-answer", TAG_9A, "", OTHERS, "" },
  { "empty-container", TAG_9A, "5300", OTHERS, "" },
  { "length-ffffffff", TAG_9A, "5384FFFFFFFF7000", OTHERS, "9a" },
  { "length-indefinite", TAG_9A, "53807003AABBCC0000", OTHERS, "9a" },
  { "length-of-5-bytes", TAG_9A, "538500000000027000", OTHERS, "9a" },
  { "length-of-127-bytes", TAG_9A, "53FF00", OTHERS, "9a" },
  { "tag-ffffff", TAG_9A, "FFFFFFFFFFFF", OTHERS, "9a" },
  { "tag-5fffff", TAG_9A, "5FFFFFFF00", OTHERS, "9a" },
  { "zeroes", TAG_9A, "0000000000", OTHERS, "9a" },
  { "half-container", TAG_9A, "5382039B7082039200112233", OTHERS, "9a" },
  { "larger-than-announced", TAG_9A, "5302 7003AABBCC", OTHERS, "9a" },
  { "certificate-of-no-bytes", TAG_9A, "5307 7000 710100 FE00", OTHERS, "" },
  { "container-twice", TAG_9A, "530A 5307 7003AABBCC 710100", OTHERS, "9a" },
  { "no-certificate", TAG_9A, "5305 710100 FE00", OTHERS, "9a" },
  { "not-der", TAG_9A, "530A 7003AABBCC 710100 FE00", OTHERS, "9a" },
  { "pem", TAG_9A, "530D 700B2D2D2D2D2D424547494E20", OTHERS, "9a" },
  { "gzip-of-nothing", TAG_9A, "530F 700A1F8B0800000000000003 710101", OTHERS, "9a" },
};

/* What stands behind a certificate that is good, and whether it is read. */
static void
test_info (void)
{
  static const struct
  {
    const char *behind;
    gboolean packed, naked; /* naked: in no container */
    gboolean readable;
  } cases[] = {
    { "710101", FALSE, FALSE, FALSE }, /* said to be packed, and not so */
    { "", FALSE, FALSE, TRUE },           { "710100 710101", FALSE, FALSE, TRUE },
    { "7100", FALSE, FALSE, TRUE },       { "FE00 DEADBEEF", FALSE, FALSE, TRUE },
    { "710100 FE00", FALSE, TRUE, TRUE }, { "710101", TRUE, FALSE, TRUE },
    { "710100", TRUE, FALSE, TRUE },
  };
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) packed = testcert_pack (der->data, der->len, TESTCERT_GZIP);

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const GByteArray *certificate = cases[i].packed ? packed : der;
      g_autoptr (GByteArray) object = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      hex_append_tlv (object, 0x70, certificate->data, certificate->len);
      hex_append (object, cases[i].behind);
      bench_init (&bench);
      bench_put (&bench, TAG_9A, object, cases[i].naked);
      bench_put_certificate (&bench, TAG_9C, "P-256", "张三");
      token = bench_read (&bench);
      bench_assert_ids (token, cases[i].readable ? "9a 9c" : "9c", cases[i].readable ? "" : "9a");
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* Whatever CONTENT the container of 9a has, 9c must be there. */
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_bench_add_objects (&family, "object", objects, G_N_ELEMENTS (objects));
  g_test_add_func ("/piv-hostile/info", test_info);
  g_test_add_func ("/piv-hostile/large-objects", test_large_objects);
  g_test_add_func ("/piv-hostile/damaged-packed", test_damaged_packed);
  hostile_bench_add_tests (&family);
  return g_test_run ();
}
