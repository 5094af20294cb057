/* What is read as text in the bytes of an extension: in every encoding, nested, cut and changed. */
#include "token/identity.h"

#include <string.h>

#include "identity-bench.h"

static const struct
{
  const char *bytes;
  gsize length;
  const char *text; /* NULL: it is left out */
} texts[] = {
  /* What real certificates hold. */
  { BYTES ("\x31\x16\xA0\x14\x13\x12" CARD), CARD },
  { BYTES ("\x0C\x12" CREDIT_CODE), CREDIT_CODE },
  { BYTES (CREDIT_CODE), CREDIT_CODE },
  { BYTES ("1@5009JJ0782543244"), "1@5009JJ0782543244" },
  { BYTES ("\x0C\x0A"
           "78254324-4"),
    "78254324-4" }, /* whose length is a newline */
  { BYTES ("\xBE\xA9\x31\x32\x33"), "京123" },
  { BYTES ("京123"), "京123" },
  { BYTES ("\x14\x05\xBE\xA9\x31\x32\x33"), "京123" },
  { BYTES ("\x13\x06京123"), "京123" },
  { BYTES ("\x1E\x06\x4E\xAC\0001\0002"), "京12" },
  { BYTES ("\x1C\x08\0\0\x4E\xAC\0\0\0001"), "京1" },
  /* Texts that begin like an object. */
  { BYTES ("0"), "0" },
  { BYTES ("1@"), "1@" },
  { BYTES ("0 123456789012345678901234567890ab"), "0 123456789012345678901234567890ab" },
  { BYTES ("1 12345678901234567890123456789012"), "1 12345678901234567890123456789012" },
  /* Several texts: the first counts. */
  { BYTES ("\x30\x06\x0C\x01"
           "1\x0C\x01"
           "2"),
    "1" },
  { BYTES ("\x30\x08\x05\x00\x0C\x00\x0C\x02"
           "22"),
    "22" },
  { BYTES ("\x0C\x81\x02"
           "22"),
    "22" }, /* a longer form than needed */
  /* Lengths that lie. */
  { BYTES ("\x0C\x13" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x11" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x84\xFF\xFF\xFF\xFF" CREDIT_CODE), NULL },
  { BYTES ("\x0C\x80" CREDIT_CODE "\0\0"), NULL },
  { BYTES ("\x31\x16\xA0\x14\x13\x13" CARD), NULL },
  { BYTES ("\x31\x16\xA0\x15\x13\x12" CARD), NULL },
  { BYTES ("\x31\x17\xA0\x14\x13\x12" CARD), NULL },
  { BYTES ("\x31\x17\xA0\x14\x13\x12" CARD "\x0C"), NULL },
  /* Nothing in it. */
  { BYTES (""), NULL },
  { BYTES ("\0"), NULL },
  { BYTES ("\xFF\xFF"), NULL },
  { BYTES ("\x0C\x00"), NULL },
  { BYTES ("\x31\x00"), NULL },
  { BYTES ("\x05\x00"), NULL },
  { BYTES ("\x0C\x02\r\n"), NULL },
  { BYTES ("\x0C\x01-"), NULL },
  { BYTES ("----"), NULL },
  /* No text. */
  { BYTES ("\x02\x02\x12\x34"), NULL },
  { BYTES ("\x03\x02\x07\x80"), NULL },
  { BYTES ("\x1F\x81\x01\x02"
           "22"),
    NULL },
  { BYTES ("\x01\x02\x03\x04"), NULL },
  { BYTES ("\x80\x81\x82\x83"), NULL },
  { BYTES ("9111\00022"), NULL },
  { BYTES ("9111\03322"), NULL },
  { BYTES ("9111\u202E22"), NULL },
  { BYTES ("\x0C\x04"
           "91\0001"),
    NULL },
  { BYTES ("\x0C\x03"
           "91\xFF"),
    NULL },
  { BYTES ("\x1E\x03\0001\0"), NULL },
};

static void
test_texts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autofree guint8 *bytes = g_memdup2 (texts[i].bytes, texts[i].length);
      g_autofree char *text = identity_decode (bytes, texts[i].length);

      g_test_message ("text %" G_GSIZE_FORMAT, i);
      g_assert_cmpstr (text, ==, texts[i].text);
    }
}

static void
test_nesting (void)
{
  static const char tags[] = { '\x30', '\x31', '\xA0', '\x04', '\xBF' };

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    for (guint depth = 1; depth <= 5000; depth += depth < 20 ? 1 : 4980)
      {
        g_autofree char *outer = g_strnfill (depth, tags[i]), *all = g_strconcat (outer, "\x0C", NULL);
        g_autoptr (GByteArray) bytes = identity_bench_encode (&(IdentityBenchEncoding){ .tags = all }, CREDIT_CODE);
        g_autofree char *text = identity_decode (bytes->data, bytes->len);

        g_assert_cmpstr (text, ==, depth <= 8 && tags[i] != '\xBF' ? CREDIT_CODE : NULL);
      }
}

/* Whatever is cut off or changed: no byte is read that is not there, and what comes out is text. The bytes are a block
 * of their own, so that a checker of memory sees the first one too many. */
static void
test_cut_and_changed (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (identity_bench_encodings); i++)
    {
      g_autoptr (GByteArray) whole = identity_bench_encode (&identity_bench_encodings[i], CARD);

      for (guint length = 0; length < whole->len; length++)
        {
          g_autofree guint8 *cut = g_memdup2 (whole->data, length);
          g_autofree char *text = identity_decode (cut, length);

          g_assert_true (!text || g_utf8_validate (text, -1, NULL));
          /* Part of a number is shown only where nothing says how long it is; one byte may be a digit by itself. */
          if (!g_str_has_prefix (identity_bench_encodings[i].name, "raw") && length > 1)
            g_assert_null (text);
        }
      for (guint at = 0; at < whole->len; at++)
        for (int value = 0; value <= 0xFF; value++)
          {
            g_autofree guint8 *changed = g_memdup2 (whole->data, whole->len);
            g_autofree char *text = NULL;

            changed[at] = (guint8) value;
            text = identity_decode (changed, whole->len);
            g_assert_true (!text || (*text && g_utf8_validate (text, -1, NULL)));
          }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/identity-text/texts", test_texts);
  g_test_add_func ("/identity-text/nesting", test_nesting);
  g_test_add_func ("/identity-text/cut-and-changed", test_cut_and_changed);
  return g_test_run ();
}
