/* What comes up the pipe from a worker that has been taken over.
 *
 *   blocks: the pieces in which the stream comes */
#include "fuzz.h"
#include "model/attempt.h"
#include "model/frame.h"
#include "model/module.h"
#include "model/reader.h"
#include "model/revocation.h"
#include "sample.h"

static void
check_report (GVariant *payload)
{
  g_autoptr (ModuleReport) report = module_report_from_variant (payload);

  for (guint i = 0; report && i < report->entries->len; i++)
    fuzz_check_token (((ModuleEntry *) report->entries->pdata[i])->token);
}

static void
check_frame (FrameKind kind, GVariant *payload)
{
  g_autoptr (Token) token = kind == FRAME_TOKEN || kind == FRAME_PARTIAL ? token_from_variant (payload) : NULL;
  g_autoptr (ReaderList) readers = kind == FRAME_READERS ? reader_list_from_variant (payload) : NULL;
  g_autoptr (Revocation) revocation = kind == FRAME_REVOCATION ? revocation_from_variant (payload) : NULL;
  Attempt attempt;

  if (token)
    fuzz_check_token (token);
  if (readers)
    g_assert_cmpuint (readers->readers->len, <=, READER_MAX_COUNT);
  if (kind == FRAME_ATTEMPT && attempt_from_variant (payload, &attempt))
    g_assert_true (attempt.sent || attempt.failure != ERROR_NONE);
  if (kind == FRAME_MODULE)
    check_report (payload);
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length)
{
  g_autoptr (FrameParser) parser = frame_parser_new ();
  FuzzInput input = { bytes, length };
  const guint8 *piece;
  gsize n;

  while (fuzz_take_block (&input, &piece, &n))
    {
      g_autoptr (GError) error = NULL;
      FrameKind kind;
      GVariant *payload;

      frame_parser_push (parser, piece, n);
      while (frame_parser_next (parser, &kind, &payload, &error))
        {
          check_frame (kind, payload);
          g_variant_unref (payload);
        }
      if (error)
        return 0;
    }
  return 0;
}

/* ---- seeds ---- */

static void
add_seed (GPtrArray *seeds, FrameKind kind, GVariant *payload)
{
  g_autoptr (GBytes) frame = frame_encode (kind, payload);
  GByteArray *input = g_byte_array_new ();
  gsize length;
  const guint8 *bytes = g_bytes_get_data (frame, &length);

  fuzz_put_block (input, bytes, length / 2);
  fuzz_put_block (input, bytes + length / 2, length - length / 2);
  g_ptr_array_add (seeds, g_byte_array_free_to_bytes (input));
}

GPtrArray *
fuzz_list_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (Token) token = sample_token ("4711", 90);
  g_autoptr (ReaderList) readers = sample_readers ("Reader", READER_PRESENT, 1);
  g_autoptr (ModuleReport) report = module_report_new ();
  g_autofree char *sha256 = g_strnfill (64, 'a');
  g_autoptr (Revocation) revocation = revocation_new (sha256, REVOCATION_GOOD);

  module_report_add (report, "Slot 0", token_ref (token));
  add_seed (seeds, FRAME_TOKEN, token_to_variant (token));
  add_seed (seeds, FRAME_READERS, reader_list_to_variant (readers));
  add_seed (seeds, FRAME_MODULE, module_report_to_variant (report));
  add_seed (seeds, FRAME_REVOCATION, revocation_to_variant (revocation));
  add_seed (seeds, FRAME_ATTEMPT, attempt_to_variant (&(Attempt){ TRUE, ERROR_PIN_WRONG, 0x63C2, 2 }));
  add_seed (seeds, FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_READ));
  return seeds;
}
