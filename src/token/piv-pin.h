/* What the driver token/piv does with PINs: change and unblock, as token/driver.h says. */
#pragma once

#include "driver.h"

/* Whether some program has verified the PIN of the application, which is selected. No try is used. */
gboolean piv_pin_is_verified (Session *session);

gboolean piv_pin_change (Session *session,
                         const char *ref,
                         const Secret *old,
                         const Secret *new,
                         Attempt *attempt,
                         GError **error);

gboolean piv_pin_unblock (Session *session,
                          const char *ref,
                          const Secret *puk,
                          const Secret *new,
                          Attempt *attempt,
                          GError **error);
