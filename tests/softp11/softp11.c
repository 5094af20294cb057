/* A library of PKCS #11 for tests: one card of Zhang San, that lives as long as the process, and every way to misbehave
 * that a vendor has found so far. What it does is in the environment:
 *
 *   SOFTP11_CERTIFICATES   files with DER, a colon between two
 *   SOFTP11_SLOTS          how many slots, each with a card of its own (1)
 *   SOFTP11_FLAGS          more flags of the token
 *   SOFTP11_TRIES          of the PIN (3)
 *   SOFTP11_FAULTS         what goes wrong, a comma between two: FUNCTION:FAULT; the function is "constructor" or C_…
 *
 *   crash, hang, exit      at once
 *   thread                 a thread is left that crashes a little later
 *   slow                   it takes a second
 *   overrun                it writes behind what it was given
 *   size=N                 the length or number that it tells
 *   N                      the return code, without doing anything
 *
 * The PIN is 123456, the security officer's 12345678. */
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#define MAX_CERTIFICATES 8
#define MAX_PIN          32

static struct
{
  unsigned char bytes[8192];
  size_t length;
} certificates[MAX_CERTIFICATES];

static size_t n_certificates;
static char pin[MAX_PIN + 1] = "123456";
static const char so_pin[] = "12345678";
static unsigned tries;
static bool is_officer;
static size_t next_object;

/* ---- faults ---- */

static unsigned long
get_number (const char *name, unsigned long usual)
{
  const char *text = getenv (name);

  return text != NULL ? strtoul (text, NULL, 0) : usual;
}

/* What follows "FUNCTION:" in the list of faults, or NULL. */
static const char *
find_fault (const char *function)
{
  const char *next = getenv ("SOFTP11_FAULTS");
  size_t n = strlen (function);

  for (; next != NULL; next = strchr (next, ','))
    {
      next += *next == ',';
      if (strncmp (next, function, n) == 0 && next[n] == ':')
        return next + n + 1;
    }
  return NULL;
}

static bool
is_fault (const char *function, const char *fault)
{
  const char *found = find_fault (function);

  return found != NULL && strncmp (found, fault, strlen (fault)) == 0;
}

static void
crash (void)
{
  raise (SIGSEGV);
}

static void *
crash_later (void *nothing)
{
  usleep (300 * 1000);
  crash ();
  return nothing;
}

/* At the beginning of each function: what goes wrong before it does anything. */
static CK_RV
enter (const char *function)
{
  const char *fault = find_fault (function);
  pthread_t thread;

  if (fault == NULL)
    return CKR_OK;
  if (is_fault (function, "crash"))
    crash ();
  if (is_fault (function, "exit"))
    _exit (0);
  while (is_fault (function, "hang"))
    pause ();
  if (is_fault (function, "slow"))
    sleep (1);
  if (is_fault (function, "thread"))
    pthread_create (&thread, NULL, crash_later, NULL);
  return fault[0] >= '0' && fault[0] <= '9' ? strtoul (fault, NULL, 0) : CKR_OK;
}

/* The length or number that FUNCTION tells: N, unless it lies. */
static CK_ULONG
tell (const char *function, CK_ULONG n)
{
  return is_fault (function, "size=") ? strtoul (find_fault (function) + strlen ("size="), NULL, 0) : n;
}

static void
overrun (const char *function, void *end)
{
  if (is_fault (function, "overrun"))
    memset (end, 0x41, 64);
}

/* ---- the library ---- */

static void
load_certificate (const char *path)
{
  FILE *file = fopen (path, "rb");

  if (file == NULL)
    return;
  certificates[n_certificates].length = fread (certificates[n_certificates].bytes, 1, 8192, file);
  n_certificates++;
  fclose (file);
}

static __attribute__ ((constructor)) void
construct (void)
{
  const char *list = getenv ("SOFTP11_CERTIFICATES");
  char *copy = strdup (list != NULL ? list : "");
  char *rest = copy;

  enter ("constructor");
  for (char *path = strsep (&rest, ":"); path != NULL && n_certificates < MAX_CERTIFICATES; path = strsep (&rest, ":"))
    load_certificate (path);
  free (copy);
  tries = (unsigned) get_number ("SOFTP11_TRIES", 3);
}

