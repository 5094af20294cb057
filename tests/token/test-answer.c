/* What is taken for an issuer's answer, and what is not. */

#include "token/answer.h"

#include <string.h>

#include <openssl/err.h>
#include <openssl/ocsp.h>

#include "answer-bench.h"

#define MINUTE 60
#define DAY    (24 * 60 * MINUTE)

/* Kinds of keys, and the identity that SM2 signs with. */
static const struct
{
  const char *key, *id;
} kinds[] = {
  { "RSA-2048", NULL },
  { "P-256", NULL },
  { "SM2", CHAIN_BENCH_GM_ID },
  { "SM2", "" },
};

/* What READ makes of the bytes. (transfer full) */
static Revocation *
read_bytes (AnswerRead read, const Question *question, const void *bytes, gsize length)
{
  Revocation *revocation = revocation_new ("ab", REVOCATION_ASKING);

  read (revocation, question, bytes, length);
  g_assert_cmpuint (ERR_peek_error (), ==, 0);
  g_assert_cmpint (revocation->state, !=, REVOCATION_ASKING);
  g_assert_true ((revocation->state == REVOCATION_UNKNOWN) == (revocation->failure != REVOCATION_NOT_FAILED));
  return revocation;
}

/* A failure, or REVOCATION_NOT_FAILED and whether it is revoked. */
typedef struct
{
  RevocationFailure failure;
  gboolean revoked;
  int reason;
} Expected;

#define GOOD                                                                                                           \
  {                                                                                                                    \
    REVOCATION_NOT_FAILED, FALSE, 0                                                                                    \
  }
#define REVOKED(reason)                                                                                                \
  {                                                                                                                    \
    REVOCATION_NOT_FAILED, TRUE, reason                                                                                \
  }
#define NOT_KNOWN(failure)                                                                                             \
  {                                                                                                                    \
    REVOCATION_##failure, FALSE, 0                                                                                     \
  }

static void
compare (const char *name, const Revocation *found, const Expected *expected, int from)
{
  RevocationState state = expected->failure != REVOCATION_NOT_FAILED ? REVOCATION_UNKNOWN
                          : expected->revoked                        ? REVOCATION_REVOKED
                                                                     : REVOCATION_GOOD;

  g_test_message ("%s", name);
  g_assert_cmpint (found->failure, ==, expected->failure);
  g_assert_cmpint (found->state, ==, state);
  if (state != REVOCATION_UNKNOWN)
    g_assert_cmpint (found->as_of, ==, ANSWER_BENCH_NOW + from);
  g_assert_cmpint (found->revoked_at, ==,
                   state == REVOCATION_REVOKED ? ANSWER_BENCH_NOW - 10 * DAY : CERTIFICATE_TIME_UNKNOWN);
  g_assert_cmpint (found->reason, ==, state == REVOCATION_REVOKED ? expected->reason : REVOCATION_NO_REASON);
}

/* ---- responses ---- */

#define GONE .status = V_OCSP_CERTSTATUS_REVOKED

