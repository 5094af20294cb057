#include "diagnosis.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "diagnosis-certificate.h"
#include "diagnosis-machine.h"
#include "diagnosis-session.h"
#include "diagnosis-token.h"
#include "phrases.h"
#include "text.h"

/* In a report no more of a serial number is left than tells two apart. */
#define SERIAL_MIN_DIGITS 6
#define SERIAL_SHOWN      4
#define HIDDEN            "·"

/* ---- words ---- */

static const struct
{
  const char *word, *phrase, *sign;
} states[DIAGNOSIS_N_STATES] = {
  [DIAGNOSIS_OK] = { "ok", N_ ("All right"), "✓" },
  [DIAGNOSIS_UNKNOWN] = { "unknown", N_ ("Not known"), "?" },
  [DIAGNOSIS_WARNING] = { "warning", N_ ("Warning"), "!" },
  [DIAGNOSIS_PROBLEM] = { "problem", N_ ("Problem"), "✗" },
};

static const char *const reasons[DIAGNOSIS_N_REASONS] = {
  [DIAGNOSIS_SILENT] = N_ ("No answer came in time."),
  [DIAGNOSIS_NOT_TOLD] = N_ ("The system does not tell."),
  [DIAGNOSIS_FORBIDDEN] = N_ ("The system does not tell this user."),
  [DIAGNOSIS_NO_SESSION] = N_ ("No desktop session can be reached from here."),
  [DIAGNOSIS_KNOWN] = N_ ("It was not looked for."),
};

/* By the remedy */
static const char *const labels[] = {
  [DIAGNOSIS_REMEDY_PAGE] = N_ ("Open the _page"),
  [DIAGNOSIS_REMEDY_COMMAND] = N_ ("_Copy the command"),
  [DIAGNOSIS_REMEDY_RETRY] = N_ ("Check _again"),
};

/* Actions that the command line has too, by the beginning of their detailed names */
static const struct
{
  const char *action, *command;
} commands[] = {
  { "unlock-of::", "cert-assistant-cli unlock --token " },
  { "change-pin-of::", "cert-assistant-cli change-pin --token " },
};

const char *
diagnosis_state_to_string (DiagnosisState state)
{
  return states[state].word;
}

const char *
diagnosis_state_to_phrase (DiagnosisState state)
{
  return _ (states[state].phrase);
}

const char *
diagnosis_state_to_sign (DiagnosisState state)
{
  return states[state].sign;
}

const char *
diagnosis_explain_reason (DiagnosisReason reason)
{
  return _ (reasons[reason]);
}

const char *
diagnosis_explain_service (const View *view)
{
  static const struct
  {
    ErrorCode failure;
    const char *sentence;
  } failures[] = {
    { ERROR_SERVICE_MISSING, N_ ("The smart card service is not installed.") },
    { ERROR_SERVICE_STOPPED, N_ ("The smart card service is not running.") },
    { ERROR_SERVICE_DENIED, N_ ("The smart card service refuses this user.") },
    { ERROR_SERVICE_HUNG, N_ ("The smart card service does not answer.") },
  };

  if (!view->world->known)
    return _ ("The smart card service has not been asked yet.");
  if (view->world->service == ERROR_NONE)
    return NULL;
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    if (failures[i].failure == view->world->service)
      return _ (failures[i].sentence);
  return error_to_sentence (view->world->service);
}

/* ---- rows ---- */

static void
row_free (DiagnosisRow *row)
{
  g_free (row->text);
  g_free (row->target);
  g_free (row);
}

void
diagnosis_add_rows (Diagnosis *diagnosis,
                    const DiagnosisLayer *layers,
                    gsize n,
                    const DiagnosisFacts *facts,
                    const View *view)
{
  for (gsize i = 0; i < n; i++)
    {
      DiagnosisRow *row = g_new0 (DiagnosisRow, 1);

      row->layer = layers[i].layer;
      row->title = _ (layers[i].title);
      layers[i].fill (row, facts, view);
      diagnosis->n_problems += row->state == DIAGNOSIS_PROBLEM;
      diagnosis->n_warnings += row->state == DIAGNOSIS_WARNING;
      g_ptr_array_add (diagnosis->rows, row);
    }
}

void
diagnosis_say (DiagnosisRow *row, DiagnosisState state, char *text)
{
  g_free (row->text);
  row->state = state;
  row->text = text;
}

void
diagnosis_leave_open (DiagnosisRow *row, const char *what, const char *why)
{
  /* Translators: two sentences */
  diagnosis_say (row, DIAGNOSIS_UNKNOWN, g_strdup_printf (_ ("%s %s"), what, why));
}

void
diagnosis_offer (DiagnosisRow *row, DiagnosisRemedy remedy, const char *label, const char *target)
{
  g_free (row->target);
  row->remedy = remedy;
  row->label = label ? label : _ (labels[remedy]);
  row->target = g_strdup (target);
}

