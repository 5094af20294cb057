#include "chain.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include "anchors.h"
#include "signature.h"
#include "x509-name.h"

#define MAX_DEPTH  10  /* certificates in a chain */
#define MAX_CHECKS 100 /* signatures for one certificate: many certificates may have one name */
#define BUDGET_US  G_USEC_PER_SEC

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE, X509_STORE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509_STORE_CTX, X509_STORE_CTX_free)

/* The search for a chain of one certificate. */
typedef struct
{
  const Anchors *anchors;
  const GPtrArray *pool; /* X509, of the token */
  gint64 deadline;
  guint checks_left;
  GPtrArray *path; /* X509, from the certificate up */
  char *culprit;
} Search;

/* How one certificate fits to another as its issuer. */
typedef enum
{
  FIT_STRANGER, /* another name or another key */
  FIT_UNTOLD,   /* its key or its signature is of a kind that cannot be computed here */
  FIT_BAD,      /* it should be the issuer, and the signature says no */
  FIT_NO_CA,    /* it has signed and must not */
  FIT_GOOD
} Fit;

/* Of two chains of one certificate the better one is told; what is not known of the second is not known of both. */
static CertificateChain
choose (CertificateChain a, CertificateChain b)
{
  static const int ranks[CERTIFICATE_N_CHAINS] = {
    [CERTIFICATE_CHAIN_BROKEN] = 0,
    [CERTIFICATE_CHAIN_NO_ROOT] = 1,
    [CERTIFICATE_CHAIN_UNKNOWN] = 2,
    [CERTIFICATE_CHAIN_TRUSTED] = 3,
  };

  return ranks[a] >= ranks[b] ? a : b;
}

/* The first fault that is found is the one that is told. */
static CertificateChain
break_at (Search *search, const X509 *x509)
{
  const X509_NAME *name = X509_get_subject_name (x509);

  if (search->culprit == NULL)
    search->culprit = x509_name_get_text (name, NID_commonName);
  if (search->culprit == NULL)
    search->culprit = x509_name_get_text (name, NID_organizationName);
  if (search->culprit == NULL)
    search->culprit = x509_name_to_text (name);
  return CERTIFICATE_CHAIN_BROKEN;
}

/* Signatures */

/* Whether the signature of X509 is of a kind that can be computed here: otherwise it would look like a bad one. */
static gboolean
can_verify (X509 *x509)
{
  int digest;
  EVP_MD *method;

  if (!X509_get_signature_info (x509, &digest, NULL, NULL, NULL))
    return FALSE;
  if (digest == NID_undef)
    return TRUE; /* Ed25519: part of the signature */

  method = EVP_MD_fetch (NULL, OBJ_nid2sn (digest), NULL);
  EVP_MD_free (method);
  return method != NULL;
}

static Fit
fit (Search *search, X509 *issuer, X509 *x509)
{
  int relation = X509_check_issued (issuer, x509);

  if (relation == X509_V_ERR_UNSUPPORTED_SIGNATURE_ALGORITHM || relation == X509_V_ERR_NO_ISSUER_PUBLIC_KEY
      || relation == X509_V_ERR_UNSPECIFIED)
    return FIT_UNTOLD;
  if (relation != X509_V_OK && relation != X509_V_ERR_KEYUSAGE_NO_CERTSIGN)
    return FIT_STRANGER;
  if (!can_verify (x509) || search->checks_left == 0 || g_get_monotonic_time () >= search->deadline)
    return FIT_UNTOLD;

  search->checks_left--;
  if (!signature_fits_certificate (x509, X509_get0_pubkey (issuer)))
    return FIT_BAD;
  return relation == X509_V_OK || X509_cmp (issuer, x509) == 0 ? FIT_GOOD : FIT_NO_CA;
}

/* The chain as a whole */

/* What makes a chain a broken one; with anything else, it is not known what it is worth. */
static gboolean
is_fault (int error)
{
  static const int faults[] = {
    X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_INVALID_CA,          X509_V_ERR_INVALID_NON_CA,
    X509_V_ERR_PATH_LENGTH_EXCEEDED,   X509_V_ERR_PERMITTED_VIOLATION, X509_V_ERR_EXCLUDED_VIOLATION,
  };

  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++)
    if (faults[i] == error)
      return TRUE;

  return FALSE;
}

/* Lets OpenSSL verify the search's path as if its end were trusted: whether its authorities are some, how far down they
 * reach and for which names. SOUND is what the path is when there is nothing to complain of. */
