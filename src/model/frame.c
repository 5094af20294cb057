#include "frame.h"

#include <string.h>

#include "error.h"
#include "module.h"
#include "reader.h"
#include "revocation.h"

struct _FrameParser
{
  GByteArray *bytes;
};

static const GVariantType *
get_type (guint8 kind)
{
  static const char *const types[FRAME_N_KINDS] = {
    [FRAME_READERS] = READER_LIST_VARIANT_TYPE,
    [FRAME_STAGE] = "u",
    [FRAME_IN_USE] = "b",
    [FRAME_PARTIAL] = "a{sv}",
    [FRAME_TOKEN] = "a{sv}",
    [FRAME_FAILURE] = "u",
    [FRAME_ATTEMPT] = "a{sv}",
    [FRAME_QUESTION] = REVOCATION_QUESTION_TYPE,
    [FRAME_REVOCATION] = "a{sv}",
    [FRAME_MODULE] = MODULE_REPORT_TYPE,
    [FRAME_TRANSCRIPT] = "s",
  };

  return kind < FRAME_N_KINDS && types[kind] ? G_VARIANT_TYPE (types[kind]) : NULL;
}

void
frame_write_header (guint8 header[FRAME_HEADER_SIZE], FrameKind kind, guint32 length)
{
  memcpy (header, &length, sizeof length);
  header[sizeof length] = (guint8) kind;
}

GBytes *
frame_encode (FrameKind kind, GVariant *payload)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (payload);
  g_autoptr (GVariant) normal = g_variant_get_normal_form (owned);
  guint32 length = g_variant_get_size (normal);
  guint8 header[FRAME_HEADER_SIZE];
  GByteArray *bytes = g_byte_array_sized_new (FRAME_HEADER_SIZE + length);

  g_assert (g_variant_is_of_type (normal, get_type (kind)));
  frame_write_header (header, kind, length);
  g_byte_array_append (bytes, header, sizeof header);
  g_byte_array_append (bytes, g_variant_get_data (normal), length);
  return g_byte_array_free_to_bytes (bytes);
}

FrameParser *
frame_parser_new (void)
{
  FrameParser *parser = g_new0 (FrameParser, 1);

  parser->bytes = g_byte_array_new ();
  return parser;
}

void
frame_parser_free (FrameParser *parser)
{
  g_byte_array_unref (parser->bytes);
  g_free (parser);
}

void
frame_parser_push (FrameParser *parser, const guint8 *bytes, gsize length)
{
  g_byte_array_append (parser->bytes, bytes, length);
}

gboolean
frame_parser_next (FrameParser *parser, FrameKind *kind, GVariant **payload, GError **error)
{
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GVariant) variant = NULL;
  const GVariantType *type;
  guint32 length;
  guint8 raw_kind;

  if (parser->bytes->len < FRAME_HEADER_SIZE)
    return FALSE;
  memcpy (&length, parser->bytes->data, sizeof length);
  raw_kind = parser->bytes->data[sizeof length];
  type = get_type (raw_kind);
  if (!type || length > FRAME_MAX_PAYLOAD)
    {
      g_set_error (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "frame of kind %u and %u bytes", raw_kind, length);
      return FALSE;
    }
  if (parser->bytes->len - FRAME_HEADER_SIZE < length)
    return FALSE;

  bytes = g_bytes_new (parser->bytes->data + FRAME_HEADER_SIZE, length);
  g_byte_array_remove_range (parser->bytes, 0, FRAME_HEADER_SIZE + length);
  variant = g_variant_ref_sink (g_variant_new_from_bytes (type, bytes, FALSE));
  if (!g_variant_is_normal_form (variant))
    {
      g_set_error (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "frame of kind %u is not in normal form", raw_kind);
      return FALSE;
    }
  *kind = raw_kind;
  *payload = g_steal_pointer (&variant);
  return TRUE;
}
