/* libifdvcard.so: an IFD handler that lets a real pcscd use the tokens of vcard-host. Test only.
 *
 * It lives in pcscd. Each reader is a listening Unix socket (link.h):
 *   reader.conf   DEVICENAME vcard:/path/of/socket, or vcard-pad:/path/of/socket for a reader with a keypad
 *   hot-plug      usb:VID/PID:libudev:0:/dev/bus/usb/001/004 listens on $IFDVCARD_DIR/usb-001-004
 * Nothing is polled: pcscd's thread sleeps in wait_for_event () until a token comes or goes, so an idle reader costs
 * nothing. pcscd calls everything of one reader under that reader's lock, except wait_for_event () and stop_waiting ():
 * therefore a connection is closed in IFDHICCPresence () only, and everybody else just shuts it down.
 *
 * $IFDVCARD_MAX_APDU is the reader's dwMaxAPDUDataSize (PC/SC part 10): 0 = short APDUs only, default 65536.
 */
#include "link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <ifdhandler.h>
#include <poll.h>
#include <pthread.h>
#include <reader.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define MAX_READERS        32
#define ATR_MAX            33
#define CTL_MODIFY_PIN     SCARD_CTL_CODE (3507)
#define CTL_TLV_PROPERTIES SCARD_CTL_CODE (3518)

/* pcscd must see every removal, also when the next token waits already. But it asks for the presence at several places
 * and looks at the answer at one of them: the head of its thread's loop, which follows wait_for_event (). So a removal
 * stands until that loop went round once. */
enum
{
  REMOVAL_NONE,
  REMOVAL_FOUND,
  REMOVAL_REPORTED
};

typedef struct
{
  bool used;
  bool pad; /* it has a keypad */
  DWORD lun;
  char path[108];
  int listener;
  int connection;      /* the token, or -1 */
  int wake[2];         /* a byte in it ends wait_for_event () */
  _Atomic int removal; /* REMOVAL_*: how far pcscd has taken notice of a removal */
  uint8_t atr[ATR_MAX];
  DWORD n_atr;
} Reader;

static Reader readers[MAX_READERS];
static pthread_mutex_t readers_lock = PTHREAD_MUTEX_INITIALIZER; /* of the table, not of its entries */

static Reader *
find_reader (DWORD lun)
{
  Reader *found = NULL;

  pthread_mutex_lock (&readers_lock);
  for (int i = 0; i < MAX_READERS && found == NULL; i++)
    if (readers[i].used && readers[i].lun == lun)
      found = &readers[i];
  pthread_mutex_unlock (&readers_lock);
  return found;
}

static Reader *
take_reader (DWORD lun)
{
  Reader *taken = NULL;

  pthread_mutex_lock (&readers_lock);
  for (int i = 0; i < MAX_READERS && taken == NULL; i++)
    if (!readers[i].used)
      {
        taken = &readers[i];
        *taken = (Reader){ .used = true, .lun = lun, .listener = -1, .connection = -1, .wake = { -1, -1 } };
      }
  pthread_mutex_unlock (&readers_lock);
  return taken;
}

static void
close_fd (int *fd)
{
  if (*fd >= 0)
    close (*fd);
  *fd = -1;
}

static void
release_reader (Reader *reader)
{
  close_fd (&reader->connection);
  close_fd (&reader->listener);
  close_fd (&reader->wake[0]);
  close_fd (&reader->wake[1]);
  if (reader->path[0] != '\0')
    unlink (reader->path);
  pthread_mutex_lock (&readers_lock);
  reader->used = false;
  pthread_mutex_unlock (&readers_lock);
}

/* Listens under another name first: whoever sees the path can connect to it. */
static bool
listen_at (Reader *reader, const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int n = snprintf (address.sun_path, sizeof address.sun_path, "%s~", path);

  if (n < 0 || (size_t) n >= sizeof address.sun_path)
    return false;
  reader->listener = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlink (address.sun_path);
  if (reader->listener < 0 || bind (reader->listener, (struct sockaddr *) &address, sizeof address) != 0
      || listen (reader->listener, 4) != 0 || rename (address.sun_path, path) != 0)
    return false;
  snprintf (reader->path, sizeof reader->path, "%s", path);
  return pipe2 (reader->wake, O_CLOEXEC | O_NONBLOCK) == 0;
}

