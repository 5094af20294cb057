#include "token/pcsc.h"

#include <reader.h>
#include <string.h>

#include "fake-winscard.h"
#include "hex.h"
#include "token/driver.h"

#define READER  "Test Reader 00 00"
#define SERVICE ERROR_SERVICE_STOPPED /* or missing, as the machine is */

extern const Driver piv_driver;

/* What each return code means where a service is asked for, and where a token is talked to. */
static const struct
{
  guint32 rv;
  ErrorCode code, talking;
} codes[] = {
  { 0x80100001, ERROR_WORKER_FAILED, ERROR_WORKER_FAILED },
  { 0x80100003, ERROR_WORKER_FAILED, ERROR_READER_GONE },
  { 0x80100006, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { 0x80100007, ERROR_SERVICE_HUNG, ERROR_TOKEN_SILENT },
  { 0x80100008, ERROR_WORKER_FAILED, ERROR_TOKEN_UNREADABLE },
  { 0x80100009, ERROR_READER_GONE, ERROR_READER_GONE },
  { 0x8010000A, ERROR_SERVICE_HUNG, ERROR_TOKEN_SILENT },
  { 0x8010000B, ERROR_READER_BUSY, ERROR_READER_BUSY },
  { 0x8010000C, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { 0x8010000F, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x80100010, ERROR_READER_BUSY, ERROR_READER_BUSY },
  { 0x80100011, ERROR_WORKER_FAILED, ERROR_READER_GONE },
  { 0x80100013, SERVICE, SERVICE },
  { 0x80100015, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x80100016, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { 0x80100017, ERROR_READER_GONE, ERROR_READER_GONE },
  { 0x80100018, SERVICE, SERVICE },
  { 0x8010001C, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x8010001D, SERVICE, SERVICE },
  { 0x8010001E, SERVICE, SERVICE },
  { 0x80100027, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { 0x8010002E, ERROR_READER_GONE, ERROR_READER_GONE },
  { 0x8010002F, ERROR_WORKER_FAILED, ERROR_TOKEN_UNREADABLE },
  { 0x80100031, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { 0x80100065, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x80100066, ERROR_TOKEN_MUTE, ERROR_TOKEN_MUTE },
  { 0x80100067, ERROR_TOKEN_MUTE, ERROR_TOKEN_MUTE },
  { 0x80100068, ERROR_TOKEN_RESET, ERROR_TOKEN_RESET },
  { 0x80100069, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { 0x8010006A, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { 0x801000FF, ERROR_WORKER_FAILED, ERROR_WORKER_FAILED },
  { 0x00000001, ERROR_WORKER_FAILED, ERROR_WORKER_FAILED },
};

static ErrorCode
as_here (ErrorCode code)
{
  return code == SERVICE && !pcsc_is_installed () ? ERROR_SERVICE_MISSING : code;
}

/* A reader with a PIV token in it. */
static VCard *
set_up (void)
{
  VCard *card = vcard_new ();

  fake_winscard_reset ();
  vcard_add_applet (card, "piv");
  fake_winscard_add_reader (READER);
  fake_winscard_insert (READER, card);
  return card;
}

static void
tear_down (VCard *card)
{
  g_assert_cmpuint (fake_winscard_open_handles (), ==, 0);
  g_assert_cmpuint (fake_winscard_open_contexts (), ==, 0);
  g_assert_cmpuint (vcard_get_counters (card)->resets, ==, 0);
  fake_winscard_reset ();
  vcard_free (card);
}

static void
count_report (Session *session G_GNUC_UNUSED, const Token *token G_GNUC_UNUSED)
{
}

/* One reading as the worker does it. */
static Token *
read_reader (GError **error)
{
  g_autoptr (PcscGuard) guard = pcsc_guard_open (READER, NULL, error);
  Session session = { .report = count_report };

  if (guard == NULL)
    return NULL;
  session.channel = pcsc_guard_get_channel (guard);
  if (piv_driver.probe (&session) != PROBE_NO)
    return piv_driver.read (&session, error);
  if (!channel_get_loss (session.channel, error))
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "no driver");
  return NULL;
}

static void
assert_fails (ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Token) token = read_reader (&error);

  g_assert_null (token);
  g_assert_error (error, ASSISTANT_ERROR, (int) as_here (code));
}

static void
test_codes (void)
{
  g_assert_cmpint (pcsc_error_from_code (SCARD_S_SUCCESS, FALSE), ==, ERROR_NONE);
  g_assert_true (pcsc_check (SCARD_S_SUCCESS, TRUE, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      /* However the service's 32 bits became a LONG. */
      LONG wide = (LONG) codes[i].rv, negative = (LONG) (gint32) codes[i].rv;

      g_assert_cmpint (pcsc_error_from_code (wide, FALSE), ==, as_here (codes[i].code));
      g_assert_cmpint (pcsc_error_from_code (wide, TRUE), ==, as_here (codes[i].talking));
      g_assert_cmpint (pcsc_error_from_code (negative, TRUE), ==, as_here (codes[i].talking));
    }
}

/* Every return code at every call: the named error, and nothing is left open. */
static void
test_every_call (void)
{
  static const struct
  {
    const char *function;
    gboolean talking;
  } calls[] = { { "SCardEstablishContext", FALSE },
                { "SCardConnect", TRUE },
                { "SCardBeginTransaction", TRUE },
                { "SCardStatus", TRUE },
                { "SCardTransmit", TRUE } };

  for (gsize i = 0; i < G_N_ELEMENTS (calls); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (codes); j++)
      {
        VCard *card = set_up ();
        gboolean is_answer =
          codes[j].talking == ERROR_TOKEN_UNREADABLE && strcmp (calls[i].function, "SCardTransmit") == 0;

        /* An answer that makes no sense is looked at twice before the conversation is over. */
        fake_winscard_fail (calls[i].function, 0, (LONG) codes[j].rv);
        assert_fails (is_answer ? ERROR_TOKEN_UNKNOWN : calls[i].talking ? codes[j].talking : codes[j].code);
        g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), <=, 2);
        tear_down (card);
      }
}

/* Every return code at every APDU of a reading. */
static void
test_every_apdu (void)
{
  VCard *whole = set_up ();
  g_autoptr (Token) token = read_reader (NULL);
  int n_apdus = (int) fake_winscard_count ("SCardTransmit");

  g_assert_nonnull (token);
  g_assert_cmpint (n_apdus, >, 6);
  tear_down (whole);

  for (int n = 2; n <= n_apdus; n++)
    for (gsize j = 0; j < G_N_ELEMENTS (codes); j++)
      if (codes[j].talking != ERROR_TOKEN_UNREADABLE)
        {
          VCard *card = set_up ();

          fake_winscard_fail ("SCardTransmit", n, (LONG) codes[j].rv);
          assert_fails (codes[j].talking);
          g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), ==, n);
          tear_down (card);
        }
}

/* Closing goes on to the end whatever it is told. */
static void
test_closing (void)
{
  static const char *const functions[] = { "SCardEndTransaction", "SCardControl" };

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (codes); j++)
      {
        VCard *card = set_up ();
        g_autoptr (Token) token = NULL;

        fake_winscard_fail (functions[i], 0, (LONG) codes[j].rv);
        token = read_reader (NULL);
        g_assert_nonnull (token);
        tear_down (card);
      }
}

static void
pull (void *data G_GNUC_UNUSED)
{
  fake_winscard_eject (READER);
}

static void
unplug (void *data G_GNUC_UNUSED)
{
  fake_winscard_remove_reader (READER);
}

static void
reset (void *data G_GNUC_UNUSED)
{
  fake_winscard_reset_card (READER);
}

static void
swap (void *data)
{
  fake_winscard_eject (READER);
  fake_winscard_insert (READER, data);
}

static void
test_events (void)
{
  static const struct
  {
    const char *function;
    int n;
    FakeWinscardHook hook;
    ErrorCode code;
  } events[] = {
    { "SCardConnect", 1, pull, ERROR_TOKEN_REMOVED },
    { "SCardConnect", 1, unplug, ERROR_READER_GONE },
    { "SCardBeginTransaction", 1, pull, ERROR_TOKEN_REMOVED },
    { "SCardBeginTransaction", 1, unplug, ERROR_READER_GONE },
    { "SCardBeginTransaction", 1, reset, ERROR_TOKEN_RESET },
    { "SCardBeginTransaction", 1, swap, ERROR_TOKEN_REMOVED },
    { "SCardStatus", 1, pull, ERROR_TOKEN_REMOVED },
    { "SCardTransmit", 1, pull, ERROR_TOKEN_REMOVED },
    { "SCardTransmit", 4, pull, ERROR_TOKEN_REMOVED },
    { "SCardTransmit", 4, unplug, ERROR_READER_GONE },
    { "SCardTransmit", 4, reset, ERROR_TOKEN_RESET },
    { "SCardTransmit", 4, swap, ERROR_TOKEN_REMOVED },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (events); i++)
    {
      VCard *card = set_up ();
      VCard *other = vcard_new ();

      fake_winscard_at (events[i].function, events[i].n, events[i].hook, other);
      assert_fails (events[i].code);
      vcard_reset_counters (card);
      tear_down (card);
      vcard_free (other);
    }
}

static void
test_unpowered (void)
{
  static const uint8_t nonsense[] = { 0x00 };
  VCard *card = vcard_new ();

  fake_winscard_reset ();
  fake_winscard_add_reader (READER);
  assert_fails (ERROR_TOKEN_REMOVED);

  vcard_set_mute (card, true);
  fake_winscard_insert (READER, card);
  assert_fails (ERROR_TOKEN_MUTE);

  vcard_set_mute (card, false);
  vcard_set_atr (card, nonsense, sizeof nonsense);
  fake_winscard_insert (READER, card);
  assert_fails (ERROR_TOKEN_UNKNOWN);
  tear_down (card);
}

/* Another program has the token for itself, or a transaction on it (where the real service would wait). */
static void
test_busy (void)
{
  for (int exclusive = 0; exclusive <= 1; exclusive++)
    {
      VCard *card = set_up ();
      SCARDCONTEXT context;
      SCARDHANDLE handle;
      DWORD protocol;
      LONG rv;

      rv = SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
      rv |= SCardConnect (context, READER, exclusive ? SCARD_SHARE_EXCLUSIVE : SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                          &handle, &protocol);
      rv |= SCardBeginTransaction (handle);
      g_assert_cmpint (rv, ==, SCARD_S_SUCCESS);
      assert_fails (ERROR_READER_BUSY);
      g_assert_cmpuint (fake_winscard_open_handles (), ==, 1);
      SCardReleaseContext (context);
      tear_down (card);
    }
}

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

  for (gsize i = 0; i < G_N_ELEMENTS (features); i++)
    {
      g_autoptr (GByteArray) list = hex_to_bytes (features[i].list);

      g_assert_cmphex (pcsc_find_feature (list->data, list->len, FEATURE_GET_TLV_PROPERTIES), ==, features[i].feature);
      g_assert_cmphex (pcsc_find_feature (list->data, list->len, FEATURE_MODIFY_PIN_DIRECT), ==, features[i].pad);
    }
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
  g_autoptr (Token) token = read_reader (NULL);
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
      VCard *card = set_up ();

      vcard_set_extended (card, cases[i].card);
      fake_winscard_insert (READER, card);
      set_control (CM_IOCTL_GET_FEATURE_REQUEST, cases[i].features);
      set_control (PROPERTIES, cases[i].properties);
      assert_extended (card, cases[i].extended);
      g_assert_cmpuint (fake_winscard_count ("SCardControl"), <=, cases[i].card ? 2 : 1);
      tear_down (card);
    }
}

