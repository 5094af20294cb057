#include "judge.h"

#include <string.h>

#include "judge-expiry.h"

#define DAY (24 * 60 * 60)

#define FEW_TRIES 2

static const struct
{
  const char *word;
  FindingLevel level;
} kinds[FINDING_N_KINDS] = {
  [FINDING_EXPIRED] = { "expired", FINDING_CRITICAL },
  [FINDING_EXPIRING] = { "expiring", FINDING_WARNING }, /* or another level, by the days that are left */
  [FINDING_NOT_YET_VALID] = { "not-yet-valid", FINDING_WARNING },
  [FINDING_CLOCK_SUSPECT] = { "clock-suspect", FINDING_WARNING },
  [FINDING_SWAPPED] = { "swapped", FINDING_WARNING },
  [FINDING_REMOVED_IN_USE] = { "removed-in-use", FINDING_WARNING },
  [FINDING_MULTIPLE_TOKENS] = { "multiple-tokens", FINDING_INFO },
  [FINDING_PIN_BLOCKED] = { "pin-blocked", FINDING_CRITICAL },
  [FINDING_PIN_LAST_TRY] = { "pin-last-try", FINDING_CRITICAL },
  [FINDING_PIN_LOW] = { "pin-low", FINDING_WARNING },
  [FINDING_UNLOCK_BLOCKED] = { "unlock-blocked", FINDING_WARNING },
  [FINDING_PIN_DEFAULT] = { "pin-default", FINDING_INFO },
  [FINDING_TOKEN_MUTE] = { "token-mute", FINDING_WARNING },
  [FINDING_TOKEN_UNKNOWN] = { "token-unknown", FINDING_WARNING },
  [FINDING_TOKEN_UNREADABLE] = { "token-unreadable", FINDING_WARNING },
  [FINDING_READER_BUSY] = { "reader-busy", FINDING_WARNING },
  /* A USB key brings its reader along: without a key there is none, and nothing is wrong. */
  [FINDING_NO_READER] = { "no-reader", FINDING_INFO },
  [FINDING_SERVICE_STOPPED] = { "service-stopped", FINDING_CRITICAL },
  [FINDING_SERVICE_DENIED] = { "service-denied", FINDING_CRITICAL },
  [FINDING_SERVICE_MISSING] = { "service-missing", FINDING_CRITICAL },
  [FINDING_SERVICE_HUNG] = { "service-hung", FINDING_CRITICAL },
  [FINDING_MODULE_FAILED] = { "module-failed", FINDING_CRITICAL },
};

/* What each failure is found as; the ones that are not here say nothing (the token is on its way out). */
static const struct
{
  ErrorCode failure;
  FindingKind kind;
} failures[] = {
  { ERROR_SERVICE_STOPPED, FINDING_SERVICE_STOPPED }, { ERROR_SERVICE_DENIED, FINDING_SERVICE_DENIED },
  { ERROR_SERVICE_MISSING, FINDING_SERVICE_MISSING }, { ERROR_SERVICE_HUNG, FINDING_SERVICE_HUNG },
  { ERROR_READER_BUSY, FINDING_READER_BUSY },         { ERROR_TOKEN_MUTE, FINDING_TOKEN_MUTE },
  { ERROR_TOKEN_UNKNOWN, FINDING_TOKEN_UNKNOWN },     { ERROR_TOKEN_UNREADABLE, FINDING_TOKEN_UNREADABLE },
  { ERROR_TOKEN_SILENT, FINDING_TOKEN_UNREADABLE },   { ERROR_TOKEN_RESET, FINDING_TOKEN_UNREADABLE },
  { ERROR_OBJECT_MISSING, FINDING_TOKEN_UNREADABLE }, { ERROR_WORKER_FAILED, FINDING_TOKEN_UNREADABLE },
  { ERROR_WORKER_MISSING, FINDING_MODULE_FAILED },
};

static void
finding_free (Finding *finding)
{
  g_free (finding->id);
  g_free (finding->token);
  g_free (finding->reader);
  g_free (finding->place);
  g_free (finding->certificate);
  g_free (finding->label);
  g_free (finding->url);
  g_clear_pointer (&finding->other, token_unref);
  g_free (finding);
}

/* What is hostile, or long, stands in ids as this. */
static char *
make_short_hash (const char *text)
{
  g_autofree char *digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, text, -1);

  return g_strndup (digest, 16);
}

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

Finding *
judgement_add_finding (Judgement *judgement,
                       FindingKind kind,
                       ErrorCode failure,
                       const char *fingerprint,
                       const char *step)
{
  Finding *finding = g_new0 (Finding, 1);

  finding->kind = kind;
  finding->level = kinds[kind].level;
  finding->failure = failure;
  finding->id = g_strjoin (":", kinds[kind].word, fingerprint, step, NULL);
  g_ptr_array_add (judgement->findings, finding);
  return finding;
}

