/* The real host with an SKF library that crashes, is silent, or should not be hosted at all; and waiting. No call takes
 * longer than its deadline. */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "skf-bench.h"

/* What is allowed beside a deadline, on a busy machine. */
#define SLACK_S 8

/* Crashes */

static const char *const reading[] = {
  "SKF_EnumDev",         "SKF_ConnectDev",       "SKF_GetDevInfo",        "SKF_EnumApplication",
  "SKF_OpenApplication", "SKF_GetPINInfo",       "SKF_EnumContainer",     "SKF_OpenContainer",
  "SKF_CloseContainer",  "SKF_CloseApplication", "SKF_ExportCertificate", "SKF_DisConnectDev",
};

static void
expect_crash (const char *fault, const char *function)
{
  g_autofree char *faults = g_strdup_printf ("%s-%s", fault, function);
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = NULL;
  g_auto (ModuleAnswer) answer = { NULL };
  g_autoptr (GError) error = NULL;

  g_test_message ("%s", faults);
  skf_bench_put_key (bench, "Key");
  skf_bench_set_faults (bench, faults);
  module = skf_bench_start_well ();
  g_assert_false (module_list (module, &answer, &error));
  g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_CRASHED);
  g_clear_error (&error);
  g_assert_false (module_list (module, &answer, &error)); /* and stays so */
  g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_CRASHED);
}

static void
test_crashes (void)
{
  static const char *const writing[] = { "SKF_EnumDev", "SKF_GetDevInfo", "SKF_EnumApplication", "SKF_EnumContainer",
                                         "SKF_ExportCertificate" };

  for (gsize i = 0; i < G_N_ELEMENTS (reading); i++)
    expect_crash ("crash", reading[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (writing); i++)
    expect_crash ("overrun", writing[i]);
}

static void
test_crash_with_pin (void)
{
  static const char *const functions[] = { "SKF_ConnectDev",       "SKF_OpenApplication",  "SKF_ChangePIN",
                                           "SKF_ClearSecureState", "SKF_CloseApplication", "SKF_DisConnectDev" };

  for (gsize i = 0; i < G_N_ELEMENTS (functions); i++)
    {
      g_autofree char *faults = g_strconcat ("crash-", functions[i], NULL);
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = NULL;
      g_autoptr (GError) error = NULL;
      Attempt made;

      skf_bench_put_key (bench, "Key");
      skf_bench_set_faults (bench, faults);
      module = skf_bench_start_well ();
      g_assert_false (skf_bench_attempt (module, WIRE_CHANGE_PIN, SKF_BENCH_PIN, "123456", &made, &error));
      g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_CRASHED);
      g_assert_cmpuint (skf_bench_count (bench, "SKF_ChangePIN"), <=, 1);
    }
}

static void
test_crash_when_loaded (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = NULL;
  g_autoptr (GError) error = NULL;

  skf_bench_set_faults (bench, "crash-load");
  module = skf_bench_start (&error);
  g_assert_null (module);
  g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_CRASHED);
}

/* A worker that is killed, at any moment of the start of its host */

#define DEATHS 300

static gboolean
is_hosted (const char *library)
{
  g_autoptr (GDir) processes = g_dir_open ("/proc", 0, NULL);
  gboolean found = FALSE;
  const char *name;

  while (!found && (name = g_dir_read_name (processes)) != NULL)
    {
      g_autofree char *path = g_build_filename ("/proc", name, "cmdline", NULL);
      g_autofree char *arguments = NULL;
      gsize length;

      if (g_ascii_isdigit (*name) && g_file_get_contents (path, &arguments, &length, NULL))
        found = memmem (arguments, length, library, strlen (library)) != NULL;
    }
  return found;
}

static void
test_killed_worker (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autofree char *library = skf_bench_copy_library (bench, NULL, NULL, 0, 0755);
  gint64 end;

  skf_bench_set_faults (bench, "hang-load");
  for (guint i = 0; i < DEATHS; i++)
    {
      pid_t worker = fork ();

      if (worker == 0)
        _exit (module_start ("skf", library, TRUE, NULL) == NULL);
      g_usleep (20 * i);
      g_assert_cmpint (kill (worker, SIGKILL), ==, 0);
      g_assert_cmpint (waitpid (worker, NULL, 0), ==, worker);
    }
  end = g_get_monotonic_time () + SLACK_S * G_USEC_PER_SEC;
  while (is_hosted (library) && g_get_monotonic_time () < end)
    g_usleep (10000);
  g_assert_false (is_hosted (library));
}

/* Silence: all at the same time, for each lasts as long as its deadline. */

