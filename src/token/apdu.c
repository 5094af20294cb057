#include "apdu.h"

#include <string.h>

#include "model/text.h"

#define HEADER_SIZE       4
#define MAX_SHORT_DATA    255
#define MAX_EXTENDED_DATA 65535
#define MAX_SHORT_ANSWER  256

/* ISO 7816-4 section 5.1: no Le, or one byte in which 00 means 256. With T=0 a command with data has no Le at all and
 * one without data always has P3 (ISO 7816-3 section 12.1.2). */
static gsize
encode_short (const Apdu *apdu, gboolean t0, guint8 *buffer)
{
  gsize n = HEADER_SIZE;
  gboolean with_data = apdu->length > 0;

  if (with_data)
    {
      buffer[n++] = (guint8) apdu->length;
      memcpy (buffer + n, apdu->data, apdu->length);
      n += apdu->length;
    }

  if (apdu->ne != APDU_NE_NONE && !(t0 && with_data))
    buffer[n++] = apdu->ne >= MAX_SHORT_ANSWER ? 0x00 : (guint8) apdu->ne;
  else if (t0 && !with_data)
    buffer[n++] = 0x00;

  return n;
}

/* The same with a first byte 00 and fields of two bytes; 0000 means 65536. */
static gsize
encode_extended (const Apdu *apdu, guint8 *buffer)
{
  gsize n = HEADER_SIZE;

  if (apdu->length > 0 || apdu->ne != APDU_NE_NONE)
    buffer[n++] = 0x00;

  if (apdu->length > 0)
    {
      buffer[n++] = (guint8) (apdu->length >> 8);
      buffer[n++] = (guint8) apdu->length;
      memcpy (buffer + n, apdu->data, apdu->length);
      n += apdu->length;
    }

  if (apdu->ne != APDU_NE_NONE)
    {
      guint ne = apdu->ne >= APDU_NE_MAX ? 0 : apdu->ne;

      buffer[n++] = (guint8) (ne >> 8);
      buffer[n++] = (guint8) ne;
    }

  return n;
}

gsize
apdu_encode (const Apdu *apdu, ApduForm form, guint8 *buffer, gsize size)
{
  gsize max_data = form == APDU_EXTENDED ? MAX_EXTENDED_DATA : MAX_SHORT_DATA;
  gsize overhead = form == APDU_EXTENDED ? APDU_MAX_SIZE - MAX_EXTENDED_DATA : HEADER_SIZE + 2;

  if (apdu->length > max_data || size < overhead || apdu->length > size - overhead)
    return 0;

  buffer[0] = apdu->cla;
  buffer[1] = apdu->ins;
  buffer[2] = apdu->p1;
  buffer[3] = apdu->p2;

  if (form == APDU_EXTENDED)
    return encode_extended (apdu, buffer);
  return encode_short (apdu, form == APDU_SHORT_T0, buffer);
}

gboolean
apdu_may_carry_secret (guint8 ins)
{
  guint8 even = ins & 0xFE;

  return even == 0x20 || even == 0x24 || even == 0x2C;
}

char *
apdu_to_log (const guint8 *command, gsize length)
{
  g_autofree char *header = NULL;
  gsize n_data;

  if (length <= HEADER_SIZE || !apdu_may_carry_secret (command[1]))
    return text_from_bytes (command, length, '\0');

  /* What follows the header and its length field, without trusting that field. */
  n_data = length - HEADER_SIZE - 1;
  if (command[HEADER_SIZE] == 0 && n_data >= 2)
    n_data -= 2;

  header = text_from_bytes (command, HEADER_SIZE, '\0');
  return g_strdup_printf ("%s [%" G_GSIZE_FORMAT " bytes]", header, n_data);
}
