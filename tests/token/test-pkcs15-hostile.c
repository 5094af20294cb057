/* PKCS#15 cards that lie in their directories and go round in circles. What any card can do besides is in
 * hostile-bench. */
#include "hex.h"
#include "hostile-bench.h"
#include "pkcs15-bench.h"

#define MAX_APDUS 64

/* The cards */

static void
fill_three (Bench *bench)
{
  pkcs15_bench_fill_certificates (bench->card, "P-256", "Zhang San|张三|Zhang San 2");
}

static void
fill_extended (Bench *bench)
{
  vcard_set_extended (bench->card, true);
  fill_three (bench);
}

/* It does not know its application by name. */
static void
fill_unnamed (Bench *bench)
{
  fill_three (bench);
  pkcs15_bench_put_hex (bench->card, 0x84, "");
  pkcs15_bench_put_hex (bench->card, PKCS15_EF_DIR, "6114 4F0C A000000063504B43532D3135 5104 3F005015");
}

static const HostileFamily family = {
  .driver = &pkcs15_driver,
  .cards = { { "three", fill_three }, { "extended", fill_extended }, { "unnamed", fill_unnamed } },
  .ins = 0xB0,
  .id = "01",
  .others = "02 03",
  .places = { PKCS15_CERT + 1, PKCS15_ODF, PKCS15_CDF, PKCS15_AODF, PKCS15_PRKDF, PKCS15_INFO },
};

