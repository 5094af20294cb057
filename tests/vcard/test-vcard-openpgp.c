/* The virtual OpenPGP token at the level of APDUs: what the specification and the facts of the card families say. */
#include "vcard.h"

#include <glib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VCard, vcard_free)

#define SELECT "00A4040006D2760001240100"
#define AID                                                                                                            \
  "D27600012401"                                                                                                       \
  "0304"                                                                                                               \
  "FF00"                                                                                                               \
  "00BC614E"                                                                                                           \
  "0000"
#define PIN    "313233343536"
#define WRONG  "393939393939"
#define NEW    "363534333231"
#define ADMIN  "3132333435363738"
#define CODE   "3837363534333231"
#define GET_C4 "00CA00C400"
#define SELECT_CERTIFICATE(n)                                                                                          \
  "00A5" n "0406"                                                                                                      \
  "60045C027F21"

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

static VCard *
new_card (void)
{
  VCard *card = vcard_new ();

  g_assert_true (vcard_add_applet (card, "openpgp"));
  vcard_insert (card);
  expect (card, SELECT, "6F128410" AID "9000");
  return card;
}

static void
put (VCard *card, guint64 tag, const char *hex)
{
  guint8 bytes[64];
  size_t n = from_hex (hex, bytes);

  g_assert_true (vcard_put_object (card, "openpgp", tag, bytes, n, FALSE));
}

static void
test_objects (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "00CA004F00", AID "9000");
  expect (card, "00CA5F5200",
          "0073C0018005"
          "9000"
          "9000");
  expect (card, "00CA006500", "5B005F2D005F3501399000");
  expect (card, "00CA007A00",
          "9303000000"
          "9000");
  expect (card, "00CA005E00", "9000");
  expect (card, "00CA7F2100", "9000");
  expect (card, "00CA00F900", "6A88");
  expect (card, "00CA010100", "6A88");
  put (card, 0x5E, "616461");
  expect (card, "00CA005E00", "6164619000");
  expect (card, "0CCA005E00", "6E00");
}

/* Some wrap a template in its own tag, and count their serial number in decimal digits. */
static void
test_yubico (void)
{
  g_autoptr (VCard) card = vcard_new ();

  g_assert_true (vcard_add_applet (card, "openpgp"));
  vcard_set_yubico (card, true);
  vcard_insert (card);
  expect (card, SELECT, "9000");
  expect (card, "00CA006500", "65095B005F2D005F3501399000");
  expect (card, "00CA004F00",
          "D27600012401"
          "0304"
          "0006"
          "12345678"
          "0000"
          "9000");
}

static void
test_certificates (void)
{
  g_autoptr (VCard) card = new_card ();

  put (card, 0x7F21, "AA");
  put (card, 0x7F2102, "CC");
  expect (card, "00CA7F2100", "AA9000");
  expect (card, SELECT_CERTIFICATE ("02"), "9000");
  expect (card, "00CA7F2100", "CC9000");
  expect (card, SELECT_CERTIFICATE ("01"), "9000");
  expect (card, "00CA7F2100", "9000");
  expect (card, SELECT_CERTIFICATE ("03"), "6A88");
  expect (card, SELECT, "6F128410" AID "9000");
  expect (card, "00CA7F2100", "AA9000");

  put (card, 0x4F,
       "D27600012401"
       "0201"
       "FF00"
       "00000001"
       "0000");
  expect (card, SELECT_CERTIFICATE ("01"), "6D00");
}

static void
test_verify (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "00200081", "63C3");
  expect (card, "0020008106" WRONG, "6982");
  expect (card, GET_C4, "007F7F7F0200039000");
  expect (card, "00200081", "63C2");
  expect (card, "0020008106" PIN, "9000");
  expect (card, "00200081", "9000");
  expect (card, "00200082", "63C3");
  expect (card, "0020FF81", "9000");
  expect (card, "00200081", "63C3");
  expect (card, "0020008308" ADMIN, "9000");
  expect (card, "00200083", "9000");
  expect (card, "0020FF83", "9000");
  expect (card, "00200083", "63C3");
  expect (card, "0020008406" PIN, "6A86");
  for (int i = 0; i < 4; i++)
    expect (card, "0020008206" WRONG, "6982");
  expect (card, "0020008206" PIN, "6982");
  expect (card, GET_C4, "007F7F7F0000039000");
}

static void
test_version_2 (void)
{
  g_autoptr (VCard) card = new_card ();

  put (card, 0x4F,
       "D27600012401"
       "0201"
       "FF00"
       "00000001"
       "0000");
  expect (card, "00200081", "6A80");
  expect (card, "0020FF81", "6A86");
  expect (card, GET_C4, "007F7F7F0300039000");
}

static void
test_change (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "002400810C" WRONG NEW, "6982");
  expect (card,
          "0024008105"
          "3132333435",
          "6982");
  expect (card, GET_C4, "007F7F7F0100039000");
  expect (card, "0024008108" PIN "3131", "6A80");
  expect (card, "002400810C" PIN NEW, "9000");
  expect (card, "0020008206" NEW, "9000");
  expect (card, "0024008310" ADMIN CODE, "9000");
  expect (card, "0024008310" ADMIN CODE, "6982");
  expect (card, "002400820C" NEW PIN, "6A86");
  expect (card, GET_C4, "007F7F7F0300029000");
}

static void
test_unblock (void)
{
  g_autoptr (VCard) card = new_card ();

  g_assert_true (vcard_set_pin (card, NULL, "pin", "123456", 0, 3));
  expect (card, "002C00810E" CODE NEW, "6982");
  g_assert_true (vcard_set_pin (card, NULL, "puk", "87654321", 3, 3));
  expect (card, "002C00810E" ADMIN NEW, "6982");
  expect (card, GET_C4, "007F7F7F0002039000");
  expect (card, "002C00810E" CODE NEW, "9000");
  expect (card, GET_C4, "007F7F7F0303039000");
  expect (card, "002C028106" PIN, "6982");
  expect (card, "0020008308" ADMIN, "9000");
  expect (card, "002C028106" PIN, "9000");
  expect (card, "0020008106" PIN, "9000");
  expect (card, "002C00820E" CODE NEW, "6A86");
}

/* What is forgotten by a reset, and that no PIN is in the journal. */
static void
test_reset_and_journal (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "0020008106" PIN, "9000");
  vcard_reset (card);
  expect (card, SELECT, "6F128410" AID "9000");
  expect (card, "00200081", "63C3");
  g_assert_nonnull (strstr (vcard_get_log (card), "00200081 [6 bytes] -> 9000"));
  g_assert_null (strstr (vcard_get_log (card), PIN));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vcard-openpgp/objects", test_objects);
  g_test_add_func ("/vcard-openpgp/yubico", test_yubico);
  g_test_add_func ("/vcard-openpgp/certificates", test_certificates);
  g_test_add_func ("/vcard-openpgp/verify", test_verify);
  g_test_add_func ("/vcard-openpgp/version-2", test_version_2);
  g_test_add_func ("/vcard-openpgp/change", test_change);
  g_test_add_func ("/vcard-openpgp/unblock", test_unblock);
  g_test_add_func ("/vcard-openpgp/reset-and-journal", test_reset_and_journal);
  return g_test_run ();
}
