/* What lies on a PKCS#15 card, written by a test: directories and their objects, in DER. */
#pragma once

#include "piv-bench.h"

#define PKCS15_ODF    G_GUINT64_CONSTANT (0x3F0050155031)
#define PKCS15_INFO   G_GUINT64_CONSTANT (0x3F0050155032)
#define PKCS15_AODF   G_GUINT64_CONSTANT (0x3F0050154401)
#define PKCS15_PRKDF  G_GUINT64_CONSTANT (0x3F0050154402)
#define PKCS15_CDF    G_GUINT64_CONSTANT (0x3F0050154404)
#define PKCS15_CERT   G_GUINT64_CONSTANT (0x3F0050154500) /* + number, from 1 on */
#define PKCS15_EF_DIR G_GUINT64_CONSTANT (0x3F002F00)

#define PKCS15_PIN_FLAGS   0xCC00 /* case-sensitive, local, initialized, needs padding */
#define PKCS15_PUK_FLAGS   0xCE00 /* … and it unblocks */
#define PKCS15_ADMIN_FLAGS 0xCD00 /* … or is the security officer's */

/* A PIN object; flags as they stand in the BIT STRING, the first bit highest. */
typedef struct
{
  const char *label, *id, *protector; /* hexadecimal; NULL: without */
  guint flags, type;
  guint min, stored, max; /* max 0: without */
  guint reference;
  const char *filler; /* hexadecimal, or NULL */
  const char *path;
} Pkcs15PinObject;

extern const Pkcs15PinObject pkcs15_bench_pin, pkcs15_bench_puk;

/* The parts. All (transfer full). */
GByteArray *pkcs15_bench_path (const char *path);
GByteArray *pkcs15_bench_place (guint kind, const char *path);
GByteArray *pkcs15_bench_certificate (const char *id, gboolean authority, const GByteArray *value);
GByteArray *pkcs15_bench_private_certificate (const char *id, const GByteArray *value);
GByteArray *pkcs15_bench_key (const char *id, guint usage);
GByteArray *pkcs15_bench_pin_object (const Pkcs15PinObject *pin);

/* Appends PART to INTO, and gives PART back. */
void pkcs15_bench_take (GByteArray *into, GByteArray *part);

/* Puts DATA at PATH and frees it. */
void pkcs15_bench_put (VCard *card, guint64 path, GByteArray *data);
void pkcs15_bench_put_hex (VCard *card, guint64 path, const char *hex);

/* Makes the N PINS the only ones. */
void pkcs15_bench_put_pins (VCard *card, const Pkcs15PinObject *pins, gsize n);

/* An empty card as one buys it: directories, a PIN and its PUK, serial number 0123456789 and "Example Card". */
void pkcs15_bench_fill (VCard *card);

/* … with certificates of HOLDERS ("Zhang San|张三") and keys of KEY: identifiers 01, 02 …; the first for logging in,
 * the second for signing, the third for decryption by their keys alone. */
void pkcs15_bench_fill_certificates (VCard *card, const char *key, const char *holders);

/* A bench with such a card. */
void pkcs15_bench_init (Bench *bench, const char *key, const char *holders);
