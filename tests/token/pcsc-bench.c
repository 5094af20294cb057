#include "pcsc-bench.h"

extern const Driver piv_driver;

const PcscBenchCode pcsc_bench_codes[] = {
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
  { 0x80100013, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { 0x80100015, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x80100016, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { 0x80100017, ERROR_READER_GONE, ERROR_READER_GONE },
  { 0x80100018, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { 0x8010001C, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { 0x8010001D, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { 0x8010001E, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
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

ErrorCode
pcsc_bench_get_error (ErrorCode code)
{
  return code == ERROR_SERVICE_STOPPED && !pcsc_is_installed () ? ERROR_SERVICE_MISSING : code;
}

VCard *
pcsc_bench_set_up (void)
{
  VCard *card = vcard_new ();

  fake_winscard_reset ();
  vcard_add_applet (card, "piv");
  fake_winscard_add_reader (READER);
  fake_winscard_insert (READER, card);
  return card;
}

void
pcsc_bench_tear_down (VCard *card)
{
  g_assert_cmpuint (fake_winscard_open_handles (), ==, 0);
  g_assert_cmpuint (fake_winscard_open_contexts (), ==, 0);
  g_assert_cmpuint (vcard_get_counters (card)->resets, ==, 0);
  fake_winscard_reset ();
  vcard_free (card);
}

static void
report (Session *session G_GNUC_UNUSED, const Token *token G_GNUC_UNUSED)
{
}

Token *
pcsc_bench_read (GError **error)
{
  g_autoptr (PcscGuard) guard = pcsc_guard_open (READER, NULL, error);
  Session session = { .report = report };

  if (guard == NULL)
    return NULL;
  session.channel = pcsc_guard_get_channel (guard);
  if (piv_driver.probe (&session) != PROBE_NO)
    return piv_driver.read (&session, error);
  if (!channel_get_loss (session.channel, error))
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "no driver");
  return NULL;
}
