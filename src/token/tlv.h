/* A bounded cursor over BER-TLV (ISO 7816-4 section 5.2.2, ITU-T X.690 section 8.1). It never reads past the bytes that
 * it was given, never recurses and allocates nothing: whoever wants the inside of a value makes a cursor over it, and
 * so decides the depth. Only definite lengths, tags of at most 3 bytes and lengths of at most 4. Pure. */
#pragma once

#include <glib.h>

typedef struct
{
  guint32 tag;         /* all its bytes: 0x53, 0x7F49, 0x5FC105 */
  const guint8 *value; /* borrowed from the bytes walked over */
  gsize length;
} Tlv;

typedef struct
{
  const guint8 *next;
  gsize left;
} TlvCursor;

TlvCursor tlv_cursor_over (const guint8 *bytes, gsize length);

/* The next object in *TLV. FALSE at the end and at the first byte that is not TLV; tlv_cursor_is_done () tells which.
 * 00 and FF between objects are skipped as padding. */
gboolean tlv_cursor_next (TlvCursor *cursor, Tlv *tlv) G_GNUC_WARN_UNUSED_RESULT;
gboolean tlv_cursor_is_done (const TlvCursor *cursor);

/* The first object TAG among those side by side in BYTES (no descent). */
gboolean tlv_find (const guint8 *bytes, gsize length, guint32 tag, Tlv *tlv) G_GNUC_WARN_UNUSED_RESULT;
