/* What a token says to a command with a PIN (VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER), the same in every
 * family that speaks ISO 7816-4 (sections 5.6 and 7.5). In the worker. */
#pragma once

#include "model/attempt.h"

/* Sets status, failure and tries_left of ATTEMPT from the status word of the answer. A status word that nobody has
 * defined is never a wrong PIN: ERROR_PIN_STATUS. */
void pin_status_take (guint16 status, Attempt *attempt);
