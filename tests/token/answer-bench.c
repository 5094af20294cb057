#include "answer-bench.h"

#include <string.h>

#include <openssl/ocsp.h>
#include <openssl/x509v3.h>

#define DAY (24 * 60 * 60)

/* A certificate of everybody's, in a table: whose and by whom. -1: by itself. */
static const struct
{
  const char *subject, *key;
  int issuer;
  const char *extended_usage;
} signers[ANSWER_BENCH_N_SIGNERS] = {
  [ANSWER_BENCH_ISSUER] = { "Test Authority", "issuer", -1, NULL },
  [ANSWER_BENCH_NAMESAKE] = { "Test Authority", "namesake", -1, NULL },
  [ANSWER_BENCH_OTHER] = { "Other Authority", "other", -1, NULL },
  [ANSWER_BENCH_DELEGATE] = { "Delegate", "delegate", ANSWER_BENCH_ISSUER, "OCSPSigning" },
  [ANSWER_BENCH_SERVANT] = { "Servant", "servant", ANSWER_BENCH_ISSUER, "clientAuth,anyExtendedKeyUsage" },
  [ANSWER_BENCH_PLAIN] = { "Plain", "plain", ANSWER_BENCH_ISSUER, NULL },
  [ANSWER_BENCH_PRETENDER] = { "Pretender", "pretender", ANSWER_BENCH_NAMESAKE, "OCSPSigning" },
  [ANSWER_BENCH_FOREIGNER] = { "Foreigner", "foreigner", ANSWER_BENCH_OTHER, "OCSPSigning" },
};

/* The name of the key of signer I. (transfer full) */
static char *
name_key (const AnswerBench *bench, int i)
{
  return g_strconcat (bench->kind, " ", signers[i].key, NULL);
}

static X509 *
make_signer (const AnswerBench *bench, int i)
{
  int issuer = signers[i].issuer;
  g_autofree char *key = name_key (bench, i), *signer = name_key (bench, issuer < 0 ? i : issuer);

  if (issuer < 0)
    return chain_bench_make_ca (signers[i].subject, key, NULL, key, bench->id);
  return chain_bench_make ((ChainPlan){ .subject = signers[i].subject,
                                        .key = key,
                                        .issuer = bench->signers[issuer],
                                        .signer = signer,
                                        .id = bench->id,
                                        .extended_usage = signers[i].extended_usage });
}

/* A certificate that the issuer has signed, with the address of its list. */
static X509 *
make_issued (const AnswerBench *bench, const char *subject, const char *constraints)
{
  g_autofree char *signer = name_key (bench, ANSWER_BENCH_ISSUER);

  return chain_bench_make ((ChainPlan){ .subject = subject,
                                        .key = signer, /* it never signs: any will do */
                                        .issuer = bench->signers[ANSWER_BENCH_ISSUER],
                                        .signer = signer,
                                        .id = bench->id,
                                        .constraints = constraints,
                                        .lists = "URI:http://crl.example.com/1.crl,URI:ldap://example.com/1" });
}

AnswerBench *
answer_bench_new (const char *kind, const char *id)
{
  AnswerBench *bench = g_new0 (AnswerBench, 1);

  bench->kind = kind;
  bench->id = id;
  for (int i = 0; i < ANSWER_BENCH_N_SIGNERS; i++)
    bench->signers[i] = make_signer (bench, i);
  bench->holder = make_issued (bench, "Zhang San", NULL);
  bench->neighbour = make_issued (bench, "Beijing Example Trading Co., Ltd.", NULL);
  bench->middle = make_issued (bench, "Middle", "critical,CA:TRUE");
  bench->question = (Question){ bench->holder, bench->signers[ANSWER_BENCH_ISSUER], ANSWER_BENCH_NOW };
  return bench;
}

void
answer_bench_free (AnswerBench *bench)
{
  for (int i = 0; i < ANSWER_BENCH_N_SIGNERS; i++)
    X509_free (bench->signers[i]);
  X509_free (bench->holder);
  X509_free (bench->neighbour);
  X509_free (bench->middle);
  g_free (bench);
}

static EVP_MD_CTX *
start_signing (const AnswerBench *bench, int i)
{
  g_autofree char *name = name_key (bench, i);

  return chain_bench_start_signing (name, bench->id);
}

/* Takes DER, LENGTH bytes of OpenSSL's. */
static GByteArray *
take (guint8 *der, int length)
{
  GByteArray *bytes = g_byte_array_new ();

  g_assert_cmpint (length, >, 0);
  g_byte_array_append (bytes, der, (guint) length);
  OPENSSL_free (der);
  return bytes;
}

/* ---- responses ---- */

static ASN1_GENERALIZEDTIME *
make_time (int seconds)
{
  return ASN1_GENERALIZEDTIME_set (NULL, (time_t) (ANSWER_BENCH_NOW + seconds));
}

