#include "diagnosis-certificate.h"

#include <glib/gi18n-lib.h>

#include "diagnosis-slots.h"
#include "phrases.h"
#include "text.h"

#define NAME_MAX_CHARS 60

/* ---- what has been read ---- */

/* The first slot whose reading failed for a reason that no other row has, or NULL. */
static const Slot *
find_unreadable (const View *view)
{
  static const ErrorCode others[] = { ERROR_TOKEN_MUTE, ERROR_TOKEN_UNKNOWN, ERROR_READER_BUSY, ERROR_SERVICE_HUNG };

  for (guint i = 0; i < view->world->slots->len; i++)
    {
      const Slot *slot = diagnosis_slots_get (view, i);
      gboolean elsewhere = slot->state != SLOT_FAILED || error_is_absence (slot->failure);

      for (gsize j = 0; j < G_N_ELEMENTS (others); j++)
        elsewhere |= slot->failure == others[j];
      if (!elsewhere)
        return slot;
    }
  return NULL;
}

/* Says of TOKEN what is wrong with its certificates; FALSE when nothing is. */
static gboolean
tell_of_certificates (DiagnosisRow *row, const View *view, const TokenView *token)
{
  guint n_unreadable = token->token->unreadable ? g_strv_length (token->token->unreadable) : 0;
  g_autofree char *some = g_strdup_printf (ngettext ("%u certificate on the token cannot be read.",
                                                     "%u certificates on the token cannot be read.", n_unreadable),
                                           n_unreadable);

  if (n_unreadable == 0 && token->certificates->len > 0)
    return FALSE;
  diagnosis_say (row, token->certificates->len > 0 ? DIAGNOSIS_WARNING : DIAGNOSIS_PROBLEM,
                 diagnosis_slots_name_token (view, token,
                                             n_unreadable > 0 ? some : _ ("The token holds no certificate.")));
  return TRUE;
}

static void
fill_certificate (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const Slot *unreadable = find_unreadable (view);
  guint n = 0;

  if (unreadable)
    {
      diagnosis_slots_say_failure (row, unreadable);
      return;
    }
  if (diagnosis_slots_leave_unread (row, view, _ ("Which certificates there are is not known.")))
    return;
  for (guint i = 0; i < view->tokens->len; i++)
    if (diagnosis_slots_get_token (view, i)->complete
        && tell_of_certificates (row, view, diagnosis_slots_get_token (view, i)))
      return;
    else
      n += diagnosis_slots_get_token (view, i)->certificates->len;
  diagnosis_say (row, DIAGNOSIS_OK,
                 g_strdup_printf (ngettext ("%u certificate has been read.", "%u certificates have been read.", n), n));
}

/* The first token with a certificate, and of these rather one whose certificate names nobody; NULL: there is none. */
static const TokenView *
find_holder (const View *view, gboolean *named)
{
  const TokenView *found = NULL;

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = diagnosis_slots_get_token (view, i);
      const Certificate *primary = token_get_primary (token->token);

      if (!primary || (found && (primary->holder || primary->organization)))
        continue;
      found = token;
      *named = primary->holder || primary->organization;
      if (!*named)
        break;
    }
  return found;
}

/* Portals look for the taxpayer number as much as for the name: one that cannot be right is found by none. */
static void
tell_of_holder (DiagnosisRow *row, const TokenView *token, const char *name)
{
  const Identity *identity = view_find_taxpayer_number (token->token);
  g_autofree char *sentence = g_strdup_printf (_ ("The certificate names %s."), name);
  g_autofree char *masked = identity ? identity_mask (identity) : NULL;
  g_autofree char *number = identity ? phrase_for_number (masked, identity->check) : NULL;
  g_autofree char *second = identity ? g_strdup_printf (_ ("Its taxpayer number is %s."), number) : NULL;
  gboolean wrong = identity && identity->check == IDENTITY_CHECK_MISMATCH;

  /* Translators: two sentences */
  diagnosis_say (row, wrong ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
                 second ? g_strdup_printf (_ ("%s %s"), sentence, second) : g_steal_pointer (&sentence));
}

