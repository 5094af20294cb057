/* The virtual PKCS#15 token at the level of APDUs: what the standards and the facts of the card families say. */
#include "vcard.h"

#include <glib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VCard, vcard_free)

#define SELECT                                                                                                         \
  "00A404000C"                                                                                                         \
  "A000000063504B43532D3135"                                                                                           \
  "00"
#define NAMED                                                                                                          \
  "6F15"                                                                                                               \
  "820138"                                                                                                             \
  "83025015"                                                                                                           \
  "840CA000000063504B43532D3135"                                                                                       \
  "9000"
#define CONTROL(size, kind, identifier) "6F0B8002" size "8201" kind "8302" identifier
#define ODF                             G_GUINT64_CONSTANT (0x3F0050155031)
#define DEEP                            G_GUINT64_CONSTANT (0x3F00501550160001)
#define PIN                             "3132333435360000"
#define WRONG                           "3939393939390000"
#define NEW                             "3635343332310000"
#define PUK                             "3132333435363738"

static size_t
from_hex (const char *hex, guint8 *bytes)
{
  size_t n = 0;

  for (; *hex != '\0'; hex += 2)
    bytes[n++] = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
  return n;
}

static void
expect (VCard *card, const char *hex, const char *expected)
{
  static guint8 apdu[VCARD_ANSWER_MAX], answer[VCARD_ANSWER_MAX];
  g_autoptr (GString) text = g_string_new (NULL);
  size_t n = 0;

  g_assert_cmpint (vcard_transmit (card, apdu, from_hex (hex, apdu), answer, &n), ==, VCARD_ANSWERED);
  for (size_t i = 0; i < n; i++)
    g_string_append_printf (text, "%02X", answer[i]);
  g_assert_cmpstr (text->str, ==, expected);
}

static void
put (VCard *card, guint64 path, const char *hex)
{
  guint8 bytes[64];
  size_t n = from_hex (hex, bytes);

  g_assert_true (vcard_put_object (card, "pkcs15", path, bytes, n, FALSE));
}

static VCard *
new_card (void)
{
  VCard *card = vcard_new ();

  g_assert_true (vcard_add_applet (card, "pkcs15"));
  put (card, ODF, "A0A1A2A3A4A5");
  put (card, DEEP, "DD");
  vcard_insert (card);
  return card;
}

static void
test_names (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, SELECT, NAMED);
  expect (card,
          "00A4040009"
          "A00000030800001000",
          "6A82");
  put (card, 0x6F, "");
  expect (card, SELECT, "9000");
  put (card, 0x84, "");
  expect (card, SELECT, "6A82");
}

/* The files are there without anything having been selected. */
static void
test_tree (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "00A40800045015503100", CONTROL ("0006", "01", "5031") "9000");
  expect (card, "00A408000450155099", "6A82");
  expect (card, "00B0000000", "A0A1A2A3A4A59000"); /* a selection that fails changes nothing */
  expect (card, "00A40000023F0000", CONTROL ("0000", "38", "3F00") "9000");
  expect (card, "00B0000000", "6986");
  expect (card, "00A4000002503100", "6A82");
  expect (card, "00A4000002501500", CONTROL ("0000", "38", "5015") "9000");
  expect (card, "00A4000002503100", CONTROL ("0006", "01", "5031") "9000");
  expect (card, "00A4000C025016", "9000");
  expect (card, "00A4000C020001", "9000");
  expect (card, "00B0000000", "DD9000");
  expect (card, "00A4090C020001", "9000");
  expect (card, "00A4080C03501500", "6A80");
  expect (card, "00A40A0C025015", "6A86");
  put (card, 0xA4, "");
  expect (card, "00A4080C0450155031", "6A86");
}