static CK_RV
initialize (void *arguments)
{
  (void) arguments;
  return enter ("C_Initialize");
}

static CK_RV
get_slot_list (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count)
{
  CK_ULONG n = get_number ("SOFTP11_SLOTS", 1);
  CK_RV code = enter ("C_GetSlotList");

  (void) present;
  if (code != CKR_OK)
    return code;
  if (slots != NULL && *count < n)
    code = CKR_BUFFER_TOO_SMALL;
  for (CK_ULONG i = 0; slots != NULL && code == CKR_OK && i < n; i++)
    slots[i] = 100 + i;
  if (slots != NULL && code == CKR_OK)
    overrun ("C_GetSlotList", slots + n);
  *count = tell ("C_GetSlotList", n);
  return code;
}

static void
put_text (unsigned char *field, size_t size, const char *text)
{
  memset (field, ' ', size);
  memcpy (field, text, strlen (text) < size ? strlen (text) : size);
}

static CK_RV
get_slot_info (CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
  CK_RV code = enter ("C_GetSlotInfo");

  (void) slot;
  if (code != CKR_OK)
    return code;
  put_text (info->slotDescription, sizeof info->slotDescription, "Soft Reader");
  put_text (info->manufacturerID, sizeof info->manufacturerID, "Example");
  info->flags = CKF_TOKEN_PRESENT | CKF_REMOVABLE_DEVICE | CKF_HW_SLOT;
  overrun ("C_GetSlotInfo", info + 1);
  return CKR_OK;
}

static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
  CK_RV code = enter ("C_GetTokenInfo");
  char serial[17];

  if (code != CKR_OK)
    return code;
  snprintf (serial, sizeof serial, "%lu", 4711 + slot);
  put_text (info->label, sizeof info->label, "Zhang San");
  put_text (info->manufacturerID, sizeof info->manufacturerID, "Example");
  put_text (info->model, sizeof info->model, "Soft");
  put_text (info->serialNumber, sizeof info->serialNumber, serial);
  info->flags = CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED | get_number ("SOFTP11_FLAGS", 0);
  info->flags |= tries == 0 ? CKF_USER_PIN_LOCKED : tries == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
  info->flags |= tries < 3 ? CKF_USER_PIN_COUNT_LOW : 0;
  info->ulMinPinLen = 6;
  info->ulMaxPinLen = MAX_PIN;
  overrun ("C_GetTokenInfo", info + 1);
  return CKR_OK;
}

static CK_RV
wait_for_slot_event (CK_FLAGS flags, CK_SLOT_ID *slot, void *reserved)
{
  (void) flags;
  (void) slot;
  (void) reserved;
  return enter ("C_WaitForSlotEvent");
}

/* ---- sessions and objects ---- */

static CK_RV
open_session (CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify, CK_SESSION_HANDLE *session)
{
  (void) slot;
  (void) flags;
  (void) application;
  (void) notify;
  *session = 1;
  return enter ("C_OpenSession");
}

static CK_RV
close_session (CK_SESSION_HANDLE session)
{
  (void) session;
  return enter ("C_CloseSession");
}

static CK_RV
find_objects_init (CK_SESSION_HANDLE session, CK_ATTRIBUTE *wanted, CK_ULONG n)
{
  (void) session;
  (void) wanted;
  (void) n;
  next_object = 0;
  return enter ("C_FindObjectsInit");
}

static CK_RV
find_objects (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *n)
{
  CK_RV code = enter ("C_FindObjects");
  CK_ULONG found = 0;

  (void) session;
  while (code == CKR_OK && found < room && next_object < n_certificates)
    objects[found++] = next_object++;
  overrun ("C_FindObjects", objects + room);
  *n = tell ("C_FindObjects", found);
  return code;
}

static CK_RV
find_objects_final (CK_SESSION_HANDLE session)
{
  (void) session;
  return enter ("C_FindObjectsFinal");
}