static void
fill_holder (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const char *what = _ ("Whom the certificate names is not known.");
  gboolean named = FALSE;
  const TokenView *token = find_holder (view, &named);
  const Issuer *issuer = token ? diagnosis_slots_find_issuer (view, token) : NULL;
  g_autofree char *name = token ? text_shorten (token->headline, NAME_MAX_CHARS) : NULL;

  if (!token && !diagnosis_slots_leave_unread (row, view, what))
    diagnosis_leave_open (row, what, _ ("The token holds no certificate."));
  if (!token)
    return;
  if (named)
    tell_of_holder (row, token, name);
  else
    diagnosis_say (row, DIAGNOSIS_WARNING,
                   diagnosis_slots_name_token (
                     view, token, _ ("The certificate names nobody. Services that look for a name refuse it.")));
  if (issuer && issuer->check_url)
    diagnosis_offer (row, DIAGNOSIS_REMEDY_PAGE, _ ("_Test page"), issuer->check_url);
}

/* ---- in time ---- */

static const struct
{
  int rank;
  DiagnosisState state;
} validities[VALIDITY_N] = {
  [VALIDITY_UNKNOWN] = { 1, DIAGNOSIS_UNKNOWN },       [VALIDITY_VALID] = { 0, DIAGNOSIS_OK },
  [VALIDITY_EXPIRING] = { 2, DIAGNOSIS_WARNING },      [VALIDITY_EXPIRED] = { 4, DIAGNOSIS_PROBLEM },
  [VALIDITY_NOT_YET_VALID] = { 3, DIAGNOSIS_PROBLEM },
};

/* The token whose primary certificate is worst off, or NULL. */
static const TokenView *
find_oldest (const View *view, Validity *validity)
{
  const TokenView *worst = NULL;

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = diagnosis_slots_get_token (view, i);
      const CertificateView *primary = token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;

      if (!primary || (worst && validities[primary->validity].rank <= validities[*validity].rank))
        continue;
      worst = token;
      *validity = primary->validity;
    }
  return worst;
}

static void
fill_validity (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const char *what = _ ("Whether the certificate is valid today is not known.");
  Validity validity = VALIDITY_UNKNOWN;
  const TokenView *token = find_oldest (view, &validity);
  const Issuer *issuer = token ? diagnosis_slots_find_issuer (view, token) : NULL;
  g_autofree char *sentence = token ? g_strdup_printf (_ ("%s."), token->lifetime) : NULL;

  if (!token && !diagnosis_slots_leave_unread (row, view, what))
    diagnosis_leave_open (row, what, _ ("The token holds no certificate."));
  if (!token)
    return;
  if (view->judgement->now < view->judgement->rules.built)
    {
      diagnosis_leave_open (row, what, _ ("The clock is wrong."));
      return;
    }
  diagnosis_say (row, validities[validity].state, diagnosis_slots_name_token (view, token, sentence));
  if (issuer && issuer->renew_url && (validity == VALIDITY_EXPIRED || validity == VALIDITY_EXPIRING))
    diagnosis_offer (row, DIAGNOSIS_REMEDY_PAGE, _ ("_Renew…"), issuer->renew_url);
}

/* ---- who vouches for it ---- */

/* The token whose primary certificate is worst off, or NULL; an issuer's own word weighs most. */
static const TokenView *
find_least_trusted (const View *view)
{
  static const int ranks[CERTIFICATE_N_CHAINS] = {
    [CERTIFICATE_CHAIN_TRUSTED] = 0,
    [CERTIFICATE_CHAIN_NO_ROOT] = 1,
    [CERTIFICATE_CHAIN_UNKNOWN] = 2,
    [CERTIFICATE_CHAIN_BROKEN] = 3,
  };
  const TokenView *worst = NULL;
  int worst_rank = -1;

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = diagnosis_slots_get_token (view, i);
      const CertificateView *primary = token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;
      int rank = !primary ? -1 : primary->revoked ? CERTIFICATE_N_CHAINS : ranks[primary->certificate->chain];

      if (rank > worst_rank)
        {
          worst = token;
          worst_rank = rank;
        }
    }
  return worst;
}

static void
tell_of_chain (DiagnosisRow *row, const View *view, const TokenView *token)
{
  const char *what = _ ("Whether the certificate is genuine is not known.");
  const CertificateView *primary = token->certificates->pdata[0];
  g_autofree char *sentence = NULL;

  if (primary->revoked)
    sentence = g_strdup (_ ("The issuer has revoked the certificate. Ask it for another one."));
  else if (primary->certificate->chain == CERTIFICATE_CHAIN_BROKEN)
    sentence =
      g_strdup_printf (_ ("The certificate is not genuine, or damaged: %s does not fit into its chain."),
                       primary->certificate->chain_culprit ? primary->certificate->chain_culprit : primary->holder);
  if (sentence)
    diagnosis_say (row, DIAGNOSIS_PROBLEM, diagnosis_slots_name_token (view, token, sentence));
  else if (primary->certificate->chain == CERTIFICATE_CHAIN_TRUSTED)
    diagnosis_say (row, DIAGNOSIS_OK,
                   diagnosis_slots_name_token (view, token, _ ("This computer trusts the issuer of the certificate.")));
  else if (primary->certificate->chain == CERTIFICATE_CHAIN_NO_ROOT)
    /* No alarm: the system knows few authorities, and portals do not ask it. */
    diagnosis_leave_open (
      row, what,
      _ ("No root certificate of its issuer is configured here. Services check the certificate themselves."));
  else
    diagnosis_leave_open (row, what,
                          token->complete ? _ ("Its signature is of a kind that cannot be computed here.")
                                          : _ ("The token is still being read."));
}

