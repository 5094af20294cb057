/* What to think of a world: which certificates are valid and for how long, what is wrong, and when the answer would
 * change without anything happening. Pure: the same world, time and rules give the same judgement. */
#pragma once

#include "memory.h"

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
  FINDING_EXPIRED,
  FINDING_EXPIRING,
  FINDING_NOT_YET_VALID,
  FINDING_CLOCK_SUSPECT,
  FINDING_SWAPPED,
  FINDING_REMOVED_IN_USE,
  FINDING_MULTIPLE_TOKENS,
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
  char *reader;      /* PC/SC's bytes of the reader concerned, the name of the library; or NULL */
  char *place;       /* of the certificate concerned, or NULL */
  int tries;         /* that are left, of PIN kinds */
  char *certificate; /* SHA-256 of the certificate concerned, or NULL */
  char *label;       /* whose that is; of a token's second PIN the token's name for it */
  gboolean absent;   /* … and its token is not here */
  gint64 time;       /* its end, or its beginning where that is to come; when the token went; what the clock says */
  gint64 days_left;  /* until its end */
  char *url;         /* where it is renewed, or NULL */
  Token *other;      /* the token that was there before, or that went; or NULL */
  gboolean reminder; /* it is said unasked once, and only where it is `due`; anything else whenever it appears */
  gboolean due;
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
  gint64 built;               /* the clock cannot be earlier, in seconds since 1970 */
  const GPtrArray *issuers;   /* Issuer, borrowed; or NULL */
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

/* MEMORY may be NULL: nothing is remembered. */
Judgement *judge (const World *world, Memory *memory, gint64 now, const Rules *rules) G_GNUC_WARN_UNUSED_RESULT;
Judgement *judgement_ref (Judgement *judgement);
void judgement_unref (Judgement *judgement);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Judgement, judgement_unref)

/* Of one certificate. *DAYS_LEFT: whole days (of 24 hours, rounded down) until its end, negative after it; untouched
 * when the validity is unknown. */
Validity judge_validity (const Certificate *certificate, gint64 now, const Rules *rules, gint64 *days_left);

/* The first moment after NOW at which CERTIFICATE has another validity or another number of days left, or G_MAXINT64.
 */
gint64 judge_get_next_change (const Certificate *certificate, gint64 now, const Rules *rules);

/* For the parts of the judgement: a new finding with the id "kind:FINGERPRINT[:STEP]" and the level of its kind. */
Finding *judgement_add_finding (Judgement *judgement,
                                FindingKind kind,
                                ErrorCode failure,
                                const char *fingerprint,
                                const char *step);

const char *validity_to_string (Validity validity); /* NULL when unknown */
const char *finding_kind_to_string (FindingKind kind);
const char *finding_level_to_string (FindingLevel level);
