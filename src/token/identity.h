/* Whom a certificate names beside its name: the fields that the table of object identifiers (token/oids) knows, from
 * the extensions and from the subject, in every encoding that authorities write. What cannot be read as text, or is too
 * long for a number, is left out. Part of token/x509; in the worker only. */
#pragma once

#include <openssl/x509.h>

#include "model/certificate.h"

/* Adds to CERTIFICATE what X509 says of its holder: those of a kind in the order of the table, none twice, at most
 * IDENTITY_MAX_LIST. Reads the table when the first certificate of the process has a field that OpenSSL has no name
 * for. */
void identity_collect (Certificate *certificate, const X509 *x509);

/* The text in LENGTH bytes of an extension: a string of any type; the first one in sets, sequences, explicit or
 * implicit context tags and octet strings, down to 8 levels; or, where the bytes are no such thing, they themselves
 * as UTF-8 or GB18030. NULL where that is not printable. (transfer full) */
char *identity_decode (const guint8 *bytes, gsize length) G_GNUC_WARN_UNUSED_RESULT;