/* Directories: what is in one file, and what comes of the three certificates, of the PIN, and of who it is. */
static const HostileObject files[] = {
  { "odf-empty", PKCS15_ODF, "", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-zeroes", PKCS15_ODF, "0000000000", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-ones", PKCS15_ODF, "FFFFFFFFFF", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-length-ffffffff", PKCS15_ODF, "A484FFFFFFFF", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-length-of-9", PKCS15_ODF, "A489FFFFFFFFFFFFFFFFFF", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-length-indefinite", PKCS15_ODF, "A480 300804063F0050154404 0000", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-half", PKCS15_ODF, "A40A300804063F005015", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-without-path", PKCS15_ODF, "A4023000 A402A000 A400", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-negative-offset", PKCS15_ODF, "A40D300B04063F0050154404 0201FF", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-huge-offset", PKCS15_ODF, "A410300E04063F0050154404 02047FFFFFFF", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-huge-count", PKCS15_ODF, "A413301104063F0050154404 020100 80047FFFFFFF", "01 02 03", "", NULL,
    HOSTILE_NO_PIN },
  { "odf-names-itself", PKCS15_ODF, "A40A300804063F0050155031", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-names-a-folder", PKCS15_ODF, "A408300604043F005015", "", "certificates", NULL, HOSTILE_NO_PIN },
  { "odf-names-the-top", PKCS15_ODF, "A406300404023F00", "", "certificates", NULL, HOSTILE_NO_PIN },
  { "odf-names-nothing", PKCS15_ODF, "A40A300804063F0050154499", "", "", NULL, HOSTILE_NO_PIN },
  { "odf-garbage-behind", PKCS15_ODF, "A40A300804063F0050154404 DEADBEEF", "01 02 03", "", NULL, HOSTILE_NO_PIN },
  { "odf-all-the-same", PKCS15_ODF,
    "A40A300804063F0050154404 A00A300804063F0050154404 A80A300804063F0050154404 A40A300804063F0050154404", "01 02 03",
    "", NULL, HOSTILE_NO_PIN },
  { "cdf-zeroes", PKCS15_CDF, "000000", "", "" },
  { "cdf-empty-objects", PKCS15_CDF, "3000 3000 3000", "", "" },
  { "cdf-length-ffffffff", PKCS15_CDF, "3084FFFFFFFF3000", "", "certificates" },
  { "cdf-tag-of-many-bytes", PKCS15_CDF, "3F81818181", "", "certificates" },
  { "cdf-of-another-kind", PKCS15_CDF, "A0183000300304014DA10F300D300B04063F0050154501020100", "", "" },
  { "cdf-without-value", PKCS15_CDF, "300B 3000 3003040145 A1023000", "", "" },
  { "cdf-nested", PKCS15_CDF, "300C 300A 3008 3006 3004 3002 3000", "", "" },
  { "cdf-direct-nothing", PKCS15_CDF, "300D 3000 3003040145 A1043002A000", "", "45" },
  { "cdf-direct-rubbish", PKCS15_CDF, "3010 3000 3003040145 A1073005A003020105", "", "45" },
  { "cdf-names-itself", PKCS15_CDF, "3015 3000 3003040145 A10C300A300804063F0050154404", "", "45" },
  { "cdf-names-a-folder", PKCS15_CDF, "3013 3000 3003040145 A10A3008300604043F005015", "", "45" },
  { "cdf-huge-offset", PKCS15_CDF, "301B 3000 3003040145 A1123010300E04063F005015450102047FFFFFFF", "", "" },
  { "aodf-zeroes", PKCS15_AODF, "00000000", "01 02 03", "", NULL, HOSTILE_NO_PIN },
  { "aodf-empty-objects", PKCS15_AODF, "3000 3000", "01 02 03", "", NULL, HOSTILE_NO_PIN },
  { "aodf-length-ffffffff", PKCS15_AODF, "3084FFFFFFFF", "01 02 03", "", NULL, HOSTILE_NO_PIN },
  { "aodf-without-type", PKCS15_AODF, "300B 3000 3003040101 A1023000", "01 02 03", "", NULL, HOSTILE_NO_PIN },
  { "aodf-negative-lengths", PKCS15_AODF, "3019 3000 3003040101 A110300E030204F00A0101 0201FF 020108", "01 02 03", "",
    NULL, HOSTILE_NO_PIN },
  { "aodf-huge-lengths", PKCS15_AODF, "301C 3000 3003040101 A1133011030204F00A0101 020104 02047FFFFFFF", "01 02 03", "",
    NULL, HOSTILE_NO_PIN },
  { "info-zeroes", PKCS15_INFO, "00000000", "01 02 03", "", "" },
  { "info-half", PKCS15_INFO, "3050 020100 0405", "01 02 03", "", "" },
  { "info-serial-too-long", PKCS15_INFO,
    "3026 020100 0421 010101010101010101010101010101010101010101010101010101010101010101", "01 02 03", "", "" },
  { "certificate-empty", PKCS15_CERT + 1, "", "02 03", "" },
  { "certificate-blank", PKCS15_CERT + 1, "FFFFFFFF", "02 03", "" },
  { "certificate-of-nothing", PKCS15_CERT + 1, "3000", "02 03", "01" },
  { "certificate-a-byte", PKCS15_CERT + 1, "30", "02 03", "01" },
  { "certificate-pem", PKCS15_CERT + 1, "2D2D2D2D2D424547494E20", "02 03", "01" },
  { "certificate-length-ffffffff", PKCS15_CERT + 1, "3084FFFFFFFF3000", "02 03", "01" },
  { "keys-zeroes", PKCS15_PRKDF, "0000", "01 02 03", "" },
  { "keys-length-ffffffff", PKCS15_PRKDF, "3084FFFFFFFF", "01 02 03", "" },
  { "certificate-of-64k", PKCS15_CERT + 1, "3082FDE4", "02 03", "01", .large = TRUE },
  { "certificate-of-16m", PKCS15_CERT + 1, "3083FFFF", "02 03", "01", .large = TRUE },
  { "certificate-of-objects", PKCS15_CERT + 1, "30023000", "02 03", "01", .large = TRUE },
  { "cdf-of-64k", PKCS15_CDF, "3082FDE4", "", "certificates", .large = TRUE },
  { "cdf-of-16m", PKCS15_CDF, "3083FFFF", "", "certificates", .large = TRUE },
  { "cdf-of-objects", PKCS15_CDF, "30023000", "", "certificates", .large = TRUE },
  { "odf-of-64k", PKCS15_ODF, "3082FDE4", "", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "odf-of-16m", PKCS15_ODF, "3083FFFF", "", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "odf-of-objects", PKCS15_ODF, "30023000", "", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "aodf-of-64k", PKCS15_AODF, "3082FDE4", "01 02 03", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "aodf-of-16m", PKCS15_AODF, "3083FFFF", "01 02 03", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "aodf-of-objects", PKCS15_AODF, "30023000", "01 02 03", "", .tries = HOSTILE_NO_PIN, .large = TRUE },
  { "info-of-64k", PKCS15_INFO, "3082FDE4", "01 02 03", "", "", .large = TRUE },
  { "info-of-16m", PKCS15_INFO, "3083FFFF", "01 02 03", "", "", .large = TRUE },
  { "info-of-objects", PKCS15_INFO, "30023000", "01 02 03", "", "", .large = TRUE },
};

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

      bench_init_family (&bench, &pkcs15_driver);
      fill_three (&bench);
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

/* Where what is read is nothing, it is known only by the name that it was selected with. */
static void
test_evidence_in_name (void)
{
  static const guint8 yes[] = { 0x90, 0x00 };
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  bench_init_family (&bench, &pkcs15_driver);
  fill_three (&bench);
  pkcs15_bench_put_hex (bench.card, 0x6F, "");
  vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, 0xB0 }, yes, sizeof yes, VCARD_FOREVER);
  token = bench_read (&bench);
  g_assert_null (token);
  g_assert_cmpuint (bench.n_reports, ==, 0);
  g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_bench_add_objects (&family, "file", files, G_N_ELEMENTS (files));
  g_test_add_func ("/pkcs15-hostile/thousands", test_thousands);
  g_test_add_func ("/pkcs15-hostile/evidence-in-name", test_evidence_in_name);
  hostile_bench_add_tests (&family);
  return g_test_run ();
}
