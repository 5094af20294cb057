#include "charset.h"

#include "model/text.h"

/* How many of LENGTH BYTES, from the first on, are UTF-8; a NUL counts as a character here. */
static gsize
measure_utf8 (const char *bytes, gsize length)
{
  const char *start = bytes, *end;

  while (!g_utf8_validate (bytes, (gssize) (length - (gsize) (bytes - start)), &end) && end < start + length
         && *end == '\0')
    bytes = end + 1;
  return (gsize) (end - start);
}

/* Whether a character of three bytes or more, as every Chinese one is, begins in LENGTH BYTES of UTF-8. */
static gboolean
has_long_character (const char *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if ((guint8) bytes[i] >= 0xE0)
      return TRUE;

  return FALSE;
}

/* How many of LENGTH BYTES are the text, where they are UTF-8, else 0. Some software cuts a name at 64 bytes wherever
 * that is: then what is left of its last character is not part of it. */
static gsize
find_utf8 (const char *bytes, gsize length)
{
  gsize n = measure_utf8 (bytes, length);
  gboolean cut = n < length && g_utf8_get_char_validated (bytes + n, (gssize) (length - n)) == (gunichar) -2;

  return n == length || (cut && has_long_character (bytes, n)) ? n : 0;
}

/* Whether BYTES look like GB18030: two bytes beyond ASCII stand side by side, as in nearly every word in GBK and in
 * hardly one in Latin-1, or there is a character of four bytes, as in rare names (GB 18030 section 5). */
static gboolean
is_like_gb18030 (const char *bytes, gsize length)
{
  for (gsize i = 0; i + 1 < length; i++)
    {
      if ((bytes[i] & 0x80) == 0)
        continue;
      if ((bytes[i + 1] & 0x80) != 0)
        return TRUE;
      if (i + 3 < length && g_ascii_isdigit (bytes[i + 1]) && (bytes[i + 2] & 0x80) != 0
          && g_ascii_isdigit (bytes[i + 3]))
        return TRUE;
    }

  return FALSE;
}

char *
charset_to_text (const char *bytes, gsize length)
{
  g_autofree char *converted = NULL;
  gsize n = find_utf8 (bytes, length), read;

  if (n > 0)
    return text_clean (bytes, (gssize) n);

  /* Asking how much was READ has half a character at the end left out instead of being an error. */
  if (is_like_gb18030 (bytes, length))
    converted = g_convert (bytes, (gssize) length, "UTF-8", "GB18030", &read, &n, NULL);
  if (converted == NULL)
    converted = g_convert (bytes, (gssize) length, "UTF-8", "ISO-8859-1", NULL, &n, NULL);

  return converted != NULL ? text_clean (converted, (gssize) n) : NULL;
}
