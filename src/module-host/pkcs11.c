/* Libraries of PKCS #11 (version 2.20 and what came later; OASIS):
 *
 *   list      C_GetSlotList; of each slot C_GetSlotInfo and C_GetTokenInfo, then its X.509 certificates in a public
 *             session that cannot write: C_FindObjects, and of each one CKA_ID, CKA_LABEL and CKA_VALUE
 *
 *   wait      C_WaitForSlotEvent
 *
 *   change    C_SetPIN in a public session that may write: of the user's PIN, section 5.5 of version 3.0
 *   unblock   C_Login of the security officer, C_InitPIN, C_Logout
 *
 * Nothing logs in for reading. Whatever length a library tells is held against a bound, and what it writes goes to
 * memory of host_alloc (). Threads that it makes are its own affair and end with this process: to forbid them would be
 * a way of calling that vendors do not test. */
#include <dlfcn.h>
#include <string.h>

#include <p11-kit/pkcs11.h>

#include "host.h"

#define MAX_SLOTS        16
#define MAX_CERTIFICATES 64 /* of a slot */
#define MAX_ATTEMPTS     3  /* at a list that grows between two questions */

static CK_FUNCTION_LIST_PTR library;

static Outcome
make_outcome (const char *function, CK_RV code)
{
  return (Outcome){ code, function };
}

static bool
bind_functions (void *handle)
{
  CK_C_GetFunctionList get = (CK_C_GetFunctionList) dlsym (handle, "C_GetFunctionList");

  return get != NULL && get (&library) == CKR_OK && library != NULL && library->C_Initialize != NULL
         && library->C_GetSlotList != NULL && library->C_GetSlotInfo != NULL && library->C_GetTokenInfo != NULL
         && library->C_OpenSession != NULL && library->C_CloseSession != NULL && library->C_FindObjectsInit != NULL
         && library->C_FindObjects != NULL && library->C_FindObjectsFinal != NULL
         && library->C_GetAttributeValue != NULL && library->C_WaitForSlotEvent != NULL && library->C_SetPIN != NULL
         && library->C_Login != NULL && library->C_InitPIN != NULL && library->C_Logout != NULL;
}

static Outcome
begin (void)
{
  CK_C_INITIALIZE_ARGS arguments = { .flags = CKF_OS_LOCKING_OK };
  CK_RV code = library->C_Initialize (&arguments);

  if (code == CKR_CANT_LOCK || code == CKR_ARGUMENTS_BAD)
    code = library->C_Initialize (NULL); /* one thread needs no locks */
  if (code == CKR_CRYPTOKI_ALREADY_INITIALIZED)
    code = CKR_OK;
  return make_outcome ("C_Initialize", code);
}

/* ---- certificates ---- */

/* Sends attribute TYPE as a record of KIND; otherwise says why not. */
static CK_RV
put_attribute (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, WireKind kind)
{
  CK_ATTRIBUTE attribute = { type, NULL, 0 };
  CK_RV code = library->C_GetAttributeValue (session, object, &attribute, 1);
  size_t room = attribute.ulValueLen;
  void *bytes;

  if (code != CKR_OK)
    return code;
  if (room > WIRE_MAX_RECORD) /* CK_UNAVAILABLE_INFORMATION is, too */
    return CKR_DATA_LEN_RANGE;
  bytes = host_alloc (room);
  if (bytes == NULL && room > 0)
    return CKR_HOST_MEMORY;

  if (room > 0)
    {
      attribute = (CK_ATTRIBUTE){ type, bytes, room };
      code = library->C_GetAttributeValue (session, object, &attribute, 1);
    }
  if (code == CKR_OK && attribute.ulValueLen > room)
    code = CKR_DATA_LEN_RANGE;
  if (code == CKR_OK)
    host_put (kind, bytes, attribute.ulValueLen);
  host_free (bytes, room);
  return code;
}

static void
put_certificate (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
  CK_RV code;

  if (put_attribute (session, object, CKA_ID, WIRE_ID) != CKR_OK)
    host_put (WIRE_ID, NULL, 0);
  if (put_attribute (session, object, CKA_LABEL, WIRE_LABEL) != CKR_OK)
    host_put (WIRE_LABEL, NULL, 0);
  code = put_attribute (session, object, CKA_VALUE, WIRE_SIGNATURE);
  if (code != CKR_OK)
    host_put_failure ("C_GetAttributeValue", code);
}

