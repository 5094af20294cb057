#include "module-cases.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "engine/pin-job.h"
#include "skf-bench.h"

#define SLACK_S 10 /* for what is a matter of milliseconds, on a busy machine */

/* So often may it fail in a minute, the last time for good. */
#define TIMES 3

#define DEVICES 1000

/* ---- common to many ---- */

static gboolean
has_no_worker (Probe *probe)
{
  return probe_find_worker (probe) == 0 && probe_find_host (probe) == 0;
}

static gboolean
is_waiting (Probe *probe)
{
  return probe_shows_vendor (probe) && probe_count_calls (probe, "SKF_WaitForDevEvent") > 0;
}

/* Until it shows its token and would tell of another one. */
static void
wait_until_settled (Probe *probe)
{
  probe_wait (probe, is_waiting, SLACK_S);
  probe_pause (probe, 0.1); /* from there into the waiting */
}

/* It is not started again; and when it has been mended and may try again, it works. */
static void
expect_failed_for_good (Probe *probe)
{
  guint n_loaded;

  probe_wait (probe, has_no_worker, SLACK_S);
  n_loaded = probe_count_calls (probe, "loaded");
  probe_pause (probe, 1.5);
  g_assert_true (probe_has_failed (probe) && probe_shows_none (probe) && has_no_worker (probe));
  g_assert_cmpuint (probe_count_calls (probe, "loaded"), ==, n_loaded);
  probe_set_faults (probe, NULL);
  engine_retry_modules (probe->engine);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
}

static void
run_failing (Probe *probe, const Case *what)
{
  probe_wait (probe, probe_has_failed, what->seconds + SLACK_S);
  if (strcmp (what->kind, "skf") == 0)
    g_assert_cmpuint (probe_count_calls (probe, "loaded"), ==, TIMES);
  expect_failed_for_good (probe);
  g_assert_cmpuint (probe->n_failures, ==, 1);
}

/* It works, then it does not any more: the next device is the occasion. */
static void
run_failing_later (Probe *probe, const Case *what)
{
  wait_until_settled (probe);
  probe_set_faults (probe, what->later);
  probe_plug (probe, "K2");
  probe_wait (probe, probe_has_failed, what->seconds + SLACK_S);
  expect_failed_for_good (probe);
  probe_wait (probe, probe_shows_two, SLACK_S);
}

/* Nothing is said of what was over after once. */
static void
run_failing_once (Probe *probe, const Case *what)
{
  wait_until_settled (probe);
  probe_set_faults (probe, what->later);
  probe_plug (probe, "K2");
  probe_wait (probe, probe_shows_two, SLACK_S);
  probe_pause (probe, 1.5);
  g_assert_cmpuint (probe_count_calls (probe, "loaded"), ==, 2);
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

/* Somebody has to be told that it does not answer; and once it does, that is over. */
static void
run_hanging (Probe *probe, const Case *what)
{
  probe_wait (probe, probe_has_failed, what->seconds + SLACK_S);
  probe_set_faults (probe, NULL);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 1);
}

static gboolean
has_failed_for_good (Probe *probe)
{
  return probe_has_failed (probe) && probe_count_calls (probe, "loaded") == TIMES && has_no_worker (probe);
}

static void
run_hanging_for_good (Probe *probe, const Case *what)
{
  probe_wait (probe, has_failed_for_good, TIMES * what->seconds + SLACK_S);
  expect_failed_for_good (probe);
}

