#include "fake-winscard-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONTEXTS     16
#define FIRST_CONTEXT    0x1000
#define PNP_NOTIFICATION "\\\\?PnP?\\Notification"

static FakeReader readers[FAKE_MAX_READERS];
static bool contexts[MAX_CONTEXTS];
static unsigned list_generation;
static bool cancelled;

/* The world */

void
fake_winscard_reset (void)
{
  memset (readers, 0, sizeof readers);
  memset (contexts, 0, sizeof contexts);
  memset (fake_handles, 0, sizeof fake_handles);
  fake_call_reset ();
}

FakeReader *
fake_reader_find (const char *name)
{
  for (int i = 0; i < FAKE_MAX_READERS; i++)
    if (readers[i].used && strcmp (readers[i].name, name) == 0)
      return &readers[i];
  return NULL;
}

void
fake_winscard_add_reader (const char *name)
{
  for (int i = 0; i < FAKE_MAX_READERS; i++)
    if (!readers[i].used)
      {
        readers[i] = (FakeReader){ .used = true, .owner = -1, .exclusive = -1 };
        snprintf (readers[i].name, sizeof readers[i].name, "%s", name);
        list_generation++;
        return;
      }
}

void
fake_winscard_remove_reader (const char *name)
{
  FakeReader *reader = fake_reader_find (name);

  if (reader == NULL)
    return;
  reader->used = false;
  list_generation++;
}

void
fake_winscard_eject (const char *name)
{
  FakeReader *reader = fake_reader_find (name);

  if (reader == NULL || reader->card == NULL)
    return;
  reader->card = NULL;
  reader->n_atr = 0;
  reader->counter++;
  reader->owner = reader->exclusive = -1;
}

void
fake_winscard_insert (const char *name, VCard *card)
{
  FakeReader *reader = fake_reader_find (name);

  fake_winscard_eject (name);
  if (reader == NULL)
    return;
  reader->card = card;
  reader->counter++;
  vcard_insert (card);
  reader->n_atr = vcard_power (card, VCARD_POWER_UP, reader->atr);
  if (reader->n_atr > MAX_ATR_SIZE)
    reader->n_atr = 0;
}

void
fake_reader_reset_card (FakeReader *reader)
{
  if (reader->card == NULL)
    return;
  reader->n_atr = vcard_power (reader->card, VCARD_RESET, reader->atr);
  reader->resets++;
}

void
fake_winscard_reset_card (const char *name)
{
  FakeReader *reader = fake_reader_find (name);

  if (reader != NULL)
    fake_reader_reset_card (reader);
}

void
fake_winscard_set_control (const char *name, DWORD code, const void *answer, DWORD n)
{
  FakeReader *reader = fake_reader_find (name);
  int i = 0;

  if (reader == NULL || n > FAKE_CONTROL_MAX)
    abort ();
  while (i < FAKE_MAX_CONTROLS && reader->controls[i].code != 0 && reader->controls[i].code != code)
    i++;
  if (i == FAKE_MAX_CONTROLS)
    abort ();
  reader->controls[i] = (FakeControl){ .code = code, .n = n };
  if (n > 0)
    memcpy (reader->controls[i].answer, answer, n);
}

const uint8_t *
fake_winscard_get_control (const char *name, DWORD code, DWORD *n)
{
  FakeReader *reader = fake_reader_find (name);

  for (int i = 0; i < FAKE_MAX_CONTROLS && reader != NULL; i++)
    if (reader->controls[i].code == code)
      {
        *n = reader->controls[i].n_given;
        return reader->controls[i].given;
      }
  abort ();
}

unsigned
fake_winscard_open_contexts (void)
{
  unsigned n = 0;

  for (int i = 0; i < MAX_CONTEXTS; i++)
    n += contexts[i];
  return n;
}

unsigned
fake_winscard_open_handles (void)
{
  unsigned n = 0;

  for (int i = 0; i < FAKE_MAX_HANDLES; i++)
    n += fake_handles[i].used;
  return n;
}

/* Contexts */

static LONG
check_context (SCARDCONTEXT context)
{
  long i = context - FIRST_CONTEXT;

  return i >= 0 && i < MAX_CONTEXTS && contexts[i] ? SCARD_S_SUCCESS : SCARD_E_INVALID_HANDLE;
}

LONG
fake_call_begin_in (const char *function, SCARDCONTEXT context)
{
  LONG result = fake_call_begin (function);

  return result == SCARD_S_SUCCESS ? check_context (context) : result;
}

LONG
SCardEstablishContext (DWORD scope, LPCVOID reserved1, LPCVOID reserved2, LPSCARDCONTEXT context)
{
  LONG result = fake_call_begin ("SCardEstablishContext");
  int i = 0;

  (void) scope;
  (void) reserved1;
  (void) reserved2;
  while (i < MAX_CONTEXTS && contexts[i])
    i++;
  if (result == SCARD_S_SUCCESS && i == MAX_CONTEXTS)
    result = SCARD_E_NO_MEMORY;
  if (result == SCARD_S_SUCCESS)
    {
      contexts[i] = true;
      *context = FIRST_CONTEXT + i;
    }
  return fake_call_end ("SCardEstablishContext", NULL, result);
}

LONG
SCardReleaseContext (SCARDCONTEXT context)
{
  LONG result = fake_call_begin_in ("SCardReleaseContext", context);

  if (result == SCARD_S_SUCCESS)
    {
      contexts[context - FIRST_CONTEXT] = false;
      for (int i = 0; i < FAKE_MAX_HANDLES; i++)
        if (fake_handles[i].used && fake_handles[i].context == context)
          fake_handle_close (&fake_handles[i]);
    }
  return fake_call_end ("SCardReleaseContext", NULL, result);
}