static const struct
{
  const char *name;
  ResponsePlan plan;
  Expected expected;
} responses[] = {
  { "good", { 0 }, GOOD },
  { "revoked", { GONE, .reason = OCSP_REVOKED_STATUS_KEYCOMPROMISE }, REVOKED (1) },
  { "suspended", { GONE, .reason = OCSP_REVOKED_STATUS_CERTIFICATEHOLD }, REVOKED (6) },
  { "for no reason", { GONE, .reason = OCSP_REVOKED_STATUS_NOSTATUS }, REVOKED (REVOCATION_NO_REASON) },
  { "for a reason that is none", { GONE, .reason = 99 }, REVOKED (REVOCATION_NO_REASON) },
  { "unknown", { .status = V_OCSP_CERTSTATUS_UNKNOWN }, NOT_KNOWN (STRANGER) },

  /* who signs */
  { "issuer by key", { .by_key = TRUE }, GOOD },
  { "issuer, bare", { .bare = TRUE }, GOOD },
  { "another key", { .signer = ANSWER_BENCH_NAMESAKE }, NOT_KNOWN (FORGED) },
  { "another key by key", { .signer = ANSWER_BENCH_NAMESAKE, .by_key = TRUE }, NOT_KNOWN (FORGED) },
  { "another authority", { .signer = ANSWER_BENCH_OTHER }, NOT_KNOWN (FORGED) },
  { "delegate", { .signer = ANSWER_BENCH_DELEGATE }, GOOD },
  { "delegate by key", { .signer = ANSWER_BENCH_DELEGATE, .by_key = TRUE, GONE, .reason = 4 }, REVOKED (4) },
  { "delegate, bare", { .signer = ANSWER_BENCH_DELEGATE, .bare = TRUE }, NOT_KNOWN (FORGED) },
  { "no delegate", { .signer = ANSWER_BENCH_SERVANT }, NOT_KNOWN (FORGED) },
  { "plain", { .signer = ANSWER_BENCH_PLAIN }, NOT_KNOWN (FORGED) },
  { "plain, revoked", { .signer = ANSWER_BENCH_PLAIN, GONE }, NOT_KNOWN (FORGED) },
  { "pretender", { .signer = ANSWER_BENCH_PRETENDER }, NOT_KNOWN (FORGED) },
  { "delegate of another", { .signer = ANSWER_BENCH_FOREIGNER }, NOT_KNOWN (FORGED) },

  /* about whom */
  { "neighbour", { .about_neighbour = TRUE }, NOT_KNOWN (NONSENSE) },
  { "neighbour, revoked", { .about_neighbour = TRUE, GONE }, NOT_KNOWN (NONSENSE) },
  { "of another issuer", { .other_issuer = TRUE }, NOT_KNOWN (NONSENSE) },

  /* when */
  { "old, still good", { .from = -90 * DAY, .until = MINUTE }, GOOD },
  { "just over", { .from = -DAY, .until = -4 * MINUTE }, GOOD },
  { "over", { .from = -DAY, .until = -6 * MINUTE }, NOT_KNOWN (OUTDATED) },
  { "over, revoked", { .from = -DAY, .until = -6 * MINUTE, GONE }, NOT_KNOWN (OUTDATED) },
  { "a bit early", { .from = 4 * MINUTE }, GOOD },
  { "of the future", { .from = 6 * MINUTE }, NOT_KNOWN (OUTDATED) },
  { "for ever, young", { .from = -6 * DAY, .for_ever = TRUE }, GOOD },
  { "for ever, old", { .from = -8 * DAY, .for_ever = TRUE }, NOT_KNOWN (OUTDATED) },
};

static void
test_responses (gconstpointer data)
{
  const typeof (kinds[0]) *kind = data;
  g_autoptr (AnswerBench) bench = answer_bench_new (kind->key, kind->id);

  for (gsize i = 0; i < G_N_ELEMENTS (responses); i++)
    {
      g_autoptr (GByteArray) der = answer_bench_make_response (bench, &responses[i].plan);
      g_autoptr (Revocation) found = read_bytes (answer_read_response, &bench->question, der->data, der->len);

      compare (responses[i].name, found, &responses[i].expected, responses[i].plan.from);
    }
}

/* A delegate is one as long as its own certificate is good; an issuer always is its own. */
static void
test_expired_delegate (void)
{
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);
  static const Expected expected[] = { NOT_KNOWN (FORGED), GOOD };
  static const int years[] = { 365, -365 };

  for (gsize i = 0; i < G_N_ELEMENTS (years); i++)
    for (gsize own = 0; own < 2; own++)
      {
        int from = years[i] * DAY;
        ResponsePlan plan = { .signer = own ? ANSWER_BENCH_ISSUER : ANSWER_BENCH_DELEGATE,
                              .from = from,
                              .until = from + DAY };
        g_autoptr (GByteArray) der = answer_bench_make_response (bench, &plan);
        g_autoptr (Revocation) found = NULL;

        bench->question.now = ANSWER_BENCH_NOW + from;
        found = read_bytes (answer_read_response, &bench->question, der->data, der->len);
        compare ("another year", found, &expected[own], from);
      }
}