/* A reader that says more than fits, or that fails in the middle, takes short APDUs. */
static void
test_extended_unsaid (void)
{
  static const DWORD places[] = { CM_IOCTL_GET_FEATURE_REQUEST, PROPERTIES };

  for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
    for (gsize j = 0; j <= G_N_ELEMENTS (codes); j++)
      {
        VCard *card = set_up ();
        guint8 long_list[FAKE_CONTROL_MAX] = { 0x0A, 0x04, 0x00, 0x00, 0x01, 0x00 };

        vcard_set_extended (card, true);
        fake_winscard_insert (READER, card);
        set_control (CM_IOCTL_GET_FEATURE_REQUEST, LIST);
        set_control (PROPERTIES, MAX_SIZE ("00000100"));
        if (j < G_N_ELEMENTS (codes))
          fake_winscard_fail ("SCardControl", (int) i + 1, (LONG) codes[j].rv);
        else
          fake_winscard_set_control (READER, places[i], long_list, sizeof long_list);
        assert_extended (card, FALSE);
        tear_down (card);
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
  VCard *card = set_up ();
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
  tear_down (card);
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
      VCard *card = set_up ();
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
      tear_down (card);
    }
}

/* Every return code, and answers that are none: the reader is asked once, and what it did is not known. */
static void
test_pad_fails (void)
{
  for (gsize i = 0; i <= G_N_ELEMENTS (codes); i++)
    {
      VCard *card = set_up ();
      g_autoptr (GError) error = NULL;
      guint8 rubbish[FAKE_CONTROL_MAX] = { 0x64, 0x01 };
      ErrorCode code = i < G_N_ELEMENTS (codes) ? as_here (codes[i].talking) : ERROR_TOKEN_UNREADABLE;
      guint16 status;
      guint n_secrets;

      set_control (CM_IOCTL_GET_FEATURE_REQUEST, PAD_LIST);
      fake_winscard_set_control (READER, PAD_CODE, rubbish, sizeof rubbish);
      if (i < G_N_ELEMENTS (codes))
        fake_winscard_fail ("SCardControl", 2, (LONG) codes[i].rv);
      g_assert_false (send_from_pad (&change_pin, &status, &n_secrets, &error));
      g_assert_error (error, ASSISTANT_ERROR, (int) code);
      g_assert_cmpuint (n_secrets, ==, 1);
      g_assert_cmpuint (fake_winscard_count ("SCardControl"), ==, 2);
      g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), ==, 0);
      tear_down (card);
    }
}

