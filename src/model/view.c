#include "view.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "phrases.h"
#include "text.h"
#include "view-finding.h"

#define SERIAL_TAIL 4

static void
fact_free (Fact *fact)
{
  g_free (fact->name);
  g_free (fact->value);
  g_free (fact->copied);
  g_free (fact);
}

/* Takes VALUE; NULL is said as unknown. */
static void
add_fact (GPtrArray *facts, const char *name, char *value)
{
  Fact *fact = g_new0 (Fact, 1);

  fact->name = g_strdup (name);
  fact->copied = g_strdup (value);
  fact->value = value ? value : g_strdup (_ ("Unknown"));
  g_ptr_array_add (facts, fact);
}

/* Joins the phrases before the NULL, those that are not NULL or empty, with a middle dot. */
static char *
join_phrases (const char *const *phrases, gsize n)
{
  g_autoptr (GPtrArray) present = g_ptr_array_new ();

  for (gsize i = 0; i < n; i++)
    if (phrases[i] && *phrases[i])
      g_ptr_array_add (present, (gpointer) phrases[i]);
  g_ptr_array_add (present, NULL);
  return g_strjoinv (" · ", (GStrv) present->pdata);
}

#define JOIN(...)                                                                                                      \
  join_phrases ((const char *const[]){ __VA_ARGS__ }, G_N_ELEMENTS (((const char *const[]){ __VA_ARGS__ })))

/* ---- certificates ---- */

static void
certificate_view_free (CertificateView *view)
{
  certificate_unref (view->certificate);
  g_free (view->title);
  g_free (view->summary);
  g_free (view->holder);
  g_free (view->organization);
  g_free (view->issued_by);
  g_free (view->status);
  g_free (view->valid_from);
  g_free (view->valid_until);
  g_ptr_array_unref (view->facts);
  g_free (view);
}

static double
get_elapsed (const Certificate *certificate, gint64 now)
{
  double whole = (double) certificate->not_after - (double) certificate->not_before;

  return CLAMP (whole > 0 ? ((double) now - (double) certificate->not_before) / whole : 1, 0, 1);
}

/* AB:CD:EF, as every other program prints a fingerprint. */
static char *
format_fingerprint (const char *digits)
{
  g_autofree char *upper = g_ascii_strup (digits, -1);
  g_autofree char *grouped = phrase_in_groups (upper, 2);

  return g_strdelimit (g_steal_pointer (&grouped), " ", ':');
}

static char *
join_names (const GStrv names)
{
  return names && names[0] ? g_strjoinv (_ (", "), names) : NULL;
}

/* IDENTITY as a row called NAME; in full only where all the details are. A number that does not fit is no less the
 * number: what is copied is that alone. */
static void
add_identity (GPtrArray *facts, const char *name, const Identity *identity, gboolean in_full)
{
  gboolean personal = identity_is_personal (identity);
  char *number = in_full ? g_strdup (identity->value) : identity_mask (identity);
  Fact *fact = g_new0 (Fact, 1);

  fact->name = g_strdup (name);
  fact->value = phrase_for_number (number, identity->check);
  fact->copied = in_full || !personal ? g_strdup (number) : NULL;
  fact->personal = personal;
  g_free (number);
  g_ptr_array_add (facts, fact);
}

static void
add_facts (CertificateView *view, const Revocation *answer)
{
  const Certificate *certificate = view->certificate;
  GPtrArray *facts = view->facts;

  add_fact (facts, _ ("Holder"), g_strdup (certificate->holder));
  add_fact (facts, _ ("Organization"), g_strdup (certificate->organization));
  for (guint i = 0; i < certificate->identities->len; i++)
    {
      const Identity *identity = certificate->identities->pdata[i];

      add_identity (facts, phrase_for_identity (identity), identity, TRUE);
    }
  add_fact (facts, _ ("Subject"), g_strdup (certificate->subject));
  add_fact (facts, _ ("Issuer"), g_strdup (certificate->issuer));
  add_fact (facts, _ ("Serial number"), phrase_in_groups (certificate->serial, 4));
  add_fact (facts, _ ("Valid from"), phrase_for_moment (certificate->not_before));
  add_fact (facts, _ ("Valid until"), phrase_for_moment (certificate->not_after));
  add_fact (facts, _ ("Key"), g_strdup (certificate->key));
  add_fact (facts, _ ("Signature algorithm"), g_strdup (certificate->signature_algorithm));
  add_fact (facts, _ ("Chain"), phrase_for_chain (certificate));
  view->revocation = facts->len;
  add_fact (facts, _ ("Revocation"), phrase_for_revocation (certificate, answer));
  add_fact (facts, _ ("Usages"), phrase_for_usages (certificate->usages));
  add_fact (facts, _ ("Alternative names"), join_names (certificate->alternative_names));
  add_fact (facts, _ ("SHA-256 fingerprint"), format_fingerprint (certificate->sha256));
  add_fact (facts, _ ("SHA-1 fingerprint"), format_fingerprint (certificate->sha1));
  add_fact (facts, _ ("Role"), g_strdup (phrase_for_role (certificate->role)));
  add_fact (facts, _ ("Slot"), g_ascii_strup (certificate->id, -1));
}