/* A service that does not want to. */
static void
test_refused (void)
{
  static const int statuses[] = { OCSP_RESPONSE_STATUS_MALFORMEDREQUEST, OCSP_RESPONSE_STATUS_INTERNALERROR,
                                  OCSP_RESPONSE_STATUS_TRYLATER, OCSP_RESPONSE_STATUS_SIGREQUIRED,
                                  OCSP_RESPONSE_STATUS_UNAUTHORIZED };
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    {
      OCSP_RESPONSE *response = OCSP_response_create (statuses[i], NULL);
      guint8 *der = NULL;
      int length = i2d_OCSP_RESPONSE (response, &der);
      g_autoptr (Revocation) found = read_bytes (answer_read_response, &bench->question, der, (gsize) length);

      g_assert_cmpint (found->failure, ==, REVOCATION_REFUSED);
      OPENSSL_free (der);
      OCSP_RESPONSE_free (response);
    }
}

/* The question names the certificate as the answer does. */
static void
test_request (void)
{
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);
  g_autoptr (GBytes) der = answer_make_request (&bench->question);
  gsize length;
  const guint8 *bytes = g_bytes_get_data (der, &length);
  OCSP_REQUEST *request = d2i_OCSP_REQUEST (NULL, &bytes, (long) length);
  OCSP_CERTID *id = OCSP_cert_to_id (EVP_sha1 (), bench->holder, bench->question.issuer);

  g_assert_nonnull (request);
  g_assert_cmpint (OCSP_request_onereq_count (request), ==, 1);
  g_assert_cmpint (OCSP_id_cmp (OCSP_onereq_get0_id (OCSP_request_onereq_get0 (request, 0)), id), ==, 0);
  g_assert_false (OCSP_request_is_signed (request));
  OCSP_CERTID_free (id);
  OCSP_REQUEST_free (request);
}

/* ---- lists ---- */

#define HERE  "fullname=URI:http://crl.example.com/1.crl\n"
#define THERE "fullname=URI:http://crl.example.com/2.crl\n"

static const struct
{
  const char *name;
  ListPlan plan;
  Expected expected;
} lists[] = {
  { "empty", { 0 }, GOOD },
  { "of others", { .neighbour = TRUE }, GOOD },
  { "revoked", { .revoked = TRUE, .reason = -1 }, REVOKED (REVOCATION_NO_REASON) },
  { "for a reason", { .revoked = TRUE, .reason = 5, .neighbour = TRUE }, REVOKED (5) },
  { "compromised", { .revoked = TRUE, .reason = 1 }, REVOKED (1) },
  { "suspended", { .revoked = TRUE, .reason = 6 }, REVOKED (6) },
  { "back", { .revoked = TRUE, .reason = CRL_REASON_REMOVE_FROM_CRL }, GOOD },
  { "for a reason that is none", { .revoked = TRUE, .reason = 99 }, REVOKED (REVOCATION_NO_REASON) },

  /* whose */
  { "another key", { .signer = ANSWER_BENCH_NAMESAKE }, NOT_KNOWN (FORGED) },
  { "another key, revoked", { .signer = ANSWER_BENCH_NAMESAKE, .revoked = TRUE }, NOT_KNOWN (FORGED) },
  { "another authority", { .signer = ANSWER_BENCH_OTHER }, NOT_KNOWN (NONSENSE) },
  { "delegate", { .signer = ANSWER_BENCH_DELEGATE }, NOT_KNOWN (NONSENSE) },

  /* of what */
  { "of its place", { .point = HERE }, GOOD },
  { "of both places", { .point = "fullname=URI:ldap://example.org/1,URI:ldap://example.com/1\n" }, GOOD },
  { "of another place", { .point = THERE }, NOT_KNOWN (NONSENSE) },
  { "of another place, revoked", { .point = THERE, .revoked = TRUE }, NOT_KNOWN (NONSENSE) },
  { "of a relative place", { .point = "relativename=name\n[name]\nCN=1\n" }, NOT_KNOWN (NONSENSE) },
  { "of users", { .point = HERE "onlyuser=TRUE\n" }, GOOD },
  { "of users anywhere", { .point = "onlyuser=TRUE\n", .revoked = TRUE, .reason = -1 }, REVOKED (-1) },
  { "of authorities", { .point = "onlyCA=TRUE\n" }, NOT_KNOWN (NONSENSE) },
  { "of attributes", { .point = "onlyAA=TRUE\n" }, NOT_KNOWN (NONSENSE) },
  { "for others too", { .point = "indirectCRL=TRUE\n" }, NOT_KNOWN (NONSENSE) },
  { "for some reasons", { .point = "onlysomereasons=keyCompromise,CACompromise\n" }, NOT_KNOWN (NONSENSE) },
  { "addition", { .delta = TRUE }, NOT_KNOWN (NONSENSE) },
  { "unknown", { .more = "DER:0500" }, GOOD },
  { "unknown, critical", { .more = "critical,DER:0500" }, NOT_KNOWN (NONSENSE) },

  /* when */
  { "old, still good", { .from = -90 * DAY, .until = MINUTE }, GOOD },
  { "over", { .from = -DAY, .until = -6 * MINUTE }, NOT_KNOWN (OUTDATED) },
  { "of the future", { .from = 6 * MINUTE }, NOT_KNOWN (OUTDATED) },
  { "for ever, young", { .from = -6 * DAY, .for_ever = TRUE }, GOOD },
  { "for ever, old", { .from = -8 * DAY, .for_ever = TRUE, .revoked = TRUE }, NOT_KNOWN (OUTDATED) },
};

