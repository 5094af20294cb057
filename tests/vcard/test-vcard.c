/* The virtual token at the level of APDUs: what the specifications and the facts of the card families say. */
#include "keypad.h"
#include "vcard.h"

#include <glib.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC (VCard, vcard_free)

#define SELECT "00A4040005A000000308"
#define PIN    "313233343536FFFF"
#define WRONG  "393939393939FFFF"
#define NEW    "363534333231FFFF"
#define PUK    "3132333435363738"

static size_t
from_hex (const char *hex, guint8 *bytes)
{
  size_t n = 0;

  for (; *hex != '\0'; hex += 2)
    bytes[n++] = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 | g_ascii_xdigit_value (hex[1]));
  return n;
}

/* Sends HEX; returns the answer, in hex. */
static char *
ask (VCard *card, const char *hex)
{
  static guint8 apdu[VCARD_ANSWER_MAX], answer[VCARD_ANSWER_MAX];
  size_t n = 0;
  GString *text = g_string_new (NULL);

  g_assert_cmpint (vcard_transmit (card, apdu, from_hex (hex, apdu), answer, &n), ==, VCARD_ANSWERED);
  for (size_t i = 0; i < n; i++)
    g_string_append_printf (text, "%02X", answer[i]);
  return g_string_free (text, FALSE);
}

static void
expect (VCard *card, const char *hex, const char *expected)
{
  g_autofree char *answer = ask (card, hex);

  g_assert_cmpstr (answer, ==, expected);
}

static VCard *
new_piv (gboolean yubico)
{
  VCard *card = vcard_new ();
  g_autofree char *selected = NULL;

  g_assert_true (vcard_add_applet (card, "piv"));
  vcard_set_yubico (card, yubico);
  vcard_insert (card);
  selected = ask (card, SELECT);
  g_assert_true (g_str_has_prefix (selected, "61114F06") && g_str_has_suffix (selected, "9000"));
  return card;
}

static void
put (VCard *card, guint64 tag, size_t n)
{
  g_autofree guint8 *data = g_malloc0 (n);

  for (size_t i = 0; i < n; i++)
    data[i] = (guint8) i;
  g_assert_true (vcard_put_object (card, NULL, tag, data, n, FALSE));
}

static void
test_select (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  vcard_reset (card);
  expect (card, "00CB3FFF055C035FC10500", "6D00");
  expect (card, "00A4040006D27600012401", "6A82");
  expect (card, "00A4040004A0000003", "6A82");
  expect (card, "00A404000BA000000308000010000100", "61114F0600001000010079074F05A0000003089000");
  /* a failed SELECT leaves the applet selected */
  expect (card, "00A4040006D27600012401", "6A82");
  expect (card, "00CB3FFF055C035FC10500", "6A82");
  expect (card, "0CCB3FFF055C035FC10500", "6E00");
}

static void
test_get_data (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  expect (card, "00CB3FFF035C017E00", "7E124F0BA0000003080000100001005F2F0240009000");
  put (card, 0x5FC105, 3);
  expect (card, "00CB3FFF055C035FC10500", "53030001029000");
  g_assert_true (vcard_limit_object (card, "piv", 0x5FC105, 4));
  expect (card, "00CB3FFF055C035FC10500", "530300019000");
  g_assert_true (vcard_put_object (card, "piv", 0x5FC105, (const guint8 *) "\x53\x80", 2, TRUE));
  expect (card, "00CB3FFF055C035FC10500", "53809000");
  g_assert_true (vcard_delete_object (card, NULL, 0x5FC105));
  g_assert_false (vcard_delete_object (card, NULL, 0x5FC105));
  expect (card, "00CB3FFF055C035FC10500", "6A82");
  expect (card, "00CB3FFE055C035FC10500", "6A86");
  expect (card, "00CB3FFF055C045FC10500", "6A80");
}

