/* The functions of the interface, as GM/T 0016 declares them. */
#include "softskf.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

typedef uint32_t ULONG;
typedef int32_t BOOL;
typedef void *HANDLE;

ULONG SKF_WaitForDevEvent (char *name, ULONG *size, ULONG *event);
ULONG SKF_EnumDev (BOOL present, char *names, ULONG *size);
ULONG SKF_ConnectDev (char *name, HANDLE *device);
ULONG SKF_DisConnectDev (HANDLE device);
ULONG SKF_GetDevInfo (HANDLE device, void *info);
ULONG SKF_EnumApplication (HANDLE device, char *names, ULONG *size);
ULONG SKF_OpenApplication (HANDLE device, char *name, HANDLE *application);
ULONG SKF_CloseApplication (HANDLE application);
ULONG SKF_GetPINInfo (HANDLE application, ULONG type, ULONG *max, ULONG *left, BOOL *is_default);
ULONG SKF_ChangePIN (HANDLE application, ULONG type, char *current, char *new_pin, ULONG *tries);
ULONG SKF_UnblockPIN (HANDLE application, char *admin, char *new_pin, ULONG *tries);
ULONG SKF_ClearSecureState (HANDLE application);
ULONG SKF_EnumContainer (HANDLE application, char *names, ULONG *size);
ULONG SKF_OpenContainer (HANDLE application, char *name, HANDLE *container);
ULONG SKF_CloseContainer (HANDLE container);
ULONG SKF_ExportCertificate (HANDLE container, BOOL sign, uint8_t *der, ULONG *size);

#define ENTER()                                                                                                        \
  do                                                                                                                   \
    {                                                                                                                  \
      ULONG fault_ = fault_enter (__func__);                                                                           \
                                                                                                                       \
      if (fault_ != 0)                                                                                                 \
        return fault_;                                                                                                 \
    }                                                                                                                  \
  while (0)

#define HUGE_SIZE    0xFFFFFFF0u
#define NO_USB_SIZE  4294967234u
#define OVERRUN      65536
#define MAX_DER      65536
#define MAX_LIST     65536
#define ADMIN        0
#define PIN_SHORTEST 6
#define PIN_LONGEST  16

/* ---- handles: what is open is a folder ---- */

typedef enum
{
  DEVICE = 0x534B4631,
  APPLICATION,
  CONTAINER,
} Kind;

typedef struct
{
  Kind kind;
  char path[STORE_PATH];
} Open;

static bool
is_open (HANDLE handle, Kind kind)
{
  return handle != NULL && ((Open *) handle)->kind == kind;
}

static ULONG
open_folder (const char *folder, const char *name, Kind kind, ULONG missing, HANDLE *handle)
{
  Open *opened = calloc (1, sizeof *opened);

  if (opened == NULL || !store_make_path (opened->path, folder, name) || !store_is_folder (opened->path))
    {
      free (opened);
      return missing;
    }
  opened->kind = kind;
  fault_note ("+");
  *handle = opened;
  return 0;
}

static ULONG
close_folder (HANDLE handle, Kind kind)
{
  if (!is_open (handle, kind))
    return SOFTSKF_INVALID_HANDLE;
  fault_note ("-");
  memset (handle, 0, sizeof (Open));
  free (handle);
  return 0;
}

/* ---- what comes in two calls ---- */

/* Gives LENGTH BYTES to whoever asks FUNCTION. */
static ULONG
give (const char *function, const void *bytes, size_t length, void *buffer, ULONG *size)
{
  if (buffer == NULL)
    {
      fault_write_number (size, fault_is_on_in ("huge", function) ? HUGE_SIZE : (ULONG) length);
      return 0;
    }
  if (fault_is_on_in ("overrun", function))
    memset (buffer, 'A', fault_read_number (size) + OVERRUN);
  if (fault_read_number (size) < length)
    return SOFTSKF_BUFFER_TOO_SMALL;
  memcpy (buffer, bytes, length);
  fault_write_number (size, (ULONG) length);
  return 0;
}

typedef struct
{
  size_t length;
  char bytes[MAX_LIST];
} List;

static void
append (const char *name, void *data)
{
  List *list = data;
  size_t n = strlen (name) + 1;

  if (list->length + n >= sizeof list->bytes)
    return;
  memcpy (list->bytes + list->length, name, n);
  list->length += n;
}

