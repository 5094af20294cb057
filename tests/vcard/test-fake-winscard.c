/* The fake winscard answers as pcsc-lite was measured to. */
#include "fake-winscard.h"

#include <glib.h>
#include <string.h>

#define READER "Test Reader 00 00"

typedef struct
{
  VCard *card, *other;
  SCARDCONTEXT context;
  SCARDHANDLE handle;
} World;

static void
set_up (World *world, gconstpointer data)
{
  (void) data;
  fake_winscard_reset ();
  fake_winscard_add_reader (READER);
  world->card = vcard_new ();
  world->other = vcard_new ();
  vcard_add_applet (world->card, "piv");
  vcard_add_applet (world->other, "piv");
  fake_winscard_insert (READER, world->card);
  g_assert_cmpint (SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &world->context), ==, SCARD_S_SUCCESS);
}

static void
tear_down (World *world, gconstpointer data)
{
  (void) data;
  SCardReleaseContext (world->context);
  g_assert_cmpuint (fake_winscard_open_handles (), ==, 0);
  g_assert_cmpuint (fake_winscard_open_contexts (), ==, 0);
  vcard_free (world->card);
  vcard_free (world->other);
}

static LONG
open_card (World *world, DWORD share)
{
  DWORD protocol = 0;

  return SCardConnect (world->context, READER, share, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &world->handle, &protocol);
}

static LONG
verify_empty (World *world, DWORD *n)
{
  static const BYTE apdu[] = { 0x00, 0x20, 0x00, 0x80 };
  static BYTE answer[VCARD_ANSWER_MAX];

  return SCardTransmit (world->handle, SCARD_PCI_T1, apdu, sizeof apdu, NULL, answer, n);
}

static void
test_session (World *world, gconstpointer data)
{
  char name[MAX_READERNAME];
  BYTE atr[MAX_ATR_SIZE];
  DWORD n = sizeof name, n_atr = sizeof atr, n_answer = 258, state, protocol;
  char *names = NULL;
  DWORD n_names = SCARD_AUTOALLOCATE;

  (void) data;
  g_assert_cmpint (SCardListReaders (world->context, NULL, (LPSTR) &names, &n_names), ==, SCARD_S_SUCCESS);
  g_assert_cmpmem (names, n_names, READER "\0", sizeof READER + 1);
  SCardFreeMemory (world->context, names);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (SCardBeginTransaction (world->handle), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n_answer), ==, SCARD_S_SUCCESS);
  g_assert_cmpuint (n_answer, ==, 2);
  g_assert_cmpint (SCardStatus (world->handle, name, &n, &state, &protocol, atr, &n_atr), ==, SCARD_S_SUCCESS);
  g_assert_cmpstr (name, ==, READER);
  g_assert_cmpuint (atr[0], ==, 0x3B);
  g_assert_cmpint (SCardEndTransaction (world->handle, SCARD_LEAVE_CARD), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (SCardDisconnect (world->handle, SCARD_RESET_CARD), ==, SCARD_S_SUCCESS);
  g_assert_cmpuint (vcard_get_counters (world->card)->resets, ==, 1);
  g_assert_nonnull (strstr (fake_winscard_get_log (), "SCardTransmit 00200080 -> 00000000\n"));
}

static void
test_removed_and_swapped (World *world, gconstpointer data)
{
  DWORD n = 258, protocol;

  (void) data;
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  fake_winscard_eject (READER);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_REMOVED_CARD);
  g_assert_cmpint (SCardReconnect (world->handle, 2, 2, SCARD_LEAVE_CARD, &protocol), ==, SCARD_E_NO_SMARTCARD);
  fake_winscard_insert (READER, world->other);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_REMOVED_CARD);
  g_assert_cmpint (SCardReconnect (world->handle, 2, 2, SCARD_LEAVE_CARD, &protocol), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_S_SUCCESS);
  g_assert_cmpuint (vcard_get_counters (world->other)->apdus, ==, 1);
}

static void
test_pulled_while_transmitting (World *world, gconstpointer data)
{
  DWORD n = 258;

  (void) data;
  vcard_fault_drop (world->card, (VCardMatch){ 0, VCARD_ANY });
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_E_NOT_TRANSACTED);
  g_assert_cmpuint (n, ==, 258);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_REMOVED_CARD);
}

static void
test_reset_by_another (World *world, gconstpointer data)
{
  DWORD n = 258, protocol;

  (void) data;
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  fake_winscard_reset_card (READER);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_RESET_CARD);
  g_assert_cmpint (SCardReconnect (world->handle, 2, 2, SCARD_LEAVE_CARD, &protocol), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_S_SUCCESS);
}

