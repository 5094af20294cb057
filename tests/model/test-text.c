#include "model/text.h"

#include <string.h>

typedef struct
{
  const char *bytes;
  gssize length;
  const char *clean;
} Case;

static const Case cases[] = {
  { "", -1, "" },
  { "张三", -1, "张三" },
  { "Zhang\0San", 9, "Zhang\357\277\275San" }, /* NUL is no end */
  { "  a \t\r\n b  ", -1, "a b" },             /* one line */
  { "a\033[31mb", -1, "a[31mb" },              /* no terminal sequence */
  { "a\007b\x7f\xc2\x9b"
    "c",
    -1, "abc" }, /* C0, DEL, C1 */
  { "pay\xe2\x80\xae"
    "gpj.exe",
    -1, "paygpj.exe" }, /* right-to-left override */
  { "a\xe2\x81\xa6"
    "b\xe2\x81\xa9",
    -1, "ab" }, /* isolates */
  { "a\xe2\x80\x8b\xef\xbb\xbf\xc2\xad"
    "b",
    -1, "ab" }, /* zero width, byte order mark, soft hyphen */
  { "a\xe2\x80\xa8"
    "b",
    -1, "a b" }, /* line separator */
  { "a\xee\x80\x80"
    "b",
    -1, "ab" }, /* private use */
  { "a\xff"
    "b\xc3",
    -1, "a\357\277\275b\357\277\275" }, /* not UTF-8 */
  { "e\xcc\x81", -1, "\xc3\xa9" },      /* NFC */
  { "x\xcc\x81\xcc\x82\xcc\x83\xcc\x84\xcc\x85\xcc\x86", -1,
    "x\xcc\x81\xcc\x82\xcc\x83\xcc\x84" },                      /* a tower of marks */
  { "\xcc\x81", -1, "" },                                       /* a mark on nothing */
  { "<b>&amp;</b> %s%n $(id)", -1, "<b>&amp;</b> %s%n $(id)" }, /* markup is text like any other */
};

static void
test_cases (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autofree char *clean = text_clean (cases[i].bytes, cases[i].length);
      g_autofree char *again = text_clean (clean, -1);

      g_assert_cmpstr (clean, ==, cases[i].clean);
      g_assert_cmpstr (again, ==, clean);
    }
}

static void
test_bounds (void)
{
  g_autofree char *huge = g_strnfill (1024 * 1024, 'x');
  g_autofree char *clean = text_clean (huge, -1);
  g_autofree char *again = text_clean (clean, -1);
  g_autofree char *edge = g_strnfill (TEXT_MAX_CHARS, 'x');
  g_autofree char *same = text_clean (edge, -1);

  g_assert_cmpint (g_utf8_strlen (clean, -1), ==, TEXT_MAX_CHARS);
  g_assert_true (g_str_has_suffix (clean, "…"));
  g_assert_cmpstr (again, ==, clean);
  g_assert_cmpstr (same, ==, edge);
}

/* Whatever the bytes are: valid, one line, idempotent. */
static void
test_random_bytes (void)
{
  for (guint round = 0; round < 20000; round++)
    {
      char bytes[40];
      gsize length = g_test_rand_int_range (0, sizeof bytes + 1);
      g_autofree char *clean = NULL, *again = NULL;

      for (gsize i = 0; i < length; i++)
        bytes[i] = g_test_rand_int_range (0, 4) ? "\xe2\x80\xae\xcc\x81 a\xf0\n\xc2\x85"[g_test_rand_int_range (0, 12)]
                                                : g_test_rand_int_range (0, 256);
      clean = text_clean (bytes, length);
      again = text_clean (clean, -1);
      g_assert_true (g_utf8_validate (clean, -1, NULL));
      g_assert_cmpstr (again, ==, clean);
      for (const char *p = clean; *p; p = g_utf8_next_char (p))
        g_assert_true (g_utf8_get_char (p) >= 0x20 && g_unichar_type (g_utf8_get_char (p)) != G_UNICODE_FORMAT);
    }
}

static void
test_small (void)
{
  g_autofree char *hex = text_from_bytes ((const guint8 *) "\x00\xab\x10", 3, ':');
  g_autofree char *tail = text_get_tail ("12345678", 4);
  g_autofree char *whole = text_get_tail ("张三", 4);

  g_assert_cmpstr (hex, ==, "00:AB:10");
  g_assert_cmpstr (tail, ==, "5678");
  g_assert_cmpstr (whole, ==, "张三");
  g_assert_null (text_clean (NULL, 0));
}

static void
test_mask (void)
{
  static const char *const masks[][2] = {
    { "", "" },
    { "张三 12345678901234", "张三 12345678901234" },
    { "张三 123456789012345", "张三 ···········2345" },
    { "110105199003071234示例", "··············1234示例" },
    { "SF11010519900307123X", "SF··············123X" },
    { "SF11010519900307123x.", "SF··············123x." },
    { "123456789012345XX", "············345XX" },
    { "12345678901234X", "12345678901234X" },
    { "１２３４５６７８９０１２３４５", "···········２３４５" },
    { "91110108MA01ABCD2X", "91110108MA01ABCD2X" }, /* an organisation's is no secret */
    { "123456789012345-123456789012345", "···········2345-···········2345" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (masks); i++)
    {
      g_autofree char *masked = text_mask (masks[i][0]), *again = text_mask (masked);

      g_assert_cmpstr (masked, ==, masks[i][1]);
      g_assert_cmpstr (again, ==, masked);
    }
}

static void
test_shorten (void)
{
  static const struct
  {
    const char *text;
    guint max;
    const char *shortened;
  } rows[] = {
    { "", 5, "" }, { "12345", 5, "12345" }, { "123456", 5, "12…56" }, { "北京示例商贸有限公司", 6, "北京示…公司" }
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *shortened = text_shorten (rows[i].text, rows[i].max);

      g_assert_cmpstr (shortened, ==, rows[i].shortened);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/text/rows", test_cases);
  g_test_add_func ("/text/bounds", test_bounds);
  g_test_add_func ("/text/random-bytes", test_random_bytes);
  g_test_add_func ("/text/small", test_small);
  g_test_add_func ("/text/mask", test_mask);
  g_test_add_func ("/text/shorten", test_shorten);
  return g_test_run ();
}
