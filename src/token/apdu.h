/* Command APDUs as values, built and printed (ISO 7816-4 section 5). Pure. */
#pragma once

#include <glib.h>

/* Expected length of the answer, Ne. */
#define APDU_NE_NONE  0
#define APDU_NE_SHORT 256   /* all there is, and it is known to be short */
#define APDU_NE_MAX   65536 /* all there is: 256 in short form */

typedef struct
{
  guint8 cla, ins, p1, p2;
  const guint8 *data; /* borrowed; NULL when there is none */
  gsize length;       /* of data, at most 65535 */
  guint ne;           /* APDU_NE_* or a number of bytes */
} Apdu;

typedef enum
{
  APDU_SHORT,
  APDU_SHORT_T0, /* a command without data still carries P3 = 0, one with data never Le */
  APDU_EXTENDED
} ApduForm;

#define APDU_MAX_SIZE (7 + 65535 + 2)

/* Status words (ISO 7816-4 section 5.6). */
#define SW_OK                0x9000
#define SW_WRONG_LENGTH      0x6700
#define SW_SECURITY          0x6982
#define SW_BLOCKED           0x6983
#define SW_NOT_SATISFIED     0x6985
#define SW_WRONG_DATA        0x6A80
#define SW_NOT_FOUND         0x6A82
#define SW_WRONG_P1_P2       0x6A86
#define SW_REFERENCE_MISSING 0x6A88
#define SW_BAD_INSTRUCTION   0x6D00

/* Writes APDU into BUFFER of SIZE bytes; 0 when it does not fit its form (a short one has at most 255 bytes of data)
 * or the buffer. */
gsize apdu_encode (const Apdu *apdu, ApduForm form, guint8 *buffer, gsize size) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the data of a command INS may hold a PIN: VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER (ISO 7816-4
 * section 7.5), in the even and the odd coding. */
gboolean apdu_may_carry_secret (guint8 ins);

/* For logs and recordings: the bytes as hexadecimal, but of a command that may carry a PIN, with any CLA, only the
 * header and the length of the data. LENGTH may be anything. (transfer full) */
char *apdu_to_log (const guint8 *command, gsize length);
