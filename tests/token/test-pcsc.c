/* The service: what each of its return codes and each event comes to at every call, and that whatever happens the token
 * is given back as it was. What a reader can do besides is in test-pcsc-features.c. */
#include <string.h>

#include "pcsc-bench.h"

static void
assert_fails (ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Token) token = pcsc_bench_read (&error);

  g_assert_null (token);
  g_assert_error (error, ASSISTANT_ERROR, (int) pcsc_bench_get_error (code));
}

static void
test_codes (void)
{
  g_assert_cmpint (pcsc_error_from_code (SCARD_S_SUCCESS, FALSE), ==, ERROR_NONE);
  g_assert_true (pcsc_check (SCARD_S_SUCCESS, TRUE, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (pcsc_bench_codes); i++)
    {
      /* However the service's 32 bits became a LONG. */
      LONG wide = (LONG) pcsc_bench_codes[i].rv, negative = (LONG) (gint32) pcsc_bench_codes[i].rv;

      g_assert_cmpint (pcsc_error_from_code (wide, FALSE), ==, pcsc_bench_get_error (pcsc_bench_codes[i].code));
      g_assert_cmpint (pcsc_error_from_code (wide, TRUE), ==, pcsc_bench_get_error (pcsc_bench_codes[i].talking));
      g_assert_cmpint (pcsc_error_from_code (negative, TRUE), ==, pcsc_bench_get_error (pcsc_bench_codes[i].talking));
    }
}

/* Every return code at every call: the named error, and nothing is left open. */
static void
test_every_call (void)
{
  static const char *const functions[] = {
    "SCardEstablishContext", "SCardConnect", "SCardBeginTransaction", "SCardStatus", "SCardTransmit",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (pcsc_bench_codes); j++)
      {
        const PcscBenchCode *row = &pcsc_bench_codes[j];
        ErrorCode code = i == 0 ? row->code : row->talking; /* the first asks for the service */
        VCard *card = pcsc_bench_set_up ();

        /* An answer that makes no sense is looked at twice before the conversation is over. */
        if (code == ERROR_TOKEN_UNREADABLE && strcmp (functions[i], "SCardTransmit") == 0)
          code = ERROR_TOKEN_UNKNOWN;
        fake_winscard_fail (functions[i], 0, (LONG) row->rv);
        assert_fails (code);
        g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), <=, 2);
        pcsc_bench_tear_down (card);
      }
}

/* Every return code at every APDU of a reading. */
static void
test_every_apdu (void)
{
  VCard *whole = pcsc_bench_set_up ();
  g_autoptr (Token) token = pcsc_bench_read (NULL);
  int n_apdus = (int) fake_winscard_count ("SCardTransmit");

  g_assert_nonnull (token);
  g_assert_cmpint (n_apdus, >, 6);
  pcsc_bench_tear_down (whole);

  for (int n = 2; n <= n_apdus; n++)
    for (gsize j = 0; j < G_N_ELEMENTS (pcsc_bench_codes); j++)
      if (pcsc_bench_codes[j].talking != ERROR_TOKEN_UNREADABLE)
        {
          VCard *card = pcsc_bench_set_up ();

          fake_winscard_fail ("SCardTransmit", n, (LONG) pcsc_bench_codes[j].rv);
          assert_fails (pcsc_bench_codes[j].talking);
          g_assert_cmpuint (fake_winscard_count ("SCardTransmit"), ==, n);
          pcsc_bench_tear_down (card);
        }
}

/* Closing goes on to the end whatever it is told. */
static void
test_closing (void)
{
  static const char *const functions[] = { "SCardEndTransaction", "SCardControl" };

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (pcsc_bench_codes); j++)
      {
        VCard *card = pcsc_bench_set_up ();
        g_autoptr (Token) token = NULL;

        fake_winscard_fail (functions[i], 0, (LONG) pcsc_bench_codes[j].rv);
        token = pcsc_bench_read (NULL);
        g_assert_nonnull (token);
        pcsc_bench_tear_down (card);
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
      VCard *card = pcsc_bench_set_up ();
      VCard *other = vcard_new ();

      fake_winscard_at (events[i].function, events[i].n, events[i].hook, other);
      assert_fails (events[i].code);
      vcard_reset_counters (card);
      pcsc_bench_tear_down (card);
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
  pcsc_bench_tear_down (card);
}

/* Another program has the token for itself, or a transaction on it (where the real service would wait). */
static void
test_busy (void)
{
  for (int exclusive = 0; exclusive <= 1; exclusive++)
    {
      VCard *card = pcsc_bench_set_up ();
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
      pcsc_bench_tear_down (card);
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
  VCard *card = pcsc_bench_set_up ();
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
  pcsc_bench_tear_down (card);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pcsc/codes", test_codes);
  g_test_add_func ("/pcsc/every-call", test_every_call);
  g_test_add_func ("/pcsc/every-apdu", test_every_apdu);
  g_test_add_func ("/pcsc/closing", test_closing);
  g_test_add_func ("/pcsc/events", test_events);
  g_test_add_func ("/pcsc/unpowered", test_unpowered);
  g_test_add_func ("/pcsc/busy", test_busy);
  g_test_add_func ("/pcsc/borrowed", test_borrowed);
  return g_test_run ();
}
