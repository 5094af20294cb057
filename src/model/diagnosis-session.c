#include "diagnosis-session.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "diagnosis-slots.h"
#include "phrases.h"
#include "text.h"

#define NAME_MAX_CHARS 60

#define SCDAEMON     "scdaemon"
#define SHARE_TOKEN  "echo pcsc-shared >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon"
#define INSTALL_TRAY "sudo apt install gnome-shell-extension-appindicator"
#define SET_CLOCK    "sudo timedatectl set-ntp true"

/* ---- exactly one, and the same ---- */

/* What is in the readers, by its name where it has one. */
static char *
name_inserted (const View *view)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < view->world->slots->len; i++)
    {
      const Slot *slot = diagnosis_slots_get (view, i);
      g_autofree char *name = slot->token ? view_name_token (slot->token) : diagnosis_slots_name (slot);

      if (slot->state != SLOT_EMPTY)
        g_ptr_array_add (names, text_shorten (name, NAME_MAX_CHARS));
    }
  g_ptr_array_add (names, NULL);
  return g_strjoinv (_ (", "), (GStrv) names->pdata);
}

/* What a service that was opened with one token and sees another, or none, answers: whatever it is, it sounds as if the
 * token were broken. */
static const FindingView *
find_change (const View *view)
{
  const FindingView *swapped = diagnosis_slots_find_finding (view, FINDING_SWAPPED);

  return swapped ? swapped : diagnosis_slots_find_finding (view, FINDING_REMOVED_IN_USE);
}

static void
fill_one_token (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  guint n_inserted = diagnosis_slots_count (view);
  const FindingView *change = find_change (view);
  g_autofree char *names = name_inserted (view);

  if (n_inserted < 2 && change)
    diagnosis_say (row, DIAGNOSIS_WARNING, g_strdup (change->text));
  else if (n_inserted == 0)
    diagnosis_leave_open (row, _ ("How many tokens are inserted is not known."), diagnosis_slots_explain (view));
  else if (n_inserted == 1)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("Exactly one token is inserted.")));
  else
    {
      diagnosis_say (
        row, view->judgement->rules.want_one_token ? DIAGNOSIS_WARNING : DIAGNOSIS_OK,
        g_strdup_printf (ngettext ("%u token is inserted: %s. Services that want exactly one may refuse: "
                                   "pull the one that you do not need.",
                                   "%u tokens are inserted: %s. Services that want exactly one may refuse: "
                                   "pull the one that you do not need.",
                                   n_inserted),
                         n_inserted, names));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
    }
}

/* ---- other programs ---- */

static gboolean
is_busy (const View *view)
{
  return diagnosis_slots_find_failure (view, ERROR_READER_BUSY) != NULL;
}

static gboolean
has_scdaemon (const DiagnosisFacts *facts)
{
  return facts->program_names && g_strv_contains ((const char *const *) facts->program_names, SCDAEMON);
}

static char *
name_programs (const DiagnosisFacts *facts)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();

  for (guint i = 0; facts->program_names && facts->program_names[i]; i++)
    g_ptr_array_add (names, strcmp (facts->program_names[i], SCDAEMON) == 0 ? (gpointer) _ ("scdaemon (of gpg)")
                                                                            : facts->program_names[i]);
  g_ptr_array_add (names, NULL);
  return g_strjoinv (_ (", "), (GStrv) names->pdata);
}

