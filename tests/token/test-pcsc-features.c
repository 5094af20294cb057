/* What a reader says that it can do, byte by byte, and what is made of that: extended APDUs, and PINs that are typed at
 * its keypad. */
#include <reader.h>
#include <string.h>

#include "hex.h"
#include "pcsc-bench.h"

static void
test_features (void)
{
  static const struct
  {
    const char *list;
    guint32 feature, pad; /* what FEATURE_GET_TLV_PROPERTIES and FEATURE_MODIFY_PIN_DIRECT are found to be */
  } features[] = {
    { "0604 42330006 1204 42330012", 0x42330012, 0 },
    { "0704 42330007 1204 42330012", 0x42330012, 0x42330007 },
    { "1204 42330012", 0x42330012, 0 },
    { "1204 423300", 0, 0 },
    { "1203 423300", 0, 0 },
    { "0605 4233000600 1204 42330012", 0, 0 },
    { "0604 42330006", 0, 0 },
    { "0704 00000000", 0, 0 },
    { "0704 42330007 0704 42330008", 0, 0x42330007 },
    { "0704 423300", 0, 0 },
    { "0704", 0, 0 },
    { "12", 0, 0 },
    { "", 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autoptr (GByteArray) list = hex_to_bytes (features[i].list);

      g_assert_cmphex (pcsc_find_feature (list->data, list->len, FEATURE_GET_TLV_PROPERTIES), ==, features[i].feature);
      g_assert_cmphex (pcsc_find_feature (list->data, list->len, FEATURE_MODIFY_PIN_DIRECT), ==, features[i].pad);
    }
}

static void
test_properties (void)
{
  static const struct
  {
    const char *list;
    guint32 max; /* what dwMaxAPDUDataSize is found to be */
  } properties[] = {
    { "0A04 00000100", 0x10000 },
    { "0102 0000 0A04 05010000", 261 },
    { "0A04 000001", 0 },
    { "0A05 0000010000", 0 },
    { "0A02 FFFF", 0xFFFF },
    { "0A00", 0 },
    { "08FF 414243", 0 },
    { "0A", 0 },
    { "", 0 },
    { "0800 0800 0A04 FFFFFFFF", 0xFFFFFFFF },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (properties); i++)
    {
      g_autoptr (GByteArray) list = hex_to_bytes (properties[i].list);

      g_assert_cmphex (pcsc_find_property (list->data, list->len, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize), ==,
                       properties[i].max);
    }
}

/* Extended APDUs go out where reader and card both said that they take them, and nowhere else. */
#define LIST         "1204 42330012"
#define PROPERTIES   0x42330012
#define MAX_SIZE(le) "0102 0000 0A04" le

static void
set_control (DWORD code, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex != NULL ? hex : "");

  if (hex != NULL)
    fake_winscard_set_control (READER, code, bytes->data, bytes->len);
}

static void
assert_extended (VCard *card, gboolean extended)
{
  g_autoptr (Token) token = pcsc_bench_read (NULL);
  gboolean asked_long = strstr (vcard_get_log (card), "00CB3FFF0000055C035FC1050000 ") != NULL;
  gboolean asked_short = strstr (vcard_get_log (card), "00CB3FFF055C035FC10500 ") != NULL;

  g_assert_nonnull (token);
  g_assert_true (asked_long == extended);
  g_assert_true (asked_short != extended);
}