static void
test_exclusive (World *world, gconstpointer data)
{
  SCARDHANDLE first;

  (void) data;
  g_assert_cmpint (open_card (world, SCARD_SHARE_EXCLUSIVE), ==, SCARD_S_SUCCESS);
  first = world->handle;
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_E_SHARING_VIOLATION);
  SCardDisconnect (first, SCARD_LEAVE_CARD);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
}

static void
test_planned_failures (World *world, gconstpointer data)
{
  DWORD n = 258;

  (void) data;
  fake_winscard_fail ("SCardTransmit", 2, SCARD_W_REMOVED_CARD);
  fake_winscard_fail ("SCardConnect", 0, SCARD_E_NO_SERVICE);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_E_NO_SERVICE);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_E_NO_SERVICE);
  g_assert_cmpuint (fake_winscard_count ("SCardConnect"), ==, 2);
  fake_winscard_reset ();
  fake_winscard_add_reader (READER);
  fake_winscard_insert (READER, world->card);
  SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &world->context);
  fake_winscard_fail ("SCardTransmit", 2, SCARD_W_REMOVED_CARD);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_REMOVED_CARD);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_S_SUCCESS);
}

static void
swap_now (void *data)
{
  fake_winscard_insert (READER, ((World *) data)->other);
}

static void
test_swap_between_two_calls (World *world, gconstpointer data)
{
  DWORD n = 258;

  (void) data;
  fake_winscard_at ("SCardTransmit", 1, swap_now, world);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_S_SUCCESS);
  g_assert_cmpint (verify_empty (world, &n), ==, SCARD_W_REMOVED_CARD);
  g_assert_cmpuint (vcard_get_counters (world->other)->apdus, ==, 0);
}

static void
eject_now (void *data)
{
  (void) data;
  fake_winscard_eject (READER);
}

static void
plug_now (void *data)
{
  (void) data;
  fake_winscard_add_reader ("Other Reader 01 00");
}

static void
test_events (World *world, gconstpointer data)
{
  SCARD_READERSTATE states[2] = { { .szReader = READER }, { .szReader = "\\\\?PnP?\\Notification" } };

  (void) data;
  g_assert_cmpint (SCardGetStatusChange (world->context, 0, states, 2), ==, SCARD_S_SUCCESS);
  g_assert_cmphex (states[0].dwEventState & 0xFFFF, ==, SCARD_STATE_PRESENT | SCARD_STATE_CHANGED);
  g_assert_cmpuint (states[0].cbAtr, >, 0);
  states[0].dwCurrentState = states[0].dwEventState;
  g_assert_cmpint (SCardGetStatusChange (world->context, 10, states, 2), ==, SCARD_E_TIMEOUT);
  fake_winscard_on_wait (eject_now, NULL);
  g_assert_cmpint (SCardGetStatusChange (world->context, INFINITE, states, 2), ==, SCARD_S_SUCCESS);
  g_assert_cmphex (states[0].dwEventState & 0xFFFF, ==, SCARD_STATE_EMPTY | SCARD_STATE_CHANGED);
  states[0].dwCurrentState = states[0].dwEventState;
  fake_winscard_on_wait (plug_now, NULL);
  g_assert_cmpint (SCardGetStatusChange (world->context, INFINITE, states, 2), ==, SCARD_S_SUCCESS);
  g_assert_true (states[1].dwEventState & SCARD_STATE_CHANGED);
  fake_winscard_remove_reader (READER);
  g_assert_cmpint (SCardGetStatusChange (world->context, 0, states, 1), ==, SCARD_S_SUCCESS);
  g_assert_true (states[0].dwEventState & SCARD_STATE_UNKNOWN);
}

static void
test_mute (World *world, gconstpointer data)
{
  SCARD_READERSTATE state = { .szReader = READER };

  (void) data;
  vcard_set_mute (world->other, true);
  fake_winscard_insert (READER, world->other);
  SCardGetStatusChange (world->context, 0, &state, 1);
  g_assert_true (state.dwEventState & SCARD_STATE_MUTE);
  g_assert_cmpint (open_card (world, SCARD_SHARE_SHARED), ==, SCARD_W_UNPOWERED_CARD);
}

#define ADD(name, test) g_test_add ("/fake-winscard/" name, World, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  ADD ("session", test_session);
  ADD ("removed-and-swapped", test_removed_and_swapped);
  ADD ("pulled-while-transmitting", test_pulled_while_transmitting);
  ADD ("reset-by-another", test_reset_by_another);
  ADD ("exclusive", test_exclusive);
  ADD ("planned-failures", test_planned_failures);
  ADD ("swap-between-two-calls", test_swap_between_two_calls);
  ADD ("events", test_events);
  ADD ("mute", test_mute);
  return g_test_run ();
}
