#include "pin-order.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "worker.h"

#define LAST_TRY "last-try"
#define PAD      "pad"
#define REF_PUK  "puk"

static void
fail (GError **error, ErrorCode code)
{
  g_set_error_literal (error, ASSISTANT_ERROR, (int) code, error_to_string (code));
}

gboolean
pin_order_parse (PinOrder *order, PinOperation operation, char **arguments)
{
  *order = (PinOrder){ .operation = operation };
  if (g_strv_length (arguments) < 2)
    return FALSE;
  order->ref = arguments[0];
  order->fingerprint = arguments[1];
  for (char **more = arguments + 2; *more; more++)
    {
      order->last_try |= strcmp (*more, LAST_TRY) == 0;
      order->pad |= strcmp (*more, PAD) == 0;
    }
  return TRUE;
}

/* ---- before ---- */

gboolean
pin_order_find_tries (const PinOrder *order, const Token *token, int *tries_left, GError **error)
{
  gboolean puk_itself = strcmp (order->ref, REF_PUK) == 0;
  gboolean by_admin = order->operation == PIN_OPERATION_UNLOCK_AS_ADMIN;
  gboolean by_puk = order->operation == PIN_OPERATION_UNLOCK || puk_itself;
  const Pin *pin = token_find_pin (token, puk_itself ? "user" : order->ref);

  if (!pin || (by_puk && pin->unlock != PIN_UNLOCK_PUK) || (by_admin && !pin->officer))
    {
      fail (error, ERROR_PIN_IMPOSSIBLE);
      return FALSE;
    }
  *tries_left = by_puk || by_admin ? pin->unlock_tries_left : pin->blocked ? 0 : pin->tries_left;
  return TRUE;
}

gboolean
pin_order_allows (const PinOrder *order, const Token *token, GError **error)
{
  g_autofree char *fingerprint = token_make_fingerprint (token);
  ErrorCode obstacle = ERROR_NONE;
  int tries_left = PIN_UNKNOWN;

  if (strcmp (fingerprint, order->fingerprint) != 0)
    obstacle = ERROR_TOKEN_OTHER;
  else if (!pin_order_find_tries (order, token, &tries_left, error))
    return FALSE;
  else if (tries_left == 0)
    obstacle = ERROR_PIN_BLOCKED;
  else if (tries_left == 1 && !order->last_try)
    obstacle = ERROR_PIN_LAST_TRY;

  if (obstacle != ERROR_NONE)
    fail (error, obstacle);
  return obstacle == ERROR_NONE;
}

/* ---- the engine ---- */

Secret *
pin_order_receive_secret (void)
{
  Secret *secret = secret_new ();

  if (!secret)
    _exit (EXIT_FAILURE);
  secret->length = worker_receive_header (FRAME_SECRET, SECRET_MAX);
  worker_receive_bytes (secret->bytes, secret->length);
  return secret;
}

void
pin_order_wait_for_go (void)
{
  worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_SEND));
  worker_receive_header (FRAME_GO, 0);
}