static void
test_pin_protected_object (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  put (card, 0x5FC109, 1);
  expect (card, "00CB3FFF055C035FC10900", "6982");
  expect (card, "0020008008" PIN, "9000");
  expect (card, "00CB3FFF055C035FC10900", "5301009000");
  expect (card, SELECT "00", "61114F0600001000010079074F05A0000003089000");
  expect (card, "00CB3FFF055C035FC10900", "5301009000");
  vcard_reset (card);
  expect (card, SELECT "00", "61114F0600001000010079074F05A0000003089000");
  expect (card, "00CB3FFF055C035FC10900", "6982");
}

static void
test_verify (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  expect (card, "00200080", "63C3");
  expect (card, "0020008000", "63C3");
  expect (card, "0020008008" WRONG, "63C2");
  expect (card, "00200080", "63C2");
  expect (card, "0020008006313233343536", "6A80");
  expect (card, "00200080", "63C2");
  expect (card, "002000800831323334FFFFFFFF", "63C1");
  expect (card, "0020008008" PIN, "9000");
  expect (card, "00200080", "9000");
  expect (card, "0020FF80", "9000");
  expect (card, "00200080", "63C3");
  expect (card, "00200000", "6A88");
  expect (card, "00200180", "6A86");
}

static void
test_blocked (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);
  unsigned left, max;

  expect (card, "0020008008" WRONG, "63C2");
  expect (card, "0020008008" WRONG, "63C1");
  expect (card, "0020008008" WRONG, "63C0");
  expect (card, "0020008008" WRONG, "6983");
  expect (card, "0020008008" PIN, "6983");
  expect (card, "00200080", "6983");
  expect (card, "0024008010" PIN NEW, "6983");
  expect (card, "002C008010" WRONG NEW, "63C2");
  expect (card, "002C008010" PUK "31323334FFFFFFFF", "6A80");
  expect (card, "002C008010" PUK NEW, "9000");
  expect (card, "00200080", "63C3");
  expect (card, "0020008008" NEW, "9000");
  g_assert_true (vcard_get_tries (card, NULL, "puk", &left, &max));
  g_assert_cmpuint (left, ==, 3);
  vcard_set_pin (card, NULL, "puk", "12345678", 1, 3);
  expect (card, "002C008010" WRONG NEW, "63C0");
  expect (card, "002C008010" PUK NEW, "6983");
}

static void
test_change (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  expect (card, "0024008010" WRONG NEW, "63C2");
  expect (card, "0024008010" PIN NEW, "9000");
  expect (card, "0020008008" NEW, "9000");
  expect (card, "0024008110" PUK PIN, "9000");
  expect (card, "0024008110" PUK PIN, "63C2");
  expect (card, "0024008208" PUK PIN, "6700");
  expect (card, "0024008210" PUK PIN, "6A88");
}

static void
test_yubico (void)
{
  g_autoptr (VCard) plain = new_piv (FALSE);
  g_autoptr (VCard) card = new_piv (TRUE);

  expect (plain, "00FD000000", "6D00");
  expect (plain, "00F7008000", "6D00");
  vcard_set_serial (card, 0x01020304);
  expect (card, "00FD000000", "0504039000");
  expect (card, "00F8000000", "010203049000");
  expect (card, "00F7008000",
          "0101FF0501010602"
          "0303"
          "9000");
  expect (card, "0020008008" WRONG, "63C2");
  expect (card, "0020008008" PIN, "9000");
  expect (card, "0024008010" PIN NEW, "9000");
  expect (card, "00F7008000",
          "0101FF0501000602"
          "0303"
          "9000");
  expect (card, "00F7009A00", "6A88");
  vcard_put_object (card, NULL, 0xF79A, (const guint8 *) "\1\1\7", 3, TRUE);
  expect (card, "00F7009A00", "0101079000");
  vcard_set_version (card, 5, 2, 4);
  expect (card, "00F7008000", "6D00");
}

