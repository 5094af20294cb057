/* Whether what this machine knows vouches for the certificates of a token: their chains, up to a certificate that the
 * system or an anchors.d trusts, with the token's other certificates in between. Nothing is fetched, and no clock is
 * asked: whether a certificate is valid today is said elsewhere. In the worker only. */
#pragma once

#include "model/token.h"

/* Sets `chain` and `chain_culprit` of all certificates of TOKEN, which nobody else holds yet. FOLDERS are those with
 * anchors, as for anchors_load (). Takes a second at most: what has not been told by then stays unknown. */
void chain_fill (Token *token, const char *const *folders);

/* The same, with the folders of this installation, of the administrator and of the person. */
void chain_fill_from_system (Token *token);
