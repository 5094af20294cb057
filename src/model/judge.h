/* What to think of a world: which certificates are valid and for how long, what is wrong, and when the answer would
 * change without anything happening. Pure: the same world, time and rules give the same judgement. */
#pragma once

#include "world.h"

typedef enum
{
  VALIDITY_UNKNOWN, /* the certificate's dates are none */
  VALIDITY_VALID,
  VALIDITY_EXPIRING,
  VALIDITY_EXPIRED,
  VALIDITY_NOT_YET_VALID,
  VALIDITY_N
} Validity;

typedef enum
{
  FINDING_INFO,
  FINDING_WARNING,
  FINDING_CRITICAL,
  FINDING_N_LEVELS
} FindingLevel;

typedef enum
{
  FINDING_PIN_BLOCKED,
  FINDING_PIN_LAST_TRY,
  FINDING_PIN_LOW,
  FINDING_UNLOCK_BLOCKED, /* nothing is left to unlock the PIN with */
  FINDING_PIN_DEFAULT,
  FINDING_TOKEN_MUTE,
  FINDING_TOKEN_UNKNOWN,
  FINDING_TOKEN_UNREADABLE,
  FINDING_READER_BUSY,
  FINDING_NO_READER,
  FINDING_SERVICE_STOPPED,
  FINDING_SERVICE_DENIED,
  FINDING_SERVICE_MISSING,
  FINDING_SERVICE_HUNG,
  FINDING_MODULE_FAILED,
  FINDING_N_KINDS
} FindingKind;

typedef struct
{
  char *id; /* stable: "kind:fingerprint[:step]" */
  FindingKind kind;
  FindingLevel level;
  char *token;       /* id of the token concerned, or NULL */
  char *reader;      /* PC/SC's bytes of the reader concerned, or NULL */
  char *place;       /* of the certificate concerned, or NULL */
  int tries;         /* that are left, of PIN kinds */
  ErrorCode failure; /* whose sentence says it, or ERROR_NONE */
} Finding;

#define RULES_MAX_STEPS 16

/* What a person may choose. */
typedef struct
{
  int steps[RULES_MAX_STEPS]; /* days left at which a certificate is reminded of, falling; from the first one on it is
                                 expiring */
  guint n_steps;              /* 0: of nothing before its end */
  int quiet_from, quiet_to;   /* minutes of the local day between which no reminder comes; both the same: none */
  gboolean remind_absent;     /* also of certificates whose token is not inserted */
  gboolean want_one_token;    /* more than one token is worth saying */
} Rules;

/* The renewal of a one-year certificate opens 90 days before its end. */
#define RULES_DEFAULT                                                                                                  \
  ((Rules){ .steps = { 90, 60, 30, 14, 7, 3, 1, 0 }, .n_steps = 8, .remind_absent = TRUE, .want_one_token = TRUE })

typedef struct
{
  grefcount refs;
  gint64 now; /* seconds since 1970 UTC */
  Rules rules;
  GPtrArray *findings; /* Finding, the worst first */
  gint64 next;         /* the first moment after `now` with another answer; G_MAXINT64: never */
} Judgement;

Judgement *judge (const World *world, gint64 now, const Rules *rules) G_GNUC_WARN_UNUSED_RESULT;
Judgement *judgement_ref (Judgement *judgement);
void judgement_unref (Judgement *judgement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Judgement, judgement_unref)

/* Of one certificate. *DAYS_LEFT: whole days (of 24 hours, rounded down) until its end, negative after it; untouched
 * when the validity is unknown. */
Validity judge_validity (const Certificate *certificate, gint64 now, const Rules *rules, gint64 *days_left);

const char *validity_to_string (Validity validity); /* NULL when unknown */
const char *finding_kind_to_string (FindingKind kind);
const char *finding_level_to_string (FindingLevel level);