static void
test_get_response (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);
  g_autofree char *first = NULL, *second = NULL, *third = NULL;

  put (card, 0x5FC105, 600);
  first = ask (card, "00CB3FFF055C035FC10500");
  second = ask (card, "00C0000000");
  third = ask (card, "00C000005C");
  g_assert_cmpuint (strlen (first), ==, 2 * 258);
  g_assert_true (g_str_has_suffix (first, "6100") && g_str_has_suffix (second, "615C"));
  g_assert_cmpuint (strlen (third), ==, 2 * (0x5C + 2));
  g_assert_true (g_str_has_suffix (third, "9000"));
  expect (card, "00C0000000", "6985");
  /* another command makes the card forget the rest */
  g_free (first);
  first = ask (card, "00CB3FFF055C035FC10500");
  expect (card, "00200080", "63C3");
  expect (card, "00C0000000", "6985");
}

static void
test_wrong_le (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  put (card, 0x5FC105, 3);
  vcard_set_exact_le (card, TRUE);
  expect (card, "00CB3FFF055C035FC10504", "6C05");
  expect (card, "00CB3FFF055C035FC10505", "53030001029000");
  expect (card, "00CB3FFF055C035FC10500", "53030001029000");
}

static void
test_extended (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);
  g_autofree char *answer = NULL;

  put (card, 0x5FC105, 600);
  expect (card, "00CB3FFF0000055C035FC1050000", "6700");
  vcard_set_extended (card, TRUE);
  answer = ask (card, "00CB3FFF0000055C035FC1050000");
  g_assert_cmpuint (strlen (answer), ==, 2 * (600 + 4 + 2));
  expect (card, "00CB3FFF0000055C035FC105", answer);
  expect (card, "00CB3FFF0000055C035FC1050005", "53820258006100");
  expect (card, "00CB3FFF0000065C035FC1050000", "6700");
  expect (card, "00200080000000", "63C3");
}

static void
test_chaining (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  put (card, 0x5FC105, 3);
  expect (card, "10CB3FFF025C03", "9000");
  expect (card, "10CB3FFF015F", "9000");
  expect (card, "00CB3FFF02C10500", "53030001029000");
  expect (card, "10CB3FFF025C03", "9000");
  expect (card, "00200080", "6883");
  expect (card, "00200080", "63C3");
}

static void
test_malformed (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);

  expect (card, "00", "6700");
  expect (card, "00CB3F", "6700");
  expect (card, "00CB3FFF055C03", "6700");
  expect (card, "00CB3FFF025C035FC105", "6700");
  expect (card, "00FE0000", "6D00");
  expect (card, "00870000", "6A80");
}

static void
test_atr (void)
{
  static const guint8 yubikey[] = { 0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73, 0xC0,
                                    0x21, 0xC0, 0x57, 0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79, 0x40 };
  g_autoptr (VCard) card = new_piv (TRUE);
  guint8 atr[VCARD_ATR_MAX], check;
  size_t n = vcard_power (card, VCARD_POWER_UP, atr);

  g_assert_cmpmem (atr, n, yubikey, sizeof yubikey);
  for (int yubico = 0; yubico < 2; yubico++)
    for (int extended = 0; extended < 2; extended++)
      {
        vcard_set_yubico (card, yubico);
        vcard_set_extended (card, extended);
        n = vcard_power (card, VCARD_RESET, atr);
        check = 0;
        for (size_t i = 1; i < n; i++)
          check ^= atr[i];
        g_assert_cmpuint (check, ==, 0);
        g_assert_cmpuint (!!(atr[yubico ? 13 : 7] & 0x40), ==, extended);
      }
  vcard_set_mute (card, TRUE);
  g_assert_cmpuint (vcard_power (card, VCARD_POWER_UP, atr), ==, 0);
}

