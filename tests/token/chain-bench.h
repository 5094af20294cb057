/* Authorities and the certificates they sign, made at the moment they are needed, and folders in which some of them are
 * trusted; the system's folder is one of these too. */
#pragma once

#include "model/token.h"
#include "testcert.h"

#define CHAIN_BENCH_GM_ID "1234567812345678"

typedef struct
{
  char *root; /* the folder of all that follow */
  char *anchors, *system;
} ChainBench;

/* How a certificate is made; what is NULL is plain. Keys have names ("P-256 root"), the first word says of what kind.
 */
typedef struct
{
  const char *subject, *key;
  X509 *issuer;            /* NULL: itself */
  const char *signer;      /* the key that signs */
  const char *issuer_name; /* the name of the issuer, where it is another than that of `issuer` */
  const char *id;          /* distinguishing id of the signer, with SM2; NULL: empty */
  const char *constraints, *usage;
  const char *critical;       /* the text of a critical extension that nobody knows */
  const char *extended_usage; /* "OCSPSigning" */
  const char *lists;          /* where the list of its issuer is: "URI:http://…" */
} ChainPlan;

/* A certificate that has expired long ago, which has no bearing on its chain; an authority. (transfer full) */
X509 *chain_bench_make (ChainPlan plan);
X509 *chain_bench_make_ca (const char *subject, const char *key, X509 *issuer, const char *signer, const char *id);

/* The key of this name: the same one each time. */
EVP_PKEY *chain_bench_get_key (const char *name);

/* What signs with the key of this name, and with ID where that is of the kind SM2 (NULL: empty). */
EVP_MD_CTX *chain_bench_start_signing (const char *key, const char *id);
void chain_bench_end_signing (EVP_MD_CTX *context);

/* A token with these certificates, up to a NULL. (transfer full) */
Token *chain_bench_make_token (X509 *first, ...) G_GNUC_NULL_TERMINATED;

char *chain_bench_to_pem (X509 *x509);
void chain_bench_write (const char *folder, const char *name, const char *bytes, gssize length);
void chain_bench_trust (const ChainBench *bench, X509 *x509, const char *name);
void chain_bench_trust_by_system (const ChainBench *bench, X509 *x509);

/* Fills TOKEN and returns what is told of its first certificate: "trusted", or with the culprit "broken: Root". Good
 * until the next time. */
const char *chain_bench_tell (const ChainBench *bench, Token *token);

/* A fixture. */
void chain_bench_set_up (ChainBench *bench, gconstpointer data);
void chain_bench_tear_down (ChainBench *bench, gconstpointer data);
