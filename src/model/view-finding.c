#include "view-finding.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "phrases.h"
#include "text.h"

#define NAME_MAX_CHARS 48

/* ---- what it is ---- */

/* The title where it does not depend on a number. */
static const char *const titles[FINDING_N_KINDS] = {
  [FINDING_EXPIRED] = N_ ("The certificate has expired"),
  [FINDING_NOT_YET_VALID] = N_ ("The certificate is not valid yet"),
  [FINDING_CLOCK_SUSPECT] = N_ ("The clock looks wrong"),
  [FINDING_SWAPPED] = N_ ("This is not the certificate you used before"),
  [FINDING_REMOVED_IN_USE] = N_ ("The token was pulled while it was in use"),
  [FINDING_PIN_BLOCKED] = N_ ("The PIN is locked"),
  [FINDING_PIN_LAST_TRY] = N_ ("Only one PIN try is left"),
  [FINDING_PIN_LOW] = N_ ("Few PIN tries are left"),
  [FINDING_UNLOCK_BLOCKED] = N_ ("The PUK is locked"),
  [FINDING_PIN_DEFAULT] = N_ ("Still the initial PIN"),
  [FINDING_TOKEN_MUTE] = N_ ("The token does not answer"),
  [FINDING_TOKEN_UNKNOWN] = N_ ("Unknown token"),
  [FINDING_TOKEN_UNREADABLE] = N_ ("The token cannot be read"),
  [FINDING_READER_BUSY] = N_ ("The token is in use by another program"),
  [FINDING_NO_READER] = N_ ("No reader"),
  [FINDING_SERVICE_STOPPED] = N_ ("The smart card service is not running"),
  [FINDING_SERVICE_DENIED] = N_ ("No access to smart cards"),
  [FINDING_SERVICE_MISSING] = N_ ("The smart card service is not installed"),
  [FINDING_SERVICE_HUNG] = N_ ("The smart card service does not answer"),
  [FINDING_MODULE_FAILED] = N_ ("Certificate Assistant is not complete"),
};

static gboolean
is_about_list (const Finding *finding)
{
  return g_strcmp0 (finding->place, TOKEN_CERTIFICATE_LIST) == 0;
}

static char *
make_title (const View *view, const Finding *finding)
{
  int days = (int) MIN (finding->days_left, G_MAXINT);

  if (finding->kind == FINDING_EXPIRING && days == 0)
    return g_strdup (_ ("The certificate expires within a day"));
  if (finding->kind == FINDING_EXPIRING)
    return g_strdup_printf (ngettext ("The certificate expires in %d day", "The certificate expires in %d days", days),
                            days);
  if (finding->kind == FINDING_MULTIPLE_TOKENS)
    return g_strdup_printf (ngettext ("%u token is inserted", "%u tokens are inserted", view->tokens->len),
                            view->tokens->len);
  if (finding->failure == ERROR_MODULE_MISSING)
    return g_strdup (_ ("The software for the token is missing"));
  if (finding->kind == FINDING_MODULE_FAILED && finding->reader)
    return g_strdup (_ ("The software of a vendor does not work"));
  if (is_about_list (finding))
    return g_strdup (_ ("The certificates cannot be read"));
  return g_strdup (finding->place ? _ ("One certificate cannot be read") : _ (titles[finding->kind]));
}

/* ---- what it means ---- */

/* What the finding is about, short enough for a sentence. (transfer full) */
static char *
name_subject (const View *view, const Finding *finding)
{
  const TokenView *token = finding->token ? view_find_token (view, finding->token) : NULL;
  const char *label = finding->label && *finding->label ? finding->label : _ ("Unnamed holder");

  return text_shorten (token ? token->name : label, NAME_MAX_CHARS);
}

static char *
name_other (const Finding *finding)
{
  g_autofree char *name = view_name_token (finding->other);

  return text_shorten (name, NAME_MAX_CHARS);
}

static char *
explain_dates (const View *view, const Finding *finding)
{
  g_autofree char *name = name_subject (view, finding);
  g_autofree char *date = phrase_for_date (finding->time);

  if (finding->kind == FINDING_NOT_YET_VALID)
    /* Translators: whose certificate, and a date */
    return g_strdup_printf (_ ("%s: valid from %s."), name, date);
  if (finding->kind == FINDING_EXPIRED)
    return g_strdup_printf (finding->absent ? _ ("%s: it ended on %s. Its token is not inserted.")
                                            : _ ("%s: it ended on %s. Services refuse it until it has been renewed."),
                            name, date);
  return g_strdup_printf (finding->absent ? _ ("%s: valid until %s. Its token is not inserted.")
                                          : _ ("%s: valid until %s. Renew it in time."),
                          name, date);
}

