/* What comes over the network from who says that it is the issuer.
 *
 *   1 byte: response or list · DER */
#include <openssl/ocsp.h>

#include "answer-bench.h"
#include "fuzz.h"

static const AnswerRead readers[] = { answer_read_response, answer_read_list };

static const AnswerBench *
get_bench (void)
{
  static AnswerBench *bench;

  if (!bench)
    bench = answer_bench_new ("P-256", NULL);
  return bench;
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length)
{
  g_autofree char *sha256 = g_strnfill (64, 'a');
  g_autoptr (Revocation) revocation = revocation_new (sha256, REVOCATION_UNKNOWN);
  g_autoptr (Revocation) taken = NULL;
  g_autoptr (GVariant) sent = NULL;
  FuzzInput input = { bytes, length };
  guint8 kind = fuzz_take_byte (&input);

  readers[kind & 1](revocation, &get_bench ()->question, input.bytes, input.length);
  sent = g_variant_ref_sink (revocation_to_variant (revocation));
  taken = revocation_from_variant (sent);
  g_assert_nonnull (taken);
  g_assert_cmpint (taken->state, ==, revocation->state);
  return 0;
}

static void
add_seed (GPtrArray *seeds, guint8 kind, GByteArray *der)
{
  g_byte_array_prepend (der, &kind, 1);
  g_ptr_array_add (seeds, g_byte_array_free_to_bytes (der));
}

GPtrArray *
fuzz_list_seeds (void)
{
  static const ResponsePlan responses[] = { { 0 },
                                            { .signer = ANSWER_BENCH_DELEGATE },
                                            { .status = V_OCSP_CERTSTATUS_REVOKED, .reason = 1 } };
  static const ListPlan lists[] = { { .reason = -1 }, { .revoked = TRUE, .reason = 1, .neighbour = TRUE } };
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (gsize i = 0; i < G_N_ELEMENTS (responses); i++)
    add_seed (seeds, 0, answer_bench_make_response (get_bench (), &responses[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    add_seed (seeds, 1, answer_bench_make_list (get_bench (), &lists[i]));
  return seeds;
}