static CertificateChain
verify_path (Search *search, CertificateChain sound)
{
  g_autoptr (X509_STORE) store = X509_STORE_new ();
  g_autoptr (X509_STORE_CTX) context = X509_STORE_CTX_new ();
  STACK_OF (X509) *between = sk_X509_new_null ();
  guint n = search->path->len;
  CertificateChain chain = CERTIFICATE_CHAIN_UNKNOWN;

  for (guint i = 1; between != NULL && i + 1 < n; i++)
    sk_X509_push (between, search->path->pdata[i]);

  if (n == 1)
    chain = sound;
  else if (between != NULL && store != NULL && context != NULL
           && X509_STORE_add_cert (store, search->path->pdata[n - 1]) == 1
           && X509_STORE_CTX_init (context, store, search->path->pdata[0], between) == 1)
    {
      X509_STORE_CTX_set_flags (context, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
      X509_STORE_CTX_set_depth (context, MAX_DEPTH);
      if (X509_verify_cert (context) == 1)
        chain = sound;
      else if (is_fault (X509_STORE_CTX_get_error (context)))
        chain = break_at (search, X509_STORE_CTX_get_current_cert (context));
    }

  sk_X509_free (between);
  return chain;
}

/* The search */

static gboolean
contains (const GPtrArray *certificates, const X509 *x509)
{
  for (guint i = 0; i < certificates->len; i++)
    if (X509_cmp (certificates->pdata[i], x509) == 0)
      return TRUE;

  return FALSE;
}

static gboolean
is_configured (const Search *search, const X509 *x509)
{
  g_autoptr (GPtrArray) found = anchors_find (search->anchors, X509_get_subject_name (x509));

  return contains (found, x509);
}

/* The certificates of the name of X509's issuer: what is trusted first. They are X509's own issuer only if they fit. */
static GPtrArray *
list_issuers (const Search *search, const X509 *x509)
{
  const X509_NAME *name = X509_get_issuer_name (x509);
  GPtrArray *issuers = anchors_find (search->anchors, name);

  for (guint i = 0; i < search->pool->len; i++)
    {
      X509 *other = search->pool->pdata[i];

      if (X509_NAME_cmp (X509_get_subject_name (other), name) == 0 && !contains (issuers, other) && X509_up_ref (other))
        g_ptr_array_add (issuers, other);
    }

  return issuers;
}

static CertificateChain climb (Search *search);

/* What the chain is when it goes on with ISSUER, which has signed the path's last certificate. */
static CertificateChain
climb_to (Search *search, X509 *issuer)
{
  CertificateChain chain;

  if (search->path->len >= MAX_DEPTH)
    return CERTIFICATE_CHAIN_UNKNOWN;

  g_ptr_array_add (search->path, issuer);
  chain = climb (search);
  g_ptr_array_set_size (search->path, (int) search->path->len - 1);
  return chain;
}

/* What the chain is that begins with the search's path: the best of those that go on from its end. Circles and
 * certificates that sign themselves lead nowhere. */
static CertificateChain
climb (Search *search)
{
  X509 *x509 = search->path->pdata[search->path->len - 1];
  CertificateChain chain = CERTIFICATE_CHAIN_BROKEN;
  g_autoptr (GPtrArray) issuers = NULL;
  guint fits[FIT_GOOD + 1] = { 0 }, n_above = 0;

  if (is_configured (search, x509))
    return verify_path (search, CERTIFICATE_CHAIN_TRUSTED);

  issuers = list_issuers (search, x509);
  for (guint i = 0; i < issuers->len && chain != CERTIFICATE_CHAIN_TRUSTED; i++)
    {
      X509 *issuer = issuers->pdata[i];
      Fit found = fit (search, issuer, x509);

      fits[found]++;
      if (found == FIT_NO_CA)
        break_at (search, issuer);
      if (found != FIT_GOOD || contains (search->path, issuer))
        continue;
      chain = n_above++ == 0 ? climb_to (search, issuer) : choose (chain, climb_to (search, issuer));
    }

  if (n_above > 0 || fits[FIT_NO_CA] > 0)
    return chain;
  if (fits[FIT_GOOD] == 0 && fits[FIT_UNTOLD] > 0)
    return CERTIFICATE_CHAIN_UNKNOWN;
  if (fits[FIT_GOOD] == 0 && fits[FIT_BAD] > 0)
    return break_at (search, x509);
  return verify_path (search, CERTIFICATE_CHAIN_NO_ROOT);
}

/* All certificates of a token */

static void
fill (Certificate *certificate, X509 *x509, Search *search)
{
  search->checks_left = MAX_CHECKS;
  search->path = g_ptr_array_new ();
  g_ptr_array_add (search->path, x509);

  certificate->chain = climb (search);
  /* What was not looked at may have been the better chain. */
  if (certificate->chain != CERTIFICATE_CHAIN_TRUSTED
      && (search->checks_left == 0 || g_get_monotonic_time () >= search->deadline))
    certificate->chain = CERTIFICATE_CHAIN_UNKNOWN;
  g_clear_pointer (&certificate->chain_culprit, g_free);
  if (certificate->chain == CERTIFICATE_CHAIN_BROKEN)
    certificate->chain_culprit = g_steal_pointer (&search->culprit);

  g_clear_pointer (&search->culprit, g_free);
  g_clear_pointer (&search->path, g_ptr_array_unref);
}

/* CERTIFICATE as OpenSSL knows it: token/x509 has read it before. */
static X509 *
parse (const Certificate *certificate)
{
  gsize length;
  const guchar *der = g_bytes_get_data (certificate->der, &length);

  return d2i_X509 (NULL, &der, (long) length);
}

void
chain_fill (Token *token, const char *const *folders)
{
  gint64 deadline = g_get_monotonic_time () + BUDGET_US;
  g_autoptr (GPtrArray) pool = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);
  g_autoptr (GPtrArray) known = g_ptr_array_new ();
  g_autoptr (Anchors) anchors = NULL;
  Search search = { .pool = pool, .deadline = deadline };

  for (guint i = 0; i < token->certificates->len; i++)
    {
      X509 *x509 = parse (token->certificates->pdata[i]);

      if (x509 == NULL)
        continue;
      g_ptr_array_add (pool, x509);
      g_ptr_array_add (known, token->certificates->pdata[i]);
    }

  anchors = pool->len > 0 ? anchors_load (folders, deadline) : NULL;
  search.anchors = anchors;
  for (guint i = 0; i < pool->len && g_get_monotonic_time () < deadline; i++)
    fill (known->pdata[i], pool->pdata[i], &search);
  ERR_clear_error ();
}

void
chain_fill_from_system (Token *token)
{
  g_auto (GStrv) folders = anchors_list_folders ();

  chain_fill (token, (const char *const *) folders);
}