static RESPONSECODE
open_reader (DWORD lun, const char *path, bool pad)
{
  Reader *reader = take_reader (lun);

  if (reader == NULL)
    return IFD_COMMUNICATION_ERROR;
  reader->pad = pad;
  if (listen_at (reader, path))
    return IFD_SUCCESS;
  release_reader (reader);
  return IFD_COMMUNICATION_ERROR;
}

RESPONSECODE
IFDHCreateChannelByName (DWORD lun, LPSTR name)
{
  unsigned bus, device;
  const char *usb = strstr (name, "/dev/bus/usb/");
  const char *folder = getenv ("IFDVCARD_DIR");
  char path[108];

  if (strncmp (name, "vcard:", 6) == 0)
    return open_reader (lun, name + 6, false);
  if (strncmp (name, "vcard-pad:", 10) == 0)
    return open_reader (lun, name + 10, true);
  if (usb == NULL || folder == NULL || sscanf (usb, "/dev/bus/usb/%u/%u", &bus, &device) != 2)
    return IFD_NO_SUCH_DEVICE;
  if (snprintf (path, sizeof path, "%s/usb-%03u-%03u", folder, bus, device) >= (int) sizeof path)
    return IFD_NO_SUCH_DEVICE;
  return open_reader (lun, path, false);
}

RESPONSECODE
IFDHCreateChannel (DWORD lun, DWORD channel)
{
  (void) lun;
  (void) channel;
  return IFD_NO_SUCH_DEVICE;
}

RESPONSECODE
IFDHCloseChannel (DWORD lun)
{
  Reader *reader = find_reader (lun);

  if (reader == NULL)
    return IFD_NO_SUCH_DEVICE;
  release_reader (reader);
  return IFD_SUCCESS;
}

/* The token */

static bool
receive_all (int fd, void *buffer, size_t n)
{
  uint8_t *at = buffer;

  while (n > 0)
    {
      ssize_t got = recv (fd, at, n, 0);

      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        return false;
      at += got;
      n -= (size_t) got;
    }
  return true;
}

static bool
send_request (int fd, uint8_t kind, const uint8_t *data, size_t n)
{
  uint8_t message[LINK_REQUEST_HEADER + LINK_PAYLOAD_MAX];
  uint32_t length = htonl ((uint32_t) n);
  bool sent;

  if (n > LINK_PAYLOAD_MAX)
    return false;
  message[0] = kind;
  memcpy (message + 1, &length, sizeof length);
  if (n > 0)
    memcpy (message + LINK_REQUEST_HEADER, data, n);
  n += LINK_REQUEST_HEADER;
  sent = send (fd, message, n, MSG_NOSIGNAL) == (ssize_t) n;
  explicit_bzero (message, n); /* a PIN may be in it: pcscd's copies shall be the only ones */
  return sent;
}

/* One request and its reply, which may be up to *N_REPLY bytes long. A broken link is shut down: wait_for_event () sees
 * that, and IFDHICCPresence () reports the removal. */
static RESPONSECODE
exchange (Reader *reader, uint8_t kind, const uint8_t *data, size_t n, uint8_t *reply, DWORD *n_reply)
{
  uint32_t length;
  size_t room = *n_reply;

  *n_reply = 0;
  if (reader->connection < 0)
    return IFD_COMMUNICATION_ERROR;
  if (!send_request (reader->connection, kind, data, n) || !receive_all (reader->connection, &length, sizeof length)
      || ntohl (length) > room || !receive_all (reader->connection, reply, ntohl (length)))
    {
      shutdown (reader->connection, SHUT_RDWR);
      return IFD_COMMUNICATION_ERROR;
    }
  *n_reply = ntohl (length);
  return IFD_SUCCESS;
}

