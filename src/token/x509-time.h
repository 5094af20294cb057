/* Times as ASN.1 has them (RFC 5280 section 4.1.2.5: both kinds) as seconds since 1970. In the worker only. */
#pragma once

#include <glib.h>
#include <openssl/asn1.h>

/* CERTIFICATE_TIME_UNKNOWN when TIME is NULL or no date. */
gint64 x509_time_get (const ASN1_TIME *time);
