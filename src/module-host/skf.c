/* A library of GM/T 0016. Reading wants no PIN and locks nothing, so the programs of its vendor work meanwhile;
 * whatever was opened is closed again before an answer ends.
 *
 * What libraries are known to do: a size of 4294967234 where there is no USB at all, a list without its last NUL, ULONG
 * of 8 bytes, BOOL of 1, an encryption certificate that is not there told in four ways, a token that is not ready in
 * the first seconds, GetContainerType that lies (so it is not asked). */
#include "host.h"

#include <dlfcn.h>
#include <string.h>
#include <unistd.h>

#include "skf-api.h"

#define MAX_DEVICES      16
#define MAX_APPLICATIONS 8
#define MAX_CONTAINERS   16
#define MAX_NAME         ((WIRE_MAX_ADDRESS - 2) / 2)

/* Of what a library says of its sizes. Behind what it is given there are SLACK bytes, all zero: one NUL too many is
 * forgiven, and one too few does no harm. */
#define MAX_SIZE (WIRE_MAX_RECORD - SLACK)
#define SLACK    16

/* Of DEVINFO, whichever its layout. */
#define INFO_SENT 512

/* How often, in one answer, a token that does not let itself be opened gets another second. */
#define MAX_PATIENCE 3

/* What no library writes as a number of tries. */
#define UNWRITTEN 0xFFFFFFFFu

static struct
{
  SkfEnumDev enum_dev;
  SkfConnectDev connect_dev;
  SkfClose disconnect_dev;
  SkfGetDevInfo get_dev_info;
  SkfEnum enum_application;
  SkfOpen open_application;
  SkfClose close_application;
  SkfGetPinInfo get_pin_info;
  SkfEnum enum_container;
  SkfOpen open_container;
  SkfClose close_container;
  SkfExportCertificate export_certificate;
  SkfChangePin change_pin;
  SkfUnblockPin unblock_pin;
  SkfClose clear_secure_state;
  SkfWaitForDevEvent wait_for_dev_event;
} skf;

static const struct
{
  const char *name;
  void *function;
} symbols[] = {
  { "SKF_EnumDev", &skf.enum_dev },
  { "SKF_ConnectDev", &skf.connect_dev },
  { "SKF_DisConnectDev", &skf.disconnect_dev },
  { "SKF_GetDevInfo", &skf.get_dev_info },
  { "SKF_EnumApplication", &skf.enum_application },
  { "SKF_OpenApplication", &skf.open_application },
  { "SKF_CloseApplication", &skf.close_application },
  { "SKF_GetPINInfo", &skf.get_pin_info },
  { "SKF_EnumContainer", &skf.enum_container },
  { "SKF_OpenContainer", &skf.open_container },
  { "SKF_CloseContainer", &skf.close_container },
  { "SKF_ExportCertificate", &skf.export_certificate },
  { "SKF_ChangePIN", &skf.change_pin },
  { "SKF_UnblockPIN", &skf.unblock_pin },
  { "SKF_ClearSecureState", &skf.clear_secure_state },
  { "SKF_WaitForDevEvent", &skf.wait_for_dev_event },
};

/* A function that the library does not have says what one says that does nothing. */
#define CALL(function, ...) (skf.function != NULL ? skf.function (__VA_ARGS__) : SKF_NOT_SUPPORTED)

/* Of the answer that is under way. */
static bool is_gone; /* the device that is being read */
static unsigned patience;

static bool
bind_functions (void *library)
{
  for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
    {
      void *function = dlsym (library, symbols[i].name);

      memcpy (symbols[i].function, &function, sizeof function);
    }
  return skf.enum_dev != NULL;
}

static Outcome
begin (void)
{
  return (Outcome){ SKF_OK, NULL };
}

/* Whether FUNCTION has done its work; if not, that part of the list is missing. */
static bool
is_done (const char *function, SkfCode code)
{
  if (code == SKF_OK)
    return true;
  host_put_failure (function, code);
  is_gone |= code == SKF_DEVICE_REMOVED;
  return false;
}

/* ---- what comes in two calls, the first for its size ---- */

typedef enum
{
  PART_DEVICES,
  PART_APPLICATIONS,
  PART_CONTAINERS,
  PART_SIGNATURE,
  PART_ENCRYPTION,
} Part;

static const char *const part_functions[] = {
  [PART_DEVICES] = "SKF_EnumDev",
  [PART_APPLICATIONS] = "SKF_EnumApplication",
  [PART_CONTAINERS] = "SKF_EnumContainer",
  [PART_SIGNATURE] = "SKF_ExportCertificate",
  [PART_ENCRYPTION] = "SKF_ExportCertificate",
};

typedef struct
{
  SkfCode code;
  char *bytes; /* length of them, then zeroes; NULL: nothing */
  size_t length;
  size_t room;
  bool odd; /* no such size can be true */
} Fetched;