static GString *seen_steps;

static void
see_step (PcscStep step)
{
  g_string_append_printf (seen_steps, "%d", step);
  g_assert_cmpuint (fake_winscard_count ("SCardEstablishContext"), ==, step > PCSC_STEP_SERVICE);
  g_assert_cmpuint (fake_winscard_count ("SCardBeginTransaction"), ==, step > PCSC_STEP_CONNECT);
}

/* The token is borrowed: the order of calls, and how it is left. */
static void
test_borrowed (void)
{
  VCard *card = set_up ();
  PcscGuard *guard;
  const char *log;

  seen_steps = g_string_new (NULL);
  guard = pcsc_guard_open (READER, see_step, NULL);
  g_assert_nonnull (guard);
  g_assert_cmpstr (seen_steps->str, ==, "0134");
  g_assert_cmpuint (fake_winscard_open_handles (), ==, 1);
  pcsc_guard_close (guard);

  log = fake_winscard_get_log ();
  g_assert_nonnull (strstr (log, "SCardEndTransaction leave -> 00000000\nSCardDisconnect leave -> 00000000\n"
                                 "SCardReleaseContext -> 00000000\n"));
  g_string_free (seen_steps, TRUE);
  tear_down (card);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcsc/codes", test_codes);
  g_test_add_func ("/pcsc/features", test_features);
  g_test_add_func ("/pcsc/extended", test_extended);
  g_test_add_func ("/pcsc/extended-unsaid", test_extended_unsaid);
  g_test_add_func ("/pcsc/pad", test_pad);
  g_test_add_func ("/pcsc/pad-lists", test_pad_lists);
  g_test_add_func ("/pcsc/pad-fails", test_pad_fails);
  g_test_add_func ("/pcsc/every-call", test_every_call);
  g_test_add_func ("/pcsc/every-apdu", test_every_apdu);
  g_test_add_func ("/pcsc/closing", test_closing);
  g_test_add_func ("/pcsc/events", test_events);
  g_test_add_func ("/pcsc/unpowered", test_unpowered);
  g_test_add_func ("/pcsc/busy", test_busy);
  g_test_add_func ("/pcsc/borrowed", test_borrowed);
  return g_test_run ();
}