typedef struct
{
  const char *function; /* NULL: loading hangs */
  int deadline_s;
  SkfBench *bench;
  Module *module;
  GThread *thread;
} Silence;

static gboolean
ask (Silence *silence, GError **error)
{
  g_auto (ModuleAnswer) answer = { NULL };
  Attempt made;

  if (silence->function == NULL)
    silence->module = skf_bench_start (error);
  if (silence->module == NULL)
    return FALSE;
  return silence->deadline_s == 30
           ? skf_bench_attempt (silence->module, WIRE_CHANGE_PIN, SKF_BENCH_PIN, "123456", &made, error)
           : module_list (silence->module, &answer, error);
}

static gpointer
be_patient (gpointer data)
{
  Silence *silence = data;
  g_autoptr (GError) error = NULL;
  gint64 begin = g_get_monotonic_time ();

  g_assert_false (ask (silence, &error));
  g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_SILENT);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <=, silence->deadline_s + SLACK_S);
  begin = g_get_monotonic_time ();
  g_clear_pointer (&silence->module, module_free);
  g_assert_cmpint ((g_get_monotonic_time () - begin) / G_USEC_PER_SEC, <=, SLACK_S);
  return NULL;
}

/* Each host takes the folder that is set while it starts. */
static void
begin_silence (Silence *silence)
{
  g_autofree char *fault =
    silence->function != NULL ? g_strconcat ("hang-", silence->function, NULL) : g_strdup ("hang-load");

  silence->bench = skf_bench_new ();
  skf_bench_put_key (silence->bench, "Key");
  skf_bench_set_faults (silence->bench, fault);
  if (silence->function != NULL)
    silence->module = skf_bench_start_well ();
  silence->thread = g_thread_new (NULL, be_patient, silence);
  while (skf_bench_count (silence->bench, "loaded") == 0)
    g_usleep (10000);
}

static void
test_silence (void)
{
  Silence silences[G_N_ELEMENTS (reading) + 3] = { 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (reading); i++)
    silences[i] = (Silence){ .function = reading[i], .deadline_s = 15 };
  silences[G_N_ELEMENTS (reading)] = (Silence){ .function = "SKF_ChangePIN", .deadline_s = 30 };
  silences[G_N_ELEMENTS (reading) + 1] = (Silence){ .function = "SKF_ClearSecureState", .deadline_s = 30 };
  silences[G_N_ELEMENTS (reading) + 2] = (Silence){ .function = NULL, .deadline_s = 10 };
  for (gsize i = 0; i < G_N_ELEMENTS (silences); i++)
    begin_silence (&silences[i]);
  for (gsize i = 0; i < G_N_ELEMENTS (silences); i++)
    {
      g_thread_join (silences[i].thread);
      skf_bench_free (silences[i].bench);
    }
}

/* Waiting */

/* Whether MODULE has an end of its waiting within MS. */
static gboolean
has_ended (const Module *module, int ms)
{
  struct pollfd wait = { .fd = module_get_fd (module), .events = POLLIN };

  return poll (&wait, 1, ms) == 1;
}

static void
begin_wait (Module *module)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (module_begin_wait (module, &error));
  g_assert_no_error (error);
}

static void
wait_for_call (SkfBench *bench, guint n)
{
  while (skf_bench_count (bench, "SKF_WaitForDevEvent") < n)
    g_usleep (10000);
  g_usleep (50000); /* from there into the watching */
}

static void
test_wait (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = skf_bench_start_well ();
  guint64 code = 1;

  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *list = NULL;

      begin_wait (module);
      wait_for_call (bench, i + 1);
      g_assert_false (has_ended (module, 200));
      if (i == 1)
        skf_bench_remove (bench, "Key");
      else
        skf_bench_put_key (bench, "Key");
      g_assert_true (has_ended (module, 10000));
      g_assert_true (module_end_wait (module, &code, NULL));
      g_assert_cmphex (code, ==, 0);
      list = skf_bench_list (module, 0);
      g_assert_cmpstr (list, ==, i == 1 ? "" : SKF_BENCH_LIST);
    }
}

static void
test_wait_fails (void)
{
  static const guint64 codes[] = { 0x0A000003, 0x0A000022, 0x0A000001 };

  for (gsize i = 0; i < G_N_ELEMENTS (codes); i++)
    {
      g_autofree char *faults = g_strdup_printf ("fail-SKF_WaitForDevEvent(%" G_GINT64_MODIFIER "X)", codes[i]);
      g_autoptr (SkfBench) bench = skf_bench_new ();
      g_autoptr (Module) module = skf_bench_start_well ();
      guint64 code = 0;

      skf_bench_set_faults (bench, faults);
      begin_wait (module);
      g_assert_true (has_ended (module, 10000));
      g_assert_true (module_end_wait (module, &code, NULL));
      g_assert_cmphex (code, ==, codes[i]);
    }
}

