/* What a PIV token answers to GET DATA: containers, and the certificates in them (NIST SP 800-73-4 part 1). Bytes in,
 * values out; part of the driver token/piv. */
#pragma once

#include "model/certificate.h"
#include "tlv.h"

/* What is in the container 53 around an object of LENGTH bytes; some cards leave it out. FALSE when it is no object. */
gboolean piv_object_open (const guint8 *object, gsize length, Tlv *content) G_GNUC_WARN_UNUSED_RESULT;

/* The first part TAG in an object's container, at least MIN_LENGTH bytes long. */
gboolean piv_object_find (const guint8 *object, gsize length, guint32 tag, gsize min_length, Tlv *part)
  G_GNUC_WARN_UNUSED_RESULT;

/* The certificate in an object, unpacked if need be; all but its id, see x509_parse (). NULL with ERROR_OBJECT_MISSING
 * where the container is empty, with ERROR_TOKEN_UNREADABLE where it holds something else. */
Certificate *
piv_object_parse_certificate (const guint8 *object, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
