#include "fake-winscard-private.h"

#include <reader.h>
#include <stdio.h>
#include <string.h>

#define FIRST_HANDLE 0x2000

const SCARD_IO_REQUEST g_rgSCardT0Pci = { SCARD_PROTOCOL_T0, sizeof (SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardT1Pci = { SCARD_PROTOCOL_T1, sizeof (SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardRawPci = { SCARD_PROTOCOL_RAW, sizeof (SCARD_IO_REQUEST) };

FakeHandle fake_handles[FAKE_MAX_HANDLES];

void
fake_handle_close (FakeHandle *handle)
{
  int i = (int) (handle - fake_handles);

  if (handle->reader->owner == i)
    handle->reader->owner = -1;
  if (handle->reader->exclusive == i)
    handle->reader->exclusive = -1;
  handle->used = false;
}

static FakeHandle *
find_handle (SCARDHANDLE number)
{
  long i = number - FIRST_HANDLE;

  return i >= 0 && i < FAKE_MAX_HANDLES && fake_handles[i].used ? &fake_handles[i] : NULL;
}

/* What is wrong with this handle before anything is sent. */
static LONG
check_handle (const FakeHandle *handle)
{
  if (handle == NULL)
    return SCARD_E_INVALID_HANDLE;
  if (!handle->reader->used)
    return SCARD_E_INVALID_VALUE; /* measured: what a reader that was unplugged gives */
  if (handle->counter != handle->reader->counter)
    return SCARD_W_REMOVED_CARD;
  return handle->resets != handle->reader->resets ? SCARD_W_RESET_CARD : SCARD_S_SUCCESS;
}

static LONG
check_card (const FakeReader *reader)
{
  if (reader == NULL)
    return SCARD_E_UNKNOWN_READER;
  if (reader->card == NULL)
    return SCARD_E_NO_SMARTCARD;
  if (reader->n_atr == 0)
    return SCARD_W_UNPOWERED_CARD;
  return reader->atr[0] == 0x3B || reader->atr[0] == 0x3F ? SCARD_S_SUCCESS : SCARD_E_PROTO_MISMATCH;
}

static LONG
connect_reader (SCARDCONTEXT context, FakeReader *reader, DWORD share, LPSCARDHANDLE number)
{
  LONG result = check_card (reader);
  int i = 0;

  if (result != SCARD_S_SUCCESS)
    return result;
  if (reader->exclusive >= 0)
    return SCARD_E_SHARING_VIOLATION;
  if (share == SCARD_SHARE_EXCLUSIVE && (fake_reader_state (reader) & SCARD_STATE_INUSE) != 0)
    return SCARD_E_SHARING_VIOLATION;
  while (i < FAKE_MAX_HANDLES && fake_handles[i].used)
    i++;
  if (i == FAKE_MAX_HANDLES)
    return SCARD_F_INTERNAL_ERROR;
  fake_handles[i] = (FakeHandle){ true, context, reader, reader->counter, reader->resets };
  if (share == SCARD_SHARE_EXCLUSIVE)
    reader->exclusive = i;
  *number = FIRST_HANDLE + i;
  return SCARD_S_SUCCESS;
}

LONG
SCardConnect (SCARDCONTEXT context, LPCSTR name, DWORD share, DWORD protocols, LPSCARDHANDLE number, LPDWORD protocol)
{
  LONG result = fake_call_begin_in ("SCardConnect", context);

  if (result == SCARD_S_SUCCESS)
    result = (protocols & SCARD_PROTOCOL_T1) == 0 ? SCARD_E_PROTO_MISMATCH
                                                  : connect_reader (context, fake_reader_find (name), share, number);
  if (result == SCARD_S_SUCCESS)
    *protocol = SCARD_PROTOCOL_T1;
  return fake_call_end ("SCardConnect", name, result);
}

/* It succeeds silently on another card, as the real one does. */
static LONG
reconnect (FakeHandle *handle, DWORD initialization)
{
  LONG result;

  if (handle == NULL)
    return SCARD_E_INVALID_HANDLE;
  if (!handle->reader->used)
    return SCARD_E_READER_UNAVAILABLE;
  result = check_card (handle->reader);
  if (result != SCARD_S_SUCCESS)
    return result;
  if (initialization != SCARD_LEAVE_CARD)
    fake_reader_reset_card (handle->reader);
  handle->counter = handle->reader->counter;
  handle->resets = handle->reader->resets;
  return SCARD_S_SUCCESS;
}

LONG
SCardReconnect (SCARDHANDLE number, DWORD share, DWORD protocols, DWORD initialization, LPDWORD protocol)
{
  LONG result = fake_call_begin ("SCardReconnect");

  (void) share;
  (void) protocols;
  if (result == SCARD_S_SUCCESS)
    result = reconnect (find_handle (number), initialization);
  if (result == SCARD_S_SUCCESS)
    *protocol = SCARD_PROTOCOL_T1;
  return fake_call_end ("SCardReconnect", NULL, result);
}

static const char *
disposition_name (DWORD disposition)
{
  static const char *const names[] = { "leave", "reset", "unpower", "eject" };

  return disposition < 4 ? names[disposition] : "?";
}

static void
dispose (FakeHandle *handle, DWORD disposition)
{
  if (disposition == SCARD_LEAVE_CARD || handle->counter != handle->reader->counter || !handle->reader->used)
    return;
  fake_reader_reset_card (handle->reader);
  handle->resets = handle->reader->resets; /* whoever resets is not told */
}

LONG
SCardDisconnect (SCARDHANDLE number, DWORD disposition)
{
  LONG result = fake_call_begin ("SCardDisconnect");
  FakeHandle *handle = find_handle (number);

  if (result == SCARD_S_SUCCESS && handle == NULL)
    result = SCARD_E_INVALID_HANDLE;
  if (result == SCARD_S_SUCCESS)
    {
      dispose (handle, disposition);
      fake_handle_close (handle);
    }
  return fake_call_end ("SCardDisconnect", disposition_name (disposition), result);
}

LONG
SCardBeginTransaction (SCARDHANDLE number)
{
  LONG result = fake_call_begin ("SCardBeginTransaction");
  FakeHandle *handle = find_handle (number);

  if (result == SCARD_S_SUCCESS)
    result = check_handle (handle);
  if (result == SCARD_S_SUCCESS && handle->reader->owner >= 0)
    result = SCARD_E_SHARING_VIOLATION; /* the real one would wait */
  if (result == SCARD_S_SUCCESS)
    handle->reader->owner = (int) (handle - fake_handles);
  return fake_call_end ("SCardBeginTransaction", NULL, result);
}

LONG
SCardEndTransaction (SCARDHANDLE number, DWORD disposition)
{
  LONG result = fake_call_begin ("SCardEndTransaction");
  FakeHandle *handle = find_handle (number);

  if (result == SCARD_S_SUCCESS)
    result = check_handle (handle);
  if (result == SCARD_S_SUCCESS && handle->reader->owner != handle - fake_handles)
    result = SCARD_E_NOT_TRANSACTED;
  if (result == SCARD_S_SUCCESS)
    {
      dispose (handle, disposition);
      handle->reader->owner = -1;
    }
  return fake_call_end ("SCardEndTransaction", disposition_name (disposition), result);
}

/* I/O */

static LONG
transmit (const FakeHandle *handle, LPCBYTE apdu, DWORD n, LPBYTE answer, LPDWORD n_answer)
{
  static uint8_t full[VCARD_ANSWER_MAX];
  size_t n_full = 0;
  LONG result = check_handle (handle);

  if (result != SCARD_S_SUCCESS)
    return result;
  if (handle->reader->owner >= 0 && handle->reader->owner != handle - fake_handles)
    return SCARD_E_SHARING_VIOLATION;
  if (vcard_transmit (handle->reader->card, apdu, n, full, &n_full) == VCARD_PULLED)
    {
      fake_winscard_eject (handle->reader->name);
      return SCARD_E_NOT_TRANSACTED;
    }
  if (n_full > *n_answer)
    {
      *n_answer = n_full;
      return SCARD_E_INSUFFICIENT_BUFFER;
    }
  memcpy (answer, full, n_full);
  *n_answer = n_full;
  return SCARD_S_SUCCESS;
}

LONG
SCardTransmit (SCARDHANDLE number,
               const SCARD_IO_REQUEST *protocol,
               LPCBYTE apdu,
               DWORD n,
               SCARD_IO_REQUEST *answer_protocol,
               LPBYTE answer,
               LPDWORD n_answer)
{
  LONG result = fake_call_begin ("SCardTransmit");
  char header[16] = "";

  (void) protocol;
  (void) answer_protocol;
  if (n >= 4)
    snprintf (header, sizeof header, "%02X%02X%02X%02X", apdu[0], apdu[1], apdu[2], apdu[3]);
  if (result == SCARD_S_SUCCESS)
    result = apdu == NULL || answer == NULL || n_answer == NULL
               ? SCARD_E_INVALID_PARAMETER
               : transmit (find_handle (number), apdu, n, answer, n_answer);
  return fake_call_end ("SCardTransmit", header, result);
}

static LONG
control (FakeReader *reader, DWORD code, const void *in, DWORD n_in, void *out, DWORD room, DWORD *n_out)
{
  FakeControl *found = NULL;

  for (int i = 0; i < FAKE_MAX_CONTROLS; i++)
    if (code != 0 && reader->controls[i].code == code)
      found = &reader->controls[i];
  if (found == NULL)
    return code == CM_IOCTL_GET_FEATURE_REQUEST ? SCARD_S_SUCCESS : SCARD_E_UNSUPPORTED_FEATURE;
  if (n_in > sizeof found->given)
    return SCARD_E_INVALID_PARAMETER;
  found->n_given = n_in;
  if (n_in > 0)
    memcpy (found->given, in, n_in);
  if (found->n > room)
    return SCARD_E_INSUFFICIENT_BUFFER;
  if (found->n > 0)
    memcpy (out, found->answer, found->n);
  *n_out = found->n;
  return SCARD_S_SUCCESS;
}

LONG
SCardControl (SCARDHANDLE number, DWORD code, LPCVOID in, DWORD n_in, LPVOID out, DWORD room, LPDWORD n_out)
{
  LONG result = fake_call_begin ("SCardControl");
  const FakeHandle *handle = find_handle (number);
  DWORD n = 0;

  if (result == SCARD_S_SUCCESS)
    result = check_handle (handle);
  if (result == SCARD_S_SUCCESS)
    result = control (handle->reader, code, in, n_in, out, room, &n);
  if (n_out != NULL)
    *n_out = n;
  return fake_call_end ("SCardControl", NULL, result);
}

static LONG
status (const FakeReader *reader,
        LPSTR name,
        LPDWORD n_name,
        LPDWORD state,
        LPDWORD protocol,
        LPBYTE atr,
        LPDWORD n_atr)
{
  LONG result = SCARD_S_SUCCESS;

  if (state != NULL)
    *state = SCARD_PRESENT | SCARD_POWERED | SCARD_NEGOTIABLE;
  if (protocol != NULL)
    *protocol = SCARD_PROTOCOL_T1;
  if (n_name != NULL)
    result = fake_give (reader->name, strlen (reader->name) + 1, name, n_name);
  if (n_atr != NULL && result == SCARD_S_SUCCESS)
    result = fake_give (reader->atr, reader->n_atr, atr, n_atr);
  return result;
}

LONG
SCardStatus (SCARDHANDLE number, LPSTR name, LPDWORD n_name, LPDWORD state, LPDWORD protocol, LPBYTE atr, LPDWORD n_atr)
{
  LONG result = fake_call_begin ("SCardStatus");
  FakeHandle *handle = find_handle (number);

  if (result == SCARD_S_SUCCESS)
    result = check_handle (handle);
  if (result == SCARD_S_SUCCESS)
    result = status (handle->reader, name, n_name, state, protocol, atr, n_atr);
  return fake_call_end ("SCardStatus", NULL, result);
}

LONG
SCardGetAttrib (SCARDHANDLE number, DWORD attribute, LPBYTE value, LPDWORD n)
{
  LONG result = fake_call_begin ("SCardGetAttrib");
  FakeHandle *handle = find_handle (number);

  if (result == SCARD_S_SUCCESS)
    result = check_handle (handle);
  if (result == SCARD_S_SUCCESS && attribute == SCARD_ATTR_ATR_STRING)
    result = fake_give (handle->reader->atr, handle->reader->n_atr, value, n);
  else if (result == SCARD_S_SUCCESS && attribute == SCARD_ATTR_DEVICE_FRIENDLY_NAME)
    result = fake_give (handle->reader->name, strlen (handle->reader->name) + 1, value, n);
  else if (result == SCARD_S_SUCCESS)
    result = SCARD_E_UNSUPPORTED_FEATURE;
  return fake_call_end ("SCardGetAttrib", NULL, result);
}

const char *
pcsc_stringify_error (const LONG code)
{
  static char text[24];

  snprintf (text, sizeof text, "PC/SC 0x%08lX", (unsigned long) code & 0xFFFFFFFF);
  return text;
}