static void
test_read (void)
{
  g_autoptr (VCard) card = new_card ();
  g_autofree guint8 *large = g_malloc0 (40000);

  expect (card, "00A4080C0450155031", "9000");
  expect (card, "00B0000203", "A2A3A49000");
  expect (card, "00B0000410", "A4A56282");
  expect (card, "00B0000600", "6B00");
  expect (card, "00B0850000", "6A86");
  g_assert_true (vcard_limit_object (card, NULL, ODF, 2));
  expect (card, "00A4080C0450155031", "9000");
  expect (card, "00B0000000", "A0A19000");

  large[39999] = 0xEE;
  g_assert_true (vcard_put_object (card, NULL, ODF, large, 40000, FALSE));
  expect (card, "00A4080C0450155031", "9000");
  expect (card,
          "00B1000006"
          "540400009C3F"
          "00",
          "5301EE6282");
  expect (card,
          "00B1000004"
          "5402FFFF"
          "00",
          "6B00");
  expect (card, "00B10000029C3F00", "6A80");
}

static void
test_control (void)
{
  g_autoptr (VCard) card = new_card ();

  put (card, G_GUINT64_CONSTANT (0x6F) << 56 | ODF, "6F048002FFFF");
  expect (card, "00A40800045015503100", "6F048002FFFF9000");
  put (card, G_GUINT64_CONSTANT (0x6F) << 56 | ODF, "");
  expect (card, "00A40800045015503100", "9000");
}

static void
test_verify (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "00200001", "63C3");
  expect (card, "0020000108" WRONG, "63C2");
  expect (card, "0020000106" WRONG, "6700");
  expect (card, "00200001", "63C2");
  expect (card, "0020000108" PIN, "9000");
  expect (card, "00200001", "9000");
  expect (card, "00200002", "63C3");
  expect (card, "00200005", "6A88");
  vcard_reset (card);
  expect (card, "00200001", "63C3");
  for (int i = 2; i >= 0; i--)
    {
      g_autofree char *left = g_strdup_printf ("63C%d", i);

      expect (card, "0020000108" WRONG, left);
    }
  expect (card, "0020000108" PIN, "63C0");
  expect (card, "00200001", "63C0");
}

static void
test_change_and_unblock (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "0024000110" WRONG NEW, "63C2");
  expect (card, "002400010E" PIN "363534333231", "6700");
  expect (card, "0024000110" PIN "3131000000000000", "6A80");
  expect (card, "0024000110" PIN NEW, "9000");
  expect (card, "0020000108" NEW, "9000");
  g_assert_true (vcard_set_pin (card, NULL, "pin", "123456", 0, 3));
  expect (card, "002C000110" WRONG NEW, "63C2");
  expect (card, "002C000310" PUK NEW, "6A88");
  expect (card, "002C000110" PUK NEW, "9000");
  expect (card, "00200001", "63C3");
  expect (card, "0020000108" NEW, "9000");
  g_assert_null (strstr (vcard_get_log (card), NEW));
}

/* How PINs are written: the same one in every way. */
static void
test_forms (void)
{
  static const struct
  {
    const char *form, *command;
  } cases[] = {
    { "0100FF", "0020000106313233343536" },     { "0108FF", "0020000108313233343536FFFF" },
    { "0008FF", "0020000108123456FFFFFFFFFF" }, { "0000FF", "0020000103123456" },
    { "0308FF", "0020000108F1F2F3F4F5F6FFFF" }, { "0408FF", "002000010826123456FFFFFFFF" },
    { "0206FF", "0020000106313233343536" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (VCard) card = new_card ();

      put (card, 0x24, cases[i].form);
      expect (card, cases[i].command, "9000");
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vcard-pkcs15/names", test_names);
  g_test_add_func ("/vcard-pkcs15/tree", test_tree);
  g_test_add_func ("/vcard-pkcs15/read", test_read);
  g_test_add_func ("/vcard-pkcs15/control", test_control);
  g_test_add_func ("/vcard-pkcs15/verify", test_verify);
  g_test_add_func ("/vcard-pkcs15/change-and-unblock", test_change_and_unblock);
  g_test_add_func ("/vcard-pkcs15/forms", test_forms);
  return g_test_run ();
}