static Finding *
add_failure (Judgement *judgement, ErrorCode failure, const char *fingerprint)
{
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].failure == failure)
      return judgement_add_finding (judgement, failures[i].kind, failure, fingerprint, NULL);
  return NULL;
}

Validity
judge_validity (const Certificate *certificate, gint64 now, const Rules *rules, gint64 *days_left)
{
  gint64 left;

  if (certificate->not_before == CERTIFICATE_TIME_UNKNOWN || certificate->not_after == CERTIFICATE_TIME_UNKNOWN
      || certificate->not_before > certificate->not_after)
    return VALIDITY_UNKNOWN;
  left = certificate->not_after - now;
  *days_left = left >= 0 ? left / DAY : -((-left + DAY - 1) / DAY);
  if (left < 0)
    return VALIDITY_EXPIRED;
  if (now < certificate->not_before)
    return VALIDITY_NOT_YET_VALID;
  return rules->n_steps > 0 && *days_left <= rules->steps[0] ? VALIDITY_EXPIRING : VALIDITY_VALID;
}

gint64
judge_get_next_change (const Certificate *certificate, gint64 now, const Rules *rules)
{
  gint64 days_left;
  Validity validity = judge_validity (certificate, now, rules, &days_left);
  gint64 left = validity == VALIDITY_UNKNOWN ? 0 : certificate->not_after - now; /* an unknown time is no number */

  switch (validity)
    {
    case VALIDITY_UNKNOWN:
    case VALIDITY_N:
      return G_MAXINT64;
    case VALIDITY_NOT_YET_VALID:
      return certificate->not_before;
    case VALIDITY_EXPIRED:
      return now + DAY - (-left - 1) % DAY;
    case VALIDITY_VALID:
    case VALIDITY_EXPIRING:
      return now + left % DAY + 1;
    }
  g_return_val_if_reached (G_MAXINT64);
}

/* ---- who came and who went ---- */

static void
judge_swap (Judgement *judgement, const Slot *slot)
{
  Finding *finding;

  if (!slot->before)
    return;
  finding = judgement_add_finding (judgement, FINDING_SWAPPED, ERROR_NONE, slot->token->id, NULL);
  finding->token = g_strdup (slot->token->id);
  finding->other = token_ref (slot->before);
}

static void
judge_lost (Judgement *judgement, const Departure *lost)
{
  Finding *finding;

  if (judgement->now - lost->time > WORLD_MISS_TIME)
    return;
  finding = judgement_add_finding (judgement, FINDING_REMOVED_IN_USE, ERROR_NONE, lost->token->id, NULL);
  finding->other = token_ref (lost->token);
  finding->time = lost->time;
  judgement->next = MIN (judgement->next, lost->time + WORLD_MISS_TIME + 1);
}

/* One set of tokens is one finding, in whatever order they came. */
static void
judge_number (Judgement *judgement, const World *world)
{
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autofree char *all = NULL, *fingerprint = NULL;

  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      if (slot->state == SLOT_READY)
        g_ptr_array_add (ids, slot->token->id);
    }
  if (ids->len < 2)
    return;
  g_ptr_array_sort (ids, compare_texts);
  g_ptr_array_add (ids, NULL);
  all = g_strjoinv ("\n", (GStrv) ids->pdata);
  fingerprint = make_short_hash (all);
  judgement_add_finding (judgement, FINDING_MULTIPLE_TOKENS, ERROR_NONE, fingerprint, NULL);
}

/* Of a PIN that is not the token's first its own label tells which it is. */
static Finding *
add_pin_finding (Judgement *judgement, FindingKind kind, const Token *token, const Pin *pin)
{
  Finding *finding = judgement_add_finding (judgement, kind, ERROR_NONE, token->id, pin->ref);

  finding->token = g_strdup (token->id);
  finding->tries = pin->tries_left;
  if (pin != token->pins->pdata[0])
    finding->label = g_strdup (pin->label);
  return finding;
}

/* Of a PIN that has all its tries nothing is said, however few they are; nor of an administrator's: the person before
 * it does not use it, and would take the sentence for one about the own PIN. */
static void
judge_pin (Judgement *judgement, const Token *token, const Pin *pin)
{
  if (pin_is_administrators (pin))
    return;
  if (pin->blocked || pin->tries_left == 0)
    add_pin_finding (judgement, FINDING_PIN_BLOCKED, token, pin);
  else if (pin->tries_left == 1)
    add_pin_finding (judgement, FINDING_PIN_LAST_TRY, token, pin);
  else if (pin->few
           || (pin->tries_left != PIN_UNKNOWN && pin->tries_left <= FEW_TRIES && pin->tries_left != pin->tries_max))
    add_pin_finding (judgement, FINDING_PIN_LOW, token, pin);
  if (pin->unlock == PIN_UNLOCK_PUK && pin->unlock_tries_left == 0)
    add_pin_finding (judgement, FINDING_UNLOCK_BLOCKED, token, pin);
  if (pin->is_default == TRUE && !pin->blocked)
    add_pin_finding (judgement, FINDING_PIN_DEFAULT, token, pin)->reminder = TRUE;
}