static void
test_wait_crashes (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autoptr (Module) module = skf_bench_start_well ();
  g_autoptr (GError) error = NULL;
  guint64 code;

  skf_bench_set_faults (bench, "crash-SKF_WaitForDevEvent");
  begin_wait (module);
  g_assert_true (has_ended (module, 10000));
  g_assert_false (module_end_wait (module, &code, &error));
  g_assert_error (error, ASSISTANT_ERROR, ERROR_MODULE_CRASHED);
}

/* Libraries that are not hosted, or have not all of it */

static void
expect_refusal (const char *library, gboolean own, ErrorCode code)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (Module) module = module_start ("skf", library, own, &error);

  g_assert_null (module);
  g_assert_error (error, ASSISTANT_ERROR, (int) code);
}

static void
test_untrusted (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autofree char *library = skf_bench_copy_library (bench, NULL, NULL, 0, 0755);
  g_autofree char *relative = g_path_get_basename (library);

  g_clear_pointer (&library, g_free);
  library = skf_bench_copy_library (bench, NULL, NULL, 0, 0757);
  expect_refusal (library, TRUE, ERROR_MODULE_UNTRUSTED);
  expect_refusal (library, FALSE, ERROR_MODULE_UNTRUSTED);
  g_assert_cmpint (chmod (library, 0775), ==, 0);
  expect_refusal (library, FALSE, ERROR_MODULE_UNTRUSTED);
  g_assert_cmpint (chmod (library, 0755), ==, 0);
  g_assert_cmpint (chmod (bench->folder, 0777), ==, 0);
  expect_refusal (library, TRUE, ERROR_MODULE_UNTRUSTED);
  g_assert_cmpint (chmod (bench->folder, 0700), ==, 0);
  expect_refusal (relative, TRUE, ERROR_MODULE_MISSING);
  expect_refusal ("/nonexistent/libskf.so", TRUE, ERROR_MODULE_MISSING);
  expect_refusal ("/", TRUE, ERROR_MODULE_MACHINE);
  if (geteuid () != 0)
    {
      expect_refusal (library, FALSE, ERROR_MODULE_UNTRUSTED);
      return;
    }
  g_assert_cmpint (chown (library, 4711, 4711), ==, 0);
  expect_refusal (library, TRUE, ERROR_MODULE_UNTRUSTED);
}

static void
test_other_machine (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  /* The class, and what is behind it up to the type, and the machine: of a library for another one. */
  guint8 header[20], other[20];
  g_autofree char *bytes = NULL, *library = NULL;

  g_assert_true (g_file_get_contents (skf_bench_get_library (), &bytes, NULL, NULL));
  memcpy (header, bytes, sizeof header);
  memcpy (other, bytes, sizeof other);
  other[18] ^= 0x7F;
  library = skf_bench_copy_library (bench, header, other, sizeof header, 0755);
  expect_refusal (library, TRUE, ERROR_MODULE_MACHINE);
  skf_bench_put (bench, ".library.so", "#!/bin/sh\n", -1);
  expect_refusal (library, TRUE, ERROR_MODULE_MACHINE);
  skf_bench_put (bench, ".library.so", bytes, 100);
  expect_refusal (library, TRUE, ERROR_MODULE_UNLOADABLE);
}

static void
test_without_entry (void)
{
  g_autoptr (SkfBench) bench = skf_bench_new ();
  g_autofree char *library = skf_bench_copy_without (bench, "SKF_EnumDev");

  expect_refusal (library, TRUE, ERROR_MODULE_MACHINE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skf-trouble/crashes", test_crashes);
  g_test_add_func ("/skf-trouble/crash-with-pin", test_crash_with_pin);
  g_test_add_func ("/skf-trouble/crash-when-loaded", test_crash_when_loaded);
  g_test_add_func ("/skf-trouble/killed-worker", test_killed_worker);
  g_test_add_func ("/skf-trouble/wait", test_wait);
  g_test_add_func ("/skf-trouble/wait-fails", test_wait_fails);
  g_test_add_func ("/skf-trouble/wait-crashes", test_wait_crashes);
  g_test_add_func ("/skf-trouble/untrusted", test_untrusted);
  g_test_add_func ("/skf-trouble/other-machine", test_other_machine);
  g_test_add_func ("/skf-trouble/without-entry", test_without_entry);
  g_test_add_func ("/skf-trouble/silence", test_silence);
  return g_test_run ();
}
