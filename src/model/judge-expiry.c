#include "judge-expiry.h"

#include <string.h>

#define DAY (24 * 60 * 60)

/* From so many days left on it is more than a hint, and urgent. */
#define WARNING_DAYS  30
#define CRITICAL_DAYS 7

/* So long after its end a certificate is not spoken of any more while its token is away. */
#define BURIED_DAYS 30

#define ID_DIGITS 16 /* of a fingerprint */

/* One certificate to be judged. */
typedef struct
{
  const Certificate *dates; /* of which only the dates count */
  const char *fingerprint, *label, *profile;
  const char *token;              /* its id, or NULL: it is not here */
  const Certificate *certificate; /* or NULL: it is not here */
} Subject;

/* ---- when to speak ---- */

static int
get_minute (gint64 time)
{
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_local (time);

  return local ? g_date_time_get_hour (local) * 60 + g_date_time_get_minute (local) : 0;
}

/* Seconds from NOW until reminders may come; 0: they may now. */
static gint64
get_quiet_time (const Rules *rules, gint64 now)
{
  int minute = get_minute (now), from = rules->quiet_from, to = rules->quiet_to;
  gboolean quiet = from < to ? minute >= from && minute < to : from > to && (minute >= from || minute < to);

  return quiet ? ((to - minute + 24 * 60) % (24 * 60)) * 60 - now % 60 : 0;
}

/* ---- one certificate ---- */

static FindingLevel
get_level (int step)
{
  return step > WARNING_DAYS ? FINDING_INFO : step > CRITICAL_DAYS ? FINDING_WARNING : FINDING_CRITICAL;
}

/* The last of the steps that has been reached. */
static int
get_step (const Rules *rules, gint64 days_left)
{
  int step = rules->steps[0];

  for (guint i = 0; i < rules->n_steps && rules->steps[i] >= days_left; i++)
    step = rules->steps[i];
  return step;
}

static void
describe (Finding *finding, const Subject *subject, gint64 days_left)
{
  finding->token = g_strdup (subject->token);
  finding->certificate = g_strdup (subject->fingerprint);
  finding->label = g_strdup (subject->label);
  finding->time = finding->kind == FINDING_NOT_YET_VALID ? subject->dates->not_before : subject->dates->not_after;
  finding->days_left = days_left;
  finding->absent = subject->token == NULL;
}

/* The page where it is renewed, by its issuer's profile. */
static const char *
find_renewal (const Rules *rules, const Subject *subject)
{
  const Issuer *issuer =
    rules->issuers && subject->certificate ? issuer_find (rules->issuers, subject->certificate) : NULL;

  for (guint i = 0; rules->issuers && !issuer && subject->profile && i < rules->issuers->len; i++)
    if (g_strcmp0 (issuer_get_key (rules->issuers->pdata[i]), subject->profile) == 0)
      issuer = rules->issuers->pdata[i];
  return issuer ? issuer->renew_url : NULL;
}

static void
judge_subject (Judgement *judgement, const Subject *subject)
{
  const Rules *rules = &judgement->rules;
  g_autofree char *fingerprint = g_strndup (subject->fingerprint, ID_DIGITS), *step = NULL;
  gint64 days_left = 0;
  Validity validity = judge_validity (subject->dates, judgement->now, rules, &days_left);
  Finding *finding = NULL;

  if (validity == VALIDITY_EXPIRING)
    {
      int days = get_step (rules, days_left);

      step = g_strdup_printf ("%d", days);
      finding = judgement_add_finding (judgement, FINDING_EXPIRING, ERROR_NONE, fingerprint, step);
      finding->level = get_level (days);
    }
  else if (validity == VALIDITY_EXPIRED && (subject->token || days_left >= -BURIED_DAYS))
    finding = judgement_add_finding (judgement, FINDING_EXPIRED, ERROR_NONE, fingerprint, NULL);
  else if (validity == VALIDITY_NOT_YET_VALID)
    finding = judgement_add_finding (judgement, FINDING_NOT_YET_VALID, ERROR_NONE, fingerprint, NULL);
  if (!finding)
    return;

  describe (finding, subject, days_left);
  finding->url = g_strdup (validity == VALIDITY_NOT_YET_VALID ? NULL : find_renewal (rules, subject));
  finding->reminder = TRUE;
}

/* ---- all of them ---- */

/* The certificate with FINGERPRINT on one of the tokens that have been read, and the id of that; or NULL. */
static const Certificate *
find_here (const World *world, const char *fingerprint, const char **token)
{
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      const Certificate *certificate =
        slot->state == SLOT_READY ? token_find_certificate (slot->token, fingerprint) : NULL;

      if (certificate)
        {
          *token = slot->token->id;
          return certificate;
        }
    }
  *token = NULL;
  return NULL;
}

static void
judge_remembered (Judgement *judgement, const World *world, const MemoryCertificate *seen)
{
  Certificate dates = { .not_before = CERTIFICATE_TIME_UNKNOWN + 1, .not_after = seen->not_after };
  Subject subject = { .fingerprint = seen->fingerprint, .label = seen->label, .profile = seen->profile };

  subject.certificate = find_here (world, seen->fingerprint, &subject.token);
  subject.dates = subject.certificate ? subject.certificate : &dates;
  if (!subject.certificate && !judgement->rules.remind_absent)
    return;
  judgement->next = MIN (judgement->next, judge_get_next_change (subject.dates, judgement->now, &judgement->rules));
  judge_subject (judgement, &subject);
}

void
judge_expiry (Judgement *judgement, const World *world, Memory *memory)
{
  const Rules *rules = &judgement->rules;
  g_autoptr (GPtrArray) nobody = g_ptr_array_new ();
  g_autoptr (Memory) seen = memory_see (memory, world, rules->issuers ? rules->issuers : nobody);

  /* What a clock says that is certainly wrong is no reason to alarm anybody. */
  if (judgement->now < rules->built)
    {
      judgement_add_finding (judgement, FINDING_CLOCK_SUSPECT, ERROR_NONE, "clock", NULL)->time = judgement->now;
      judgement->next = MIN (judgement->next, rules->built);
      return;
    }
  for (guint i = 0; i < seen->certificates->len; i++)
    judge_remembered (judgement, world, seen->certificates->pdata[i]);
}

void
judge_expiry_set_due (Judgement *judgement, const Memory *memory)
{
  gint64 quiet = get_quiet_time (&judgement->rules, judgement->now);

  for (guint i = 0; i < judgement->findings->len; i++)
    {
      Finding *finding = judgement->findings->pdata[i];

      finding->due = finding->reminder && quiet == 0 && !memory_has_shown (memory, finding->id, judgement->now);
    }
  judgement->next = MIN (judgement->next, memory_get_next (memory, judgement->now));
  if (quiet > 0)
    judgement->next = MIN (judgement->next, judgement->now + quiet);
}
