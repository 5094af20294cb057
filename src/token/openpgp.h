/* What the driver token/openpgp tells beside the Token. */
#pragma once

#include "driver.h"

/* Whether somebody has put a key into the application, which is selected: one of its three fingerprints is there
 * (specification, section 4.4.1). One GET DATA. FALSE also when it does not tell. */
gboolean openpgp_has_keys (Session *session);
