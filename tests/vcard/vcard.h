/* A virtual token: everything behind the contacts of a smart card, as a library.
 *
 * A VCard takes command APDUs and gives answers. It carries one or more applets (applet.h), a table of faults and a
 * journal. It opens no file, starts no thread and never sleeps: a delay is only told to the caller (vcard_delay_ms ()).
 * One library, used twice: in process behind the fake winscard (unit tests, fuzzers), and in vcard-host behind the real
 * pcscd. The caller owns the VCard; what the getters return belongs to the card. Test code only: PINs are held in the
 * clear, but never in the log.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VCARD_DATA_MAX   65536
#define VCARD_ANSWER_MAX (VCARD_DATA_MAX + 2)
#define VCARD_ATR_MAX    64 /* hostile ATRs may exceed the 33 bytes of ISO 7816-3 */
#define VCARD_FOREVER    (-1)

typedef struct VCard VCard;

typedef enum
{
  VCARD_ANSWERED,
  VCARD_PULLED /* a drop fault: the token leaves the reader without an answer */
} VCardOutcome;

typedef enum
{
  VCARD_POWER_UP,
  VCARD_RESET,
  VCARD_POWER_DOWN
} VCardPower;

/* Which APDUs a fault hits: index counts from 0 at the last insertion; VCARD_ANY matches all. */
#define VCARD_ANY (-1)

typedef struct
{
  int index;
  int ins;
} VCardMatch;

typedef struct
{
  unsigned long apdus;
  unsigned long bytes_in;
  unsigned long bytes_out;
  unsigned long insertions;
  unsigned long power_ups;
  unsigned long resets;
  unsigned long verifies; /* VERIFY with data: each may cost a try */
  unsigned long changes;  /* CHANGE REFERENCE DATA with data */
  unsigned long unblocks; /* RESET RETRY COUNTER with data */
} VCardCounters;

VCard *vcard_new (void);
void vcard_free (VCard *card);

/* Personality. NAME is an entry of applet.c ("piv", "openpgp", "gids", "pkcs15"); false if there is none, or the card is
 * full. */
bool vcard_add_applet (VCard *card, const char *name);
void vcard_set_yubico (VCard *card, bool yubico);     /* ATR and instructions of a YubiKey 5; implies extended */
void vcard_set_extended (VCard *card, bool extended); /* extended APDUs, and the bit in the ATR that says so */
void vcard_set_exact_le (VCard *card, bool exact);    /* 6Cxx when a short Le is not the length of the answer */
void vcard_set_serial (VCard *card, uint32_t serial);
void vcard_set_version (VCard *card, uint8_t major, uint8_t minor, uint8_t patch);
bool vcard_set_atr (VCard *card, const uint8_t *atr, size_t n);
const uint8_t *vcard_get_atr (const VCard *card, size_t *n);

/* Contents of the applet APPLET (NULL: the first). ROLE is "pin", "puk", "admin" or "pin2", as far as the applet has
 * it. A raw object is answered as it is, without the wrapper its specification asks for; limit cuts the whole answer.
 * All false if there is no such thing. */
bool vcard_put_object (VCard *card, const char *applet, uint64_t tag, const uint8_t *data, size_t n, bool raw);
bool vcard_limit_object (VCard *card, const char *applet, uint64_t tag, size_t limit);
bool vcard_delete_object (VCard *card, const char *applet, uint64_t tag);
bool vcard_set_pin (VCard *card, const char *applet, const char *role, const char *value, unsigned left, unsigned max);
bool vcard_get_tries (VCard *card, const char *applet, const char *role, unsigned *left, unsigned *max);

/* Life in the reader. vcard_power () writes the ATR (up to VCARD_ATR_MAX bytes; none when mute or powered down). */
void vcard_insert (VCard *card);
size_t vcard_power (VCard *card, VCardPower what, uint8_t *atr);
void vcard_reset (VCard *card);
VCardOutcome vcard_transmit (VCard *card, const uint8_t *apdu, size_t n, uint8_t *answer, size_t *n_answer);
unsigned vcard_delay_ms (const VCard *card); /* how long the last answer must be held back */

/* Faults. COUNT is how often it strikes, or VCARD_FOREVER. An APDU that is answered by a fault is not executed. */
void vcard_set_mute (VCard *card, bool mute);
void vcard_set_delay (VCard *card, unsigned ms); /* every APDU */
void vcard_fault_delay (VCard *card, VCardMatch match, unsigned ms, long count);
void vcard_fault_drop (VCard *card, VCardMatch match);
void vcard_fault_answer (VCard *card, VCardMatch match, const uint8_t *answer, size_t n, long count);
/* Every APDU, for ever. KIND: "61" (256 bytes and more to come), "61-empty", "6c", "grow" (61xx, one byte
 * more each time). */
bool vcard_fault_endless (VCard *card, const char *kind);
void vcard_faults_clear (VCard *card);

/* Journal. One line for each event: "00CB3FFF055C035FC10500 -> 9000 (256)", "insert", "power-up", "reset",
 * "power-down", "pulled". The data of INS 20, 24 and 2C is never in it, only its length. */
const char *vcard_get_log (const VCard *card);
const VCardCounters *vcard_get_counters (const VCard *card);
void vcard_reset_counters (VCard *card); /* the log and the APDU index too */
