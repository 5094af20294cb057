#include <glib/gi18n.h>

#include "engine/probe.h"
#include "engine/report.h"
#include "verb.h"

typedef struct
{
  const View *view;
  Diagnosis *diagnosis; /* when the probe has ended */
} Check;

static void
on_probed (const DiagnosisFacts *facts, gpointer data)
{
  Check *check = data;

  check->diagnosis = diagnosis_new (facts, check->view);
}

/* The machine is looked at when the tokens have been read: what then takes a token is another program. (transfer full)
 */
static Diagnosis *
make_diagnosis (const View *view)
{
  Check check = { .view = view };
  Probe *probe = probe_new (on_probed, &check);

  while (!check.diagnosis)
    g_main_context_iteration (NULL, TRUE);
  probe_free (probe);
  return check.diagnosis;
}

static void
print_row (const DiagnosisRow *row)
{
  g_autofree char *remedy = diagnosis_describe_remedy (row);

  g_print (_ ("%s %s: %s"), diagnosis_state_to_sign (row->state), row->title, row->text);
  g_print ("\n");
  if (remedy)
    g_print ("    → %s\n", remedy);
}

static int
run (Engine *engine, const VerbOptions *options)
{
  g_autoptr (View) view = view_ref (verb_settle (engine));
  g_autoptr (Diagnosis) diagnosis = make_diagnosis (view);

  if (options->json)
    {
      g_autofree char *json = report_diagnosis_to_json (diagnosis);

      g_print ("%s\n", json);
    }
  else
    {
      for (guint i = 0; i < diagnosis->rows->len; i++)
        print_row (diagnosis->rows->pdata[i]);
      g_print ("\n%s\n", diagnosis->summary);
    }
  if (g_strcmp0 (view->service, "running") != 0)
    return EXIT_NO_SERVICE;
  return diagnosis->n_problems + diagnosis->n_warnings > 0 ? EXIT_FINDING : EXIT_WELL;
}

const Verb check_verb = {
  .name = "check",
  .options = "[--json]",
  .help = N_ ("Say why a token is not seen or does not work, and what to do about it"),
  .takes_json = TRUE,
  .run = run,
};