static char *
explain_clock (const View *view G_GNUC_UNUSED, const Finding *finding)
{
  g_autofree char *date = phrase_for_date (finding->time);

  return g_strdup_printf (
    _ ("It shows %s, which is before this program was made. Until it is set nothing is said about expiry."), date);
}

static char *
explain_swap (const View *view, const Finding *finding)
{
  g_autofree char *before = name_other (finding), *now = name_subject (view, finding);

  /* Translators: the names of two tokens */
  return g_strdup_printf (_ ("%s is now %s. Pages opened with the first one will refuse it; log in again."), before,
                          now);
}

static char *
explain_loss (const View *view G_GNUC_UNUSED, const Finding *finding)
{
  g_autofree char *name = name_other (finding), *time = phrase_for_time (finding->time);

  /* Translators: the name of a token, and a time: 14:03 */
  return g_strdup_printf (_ ("%s was pulled at %s. What the other program was doing may not be complete: insert the "
                             "token again and look."),
                          name, time);
}

static char *
explain_number (const View *view, const Finding *finding G_GNUC_UNUSED)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *all = NULL;

  for (guint i = 0; i < view->tokens->len; i++)
    g_ptr_array_add (names, text_shorten (((TokenView *) view->tokens->pdata[i])->name, NAME_MAX_CHARS));
  g_ptr_array_add (names, NULL);
  all = g_strjoinv (_ (", "), (GStrv) names->pdata);
  /* Translators: the names of tokens */
  return g_strdup_printf (_ ("%s. Services that want exactly one may refuse: pull the one that you do not need."), all);
}

/* The token, and which of its PINs it is where that is not the first. (transfer full) */
static char *
name_pin (const View *view, const Finding *finding)
{
  g_autofree char *name = name_subject (view, finding);
  g_autofree char *label = text_clean (finding->label ? finding->label : "", -1);
  g_autofree char *shortened = text_shorten (label, NAME_MAX_CHARS);

  return *shortened ? g_strjoin (" · ", name, shortened, NULL) : g_strdup (name);
}

static char *
explain_pin (const View *view, const Finding *finding)
{
  g_autofree char *name = name_pin (view, finding);

  switch (finding->kind)
    {
    case FINDING_PIN_BLOCKED:
      return g_strdup_printf (_ ("%s: no PIN tries are left. The certificate and its keys are not lost."), name);
    case FINDING_PIN_LAST_TRY:
      return g_strdup_printf (_ ("%s locks when the next PIN is wrong. Make sure of it before you use it."), name);
    case FINDING_PIN_LOW:
      if (finding->tries == PIN_UNKNOWN)
        return g_strdup_printf (_ ("%s: few PIN tries are left before it locks. The token does not tell how many."),
                                name);
      /* Translators: the name of a token, and a number */
      return g_strdup_printf (ngettext ("%s: %d PIN try left before it locks.",
                                        "%s: %d PIN tries left before it locks.", finding->tries),
                              name, finding->tries);
    case FINDING_UNLOCK_BLOCKED:
      return g_strdup_printf (_ ("%s: no tries of the PUK are left. Should the PIN lock, only the issuer can help."),
                              name);
    default:
      return g_strdup_printf (_ ("%s has the PIN that it came with, which others may know. Change it."), name);
    }
}

static char *
explain_no_reader (const View *view G_GNUC_UNUSED, const Finding *finding G_GNUC_UNUSED)
{
  return g_strdup (_ ("No smart card reader and no USB key is plugged in."));
}

static char *
explain_failure (const View *view G_GNUC_UNUSED, const Finding *finding)
{
  g_autofree char *reader = finding->reader ? text_clean (finding->reader, -1) : NULL;
  g_autofree char *place = finding->place ? g_ascii_strup (finding->place, -1) : NULL;

  if (is_about_list (finding))
    return g_strdup (_ ("The token's list of its certificates cannot be read: some of them may be missing here."));
  if (place)
    return g_strdup_printf (_ ("Slot %s of the token holds something that is no certificate. The others are shown."),
                            place);
  if (reader)
    /* Translators: the name of a reader, and a sentence */
    return g_strdup_printf (_ ("%s: %s"), reader, error_to_sentence (finding->failure));
  return g_strdup (error_to_sentence (finding->failure));
}