LONG
SCardIsValidContext (SCARDCONTEXT context)
{
  return fake_call_end ("SCardIsValidContext", NULL, fake_call_begin_in ("SCardIsValidContext", context));
}

LONG
fake_give (const void *data, DWORD n, void *buffer, LPDWORD room)
{
  void *target = buffer;

  if (room == NULL)
    return SCARD_E_INVALID_PARAMETER;
  if (buffer != NULL && *room == SCARD_AUTOALLOCATE)
    {
      target = malloc (n + 1);
      if (target == NULL)
        return SCARD_E_NO_MEMORY;
      *(void **) buffer = target;
    }
  else if (buffer != NULL && *room < n)
    {
      *room = n;
      return SCARD_E_INSUFFICIENT_BUFFER;
    }
  if (target != NULL && n > 0)
    memcpy (target, data, n);
  *room = n;
  return SCARD_S_SUCCESS;
}

static LONG
list_readers (LPSTR names, LPDWORD room)
{
  char all[FAKE_MAX_READERS * MAX_READERNAME + 1];
  DWORD n = 0;

  for (int i = 0; i < FAKE_MAX_READERS; i++)
    if (readers[i].used)
      {
        size_t length = strlen (readers[i].name) + 1;

        memcpy (all + n, readers[i].name, length);
        n += length;
      }
  all[n++] = '\0';
  return n == 1 ? SCARD_E_NO_READERS_AVAILABLE : fake_give (all, n, names, room);
}

LONG
SCardListReaders (SCARDCONTEXT context, LPCSTR groups, LPSTR names, LPDWORD room)
{
  LONG result = fake_call_begin_in ("SCardListReaders", context);

  (void) groups;
  if (result == SCARD_S_SUCCESS)
    result = list_readers (names, room);
  return fake_call_end ("SCardListReaders", NULL, result);
}

LONG
SCardFreeMemory (SCARDCONTEXT context, LPCVOID memory)
{
  LONG result = fake_call_begin_in ("SCardFreeMemory", context);

  if (result == SCARD_S_SUCCESS)
    free ((void *) memory);
  return fake_call_end ("SCardFreeMemory", NULL, result);
}

/* Events */

DWORD
fake_reader_state (const FakeReader *reader)
{
  DWORD state = (DWORD) (reader->counter & 0xFFFF) << 16;

  if (reader->card == NULL)
    return state | SCARD_STATE_EMPTY;
  state |= SCARD_STATE_PRESENT;
  if (reader->n_atr == 0)
    state |= SCARD_STATE_MUTE;
  if (reader->exclusive >= 0)
    return state | SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE;
  for (int i = 0; i < FAKE_MAX_HANDLES; i++)
    if (fake_handles[i].used && fake_handles[i].reader == reader)
      state |= SCARD_STATE_INUSE;
  return state;
}

/* Fills in one entry. Returns whether it has changed. */
static bool
update_state (SCARD_READERSTATE *entry, unsigned generation)
{
  const FakeReader *reader = fake_reader_find (entry->szReader);
  DWORD known = entry->dwCurrentState & ~(DWORD) SCARD_STATE_CHANGED;
  DWORD state = SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE;

  entry->cbAtr = 0;
  if ((known & SCARD_STATE_IGNORE) != 0)
    state = SCARD_STATE_IGNORE;
  else if (strcmp (entry->szReader, PNP_NOTIFICATION) == 0)
    state = generation != list_generation ? known ^ 0x10000 : known;
  else if (reader != NULL)
    {
      state = fake_reader_state (reader);
      entry->cbAtr = reader->n_atr;
      memcpy (entry->rgbAtr, reader->atr, reader->n_atr);
      /* A client that does not hand the counter back is compared without it. */
      if (known != SCARD_STATE_UNAWARE && known >> 16 == 0)
        known |= state & 0xFFFF0000;
    }
  entry->dwEventState = state == known ? state : state | SCARD_STATE_CHANGED;
  return state != known;
}

static bool
update_states (SCARD_READERSTATE *states, DWORD n, unsigned generation)
{
  bool changed = false;

  for (DWORD i = 0; i < n; i++)
    changed |= update_state (&states[i], generation);
  return changed;
}

static LONG
wait_for_change (DWORD timeout_ms, SCARD_READERSTATE *states, DWORD n)
{
  unsigned generation = list_generation;

  if (n > FAKE_MAX_READERS || (states == NULL && n > 0))
    return SCARD_E_INVALID_PARAMETER;
  for (DWORD i = 0; i < n; i++)
    if (states[i].szReader == NULL)
      return SCARD_E_INVALID_VALUE;
  if (update_states (states, n, generation))
    return SCARD_S_SUCCESS;
  cancelled = false;
  if (timeout_ms > 0)
    fake_call_wait ();
  if (update_states (states, n, generation))
    return SCARD_S_SUCCESS;
  return cancelled || timeout_ms == INFINITE ? SCARD_E_CANCELLED : SCARD_E_TIMEOUT;
}

LONG
SCardGetStatusChange (SCARDCONTEXT context, DWORD timeout_ms, SCARD_READERSTATE *states, DWORD n)
{
  LONG result = fake_call_begin_in ("SCardGetStatusChange", context);

  if (result == SCARD_S_SUCCESS)
    result = wait_for_change (timeout_ms, states, n);
  return fake_call_end ("SCardGetStatusChange", NULL, result);
}

/* Only from within the wait hook has it an effect: as in pcsc-lite, nobody remembers an early one. */
LONG
SCardCancel (SCARDCONTEXT context)
{
  LONG result = fake_call_begin_in ("SCardCancel", context);

  cancelled = result == SCARD_S_SUCCESS;
  return fake_call_end ("SCardCancel", NULL, result);
}
