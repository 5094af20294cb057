/* SKF, the interface of Chinese certificate tokens (GM/T 0016-2012), as far as it is used here: nothing that could
 * create, delete, import, format, label or lock is named, so nothing of that can be called.
 *
 * Vendors differ in the width of ULONG (4 bytes, or those of a long) and of BOOL (4 or 1). What goes in by value is a
 * whole register: each of them finds its own low part there. What comes out is written into cells of 8 zero bytes. */
#pragma once

#include <stdint.h>

typedef uint32_t SkfCode; /* of what is returned the low half counts */
typedef void *SkfHandle;

/* A number that a library writes, or reads and writes: VALUE is where those of 4 bytes stand, and on the machines that
 * have libraries with others (all little-endian), the low half of one of 8. */
typedef struct
{
  uint32_t value;
  uint32_t rest;
} __attribute__ ((aligned (8))) SkfNumber;

/* Return codes, GM/T 0016 annex A; token/skf.c knows what they mean to a person. */
#define SKF_OK               0u
#define SKF_NOT_SUPPORTED    0x0A000003u
#define SKF_INVALID_PARAM    0x0A000006u
#define SKF_OUT_OF_MEMORY    0x0A00000Eu
#define SKF_KEY_NOT_FOUND    0x0A00001Bu
#define SKF_CERT_NOT_FOUND   0x0A00001Cu
#define SKF_BUFFER_TOO_SMALL 0x0A000020u
#define SKF_DEVICE_REMOVED   0x0A000023u
#define SKF_FILE_NOT_EXIST   0x0A000031u

/* Types of PIN. */
#define SKF_ADMIN 0u
#define SKF_USER  1u

/* SKF_GetDevInfo fills a DEVINFO of 294 to 328 bytes (packed or not, with numbers of 4 or 8 bytes), and some libraries
 * more than they should. An event names its device in a buffer whose size nobody can ask for. */
#define SKF_ROOM 4096

/* Lists are names, each with its NUL, and one more NUL. */
typedef SkfCode (*SkfEnumDev) (unsigned long present, char *names, SkfNumber *size);
typedef SkfCode (*SkfEnum) (SkfHandle of, char *names, SkfNumber *size);
typedef SkfCode (*SkfConnectDev) (char *name, SkfHandle *device);
typedef SkfCode (*SkfGetDevInfo) (SkfHandle device, void *info);
typedef SkfCode (*SkfOpen) (SkfHandle of, char *name, SkfHandle *opened);
typedef SkfCode (*SkfClose) (SkfHandle handle);
typedef SkfCode (
  *SkfGetPinInfo) (SkfHandle application, unsigned long type, SkfNumber *max, SkfNumber *left, SkfNumber *is_default);
typedef SkfCode (*SkfExportCertificate) (SkfHandle container, unsigned long sign, void *der, SkfNumber *size);
typedef SkfCode (
  *SkfChangePin) (SkfHandle application, unsigned long type, char *current, char *new_pin, SkfNumber *tries_left);
typedef SkfCode (*SkfUnblockPin) (SkfHandle application, char *admin, char *new_pin, SkfNumber *tries_left);
typedef SkfCode (*SkfWaitForDevEvent) (char *name, SkfNumber *size, SkfNumber *event);
