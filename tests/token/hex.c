#include "hex.h"

void
hex_append (GByteArray *into, const char *text)
{
  int high = -1;

  for (const char *p = text; *p != '\0'; p++)
    {
      int digit = g_ascii_xdigit_value (*p);
      guint8 byte;

      if (g_ascii_isspace (*p))
        continue;
      g_assert_cmpint (digit, >=, 0);
      if (high < 0)
        {
          high = digit;
          continue;
        }
      byte = (guint8) (high << 4 | digit);
      g_byte_array_append (into, &byte, 1);
      high = -1;
    }

  g_assert_cmpint (high, ==, -1);
}

GByteArray *
hex_to_bytes (const char *text)
{
  GByteArray *bytes = g_byte_array_new ();

  hex_append (bytes, text);
  return bytes;
}

static void
append_number (GByteArray *into, guint32 number)
{
  for (int shift = 24; shift >= 0; shift -= 8)
    if (number >> shift != 0 || shift == 0)
      {
        guint8 byte = (guint8) (number >> shift);

        g_byte_array_append (into, &byte, 1);
      }
}

void
hex_append_tlv (GByteArray *into, guint32 tag, const guint8 *value, gsize length)
{
  append_number (into, tag);
  if (length >= 0x80)
    append_number (into, length <= 0xFF ? 0x81 : length <= 0xFFFF ? 0x82 : 0x83);
  append_number (into, (guint32) length);
  if (length > 0)
    g_byte_array_append (into, value, (guint) length);
}