static void
fill_chain (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const char *what = _ ("Whether the certificate is genuine is not known.");
  const TokenView *token = find_least_trusted (view);

  if (token)
    tell_of_chain (row, view, token);
  else if (!diagnosis_slots_leave_unread (row, view, what))
    diagnosis_leave_open (row, what, _ ("The token holds no certificate."));
}

/* ---- the PIN ---- */

/* What is found of PINs, the worst first. */
static const struct
{
  FindingKind kind;
  DiagnosisState state;
  const char *label, *action; /* or NULL */
} pin_findings[] = {
  { FINDING_PIN_BLOCKED, DIAGNOSIS_PROBLEM, N_ ("_Unlock…"), "unlock-of" },
  { FINDING_UNLOCK_BLOCKED, DIAGNOSIS_WARNING, NULL, NULL },
  { FINDING_PIN_LAST_TRY, DIAGNOSIS_WARNING, NULL, NULL },
  { FINDING_PIN_LOW, DIAGNOSIS_WARNING, NULL, NULL },
  { FINDING_PIN_DEFAULT, DIAGNOSIS_OK, N_ ("Change _PIN…"), "change-pin-of" },
};

/* No finding: the tries that are left, of the first token whose PIN does not tell them or else of the first. */
static void
tell_of_tries (DiagnosisRow *row, const View *view)
{
  const TokenView *token = NULL;
  const Pin *pin = NULL;
  g_autofree char *sentence = NULL;

  for (guint i = 0; i < view->tokens->len && !(pin && pin->tries_left == PIN_UNKNOWN); i++)
    {
      const GPtrArray *pins = diagnosis_slots_get_token (view, i)->token->pins;
      const Pin *other = pins->len > 0 ? pins->pdata[0] : NULL;

      if (!other || (pin && other->tries_left != PIN_UNKNOWN))
        continue;
      token = diagnosis_slots_get_token (view, i);
      pin = other;
    }
  if (!pin)
    diagnosis_say (row, DIAGNOSIS_UNKNOWN, g_strdup (_ ("The token has no PIN that is known.")));
  else if (pin->tries_left == PIN_UNKNOWN)
    diagnosis_say (row, DIAGNOSIS_UNKNOWN,
                   diagnosis_slots_name_token (view, token,
                                               _ ("The token does not tell how many tries of the PIN are left.")));
  else
    {
      sentence = g_strdup_printf (_ ("%s."), token->pin_status);
      diagnosis_say (row, DIAGNOSIS_OK, diagnosis_slots_name_token (view, token, sentence));
    }
}

static void
fill_pin (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  if (diagnosis_slots_leave_unread (row, view, _ ("How many tries of the PIN are left is not known.")))
    return;
  for (gsize i = 0; i < G_N_ELEMENTS (pin_findings); i++)
    {
      const FindingView *finding = diagnosis_slots_find_finding (view, pin_findings[i].kind);

      if (!finding)
        continue;
      diagnosis_say (row, pin_findings[i].state, g_strdup (finding->text));
      if (pin_findings[i].action)
        {
          g_autofree char *action = g_strconcat (pin_findings[i].action, "::", finding->finding->token, NULL);

          diagnosis_offer (row, DIAGNOSIS_REMEDY_ACTION, _ (pin_findings[i].label), action);
        }
      return;
    }
  tell_of_tries (row, view);
}

void
diagnosis_certificate_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view)
{
  static const DiagnosisLayer layers[] = {
    { "certificate", N_ ("Certificate"), fill_certificate },
    { "holder", N_ ("Holder"), fill_holder },
    { "validity", N_ ("Validity"), fill_validity },
    { "chain", N_ ("Chain"), fill_chain },
    { "pin", N_ ("PIN"), fill_pin },
  };

  diagnosis_add_rows (diagnosis, layers, G_N_ELEMENTS (layers), facts, view);
}
