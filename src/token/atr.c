#include "atr.h"

#define TAG_CAPABILITIES 0x7
#define EXTENDED_LENGTHS 0x40
#define CATEGORY_TLV     0x80 /* all that follows is COMPACT-TLV */
#define CATEGORY_STATUS  0x00 /* … and three status bytes end it */
#define N_STATUS_BYTES   3

const guint8 *
atr_get_historical_bytes (const guint8 *atr, gsize atr_length, gsize *length)
{
  gsize n = 1; /* after TS */
  gsize n_historical;
  guint8 present;

  *length = 0;
  if (atr_length < 2)
    return NULL;

  n_historical = atr[n] & 0x0F;
  present = atr[n++] >> 4;

  /* TA, TB, TC, TD: a bit each; TD says which of the next four there are. */
  while (present != 0)
    {
      gboolean more = (present & 0x8) != 0;

      n += (present & 1) + (present >> 1 & 1) + (present >> 2 & 1);
      if (more && n >= atr_length)
        return NULL;
      present = more ? atr[n++] >> 4 : 0;
    }

  if (n_historical == 0 || n > atr_length || n_historical > atr_length - n)
    return NULL;

  *length = n_historical;
  return atr + n;
}

gboolean
atr_takes_extended (const guint8 *atr, gsize atr_length)
{
  gsize length;
  const guint8 *bytes = atr_get_historical_bytes (atr, atr_length, &length);
  gsize i = 1;

  if (bytes == NULL || (bytes[0] != CATEGORY_TLV && bytes[0] != CATEGORY_STATUS))
    return FALSE;

  if (bytes[0] == CATEGORY_STATUS)
    length = length > N_STATUS_BYTES ? length - N_STATUS_BYTES : 0;

  while (i < length)
    {
      guint tag = bytes[i] >> 4;
      gsize n = bytes[i] & 0x0F;

      i++;
      if (n > length - i)
        return FALSE;
      if (tag == TAG_CAPABILITIES && n >= 3)
        return (bytes[i + 2] & EXTENDED_LENGTHS) != 0;
      i += n;
    }

  return FALSE;
}
