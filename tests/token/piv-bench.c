#include "piv-bench.h"

#include <string.h>

#include "hex.h"
#include "testcert.h"
#include "token/atr.h"

static void
turn_bit (Bench *bench, guint8 *answer, gsize length)
{
  guint bit = bench->turned_bit - 1;

  bench->n_turnable = (guint) (8 * length);
  if (bit < bench->n_turnable)
    answer[bit / 8] ^= (guint8) (1u << bit % 8);
}

gboolean
bench_transmit (gpointer transport,
                const guint8 *command,
                gsize length,
                guint8 *answer,
                gsize *answer_length,
                GError **error)
{
  Bench *bench = transport;
  guint i = bench->n_sent++;
  gboolean hit = i >= bench->spoil_from && i < bench->spoil_until;

  if (length > 5 && apdu_may_carry_secret (command[1]))
    {
      g_clear_pointer (&bench->secret, g_byte_array_unref);
      bench->secret = g_byte_array_new ();
      g_byte_array_append (bench->secret, command, (guint) length);
    }
  if (hit && bench->spoilt != NULL)
    {
      *answer_length = bench->spoilt->len;
      if (bench->spoilt->len > 0)
        memcpy (answer, bench->spoilt->data, bench->spoilt->len);
      return TRUE;
    }
  if ((!hit || bench->turned_bit > 0)
      && vcard_transmit (bench->card, command, length, answer, answer_length) == VCARD_ANSWERED)
    {
      if (hit)
        turn_bit (bench, answer, *answer_length);
      return TRUE;
    }

  g_set_error_literal (error, ASSISTANT_ERROR, (int) (hit ? bench->failure : ERROR_TOKEN_REMOVED), "the test's doing");
  return FALSE;
}

static void
report (Session *session, const Token *token)
{
  Bench *bench = (Bench *) session;

  if (bench->n_reports++ == 0)
    {
      bench->n_sent_first = bench->n_sent;
      bench->tries_first = token->pins->len > 0 ? ((const Pin *) token->pins->pdata[0])->tries_left : PIN_UNKNOWN;
    }
  g_assert_false (token->complete);
  g_assert_cmpuint (token->steps_done, <=, token->steps_total);
  if (bench->n_sent_tries == 0 && token->pins->len > 0)
    bench->n_sent_tries = bench->n_sent;
  g_assert_true (token->pins->len > 0 || bench->driver == &pkcs15_driver); /* which reads them when it has more time */
}

void
bench_init_family (Bench *bench, const Driver *driver)
{
  *bench = (Bench){ .session = { .report = report }, .card = vcard_new (), .driver = driver };
  bench->spoil_from = bench->spoil_until = G_MAXUINT;
  g_assert_true (vcard_add_applet (bench->card, driver->name));
}

void
bench_init (Bench *bench)
{
  bench_init_family (bench, &piv_driver);
}

void
bench_clear (Bench *bench)
{
  vcard_free (bench->card);
  g_clear_pointer (&bench->spoilt, g_byte_array_unref);
  g_clear_pointer (&bench->secret, g_byte_array_unref);
  g_clear_error (&bench->error);
}

/* It goes up the pipe as it is. */
static void
assert_travels (Token *token)
{
  g_autoptr (GVariant) variant = NULL, again = NULL;
  g_autoptr (Token) copy = NULL;

  token_set_identity (token);
  variant = g_variant_ref_sink (token_to_variant (token));
  copy = token_from_variant (variant);
  g_assert_nonnull (copy);
  again = g_variant_ref_sink (token_to_variant (copy));
  g_assert_true (g_variant_equal (variant, again));
}

