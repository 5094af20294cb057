/* Asks the issuer of a certificate over the network whether it has revoked it: first the OCSP services that the
 * certificate names, then the lists. Blocks; in the worker `revocation` only. */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

#include "model/revocation.h"

/* Fills REVOCATION: of X509, with CANDIDATES (X509) that may be its issuer besides those that this machine trusts (in
 * FOLDERS as for anchors_load ()) and the one that X509 itself gives an address for. NOW in seconds since 1970. It is
 * over at the monotonic time DEADLINE (µs). */
void inquiry_make (Revocation *revocation,
                   X509 *x509,
                   const GPtrArray *candidates,
                   const char *const *folders,
                   gint64 now,
                   gint64 deadline);