static SkfCode
ask (Part part, SkfHandle of, char *bytes, SkfNumber *size)
{
  switch (part)
    {
    case PART_DEVICES:
      return skf.enum_dev (1, bytes, size); /* some do not take 0 */
    case PART_APPLICATIONS:
      return CALL (enum_application, of, bytes, size);
    case PART_CONTAINERS:
      return CALL (enum_container, of, bytes, size);
    default:
      return CALL (export_certificate, of, part == PART_SIGNATURE, bytes, size);
    }
}

static size_t
bound (uint32_t size, size_t max)
{
  return size < max ? size : max;
}

static Fetched
fetch (Part part, SkfHandle of)
{
  SkfNumber size = { 0 };
  Fetched fetched = { .code = ask (part, of, NULL, &size) };

  if (fetched.code == SKF_BUFFER_TOO_SMALL && size.value > 0)
    fetched.code = SKF_OK;
  if (fetched.code != SKF_OK || size.value == 0)
    return fetched;
  fetched.odd = size.value > MAX_SIZE;
  size = (SkfNumber){ .value = (uint32_t) bound (size.value, MAX_SIZE) };
  fetched.length = size.value;
  fetched.room = fetched.length + SLACK;
  fetched.bytes = host_alloc (fetched.room);
  fetched.code = fetched.bytes != NULL ? ask (part, of, fetched.bytes, &size) : SKF_OUT_OF_MEMORY;
  fetched.length = fetched.code == SKF_OK ? bound (size.value, fetched.length) : 0;
  return fetched;
}

static void
fetched_clear (Fetched *fetched)
{
  host_free (fetched->bytes, fetched->room);
}

/* The next name of LIST from *AT on, or NULL. It ends in any case: there are zeroes behind the list. */
static char *
next_name (const Fetched *list, size_t *at)
{
  while (*at < list->length && list->bytes[*at] != '\0')
    {
      char *name = list->bytes + *at;
      size_t length = strlen (name);

      *at += length + 1;
      if (length <= MAX_NAME)
        return name;
    }
  return NULL;
}

/* Calls VISIT for each name of PART, MAX at most. Returns what the library said. */
static SkfCode
for_each_name (Part part, SkfHandle of, size_t max, void (*visit) (SkfHandle of, char *name))
{
  Fetched list = fetch (part, of);
  /* libgm3000 where there is no USB: an error for a size, and then the error. */
  SkfCode code = part == PART_DEVICES && list.odd ? SKF_OK : list.code;
  size_t at = 0;
  char *name;

  while (max-- > 0 && (name = next_name (&list, &at)) != NULL)
    {
      visit (of, name);
      if (part != PART_DEVICES && is_gone)
        break;
    }
  fetched_clear (&list);
  return code;
}

/* ---- the list ---- */

static bool
is_missing (SkfCode code)
{
  return code == SKF_CERT_NOT_FOUND || code == SKF_FILE_NOT_EXIST || code == SKF_KEY_NOT_FOUND;
}

static void
put_certificate (SkfHandle container, Part part, WireKind kind)
{
  Fetched der = fetch (part, container);

  if (der.length > 0)
    host_put (kind, der.bytes, der.length);
  else if (!is_missing (der.code))
    is_done (part_functions[part], der.code);
  fetched_clear (&der);
}

static void
list_container (SkfHandle application, char *name)
{
  SkfHandle container = NULL;

  host_put (WIRE_CONTAINER, name, strlen (name));
  if (!is_done ("SKF_OpenContainer", CALL (open_container, application, name, &container)))
    return;
  put_certificate (container, PART_SIGNATURE, WIRE_SIGNATURE);
  put_certificate (container, PART_ENCRYPTION, WIRE_ENCRYPTION);
  CALL (close_container, container);
}

static SkfCode
put_pin (SkfHandle application, uint32_t type)
{
  SkfNumber max = { 0 }, left = { 0 }, is_default = { 0 };
  SkfCode code = CALL (get_pin_info, application, type, &max, &left, &is_default);
  uint32_t numbers[] = { type, max.value, left.value, is_default.value };

  if (code == SKF_OK)
    host_put (WIRE_PIN, numbers, sizeof numbers);
  return code;
}

/* Not every token has an administrator's PIN, nor tells of it; it is of use only where it can unlock. */
static void
put_pins (SkfHandle application)
{
  if (is_done ("SKF_GetPINInfo", put_pin (application, SKF_USER)) && skf.unblock_pin != NULL)
    is_gone |= put_pin (application, SKF_ADMIN) == SKF_DEVICE_REMOVED;
}

static void
list_application (SkfHandle device, char *name)
{
  SkfHandle application = NULL;

  host_put (WIRE_APPLICATION, name, strlen (name));
  if (!is_done ("SKF_OpenApplication", CALL (open_application, device, name, &application)))
    return;
  put_pins (application);
  is_done ("SKF_EnumContainer", for_each_name (PART_CONTAINERS, application, MAX_CONTAINERS, list_container));
  CALL (close_application, application);
}

static void
put_info (SkfHandle device)
{
  void *info = host_alloc (SKF_ROOM);

  if (info == NULL)
    return;
  if (is_done ("SKF_GetDevInfo", CALL (get_dev_info, device, info)))
    host_put (WIRE_DEVICE_INFO, info, INFO_SENT);
  host_free (info, SKF_ROOM);
}

