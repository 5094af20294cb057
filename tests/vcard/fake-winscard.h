/* The client side of pcsc-lite, faked in process over virtual tokens.
 *
 * Linked in place of libpcsclite by unit tests and fuzzers: the program under test includes the real winscard.h and
 * cannot tell. Single-threaded; nothing ever blocks: where the real SCardGetStatusChange would wait, the wait hook
 * runs, and when that changes nothing the call ends with SCARD_E_TIMEOUT (SCARD_E_CANCELLED when the timeout is
 * INFINITE). The tokens belong to the caller and must outlive their stay in a reader. Begin each test with
 * fake_winscard_reset ().
 */
#pragma once

#include "vcard.h"

#include <winscard.h>

/* The world */
void fake_winscard_reset (void);
void fake_winscard_add_reader (const char *name);
void fake_winscard_remove_reader (const char *name);
void fake_winscard_insert (const char *reader, VCard *card);
void fake_winscard_eject (const char *reader);
void fake_winscard_reset_card (const char *reader); /* by another program */

/* What READER answers to SCardControl CODE: N bytes, at most FAKE_CONTROL_MAX, copied. Without it a reader has no
 * features: an empty list of them, and every other code is refused. */
#define FAKE_CONTROL_MAX 512
void fake_winscard_set_control (const char *reader, DWORD code, const void *answer, DWORD n);

/* What READER was last given with SCardControl CODE, which has been set: *N bytes. */
const uint8_t *fake_winscard_get_control (const char *reader, DWORD code, DWORD *n);

/* The N-th call of FUNCTION from now (1: the next; 0: every one) returns CODE and does nothing else. */
void fake_winscard_fail (const char *function, int n, LONG code);

typedef void (*FakeWinscardHook) (void *data);

/* HOOK runs before the N-th call from now of FUNCTION: to pull, swap or reset a token at exactly that place. */
void fake_winscard_at (const char *function, int n, FakeWinscardHook hook, void *data);
void fake_winscard_on_wait (FakeWinscardHook hook, void *data);

/* What was called: "SCardConnect Test Reader 00 00 -> 00000000", a line each. An APDU is told by its header alone. */
const char *fake_winscard_get_log (void);
unsigned long fake_winscard_count (const char *function);
unsigned fake_winscard_open_contexts (void);
unsigned fake_winscard_open_handles (void);
