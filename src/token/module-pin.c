/* The modes `module-change-pin` and `module-unlock-as-admin`: as token/pin, through a vendor library.
 *
 *   module-change-pin|module-unlock-as-admin TYPE LIBRARY any|own hardware|software REF FINGERPRINT [last-try] [pad]
 *
 * A host of its own, which ends with the process: what the library keeps of the PINs ends with it. The tokens are read
 * before and after by the same host; nothing is sent unless the one with FINGERPRINT is there. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "module-mode.h"
#include "pin-order.h"
#include "read.h"
#include "worker.h"

typedef struct
{
  ModuleOrder module;
  PinOrder pin;
} Order;

/* The token of the order among TOKENS, or NULL. */
static const ModuleToken *
find_token (const GPtrArray *tokens, const char *fingerprint)
{
  for (guint i = 0; i < tokens->len; i++)
    {
      const ModuleToken *token = tokens->pdata[i];
      g_autofree char *other = token_make_fingerprint (token->token);

      if (strcmp (other, fingerprint) == 0)
        return token;
    }
  return NULL;
}

/* Where the PIN of the order is, or NULL. */
static GBytes *
find_address (const ModuleToken *token, const char *ref)
{
  for (guint i = 0; i < token->token->pins->len && i < token->addresses->len; i++)
    if (strcmp (((Pin *) token->token->pins->pdata[i])->ref, ref) == 0)
      return token->addresses->pdata[i];
  return NULL;
}

/* One call of the library. */
static void
attempt_at (const Order *order, Module *module, GBytes *address, Secret *const secrets[2], Attempt *attempt)
{
  g_auto (ModuleAnswer) answer = { NULL };
  g_autoptr (GError) error = NULL;
  WireKind request = order->pin.operation == PIN_OPERATION_CHANGE ? WIRE_CHANGE_PIN : WIRE_UNBLOCK;

  pin_order_wait_for_go ();
  attempt->sent = TRUE; /* what a library does with it nobody sees: it may have gone out from now on */
  if (module_use_pins (module, request, address, secrets[0], secrets[1], &answer, &error))
    order->module.kind->explain (&answer, attempt);
  else if (error_get_code (error) == ERROR_PIN_REFUSED)
    *attempt = (Attempt){ .failure = ERROR_PIN_REFUSED, .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  else
    attempt->failure = ERROR_PIN_UNANSWERED;
}

/* Holds what the library said against the counters of the token: the tries that are left, where it did not tell; and
 * where it says that nothing went to the token and a try is gone all the same, what came of it is not known. */
static void
complete (const Order *order, const Token *before, const Token *after, Attempt *attempt)
{
  int had, left;

  if (!pin_order_find_tries (&order->pin, before, &had, NULL)
      || !pin_order_find_tries (&order->pin, after, &left, NULL))
    return;
  if (!attempt->sent && had != left)
    *attempt = (Attempt){ TRUE, ERROR_PIN_UNANSWERED, ATTEMPT_NO_STATUS, PIN_UNKNOWN };
  else if (attempt->sent && attempt->tries_left == PIN_UNKNOWN && attempt->failure != ERROR_PIN_UNANSWERED)
    attempt->tries_left = left;
}

/* Returns the token as it is now, or NULL with ERROR. (transfer full) */
static Token *
run_attempt (const Order *order, Secret *const secrets[2], Attempt *attempt, GError **error)
{
  g_autoptr (Module) module = module_start (order->module.kind->type, order->module.library, order->module.own, error);
  g_autoptr (GPtrArray) tokens = NULL, after = NULL;
  const ModuleToken *token, *now;
  GBytes *address;
  gboolean any_hardware;

  if (module)
    tokens = module_mode_read (&order->module, module, &any_hardware, error);
  if (!tokens)
    return NULL;
  token = find_token (tokens, order->pin.fingerprint);
  address = token ? find_address (token, order->pin.ref) : NULL;
  if (!token)
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_OTHER, "it is not there");
  else if (!address)
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE, "no such PIN");
  if (!address || !pin_order_allows (&order->pin, token->token, error))
    return token ? token_ref (token->token) : NULL;

  attempt_at (order, module, address, secrets, attempt);
  after = module_mode_read (&order->module, module, &any_hardware, error);
  now = after ? find_token (after, order->pin.fingerprint) : NULL;
  if (!now)
    return NULL;
  complete (order, token->token, now->token, attempt);
  return token_ref (now->token);
}

/* What was typed; two empty ones where it will be typed at the token. */
static Secret *
get_secret (const Order *order)
{
  Secret *secret = order->pin.pad ? secret_new () : pin_order_receive_secret ();

  if (!secret)
    _exit (EXIT_FAILURE);
  return secret;
}

static int
run (const Order *order)
{
  g_autoptr (Secret) first = get_secret (order);
  g_autoptr (Secret) new = get_secret (order);
  g_autoptr (GError) error = NULL;
  g_autoptr (Token) token = NULL;
  Attempt attempt = { .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };

  worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_READ));
  token = run_attempt (order, (Secret *const[]){ first, new }, &attempt, &error);
  g_clear_pointer (&first, secret_free);
  g_clear_pointer (&new, secret_free);
  if (error && !attempt.sent)
    attempt.failure = error_get_code (error);
  worker_send (FRAME_ATTEMPT, attempt_to_variant (&attempt));
  if (token)
    worker_send (FRAME_TOKEN, token_to_variant (token));
  else
    worker_send (FRAME_FAILURE, g_variant_new_uint32 (error ? error_get_code (error) : ERROR_TOKEN_REMOVED));
  return EXIT_SUCCESS;
}

static int
run_order (PinOperation operation, char **arguments)
{
  Order order;

  if (!module_mode_parse (&order.module, arguments) || !pin_order_parse (&order.pin, operation, arguments + 4))
    return 2;
  return run (&order);
}

int
module_pin_run_change (char **arguments)
{
  return run_order (PIN_OPERATION_CHANGE, arguments);
}

int
module_pin_run_unlock_as_admin (char **arguments)
{
  return run_order (PIN_OPERATION_UNLOCK_AS_ADMIN, arguments);
}