static void
judge_token (Judgement *judgement, const Slot *slot)
{
  for (guint i = 0; i < slot->token->certificates->len; i++)
    judgement->next = MIN (judgement->next, judge_get_next_change (slot->token->certificates->pdata[i], judgement->now,
                                                                   &judgement->rules));

  if (slot->state != SLOT_READY)
    return;
  judge_swap (judgement, slot);
  for (guint i = 0; i < slot->token->pins->len; i++)
    judge_pin (judgement, slot->token, slot->token->pins->pdata[i]);
  for (guint i = 0; slot->token->unreadable && slot->token->unreadable[i]; i++)
    {
      Finding *finding = judgement_add_finding (judgement, FINDING_TOKEN_UNREADABLE, ERROR_NONE, slot->token->id,
                                                slot->token->unreadable[i]);

      finding->token = g_strdup (slot->token->id);
      finding->place = g_strdup (slot->token->unreadable[i]);
    }
}

static void
judge_slot (Judgement *judgement, const World *world, const Slot *slot)
{
  gboolean known_elsewhere = slot->failure == ERROR_TOKEN_UNKNOWN && world_is_shown_by_module (world, slot);

  if (slot->token)
    judge_token (judgement, slot);
  if (slot->state == SLOT_FAILED && !known_elsewhere)
    {
      g_autofree char *fingerprint = make_short_hash (slot->reader);
      Finding *finding = add_failure (judgement, slot->failure, fingerprint);

      if (finding)
        finding->reader = g_strdup (slot->reader);
    }
}

/* A library that does not work hides its tokens from nobody but itself: no alarm as for the service. */
static void
judge_module (Judgement *judgement, const WorldModule *module)
{
  Finding *finding;

  if (module->failure == ERROR_NONE)
    return;
  finding = judgement_add_finding (judgement, FINDING_MODULE_FAILED, module->failure, module->id, NULL);
  finding->level = module->registered ? FINDING_INFO : FINDING_WARNING;
  finding->reader = g_strdup (module->name);
}

/* Without the service there may still be tokens that need none. */
static void
judge_service (Judgement *judgement, const World *world)
{
  Finding *finding = NULL;

  if (world->service != ERROR_NONE)
    finding = add_failure (judgement, world->service, "service");
  else if (world->slots->len == 0)
    judgement_add_finding (judgement, FINDING_NO_READER, ERROR_NONE, "service", NULL);
  if (finding && world->slots->len > 0)
    finding->level = FINDING_INFO;
}

static int
compare_findings (gconstpointer a, gconstpointer b)
{
  const Finding *x = *(const Finding *const *) a, *y = *(const Finding *const *) b;

  return x->level != y->level ? (int) y->level - (int) x->level : strcmp (x->id, y->id);
}

Judgement *
judge (const World *world, Memory *memory, gint64 now, const Rules *rules)
{
  g_autoptr (Memory) nothing = memory_new ();
  Judgement *judgement = g_new0 (Judgement, 1);

  g_ref_count_init (&judgement->refs);
  judgement->now = now;
  judgement->rules = *rules;
  judgement->next = G_MAXINT64;
  judgement->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) finding_free);
  if (!world->known)
    return judgement;

  judge_service (judgement, world);
  for (guint i = 0; i < world->modules->len; i++)
    judge_module (judgement, world->modules->pdata[i]);
  for (guint i = 0; i < world->slots->len; i++)
    judge_slot (judgement, world, world->slots->pdata[i]);
  for (guint i = 0; i < world->lost->len; i++)
    judge_lost (judgement, world->lost->pdata[i]);
  if (rules->want_one_token)
    judge_number (judgement, world);
  judge_expiry (judgement, world, memory ? memory : nothing);
  judge_expiry_set_due (judgement, memory ? memory : nothing);
  g_ptr_array_sort (judgement->findings, compare_findings);
  return judgement;
}

Judgement *
judgement_ref (Judgement *judgement)
{
  g_ref_count_inc (&judgement->refs);
  return judgement;
}

void
judgement_unref (Judgement *judgement)
{
  if (!g_ref_count_dec (&judgement->refs))
    return;
  g_ptr_array_unref (judgement->findings);
  g_free (judgement);
}

const char *
validity_to_string (Validity validity)
{
  static const char *const words[VALIDITY_N] = { NULL, "valid", "expiring", "expired", "not-yet-valid" };

  return words[validity];
}

const char *
finding_kind_to_string (FindingKind kind)
{
  return kinds[kind].word;
}

const char *
finding_level_to_string (FindingLevel level)
{
  static const char *const words[FINDING_N_LEVELS] = { "info", "warning", "critical" };

  return words[level];
}