static const char *
name_holder (const Certificate *certificate)
{
  return certificate->holder         ? certificate->holder
         : certificate->organization ? certificate->organization
                                     : _ ("Unnamed holder");
}

static CertificateView *
build_certificate (Certificate *certificate, gboolean primary, const World *world, const Judgement *judgement)
{
  CertificateView *view = g_new0 (CertificateView, 1);
  const Revocation *answer = world_find_answer (world, certificate->sha256);

  view->certificate = certificate_ref (certificate);
  view->primary = primary;
  view->validity = judge_validity (certificate, judgement->now, &judgement->rules, &view->days_left);
  view->elapsed = view->validity == VALIDITY_UNKNOWN ? -1 : get_elapsed (certificate, judgement->now);
  view->valid_from = phrase_for_date (certificate->not_before);
  view->valid_until = phrase_for_date (certificate->not_after);
  view->title = g_strdup (phrase_for_role (certificate->role));
  view->summary = JOIN (certificate->key, view->valid_until);
  view->holder = g_strdup (name_holder (certificate));
  if (g_strcmp0 (certificate->organization, view->holder) != 0)
    view->organization = g_strdup (certificate->organization);
  if (certificate->issuer_name)
    view->issued_by = g_strdup_printf (_ ("Issued by %s"), certificate->issuer_name);
  view->revoked = answer && answer->state == REVOCATION_REVOKED;
  view->askable = certificate->revocation_hosts && certificate->revocation_hosts[0]
                  && !(answer && answer->state == REVOCATION_ASKING);
  view->status = view->revoked ? phrase_for_revoked (answer) : phrase_for_status (view->validity, view->days_left);
  view->facts = g_ptr_array_new_with_free_func ((GDestroyNotify) fact_free);
  add_facts (view, answer);
  return view;
}

/* ---- tokens ---- */

static void
pin_row_free (PinRow *row)
{
  g_free (row->name);
  g_free (row->status);
  g_free (row->target);
  g_free (row);
}

static void
token_view_free (TokenView *view)
{
  token_unref (view->token);
  g_free (view->reader);
  g_free (view->name);
  g_free (view->headline);
  g_free (view->lifetime);
  g_free (view->menu_line);
  g_ptr_array_unref (view->pins);
  g_free (view->reading);
  g_ptr_array_unref (view->facts);
  g_ptr_array_unref (view->certificates);
  g_free (view);
}

/* Whom to call about the certificate. */
static void
add_support (TokenView *view, const Rules *rules)
{
  const Issuer *issuer = rules->issuers ? issuer_find (rules->issuers, token_get_primary (view->token)) : NULL;

  if (!issuer || !(issuer->hotline || issuer->check_url))
    return;
  view->support = view->facts->len;
  view->help_page = issuer->check_url;
  add_fact (view->facts, _ ("Support"), JOIN (issuer->name, issuer->hotline));
}

const Identity *
view_find_taxpayer_number (const Token *token)
{
  const Certificate *primary = token_get_primary (token);
  const Identity *number = NULL;

  for (guint i = 0; i < token->certificates->len && !number; i++)
    {
      const Certificate *certificate = token->certificates->pdata[i];

      if (g_strcmp0 (certificate->holder, primary->holder) == 0
          && g_strcmp0 (certificate->organization, primary->organization) == 0)
        number = identity_find_taxpayer_number (certificate->identities);
    }
  return number;
}

static void
add_token_facts (TokenView *view)
{
  const Token *token = view->token;
  const Identity *number = view_find_taxpayer_number (token);

  if (number)
    add_identity (view->facts, _ ("Taxpayer number"), number, FALSE);
  if (token->serial)
    add_fact (view->facts, _ ("Token serial number"), g_strdup (token->serial));
  add_fact (view->facts, _ ("Token"), JOIN (token->label, phrase_for_family (token->family), view->reader));
  g_clear_pointer (&((Fact *) view->facts->pdata[view->facts->len - 1])->copied, g_free);
}