static SkfCode
connect_patiently (char *name, SkfHandle *device)
{
  SkfCode code = CALL (connect_dev, name, device);

  while (code != SKF_OK && code != SKF_DEVICE_REMOVED && code != SKF_NOT_SUPPORTED && patience > 0)
    {
      patience--;
      sleep (1);
      code = CALL (connect_dev, name, device);
    }
  return code;
}

static void
list_device (SkfHandle nothing, char *name)
{
  SkfHandle device = NULL;

  (void) nothing;
  is_gone = false;
  host_put (WIRE_DEVICE, name, strlen (name));
  if (!is_done ("SKF_ConnectDev", connect_patiently (name, &device)))
    return;
  put_info (device);
  if (!is_gone)
    is_done ("SKF_EnumApplication", for_each_name (PART_APPLICATIONS, device, MAX_APPLICATIONS, list_application));
  CALL (disconnect_dev, device);
}

static Outcome
list (void)
{
  SkfCode code;

  patience = MAX_PATIENCE;
  code = for_each_name (PART_DEVICES, NULL, MAX_DEVICES, list_device);
  return (Outcome){ code != SKF_DEVICE_REMOVED ? code : SKF_OK, "SKF_EnumDev" }; /* 0A000023: there is none */
}

/* Whose event it was is of no interest: the list tells. */
static Outcome
wait_for_event (void)
{
  SkfNumber size = { .value = SKF_ROOM }, event = { 0 };
  char *name = host_alloc (SKF_ROOM);
  SkfCode code = name != NULL ? CALL (wait_for_dev_event, name, &size, &event) : SKF_OUT_OF_MEMORY;

  host_free (name, SKF_ROOM);
  return (Outcome){ code, "SKF_WaitForDevEvent" };
}

/* ---- PINs ---- */

/* One attempt: where, and what is typed. */
typedef struct
{
  WireKind operation;
  char *device, *application;
  char *first, *new_pin;
} Attempt;

/* The two names of ADDRESS. */
static bool
parse_address (const void *address, size_t length, Attempt *attempt)
{
  const char *bytes = address, *second = memchr (bytes, '\0', length);

  if (second == NULL || ++second == bytes + length
      || memchr (second, '\0', length - (size_t) (second - bytes)) != bytes + length - 1)
    return false;
  attempt->device = (char *) bytes;
  attempt->application = (char *) second;
  return true;
}

/* The one call. */
static Outcome
use_pin (SkfHandle application, const Attempt *attempt)
{
  SkfNumber tries = { UNWRITTEN, UNWRITTEN };
  Outcome outcome;

  if (attempt->operation == WIRE_CHANGE_PIN)
    outcome =
      (Outcome){ skf.change_pin (application, SKF_USER, attempt->first, attempt->new_pin, &tries), "SKF_ChangePIN" };
  else
    outcome = (Outcome){ skf.unblock_pin (application, attempt->first, attempt->new_pin, &tries), "SKF_UnblockPIN" };
  if (tries.value != UNWRITTEN)
    host_put (WIRE_TRIES, &tries.value, sizeof tries.value);
  CALL (clear_secure_state, application); /* closing does not log out */
  return outcome;
}

static Outcome
use_pin_of_device (SkfHandle device, const Attempt *attempt)
{
  SkfHandle application = NULL;
  SkfCode code = CALL (open_application, device, attempt->application, &application);
  Outcome outcome = { code, "SKF_OpenApplication" };

  if (code != SKF_OK)
    return outcome;
  outcome = use_pin (application, attempt);
  CALL (close_application, application);
  return outcome;
}

static Outcome
use_pins (const void *address, size_t length, Attempt attempt)
{
  bool change = attempt.operation == WIRE_CHANGE_PIN;
  SkfHandle device = NULL;
  Outcome outcome = { SKF_INVALID_PARAM, "SKF_ConnectDev" };

  if (change ? skf.change_pin == NULL : skf.unblock_pin == NULL)
    return (Outcome){ SKF_NOT_SUPPORTED, change ? "SKF_ChangePIN" : "SKF_UnblockPIN" };
  if (!parse_address (address, length, &attempt))
    return outcome;
  outcome.code = CALL (connect_dev, attempt.device, &device);
  if (outcome.code != SKF_OK)
    return outcome;
  outcome = use_pin_of_device (device, &attempt);
  CALL (disconnect_dev, device);
  return outcome;
}

static Outcome
change_pin (const void *address, size_t length, char *current, char *new_pin)
{
  return use_pins (address, length, (Attempt){ .operation = WIRE_CHANGE_PIN, .first = current, .new_pin = new_pin });
}

static Outcome
unblock (const void *address, size_t length, char *admin, char *new_pin)
{
  return use_pins (address, length, (Attempt){ .operation = WIRE_UNBLOCK, .first = admin, .new_pin = new_pin });
}

const Kind skf_kind = { .type = "skf",
                        .bind = bind_functions,
                        .begin = begin,
                        .list = list,
                        .wait = wait_for_event,
                        .change_pin = change_pin,
                        .unblock = unblock };
