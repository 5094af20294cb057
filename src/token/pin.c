/* The modes `change-pin` and `unlock`: one click, one process, at most one command with a PIN.
 *
 *   change-pin|unlock READER REF FINGERPRINT [last-try] [pad]
 *
 * Two frames with secrets come in: what was typed first, and the new PIN; none with `pad`, where both are typed at the
 * reader's keypad once the engine has said FRAME_GO. The token is opened and read as a whole inside the transaction in
 * which the PIN is sent; unless it is the one with FINGERPRINT, and has the tries that the person knows of, nothing is
 * sent. Then the token is reset, and everything about the PIN is over with this context: its copies in the service end
 * with it. What the token says of its counters is read again in a context of its own. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "read.h"
#include "worker.h"

#define LAST_TRY "last-try"
#define PAD      "pad"
#define REF_PUK  "puk"

typedef struct
{
  PinOperation operation;
  const char *reader, *ref, *fingerprint;
  gboolean last_try, pad;
} Order;

static void
fail (GError **error, ErrorCode code)
{
  g_set_error_literal (error, ASSISTANT_ERROR, code, error_to_string (code));
}

/* ---- secrets ---- */

/* The next frame, straight into locked memory. */
static Secret *
receive_secret (void)
{
  Secret *secret = secret_new ();

  if (!secret)
    _exit (EXIT_FAILURE);
  secret->length = worker_receive_header (FRAME_SECRET, SECRET_MAX);
  worker_receive_bytes (secret->bytes, secret->length);
  return secret;
}

/* ---- before ---- */

/* The tries of what is about to be sent, of TOKEN as it is now; PIN_UNKNOWN where it does not tell. FALSE with ERROR
 * when it has no such PIN. */
static gboolean
find_tries (const Token *token, const Order *order, int *tries_left, GError **error)
{
  gboolean puk = order->operation == PIN_OPERATION_UNLOCK || strcmp (order->ref, REF_PUK) == 0;
  const Pin *pin = token_find_pin (token, puk && strcmp (order->ref, REF_PUK) == 0 ? "user" : order->ref);

  if (!pin || (puk && pin->unlock != PIN_UNLOCK_PUK))
    {
      fail (error, ERROR_PIN_IMPOSSIBLE);
      return FALSE;
    }
  *tries_left = puk ? pin->unlock_tries_left : pin->blocked ? 0 : pin->tries_left;
  return TRUE;
}

/* Whether a PIN may go to TOKEN. */
static gboolean
may_send (const Token *token, const Order *order, GError **error)
{
  g_autofree char *fingerprint = token_make_fingerprint (token);
  ErrorCode obstacle = ERROR_NONE;
  int tries_left = PIN_UNKNOWN;

  if (strcmp (fingerprint, order->fingerprint) != 0)
    obstacle = ERROR_TOKEN_OTHER;
  else if (!find_tries (token, order, &tries_left, error))
    return FALSE;
  else if (tries_left == 0)
    obstacle = ERROR_PIN_BLOCKED;
  else if (tries_left == 1 && !order->last_try)
    obstacle = ERROR_PIN_LAST_TRY;

  if (obstacle != ERROR_NONE)
    fail (error, obstacle);
  return obstacle == ERROR_NONE;
}

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

/* Sends what was typed to the token that DRIVER knows, once the engine has given its word: so it knows of whatever
 * ended earlier that nothing was sent. */
static void
send (Session *session, const Driver *driver, const Order *order, Secret *const secrets[2], Attempt *attempt)
{
  g_autoptr (GError) error = NULL;
  gboolean answered;

  worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_SEND));
  worker_receive_header (FRAME_GO, 0);
  answered =
    (order->operation == PIN_OPERATION_CHANGE ? driver->change_pin : driver->unblock) (session, order->ref, secrets[0],
                                                                                       secrets[1], attempt, &error);
  attempt->sent = channel_get_n_secrets (session->channel) > 0;
  if (answered)
    return;
  attempt->failure = attempt->sent ? ERROR_PIN_UNANSWERED : error_get_code (error);
}

/* A reader that says of itself that it has sent nothing is held against the token's own counter: where that has changed
 * since TOKEN was read, something was sent all the same, and what came of it is not known. */
static void
check_reader (Session *session, const Driver *driver, const Order *order, const Token *token, Attempt *attempt)
{
  g_autoptr (Token) now = driver->probe (session) != PROBE_NO ? driver->read (session, NULL) : NULL;
  int before, after;

  if (!now || !find_tries (token, order, &before, NULL) || !find_tries (now, order, &after, NULL) || before == after)
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
  Session session = { 0 };
  const Driver *driver;

  if (!guard)
    return NULL;
  session.channel = pcsc_guard_get_channel (guard);
  token = read_session (&session, &driver, error);
  if (!token || !may_send (token, order, error))
    return g_steal_pointer (&token);
  if (!(order->operation == PIN_OPERATION_CHANGE ? driver->change_pin : driver->unblock))
    {
      fail (error, ERROR_PIN_IMPOSSIBLE);
      return g_steal_pointer (&token);
    }
  send (&session, driver, order, secrets, attempt);
  if (order->pad && !attempt->sent)
    check_reader (&session, driver, order, token, attempt);
  if (!attempt->sent)
    return g_steal_pointer (&token);
  pcsc_guard_want_reset (guard);
  scrub (session.channel);
  return NULL;
}

static int
run (const Order *order)
{
  g_autoptr (Secret) first = order->pad ? NULL : receive_secret ();
  g_autoptr (Secret) new = order->pad ? NULL : receive_secret ();
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
  Order order = { .operation = operation };

  if (g_strv_length (arguments) < 3)
    return 2;
  order.reader = arguments[0];
  order.ref = arguments[1];
  order.fingerprint = arguments[2];
  for (char **more = arguments + 3; *more; more++)
    {
      order.last_try |= strcmp (*more, LAST_TRY) == 0;
      order.pad |= strcmp (*more, PAD) == 0;
    }
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