static bool
is_readable (int fd, short events)
{
  struct pollfd item = { .fd = fd, .events = events };

  return poll (&item, 1, 0) > 0;
}

RESPONSECODE
IFDHICCPresence (DWORD lun)
{
  Reader *reader = find_reader (lun);

  if (reader == NULL)
    return IFD_NO_SUCH_DEVICE;
  if (reader->connection >= 0 && is_readable (reader->connection, POLLRDHUP))
    {
      close_fd (&reader->connection);
      reader->n_atr = 0;
      reader->removal = REMOVAL_FOUND;
    }
  if (reader->connection < 0 && reader->removal == REMOVAL_NONE)
    reader->connection = accept4 (reader->listener, NULL, NULL, SOCK_CLOEXEC);
  return reader->connection >= 0 ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}

RESPONSECODE
IFDHPowerICC (DWORD lun, DWORD action, PUCHAR atr, PDWORD n_atr)
{
  Reader *reader = find_reader (lun);
  uint8_t kind = action == IFD_POWER_UP ? LINK_POWER_UP : action == IFD_RESET ? LINK_RESET : LINK_POWER_DOWN;
  uint8_t answer[LINK_PAYLOAD_MAX];
  DWORD n = sizeof answer;
  DWORD room = *n_atr;
  RESPONSECODE result;

  *n_atr = 0;
  if (reader == NULL)
    return IFD_NO_SUCH_DEVICE;
  result = exchange (reader, kind, NULL, 0, answer, &n);
  if (result != IFD_SUCCESS || kind == LINK_POWER_DOWN)
    return result;
  if (n == 0 || n > ATR_MAX || n > room)
    return IFD_ERROR_POWER_ACTION;
  memcpy (reader->atr, answer, n);
  memcpy (atr, answer, n);
  reader->n_atr = *n_atr = n;
  return IFD_SUCCESS;
}

RESPONSECODE
IFDHTransmitToICC (DWORD lun,
                   SCARD_IO_HEADER protocol,
                   PUCHAR apdu,
                   DWORD n_apdu,
                   PUCHAR answer,
                   PDWORD n_answer,
                   PSCARD_IO_HEADER answer_protocol)
{
  Reader *reader = find_reader (lun);

  if (answer_protocol != NULL)
    *answer_protocol = protocol;
  if (reader != NULL)
    return exchange (reader, LINK_APDU, apdu, n_apdu, answer, n_answer);
  *n_answer = 0;
  return IFD_NO_SUCH_DEVICE;
}

RESPONSECODE
IFDHSetProtocolParameters (DWORD lun, DWORD protocol, UCHAR flags, UCHAR pts1, UCHAR pts2, UCHAR pts3)
{
  (void) lun;
  (void) protocol;
  (void) flags;
  (void) pts1;
  (void) pts2;
  (void) pts3;
  return IFD_SUCCESS;
}

/* Waiting */

static RESPONSECODE
wait_for_event (DWORD lun, int timeout_ms)
{
  Reader *reader = find_reader (lun);
  struct pollfd items[2];
  char byte;

  if (reader == NULL)
    return IFD_NO_SUCH_DEVICE;
  if (reader->removal != REMOVAL_NONE)
    {
      reader->removal = reader->removal == REMOVAL_FOUND ? REMOVAL_REPORTED : REMOVAL_NONE;
      return IFD_SUCCESS;
    }
  items[0] = (struct pollfd){ .fd = reader->wake[0], .events = POLLIN };
  if (reader->connection >= 0)
    items[1] = (struct pollfd){ .fd = reader->connection, .events = POLLRDHUP };
  else
    items[1] = (struct pollfd){ .fd = reader->listener, .events = POLLIN };
  if (poll (items, 2, timeout_ms) > 0 && items[0].revents != 0 && read (reader->wake[0], &byte, 1) < 0)
    return IFD_COMMUNICATION_ERROR;
  return IFD_SUCCESS;
}

