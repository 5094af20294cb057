/* The modes `change-pin`, `unlock` and `unlock-as-admin`: one click, one process, at most one try at stake.
 *
 *   change-pin|unlock|unlock-as-admin READER REF FINGERPRINT [last-try] [pad]
 *
 * Two frames with secrets come in: what was typed first, and the new PIN; none with `pad`, where both are typed at the
 * reader's keypad once the engine has said FRAME_GO. The token is opened and read as a whole inside the transaction in
 * which the PIN is sent; unless it is the one with FINGERPRINT, and has the tries that the person knows of, nothing is
 * sent. Then the token is reset, and everything about the PIN is over with this context: its copies in the service end
 * with it. What the token says of its counters is read again in a context of its own. */

#include <stdlib.h>
#include <string.h>

#include "companion.h"
#include "pin-order.h"
#include "read.h"
#include "worker.h"

/* Borrowed from the arguments of the process. */
typedef struct
{
  PinOrder pin;
  const char *reader;
} Order;

/* ---- the attempt ---- */

/* A command that is longer than any with a PIN and asks for nothing: it takes the place of the PIN in the buffers of
 * the service. */
static void
scrub (Channel *channel)
{
  static const guint8 nobody[16] = { 0xF0, 0x43, 0x65, 0x72, 0x74 };
  guint8 data[64] = { 0 };
  Apdu apdu = { .ins = 0xA4, .p1 = 0x04, .data = data, .length = sizeof data };
  guint16 status;

  memcpy (data, nobody, sizeof nobody);
  if (!channel_send (channel, &apdu, NULL, &status, NULL))
    return;
}

/* Sends what was typed to the token that DRIVER knows, once the engine has given its word. */
static void
send (Session *session, const Driver *driver, const Order *order, Secret *const secrets[2], Attempt *attempt)
{
  g_autoptr (GError) error = NULL;
  gboolean answered;

  pin_order_wait_for_go ();
  answered = companion_send_pin (session, driver, order->pin.operation, order->pin.ref, secrets, attempt, &error);
  attempt->sent = channel_get_n_secrets (session->channel) > 0;
  if (answered)
    return;
  attempt->failure = attempt->sent ? ERROR_PIN_UNANSWERED : error_get_code (error);
}

/* A reader that says of itself that it has sent nothing is held against the token's own counter: where that has changed
 * since TOKEN was read, something was sent all the same, and what came of it is not known. */
static void
check_reader (Session *session, const Order *order, const Token *token, Attempt *attempt)
{
  const Driver *driver;
  g_autoptr (Token) now = read_session (session, &driver, NULL);
  int before, after;

  if (!now || !pin_order_find_tries (&order->pin, token, &before, NULL)
      || !pin_order_find_tries (&order->pin, now, &after, NULL) || before == after)
    return;
  attempt->sent = TRUE;
  attempt->failure = ERROR_PIN_UNANSWERED;
}

/* One transaction. Returns the token where nothing was sent to it, for its counters. */
static Token *
attempt_in_transaction (const Order *order, Secret *const secrets[2], Attempt *attempt, GError **error)
{
  g_autoptr (PcscGuard) guard = pcsc_guard_open (order->reader, read_report_step, error);
  g_autoptr (Token) token = NULL;
  Session session = { .for_pin = TRUE };
  const Driver *driver;

  if (!guard)
    return NULL;
  session.channel = pcsc_guard_get_channel (guard);
  token = read_session (&session, &driver, error);
  if (!token || !pin_order_allows (&order->pin, token, error))
    return g_steal_pointer (&token);
  send (&session, driver, order, secrets, attempt);
  if (order->pin.pad && !attempt->sent)
    check_reader (&session, order, token, attempt);
  if (!attempt->sent)
    return g_steal_pointer (&token);
  pcsc_guard_want_reset (guard);
  scrub (session.channel);
  return NULL;
}

static int
run (const Order *order)
{
  g_autoptr (Secret) first = order->pin.pad ? NULL : pin_order_receive_secret ();
  g_autoptr (Secret) new = order->pin.pad ? NULL : pin_order_receive_secret ();
  g_autoptr (GError) error = NULL;
  g_autoptr (Token) token = NULL;
  Attempt attempt = { .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };

  token = attempt_in_transaction (order, (Secret *const[]){ first, new }, &attempt, &error);
  g_clear_pointer (&first, secret_free);
  g_clear_pointer (&new, secret_free);
  if (error)
    attempt.failure = error_get_code (error);
  worker_send (FRAME_ATTEMPT, attempt_to_variant (&attempt));
  if (attempt.sent)
    {
      g_clear_error (&error);
      token = read_token (order->reader, NULL, &error);
    }
  read_send_outcome (token, error);
  return EXIT_SUCCESS;
}

static int
run_order (PinOperation operation, char **arguments)
{
  Order order;

  if (!arguments[0] || !pin_order_parse (&order.pin, operation, arguments + 1))
    return 2;
  order.reader = arguments[0];
  return run (&order);
}

int
pin_run_change (char **arguments)
{
  return run_order (PIN_OPERATION_CHANGE, arguments);
}

int
pin_run_unlock (char **arguments)
{
  return run_order (PIN_OPERATION_UNLOCK, arguments);
}

int
pin_run_unlock_as_admin (char **arguments)
{
  return run_order (PIN_OPERATION_UNLOCK_AS_ADMIN, arguments);
}
