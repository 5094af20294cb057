/* The inside of the fake winscard: the world that its files share, and what every faked function does first and last.
 *
 * fake-winscard.c: readers, contexts, events. fake-winscard-card.c: handles, transactions, I/O.
 * fake-winscard-call.c: planned failures and hooks, the call log.
 */
#pragma once

#include "fake-winscard.h"

#define FAKE_MAX_READERS 16 /* as many as pcsc-lite 1.9.9 shows */
#define FAKE_MAX_HANDLES 32

#define FAKE_MAX_CONTROLS 4

typedef struct
{
  DWORD code; /* 0: none */
  uint8_t answer[FAKE_CONTROL_MAX];
  DWORD n;
  uint8_t given[FAKE_CONTROL_MAX]; /* what came with the last call */
  DWORD n_given;
} FakeControl;

typedef struct
{
  bool used;
  char name[MAX_READERNAME];
  VCard *card;
  uint8_t atr[VCARD_ATR_MAX];
  DWORD n_atr;      /* 0 with a card: mute */
  unsigned counter; /* insertions and removals, as in the upper half of dwEventState */
  unsigned resets;  /* by anybody */
  int owner;        /* the handle whose transaction it is, or -1 */
  int exclusive;    /* the handle that has it alone, or -1 */
  FakeControl controls[FAKE_MAX_CONTROLS];
} FakeReader;

typedef struct
{
  bool used;
  SCARDCONTEXT context;
  FakeReader *reader;
  unsigned counter, resets; /* of the reader when it was connected */
} FakeHandle;

extern FakeHandle fake_handles[FAKE_MAX_HANDLES];

FakeReader *fake_reader_find (const char *name);
DWORD fake_reader_state (const FakeReader *reader);
void fake_reader_reset_card (FakeReader *reader);
void fake_handle_close (FakeHandle *handle);

/* Gives N bytes as PC/SC does: into the caller's buffer, or a new one (SCARD_AUTOALLOCATE), or the length alone. */
LONG fake_give (const void *data, DWORD n, void *buffer, LPDWORD room);

/* Counts the call, runs its hooks; SCARD_S_SUCCESS: go on, anything else: return it (through fake_call_end ()). */
LONG fake_call_begin (const char *function);
LONG fake_call_begin_in (const char *function, SCARDCONTEXT context); /* and checks the context */

/* Logs the call with DETAIL (may be NULL) and returns RESULT. */
LONG fake_call_end (const char *function, const char *detail, LONG result);

void fake_call_wait (void); /* runs the wait hook */
void fake_call_reset (void);
