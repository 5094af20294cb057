#include "module-probe.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "skf-bench.h"
#include "testcert.h"

#define TICK_MS  10
#define END_S    10
#define HEALTHY  "healthy"
#define VENDOR   "vendor"
#define NAME     "Vendor Library"
#define NO_WAIT  "C_WaitForSlotEvent:hang" /* it waits in there as long as nothing happens */
#define FAILURES "module-failed:" VENDOR

/* ---- the loop ---- */

static gint64 woke; /* monotonic: when the loop slept last */

static gint
sleep_in_poll (GPollFD *files, guint n, gint timeout_ms)
{
  gint ready = g_poll (files, n, timeout_ms);

  woke = g_get_monotonic_time ();
  return ready;
}

/* Of this thread: the machine may have other things to do meanwhile. */
static gint64
get_cpu_us (void)
{
  struct timespec used;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &used);
  return (gint64) used.tv_sec * G_USEC_PER_SEC + used.tv_nsec / 1000;
}

static gboolean
on_tick (gpointer data G_GNUC_UNUSED)
{
  return G_SOURCE_CONTINUE;
}

void
probe_turn (Probe *probe)
{
  gint64 before = get_cpu_us ();

  g_main_context_iteration (NULL, TRUE);
  probe->cpu_us = MAX (probe->cpu_us, get_cpu_us () - before);
  probe->wall_us = MAX (probe->wall_us, g_get_monotonic_time () - woke);
  probe->n_turns++;
}

void
probe_wait (Probe *probe, gboolean (*is_done) (Probe *probe), double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (!is_done (probe))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      probe_turn (probe);
    }
}

void
probe_pause (Probe *probe, double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    probe_turn (probe);
}

/* ---- what is seen ---- */

guint
probe_count_tokens (const Probe *probe, const char *id)
{
  const World *world = engine_get_view (probe->engine)->world;
  guint n = 0;

  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      n += g_strcmp0 (slot->module, id) == 0 && slot->state == SLOT_READY;
    }
  return n;
}

/* With the library's name in it. */
gboolean
probe_has_failed (Probe *probe)
{
  const View *view = engine_get_view (probe->engine);

  for (guint i = 0; i < view->findings->len; i++)
    {
      const FindingView *finding = view->findings->pdata[i];

      if (strcmp (finding->finding->id, FAILURES) != 0)
        continue;
      g_assert_true (strstr (finding->text, NAME) != NULL);
      return TRUE;
    }
  return FALSE;
}

gboolean
probe_shows_vendor (Probe *probe)
{
  return probe->healthy_shown && probe_count_tokens (probe, VENDOR) > 0 && !probe_has_failed (probe);
}

gboolean
probe_shows_two (Probe *probe)
{
  return probe_shows_vendor (probe) && probe_count_tokens (probe, VENDOR) == 2;
}

gboolean
probe_shows_none (Probe *probe)
{
  return probe_count_tokens (probe, VENDOR) == 0;
}

/* The token of the healthy library stays. */
static void
on_changed (Engine *engine G_GNUC_UNUSED, Probe *probe)
{
  static gboolean had_failed;
  gboolean has_failed = probe_has_failed (probe);
  guint n = probe_count_tokens (probe, HEALTHY);

  probe->n_failures += has_failed && !had_failed;
  had_failed = has_failed;
  probe->healthy_shown |= n == 1;
  g_assert_cmpuint (n, ==, probe->healthy_shown ? 1 : 0);
}

/* ---- processes and files ---- */

/* The arguments of PROCESS, or NULL. (transfer full) */
static GStrv
read_arguments (const char *process)
{
  g_autofree char *path = g_build_filename ("/proc", process, "cmdline", NULL);
  g_autofree char *bytes = NULL;
  GPtrArray *arguments;
  gsize length;

  if (!g_ascii_isdigit (*process) || !g_file_get_contents (path, &bytes, &length, NULL))
    return NULL;
  arguments = g_ptr_array_new ();
  for (gsize i = 0; i < length; i += strlen (bytes + i) + 1)
    g_ptr_array_add (arguments, g_strdup (bytes + i));
  g_ptr_array_add (arguments, NULL);
  return (GStrv) g_ptr_array_free (arguments, FALSE);
}

