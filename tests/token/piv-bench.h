/* A virtual token, of PIV where nothing else is said, and readings of it by its driver as the worker does them: what
 * the tests of the drivers share. */
#pragma once

#include "token/driver.h"
#include "vcard.h"

#define TAG_9A      0x5FC105
#define TAG_9C      0x5FC10A
#define TAG_9D      0x5FC10B
#define TAG_9E      0x5FC101
#define TAG_CHUID   0x5FC102
#define TAG_HISTORY 0x5FC10C
#define TAG_82      0x5FC10D
#define TAG_83      0x5FC10E
#define TAG_95      0x5FC120

/* The part of a card holder identifier that counts, and the serial number that it makes. */
#define CHUID_GUID "34 10 00112233445566778899AABBCCDDEEFF"
#define GUID_TEXT  "00112233445566778899AABBCCDDEEFF"

extern const Driver gids_driver, openpgp_driver, piv_driver, pkcs15_driver;

/* A virtual token and one reading of it, as the worker does it. */
typedef struct
{
  Session session; /* first: report () finds the rest behind it */
  VCard *card;
  const Driver *driver;

  /* Transport: from APDU number SPOIL_FROM on, up to SPOIL_UNTIL, SPOILT is the answer; or where TURNED_BIT is not 0,
   * the card's own with this bit of it turned over, counted from 1; or FAILURE is what happens. */
  GByteArray *spoilt;
  guint turned_bit;
  ErrorCode failure;
  guint spoil_from, spoil_until;
  guint n_sent;
  GByteArray *secret; /* the last command with a PIN */
  guint n_turnable;   /* bits that the last answer had of which one was to be turned over */

  guint n_reports;
  Probe probed;
  guint n_sent_probe; /* APDUs until the driver has said whether it wants the token, … */
  guint n_sent_first; /* … until the first report … */
  guint n_sent_tries; /* … and until the first with a PIN */
  int tries_first;    /* what the first told */
  GError *error;
} Bench;

/* A plain PIV card without anything on it. */
void bench_init (Bench *bench);

/* … of the family of DRIVER. */
void bench_init_family (Bench *bench, const Driver *driver);

void bench_clear (Bench *bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Bench, bench_clear)

/* The channel's other end; BENCH is its transport. */
gboolean bench_transmit (gpointer transport,
                         const guint8 *command,
                         gsize length,
                         guint8 *answer,
                         gsize *answer_length,
                         GError **error);

/* One reading. Whatever the token does: no PIN goes out, and there is a token that can be sent on, or an error in
 * bench->error, or the driver did not want it. (transfer full) */
Token *bench_read (Bench *bench);

/* The status word that the card itself answers to COMMAND, as if another program asked. */
guint16 bench_ask (Bench *bench, const guint8 *command, gsize length);

/* A SELECT that is answered by ANSWER, and what the driver says to that after N_SENT APDUs. */
typedef struct
{
  const char *name, *answer;
  Probe probe;
  guint n_sent;
} BenchProbe;

void bench_assert_probes (const Driver *driver, const BenchProbe *probes, gsize n);

/* So long a name that a certificate with RSA-2048 has the usual 900 bytes. */
extern const char bench_long_holder[];

/* Puts an object on the PIV token: BYTES in the container 53, or as they are. */
void bench_put (Bench *bench, guint32 tag, const GByteArray *bytes, gboolean raw);
void bench_put_hex (Bench *bench, guint32 tag, const char *hex, gboolean raw);

/* … a certificate of HOLDER with a key KEY; and all that a well-filled card has. */
void bench_put_certificate (Bench *bench, guint32 tag, const char *key, const char *holder);
void bench_put_four (Bench *bench, const char *key);

/* What stands in the container of a certificate: the packed bytes and the info byte. (transfer full) */
GByteArray *bench_make_content (const GByteArray *packed, guint8 info);

/* The ids of TOKEN's certificates, and of its unreadable places, with blanks between them. */
void bench_assert_ids (const Token *token, const char *certificates, const char *unreadable);