static void
run_working (Probe *probe, const Case *what G_GNUC_UNUSED)
{
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  probe_pause (probe, 2);
  g_assert_true (probe_shows_vendor (probe));
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

/* What it says is not true: whatever it shows, the others are there, and it has not failed. */
static void
run_lying (Probe *probe, const Case *what G_GNUC_UNUSED)
{
  probe_pause (probe, 3);
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

/* ---- a thousand devices ---- */

static void
run_flood (Probe *probe, const Case *what)
{
  for (guint i = 0; i < DEVICES; i++)
    {
      g_autofree char *name = g_strdup_printf ("F%04u", i);

      probe_plug (probe, name);
    }
  run_working (probe, what);
  g_assert_cmpuint (probe_count_tokens (probe, "vendor"), <=, MODULE_REPORT_MAX);
}

/* … while it is asked all the time. */
static void
run_flood_later (Probe *probe, const Case *what)
{
  wait_until_settled (probe);
  for (guint i = 0; i < DEVICES; i++)
    {
      g_autofree char *name = g_strdup_printf ("F%04u", i);

      probe_plug (probe, name);
      if (i % 10 == 0)
        probe_turn (probe);
    }
  run_working (probe, what);
}

static void
run_flood_of_slots (Probe *probe, const Case *what)
{
  g_setenv ("SOFTP11_SLOTS", "1000", TRUE);
  run_working (probe, what);
}

/* ---- its file ---- */

/* Another one is moved there: what is loaded stays. */
static void
run_replaced (Probe *probe, const Case *what G_GNUC_UNUSED)
{
  g_autofree char *other = g_strconcat (probe->library, ".new", NULL);

  wait_until_settled (probe);
  g_assert_true (g_file_set_contents (other, "no library", -1, NULL));
  g_assert_cmpint (g_rename (other, probe->library), ==, 0);
  probe_plug (probe, "K2");
  probe_wait (probe, probe_shows_two, SLACK_S);
  probe_pause (probe, 1.5);
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

/* It becomes empty while it is loaded: it crashes, and is none when it is to be loaded again. */
static void
run_truncated (Probe *probe, const Case *what G_GNUC_UNUSED)
{
  g_autofree char *bytes = NULL;
  gsize length;

  wait_until_settled (probe);
  g_assert_true (g_file_get_contents (probe->library, &bytes, &length, NULL));
  g_assert_cmpint (truncate (probe->library, 0), ==, 0);
  probe_plug (probe, "K2");
  probe_wait (probe, probe_has_failed, SLACK_S);
  g_assert_true (probe_shows_none (probe));
  probe_wait (probe, has_no_worker, SLACK_S);
  g_assert_true (g_file_set_contents (probe->library, bytes, (gssize) length, NULL));
  g_assert_cmpint (g_chmod (probe->library, 0755), ==, 0);
  engine_retry_modules (probe->engine);
  probe_wait (probe, probe_shows_two, SLACK_S);
}

/* ---- a second user ---- */

static int
take_lock (const Probe *probe)
{
  g_autofree char *path = g_build_filename (probe->devices, ".lock", NULL);
  int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

  g_assert_cmpint (fd, >=, 0);
  g_assert_cmpint (flock (fd, LOCK_EX), ==, 0);
  return fd;
}

static gboolean
is_asked (Probe *probe)
{
  return probe_count_calls (probe, "SKF_EnumDev") > 0;
}

/* A moment is waited for. */
static void
run_locked_briefly (Probe *probe, const Case *what G_GNUC_UNUSED)
{
  int fd = take_lock (probe);

  probe_wait (probe, is_asked, SLACK_S);
  probe_pause (probe, 3);
  g_assert_true (probe_shows_none (probe));
  close (fd);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

static void
run_locked (Probe *probe, const Case *what)
{
  int fd = take_lock (probe);

  probe_wait (probe, probe_has_failed, what->seconds + SLACK_S);
  close (fd);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 1);
}

/* Who holds it has hung: the host is stopped in the middle of an answer. */
static void
run_stopped_host_at_work (Probe *probe, const Case *what)
{
  int fd = take_lock (probe);

  probe_wait (probe, is_asked, SLACK_S);
  g_assert_cmpint (kill (probe_find_host (probe), SIGSTOP), ==, 0);
  close (fd);
  probe_wait (probe, probe_has_failed, what->seconds + SLACK_S);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 1);
}

/* ---- killed and stopped ---- */

static int
find_victim (const Probe *probe, const Case *what)
{
  return strcmp (what->later, "host") == 0 ? probe_find_host (probe) : probe_find_worker (probe);
}

static guint n_lives;

/* … and waits for devices by now. */
static gboolean
lives_again (Probe *probe)
{
  return probe_count_calls (probe, "loaded") == n_lives && probe_count_calls (probe, "SKF_WaitForDevEvent") >= n_lives
         && probe_find_worker (probe) != 0 && probe_find_host (probe) != 0 && probe_shows_vendor (probe);
}

/* Twice in a minute: nobody hears of it. The third time it is said. */
static void
run_killed (Probe *probe, const Case *what)
{
  for (n_lives = 1; n_lives <= TIMES; n_lives++)
    {
      probe_wait (probe, lives_again, SLACK_S);
      g_assert_cmpint (kill (find_victim (probe, what), SIGKILL), ==, 0);
    }
  probe_wait (probe, probe_has_failed, SLACK_S);
  expect_failed_for_good (probe);
}

/* As long as nothing is wanted of it nobody notices; what came meanwhile is shown when it goes on. */
static void
run_stopped (Probe *probe, const Case *what)
{
  int victim;

  wait_until_settled (probe);
  victim = find_victim (probe, what);
  g_assert_cmpint (kill (victim, SIGSTOP), ==, 0);
  probe_plug (probe, "K2");
  probe_pause (probe, 2);
  g_assert_true (probe_shows_vendor (probe));
  g_assert_cmpint (kill (victim, SIGCONT), ==, 0);
  probe_wait (probe, probe_shows_two, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 0);
}

/* … and it ends with the engine all the same. */
static void
run_stopped_to_the_end (Probe *probe, const Case *what)
{
  wait_until_settled (probe);
  g_assert_cmpint (kill (find_victim (probe, what), SIGSTOP), ==, 0);
}

/* ---- a PIN ---- */

static gboolean job_is_done;
static Attempt job_attempt;

static void
on_attempt (PinJob *job G_GNUC_UNUSED, const Attempt *attempt, gpointer data G_GNUC_UNUSED)
{
  job_attempt = *attempt;
  job_is_done = TRUE;
}

static gboolean
has_answer (Probe *probe G_GNUC_UNUSED)
{
  return job_is_done;
}

static const Token *
find_token (const Probe *probe)
{
  const World *world = engine_get_view (probe->engine)->world;

  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      if (g_strcmp0 (slot->module, "vendor") == 0)
        return slot->token;
    }
  return NULL;
}

/* The attempt fails, and nothing else: what lists the tokens is another process. */
static void
run_pin (Probe *probe, const Case *what)
{
  g_autofree char *fingerprint = NULL;
  PinJob *job;

  wait_until_settled (probe);
  fingerprint = token_make_fingerprint (find_token (probe));
  probe_set_faults (probe, what->later);
  job = pin_job_new (probe->engine,
                     &(PinTask){ .operation = PIN_OPERATION_CHANGE, .ref = "user", .fingerprint = fingerprint },
                     SKF_BENCH_PIN, strlen (SKF_BENCH_PIN), "123456", 6, on_attempt, NULL);
  probe_wait (probe, has_answer, what->seconds + SLACK_S);
  pin_job_free (job);
  g_assert_true (job_attempt.sent);
  g_assert_cmpint (job_attempt.failure, ==, ERROR_PIN_UNANSWERED);
  probe_wait (probe, probe_shows_vendor, SLACK_S);
  g_assert_cmpuint (probe->n_failures, ==, 0);
  g_assert_cmpuint (probe_count_calls (probe, "SKF_ChangePIN"), ==, 1);
}

/* ---- the table ---- */

#define FAILS      run_failing, NULL, 2, FALSE
#define HANGS(s)   run_hanging, NULL, s, TRUE
#define LATER(how) run_failing_later, how, 3, FALSE, "later-" how

const Case module_cases[] = {
  { "skf", "hang-load", run_hanging_for_good, NULL, 10, TRUE },
  { "skf", "hang-SKF_EnumDev", run_hanging_for_good, NULL, 15, TRUE },
  { "pkcs11", "C_GetSlotList:hang", HANGS (15) },
  { "skf", "hang-SKF_ConnectDev", HANGS (15) },
  { "skf", "hang-SKF_ExportCertificate", HANGS (15) },
  { "skf", "hang-SKF_DisConnectDev", HANGS (15) },
  { "pkcs11", "constructor:hang", HANGS (10) },
  { "pkcs11", "C_Initialize:hang", HANGS (15) },
  { "pkcs11", "C_GetAttributeValue:hang", HANGS (15) },
  { "skf", NULL, run_pin, "hang-SKF_ChangePIN", 30, TRUE, "pin" },
  { "skf", NULL, run_locked, NULL, 15, TRUE, "locked" },
  { "skf", NULL, run_stopped_host_at_work, NULL, 15, TRUE, "stopped-host-at-work" },
  { "skf", "hang-SKF_WaitForDevEvent", run_working, NULL, 0, FALSE },
  { "pkcs11", "C_WaitForSlotEvent:hang", run_working, NULL, 0, FALSE },

  { "skf", "crash-load", FAILS },
  { "skf", "crash-SKF_EnumDev", FAILS },
  { "skf", "crash-SKF_ConnectDev", FAILS },
  { "skf", "crash-SKF_GetDevInfo", FAILS },
  { "skf", "crash-SKF_EnumApplication", FAILS },
  { "skf", "crash-SKF_OpenApplication", FAILS },
  { "skf", "crash-SKF_GetPINInfo", FAILS },
  { "skf", "crash-SKF_EnumContainer", FAILS },
  { "skf", "crash-SKF_OpenContainer", FAILS },
  { "skf", "crash-SKF_ExportCertificate", FAILS },
  { "skf", "crash-SKF_CloseContainer", FAILS },
  { "skf", "crash-SKF_CloseApplication", FAILS },
  { "skf", "crash-SKF_DisConnectDev", FAILS },
  { "skf", "crash-SKF_WaitForDevEvent", FAILS },
  { "pkcs11", "constructor:crash", FAILS },
  { "pkcs11", "C_GetFunctionList:crash", FAILS },
  { "pkcs11", "C_Initialize:crash", FAILS },
  { "pkcs11", "C_GetSlotList:exit", FAILS },
  { "pkcs11", "C_GetSlotInfo:crash", FAILS },
  { "pkcs11", "C_GetTokenInfo:crash", FAILS },
  { "pkcs11", "C_OpenSession:crash", FAILS },
  { "pkcs11", "C_FindObjectsInit:crash", FAILS },
  { "pkcs11", "C_FindObjects:crash", FAILS },
  { "pkcs11", "C_GetAttributeValue:crash", FAILS },
  { "pkcs11", "C_FindObjectsFinal:crash", FAILS },
  { "pkcs11", "C_CloseSession:crash", FAILS },
  { "pkcs11", "C_WaitForSlotEvent:crash", FAILS },
  { "skf", NULL, LATER ("crash-SKF_EnumDev") },
  { "skf", NULL, LATER ("crash-SKF_ExportCertificate") },
  { "skf", NULL, run_failing_once, "crash-SKF_EnumDev(once)", 0, FALSE, "once-crash-SKF_EnumDev" },

  { "skf", "overrun-SKF_EnumDev", FAILS },
  { "skf", "overrun-SKF_ExportCertificate", FAILS },
  { "pkcs11", "C_GetSlotList:overrun", FAILS },
  { "pkcs11", "C_GetAttributeValue:overrun", FAILS },

  { "skf", "thread", run_working, NULL, 0, FALSE },
  { "pkcs11", "C_Initialize:thread", FAILS },

  { "skf", "huge-SKF_EnumDev", run_lying, NULL, 0, FALSE },
  { "skf", "huge-SKF_EnumContainer", run_lying, NULL, 0, FALSE },
  { "skf", "huge-SKF_ExportCertificate", run_lying, NULL, 0, FALSE },
  { "pkcs11", "C_GetSlotList:size=4294967295", run_lying, NULL, 0, FALSE },
  { "pkcs11", "C_FindObjects:size=4294967295", run_lying, NULL, 0, FALSE },
  { "pkcs11", "C_GetAttributeValue:size=4294967295", run_lying, NULL, 0, FALSE },

  { "skf", NULL, run_flood, NULL, 0, FALSE, "flood" },
  { "skf", NULL, run_flood_later, NULL, 0, FALSE, "flood-later" },
  { "pkcs11", NULL, run_flood_of_slots, NULL, 0, FALSE, "flood-of-slots" },

  { "skf", NULL, run_replaced, NULL, 0, FALSE, "replaced" },
  { "skf", NULL, run_truncated, NULL, 0, FALSE, "truncated" },
  { "skf", NULL, run_locked_briefly, NULL, 0, FALSE, "locked-briefly" },

  { "skf", NULL, run_killed, "worker", 0, FALSE, "killed-worker" },
  { "skf", NULL, run_killed, "host", 0, FALSE, "killed-host" },
  { "skf", NULL, run_stopped, "worker", 0, FALSE, "stopped-worker" },
  { "skf", NULL, run_stopped, "host", 0, FALSE, "stopped-host" },
  { "skf", NULL, run_stopped_to_the_end, "worker", 0, FALSE, "stopped-to-the-end-worker" },
  { "skf", NULL, run_stopped_to_the_end, "host", 0, FALSE, "stopped-to-the-end-host" },
  { NULL },
};