/* At most MAX_CERTIFICATES into FOUND; returns how many. */
static size_t
find_certificates (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *found)
{
  CK_OBJECT_CLASS class = CKO_CERTIFICATE;
  CK_CERTIFICATE_TYPE type = CKC_X_509;
  CK_ATTRIBUTE wanted[] = { { CKA_CLASS, &class, sizeof class }, { CKA_CERTIFICATE_TYPE, &type, sizeof type } };
  CK_RV code = library->C_FindObjectsInit (session, wanted, sizeof wanted / sizeof *wanted);
  size_t n = 0;

  if (code != CKR_OK)
    {
      host_put_failure ("C_FindObjectsInit", code);
      return 0;
    }
  while (n < MAX_CERTIFICATES)
    {
      CK_ULONG n_new = 0;

      code = library->C_FindObjects (session, found + n, MAX_CERTIFICATES - n, &n_new);
      if (code != CKR_OK)
        host_put_failure ("C_FindObjects", code);
      if (code != CKR_OK || n_new == 0)
        break;
      n += n_new < MAX_CERTIFICATES - n ? n_new : MAX_CERTIFICATES - n;
    }
  library->C_FindObjectsFinal (session);
  return n;
}

static void
put_certificates (CK_SLOT_ID slot)
{
  CK_OBJECT_HANDLE *found = host_alloc (MAX_CERTIFICATES * sizeof *found);
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  CK_RV code = CKR_HOST_MEMORY;
  size_t n;

  if (found != NULL)
    code = library->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session);
  if (code == CKR_OK)
    {
      n = find_certificates (session, found);
      for (size_t i = 0; i < n; i++)
        put_certificate (session, found[i]);
      library->C_CloseSession (session);
    }
  else
    host_put_failure ("C_OpenSession", code);
  host_free (found, MAX_CERTIFICATES * sizeof *found);
}

/* ---- slots ---- */

static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
  CK_TOKEN_INFO *bytes = host_alloc (sizeof *bytes);
  CK_RV code = bytes != NULL ? library->C_GetTokenInfo (slot, bytes) : CKR_HOST_MEMORY;

  if (code == CKR_OK)
    *info = *bytes;
  host_free (bytes, sizeof *bytes);
  return code;
}

/* What cannot be told of a slot itself is zero. */
static void
put_slot_info (CK_SLOT_ID slot)
{
  CK_SLOT_INFO *info = host_alloc (sizeof *info);
  unsigned char record[sizeof slot + sizeof *info] = { 0 };
  CK_RV code = info != NULL ? library->C_GetSlotInfo (slot, info) : CKR_HOST_MEMORY;

  memcpy (record, &slot, sizeof slot);
  if (code == CKR_OK)
    memcpy (record + sizeof slot, info, sizeof *info);
  host_put (WIRE_SLOT, record, sizeof record);
  if (code != CKR_OK)
    host_put_failure ("C_GetSlotInfo", code);
  host_free (info, sizeof *info);
}

static void
put_slot (CK_SLOT_ID slot)
{
  CK_TOKEN_INFO info;
  CK_RV code;

  put_slot_info (slot);
  code = get_token_info (slot, &info);
  if (code == CKR_OK)
    {
      host_put (WIRE_TOKEN, &info, sizeof info);
      put_certificates (slot);
    }
  else
    host_put_failure ("C_GetTokenInfo", code);
}

/* Up to MAX_SLOTS slots with a token, and *N, how many they are. */
static CK_RV
get_slots (CK_SLOT_ID *slots, size_t *n)
{
  CK_RV code = CKR_BUFFER_TOO_SMALL;

  *n = 0;
  for (int i = 0; i < MAX_ATTEMPTS && code == CKR_BUFFER_TOO_SMALL; i++)
    {
      CK_ULONG count = 0, room;
      CK_SLOT_ID *all;

      code = library->C_GetSlotList (CK_TRUE, NULL, &count); /* this is what looks for new ones */
      if (code != CKR_OK || count == 0)
        return code;
      room = count;
      all = count <= WIRE_MAX_ANSWER / sizeof *all ? host_alloc (count * sizeof *all) : NULL;
      if (all == NULL)
        return CKR_HOST_MEMORY;
      code = library->C_GetSlotList (CK_TRUE, all, &count);
      if (code == CKR_OK)
        {
          *n = count < room ? count : room;
          *n = *n < MAX_SLOTS ? *n : MAX_SLOTS;
          memcpy (slots, all, *n * sizeof *slots);
        }
      host_free (all, room * sizeof *all);
    }
  return code;
}

