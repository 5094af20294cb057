#include "token/tlv.h"

#include "hex.h"

/* What a walk over some bytes finds: "tag:length" for each object, and how it ends. */
static const struct
{
  const char *name, *bytes, *found;
  gboolean done;
} walks[] = {
  { "nothing", "", "", TRUE },
  { "one", "53 02 AABB", "53:2 ", TRUE },
  { "empty-value", "5300", "53:0 ", TRUE },
  { "two", "7001AA 710100", "70:1 71:1 ", TRUE },
  { "tag-of-two-bytes", "5F2F 02 4000", "5F2F:2 ", TRUE },
  { "tag-of-three-bytes", "5FC105 01 AA", "5FC105:1 ", TRUE },
  { "tag-of-four-bytes", "5FC1C105 01 AA", "", FALSE },
  { "tag-cut", "5F", "", FALSE },
  { "tag-alone", "53", "", FALSE },
  { "tag-of-three-bytes-cut", "5FC1", "", FALSE },
  { "tag-of-ones", "FFFFFFFF", "", TRUE },
  { "padding", "0000 FF 5301AA FF00", "53:1 ", TRUE },
  { "length-81", "53 81 01 AA", "53:1 ", TRUE },
  { "length-82", "53 82 0001 AA", "53:1 ", TRUE },
  { "length-84", "53 84 00000001 AA", "53:1 ", TRUE },
  { "length-80-indefinite", "53 80 AA 0000", "", FALSE },
  { "length-85", "53 85 0000000001 AA", "", FALSE },
  { "length-84-ffffffff", "53 84 FFFFFFFF AA", "", FALSE },
  { "length-cut", "53 82 00", "", FALSE },
  { "length-missing-bytes", "53 84", "", FALSE },
  { "value-cut", "53 05 AABB", "", FALSE },
  { "value-half", "53 82 0100 AABB", "", FALSE },
  { "good-then-bad", "5301AA 7005AA", "53:1 ", FALSE },
};

static void
test_walk (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autoptr (GByteArray) bytes = hex_to_bytes (walks[i].bytes);
  g_autoptr (GString) found = g_string_new (NULL);
  TlvCursor cursor = tlv_cursor_over (bytes->data, bytes->len);
  Tlv tlv;

  while (tlv_cursor_next (&cursor, &tlv))
    {
      g_assert_true (tlv.value >= bytes->data && tlv.value + tlv.length <= bytes->data + bytes->len);
      g_string_append_printf (found, "%X:%" G_GSIZE_FORMAT " ", tlv.tag, tlv.length);
    }

  g_assert_cmpstr (found->str, ==, walks[i].found);
  g_assert_cmpint (tlv_cursor_is_done (&cursor), ==, walks[i].done);
}

static void
test_find (void)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes ("7002AABB 710100 7001CC FE00");
  Tlv tlv;

  g_assert_true (tlv_find (bytes->data, bytes->len, 0x70, &tlv));
  g_assert_cmpmem (tlv.value, tlv.length, "\xAA\xBB", 2);
  g_assert_true (tlv_find (bytes->data, bytes->len, 0xFE, &tlv));
  g_assert_cmpuint (tlv.length, ==, 0);
  g_assert_false (tlv_find (bytes->data, bytes->len, 0x53, &tlv));
  g_assert_false (tlv_find (NULL, 0, 0x53, &tlv));
}

/* Every string of up to three bytes, each in a block of its own size: the sanitizer sees one byte too many. */
static void
test_short_strings (void)
{
  for (guint n = 1; n <= 3; n++)
    for (guint32 value = 0; value < 1u << (8 * n); value += n == 3 ? 7 : 1)
      {
        g_autofree guint8 *bytes = g_malloc (n);
        TlvCursor cursor;
        Tlv tlv;
        guint n_found = 0;

        for (guint i = 0; i < n; i++)
          bytes[i] = (guint8) (value >> (8 * i));
        cursor = tlv_cursor_over (bytes, n);
        while (tlv_cursor_next (&cursor, &tlv))
          n_found++;
        if (n_found > 1)
          g_error ("two objects in three bytes");
      }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (walks); i++)
    {
      g_autofree char *path = g_strconcat ("/tlv/walk/", walks[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_walk);
    }
  g_test_add_func ("/tlv/find", test_find);
  g_test_add_func ("/tlv/short-strings", test_short_strings);
  return g_test_run ();
}
