/* A second application of the same token: a YubiKey with PIV has OpenPGP beside it, with certificates and PINs of its
 * own. It becomes a part of the one Token; the ids of its certificates and the refs of its PINs have its prefix
 * ("openpgp-aut", "openpgp-user"). Which families go together is the table in companion.c. Lives in a worker. */
#pragma once

#include "driver.h"

/* Puts into TOKEN, which DRIVER has just read, what the application beside it holds; nothing where there is none, where
 * its serial number is another one, or where nobody has put anything into it. In the end the application of DRIVER is
 * selected, as before.
 *
 * Selecting another application ends what a program has verified in the first one: unless session->for_pin, a token on
 * which that has happened is left alone. Tells the engine nothing, and costs other tokens nothing.
 * FALSE with ERROR when the token is gone, or when no PIN may be sent to it because the first application cannot be
 * selected again. */
gboolean
companion_read (Session *session, const Driver *driver, Token *token, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Changes or unblocks the PIN REF of a token that DRIVER and companion_read () have read, as change_pin and unblock of
 * token/driver.h do it: by the driver that it belongs to, whose application is selected for it. SECRETS are what is
 * typed first and the new one, both NULL at a keypad. Where no PIN was sent, the application of DRIVER is selected
 * again. */
gboolean companion_send_pin (Session *session,
                             const Driver *driver,
                             PinOperation operation,
                             const char *ref,
                             Secret *const secrets[2],
                             Attempt *attempt,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