static void
test_extended (void)
{
  static const struct
  {
    gboolean card;
    const char *features, *properties; /* NULL: refused */
    gboolean extended;
  } cases[] = {
    { TRUE, LIST, MAX_SIZE ("00000100"), TRUE },  /* 65536 */
    { TRUE, LIST, MAX_SIZE ("06010000"), TRUE },  /* 262 */
    { TRUE, LIST, MAX_SIZE ("05010000"), FALSE }, /* 261: a short APDU */
    { TRUE, LIST, MAX_SIZE ("00000000"), FALSE }, /* it does not tell */
    { TRUE, LIST, "0102 0000", FALSE },
    { TRUE, LIST, "", FALSE },
    { TRUE, LIST, NULL, FALSE },
    { TRUE, NULL, MAX_SIZE ("00000100"), FALSE },
    { TRUE, "", MAX_SIZE ("00000100"), FALSE },
    { FALSE, LIST, MAX_SIZE ("00000100"), FALSE }, /* the card says no */
    /* Lists that make no sense */
    { TRUE, "0604 42330006 " LIST, MAX_SIZE ("00000100"), TRUE },
    { TRUE, "1204 423300", MAX_SIZE ("00000100"), FALSE },
    { TRUE, "0605 4233000600 " LIST, MAX_SIZE ("00000100"), FALSE },
    { TRUE, "1204 00000000", MAX_SIZE ("00000100"), FALSE },
    { TRUE, "1204 FFFFFFFF", MAX_SIZE ("00000100"), FALSE },
    { TRUE, "FF", MAX_SIZE ("00000100"), FALSE },
    { TRUE, LIST, "0A04 0000", FALSE },
    { TRUE, LIST, "0AFF 00000100", FALSE },
    { TRUE, LIST, "0A00", FALSE },
    { TRUE, LIST, "FFFFFFFF", FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      VCard *card = pcsc_bench_set_up ();

      vcard_set_extended (card, cases[i].card);
      fake_winscard_insert (READER, card);
      set_control (CM_IOCTL_GET_FEATURE_REQUEST, cases[i].features);
      set_control (PROPERTIES, cases[i].properties);
      assert_extended (card, cases[i].extended);
      g_assert_cmpuint (fake_winscard_count ("SCardControl"), <=, cases[i].card ? 2 : 1);
      pcsc_bench_tear_down (card);
    }
}

/* A reader that says more than fits, or that fails in the middle, takes short APDUs. */
static void
test_extended_unsaid (void)
{
  static const DWORD places[] = { CM_IOCTL_GET_FEATURE_REQUEST, PROPERTIES };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (gsize j = 0; j <= G_N_ELEMENTS (pcsc_bench_codes); j++)
      {
        VCard *card = pcsc_bench_set_up ();
        guint8 long_list[FAKE_CONTROL_MAX] = { 0x0A, 0x04, 0x00, 0x00, 0x01, 0x00 };

        vcard_set_extended (card, true);
        fake_winscard_insert (READER, card);
        set_control (CM_IOCTL_GET_FEATURE_REQUEST, LIST);
        set_control (PROPERTIES, MAX_SIZE ("00000100"));
        if (j < G_N_ELEMENTS (pcsc_bench_codes))
          fake_winscard_fail ("SCardControl", (int) i + 1, (LONG) pcsc_bench_codes[j].rv);
        else
          fake_winscard_set_control (READER, places[i], long_list, sizeof long_list);
        assert_extended (card, FALSE);
        pcsc_bench_tear_down (card);
      }
}

/* The keypad of a reader: what it is told, and what comes back. */
#define PAD_LIST "0604 42330006 0704 42330007"
#define PAD_CODE 0x42330007

static const guint8 no_pin[16] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                   0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
static const PadCommand change_pin = { .apdu = { .ins = 0x24, .p2 = 0x80, .data = no_pin, .length = sizeof no_pin },
                                       .with_old = TRUE,
                                       .new_offset = 8,
                                       .block_size = 8,
                                       .min_length = 6,
                                       .max_length = 8 };

static gboolean
send_from_pad (const PadCommand *command, guint16 *status, guint *n_secrets, GError **error)
{
  g_autoptr (PcscGuard) guard = pcsc_guard_open (READER, NULL, NULL);
  Channel *channel = pcsc_guard_get_channel (guard);
  gboolean answered = channel_send_from_pad (channel, command, status, error);

  *n_secrets = channel_get_n_secrets (channel);
  return answered;
}

static void
assert_given (const char *hex)
{
  g_autoptr (GByteArray) wanted = hex_to_bytes (hex);
  DWORD n;
  const guint8 *given = fake_winscard_get_control (READER, PAD_CODE, &n);

  g_assert_cmpmem (given, n, wanted->data, wanted->len);
}

/* The structure, byte by byte: PC/SC part 10, PIN_MODIFY. */
static void
test_pad (void)
{
  VCard *card = pcsc_bench_set_up ();
  PadCommand only_new = change_pin;
  guint16 status;
  guint n_secrets;

  set_control (CM_IOCTL_GET_FEATURE_REQUEST, PAD_LIST);
  set_control (PAD_CODE, "63C2");
  g_assert_true (send_from_pad (&change_pin, &status, &n_secrets, NULL));
  g_assert_cmphex (status, ==, 0x63C2);
  g_assert_cmpuint (n_secrets, ==, 1);
  assert_given ("3C 3C 82 08 00 00 08 0806 03 02 03 0904 00 01 02 000000 15000000"
                "0024008010 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF");

  only_new.with_old = FALSE;
  only_new.new_offset = 0;
  only_new.block_size = only_new.apdu.length = 6;
  only_new.min_length = 4;
  g_assert_true (send_from_pad (&only_new, &status, &n_secrets, NULL));
  assert_given ("3C 3C 82 06 00 00 00 0804 01 02 02 0904 01 02 02 000000 0B000000"
                "0024008006 FFFFFFFFFFFF");
  pcsc_bench_tear_down (card);
}

/* Lists that make no sense: there is a keypad where one is told of, and nowhere else. */
static void
test_pad_lists (void)
{
  static const struct
  {
    const char *list; /* NULL: refused */
    gboolean pad;
  } rows[] = {
    { PAD_LIST, TRUE },
    { LIST " 0704 42330007", TRUE },
    { LIST, FALSE },
    { "0604 42330006", FALSE },
    { "0704 00000000", FALSE },
    { "0704 423300", FALSE },
    { "0705 4233000700", FALSE },
    { "0600 0704 42330007", FALSE },
    { "07", FALSE },
    { "", FALSE },
    { NULL, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      VCard *card = pcsc_bench_set_up ();
      g_autoptr (GError) error = NULL;
      guint16 status;
      guint n_secrets, n_controls;

      set_control (CM_IOCTL_GET_FEATURE_REQUEST, rows[i].list);
      set_control (PAD_CODE, "9000");
      n_controls = (guint) fake_winscard_count ("SCardControl");
      g_assert_cmpint (send_from_pad (&change_pin, &status, &n_secrets, &error), ==, rows[i].pad);
      g_assert_cmpint (error_get_code (error), ==, rows[i].pad ? ERROR_NONE : ERROR_PIN_IMPOSSIBLE);
      g_assert_cmpuint (n_secrets, ==, rows[i].pad);
      g_assert_cmpuint (fake_winscard_count ("SCardControl") - n_controls, ==, rows[i].pad ? 2 : 1);
      pcsc_bench_tear_down (card);
    }
}

/* Every return code, and answers that are none: the reader is asked once, and what it did is not known. */
static void
test_pad_fails (void)
{
  for (gsize i = 0; i <= G_N_ELEMENTS (pcsc_bench_codes); i++)
    {
      VCard *card = pcsc_bench_set_up ();
      g_autoptr (GError) error = NULL;
      guint8 rubbish[FAKE_CONTROL_MAX] = { 0x64, 0x01 };
      ErrorCode code = i < G_N_ELEMENTS (pcsc_bench_codes) ? pcsc_bench_get_error (pcsc_bench_codes[i].talking)
                                                           : ERROR_TOKEN_UNREADABLE;
      guint16 status;
      guint n_secrets;

      set_control (CM_IOCTL_GET_FEATURE_REQUEST, PAD_LIST);
      fake_winscard_set_control (READER, PAD_CODE, rubbish, sizeof rubbish);
      if (i < G_N_ELEMENTS (pcsc_bench_codes))
        fake_winscard_fail ("SCardControl", 2, (LONG) pcsc_bench_codes[i].rv);
      g_assert_false (send_from_pad (&change_pin, &status, &n_secrets, &error));
      g_assert_error (error, ASSISTANT_ERROR, (int) code);
      g_assert_cmpuint (n_secrets, ==, 1);
      g_assert_cmpuint (fake_winscard_count ("SCardControl"), ==, 2);
      g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), ==, 0);
      pcsc_bench_tear_down (card);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcsc-features/features", test_features);
  g_test_add_func ("/pcsc-features/properties", test_properties);
  g_test_add_func ("/pcsc-features/extended", test_extended);
  g_test_add_func ("/pcsc-features/extended-unsaid", test_extended_unsaid);
  g_test_add_func ("/pcsc-features/pad", test_pad);
  g_test_add_func ("/pcsc-features/pad-lists", test_pad_lists);
  g_test_add_func ("/pcsc-features/pad-fails", test_pad_fails);
  return g_test_run ();
}
