#include "identity-bench.h"

#include <string.h>

#include <openssl/asn1.h>

const IdentityBenchEncoding identity_bench_encodings[] = {
  { "utf8", "\x0C" },
  { "printable", "\x13" },
  { "ia5", "\x16" },
  { "t61", "\x14" },
  { "visible", "\x1A" },
  { "bmp", "\x1E" },
  { "octets", "\x04" },
  { "utf8-in-octets", "\x04\x0C" },
  { "raw", "" },
  { "raw-with-nul", "", BYTES ("\0") },       /* as a C program leaves it */
  { "raw-with-newline", "", BYTES ("\r\n") }, /* … and an editor */
  { "choice", "\x31\xA0\x13" },               /* as real ones have it: SET { [0] EXPLICIT PrintableString } */
  { "implicit-choice", "\x31\x81" },
  { "explicit", "\xA2\x0C" },
  { "other-name", "\x30\x06\xA0\x0C" }, /* SEQUENCE { OBJECT IDENTIFIER, [0] UTF8String }, as other names are written */
};

static GByteArray *
wrap (guint8 tag, GByteArray *inside)
{
  guint8 head[] = { tag, 0x82, (guint8) (inside->len >> 8), (guint8) inside->len };

  if (inside->len < 0x80)
    {
      head[1] = (guint8) inside->len;
      return g_byte_array_prepend (inside, head, 2);
    }
  return g_byte_array_prepend (inside, head, 4);
}

GByteArray *
identity_bench_encode (const IdentityBenchEncoding *encoding, const char *text)
{
  static const guint8 oid[] = { V_ASN1_OBJECT, 3, 0x2A, 3, 4 };
  gboolean is_wide = *encoding->tags == V_ASN1_BMPSTRING;
  GByteArray *bytes = g_byte_array_new ();

  for (; *text; text++)
    {
      if (is_wide)
        g_byte_array_append (bytes, (const guint8 *) "", 1);
      g_byte_array_append (bytes, (const guint8 *) text, 1);
    }
  g_byte_array_append (bytes, (const guint8 *) encoding->behind, encoding->n_behind);
  for (gsize i = strlen (encoding->tags); i-- > 0;)
    bytes = encoding->tags[i] == V_ASN1_OBJECT ? g_byte_array_prepend (bytes, oid, sizeof oid)
                                               : wrap ((guint8) encoding->tags[i], bytes);
  return bytes;
}
