/* What passes between a worker and the host of a vendor library, over one socketpair: requests down, answers up, each a
 * message of a header and raw bytes in native order (both ends are of one build, on one machine). An answer is a list
 * of records that ends with WIRE_END. The C library only. The host holds a library that may have been taken over: the
 * worker (token/module) bounds and checks whatever comes up, and parses it; nothing is parsed here. */
#pragma once

#include <stdint.h>

/* The inherited end of the socketpair. */
#define WIRE_SOCKET 3

typedef struct
{
  uint32_t kind;
  uint32_t length; /* of the bytes behind this header */
} WireHeader;

#define WIRE_MAX_RECORD  (64 * 1024)
#define WIRE_MAX_ANSWER  (1024 * 1024) /* all records of one answer; what does not fit is left out */
#define WIRE_MAX_RECORDS 2000
#define WIRE_MAX_SECRET  64 /* longer PINs are in no library */
#define WIRE_MAX_ADDRESS 1024

typedef enum
{
  /* requests */
  WIRE_LIST = 1,   /* what tokens are there, with all that can be read without a PIN */
  WIRE_WAIT,       /* until one comes or goes: the answer is WIRE_END alone, once the library says so */
  WIRE_CHANGE_PIN, /* an address (below); two WIRE_SECRETs follow: the current PIN, the new one */
  WIRE_UNBLOCK,    /* the same, with the administrator's PIN */
  WIRE_SECRET,

  /* records */
  WIRE_READY = 100, /* the first of all, once the library is loaded: uint32_t, WIRE_USES_PCSC or 0 */
  WIRE_REFUSED,     /* … instead, and the last one: uint32_t, a WireRefusal */
  WIRE_END,    /* the library's last return code (uint64_t, 0: all well), and the name of the function if it failed */
  WIRE_FAILED, /* the same of one function, in the middle: that part is missing, and the list goes on */
  WIRE_TRIES,  /* uint32_t: tries left, as the library said with an answer about a PIN */

  WIRE_SLOT =
    200,      /* PKCS#11: slot id (unsigned long), then CK_SLOT_INFO; the records that follow are about this slot */
  WIRE_TOKEN, /* CK_TOKEN_INFO; also with the answer about a PIN that was not taken, for its flags */

  WIRE_DEVICE = 300, /* SKF: the name of a device; what follows is about it */
  WIRE_DEVICE_INFO,  /* DEVINFO in whatever layout: the first bytes of a buffer that was all zero */
  WIRE_APPLICATION,  /* the name of an application of the device; what follows is about it */
  WIRE_PIN,          /* of the application: uint32_t type, most tries, tries left, whether it is the initial one */
  WIRE_CONTAINER,    /* the name of a container of the application */

  WIRE_ID = 400,   /* of the next certificate: CKA_ID, or empty */
  WIRE_LABEL,      /* … CKA_LABEL, or empty */
  WIRE_SIGNATURE,  /* … DER, certificate of a signature key (or of any key where the library does not tell) */
  WIRE_ENCRYPTION, /* … of an encryption key */
} WireKind;

/* WIRE_READY */
#define WIRE_USES_PCSC 1u

/* Why a library is not hosted. */
typedef enum
{
  WIRE_MISSING = 1, /* there is no such file */
  WIRE_UNTRUSTED,   /* others than root could have written it, and it is not the user's own choice */
  WIRE_MACHINE,     /* it is for another kind of computer, or no library */
  WIRE_UNLOADABLE,  /* the loader refuses it: something that it needs is not there */
  WIRE_ENTRY,       /* it does not have the functions */
  WIRE_INIT,        /* it refuses to begin */
} WireRefusal;

/* The address of a PIN: of PKCS#11 the slot id (unsigned long); of SKF the name of the device, a NUL, the name of the
 * application, a NUL. As they came up in WIRE_SLOT, WIRE_DEVICE and WIRE_APPLICATION. */
