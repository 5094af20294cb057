#include "diagnosis-token.h"

#include <glib/gi18n-lib.h>

#include "diagnosis-slots.h"
#include "phrases.h"

#define RESTART_SERVICE "sudo systemctl restart pcscd"
/* scdaemon's own driver takes a reader from the service altogether; without it, scdaemon goes by way of the service. */
#define RELEASE_READER "printf 'disable-ccid\\npcsc-shared\\n' >> ~/.gnupg/scdaemon.conf; gpgconf --kill scdaemon"

/* ---- the reader and the power ---- */

static char *
name_readers (const View *view)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < view->world->slots->len; i++)
    g_ptr_array_add (names, diagnosis_slots_name (diagnosis_slots_get (view, i)));
  g_ptr_array_add (names, NULL);
  return g_strjoinv (_ (", "), (GStrv) names->pdata);
}

static void
tell_of_unseen_reader (DiagnosisRow *row, const DiagnosisFacts *facts)
{
  if (facts->scdaemon)
    {
      diagnosis_say (row, DIAGNOSIS_PROBLEM,
                     g_strdup (
                       _ ("The smart card service does not see what is plugged in. scdaemon (of gpg) is running "
                          "and may hold it; it can be told to go by way of the service.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, RELEASE_READER);
      return;
    }
  diagnosis_say (row, DIAGNOSIS_PROBLEM,
                 g_strdup (_ ("The smart card service does not see what is plugged in. Pull it and insert it again; if "
                              "that does not help, restart the service.")));
  diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, RESTART_SERVICE);
}

static void
fill_reader (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view)
{
  const char *hindrance = diagnosis_explain_service (view);
  g_autofree char *names = name_readers (view);

  if (hindrance)
    diagnosis_leave_open (row, _ ("Which readers there are is not known."), hindrance);
  else if (view->world->slots->len > 0)
    diagnosis_say (row, DIAGNOSIS_OK, g_strdup_printf (_ ("The service sees %s."), names));
  else if (facts->usb == DIAGNOSIS_KNOWN && facts->n_devices > 0)
    tell_of_unseen_reader (row, facts);
  else
    {
      diagnosis_say (row, DIAGNOSIS_WARNING, g_strdup (_ ("There is no reader. Plug in the reader or the USB key.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
    }
}

static void
fill_token (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const Slot *mute = diagnosis_slots_find_failure (view, ERROR_TOKEN_MUTE);
  guint n_inserted = diagnosis_slots_count (view);

  if (diagnosis_explain_service (view) || view->world->slots->len == 0)
    diagnosis_leave_open (row, _ ("Whether a token is inserted is not known."), diagnosis_slots_explain (view));
  else if (n_inserted == 0)
    {
      diagnosis_say (row, DIAGNOSIS_WARNING,
                     g_strdup (_ ("No token is inserted. If it is in the reader, pull it, turn it over and insert it "
                                  "again.")));
      diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
    }
  else if (mute)
    diagnosis_slots_say_failure (row, mute);
  else
    diagnosis_say (row, DIAGNOSIS_OK,
                   g_strdup_printf (ngettext ("%u token is inserted and has power.",
                                              "%u tokens are inserted and have power.", n_inserted),
                                    n_inserted));
}

/* The vendor library that does not work, one that somebody has chosen first; or NULL. */
static const WorldModule *
find_broken_module (const View *view)
{
  const WorldModule *found = NULL;

  for (guint i = 0; i < view->world->modules->len; i++)
    {
      const WorldModule *module = view->world->modules->pdata[i];

      if (module->failure != ERROR_NONE && (!found || (found->registered && !module->registered)))
        found = module;
    }
  return found;
}

static void
tell_of_module (DiagnosisRow *row, const WorldModule *module)
{
  g_autofree char *folder = module->library ? g_path_get_dirname (module->library) : NULL;

  diagnosis_say (row, module->registered ? DIAGNOSIS_WARNING : DIAGNOSIS_PROBLEM,
                 g_strdup_printf (_ ("%s: %s"), module->name, error_to_sentence (module->failure)));
  if (module->failure == ERROR_MODULE_UNTRUSTED && folder)
    {
      g_autofree char *quoted = g_shell_quote (folder);
      g_autofree char *command = g_strdup_printf ("sudo chown -R root: %s; sudo chmod -R go-w %s", quoted, quoted);

      diagnosis_offer (row, DIAGNOSIS_REMEDY_COMMAND, NULL, command);
    }
  else
    diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
}

static void
fill_applet (DiagnosisRow *row, const DiagnosisFacts *facts G_GNUC_UNUSED, const View *view)
{
  const Slot *unknown = diagnosis_slots_find_failure (view, ERROR_TOKEN_UNKNOWN);
  const WorldModule *broken = find_broken_module (view);
  g_autoptr (GPtrArray) families = g_ptr_array_new ();
  g_autofree char *names = NULL;

  if (broken && (view->tokens->len == 0 || !broken->registered))
    {
      tell_of_module (row, broken);
      return;
    }
  if (unknown && !world_is_shown_by_module (view->world, unknown))
    {
      diagnosis_slots_say_failure (row, unknown);
      return;
    }
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const char *family = phrase_for_family (diagnosis_slots_get_token (view, i)->token->family);

      if (!g_ptr_array_find (families, family, NULL))
        g_ptr_array_add (families, (gpointer) family);
    }
  if (families->len == 0)
    {
      diagnosis_leave_open (row, _ ("Of what kind the token is, is not known."), diagnosis_slots_explain (view));
      return;
    }
  g_ptr_array_add (families, NULL);
  names = g_strjoinv (_ (", "), (GStrv) families->pdata);
  diagnosis_say (row, DIAGNOSIS_OK, g_strdup_printf (_ ("The token is of a kind that is known: %s."), names));
}

void
diagnosis_token_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view)
{
  static const DiagnosisLayer layers[] = {
    { "reader", N_ ("Reader"), fill_reader },
    { "token", N_ ("Token"), fill_token },
    { "applet", N_ ("Kind of token"), fill_applet },
  };

  diagnosis_add_rows (diagnosis, layers, G_N_ELEMENTS (layers), facts, view);
}