static void
test_lists (gconstpointer data)
{
  const typeof (kinds[0]) *kind = data;
  g_autoptr (AnswerBench) bench = answer_bench_new (kind->key, kind->id);

  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr (GByteArray) der = answer_bench_make_list (bench, &lists[i].plan);
      g_autoptr (Revocation) found = read_bytes (answer_read_list, &bench->question, der->data, der->len);

      compare (lists[i].name, found, &lists[i].expected, lists[i].plan.from);
    }
}

/* Of an authority's certificate the lists of authorities tell, and those of users do not. */
static void
test_list_of_authorities (void)
{
  static const struct
  {
    const char *point;
    Expected expected;
  } cases[] = {
    { NULL, GOOD },
    { "onlyCA=TRUE\n", GOOD },
    { "onlyuser=TRUE\n", NOT_KNOWN (NONSENSE) },
    { "onlyAA=TRUE\n", NOT_KNOWN (NONSENSE) },
  };
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);

  bench->question.x509 = bench->middle;
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GByteArray) der = answer_bench_make_list (bench, &(ListPlan){ .point = cases[i].point });
      g_autoptr (Revocation) found = read_bytes (answer_read_list, &bench->question, der->data, der->len);

      compare (cases[i].point, found, &cases[i].expected, 0);
    }
}

/* ---- what is no answer ---- */

static const AnswerRead readers[] = { answer_read_response, answer_read_list };

static void
test_garbage (void)
{
  static const char *const texts[] = { "",
                                       "0",
                                       "\x30\x80",
                                       "\x30\x84\xff\xff\xff\xff",
                                       "<!DOCTYPE html><html></html>",
                                       "-----BEGIN X509 CRL-----\nMIIB\n-----END X509 CRL-----\n" };
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (readers); j++)
      {
        g_autoptr (Revocation) found = read_bytes (readers[j], &bench->question, texts[i], strlen (texts[i]));

        g_assert_cmpint (found->failure, ==, REVOCATION_NONSENSE);
      }
}

/* One way's answer is none of the other. */
static void
test_mixed_up (void)
{
  g_autoptr (AnswerBench) bench = answer_bench_new ("P-256", NULL);
  g_autoptr (GByteArray) response = answer_bench_make_response (bench, &(ResponsePlan){ 0 });
  g_autoptr (GByteArray) list = answer_bench_make_list (bench, &(ListPlan){ 0 });
  g_autoptr (Revocation) first = read_bytes (answer_read_list, &bench->question, response->data, response->len);
  g_autoptr (Revocation) second = read_bytes (answer_read_response, &bench->question, list->data, list->len);

  g_assert_cmpint (first->failure, ==, REVOCATION_NONSENSE);
  g_assert_cmpint (second->state, ==, REVOCATION_UNKNOWN);
}

