/* Answers of an issuer, OCSP responses and lists of revoked certificates, made at the moment they are needed; and
 * everybody who may sign one. */
#pragma once

#include "chain-bench.h"
#include "token/answer.h"

/* Of all answers: 2010-07-01T00:00:00Z, when the certificates of chain-bench are valid. */
#define ANSWER_BENCH_NOW G_GINT64_CONSTANT (1277942400)

typedef enum
{
  ANSWER_BENCH_ISSUER,
  ANSWER_BENCH_NAMESAKE,  /* of the issuer, with another key */
  ANSWER_BENCH_OTHER,     /* another authority */
  ANSWER_BENCH_DELEGATE,  /* the issuer has put it in charge */
  ANSWER_BENCH_SERVANT,   /* … has signed it, for something else */
  ANSWER_BENCH_PLAIN,     /* … for nothing in particular */
  ANSWER_BENCH_PRETENDER, /* says that it is a delegate; signed by the namesake */
  ANSWER_BENCH_FOREIGNER, /* a delegate of the other authority */
  ANSWER_BENCH_N_SIGNERS
} AnswerBenchSigner;

typedef struct
{
  const char *kind; /* of all keys */
  const char *id;   /* with which everything is signed, with SM2 */
  X509 *signers[ANSWER_BENCH_N_SIGNERS];
  X509 *holder, *neighbour; /* the issuer's: who is asked about, and somebody else */
  X509 *middle;             /* an authority below the issuer */
  Question question;
} AnswerBench;

/* Everybody with keys of KIND ("P-256"), signing with ID. */
AnswerBench *answer_bench_new (const char *kind, const char *id);
void answer_bench_free (AnswerBench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (AnswerBench, answer_bench_free)

/* What is zero is plain: the issuer says now that the holder's certificate is good, until tomorrow. Times are in
 * seconds from now. */
typedef struct
{
  AnswerBenchSigner signer;
  gboolean by_key;   /* the signer is named by its key, not by its name */
  gboolean bare;     /* without the signer's certificate */
  gboolean for_ever; /* does not say until when it is good */
  int from, until;
  gboolean about_neighbour, other_issuer; /* about a certificate of the other authority with the same number */
  int status, reason;                     /* V_OCSP_CERTSTATUS_…; of a revoked one, OCSP_REVOKED_STATUS_… */
} ResponsePlan;

/* The DER. (transfer full) */
GByteArray *answer_bench_make_response (const AnswerBench *bench, const ResponsePlan *plan);

/* The same for a list; when it is plain, it is empty. */
typedef struct
{
  AnswerBenchSigner signer;
  gboolean for_ever;
  int from, until;
  gboolean revoked; /* the holder's certificate is in it */
  int reason;       /* -1: it says none */
  gboolean neighbour;
  const char *point; /* what the list is for, as openssl's configuration writes it in a section */
  gboolean delta;
  const char *more; /* an extension that nobody knows: "critical,DER:0500" */
} ListPlan;

GByteArray *answer_bench_make_list (const AnswerBench *bench, const ListPlan *plan);