static void
test_faults (void)
{
  static const VCardMatch verify = { VCARD_ANY, 0x20 }, third = { 3, VCARD_ANY }, all = { VCARD_ANY, VCARD_ANY };
  g_autoptr (VCard) card = new_piv (FALSE);
  guint8 apdu[] = { 0, 0x20, 0, 0x80 }, answer[VCARD_ANSWER_MAX];
  size_t n;

  vcard_fault_answer (card, verify, (const guint8 *) "\x69\x83", 2, 1);
  vcard_fault_delay (card, third, 250, 1);
  expect (card, "00200080", "6983"); /* APDU 1: SELECT was 0 */
  expect (card, "00200080", "63C3");
  g_assert_cmpuint (vcard_delay_ms (card), ==, 0);
  expect (card, "00200080", "63C3");
  g_assert_cmpuint (vcard_delay_ms (card), ==, 250);
  vcard_fault_drop (card, (VCardMatch){ 4, VCARD_ANY });
  g_assert_cmpint (vcard_transmit (card, apdu, sizeof apdu, answer, &n), ==, VCARD_PULLED);
  g_assert_true (vcard_fault_endless (card, "grow"));
  expect (card, "00C0000000", "0061FF");
  expect (card, "00C0000000", "000061FF");
  vcard_faults_clear (card);
  vcard_fault_answer (card, all, NULL, 0, VCARD_FOREVER);
  expect (card, "00200080", "");
}

static void
test_journal (void)
{
  g_autoptr (VCard) card = new_piv (FALSE);
  const VCardCounters *counters = vcard_get_counters (card);

  expect (card, "0020008008" PIN, "9000");
  expect (card,
          "1020008004"
          "31323334",
          "9000");
  expect (card, "0024008010" PIN NEW, "6883");
  expect (card, "002C00800C" PUK, "6700");
  expect (card, "00200080", "9000");
  g_assert_null (strstr (vcard_get_log (card), "3132"));
  g_assert_null (strstr (vcard_get_log (card), "3635"));
  g_assert_nonnull (strstr (vcard_get_log (card), "\n00200080 [8 bytes] -> 9000 (0)\n"));
  g_assert_cmpuint (counters->verifies, ==, 2);
  g_assert_cmpuint (counters->changes, ==, 1);
  g_assert_cmpuint (counters->unblocks, ==, 1);
  g_assert_cmpuint (counters->apdus, ==, 6);
  vcard_reset_counters (card);
  g_assert_cmpstr (vcard_get_log (card), ==, "");
}

/* Nothing that comes in may break it: half-sensible commands of every length. */
static void
test_random (void)
{
  static const guint8 known[] = { 0x20, 0x24, 0x2C, 0xA4, 0xC0, 0xCB, 0xF7, 0xF9, 0x87 };
  static guint8 apdu[600], answer[VCARD_ANSWER_MAX];
  g_autoptr (VCard) card = new_piv (TRUE);

  put (card, 0x5FC105, 1000);
  for (int i = 0; i < 200000; i++)
    {
      size_t n = (size_t) g_test_rand_int_range (0, i % 2 ? 16 : 600), n_answer = 0;

      for (size_t k = 0; k < n; k++)
        apdu[k] = (guint8) g_test_rand_int ();
      if (n > 5)
        {
          apdu[0] = i % 5 ? 0 : 0x10;
          apdu[1] = known[g_test_rand_int_range (0, G_N_ELEMENTS (known))];
          if (i % 3)
            apdu[4] = (guint8) (n - 5);
        }
      g_assert_cmpint (vcard_transmit (card, apdu, n, answer, &n_answer), ==, VCARD_ANSWERED);
      g_assert_cmpuint (n_answer, >=, 2);
      if (i % 1000 == 0)
        vcard_reset_counters (card);
    }
}

/* The keypad: what is typed goes where the structure says; what cannot be sent is not. */
#define HEAD    "3C3C82080000080806030203090400010200000015000000"
#define CHANGE  "0024008010"
#define FILLERS "FFFFFFFFFFFFFFFF"

