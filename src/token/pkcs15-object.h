/* What the files of a PKCS#15 token say: bytes in, values out (PKCS#15 v1.1 section 6, ISO 7816-15). Part of the driver
 * token/pkcs15. All of it was written by somebody: an object that is not as it should be is left out. */
#pragma once

#include "model/certificate.h"
#include "pkcs15-file.h"
#include "tlv.h"

/* Files, PINs and identifiers that are taken from a token at most. */
#define PKCS15_MAX_PLACES 8
#define PKCS15_MAX_ID     32

/* What the object directory lists: its choices are numbered so. */
typedef enum
{
  PKCS15_PRIVATE_KEYS = 0,
  PKCS15_CERTIFICATES = 4,
  PKCS15_PINS = 8
} Pkcs15Kind;

/* One directory of objects: a file, or the objects themselves. */
typedef struct
{
  Pkcs15Kind kind;
  Pkcs15Path path; /* empty: the objects are here */
  Tlv objects;     /* borrowed from the object directory */
} Pkcs15Place;

typedef struct
{
  guint8 bytes[PKCS15_MAX_ID];
  gsize length; /* 0: it has none */
} Pkcs15Id;

/* An entry of a directory of certificates. */
typedef struct
{
  guint number; /* in the directory, from 1 on */
  Pkcs15Id id;
  gboolean authority;
  gboolean is_private; /* it may want a PIN to be read */
  Pkcs15Path path;     /* empty: it is here */
  GBytes *der;         /* NULL: it is elsewhere */
} Pkcs15Entry;

/* In the order of the standard. */
typedef enum
{
  PKCS15_PIN_BCD,
  PKCS15_PIN_ASCII,
  PKCS15_PIN_UTF8,
  PKCS15_PIN_HALF_BCD,
  PKCS15_PIN_ISO9564,
  PKCS15_PIN_N_TYPES
} Pkcs15PinType;

/* Bits of Pkcs15Pin.flags, counted from the first. */
typedef enum
{
  PKCS15_PIN_CASE_SENSITIVE = 1 << 0,
  PKCS15_PIN_CHANGE_DISABLED = 1 << 2,
  PKCS15_PIN_UNBLOCK_DISABLED = 1 << 3,
  PKCS15_PIN_INITIALIZED = 1 << 4,
  PKCS15_PIN_NEEDS_PADDING = 1 << 5,
  PKCS15_PIN_UNBLOCKS = 1 << 6,
  PKCS15_PIN_IS_ADMIN = 1 << 7,
  PKCS15_PIN_INTEGRITY = 1 << 9,
  PKCS15_PIN_CONFIDENTIAL = 1 << 10,
  PKCS15_PIN_EXCHANGE = 1 << 11
} Pkcs15PinFlag;

typedef struct
{
  char *label;           /* or NULL */
  Pkcs15Id id;           /* of this PIN … */
  Pkcs15Id unblocked_by; /* … and of the one that protects it */
  guint flags;           /* Pkcs15PinFlag */
  Pkcs15PinType type;
  gsize min_length, max_length; /* in characters; a max_length of 0: not told */
  gsize stored_length;          /* in bytes */
  guint8 reference;
  guint8 filler;
  Pkcs15Path path; /* of the folder that it is of; empty: not told */
} Pkcs15Pin;

typedef struct
{
  char *serial; /* hexadecimal, or NULL */
  char *label;
  char *manufacturer;
} Pkcs15Info;

/* The places in the object directory of LENGTH bytes that are of a kind above, each once; how many. */
gsize pkcs15_object_list_places (const guint8 *bytes, gsize length, Pkcs15Place places[PKCS15_MAX_PLACES]);

/* Adds the entries of a directory of certificates to ENTRIES (Pkcs15Entry, with pkcs15_object_free_entry ()), those of
 * authorities too; up to MAX of them in all. FALSE where none was found because it is no list of objects: what stands
 * behind entries may be anything. */
gboolean pkcs15_object_add_entries (const guint8 *bytes, gsize length, GPtrArray *entries, guint max)
  G_GNUC_WARN_UNUSED_RESULT;
void pkcs15_object_free_entry (gpointer entry);

/* The same for PINs: Pkcs15Pin, with pkcs15_pin_free (). */
void pkcs15_object_add_pins (const guint8 *bytes, gsize length, GPtrArray *pins, guint max);
void pkcs15_object_free_pin (gpointer pin);

/* What the key ID is for, by a directory of private keys; CERTIFICATE_ROLE_OTHER where it does not tell. */
CertificateRole pkcs15_object_find_role (const guint8 *bytes, gsize length, const Pkcs15Id *id);

/* FALSE when it is no token information. */
gboolean pkcs15_object_parse_info (const guint8 *bytes, gsize length, Pkcs15Info *info) G_GNUC_WARN_UNUSED_RESULT;
void pkcs15_object_clear_info (Pkcs15Info *info);

gboolean pkcs15_object_is_same_id (const Pkcs15Id *a, const Pkcs15Id *b);
