/* What the modes have in common that use a PIN (token/pin, token/module-pin): the order as the engine gives it, what
 * has to be so before anything is sent, and the PINs themselves. */
#pragma once

#include "model/attempt.h"
#include "model/secret.h"

/* Part of it is borrowed from the arguments of the process. */
typedef struct
{
  PinOperation operation;
  const char *ref, *fingerprint;
  gboolean last_try, pad;
} PinOrder;

/* "REF FINGERPRINT [last-try] [pad]", or FALSE. */
gboolean pin_order_parse (PinOrder *order, PinOperation operation, char **arguments) G_GNUC_WARN_UNUSED_RESULT;

/* Whether a PIN may go to TOKEN as it is now: it is the one that the person saw, has such a PIN, and the tries that the
 * person knows of. FALSE with ERROR: nothing has been sent. */
gboolean pin_order_allows (const PinOrder *order, const Token *token, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The tries of what is typed first, of TOKEN as it is now; PIN_UNKNOWN where it does not tell. FALSE with ERROR when it
 * has no such PIN. */
gboolean pin_order_find_tries (const PinOrder *order, const Token *token, int *tries_left, GError **error);

/* The next frame from the engine, straight into locked memory; ends the process when none comes. (transfer full) */
Secret *pin_order_receive_secret (void);

/* Says that a PIN is about to be sent and waits for the engine's word; ends the process when it does not come. So the
 * engine knows of whatever ended earlier that nothing was sent. */
void pin_order_wait_for_go (void);
