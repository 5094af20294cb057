/* One certificate on a token, as a value. The worker parses DER and fills it (token/x509); every other process receives
 * it as a GVariant and only shows it. A certificate is filled by its maker and immutable from the moment it is handed
 * on; all strings are clean (model/text). NULL or an empty list means unknown, never "none". */
#pragma once

#include "identity.h"

typedef enum
{
  CERTIFICATE_ROLE_OTHER,
  CERTIFICATE_ROLE_AUTHENTICATION,
  CERTIFICATE_ROLE_SIGNATURE,
  CERTIFICATE_ROLE_ENCRYPTION,
  CERTIFICATE_N_ROLES
} CertificateRole;

/* Whether what is known on this machine vouches for a certificate; not whether it is valid today, nor revoked. */
typedef enum
{
  CERTIFICATE_CHAIN_UNKNOWN,
  CERTIFICATE_CHAIN_TRUSTED, /* up to a certificate that the system or an anchors.d trusts */
  CERTIFICATE_CHAIN_NO_ROOT, /* what there is of it fits, and nobody configured its end */
  CERTIFICATE_CHAIN_BROKEN,  /* see chain_culprit */
  CERTIFICATE_N_CHAINS
} CertificateChain;

/* A time that the certificate does not tell, or tells in a way that is no date. */
#define CERTIFICATE_TIME_UNKNOWN G_MININT64

/* Bounds on what is taken from the other side of the pipe. */
#define CERTIFICATE_MAX_DER   (64 * 1024)
#define CERTIFICATE_MAX_NAMES 64
#define CERTIFICATE_MAX_HOSTS 4

typedef struct
{
  grefcount refs;
  char *id; /* where on the token: "9a" */
  CertificateRole role;
  char *holder;       /* common name of the subject */
  char *organization; /* organisation of the subject */
  char *issuer_name;  /* common name of the issuer, or its organisation */
  char *subject;      /* all of it, RFC 4514 order and escapes: "CN=…, O=…" */
  char *issuer;
  char *serial;      /* upper-case hexadecimal; '-' in front when negative */
  gint64 not_before; /* seconds since 1970 UTC, or CERTIFICATE_TIME_UNKNOWN */
  gint64 not_after;
  char *key;                 /* "RSA 2048", "EC P-256", "Ed25519", "SM2" */
  char *signature_algorithm; /* "sha256WithRSAEncryption" */
  GStrv usages;              /* key usages, then extended ones: OpenSSL's short names, or an OID */
  GStrv alternative_names;   /* "email:…", "DNS:…", "URI:…", "UPN:…" */
  GStrv policies;            /* certificate policies: OIDs (RFC 5280 section 4.2.1.4) */
  GStrv revocation_hosts;    /* whom its issuer has appointed to say whether it is revoked: "ocsp.example.com" */
  GPtrArray *identities;     /* Identity: whom it names, in numbers; never NULL. Those of a kind: the preferred first */
  CertificateChain chain;    /* of a token that is complete; until then unknown */
  char *chain_culprit;       /* where it is broken: the name of the certificate that does not fit */
  char *sha256;              /* lower-case hexadecimal over the DER */
  char *sha1;
  GBytes *der; /* for saving and copying only: nobody but a worker parses it */
} Certificate;

Certificate *certificate_new (void);
Certificate *certificate_ref (Certificate *certificate);
void certificate_unref (Certificate *certificate);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Certificate, certificate_unref)

/* As a{sv}. from_variant takes an untrusted VARIANT: cleans texts again, bounds lists, and returns NULL when id,
 * fingerprint or DER are not there or not of their shape. */
GVariant *certificate_to_variant (const Certificate *certificate);
Certificate *certificate_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;

/* TIME, or CERTIFICATE_TIME_UNKNOWN where it is a moment that no certificate can tell (RFC 5280 section 4.1.2.5: years
 * 0 to 9999). */
gint64 certificate_check_time (gint64 time);

const char *certificate_role_to_string (CertificateRole role);
const char *certificate_chain_to_string (CertificateChain chain);

/* The DER between PEM lines (RFC 7468), 64 characters a line, newline at the end. (transfer full) */
char *certificate_to_pem (const Certificate *certificate);