static void
add_status (OCSP_BASICRESP *basic, const AnswerBench *bench, const ResponsePlan *plan)
{
  X509 *about = plan->about_neighbour ? bench->neighbour : bench->holder;
  X509 *issuer = bench->signers[plan->other_issuer ? ANSWER_BENCH_OTHER : ANSWER_BENCH_ISSUER];
  OCSP_CERTID *id = OCSP_cert_id_new (EVP_sha1 (), X509_get_subject_name (issuer), X509_get0_pubkey_bitstr (issuer),
                                      X509_get0_serialNumber (about));
  ASN1_GENERALIZEDTIME *from = make_time (plan->from), *until = make_time (plan->until != 0 ? plan->until : DAY);
  ASN1_GENERALIZEDTIME *revoked_at = make_time (-10 * DAY);

  g_assert_nonnull (
    OCSP_basic_add1_status (basic, id, plan->status, plan->reason, revoked_at, from, plan->for_ever ? NULL : until));
  ASN1_GENERALIZEDTIME_free (revoked_at);
  ASN1_GENERALIZEDTIME_free (until);
  ASN1_GENERALIZEDTIME_free (from);
  OCSP_CERTID_free (id);
}

GByteArray *
answer_bench_make_response (const AnswerBench *bench, const ResponsePlan *plan)
{
  OCSP_BASICRESP *basic = OCSP_BASICRESP_new ();
  EVP_MD_CTX *signer = start_signing (bench, (int) plan->signer);
  unsigned long flags = (plan->by_key ? OCSP_RESPID_KEY : 0) | (plan->bare ? OCSP_NOCERTS : 0);
  OCSP_RESPONSE *response;
  guint8 *der = NULL;
  int length;

  add_status (basic, bench, plan);
  g_assert_cmpint (OCSP_basic_sign_ctx (basic, bench->signers[plan->signer], signer, NULL, flags), ==, 1);
  response = OCSP_response_create (OCSP_RESPONSE_STATUS_SUCCESSFUL, basic);
  length = i2d_OCSP_RESPONSE (response, &der);
  OCSP_RESPONSE_free (response);
  OCSP_BASICRESP_free (basic);
  chain_bench_end_signing (signer);
  return take (der, length);
}

/* ---- lists ---- */

static void
add_entry (X509_CRL *list, X509 *x509, int reason)
{
  X509_REVOKED *entry = X509_REVOKED_new ();
  ASN1_GENERALIZEDTIME *time = make_time (-10 * DAY);
  ASN1_ENUMERATED *code = ASN1_ENUMERATED_new ();

  X509_REVOKED_set_serialNumber (entry, (ASN1_INTEGER *) X509_get0_serialNumber (x509));
  X509_REVOKED_set_revocationDate (entry, time);
  ASN1_ENUMERATED_set (code, reason);
  if (reason >= 0)
    g_assert_cmpint (X509_REVOKED_add1_ext_i2d (entry, NID_crl_reason, code, 0, 0), ==, 1);
  X509_CRL_add0_revoked (list, entry);
  ASN1_ENUMERATED_free (code);
  ASN1_GENERALIZEDTIME_free (time);
}

static void
add_extension (X509_CRL *list, int nid, const char *value, const char *sections)
{
  X509_EXTENSION *extension = testcert_make_extension (nid, value, sections);

  g_assert_cmpint (X509_CRL_add_ext (list, extension, -1), ==, 1);
  X509_EXTENSION_free (extension);
}

static void
add_extensions (X509_CRL *list, const ListPlan *plan)
{
  g_autofree char *section = g_strconcat ("[point]\n", plan->point, NULL);
  ASN1_INTEGER *number = ASN1_INTEGER_new ();

  ASN1_INTEGER_set (number, 7);
  X509_CRL_add1_ext_i2d (list, NID_crl_number, number, 0, 0);
  if (plan->delta)
    X509_CRL_add1_ext_i2d (list, NID_delta_crl, number, 1, 0);
  ASN1_INTEGER_free (number);
  if (plan->point != NULL)
    add_extension (list, NID_issuing_distribution_point, "critical,@point", section);
  if (plan->more != NULL)
    add_extension (list, NID_netscape_comment, plan->more, NULL);
}

static void
set_times (X509_CRL *list, const ListPlan *plan)
{
  ASN1_TIME *from = ASN1_TIME_set (NULL, (time_t) (ANSWER_BENCH_NOW + plan->from));
  ASN1_TIME *until = ASN1_TIME_set (NULL, (time_t) (ANSWER_BENCH_NOW + (plan->until != 0 ? plan->until : DAY)));

  X509_CRL_set1_lastUpdate (list, from);
  if (!plan->for_ever)
    X509_CRL_set1_nextUpdate (list, until);
  ASN1_TIME_free (until);
  ASN1_TIME_free (from);
}

GByteArray *
answer_bench_make_list (const AnswerBench *bench, const ListPlan *plan)
{
  X509_CRL *list = X509_CRL_new ();
  EVP_MD_CTX *signer = start_signing (bench, (int) plan->signer);
  guint8 *der = NULL;
  int length;

  X509_CRL_set_version (list, X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name (list, X509_get_subject_name (bench->signers[plan->signer]));
  set_times (list, plan);
  if (plan->revoked)
    add_entry (list, bench->holder, plan->reason);
  if (plan->neighbour)
    add_entry (list, bench->neighbour, CRL_REASON_KEY_COMPROMISE);
  X509_CRL_sort (list);
  add_extensions (list, plan);
  g_assert_cmpint (X509_CRL_sign_ctx (list, signer), >, 0);
  length = i2d_X509_CRL (list, &der);
  X509_CRL_free (list);
  chain_bench_end_signing (signer);
  return take (der, length);
}
