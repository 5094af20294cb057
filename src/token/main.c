/* cert-assistant-worker: touches tokens so that no other process has to. Started by the engine with one end of a
 * socketpair as file descriptor 3; of no use to a person. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "worker.h"

static const struct
{
  const char *name;
  int (*run) (char **arguments);
} modes[] = {
  { "watch", watch_run },
  { "look", look_run },
  { "read", read_run },
  { "record", record_run },
  { "change-pin", pin_run_change },
  { "unlock", pin_run_unlock },
  { "unlock-as-admin", pin_run_unlock_as_admin },
  { "revocation", revocation_run },
  { "module", module_mode_run },
  { "module-change-pin", module_pin_run_change },
  { "module-unlock-as-admin", module_pin_run_unlock_as_admin },
};

/* What a token says, and later a PIN, must not outlive this process: no core file, no debugger of the same user; and
 * nobody must be left asking for a reader when the assistant is gone. */
static void
harden (void)
{
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  prctl (PR_SET_DUMPABLE, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  signal (SIGPIPE, SIG_IGN);
  close_range (WORKER_SOCKET + 1, ~0U, 0);
}

int
main (int argc, char **argv)
{
  harden ();
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (modes); i++)
    if (strcmp (argv[1], modes[i].name) == 0)
      return modes[i].run (argv + 2);
  g_printerr ("%s is started by Certificate Assistant; run cert-assistant-cli instead\n", argv[0]);
  return 2;
}
