/* The main loop beside vendor libraries that crash, hang, lie, are replaced, locked, killed and stopped: it never
 * stalls, what other libraries show stays, and nothing is left behind. Each case (module-cases) is a process with an
 * engine of its own; the slow ones are under way all the time. */
#include "module-cases.h"

#include <string.h>

#include <gio/gio.h>
#include <signal.h>
#include <sys/prctl.h>

/* So many of the others run at the same time. */
#define WINDOW 3

#define MAX_CASES 100

static const char *program;
static GSubprocess *cases[MAX_CASES]; /* that have been started */
static gboolean ahead;                /* cases are started before it is their turn */

/* ---- in the process of a case ---- */

static int
run_case (const Case *what)
{
  g_autoptr (Probe) probe = probe_new (what->kind);

  prctl (PR_SET_PDEATHSIG, SIGKILL);
  probe_set_faults (probe, what->faults);
  probe_start (probe);
  what->run (probe, what);
  return 0;
}

/* ---- in that of the test ---- */

static void
start_case (gsize i)
{
  g_autofree char *number = g_strdup_printf ("%" G_GSIZE_FORMAT, i);
  g_autoptr (GError) error = NULL;

  if (cases[i])
    return;
  cases[i] = g_subprocess_new (G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_MERGE, &error, program,
                               "--case", number, NULL);
  g_assert_no_error (error);
}

static void
start_slow_cases (void)
{
  for (gsize i = 0; ahead && module_cases[i].kind; i++)
    if (module_cases[i].slow)
      start_case (i);
}

static void
start_next_cases (gsize first)
{
  guint n = 0;

  for (gsize i = first; ahead && module_cases[i].kind && n < WINDOW; i++)
    if (!module_cases[i].slow)
      {
        start_case (i);
        n++;
      }
}

static void
test_case (gconstpointer data)
{
  const Case *what = data;
  gsize i = (gsize) (what - module_cases);
  g_autofree char *said = NULL;
  g_autoptr (GError) error = NULL;

  start_case (i);
  start_next_cases (i);
  g_subprocess_communicate_utf8 (cases[i], NULL, NULL, &said, NULL, &error);
  g_assert_no_error (error);
  g_test_message ("%s", g_strchomp (said));
  g_assert_true (g_subprocess_get_successful (cases[i]));
}

/* The quick ones first: the slow ones need nothing but time. */
static void
add_cases (gboolean slow)
{
  for (gsize i = 0; module_cases[i].kind; i++)
    {
      const Case *what = &module_cases[i];
      g_autofree char *path =
        g_strdup_printf ("/module-faults/%s-%s", what->kind, what->name ? what->name : what->faults);

      if (what->slow == slow)
        g_test_add_data_func (path, what, test_case);
    }
}

int
main (int argc, char **argv)
{
  program = argv[0];
  if (argc == 3 && strcmp (argv[1], "--case") == 0)
    return run_case (&module_cases[g_ascii_strtoull (argv[2], NULL, 10)]);
  ahead = !g_strv_contains ((const char *const *) argv, "-p");
  g_test_init (&argc, &argv, NULL);
  add_cases (FALSE);
  add_cases (TRUE);
  start_slow_cases ();
  return g_test_run ();
}
