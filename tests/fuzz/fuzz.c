#include "fuzz.h"

#include "model/pin-view.h"
#include "sample.h"

guint8
fuzz_take_byte (FuzzInput *input)
{
  if (input->length == 0)
    return 0;
  input->length--;
  return *input->bytes++;
}

gboolean
fuzz_take_block (FuzzInput *input, const guint8 **bytes, gsize *length)
{
  if (input->length < 2)
    return FALSE;
  *length = (gsize) input->bytes[0] << 8 | input->bytes[1];
  *bytes = input->bytes + 2;
  *length = MIN (*length, input->length - 2);
  input->bytes = *bytes + *length;
  input->length -= 2 + *length;
  return TRUE;
}

void
fuzz_put_block (GByteArray *input, const void *bytes, gsize length)
{
  guint8 header[] = { (guint8) (length >> 8), (guint8) length };

  g_assert_cmpuint (length, <=, G_MAXUINT16);
  g_byte_array_append (input, header, sizeof header);
  g_byte_array_append (input, bytes, (guint) length);
}

/* ---- what can be shown ---- */

/* Nothing that moves, hides or breaks what stands beside it; sentences of our own may have more than one line. */
static void
check_text (const char *text)
{
  g_assert_true (!text || g_utf8_validate (text, -1, NULL));
  for (const char *at = text; at && *at; at = g_utf8_next_char (at))
    {
      gunichar character = g_utf8_get_char (at);
      GUnicodeType type = g_unichar_type (character);

      g_assert_true (character == '\n' || type != G_UNICODE_CONTROL);
      g_assert_true (type != G_UNICODE_FORMAT && type != G_UNICODE_PRIVATE_USE && type != G_UNICODE_UNASSIGNED);
    }
}

static void
check_certificate (const CertificateView *view)
{
  const char *const texts[] = { view->title,        view->summary,     view->holder,
                                view->organization, view->issued_by,   view->status,
                                view->valid_from,   view->valid_until, NULL };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    check_text (texts[i]);
  for (guint i = 0; i < view->facts->len; i++)
    {
      check_text (((Fact *) view->facts->pdata[i])->name);
      check_text (((Fact *) view->facts->pdata[i])->value);
    }
}

static void
check_pin (const TokenView *view, const Pin *pin)
{
  for (PinOperation operation = 0; operation < PIN_N_OPERATIONS; operation++)
    {
      g_autoptr (PinView) offer = pin_view_build (view, pin->ref, operation, NULL, ERROR_NONE);

      if (!offer)
        continue;
      check_text (offer->token);
      check_text (offer->tries);
      check_text (offer->explanation);
    }
}

static void
check_view (const View *view)
{
  const TokenView *token = view->tokens->pdata[0];
  const char *const texts[] = { view->title,     view->summary,    token->name,   token->headline,
                                token->lifetime, token->menu_line, token->reading };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    check_text (texts[i]);
  for (guint i = 0; i < view->findings->len; i++)
    {
      check_text (((FindingView *) view->findings->pdata[i])->title);
      check_text (((FindingView *) view->findings->pdata[i])->text);
    }
  for (guint i = 0; i < token->certificates->len; i++)
    check_certificate (token->certificates->pdata[i]);
  for (guint i = 0; i < token->token->pins->len; i++)
    check_pin (token, token->token->pins->pdata[i]);
}

void
fuzz_check_token (Token *token)
{
  g_autoptr (GVariant) sent = NULL, again = NULL;
  g_autoptr (Token) taken = NULL;
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;
  g_autoptr (View) view = NULL;

  token_set_identity (token);
  token->complete = TRUE;
  sent = g_variant_ref_sink (token_to_variant (token));
  taken = token_from_variant (sent);
  g_assert_nonnull (taken);
  again = g_variant_ref_sink (token_to_variant (taken));
  g_assert_true (g_variant_equal (sent, again));
  world = sample_world ("Reader", g_steal_pointer (&taken));
  judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  view = view_build (world, judgement);
  g_assert_cmpuint (view->tokens->len, ==, 1);
  check_view (view);
}