static void
test_keypad (void)
{
  static const struct
  {
    const char *block;
    KeypadPerson person;
    guint16 status; /* 0: sent */
    const char *apdu;
  } rows[] = {
    { HEAD CHANGE FILLERS FILLERS, { 0, { "123456", "24681357", "24681357" } }, 0, CHANGE PIN "3234363831333537" },
    { HEAD CHANGE FILLERS FILLERS, { 0, { "123456", "24681357", "24681358" } }, KEYPAD_DIFFERENT, NULL },
    { HEAD CHANGE FILLERS FILLERS, { 0, { "12345", "24681357", "24681357" } }, KEYPAD_LENGTH, NULL },
    { HEAD CHANGE FILLERS FILLERS, { 0, { "123456", "246813579", "246813579" } }, KEYPAD_LENGTH, NULL },
    { HEAD CHANGE FILLERS FILLERS, { .gives_up = KEYPAD_TIMEOUT }, KEYPAD_TIMEOUT, NULL },
    { HEAD CHANGE FILLERS FILLERS, { .gives_up = KEYPAD_CANCELLED }, KEYPAD_CANCELLED, NULL },
    /* The new one alone, twice. */
    { "3C3C820800000008060102020904010202000000"
      "0D000000"
      "0024008008" FILLERS,
      { 0, { "123456", "123456" } },
      0,
      "0024008008" PIN },
    /* Structures that say something else than the command that comes with them. */
    { HEAD CHANGE FILLERS, { 0, { "123456", "24681357", "24681357" } }, KEYPAD_NONSENSE, NULL },
    { HEAD "0024008008" FILLERS FILLERS, { 0, { "123456", "24681357", "24681357" } }, KEYPAD_NONSENSE, NULL },
    { "3C3C82080000090806030203090400010200000015000000" CHANGE FILLERS FILLERS,
      { 0, { "123456", "24681357", "24681357" } },
      KEYPAD_NONSENSE,
      NULL },
    { "3C3C82080000080806030103090400010200000015000000" CHANGE FILLERS FILLERS,
      { 0, { "123456", "24681357", "24681357" } },
      KEYPAD_NONSENSE,
      NULL },
    { "3C3C82080000080806030203090400020100000015000000" CHANGE FILLERS FILLERS,
      { 0, { "123456", "24681357", "24681357" } },
      KEYPAD_NONSENSE,
      NULL },
    { "3C3C02080000080806030203090400010200000015000000" CHANGE FILLERS FILLERS,
      { 0, { "123456", "24681357", "24681357" } },
      KEYPAD_NONSENSE,
      NULL },
    { "", { 0 }, KEYPAD_NONSENSE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      guint8 block[128], apdu[KEYPAD_APDU_MAX], wanted[KEYPAD_APDU_MAX];
      size_t n_wanted = rows[i].apdu != NULL ? from_hex (rows[i].apdu, wanted) : 0;
      guint16 status;
      size_t n = keypad_type (block, from_hex (rows[i].block, block), &rows[i].person, apdu, &status);

      g_test_message ("row %" G_GSIZE_FORMAT, i);
      g_assert_cmpuint (n, ==, n_wanted);
      if (n > 0)
        g_assert_cmpmem (apdu, n, wanted, n_wanted);
      else
        g_assert_cmphex (status, ==, rows[i].status);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/vcard/select", test_select);
  g_test_add_func ("/vcard/get-data", test_get_data);
  g_test_add_func ("/vcard/pin-protected-object", test_pin_protected_object);
  g_test_add_func ("/vcard/verify", test_verify);
  g_test_add_func ("/vcard/blocked", test_blocked);
  g_test_add_func ("/vcard/change", test_change);
  g_test_add_func ("/vcard/yubico", test_yubico);
  g_test_add_func ("/vcard/get-response", test_get_response);
  g_test_add_func ("/vcard/wrong-le", test_wrong_le);
  g_test_add_func ("/vcard/extended", test_extended);
  g_test_add_func ("/vcard/chaining", test_chaining);
  g_test_add_func ("/vcard/malformed", test_malformed);
  g_test_add_func ("/vcard/atr", test_atr);
  g_test_add_func ("/vcard/faults", test_faults);
  g_test_add_func ("/vcard/journal", test_journal);
  g_test_add_func ("/vcard/keypad", test_keypad);
  g_test_add_func ("/vcard/random", test_random);
  return g_test_run ();
}