char *
diagnosis_describe_remedy (const DiagnosisRow *row)
{
  switch (row->remedy)
    {
    case DIAGNOSIS_REMEDY_PAGE:
    case DIAGNOSIS_REMEDY_COMMAND:
      return g_strdup (row->target);
    case DIAGNOSIS_REMEDY_RETRY:
      return g_strdup (_ ("Then check again."));
    case DIAGNOSIS_REMEDY_ACTION:
      for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
        if (g_str_has_prefix (row->target, commands[i].action))
          {
            g_autofree char *token = g_shell_quote (row->target + strlen (commands[i].action));

            return g_strconcat (commands[i].command, token, NULL);
          }
      return g_strdup (_ ("Choose it in the preferences of the assistant."));
    case DIAGNOSIS_REMEDY_NONE:
      break;
    }
  return NULL;
}

/* ---- the whole ---- */

static char *
summarize (const Diagnosis *diagnosis)
{
  g_autofree char *problems =
    g_strdup_printf (ngettext ("%u problem", "%u problems", diagnosis->n_problems), diagnosis->n_problems);
  g_autofree char *warnings =
    g_strdup_printf (ngettext ("%u warning", "%u warnings", diagnosis->n_warnings), diagnosis->n_warnings);

  if (diagnosis->n_problems == 0 && diagnosis->n_warnings == 0)
    return g_strdup (_ ("Nothing wrong was found"));
  if (diagnosis->n_problems == 0)
    return g_steal_pointer (&warnings);
  if (diagnosis->n_warnings == 0)
    return g_steal_pointer (&problems);
  /* Translators: “1 problem” and “1 warning” */
  return g_strdup_printf (_ ("%s, %s"), problems, warnings);
}

Diagnosis *
diagnosis_new (const DiagnosisFacts *facts, const View *view)
{
  Diagnosis *diagnosis = g_new0 (Diagnosis, 1);

  diagnosis->time = facts->now ? facts->now : view->judgement->now;
  diagnosis->rows = g_ptr_array_new_with_free_func ((GDestroyNotify) row_free);
  diagnosis_machine_add_rows (diagnosis, facts, view);
  diagnosis_token_add_rows (diagnosis, facts, view);
  diagnosis_certificate_add_rows (diagnosis, facts, view);
  diagnosis_session_add_rows (diagnosis, facts, view);
  diagnosis->summary = summarize (diagnosis);
  return diagnosis;
}

void
diagnosis_free (Diagnosis *diagnosis)
{
  g_ptr_array_unref (diagnosis->rows);
  g_free (diagnosis->summary);
  g_free (diagnosis);
}

void
diagnosis_clear_facts (DiagnosisFacts *facts)
{
  for (guint i = 0; i < facts->n_devices; i++)
    g_free (facts->devices[i].name);
  g_free (facts->devices);
  g_strfreev (facts->program_names);
  g_strfreev (facts->service_names);
  *facts = (DiagnosisFacts){ 0 };
}

/* ---- the report ---- */

/* How many letters and digits TEXT begins with, and how many of them are digits. */
static gsize
measure_word (const char *text, guint *n_digits)
{
  gsize length = 0;

  for (*n_digits = 0; g_ascii_isalnum (text[length]); length++)
    *n_digits += g_ascii_isdigit (text[length]);
  return length;
}

/* TEXT with every word that may be a serial number hidden but for its end. */
static char *
mask_serials (const char *text)
{
  GString *masked = g_string_new (NULL);

  while (*text)
    {
      guint n_digits;
      gsize length = measure_word (text, &n_digits);

      if (n_digits >= SERIAL_MIN_DIGITS)
        {
          for (gsize i = 0; i < length - SERIAL_SHOWN; i++)
            g_string_append (masked, HIDDEN);
          g_string_append_len (masked, text + length - SERIAL_SHOWN, SERIAL_SHOWN);
        }
      else
        g_string_append_len (masked, text, MAX (length, 1));
      text += MAX (length, 1);
    }
  return g_string_free (masked, FALSE);
}

char *
diagnosis_to_text (const Diagnosis *diagnosis)
{
  g_autofree char *time = phrase_for_moment (diagnosis->time);
  g_autofree char *numbers_masked = NULL;
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s %s, %s\n%s\n", _ ("Certificate Assistant"), VERSION, time, diagnosis->summary);
  for (guint i = 0; i < diagnosis->rows->len; i++)
    {
      const DiagnosisRow *row = diagnosis->rows->pdata[i];

      /* Translators: a sign, the name of a layer, and sentences about it */
      g_string_append_printf (text, _ ("%s %s: %s"), states[row->state].sign, row->title, row->text);
      g_string_append_c (text, '\n');
    }
  numbers_masked = text_mask (text->str);
  g_string_free (text, TRUE);
  return mask_serials (numbers_masked);
}