Token *
bench_read (Bench *bench)
{
  size_t n_atr;
  const uint8_t *atr = vcard_get_atr (bench->card, &n_atr);
  const VCardCounters *counters = vcard_get_counters (bench->card);
  g_autoptr (Channel) channel = channel_new (bench_transmit, bench, atr, n_atr, atr_takes_extended (atr, n_atr), FALSE);
  Token *token = NULL;

  bench->n_sent = bench->n_reports = bench->n_sent_first = bench->n_sent_tries = 0;
  g_clear_error (&bench->error);
  bench->session.channel = channel;
  bench->probed = bench->driver->probe (&bench->session);
  bench->n_sent_probe = bench->n_sent;
  if (bench->probed != PROBE_NO)
    {
      token = bench->driver->read (&bench->session, &bench->error);
      g_assert_true ((token == NULL) == (bench->error != NULL));
    }
  if (token != NULL)
    {
      g_assert_cmpuint (token->steps_done, ==, token->steps_total);
      assert_travels (token);
    }
  g_assert_cmpuint (channel_get_n_secrets (channel), ==, 0);
  g_assert_cmpuint (counters->verifies + counters->changes + counters->unblocks, ==, 0);
  return token;
}

guint16
bench_ask (Bench *bench, const guint8 *command, gsize length)
{
  g_autofree guint8 *answer = g_malloc (VCARD_ANSWER_MAX);
  size_t n;

  g_assert_cmpint (vcard_transmit (bench->card, command, length, answer, &n), ==, VCARD_ANSWERED);
  g_assert_cmpuint (n, >=, 2);
  return (guint16) (answer[n - 2] << 8 | answer[n - 1]);
}

void
bench_assert_probes (const Driver *driver, const BenchProbe *probes, gsize n)
{
  for (gsize i = 0; i < n; i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Channel) channel = channel_new (bench_transmit, &bench, NULL, 0, FALSE, FALSE);

      g_test_message ("%s", probes[i].name);
      bench_init_family (&bench, driver);
      bench.spoilt = hex_to_bytes (probes[i].answer);
      bench.spoil_from = 0;
      bench.session.channel = channel;
      g_assert_cmpint (driver->probe (&bench.session), ==, probes[i].probe);
      g_assert_cmpuint (bench.n_sent, ==, probes[i].n_sent);
    }
}

/* Objects */

const char bench_long_holder[] = "Zhang San Zhang San Zhang San Zhang San Zhang San Zhang San "
                                 "Zhang San Zhang San Zhang San Zhang San Zhang San Zhang San";

void
bench_put (Bench *bench, guint32 tag, const GByteArray *bytes, gboolean raw)
{
  g_assert_true (vcard_put_object (bench->card, "piv", tag, bytes->data, bytes->len, raw));
}

void
bench_put_hex (Bench *bench, guint32 tag, const char *hex, gboolean raw)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  bench_put (bench, tag, bytes, raw);
}

/* What stands in the container 53: the certificate and its info byte. */
GByteArray *
bench_make_content (const GByteArray *packed, guint8 info)
{
  GByteArray *content = g_byte_array_new ();

  hex_append_tlv (content, 0x70, packed->data, packed->len);
  hex_append_tlv (content, 0x71, &info, 1);
  hex_append (content, "FE00");
  return content;
}

void
bench_put_certificate (Bench *bench, guint32 tag, const char *key, const char *holder)
{
  g_autoptr (GByteArray) der = testcert_make (key, holder);
  g_autoptr (GByteArray) content = bench_make_content (der, 0);

  bench_put (bench, tag, content, FALSE);
}

void
bench_put_four (Bench *bench, const char *key)
{
  static const guint32 tags[] = { TAG_9A, TAG_9C, TAG_9D, TAG_9E };

  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    bench_put_certificate (bench, tags[i], key, bench_long_holder);
  bench_put_hex (bench, TAG_CHUID, CHUID_GUID, FALSE);
  bench_put_hex (bench, TAG_HISTORY, "C10100 C20100 FE00", FALSE);
}

static char *
join_ids (const Token *token)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < token->certificates->len; i++)
    {
      const Certificate *certificate = token->certificates->pdata[i];

      g_string_append_printf (ids, "%s%s", i > 0 ? " " : "", certificate->id);
    }
  return g_strdup (ids->str);
}

void
bench_assert_ids (const Token *token, const char *certificates, const char *unreadable)
{
  g_autofree char *ids = join_ids (token);
  g_autofree char *bad = token->unreadable != NULL ? g_strjoinv (" ", token->unreadable) : g_strdup ("");

  g_assert_cmpstr (ids, ==, certificates);
  g_assert_cmpstr (bad, ==, unreadable);
}