/* What is not here is a failure. */
static char *(*const explanations[FINDING_N_KINDS]) (const View *view, const Finding *finding) = {
  [FINDING_EXPIRED] = explain_dates,          [FINDING_EXPIRING] = explain_dates,
  [FINDING_NOT_YET_VALID] = explain_dates,    [FINDING_CLOCK_SUSPECT] = explain_clock,
  [FINDING_SWAPPED] = explain_swap,           [FINDING_REMOVED_IN_USE] = explain_loss,
  [FINDING_MULTIPLE_TOKENS] = explain_number, [FINDING_PIN_BLOCKED] = explain_pin,
  [FINDING_PIN_LAST_TRY] = explain_pin,       [FINDING_PIN_LOW] = explain_pin,
  [FINDING_UNLOCK_BLOCKED] = explain_pin,     [FINDING_PIN_DEFAULT] = explain_pin,
  [FINDING_NO_READER] = explain_no_reader,
};

/* ---- what can be done ---- */

/* What a click on a finding leads to is about the first PIN of the token: of another one nothing is offered. */
static const char *
choose_action (const Finding *finding)
{
  switch (finding->kind)
    {
    case FINDING_EXPIRED:
    case FINDING_EXPIRING:
      return finding->url ? "renew" : finding->token ? "details" : "none";
    case FINDING_PIN_BLOCKED:
      return finding->label ? "details" : "unlock";
    case FINDING_PIN_DEFAULT:
      return finding->label ? "details" : "change-pin";
    case FINDING_MODULE_FAILED:
      return finding->reader ? "check" : "none";
    default:
      return finding->token ? "details" : "none";
    }
}

static gboolean
is_about_dates (const Finding *finding)
{
  return finding->kind == FINDING_EXPIRED || finding->kind == FINDING_EXPIRING
         || finding->kind == FINDING_NOT_YET_VALID;
}

FindingView *
view_finding_build (const View *whole, const Finding *finding)
{
  FindingView *view = g_new0 (FindingView, 1);

  view->finding = finding;
  view->title = make_title (whole, finding);
  view->text = (explanations[finding->kind] ? explanations[finding->kind] : explain_failure) (whole, finding);
  view->action = choose_action (finding);
  view->beside = is_about_dates (finding) && !finding->absent;
  view->hinders = finding->reader || finding->failure != ERROR_NONE || finding->kind == FINDING_NO_READER;
  view->target = g_str_equal (view->action, "renew") ? finding->certificate : finding->token;
  return view;
}

void
view_finding_free (FindingView *view)
{
  g_free (view->title);
  g_free (view->text);
  g_free (view);
}

/* ---- what is said unasked ---- */

void
view_finding_free_notice (Notice *notice)
{
  g_free (notice->id);
  g_free (notice->title);
  g_free (notice->text);
  g_free (notice->token);
  g_free (notice->target);
  g_free (notice);
}

static Notice *
add_notice (View *view, char *id, const char *title, const char *text, const char *token)
{
  Notice *notice = g_new0 (Notice, 1);

  notice->id = id;
  notice->title = g_strdup (title);
  notice->text = g_strdup (text);
  notice->token = g_strdup (token);
  notice->action = "none";
  g_ptr_array_add (view->notices, notice);
  return notice;
}

/* What is no trouble is said where it stands, but for what a person may want to do something about. */
static gboolean
is_announced (const Finding *finding)
{
  return finding->level > FINDING_INFO || finding->reminder || finding->kind == FINDING_MULTIPLE_TOKENS;
}

/* An insertion is announced by the number of the insertion: the same token pulled and back is news again. */
void
view_finding_add_notices (View *view)
{
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (token->complete)
        add_notice (view, g_strdup_printf ("inserted:%u", token->generation), token->headline, token->lifetime,
                    token->token->id);
    }
  for (guint i = 0; i < view->findings->len; i++)
    {
      const FindingView *finding = view->findings->pdata[i];
      Notice *notice;

      if (!is_announced (finding->finding))
        continue;
      notice =
        add_notice (view, g_strdup (finding->finding->id), finding->title, finding->text, finding->finding->token);
      notice->level = finding->finding->level;
      notice->action = finding->action;
      notice->target = g_strdup (finding->target);
      notice->reminder = finding->finding->reminder;
      notice->due = finding->finding->due;
    }
}