static ULONG
give_names (const char *function, const char *folder, char *names, ULONG *size)
{
  static List list;

  list.length = 0;
  store_for_each (folder, append, &list);
  list.bytes[list.length] = '\0';
  if (list.length > 0 && fault_is_on ("no-nul"))
    list.length--;
  else if (!fault_is_on ("no-last-nul"))
    list.length++;
  return give (function, list.bytes, list.length, names, size);
}

/* ---- devices ---- */

ULONG
SKF_WaitForDevEvent (char *name, ULONG *size, ULONG *event)
{
  union
  {
    struct inotify_event event;
    char bytes[sizeof (struct inotify_event) + NAME_MAX + 1];
  } buffer;
  int fd = inotify_init1 (IN_CLOEXEC);
  ssize_t n;

  ENTER ();
  if (inotify_add_watch (fd, store_get_folder (), IN_CREATE | IN_DELETE | IN_MOVED_TO | IN_MOVED_FROM) < 0)
    return SOFTSKF_FAIL;
  do
    n = read (fd, &buffer, sizeof buffer);
  while (n > 0 && (buffer.event.mask & IN_ISDIR) == 0);
  close (fd);
  if (n <= 0 || fault_read_number (size) <= strlen (buffer.event.name))
    return SOFTSKF_FAIL;
  strcpy (name, buffer.event.name);
  fault_write_number (size, (ULONG) strlen (name) + 1);
  fault_write_number (event, (buffer.event.mask & (IN_CREATE | IN_MOVED_TO)) != 0 ? 1 : 2);
  return 0;
}

ULONG
SKF_EnumDev (BOOL present, char *names, ULONG *size)
{
  ENTER ();
  if (!present)
    return SOFTSKF_INVALID_PARAM;
  if (!fault_is_on ("no-usb"))
    return give_names (__func__, store_get_folder (), names, size);
  if (names != NULL)
    return SOFTSKF_FAIL;
  fault_write_number (size, NO_USB_SIZE);
  return 0;
}

ULONG
SKF_ConnectDev (char *name, HANDLE *device)
{
  ENTER ();
  return open_folder (store_get_folder (), name, DEVICE, SOFTSKF_REMOVED, device);
}

ULONG
SKF_DisConnectDev (HANDLE device)
{
  fault_enter (__func__); /* what is gone is closed all the same */
  return close_folder (device, DEVICE);
}

/* Version, four texts, two versions; then numbers, where the compiler puts them. */
ULONG
SKF_GetDevInfo (HANDLE device, void *info)
{
  static const char maker[] = "Example Token Maker";
  bool natural = fault_is_on ("natural"), wide = fault_is_on ("wide");
  size_t numbers = natural ? 200 : 198, width = wide ? 8 : 4;
  uint8_t *bytes = info;

  ENTER ();
  if (!is_open (device, DEVICE))
    return SOFTSKF_INVALID_HANDLE;
  if (fault_is_on_in ("overrun", __func__))
    memset (bytes, 'A', OVERRUN);
  memset (bytes, 0, numbers + 8 * width + 64);
  bytes[0] = 1;
  memcpy (bytes + 2, maker, sizeof maker);
  store_read (((Open *) device)->path, "label", bytes + 130, 32);
  store_read (((Open *) device)->path, "serial", bytes + 162, 32);
  for (size_t i = 0; i < 8; i++)
    fault_write_number (bytes + numbers + i * width, (ULONG) (0x100 + i));
  return 0;
}

/* ---- applications ---- */

ULONG
SKF_EnumApplication (HANDLE device, char *names, ULONG *size)
{
  ENTER ();
  return is_open (device, DEVICE) ? give_names (__func__, ((Open *) device)->path, names, size)
                                  : SOFTSKF_INVALID_HANDLE;
}

ULONG
SKF_OpenApplication (HANDLE device, char *name, HANDLE *application)
{
  ENTER ();
  if (!is_open (device, DEVICE))
    return SOFTSKF_INVALID_HANDLE;
  return open_folder (((Open *) device)->path, name, APPLICATION, SOFTSKF_NO_APPLICATION, application);
}

ULONG
SKF_CloseApplication (HANDLE application)
{
  fault_enter (__func__); /* what is gone is closed all the same */
  return close_folder (application, APPLICATION);
}

