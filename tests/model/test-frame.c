#include "model/frame.h"

#include <string.h>

#include "model/error.h"

static void
push (FrameParser *parser, GBytes *bytes, gsize from, gsize to)
{
  frame_parser_push (parser, (const guint8 *) g_bytes_get_data (bytes, NULL) + from, to - from);
}

/* Two frames, cut into pieces at every place: they come out whole and in order. */
static void
test_every_cut (void)
{
  g_autoptr (GBytes) a = frame_encode (FRAME_STAGE, g_variant_new_uint32 (2));
  g_autoptr (GBytes) b = frame_encode (FRAME_FAILURE, g_variant_new_uint32 (ERROR_TOKEN_MUTE));
  g_autoptr (GByteArray) both = g_byte_array_new ();

  g_byte_array_append (both, g_bytes_get_data (a, NULL), g_bytes_get_size (a));
  g_byte_array_append (both, g_bytes_get_data (b, NULL), g_bytes_get_size (b));
  for (guint cut = 0; cut <= both->len; cut++)
    {
      g_autoptr (FrameParser) parser = frame_parser_new ();
      FrameKind kinds[2] = { 0 };
      guint n = 0;

      for (guint part = 0; part < 2; part++)
        {
          FrameKind kind;
          GVariant *payload;

          frame_parser_push (parser, both->data + (part ? cut : 0), part ? both->len - cut : cut);
          while (frame_parser_next (parser, &kind, &payload, NULL))
            {
              g_assert_cmpuint (n, <, 2);
              kinds[n++] = kind;
              g_assert_true (g_variant_is_of_type (payload, G_VARIANT_TYPE_UINT32));
              g_variant_unref (payload);
            }
        }
      g_assert_cmpuint (n, ==, 2);
      g_assert_cmpint (kinds[0], ==, FRAME_STAGE);
      g_assert_cmpint (kinds[1], ==, FRAME_FAILURE);
    }
}

static void
expect_nonsense (const guint8 *bytes, gsize length)
{
  g_autoptr (FrameParser) parser = frame_parser_new ();
  g_autoptr (GError) error = NULL;
  FrameKind kind;
  GVariant *payload;

  frame_parser_push (parser, bytes, length);
  g_assert_false (frame_parser_next (parser, &kind, &payload, &error));
  g_assert_error (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED);
}

static void
test_nonsense (void)
{
  const guint8 no_kind[] = { 4, 0, 0, 0, 0, 1, 2, 3, 4 };
  const guint8 unknown_kind[] = { 4, 0, 0, 0, 99, 1, 2, 3, 4 };
  const guint8 too_long[] = { 0xff, 0xff, 0xff, 0xff, FRAME_TOKEN };
  const guint8 not_normal[] = { 3, 0, 0, 0, FRAME_STAGE, 1, 2, 3 };
  const guint8 no_boolean[] = { 1, 0, 0, 0, FRAME_IN_USE, 7 };

  expect_nonsense (no_kind, sizeof no_kind);
  expect_nonsense (unknown_kind, sizeof unknown_kind);
  expect_nonsense (too_long, sizeof too_long);
  expect_nonsense (not_normal, sizeof not_normal);
  expect_nonsense (no_boolean, sizeof no_boolean);
}

static void
test_incomplete (void)
{
  g_autoptr (GBytes) frame = frame_encode (FRAME_STAGE, g_variant_new_uint32 (1));
  g_autoptr (FrameParser) parser = frame_parser_new ();
  g_autoptr (GError) error = NULL;
  FrameKind kind;
  GVariant *payload;

  push (parser, frame, 0, g_bytes_get_size (frame) - 1);
  g_assert_false (frame_parser_next (parser, &kind, &payload, &error));
  g_assert_no_error (error);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/frame/every-cut", test_every_cut);
  g_test_add_func ("/frame/nonsense", test_nonsense);
  g_test_add_func ("/frame/incomplete", test_incomplete);
  return g_test_run ();
}
