/* A library of GM/T 0016 for tests, whose tokens are folders. Nothing of it is installed.
 *
 *   $SOFTSKF_DIR/DEVICE/label, serial                          DEVINFO, as the bytes stand there
 *
 *   $SOFTSKF_DIR/DEVICE/APPLICATION/user, admin                a PIN: its value, tries left, most tries, whether it is
 *                                                              the initial one
 *
 *   $SOFTSKF_DIR/DEVICE/APPLICATION/CONTAINER/sign, enc        DER
 *
 *   $SOFTSKF_DIR/.faults/NAME or NAME-FUNCTION                 a switch, and perhaps a number in it
 *
 *   $SOFTSKF_DIR/.journal                                      a line for each call; + opened, - closed
 *
 *   $SOFTSKF_DIR/.lock                                         each call waits while another process holds it (flock)
 *
 * A device comes and goes with its folder. The switches:
 *
 *   of one FUNCTION   hang, crash ("once": and never again), removed; fail (the code, and how often); huge (its size is
 * 4 GB); overrun of all            natural (DEVINFO is not packed), wide (ULONG has 8 bytes), byte-bool (BOOL has 1),
 * no-usb (a size that is an error), no-last-nul, no-nul (nor the one before it), one-certificate (for both uses),
 *                     silent-tries, zero-tries (what is written with a wrong PIN), talk (to the terminal)
 *   when it is loaded crash-load, hang-load, thread (leaves one behind) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOFTSKF_FAIL             0x0A000001u
#define SOFTSKF_INVALID_HANDLE   0x0A000005u
#define SOFTSKF_INVALID_PARAM    0x0A000006u
#define SOFTSKF_CERT_NOT_FOUND   0x0A00001Cu
#define SOFTSKF_BUFFER_TOO_SMALL 0x0A000020u
#define SOFTSKF_REMOVED          0x0A000023u
#define SOFTSKF_PIN_INCORRECT    0x0A000024u
#define SOFTSKF_PIN_LOCKED       0x0A000025u
#define SOFTSKF_PIN_LENGTH       0x0A000027u
#define SOFTSKF_PIN_MISSING      0x0A000029u
#define SOFTSKF_NO_APPLICATION   0x0A00002Eu
#define SOFTSKF_NO_FILE          0x0A000031u

/* ---- the folder (store.c) ---- */

#define STORE_PATH 4096

const char *store_get_folder (void);

/* FOLDER/NAME in PATH of STORE_PATH bytes; false where it is too long or climbs out. */
bool store_make_path (char *path, const char *folder, const char *name);

bool store_is_folder (const char *path);

/* Calls VISIT for the name of each folder in FOLDER, in order. */
void store_for_each (const char *folder, void (*visit) (const char *name, void *data), void *data);

/* At most SIZE bytes of FOLDER/NAME. Returns how many, or -1. */
long store_read (const char *folder, const char *name, void *bytes, size_t size);

typedef struct
{
  char value[64];
  unsigned left, max, is_default;
} StorePin;

bool store_read_pin (const char *application, const char *name, StorePin *pin);
void store_write_pin (const char *application, const char *name, const StorePin *pin);

/* ---- switches (fault.c) ---- */

bool fault_is_on (const char *name);
bool fault_is_on_in (const char *name, const char *function);

void fault_note (const char *text);

/* What every call of FUNCTION begins with: the journal, and whatever is to go wrong. Returns the code to fail with. */
uint32_t fault_enter (const char *function);

/* What a library writes into its caller's cells. */
void fault_write_number (void *cell, uint32_t number);
void fault_write_bool (void *cell, bool value);
uint64_t fault_read_number (const void *cell);
