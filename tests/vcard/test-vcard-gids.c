/* The virtual GIDS token at the level of APDUs: what the specification and the facts of the card families say. */
#include "vcard.h"

#include <glib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VCard, vcard_free)

#define SELECT "00A4040009A0000003974254465900"
#define SELECTED                                                                                                       \
  "6112"                                                                                                               \
  "4F0BA000000397425446590201"                                                                                         \
  "73034001C0"                                                                                                         \
  "9000"
#define GET(file, tag) "00CB" file "045C02" tag "00"
#define PIN_STATE      GET ("3FFF", "7F71")
#define PUK_STATE      GET ("3FFF", "7F73")
#define PIN            "313233343536"
#define WRONG          "393939393939"
#define NEW            "363534333231"
#define PUK            "3837363534333231"

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
expect_state (VCard *card, const char *left)
{
  g_autofree char *state = g_strdup_printf ("7F71069701%s9301039000", left);

  expect (card, PIN_STATE, state);
}

static VCard *
new_card (void)
{
  VCard *card = vcard_new ();

  g_assert_true (vcard_add_applet (card, "gids"));
  vcard_insert (card);
  expect (card, SELECT, SELECTED);
  return card;
}

static void
put (VCard *card, guint64 tag, const char *hex, gboolean raw)
{
  guint8 bytes[64];
  size_t n = from_hex (hex, bytes);

  g_assert_true (vcard_put_object (card, "gids", tag, bytes, n, raw));
}

static void
test_files (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, GET ("A000", "DF1F"),
          "DF1F818D01"
          "6D7363700000000000" /* mscp */
          "000000000000000000"
          "0000"
          "0000000000A00000"
          "000000000000000000"
          "636172646964000000" /* cardid */
          "0000"
          "20DF000012A00000"
          "000000000000000000"
          "636172646170707300" /* cardapps */
          "0000"
          "21DF000010A00000"
          "000000000000000000"
          "636172646366000000" /* cardcf */
          "0000"
          "22DF000010A00000"
          "6D7363700000000000"
          "636D617066696C6500" /* cmapfile */
          "0000"
          "23DF000010A00000"
          "9000");
  expect (card, GET ("A012", "DF20"), "DF201056434152440000000000000000BC614E9000");
  expect (card, GET ("A010", "DF21"), "DF21086D736370000000009000");
  expect (card, GET ("A010", "DF22"), "DF22060000000000009000");
  expect (card, GET ("A010", "DF23"), "DF23009000");
  expect (card, GET ("A010", "DF24"), "6A88");
  expect (card, GET ("A010", "DF20"), "6A88");
  expect (card, "00CBA000025C0000", "6A80");
  expect (card, "0CCBA000045C02DF1F00", "6E00");
  expect (card, "00A40000023F00", "6A82");
}

static void
test_put (void)
{
  g_autoptr (VCard) card = new_card ();

  put (card, 0xA010DF24, "AABB", FALSE);
  expect (card, GET ("A010", "DF24"), "DF2402AABB9000");
  put (card, 0xA010DF24, "AABB", TRUE);
  expect (card, GET ("A010", "DF24"), "AABB9000");
  put (card, 0xA000DF1F, "01", FALSE);
  expect (card, GET ("A000", "DF1F"), "DF1F01019000");
  put (card, 0x3FFF0081, "8101FF", FALSE);
  expect (card, "00CB3FFF0A7008840181A5037F498000", "7F49038101FF9000");
  expect (card, "00CB3FFF0A7008840182A5037F498000", "6A88");
}

static void
test_verify (void)
{
  g_autoptr (VCard) card = new_card ();

  expect_state (card, "03");
  expect (card, GET ("3FFF", "7F72"), "7F72069701039301039000");
  expect (card, PUK_STATE, "6A88");
  expect (card, "00200080", "63C3");
  expect (card, "0020008006" WRONG, "63C2");
  expect_state (card, "02");
  expect (card, "0020008003313233", "63C2");
  expect (card, "0020008006" PIN, "9000");
  expect (card, "00200080", "63C3");
  expect (card, "00200082", "9000");
  expect (card, "0020008106" PIN, "6A88");
  expect (card, "0020FF8006" PIN, "6A86");
  expect (card, "0020008006" WRONG, "63C2");
  expect (card, "0020008006" WRONG, "63C1");
  expect (card, "0020008006" WRONG, "63C0");
  expect (card, "0020008006" WRONG, "6983");
  expect (card, "0020008006" PIN, "6983");
  expect (card, "00200080", "6983");
  expect_state (card, "00");
}

static void
test_change (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "002400800C" WRONG NEW, "63C2");
  expect (card, "0024008007" PIN "31", "63C2"); /* too short for two: costs nothing */
  expect (card, "0024008008" PIN "3131", "6700");
  expect_state (card, "03");
  expect (card, "002400800C" PIN NEW, "9000");
  expect (card, "0020008006" PIN, "63C2");
  expect (card, "0020008006" NEW, "9000");
  expect (card, "0024018006" PIN, "9000");
  expect (card, "0024018006" NEW, "6982");
  expect (card, "0020008006" PIN, "9000");
  expect (card, "0024028006" PIN, "6A86");
  expect (card, "002400810C" PIN NEW, "6A88");
  g_assert_true (vcard_set_pin (card, NULL, "pin", "123456", 1, 3));
  expect (card, "002400800C" WRONG NEW, "63C0");
  expect (card, "002400800C" PIN NEW, "6983");
}

static void
test_unblock (void)
{
  g_autoptr (VCard) card = new_card ();

  g_assert_true (vcard_set_pin (card, NULL, "pin", "123456", 0, 3));
  expect (card, "002C00800E" PUK NEW, "6A86");
  expect (card, "002C028006" NEW, "6982");
  g_assert_true (vcard_set_pin (card, NULL, "puk", "87654321", 3, 3));
  expect (card, PUK_STATE, "7F73069701039301039000");
  expect (card, "002C00800E" WRONG WRONG "3131", "63C2");
  expect (card, PUK_STATE, "7F73069701029301039000");
  expect (card, "002C00800E" PUK NEW, "9000");
  expect (card, PUK_STATE, "7F73069701039301039000");
  expect_state (card, "03");
  expect (card, "0020008006" NEW, "9000");
  expect (card, "002400810E" PUK PIN, "9000");
  expect (card, "002400810E" PUK PIN, "63C2");
  expect (card, "002C00810E" PUK NEW, "6A88");
}

/* What is forgotten by a reset, and that no PIN is in the journal. */
static void
test_reset_and_journal (void)
{
  g_autoptr (VCard) card = new_card ();

  expect (card, "0020008006" PIN, "9000");
  vcard_reset (card);
  expect (card, SELECT, SELECTED);
  expect (card, "0024018006" NEW, "6982");
  g_assert_nonnull (strstr (vcard_get_log (card), "00200080 [6 bytes] -> 9000"));
  g_assert_null (strstr (vcard_get_log (card), PIN));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vcard-gids/files", test_files);
  g_test_add_func ("/vcard-gids/put", test_put);
  g_test_add_func ("/vcard-gids/verify", test_verify);
  g_test_add_func ("/vcard-gids/change", test_change);
  g_test_add_func ("/vcard-gids/unblock", test_unblock);
  g_test_add_func ("/vcard-gids/reset-and-journal", test_reset_and_journal);
  return g_test_run ();
}
