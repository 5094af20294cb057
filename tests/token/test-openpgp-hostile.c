/* OpenPGP cards that lie about themselves, or in their certificates. What any card can do besides is in hostile-bench.
 */
#include "hex.h"
#include "hostile-bench.h"
#include "testcert.h"

#define TAG_AUT 0x7F21
#define TAG_DEC 0x7F2101
#define TAG_SIG 0x7F2102
#define AID     "D276000124010304 0005 0000BEEF 0000"
#define ALL     "aut dec sig"

static void
put (Bench *bench, guint32 tag, const GByteArray *bytes)
{
  g_assert_true (vcard_put_object (bench->card, NULL, tag, bytes->data, bytes->len, FALSE));
}

static void
put_certificate (Bench *bench, guint32 tag, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", holder);

  put (bench, tag, der);
}

/* The cards */

static void
fill_three (Bench *bench)
{
  put_certificate (bench, TAG_AUT, "Zhang San");
  put_certificate (bench, TAG_DEC, "张三");
  put_certificate (bench, TAG_SIG, "Zhang San 2");
}

static void
fill_yubikey (Bench *bench)
{
  vcard_set_yubico (bench->card, true);
  fill_three (bench);
}

static void
fill_others (Bench *bench)
{
  fill_three (bench);
  vcard_delete_object (bench->card, NULL, TAG_AUT);
}

static const HostileFamily family = {
  .driver = &openpgp_driver,
  .cards = { { "three", fill_three }, { "yubikey", fill_yubikey }, { "others", fill_others } },
  .ins = 0xCA,
  .id = "aut",
  .others = "dec sig",
  .places = { TAG_AUT, TAG_DEC, TAG_SIG },
};

/* The template 6E, with a good AID and PW status besides. */
static const HostileObject templates[] = {
  { "empty", 0x6E, "", ALL, "" },
  { "only-itself", 0x6E, "6E00", ALL, "" },
  { "twice-itself", 0x6E, "6E02 6E00", ALL, "" },
  { "length-ffffffff", 0x6E, "6E84FFFFFFFF 4F00", ALL, "" },
  { "length-indefinite", 0x6E, "6E80 4F10" AID "0000", ALL, "" },
  { "tag-ffffff", 0x6E, "FFFFFFFFFF", ALL, "" },
  { "zeroes", 0x6E, "0000000000", ALL, "" },
  { "half-aid", 0x6E, "4F10 D27600012401", ALL, "" },
  { "short-aid", 0x6E, "4F06 D27600012401", ALL, "" },
  { "aid-of-another", 0x6E, "4F10 A0000003080000100001000000000000", ALL, "" },
  { "aid-twice", 0x6E, "4F10" AID "4F10 D276000124010304 0005 11111111 0000", ALL, "", "00050000BEEF" },
  { "status-outside", 0x6E, "4F10" AID "C407 00202020020002", ALL, "", "00050000BEEF", 2 },
  { "status-inside", 0x6E, "4F10" AID "7309 C407 00202020020002", ALL, "", "00050000BEEF", 2 },
  { "status-short", 0x6E, "4F10" AID "7308 C406 002020200200", ALL, "", "00050000BEEF" },
  { "status-cut", 0x6E, "4F10" AID "7305 C407 002020", ALL, "", "00050000BEEF" },
  { "status-of-all-ones", 0x6E, "4F10" AID "7309 C407 FFFFFFFFFFFFFF", ALL, "", "00050000BEEF", 255 },
  { "garbage-behind", 0x6E, "4F10" AID "7309 C407 00202020020002 DEADBEEF", ALL, "", "00050000BEEF", 2 },
  { "65000-bytes", 0x6E, "", ALL, "", .large = TRUE },
  { "65000-bytes-of-holder", 0x65, "", ALL, "", .large = TRUE },
};

/* The first certificate is spoilt, the others are good and must be there. */
static const HostileObject certificates[] = {
  { "zeroes", TAG_AUT, "0000000000", "dec sig", "aut" },
  { "a-byte", TAG_AUT, "30", "dec sig", "aut" },
  { "sequence-of-nothing", TAG_AUT, "3000", "dec sig", "aut" },
  { "length-ffffffff", TAG_AUT, "3084FFFFFFFF", "dec sig", "aut" },
  { "pem", TAG_AUT, "2D2D2D2D2D424547494E20", "dec sig", "aut" },
  { "card-verifiable", TAG_AUT, "7F4E 03 5F2901 00", "dec sig", "aut" },
  { "wrapper-of-nothing", TAG_AUT, "7F2100", "dec sig", "" },
  { "wrapper-of-rubbish", TAG_AUT, "7F2103AABBCC", "dec sig", "aut" },
  { "wrapper-too-long", TAG_AUT, "7F2184FFFFFFFF3000", "dec sig", "aut" },
  { "65000-bytes", TAG_AUT, "", "dec sig", "aut", .large = TRUE },
};

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_bench_add_objects (&family, "template", templates, G_N_ELEMENTS (templates));
  hostile_bench_add_objects (&family, "certificate", certificates, G_N_ELEMENTS (certificates));
  g_test_add_func ("/openpgp-hostile/wrapped-certificate", test_wrapped_certificate);
  hostile_bench_add_tests (&family);
  return g_test_run ();
}