static void
add_pins (TokenView *view)
{
  const Token *token = view->token;

  for (guint i = 0; i < token->pins->len; i++)
    {
      const Pin *pin = token->pins->pdata[i];
      PinRow *row = g_new0 (PinRow, 1);

      row->name = phrase_for_pin (pin);
      row->status = phrase_for_tries (pin);
      row->action = !view->complete ? NULL : pin->blocked ? "unlock" : "change-pin";
      row->target = g_strjoin (i > 0 ? PIN_ROW_SEPARATOR : NULL, token->id, i > 0 ? pin->ref : NULL, NULL);
      g_ptr_array_add (view->pins, row);
    }
  if (view->pins->len > 0)
    {
      view->pin_status = ((PinRow *) view->pins->pdata[0])->status;
      view->pin_action = ((PinRow *) view->pins->pdata[0])->action;
    }
}

char *
view_name_token (const Token *token)
{
  const Certificate *primary = token_get_primary (token);
  g_autofree char *tail = token->serial ? text_get_tail (token->serial, SERIAL_TAIL) : NULL;
  const char *nobody = token->complete ? _ ("Token without a certificate") : _ ("Reading the token…");

  return JOIN (primary ? name_holder (primary) : nobody, tail);
}

/* The sentences about a token of which at least one certificate is known, or all that can be said without one. */
static void
add_token_sentences (TokenView *view)
{
  const Token *token = view->token;
  const CertificateView *primary = view->certificates->len > 0 ? view->certificates->pdata[0] : NULL;
  const Pin *pin = token->pins->len > 0 ? token->pins->pdata[0] : NULL;
  g_autofree char *tail = token->serial ? text_get_tail (token->serial, SERIAL_TAIL) : NULL;
  g_autofree char *tries = pin ? phrase_for_pin_tries (pin) : NULL;
  g_autofree char *days = primary ? phrase_for_days (primary->validity, primary->days_left) : NULL;
  const char *nobody = token->complete ? _ ("Token without a certificate") : _ ("Reading the token…");

  view->name = view_name_token (token);
  view->headline = primary ? JOIN (primary->holder, primary->organization) : g_strdup (nobody);
  view->menu_line = JOIN (primary ? primary->holder : nobody, tail, days, tries);
  view->lifetime = primary ? phrase_for_lifetime (primary->certificate, primary->validity, primary->days_left)
                           : g_strdup (_ ("It holds no certificate that can be read."));
}

static TokenView *
build_token (const Slot *slot, const World *world, const Judgement *judgement)
{
  TokenView *view = g_new0 (TokenView, 1);
  const Token *token = slot->token;

  view->token = token_ref (slot->token);
  view->generation = slot->generation;
  view->reader = text_clean (slot->reader, -1);
  view->complete = slot->state == SLOT_READY;
  view->facts = g_ptr_array_new_with_free_func ((GDestroyNotify) fact_free);
  view->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_view_free);
  view->progress = view->complete || token->steps_total == 0 ? 1 : (double) token->steps_done / token->steps_total;
  if (!view->complete)
    view->reading = g_strdup_printf (_ ("Reading the token: step %u of %u"), token->steps_done, token->steps_total);
  for (guint i = 0; i < token->certificates->len; i++)
    g_ptr_array_add (view->certificates, build_certificate (token->certificates->pdata[i], i == 0, world, judgement));
  view->pins = g_ptr_array_new_with_free_func ((GDestroyNotify) pin_row_free);
  add_pins (view);
  add_token_facts (view);
  add_support (view, &judgement->rules);
  add_token_sentences (view);
  return view;
}

/* ---- readers ---- */

static void
reader_view_free (ReaderView *view)
{
  g_free (view->name);
  g_free (view);
}

static const char *
get_reader_state (const Slot *slot)
{
  switch (slot->state)
    {
    case SLOT_EMPTY:
      return "empty";
    case SLOT_READING:
      return "reading";
    case SLOT_READY:
      return "ready";
    case SLOT_FAILED:
    case SLOT_N_STATES:
      break;
    }
  if (error_is_absence (slot->failure))
    return "reading";
  return slot->failure == ERROR_TOKEN_MUTE      ? "mute"
         : slot->failure == ERROR_TOKEN_UNKNOWN ? "unknown-card"
         : slot->failure == ERROR_READER_BUSY   ? "busy"
                                                : "failed";
}

/* ---- the whole ---- */

static const char *
get_service (const World *world)
{
  if (!world->known)
    return NULL;
  switch (world->service)
    {
    case ERROR_SERVICE_STOPPED:
      return "stopped";
    case ERROR_SERVICE_DENIED:
      return "denied";
    case ERROR_SERVICE_MISSING:
      return "missing";
    case ERROR_WORKER_MISSING:
      return NULL; /* nobody could look */
    default:
      return "running";
    }
}