/* Somebody has the token for himself. Who, as far as it is known. */
static void
tell_of_holder (DiagnosisRow *row, const DiagnosisFacts *facts)
{
  g_autofree char *names = name_programs (facts);
  const char *why = facts->programs != DIAGNOSIS_KNOWN ? diagnosis_explain_reason (facts->programs)
                                                       : diagnosis_explain_reason (DIAGNOSIS_FORBIDDEN);

  if (has_scdaemon (facts))
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM,
                     g_strdup (_ ("scdaemon (of gpg) is using the token alone. It can be told to share it.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, SHARE_TOKEN);
      return;
    }
  if (*names)
    diagnosis_say (row, DIAGNOSIS_PROBLEM,
                   g_strdup_printf (_ ("The token is used alone by another program. Connected are: %s. Close it."),
                                    names));
  else
    /* Translators: a sentence is added: why it is not known */
    diagnosis_say (row, DIAGNOSIS_PROBLEM,
                   g_strdup_printf (_ ("The token is used alone by another program. Which one, is not known. %s"),
                                    why));
  diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
}

/* Nobody has. Who is there at all. */
static void
tell_of_programs (DiagnosisRow *row, const DiagnosisFacts *facts)
{
  g_autofree char *names = name_programs (facts);

  if (has_scdaemon (facts) && !facts->scdaemon_shares)
    {
      diagnosis_say (row, DIAGNOSIS_WARNING,
                     g_strdup (
                       _ ("scdaemon (of gpg) is connected. It takes a token for itself, and then nobody else can "
                          "use it. It can be told to share it.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, SHARE_TOKEN);
    }
  else if (facts->n_nameless > 0)
    diagnosis_say (row, DIAGNOSIS_UNKNOWN,
                   g_strdup_printf (ngettext ("%u program of another user is connected. Its name cannot be seen.",
                                              "%u programs of other users are connected. Their names cannot be seen.",
                                              facts->n_nameless),
                                    facts->n_nameless));
  else if (*names)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup_printf (_ ("Connected as well: %s. The token is shared."), names));
  else
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("No other program is connected.")));
}

static void
fill_programs (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  const char *what = _ ("Which other programs use smart cards is not known.");

  if (is_busy (view))
    tell_of_holder (row, facts);
  else if (facts->programs == DIAGNOSIS_KNOWN)
    tell_of_programs (row, facts);
  else if (diagnosis_explain_service (view))
    diagnosis_leave_open (row, what, diagnosis_explain_service (view));
  else
    diagnosis_leave_open (row, what, diagnosis_explain_reason (facts->programs));
}

static void
fill_services (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  g_autofree char *names = facts->service_names ? g_strjoinv (_ (", "), facts->service_names) : g_strdup ("");

  if (facts->services != DIAGNOSIS_KNOWN)
    diagnosis_leave_open (row, _ ("Whether the software of an issuer is running is not known."),
                          diagnosis_explain_reason (facts->services));
  else if (!*names)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup (_ ("No software of an issuer is running that uses tokens too.")));
  else if (is_busy (view))
    diagnosis_say (row, DIAGNOSIS_WARNING,
                   g_strdup_printf (_ ("Running as well: %s. It may be what is using the token."), names));
  else
    diagnosis_say (row, DIAGNOSIS_OK,
                   g_strdup_printf (_ ("Running as well: %s. Web pages reach the token through it."), names));
}

/* ---- the desktop ---- */

/* Says NO as a warning where FACT is not so. FALSE when it is left open or all right. */
static gboolean
tell_of_fact (DiagnosisRow *row, DiagnosisFact fact, const char *what, const char *yes, const char *no)
{
  if (fact.reason != DIAGNOSIS_KNOWN)
    diagnosis_leave_open (row, what, diagnosis_explain_reason (fact.reason));
  else
    diagnosis_say (row, fact.is ? DIAGNOSIS_OK : DIAGNOSIS_WARNING, g_strdup (fact.is ? yes : no));
  return row->state == DIAGNOSIS_WARNING;
}

static void
fill_tray (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view G_GNUC_UNUSED)
{
  if (tell_of_fact (row, facts->tray, _ ("Whether this desktop shows the icon is not known."),
                    _ ("This desktop shows the icon."),
                    _ ("This desktop has no place for the icon. The window opens instead when a token is inserted."))
      && facts->gnome)
    diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, INSTALL_TRAY);
}

static void
fill_notifications (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view G_GNUC_UNUSED)
{
  tell_of_fact (row, facts->notifications, _ ("Whether this desktop shows notifications is not known."),
                _ ("This desktop shows notifications."),
                _ ("This desktop shows no notifications, so reminders are seen in the window only."));
}

static void
fill_autostart (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view G_GNUC_UNUSED)
{
  if (tell_of_fact (row, facts->autostart, _ ("Whether the assistant starts at login is not known."),
                    _ ("The assistant starts at login."),
                    _ ("The assistant does not start at login, and reminds of nothing until somebody starts it.")))
    diagnosis_offer (row, DIAGNOSIS_REMEDY_ACTION, _ ("_Preferences"), "preferences");
}

static void
fill_clock (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  gint64 now = facts->now ? facts->now : view->judgement->now;
  g_autofree char *date = phrase_for_date (now);

  if (now >= view->judgement->rules.built)
    {
      diagnosis_say (row, DIAGNOSIS_OK, g_strdup_printf (_ ("It shows %s."), date));
      return;
    }
  diagnosis_say (row, DIAGNOSIS_PROBLEM,
                 g_strdup_printf (_ ("It shows %s, which is before this program was made. Set it: every certificate "
                                     "looks wrong until then."),
                                  date));
  diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, SET_CLOCK);
}

void
diagnosis_session_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view)
{
  static const DiagnosisLayer layers[] = {
    { "one-token", N_ ("One and the same token"), fill_one_token },
    { "programs", N_ ("Other programs"), fill_programs },
    { "vendor-service", N_ ("Issuer's software"), fill_services },
    { "tray", N_ ("Icon"), fill_tray },
    { "notifications", N_ ("Notifications"), fill_notifications },
    { "autostart", N_ ("Start at login"), fill_autostart },
    { "clock", N_ ("Clock"), fill_clock },
  };

  diagnosis_add_rows (diagnosis, layers, G_N_ELEMENTS (layers), facts, view);
}
