#include "text.h"

#include <string.h>

#define REPLACEMENT 0xFFFD
#define ELLIPSIS    0x2026
#define MAX_MARKS   4

/* An identity number has 15 or 18 places (GB 11643), a bank card 16 to 19. */
#define NUMBER_MIN_DIGITS 15
#define NUMBER_SHOWN      4
#define HIDDEN            0x00B7

/* Characters of these kinds can hide, reorder or fake text; a format character (Cf) is any bidirectional control,
 * zero-width joiner or soft hyphen. */
static gboolean
is_invisible (gunichar c)
{
  switch (g_unichar_type (c))
    {
    case G_UNICODE_CONTROL:
    case G_UNICODE_FORMAT:
    case G_UNICODE_UNASSIGNED:
    case G_UNICODE_PRIVATE_USE:
    case G_UNICODE_SURROGATE:
      return TRUE;
    default:
      /* Hangul fillers, the combining grapheme joiner and variation selectors are letters and marks that show nothing.
       */
      return c == 0x034F || c == 0x115F || c == 0x1160 || c == 0x3164 || c == 0xFFA0 || c == 0x2800
             || (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0100 && c <= 0xE01EF);
    }
}

static gboolean
is_space (gunichar c)
{
  return g_unichar_isspace (c) || c == '\v' || g_unichar_type (c) == G_UNICODE_LINE_SEPARATOR
         || g_unichar_type (c) == G_UNICODE_PARAGRAPH_SEPARATOR;
}

/* BYTES with every invalid sequence and NUL replaced. */
static char *
make_valid (const char *bytes, gsize length)
{
  GString *valid = g_string_sized_new (length + 1);

  while (length > 0)
    {
      const char *end;

      g_utf8_validate (bytes, length, &end);
      g_string_append_len (valid, bytes, end - bytes);
      length -= end - bytes;
      if (length == 0)
        break;
      g_string_append_unichar (valid, REPLACEMENT);
      bytes = end + 1;
      length -= 1;
    }
  return g_string_free (valid, FALSE);
}

static char *
filter (const char *text)
{
  g_autoptr (GString) clean = g_string_new (NULL);
  gboolean space = FALSE;
  guint chars = 0, marks = 0;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (is_space (c))
        {
          space = clean->len > 0;
          continue;
        }
      if (is_invisible (c))
        continue;
      marks = g_unichar_ismark (c) ? marks + 1 : 0;
      if (marks > MAX_MARKS || (marks > 0 && clean->len == 0))
        continue;
      if (chars + space + 1 >= TEXT_MAX_CHARS && *g_utf8_next_char (p))
        {
          g_string_append_unichar (clean, ELLIPSIS);
          break;
        }
      if (space)
        g_string_append_c (clean, ' ');
      g_string_append_unichar (clean, c);
      chars += space + 1;
      space = FALSE;
    }
  return g_string_free (g_steal_pointer (&clean), FALSE);
}

char *
text_clean (const char *bytes, gssize length)
{
  g_autofree char *valid = NULL, *visible = NULL, *composed = NULL;
  /* Nothing that is shown comes from further back: a bound on the work, four bytes a character and its marks. */
  const gsize bound = TEXT_MAX_CHARS * 32;

  if (!bytes)
    return NULL;
  valid = make_valid (bytes, MIN (length < 0 ? strlen (bytes) : (gsize) length, bound));
  /* Composing sorts marks; what stood invisibly between them must be gone before, or the next time sorts differently.
   */
  visible = filter (valid);
  composed = g_utf8_normalize (visible, -1, G_NORMALIZE_DEFAULT_COMPOSE);
  return filter (composed);
}

char *
text_from_bytes (const guint8 *bytes, gsize length, char separator)
{
  GString *text = g_string_sized_new (length * 3);

  for (gsize i = 0; i < length; i++)
    {
      if (i > 0 && separator != '\0')
        g_string_append_c (text, separator);
      g_string_append_printf (text, "%02X", bytes[i]);
    }
  return g_string_free (text, FALSE);
}

char *
text_shorten (const char *text, guint max)
{
  glong length = g_utf8_strlen (text, -1);
  g_autofree char *head = NULL, *tail = NULL;

  if (length <= (glong) max)
    return g_strdup (text);
  head = g_utf8_substring (text, 0, max / 2);
  tail = g_utf8_substring (text, length - (max - 1) / 2, length);
  return g_strdup_printf ("%s…%s", head, tail);
}

char *
text_get_tail (const char *text, guint count)
{
  glong length = g_utf8_strlen (text, -1);

  return g_strdup (length > (glong) count ? g_utf8_offset_to_pointer (text, length - count) : text);
}

/* How many places the number has that TEXT begins with, and in *END what comes after it. */
static guint
measure_number (const char *text, const char **end)
{
  guint n = 0;

  for (*end = text; g_unichar_isdigit (g_utf8_get_char (*end)); *end = g_utf8_next_char (*end))
    n++;
  if (n >= NUMBER_MIN_DIGITS && g_ascii_toupper (**end) == 'X')
    {
      n++;
      *end += 1;
    }
  return n;
}

char *
text_mask (const char *text)
{
  GString *masked = g_string_new (NULL);

  while (*text)
    {
      const char *end;
      guint n = measure_number (text, &end);

      if (n == 0)
        end = g_utf8_next_char (text);
      if (n >= NUMBER_MIN_DIGITS)
        {
          for (guint i = 0; i < n - NUMBER_SHOWN; i++)
            g_string_append_unichar (masked, HIDDEN);
          text = g_utf8_offset_to_pointer (text, n - NUMBER_SHOWN);
        }
      g_string_append_len (masked, text, end - text);
      text = end;
    }
  return g_string_free (masked, FALSE);
}
