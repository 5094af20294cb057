#include "pcsc.h"

#include <reader.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "atr.h"
#include "pad.h"

#define MAX_FEATURES    256
#define MAX_READER_NAME 256
#define MAX_SHORT_APDU  261 /* header, Lc, 255 bytes, Le */
#define DEFAULT_SOCKET  "/run/pcscd/pcscd.comm"

struct _PcscGuard
{
  SCARDCONTEXT context;
  SCARDHANDLE card;
  gboolean established, connected, transacting, reset;
  DWORD protocol;
  guint32 properties, modify_pin; /* codes of the reader's features; 0: it has none */
  Channel *channel;
};

/* What was seen of pcsc-lite 1.9.9 to 2.x: `talking` is for a call about a token that we have. */
static const struct
{
  guint32 rv;
  ErrorCode code, talking;
} codes[] = {
  { SCARD_E_NO_SERVICE, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { SCARD_E_SERVICE_STOPPED, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { SCARD_P_SHUTDOWN, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },
  { SCARD_F_COMM_ERROR, ERROR_SERVICE_STOPPED, ERROR_SERVICE_STOPPED },       /* it died during the call */
  { SCARD_W_SECURITY_VIOLATION, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED }, /* polkit, or the 200th context */
  { SCARD_E_NO_ACCESS, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { SCARD_E_NO_MEMORY, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { SCARD_E_SERVER_TOO_BUSY, ERROR_SERVICE_DENIED, ERROR_SERVICE_DENIED },
  { SCARD_E_UNKNOWN_READER, ERROR_READER_GONE, ERROR_READER_GONE },
  { SCARD_E_READER_UNAVAILABLE, ERROR_READER_GONE, ERROR_READER_GONE },
  { SCARD_E_NO_READERS_AVAILABLE, ERROR_READER_GONE, ERROR_READER_GONE },
  { SCARD_E_INVALID_VALUE, ERROR_WORKER_FAILED, ERROR_READER_GONE },
  { SCARD_E_INVALID_HANDLE, ERROR_WORKER_FAILED, ERROR_READER_GONE },
  { SCARD_E_SHARING_VIOLATION, ERROR_READER_BUSY, ERROR_READER_BUSY },
  { SCARD_E_NOT_READY, ERROR_READER_BUSY, ERROR_READER_BUSY },
  { SCARD_E_NO_SMARTCARD, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { SCARD_W_REMOVED_CARD, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED },
  { SCARD_E_NOT_TRANSACTED, ERROR_TOKEN_REMOVED, ERROR_TOKEN_REMOVED }, /* pulled during the APDU */
  { SCARD_W_RESET_CARD, ERROR_TOKEN_RESET, ERROR_TOKEN_RESET },
  { SCARD_W_UNPOWERED_CARD, ERROR_TOKEN_MUTE, ERROR_TOKEN_MUTE },
  { SCARD_W_UNRESPONSIVE_CARD, ERROR_TOKEN_MUTE, ERROR_TOKEN_MUTE },
  { SCARD_E_PROTO_MISMATCH, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN }, /* an ATR that offers neither T=0 nor T=1 */
  { SCARD_W_UNSUPPORTED_CARD, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { SCARD_E_CARD_UNSUPPORTED, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { SCARD_E_INVALID_ATR, ERROR_TOKEN_UNKNOWN, ERROR_TOKEN_UNKNOWN },
  { SCARD_E_TIMEOUT, ERROR_SERVICE_HUNG, ERROR_TOKEN_SILENT },
  { SCARD_F_WAITED_TOO_LONG, ERROR_SERVICE_HUNG, ERROR_TOKEN_SILENT },
  { SCARD_E_INSUFFICIENT_BUFFER, ERROR_WORKER_FAILED, ERROR_TOKEN_UNREADABLE },
  { SCARD_E_COMM_DATA_LOST, ERROR_WORKER_FAILED, ERROR_TOKEN_UNREADABLE },
};

static const char *
get_socket_path (void)
{
  const char *path = g_getenv ("PCSCLITE_CSOCK_NAME");

  return path != NULL ? path : DEFAULT_SOCKET;
}

gboolean
pcsc_is_installed (void)
{
  static const char *const programs[] = { "/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd" };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    if (g_file_test (programs[i], G_FILE_TEST_EXISTS))
      return TRUE;

  return g_file_test (get_socket_path (), G_FILE_TEST_EXISTS);
}

gboolean
pcsc_is_listening (void)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  gboolean listening;

  if (fd == -1)
    return FALSE;

  g_strlcpy (address.sun_path, get_socket_path (), sizeof address.sun_path);
  listening = connect (fd, (struct sockaddr *) &address, sizeof address) == 0;
  close (fd);
  return listening;
}

ErrorCode
pcsc_error_from_code (LONG rv, gboolean while_talking)
{
  ErrorCode code = ERROR_WORKER_FAILED;

  if (rv == SCARD_S_SUCCESS)
    return ERROR_NONE;

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    if (codes[i].rv == (guint32) rv)
      code = while_talking ? codes[i].talking : codes[i].code;

  if (code == ERROR_SERVICE_STOPPED && !pcsc_is_installed ())
    return ERROR_SERVICE_MISSING;
  return code;
}

gboolean
pcsc_check (LONG rv, gboolean while_talking, GError **error)
{
  if (rv == SCARD_S_SUCCESS)
    return TRUE;

  g_set_error (error, ASSISTANT_ERROR, pcsc_error_from_code (rv, while_talking), "PC/SC 0x%08X", (guint) rv);
  return FALSE;
}

/* A ChannelTransmit. The length of the answer means nothing where the call failed: it is what it was before. */
static gboolean
transmit (gpointer transport, const guint8 *command, gsize length, guint8 *answer, gsize *answer_length, GError **error)
{
  PcscGuard *guard = transport;
  SCARD_IO_REQUEST pci = { guard->protocol, sizeof pci };
  DWORD n = *answer_length;
  LONG rv = SCardTransmit (guard->card, &pci, command, length, NULL, answer, &n);

  if (!pcsc_check (rv, TRUE, error))
    return FALSE;

  *answer_length = MIN (n, *answer_length);
  return TRUE;
}

/* A ChannelPad: returns when the person has typed everything, or the reader has given up. */
static gboolean
transmit_from_pad (gpointer transport, const PadCommand *command, guint8 *answer, gsize *answer_length, GError **error)
{
  PcscGuard *guard = transport;
  guint8 block[PAD_MAX_SIZE];
  gsize length = pad_encode (command, block, sizeof block);
  DWORD n = 0;
  LONG rv = SCardControl (guard->card, guard->modify_pin, block, length, answer, *answer_length, &n);

  if (!pcsc_check (rv, TRUE, error))
    return FALSE;

  *answer_length = MIN (n, *answer_length);
  return TRUE;
}

guint32
pcsc_find_feature (const guint8 *list, gsize length, guint8 feature)
{
  for (gsize i = 0; i + 6 <= length && list[i + 1] == 4; i += 6)
    if (list[i] == feature)
      return (guint32) list[i + 2] << 24 | (guint32) list[i + 3] << 16 | (guint32) list[i + 4] << 8 | list[i + 5];

  return 0;
}

guint32
pcsc_find_property (const guint8 *list, gsize length, guint8 property)
{
  for (gsize i = 0; i + 2 <= length && list[i + 1] <= length - i - 2; i += 2 + (gsize) list[i + 1])
    if (list[i] == property && list[i + 1] <= sizeof (guint32))
      {
        guint32 value = 0;

        for (gsize j = list[i + 1]; j > 0; j--)
          value = value << 8 | list[i + 1 + j];
        return value;
      }

  return 0;
}

/* What the reader answers to control CODE, at most SIZE bytes; none where it refuses. */
static gsize
control (SCARDHANDLE card, DWORD code, guint8 *answer, gsize size)
{
  DWORD n = 0;

  if (SCardControl (card, code, NULL, 0, answer, size, &n) != SCARD_S_SUCCESS || n > size)
    return 0;
  return n;
}

static void
find_features (PcscGuard *guard)
{
  guint8 list[MAX_FEATURES];
  gsize n = control (guard->card, CM_IOCTL_GET_FEATURE_REQUEST, list, sizeof list);

  guard->properties = pcsc_find_feature (list, n, FEATURE_GET_TLV_PROPERTIES);
  guard->modify_pin = pcsc_find_feature (list, n, FEATURE_MODIFY_PIN_DIRECT);
}

/* Whether the reader moves APDUs longer than short ones; one that does not tell is taken not to. */
static gboolean
reader_takes_extended (const PcscGuard *guard)
{
  guint8 list[MAX_FEATURES];
  gsize n;

  if (guard->properties == 0)
    return FALSE;

  n = control (guard->card, guard->properties, list, sizeof list);
  return pcsc_find_property (list, n, PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize) > MAX_SHORT_APDU;
}

/* Whether another program is connected to the token in READER; we are not, yet. */
static gboolean
is_in_use (SCARDCONTEXT context, const char *reader)
{
  SCARD_READERSTATE state = { .szReader = reader, .dwCurrentState = SCARD_STATE_UNAWARE };

  return SCardGetStatusChange (context, 0, &state, 1) == SCARD_S_SUCCESS
         && (state.dwEventState & (SCARD_STATE_INUSE | SCARD_STATE_EXCLUSIVE)) != 0;
}

static gboolean
open_card (PcscGuard *guard, const char *reader, void (*step) (PcscStep step), GError **error)
{
  if (step != NULL)
    step (PCSC_STEP_SERVICE);
  if (!pcsc_check (SCardEstablishContext (SCARD_SCOPE_SYSTEM, NULL, NULL, &guard->context), FALSE, error))
    return FALSE;
  guard->established = TRUE;

  if (step != NULL)
    {
      step (is_in_use (guard->context, reader) ? PCSC_STEP_IN_USE : PCSC_STEP_FREE);
      step (PCSC_STEP_CONNECT);
    }
  if (!pcsc_check (SCardConnect (guard->context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                                 &guard->card, &guard->protocol),
                   TRUE, error))
    return FALSE;
  guard->connected = TRUE;

  if (!pcsc_check (SCardBeginTransaction (guard->card), TRUE, error))
    return FALSE;
  guard->transacting = TRUE;

  if (step != NULL)
    step (PCSC_STEP_OPEN);
  return TRUE;
}

static gboolean
make_channel (PcscGuard *guard, GError **error)
{
  char name[MAX_READER_NAME];
  guint8 atr[ATR_MAX_SIZE];
  DWORD n_name = sizeof name, n_atr = sizeof atr, state = 0, protocol = 0;
  gboolean extended;

  if (!pcsc_check (SCardStatus (guard->card, name, &n_name, &state, &protocol, atr, &n_atr), TRUE, error))
    return FALSE;

  guard->protocol = protocol == SCARD_PROTOCOL_T0 ? SCARD_PROTOCOL_T0 : SCARD_PROTOCOL_T1;
  n_atr = MIN (n_atr, sizeof atr);
  find_features (guard);
  extended = atr_takes_extended (atr, n_atr) && reader_takes_extended (guard);
  guard->channel = channel_new (transmit, guard, atr, n_atr, extended, guard->protocol == SCARD_PROTOCOL_T0);
  if (guard->modify_pin != 0)
    channel_set_pad (guard->channel, transmit_from_pad);
  return TRUE;
}

PcscGuard *
pcsc_guard_open (const char *reader, void (*step) (PcscStep step), GError **error)
{
  g_autoptr (PcscGuard) guard = g_new0 (PcscGuard, 1);

  if (!open_card (guard, reader, step, error) || !make_channel (guard, error))
    return NULL;
  return g_steal_pointer (&guard);
}

void
pcsc_guard_close (PcscGuard *guard)
{
  /* What these calls say changes nothing: the service takes everything back when the process ends. A reset comes with
   * the end of the transaction, so that nobody finds the token verified in between. */
  if (guard->transacting
      && SCardEndTransaction (guard->card, guard->reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD) == SCARD_S_SUCCESS)
    guard->reset = FALSE;
  if (guard->connected)
    SCardDisconnect (guard->card, guard->reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
  if (guard->established)
    SCardReleaseContext (guard->context);
  g_clear_pointer (&guard->channel, channel_free);
  g_free (guard);
}

void
pcsc_guard_want_reset (PcscGuard *guard)
{
  guard->reset = TRUE;
}

Channel *
pcsc_guard_get_channel (PcscGuard *guard)
{
  return guard->channel;
}