/* The worst thing that can be said decides the icon. A certificate that ends soon is still one that works. */
static const char *
get_icon (const View *view)
{
  gboolean reading = FALSE, problem = FALSE, expiring = FALSE;

  for (guint i = 0; i < view->findings->len; i++)
    {
      const Finding *finding = ((FindingView *) view->findings->pdata[i])->finding;

      problem |= finding->level > FINDING_INFO && finding->kind != FINDING_EXPIRING;
      expiring |= finding->kind == FINDING_EXPIRING && (finding->level > FINDING_INFO || !finding->absent);
    }
  for (guint i = 0; i < view->world->slots->len; i++)
    reading |= ((Slot *) view->world->slots->pdata[i])->state == SLOT_READING;
  return problem             ? "cert-assistant-problem"
         : reading           ? "cert-assistant-reading"
         : expiring          ? "cert-assistant-warning"
         : view->tokens->len ? "cert-assistant-token"
                             : "cert-assistant-none";
}

/* Everything that hovering over the icon should answer: tokens if there are any, otherwise the worst finding. */
static char *
summarize (const View *view)
{
  g_autoptr (GPtrArray) lines = g_ptr_array_new ();

  for (guint i = 0; i < view->tokens->len; i++)
    g_ptr_array_add (lines, ((TokenView *) view->tokens->pdata[i])->menu_line);
  for (guint i = 0; i < view->findings->len && lines->len == 0; i++)
    g_ptr_array_add (lines, ((FindingView *) view->findings->pdata[i])->title);
  if (lines->len == 0)
    g_ptr_array_add (lines, view->settled ? _ ("No token is inserted") : _ ("Looking for tokens…"));
  g_ptr_array_add (lines, NULL);
  return g_strjoinv ("\n", (GStrv) lines->pdata);
}

/* The page of a token has the button that renews its certificate. */
static void
add_finding (View *view, const Finding *finding)
{
  FindingView *found = view_finding_build (view, finding);

  g_ptr_array_add (view->findings, found);
  for (guint i = 0; i < view->tokens->len && finding->token && g_str_equal (found->action, "renew"); i++)
    {
      TokenView *token = view->tokens->pdata[i];

      if (g_str_equal (token->token->id, finding->token))
        token->renewable = finding->certificate;
    }
}

static void
fill (View *view)
{
  for (guint i = 0; i < view->world->slots->len; i++)
    {
      const Slot *slot = view->world->slots->pdata[i];
      ReaderView *reader = g_new0 (ReaderView, 1);

      reader->name = text_clean (slot->reader, -1);
      reader->state = get_reader_state (slot);
      reader->in_use = slot->in_use || slot->used;
      g_ptr_array_add (view->readers, reader);
      if (slot->token)
        g_ptr_array_add (view->tokens, build_token (slot, view->world, view->judgement));
    }
  for (guint i = 0; i < view->judgement->findings->len; i++)
    add_finding (view, view->judgement->findings->pdata[i]);
}

View *
view_build (World *world, Judgement *judgement)
{
  View *view = g_new0 (View, 1);

  g_ref_count_init (&view->refs);
  view->world = world_ref (world);
  view->judgement = judgement_ref (judgement);
  view->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reader_view_free);
  view->tokens = g_ptr_array_new_with_free_func ((GDestroyNotify) token_view_free);
  view->findings = g_ptr_array_new_with_free_func ((GDestroyNotify) view_finding_free);
  view->notices = g_ptr_array_new_with_free_func ((GDestroyNotify) view_finding_free_notice);
  view->settled = world_is_settled (world);
  view->service = get_service (world);
  fill (view);
  view_finding_add_notices (view);
  view->icon = get_icon (view);
  view->quiet = strcmp (view->icon, "cert-assistant-none") == 0;
  view->title = view->tokens->len == 1 ? g_strdup (((TokenView *) view->tokens->pdata[0])->name)
                                       : g_strdup (_ ("Certificate Assistant"));
  view->summary = summarize (view);
  return view;
}

View *
view_ref (View *view)
{
  g_ref_count_inc (&view->refs);
  return view;
}

void
view_unref (View *view)
{
  if (!g_ref_count_dec (&view->refs))
    return;
  g_free (view->title);
  g_free (view->summary);
  g_ptr_array_unref (view->readers);
  g_ptr_array_unref (view->tokens);
  g_ptr_array_unref (view->findings);
  g_ptr_array_unref (view->notices);
  world_unref (view->world);
  judgement_unref (view->judgement);
  g_free (view);
}

const TokenView *
view_find_token (const View *view, const char *id)
{
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (strcmp (token->token->id, id) == 0)
        return token;
    }
  return NULL;
}