/* What is signed in an answer, as it stands after it was read. (transfer full) */
static GBytes *
get_signed (AnswerRead read, const guint8 *der, gsize length)
{
  gboolean is_list = read == answer_read_list;
  X509_CRL *list = is_list ? d2i_X509_CRL (NULL, &der, (long) length) : NULL;
  OCSP_RESPONSE *response = is_list ? NULL : d2i_OCSP_RESPONSE (NULL, &der, (long) length);
  OCSP_BASICRESP *basic = response != NULL ? OCSP_response_get1_basic (response) : NULL;
  guint8 *bytes = NULL;
  int n = list != NULL    ? i2d_re_X509_CRL_tbs (list, &bytes)
          : basic != NULL ? i2d_OCSP_RESPDATA ((OCSP_RESPDATA *) OCSP_resp_get0_respdata (basic), &bytes)
                          : 0;
  GBytes *told = g_bytes_new (bytes, (gsize) MAX (n, 0));

  OPENSSL_free (bytes);
  OCSP_BASICRESP_free (basic);
  OCSP_RESPONSE_free (response);
  X509_CRL_free (list);
  ERR_clear_error ();
  return told;
}

/* DER is an answer, WHOLE, and CHANGED is not: unless it says the same, word by word. */
static void
check_changed (AnswerRead read,
               const Question *question,
               const GByteArray *der,
               const Revocation *whole,
               const GByteArray *changed)
{
  g_autofree guint8 *exact = g_memdup2 (changed->data, changed->len); /* what is read beyond its end is noticed */
  g_autoptr (Revocation) found = read_bytes (read, question, exact, changed->len);
  g_autoptr (GBytes) before = NULL, after = NULL;

  if (found->state == REVOCATION_UNKNOWN)
    return;
  before = get_signed (read, der->data, der->len);
  after = get_signed (read, exact, changed->len);
  g_assert_true (g_bytes_equal (before, after));
  g_assert_cmpint (found->state, ==, whole->state);
  g_assert_cmpint (found->reason, ==, whole->reason);
  g_assert_cmpint (found->as_of, ==, whole->as_of);
  g_assert_cmpint (found->revoked_at, ==, whole->revoked_at);
}

static void
damage (AnswerRead read, const Question *question, const GByteArray *der)
{
  static const guint8 masks[] = { 0x01, 0x80, 0xFF };
  g_autoptr (GByteArray) changed = g_byte_array_new ();
  g_autoptr (Revocation) whole = read_bytes (read, question, der->data, der->len);

  g_assert_cmpint (whole->state, ==, REVOCATION_REVOKED);
  for (guint length = 0; length < der->len; length++)
    {
      check_changed (read, question, der, whole, changed);
      g_byte_array_append (changed, der->data + length, 1);
    }
  for (guint i = 0; i < der->len; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (masks); j++)
      {
        changed->data[i] ^= masks[j];
        check_changed (read, question, der, whole, changed);
        changed->data[i] ^= masks[j];
      }
}

static void
test_damaged (gconstpointer data)
{
  const typeof (kinds[0]) *kind = data;
  g_autoptr (AnswerBench) bench = answer_bench_new (kind->key, kind->id);
  ResponsePlan plan = { .signer = ANSWER_BENCH_DELEGATE, GONE, .reason = 1 };
  g_autoptr (GByteArray) response = answer_bench_make_response (bench, &plan);
  g_autoptr (GByteArray) list =
    answer_bench_make_list (bench, &(ListPlan){ .revoked = TRUE, .reason = 1, .neighbour = TRUE, .point = HERE });

  damage (answer_read_response, &bench->question, response);
  damage (answer_read_list, &bench->question, list);
}

static void
add_kinds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const char *id = kinds[i].id == NULL ? "" : *kinds[i].id != '\0' ? "-gm" : "-empty";
      g_autofree char *responses_path = g_strdup_printf ("/answer/responses/%s%s", kinds[i].key, id);
      g_autofree char *lists_path = g_strdup_printf ("/answer/lists/%s%s", kinds[i].key, id);

      g_test_add_data_func (responses_path, &kinds[i], test_responses);
      g_test_add_data_func (lists_path, &kinds[i], test_lists);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_kinds ();
  g_test_add_func ("/answer/expired-delegate", test_expired_delegate);
  g_test_add_func ("/answer/refused", test_refused);
  g_test_add_func ("/answer/request", test_request);
  g_test_add_func ("/answer/list-of-authorities", test_list_of_authorities);
  g_test_add_func ("/answer/garbage", test_garbage);
  g_test_add_func ("/answer/mixed-up", test_mixed_up);
  g_test_add_data_func ("/answer/damaged/P-256", &kinds[1], test_damaged);
  g_test_add_data_func ("/answer/damaged/SM2", &kinds[2], test_damaged);
  return g_test_run ();
}
