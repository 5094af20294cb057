/* DER → Certificate, by OpenSSL, in the worker and only there. Tolerant where a certificate is odd and right where it
 * is plain: what cannot be told stays unknown (NULL, CERTIFICATE_TIME_UNKNOWN), what is no certificate is an error. */
#pragma once

#include "model/certificate.h"

/* All of a certificate but id (which the driver knows); `role` from the usages where the driver does not know better:
 * see x509_get_role (). NULL with ERROR_TOKEN_UNREADABLE when DER of LENGTH bytes does not begin with one. Trailing
 * bytes are left out of `der` and the fingerprints. */
Certificate *x509_parse (const guint8 *der, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