static Outcome
list (void)
{
  CK_SLOT_ID slots[MAX_SLOTS];
  size_t n;
  CK_RV code = get_slots (slots, &n);

  for (size_t i = 0; i < n; i++)
    put_slot (slots[i]);
  return make_outcome ("C_GetSlotList", code);
}

static Outcome
wait_for_event (void)
{
  CK_SLOT_ID slot = 0;

  return make_outcome ("C_WaitForSlotEvent", library->C_WaitForSlotEvent (0, &slot, NULL));
}

/* ---- PINs ---- */

/* Where nothing was typed here it is typed at the token (CKF_PROTECTED_AUTHENTICATION_PATH): then there is no PIN. */
static CK_UTF8CHAR_PTR
get_pin (char *pin)
{
  return pin[0] != '\0' ? (CK_UTF8CHAR_PTR) pin : NULL;
}

/* A session at ADDRESS that may write. */
static Outcome
open_to_write (const void *address, size_t length, CK_SLOT_ID *slot, CK_SESSION_HANDLE *session)
{
  *session = CK_INVALID_HANDLE;
  if (length != sizeof *slot)
    return make_outcome ("C_OpenSession", CKR_SLOT_ID_INVALID);
  memcpy (slot, address, sizeof *slot);
  return make_outcome ("C_OpenSession",
                       library->C_OpenSession (*slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, session));
}

/* Where a PIN was not taken, the flags of the token say whether a last try is left, or none. */
static Outcome
close_after (CK_SLOT_ID slot, CK_SESSION_HANDLE session, Outcome outcome)
{
  CK_TOKEN_INFO info;

  library->C_CloseSession (session);
  if (outcome.code != CKR_OK && get_token_info (slot, &info) == CKR_OK)
    host_put (WIRE_TOKEN, &info, sizeof info);
  return outcome;
}

static Outcome
change_pin (const void *address, size_t length, char *current, char *new_pin)
{
  CK_SLOT_ID slot;
  CK_SESSION_HANDLE session;
  Outcome outcome = open_to_write (address, length, &slot, &session);

  if (outcome.code != CKR_OK)
    return outcome;
  outcome = make_outcome ("C_SetPIN", library->C_SetPIN (session, get_pin (current), strlen (current),
                                                         get_pin (new_pin), strlen (new_pin)));
  return close_after (slot, session, outcome);
}

/* Whether the token lets its security officer do anything. */
static Outcome
check_officer (CK_SLOT_ID slot)
{
  CK_TOKEN_INFO info;
  CK_RV code = get_token_info (slot, &info);

  if (code == CKR_OK && (info.flags & CKF_SO_PIN_LOCKED) != 0)
    code = CKR_PIN_LOCKED;
  else if (code == CKR_OK && (info.flags & CKF_WRITE_PROTECTED) != 0)
    code = CKR_TOKEN_WRITE_PROTECTED;
  return make_outcome ("C_GetTokenInfo", code);
}

static Outcome
unblock (const void *address, size_t length, char *admin, char *new_pin)
{
  CK_SLOT_ID slot;
  CK_SESSION_HANDLE session;
  Outcome outcome = open_to_write (address, length, &slot, &session);

  if (outcome.code != CKR_OK)
    return outcome;
  outcome = check_officer (slot);
  if (outcome.code == CKR_OK)
    outcome = make_outcome ("C_Login", library->C_Login (session, CKU_SO, get_pin (admin), strlen (admin)));
  if (outcome.code == CKR_OK)
    {
      outcome = make_outcome ("C_InitPIN", library->C_InitPIN (session, get_pin (new_pin), strlen (new_pin)));
      library->C_Logout (session);
    }
  return close_after (slot, session, outcome);
}

const Kind pkcs11_kind = { .type = "pkcs11",
                           .bind = bind_functions,
                           .begin = begin,
                           .list = list,
                           .wait = wait_for_event,
                           .change_pin = change_pin,
                           .unblock = unblock };