ULONG
SKF_GetPINInfo (HANDLE application, ULONG type, ULONG *max, ULONG *left, BOOL *is_default)
{
  StorePin pin;

  ENTER ();
  if (!is_open (application, APPLICATION))
    return SOFTSKF_INVALID_HANDLE;
  if (!store_read_pin (((Open *) application)->path, type == ADMIN ? "admin" : "user", &pin))
    return SOFTSKF_PIN_MISSING;
  fault_write_number (max, pin.max);
  fault_write_number (left, pin.left);
  fault_write_bool (is_default, pin.is_default);
  return 0;
}

/* Compares VALUE with the PIN called NAME, which costs a try or gives all of them back. */
static ULONG
check_pin (const char *application, const char *name, const char *value, ULONG *tries)
{
  StorePin pin;
  bool right;

  if (!store_read_pin (application, name, &pin))
    return SOFTSKF_PIN_MISSING;
  right = pin.left > 0 && strcmp (pin.value, value) == 0;
  if (right)
    pin.left = pin.max;
  else if (pin.left > 0)
    pin.left--;
  store_write_pin (application, name, &pin);
  if (!fault_is_on ("silent-tries"))
    fault_write_number (tries, fault_is_on ("zero-tries") ? 0 : pin.left);
  return right ? 0 : pin.left > 0 ? SOFTSKF_PIN_INCORRECT : SOFTSKF_PIN_LOCKED;
}

/* Where CHECKED is what was typed first. */
static ULONG
set_pin (HANDLE application, const char *checked, const char *first, const char *new_pin, ULONG *tries)
{
  const char *path = ((Open *) application)->path;
  StorePin pin;
  ULONG code;

  if (strlen (new_pin) < PIN_SHORTEST || strlen (new_pin) > PIN_LONGEST)
    return SOFTSKF_PIN_LENGTH;
  code = check_pin (path, checked, first, tries);
  if (code != 0)
    return code;
  if (!store_read_pin (path, "user", &pin))
    return SOFTSKF_PIN_MISSING;
  strcpy (pin.value, new_pin);
  pin.left = pin.max;
  pin.is_default = 0;
  store_write_pin (path, "user", &pin);
  return 0;
}

ULONG
SKF_ChangePIN (HANDLE application, ULONG type, char *current, char *new_pin, ULONG *tries)
{
  ENTER ();
  if (!is_open (application, APPLICATION) || type == ADMIN)
    return SOFTSKF_INVALID_PARAM;
  return set_pin (application, "user", current, new_pin, tries);
}

ULONG
SKF_UnblockPIN (HANDLE application, char *admin, char *new_pin, ULONG *tries)
{
  ENTER ();
  if (!is_open (application, APPLICATION))
    return SOFTSKF_INVALID_HANDLE;
  return set_pin (application, "admin", admin, new_pin, tries);
}

ULONG
SKF_ClearSecureState (HANDLE application)
{
  ENTER ();
  return is_open (application, APPLICATION) ? 0 : SOFTSKF_INVALID_HANDLE;
}

/* ---- containers ---- */

ULONG
SKF_EnumContainer (HANDLE application, char *names, ULONG *size)
{
  ENTER ();
  return is_open (application, APPLICATION) ? give_names (__func__, ((Open *) application)->path, names, size)
                                            : SOFTSKF_INVALID_HANDLE;
}

ULONG
SKF_OpenContainer (HANDLE application, char *name, HANDLE *container)
{
  ENTER ();
  if (!is_open (application, APPLICATION))
    return SOFTSKF_INVALID_HANDLE;
  return open_folder (((Open *) application)->path, name, CONTAINER, SOFTSKF_NO_FILE, container);
}

ULONG
SKF_CloseContainer (HANDLE container)
{
  fault_enter (__func__); /* what is gone is closed all the same */
  return close_folder (container, CONTAINER);
}

ULONG
SKF_ExportCertificate (HANDLE container, BOOL sign, uint8_t *der, ULONG *size)
{
  static uint8_t bytes[MAX_DER];
  long n;

  ENTER ();
  if (!is_open (container, CONTAINER))
    return SOFTSKF_INVALID_HANDLE;
  n = store_read (((Open *) container)->path, sign || fault_is_on ("one-certificate") ? "sign" : "enc", bytes,
                  sizeof bytes);
  if (n < 0)
    return sign ? SOFTSKF_CERT_NOT_FOUND : SOFTSKF_NO_FILE;
  return give (__func__, bytes, (size_t) n, der, size);
}
