/* What the issuer of a certificate answered when it was asked over the network whether it still stands by it, as a
 * value. It is asked when a person wants it and never otherwise; the answer is dated and stays with the certificate's
 * fingerprint. Made by the worker `revocation` (token/revocation); every other process receives it and shows it. Pure.
 */
#pragma once

#include "certificate.h"

typedef enum
{
  REVOCATION_ASKING,  /* no answer yet */
  REVOCATION_UNKNOWN, /* for the reason in `failure` */
  REVOCATION_GOOD,
  REVOCATION_REVOKED,
  REVOCATION_N_STATES
} RevocationState;

/* Why the answer is not known. */
typedef enum
{
  REVOCATION_NOT_FAILED,
  REVOCATION_NO_ADDRESS,  /* the certificate does not say where to ask, or in no way that we know */
  REVOCATION_NO_ISSUER,   /* its issuer's certificate cannot be had: no answer could be checked */
  REVOCATION_UNREACHABLE, /* no such host, or it does not take the connection */
  REVOCATION_SILENT,      /* no answer in time */
  REVOCATION_REFUSED,     /* it answers that it will not or cannot tell */
  REVOCATION_NONSENSE,    /* the answer is none, or not about this certificate */
  REVOCATION_TOO_LARGE,
  REVOCATION_FORGED,   /* not signed by the issuer, nor by whom it has put in charge */
  REVOCATION_OUTDATED, /* an answer of another time */
  REVOCATION_STRANGER, /* the service does not know the certificate */
  REVOCATION_BROKEN,   /* our own helper process failed */
  REVOCATION_N_FAILURES
} RevocationFailure;

#define REVOCATION_NO_REASON  (-1)
#define REVOCATION_MAX_REASON 10

typedef struct
{
  grefcount refs;
  char *sha256; /* of the certificate */
  RevocationState state;
  RevocationFailure failure;
  char *host;        /* who was asked: "ocsp.example.com", clean; NULL when nobody was */
  gint64 as_of;      /* of when the answer is; seconds since 1970, or CERTIFICATE_TIME_UNKNOWN */
  gint64 revoked_at; /* the same */
  int reason;        /* CRLReason, RFC 5280 section 5.3.1, or REVOCATION_NO_REASON */
} Revocation;

Revocation *revocation_new (const char *sha256, RevocationState state);
Revocation *revocation_ref (Revocation *revocation);
void revocation_unref (Revocation *revocation);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Revocation, revocation_unref)

/* As a{sv}. from_variant takes an untrusted VARIANT, and returns NULL when it is none or contradicts itself. */
GVariant *revocation_to_variant (const Revocation *revocation);
Revocation *revocation_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;

/* What a worker is asked: the certificate, and those of the same token that may be its issuer's, as a list of DER
 * (aay). No more than fits into one frame for a worker: QUESTION_MAX. A certificate that does not fit is left out. */
#define REVOCATION_QUESTION_TYPE "aay"
#define REVOCATION_QUESTION_MAX  (96 * 1024)

GVariant *revocation_make_question (const Certificate *certificate, const GPtrArray *others);
