#include "gzip.h"

#include <zlib.h>

#include "model/error.h"

/* The largest window, with the header and check sum of the format required. */
#define WINDOW_ZLIB 15
#define WINDOW_GZIP (15 + 16)

gboolean
gzip_is_packed (const guint8 *bytes, gsize length)
{
  return length >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

/* How many bytes came out of the first member, 0 when it is damaged or larger than SIZE. */
static gsize
inflate_into (const guint8 *bytes, gsize length, int window, guint8 *out, gsize size)
{
  z_stream stream = {
    .next_in = (Bytef *) bytes, .avail_in = (uInt) length, .next_out = out, .avail_out = (uInt) size
  };
  int rv;

  if (inflateInit2 (&stream, window) != Z_OK)
    return 0;

  rv = inflate (&stream, Z_FINISH);
  inflateEnd (&stream);
  return rv == Z_STREAM_END ? size - stream.avail_out : 0;
}

static GByteArray *
unpack (const guint8 *bytes, gsize length, int window, GError **error)
{
  gsize size = MIN (length, GZIP_MAX_SIZE / GZIP_MAX_RATIO) * GZIP_MAX_RATIO;
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gsize n = 0;

  g_byte_array_set_size (out, (guint) size);
  if (length > 0 && length <= GZIP_MAX_SIZE)
    n = inflate_into (bytes, length, window, out->data, size);

  if (n == 0)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "not packed within bounds");
      return NULL;
    }

  g_byte_array_set_size (out, (guint) n);
  return g_steal_pointer (&out);
}

GByteArray *
gzip_unpack (const guint8 *bytes, gsize length, GError **error)
{
  return unpack (bytes, length, WINDOW_GZIP, error);
}

GByteArray *
gzip_unpack_zlib (const guint8 *bytes, gsize length, GError **error)
{
  return unpack (bytes, length, WINDOW_ZLIB, error);
}
