#include "piv-object.h"

#include "gzip.h"
#include "model/error.h"
#include "x509.h"

#define TAG_CONTAINER   0x53
#define TAG_CERTIFICATE 0x70
#define TAG_CERTINFO    0x71
#define CERTINFO_GZIP   0x01

gboolean
piv_object_open (const guint8 *object, gsize length, Tlv *content)
{
  TlvCursor cursor = tlv_cursor_over (object, length);
  Tlv first;

  if (!tlv_cursor_next (&cursor, &first))
    return FALSE;

  *content = first.tag == TAG_CONTAINER ? first : (Tlv){ .value = object, .length = length };
  return TRUE;
}

gboolean
piv_object_find (const guint8 *object, gsize length, guint32 tag, gsize min_length, Tlv *part)
{
  Tlv content;

  return piv_object_open (object, length, &content) && tlv_find (content.value, content.length, tag, part)
         && part->length >= min_length;
}

/* Some writers compress and do not say so in the certinfo. */
static Certificate *
parse_packed (const Tlv *packed, gboolean compressed, GError **error)
{
  g_autoptr (GByteArray) der = NULL;

  if (!compressed && !gzip_is_packed (packed->value, packed->length))
    return x509_parse (packed->value, packed->length, error);

  der = gzip_unpack (packed->value, packed->length, error);
  return der != NULL ? x509_parse (der->data, der->len, error) : NULL;
}

/* Part 1, table 10: 70 the certificate, 71 how it is packed, FE. */
Certificate *
piv_object_parse_certificate (const guint8 *object, gsize length, GError **error)
{
  Tlv content, certificate = { 0 }, info;
  gboolean compressed;

  if (!piv_object_open (object, length, &content)
      || (content.length > 0 && !tlv_find (content.value, content.length, TAG_CERTIFICATE, &certificate)))
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "no certificate object");
      return NULL;
    }
  if (certificate.length == 0)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_OBJECT_MISSING, "an empty object");
      return NULL;
    }

  compressed = tlv_find (content.value, content.length, TAG_CERTINFO, &info) && info.length > 0
               && (info.value[0] & CERTINFO_GZIP) != 0;
  return parse_packed (&certificate, compressed, error);
}