/* Of a program called NAME (NULL: of any) with LIBRARY, a path or the folder that it is in, among its arguments. */
static int
find_process (const char *name, const char *library)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  const char *process;

  while ((process = g_dir_read_name (processes)) != NULL)
    {
      g_auto (GStrv) arguments = read_arguments (process);

      if (!arguments || (name && (!arguments[0] || !g_str_has_suffix (arguments[0], name))))
        continue;
      for (guint i = 1; arguments[0] && arguments[i]; i++)
        if (g_str_has_prefix (arguments[i], library))
          return atoi (process);
    }
  return 0;
}

int
probe_find_worker (const Probe *probe)
{
  return find_process ("cert-assistant-worker", probe->library);
}

int
probe_find_host (const Probe *probe)
{
  return find_process ("cert-assistant-module-host", probe->library);
}

static guint
count_files (void)
{
  g_autoptr (GDir) files = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (files))
    n++;
  return n;
}

static gboolean
has_no_child (Probe *probe G_GNUC_UNUSED)
{
  siginfo_t child;

  return waitid (P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) != 0;
}

static gboolean
has_no_process (Probe *probe)
{
  return find_process (NULL, probe->home) == 0;
}

/* ---- devices ---- */

static void
put_certificate (const char *path)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "张三"); /* signed anew: no other is the same */

  g_assert_true (g_file_set_contents (path, (char *) der->data, (gssize) der->len, NULL));
}

void
probe_plug (Probe *probe, const char *name)
{
  g_autofree char *desk = g_build_filename (probe->home, "new", NULL), *made = g_build_filename (desk, name, NULL);
  g_autofree char *plugged = g_build_filename (probe->devices, name, NULL);
  g_autofree char *certificate = g_build_filename (made, SKF_BENCH_APPLICATION, "personalCert00", "sign", NULL);
  g_autofree char *container = g_path_get_dirname (certificate);
  g_autofree char *serial = g_build_filename (name, "serial", NULL), *label = g_build_filename (name, "label", NULL);
  g_autofree char *pin = g_build_filename (name, SKF_BENCH_APPLICATION, "user", NULL);
  SkfBench bench = { .folder = desk };

  g_assert_cmpint (g_mkdir_with_parents (container, 0700), ==, 0);
  skf_bench_put (&bench, label, "BJCA-UserKey", -1);
  skf_bench_put (&bench, serial, name, -1);
  skf_bench_put (&bench, pin, SKF_BENCH_PIN " 10 10 1\n", -1);
  put_certificate (certificate);
  g_assert_cmpint (g_rename (made, plugged), ==, 0); /* all of it at once */
}

void
probe_set_faults (Probe *probe, const char *faults)
{
  SkfBench bench = { .folder = probe->devices };
  g_autofree char *folder = g_build_filename (probe->devices, ".faults", NULL);
  g_autofree char *all = NULL;

  if (g_str_has_suffix (probe->library, "softp11.so"))
    {
      all = g_strdup_printf (NO_WAIT "%s%s", faults ? "," : "", faults ? faults : "");
      g_setenv ("SOFTP11_FAULTS", faults && strstr (faults, "C_WaitForSlotEvent") ? faults : all, TRUE);
      return;
    }
  if (!faults)
    skf_bench_remove (&bench, ".faults");
  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  if (faults)
    skf_bench_set_faults (&bench, faults);
}

guint
probe_count_calls (const Probe *probe, const char *line)
{
  SkfBench bench = { .folder = probe->devices };

  return skf_bench_count (&bench, line);
}

/* ---- beginning and end ---- */

/* A library of the process's own, which can be replaced. (transfer full) */
static char *
copy_library (const Probe *probe, const char *variable)
{
  const char *from = g_getenv (variable);
  g_autofree char *base = g_path_get_basename (from), *bytes = NULL;
  char *path = g_build_filename (probe->home, base, NULL);
  gsize length;

  g_assert_true (g_file_get_contents (from, &bytes, &length, NULL));
  g_assert_true (g_file_set_contents (path, bytes, (gssize) length, NULL));
  g_assert_cmpint (chmod (path, 0755), ==, 0);
  return path;
}

static void
write_profile (const Probe *probe, const char *id, const char *kind, const char *library)
{
  SkfBench bench = { .folder = probe->home };
  g_autofree char *path = g_strdup_printf ("cert-assistant/modules.d/%s.ini", id);
  g_autofree char *text =
    g_strdup_printf ("[Module]\nName=%s\nType=%s\nLibrary=%s\n", strcmp (id, VENDOR) == 0 ? NAME : id, kind, library);

  skf_bench_put (&bench, path, text, -1);
}

