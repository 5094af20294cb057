/* What an issuer's answer says of one certificate: an OCSP response (RFC 6960) or a list of revoked certificates
 * (RFC 5280 section 5), with its signature and its time. The bytes came over the network from anybody. Nothing is
 * fetched here and no clock is asked. In the worker only. */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

#include "model/revocation.h"

/* One question: whether ISSUER has revoked X509, which it has signed; NOW in seconds since 1970. */
typedef struct
{
  X509 *x509, *issuer;
  gint64 now;
} Question;

/* Sets state, failure, as_of, revoked_at and reason of REVOCATION from the DER, LENGTH bytes. */
typedef void (*AnswerRead) (Revocation *revocation, const Question *question, const guint8 *der, gsize length);

void answer_read_response (Revocation *revocation, const Question *question, const guint8 *der, gsize length);
void answer_read_list (Revocation *revocation, const Question *question, const guint8 *der, gsize length);

/* The DER of the question for an OCSP service. (transfer full) */
GBytes *answer_make_request (const Question *question);
