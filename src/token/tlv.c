#include "tlv.h"

#define MAX_TAG_BYTES    3
#define MAX_LENGTH_BYTES 4

TlvCursor
tlv_cursor_over (const guint8 *bytes, gsize length)
{
  return (TlvCursor){ bytes, length };
}

gboolean
tlv_cursor_is_done (const TlvCursor *cursor)
{
  return cursor->left == 0;
}

static void
skip_padding (TlvCursor *cursor)
{
  while (cursor->left > 0 && (*cursor->next == 0x00 || *cursor->next == 0xFF))
    {
      cursor->next++;
      cursor->left--;
    }
}

/* How many of LEFT bytes the tag at BYTES takes, 0 when it is none: ISO 7816-4 section 5.2.2.1. */
static gsize
read_tag (const guint8 *bytes, gsize left, guint32 *tag)
{
  gsize n = 1;

  if (left == 0)
    return 0;

  *tag = bytes[0];
  if ((bytes[0] & 0x1F) != 0x1F)
    return n;

  do
    {
      if (n == left || n == MAX_TAG_BYTES)
        return 0;
      *tag = *tag << 8 | bytes[n];
    }
  while (bytes[n++] & 0x80);

  return n;
}

/* The same for the length field: section 5.2.2.2. Longer forms than needed are taken, as cards send them. */
static gsize
read_length (const guint8 *bytes, gsize left, gsize *length)
{
  gsize n;

  if (left == 0)
    return 0;

  *length = bytes[0];
  if (bytes[0] < 0x80)
    return 1;

  n = bytes[0] & 0x7F;
  if (n == 0 || n > MAX_LENGTH_BYTES || n > left - 1)
    return 0;

  *length = 0;
  for (gsize i = 1; i <= n; i++)
    *length = *length << 8 | bytes[i];

  return 1 + n;
}

gboolean
tlv_cursor_next (TlvCursor *cursor, Tlv *tlv)
{
  gsize n_tag, n_length;

  skip_padding (cursor);

  n_tag = read_tag (cursor->next, cursor->left, &tlv->tag);
  if (n_tag == 0)
    return FALSE;

  n_length = read_length (cursor->next + n_tag, cursor->left - n_tag, &tlv->length);
  if (n_length == 0 || tlv->length > cursor->left - n_tag - n_length)
    return FALSE;

  tlv->value = cursor->next + n_tag + n_length;
  cursor->next = tlv->value + tlv->length;
  cursor->left -= n_tag + n_length + tlv->length;
  return TRUE;
}

gboolean
tlv_find (const guint8 *bytes, gsize length, guint32 tag, Tlv *tlv)
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);

  while (tlv_cursor_next (&cursor, tlv))
    if (tlv->tag == tag)
      return TRUE;

  return FALSE;
}