static RESPONSECODE
stop_waiting (DWORD lun)
{
  Reader *reader = find_reader (lun);

  return reader != NULL && write (reader->wake[1], "x", 1) == 1 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

/* Capabilities */

static RESPONSECODE
give (PUCHAR value, PDWORD room, const void *data, size_t n)
{
  if (*room < n)
    return IFD_ERROR_INSUFFICIENT_BUFFER;
  memcpy (value, data, n);
  *room = n;
  return IFD_SUCCESS;
}

RESPONSECODE
IFDHGetCapabilities (DWORD lun, DWORD tag, PDWORD n, PUCHAR value)
{
  Reader *reader = find_reader (lun);
  RESPONSECODE (*wait) (DWORD, int) = wait_for_event;
  RESPONSECODE (*stop) (DWORD) = stop_waiting;

  switch (tag)
    {
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
      return give (value, n, &wait, sizeof wait);
    case TAG_IFD_STOP_POLLING_THREAD:
      return give (value, n, &stop, sizeof stop);
    case TAG_IFD_ATR:
    case SCARD_ATTR_ATR_STRING:
      return reader != NULL ? give (value, n, reader->atr, reader->n_atr) : IFD_NO_SUCH_DEVICE;
    case TAG_IFD_SIMULTANEOUS_ACCESS:
      return give (value, n, &(uint8_t){ MAX_READERS }, 1);
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOTS_NUMBER:
      return give (value, n, &(uint8_t){ 1 }, 1);
    case TAG_IFD_SLOT_THREAD_SAFE:
      return give (value, n, &(uint8_t){ 0 }, 1);
    default:
      *n = 0;
      return IFD_ERROR_TAG;
    }
}

RESPONSECODE
IFDHSetCapabilities (DWORD lun, DWORD tag, DWORD n, PUCHAR value)
{
  (void) lun;
  (void) tag;
  (void) n;
  (void) value;
  return IFD_NOT_SUPPORTED;
}

static size_t
add_feature (uint8_t *list, size_t n, uint8_t feature, uint32_t code)
{
  uint32_t control = htonl (code);

  list[n] = feature;
  list[n + 1] = sizeof control;
  memcpy (list + n + 2, &control, sizeof control);
  return n + 2 + sizeof control;
}

static RESPONSECODE
give_features (const Reader *reader, PUCHAR out, PDWORD n_out)
{
  uint8_t list[2 * (2 + sizeof (uint32_t))];
  size_t n = add_feature (list, 0, FEATURE_GET_TLV_PROPERTIES, CTL_TLV_PROPERTIES);

  if (reader->pad)
    n = add_feature (list, n, FEATURE_MODIFY_PIN_DIRECT, CTL_MODIFY_PIN);
  return give (out, n_out, list, n);
}

/* PC/SC part 10: "get TLV properties" with the one property dwMaxAPDUDataSize (little endian); where there is a keypad
 * "modify PIN direct" too, which takes as long as the person. */
RESPONSECODE
IFDHControl (DWORD lun, DWORD code, PUCHAR in, DWORD n_in, PUCHAR out, DWORD room, LPDWORD n_out)
{
  Reader *reader = find_reader (lun);
  const char *setting = getenv ("IFDVCARD_MAX_APDU");
  uint32_t size = setting != NULL ? (uint32_t) strtoul (setting, NULL, 0) : 65536;
  uint8_t properties[6] = { PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize,
                            4,
                            (uint8_t) size,
                            (uint8_t) (size >> 8),
                            (uint8_t) (size >> 16),
                            (uint8_t) (size >> 24) };

  *n_out = room;
  if (reader == NULL)
    return IFD_NO_SUCH_DEVICE;
  if (code == CM_IOCTL_GET_FEATURE_REQUEST)
    return give_features (reader, out, n_out);
  if (code == CTL_MODIFY_PIN && reader->pad)
    return exchange (reader, LINK_PAD, in, n_in, out, n_out);
  if (code == CTL_TLV_PROPERTIES)
    return give (out, n_out, properties, sizeof properties);
  *n_out = 0;
  return IFD_ERROR_NOT_SUPPORTED;
}