static CK_RV
get_attribute_value (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attribute, CK_ULONG n)
{
  CK_RV code = enter ("C_GetAttributeValue");
  unsigned char id = (unsigned char) (object + 1);
  const void *bytes = "Zhang San";
  size_t length = 9;

  (void) session;
  (void) n;
  if (code != CKR_OK)
    return code;
  if (attribute->type == CKA_ID)
    {
      bytes = &id;
      length = 1;
    }
  else if (attribute->type == CKA_VALUE)
    {
      bytes = certificates[object % MAX_CERTIFICATES].bytes;
      length = certificates[object % MAX_CERTIFICATES].length;
    }
  if (attribute->pValue != NULL && attribute->ulValueLen >= length)
    {
      memcpy (attribute->pValue, bytes, length);
      overrun ("C_GetAttributeValue", (unsigned char *) attribute->pValue + attribute->ulValueLen);
    }
  attribute->ulValueLen = tell ("C_GetAttributeValue", length);
  return CKR_OK;
}

/* ---- PINs ---- */

static bool
is_pin (const char *right, const unsigned char *typed, CK_ULONG length)
{
  return length == strlen (right) && memcmp (right, typed, length) == 0;
}

static CK_RV
check_pin (const unsigned char *typed, CK_ULONG length)
{
  if (tries == 0)
    return CKR_PIN_LOCKED;
  if (typed != NULL && !is_pin (pin, typed, length))
    {
      tries--;
      return CKR_PIN_INCORRECT;
    }
  tries = 3;
  return CKR_OK;
}

static CK_RV
take_pin (const unsigned char *typed, CK_ULONG length)
{
  if (typed != NULL && (length < 6 || length > MAX_PIN))
    return CKR_PIN_LEN_RANGE;
  if (typed != NULL)
    {
      memcpy (pin, typed, length);
      pin[length] = '\0';
    }
  tries = 3;
  return CKR_OK;
}

static CK_RV
set_pin (CK_SESSION_HANDLE session, unsigned char *old, CK_ULONG old_length, unsigned char *new, CK_ULONG new_length)
{
  CK_RV code = enter ("C_SetPIN");

  (void) session;
  if (code == CKR_OK)
    code = check_pin (old, old_length);
  return code == CKR_OK ? take_pin (new, new_length) : code;
}

static CK_RV
login (CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char *typed, CK_ULONG length)
{
  CK_RV code = enter ("C_Login");

  (void) session;
  if (code != CKR_OK)
    return code;
  if (user != CKU_SO)
    crash (); /* nobody here logs in to read */
  is_officer = is_pin (so_pin, typed, length);
  return is_officer ? CKR_OK : CKR_PIN_INCORRECT;
}

static CK_RV
logout (CK_SESSION_HANDLE session)
{
  (void) session;
  is_officer = false;
  return enter ("C_Logout");
}

static CK_RV
init_pin (CK_SESSION_HANDLE session, unsigned char *new, CK_ULONG length)
{
  CK_RV code = enter ("C_InitPIN");

  (void) session;
  if (code != CKR_OK)
    return code;
  return is_officer ? take_pin (new, length) : CKR_USER_NOT_LOGGED_IN;
}

static CK_FUNCTION_LIST functions = { .version = { 2, 40 },
                                      .C_Initialize = initialize,
                                      .C_GetSlotList = get_slot_list,
                                      .C_GetSlotInfo = get_slot_info,
                                      .C_GetTokenInfo = get_token_info,
                                      .C_WaitForSlotEvent = wait_for_slot_event,
                                      .C_OpenSession = open_session,
                                      .C_CloseSession = close_session,
                                      .C_FindObjectsInit = find_objects_init,
                                      .C_FindObjects = find_objects,
                                      .C_FindObjectsFinal = find_objects_final,
                                      .C_GetAttributeValue = get_attribute_value,
                                      .C_SetPIN = set_pin,
                                      .C_Login = login,
                                      .C_Logout = logout,
                                      .C_InitPIN = init_pin };

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
  CK_RV code = enter ("C_GetFunctionList");

  *list = is_fault ("C_GetFunctionList", "size=0") ? NULL : &functions;
  return code;
}