/* What is registered on this machine is not for this test. */
static void
hide_registered (const Probe *probe)
{
  static const char *const folders[] = { "/usr/share/p11-kit/modules", "/etc/pkcs11/modules" };
  SkfBench bench = { .folder = probe->home };

  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autoptr (GDir) folder = g_dir_open (folders[i], 0, NULL);
      const char *name;

      while (folder && (name = g_dir_read_name (folder)) != NULL)
        {
          g_autofree char *own = g_build_filename ("pkcs11", "modules", name, NULL);

          skf_bench_put (&bench, own, "", 0);
        }
    }
}

static void
on_warmed_up (GPid pid, int status G_GNUC_UNUSED, gpointer ended)
{
  g_spawn_close_pid (pid);
  *(gboolean *) ended = TRUE;
}

/* What GLib opens once and keeps is not the engine's. */
static void
warm_up (void)
{
  const char *const command[] = { "true", NULL };
  gboolean ended = FALSE;
  GPid pid;

  g_assert_true (g_spawn_async (NULL, (char **) command, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD, NULL,
                                NULL, &pid, NULL));
  g_child_watch_add (pid, on_warmed_up, &ended);
  while (!ended)
    g_main_context_iteration (NULL, TRUE);
}

static void
set_environment (const Probe *probe)
{
  g_autofree char *certificate = g_build_filename (probe->home, "certificate.der", NULL);
  g_autofree char *socket = g_build_filename (probe->home, "no-service", NULL);

  put_certificate (certificate);
  g_setenv ("XDG_CONFIG_HOME", probe->home, TRUE);
  g_setenv ("SOFTSKF_DIR", probe->devices, TRUE);
  g_setenv ("SOFTP11_CERTIFICATES", certificate, TRUE);
  g_setenv ("SOFTP11_FAULTS", NO_WAIT, TRUE);
  g_setenv ("PCSCLITE_CSOCK_NAME", socket, TRUE);
}

Probe *
probe_new (const char *kind)
{
  Probe *probe = g_new0 (Probe, 1);
  gboolean is_skf = strcmp (kind, "skf") == 0;
  g_autofree char *healthy = NULL;

  probe->home = g_dir_make_tmp ("probe-XXXXXX", NULL);
  g_assert_nonnull (probe->home);
  probe->devices = g_build_filename (probe->home, "devices", NULL);
  g_assert_cmpint (g_mkdir (probe->devices, 0700), ==, 0);
  probe->library = copy_library (probe, is_skf ? "SOFTSKF" : "SOFTP11");
  healthy = copy_library (probe, is_skf ? "SOFTP11" : "SOFTSKF");
  write_profile (probe, VENDOR, kind, probe->library);
  write_profile (probe, HEALTHY, is_skf ? "pkcs11" : "skf", healthy);
  hide_registered (probe);
  set_environment (probe);
  probe_plug (probe, "K1");
  probe_set_faults (probe, NULL);
  return probe;
}

static gboolean
on_start (gpointer data)
{
  engine_start (((Probe *) data)->engine);
  return G_SOURCE_REMOVE;
}

void
probe_start (Probe *probe)
{
  warm_up ();
  g_main_context_set_poll_func (NULL, sleep_in_poll);
  g_timeout_add (TICK_MS, on_tick, NULL);
  probe->n_files = count_files ();
  probe->engine = engine_new ();
  g_signal_connect (probe->engine, "changed", G_CALLBACK (on_changed), probe);
  g_idle_add (on_start, probe); /* its work counts too */
}

void
probe_free (Probe *probe)
{
  SkfBench *bench = g_new0 (SkfBench, 1);

  g_assert_true (probe->healthy_shown);
  g_object_unref (probe->engine);
  probe_wait (probe, has_no_child, END_S);
  probe_wait (probe, has_no_process, END_S);
  g_assert_cmpuint (count_files (), ==, probe->n_files);
  printf ("%u turns; the longest: %.1f ms of work, %.1f ms by the clock\n", probe->n_turns,
          (double) probe->cpu_us / 1000, (double) probe->wall_us / 1000);
  g_assert_cmpint (probe->cpu_us, <=, PROBE_MAX_CPU_US);
  bench->folder = probe->home;
  skf_bench_free (bench);
  g_free (probe->devices);
  g_free (probe->library);
  g_free (probe);
}
