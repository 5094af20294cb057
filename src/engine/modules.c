#include "modules.h"

#include <glob.h>
#include <string.h>

#include "usb.h"
#include "worker.h"

/* One report. The worker gives up a library that is silent well before that. */
#define DEADLINE_MS 60000

#define PAUSE_FIRST_MS 50
#define PAUSE_MAX_MS   5000

/* So many failures in so long a time are too many. */
#define MAX_FAILURES   3
#define FAILURES_IN_US (60 * G_USEC_PER_SEC)

typedef struct
{
  Modules *modules;
  ModuleProfile *profile;
  char *library; /* that is there; or NULL */
  Worker *worker;
  guint restart;               /* source, while there is no worker */
  guint idle;                  /* source: it is to be asked, and nobody has been told */
  gint64 failed[MAX_FAILURES]; /* monotonic: when it failed last, the newest first */
  gboolean on_demand;          /* it speaks with the service: asked only about unknown tokens */
  gboolean useless;            /* it shows nothing that counts */
  gboolean silent;             /* given up until somebody wants it to try again */
  gboolean plugged;            /* one of the devices that it is for, where it names some */
} Module;

struct _Modules
{
  ModulesFunc func;
  gpointer data;
  Usb *usb;           /* or NULL: no library needs it */
  GPtrArray *all;     /* Module */
  GPtrArray *unknown; /* the readers with tokens that nobody knows */
  char *asked_about;  /* which they were when the libraries were asked */
};

static void spawn (Module *module, gboolean once);

static void
module_free (Module *module)
{
  g_clear_pointer (&module->worker, worker_free);
  g_clear_handle_id (&module->restart, g_source_remove);
  g_clear_handle_id (&module->idle, g_source_remove);
  module_profile_unref (module->profile);
  g_free (module->library);
  g_free (module);
}

static void
tell (Module *module, const ModuleReport *report, ErrorCode failure)
{
  module->modules->func (module->profile, module->library, report, failure, module->modules->data);
}

static void
tell_nothing (Module *module)
{
  g_autoptr (ModuleReport) report = module_report_new ();

  tell (module, report, ERROR_NONE);
}

/* ---- failures ---- */

static gboolean
on_restart (gpointer data)
{
  Module *module = data;

  module->restart = 0;
  spawn (module, module->on_demand);
  return G_SOURCE_REMOVE;
}

/* Whether it has failed too often by now; *PAUSE_MS: how long to wait otherwise. */
static gboolean
count_failure (Module *module, guint *pause_ms)
{
  gint64 now = g_get_monotonic_time ();
  guint n = 0;

  memmove (module->failed + 1, module->failed, sizeof module->failed - sizeof *module->failed);
  module->failed[0] = now;
  while (n < MAX_FAILURES && module->failed[n] != 0 && now - module->failed[n] < FAILURES_IN_US)
    n++;
  *pause_ms = MIN (PAUSE_FIRST_MS << (n * n), PAUSE_MAX_MS);
  return n >= MAX_FAILURES;
}

/* A library that crashes may do so once; one that cannot be loaded will not be the next time either. */
static void
fail (Module *module, ErrorCode failure)
{
  gboolean passing =
    failure == ERROR_MODULE_CRASHED || failure == ERROR_MODULE_SILENT || failure == ERROR_WORKER_FAILED;
  guint pause_ms;

  g_clear_pointer (&module->worker, worker_free);
  if (failure == ERROR_WORKER_FAILED)
    failure = ERROR_MODULE_CRASHED;
  module->silent = count_failure (module, &pause_ms) || !passing;
  if (!module->silent)
    module->restart = g_timeout_add (pause_ms, on_restart, module);
  /* Of a crash nothing is said at first; who does not answer is not waited for. */
  if (module->silent || failure == ERROR_MODULE_SILENT)
    tell (module, NULL, failure);
}

/* ---- reports ---- */

/* Of a library that speaks with the service only what nobody else knows: it shows everybody's tokens. */
static gboolean
is_wanted (const Modules *modules, const char *place)
{
  for (guint i = 0; i < modules->unknown->len; i++)
    if (*place && g_str_has_prefix (modules->unknown->pdata[i], place))
      return TRUE;
  return FALSE;
}

static void
take_report (Module *module, ModuleReport *report)
{
  for (guint i = report->entries->len; module->on_demand && i-- > 0;)
    if (!is_wanted (module->modules, ((ModuleEntry *) report->entries->pdata[i])->place))
      g_ptr_array_remove_index (report->entries, i);
  module->on_demand |= report->uses_pcsc;
  module->useless = report->only_software;
  if (module->on_demand || module->useless)
    g_clear_pointer (&module->worker, worker_free);
  if (report->uses_pcsc)
    g_clear_pointer (&module->modules->asked_about, g_free); /* it is one to be asked about what is there already */
  tell (module, report, ERROR_NONE);
}

static void
on_frame (Worker *worker, FrameKind kind, GVariant *payload, gpointer data)
{
  Module *module = data;
  g_autoptr (ModuleReport) report = kind == FRAME_MODULE ? module_report_from_variant (payload) : NULL;

  if (kind == FRAME_STAGE)
    worker_set_deadline (worker, DEADLINE_MS);
  else if (report)
    {
      worker_set_deadline (worker, 0);
      take_report (module, report);
    }
  else if (kind == FRAME_FAILURE && error_is_of_module (g_variant_get_uint32 (payload)))
    fail (module, g_variant_get_uint32 (payload));
  else
    fail (module, ERROR_WORKER_FAILED);
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  fail (data, timed_out ? ERROR_MODULE_SILENT : ERROR_WORKER_FAILED);
}

static void
spawn (Module *module, gboolean once)
{
  const ModuleProfile *profile = module->profile;
  const char *const arguments[] = { "module",
                                    profile->type,
                                    module->library,
                                    profile->own ? "own" : "any",
                                    profile->software_tokens ? "software" : "hardware",
                                    once ? "once" : "keep",
                                    NULL };
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&module->worker, worker_free);
  module->worker = worker_spawn (arguments, on_frame, on_end, module, &error);
  if (module->worker)
    worker_set_deadline (module->worker, DEADLINE_MS);
  else
    {
      g_warning ("%s", error->message);
      fail (module, ERROR_WORKER_FAILED);
    }
}

/* ---- what is asked ---- */

static void
ask (Module *module)
{
  g_clear_handle_id (&module->idle, g_source_remove);
  g_clear_handle_id (&module->restart, g_source_remove);
  module->silent = FALSE;
  tell (module, NULL, ERROR_NONE);
  spawn (module, module->on_demand);
}

static gboolean
on_ask (gpointer data)
{
  Module *module = data;

  module->idle = 0;
  ask (module);
  return G_SOURCE_REMOVE;
}

static void
forget (Module *module)
{
  g_clear_handle_id (&module->idle, g_source_remove);
  g_clear_handle_id (&module->restart, g_source_remove);
  g_clear_pointer (&module->worker, worker_free);
  tell_nothing (module);
}

static gboolean
on_forget (gpointer data)
{
  Module *module = data;

  module->idle = 0;
  forget (module);
  return G_SOURCE_REMOVE;
}

/* Soon: the caller is in the middle of something. */
static void
schedule (Module *module, GSourceFunc func)
{
  g_clear_handle_id (&module->idle, g_source_remove);
  module->idle = g_idle_add_full (G_PRIORITY_DEFAULT, func, module, NULL);
}

/* The readers of WORLD with tokens that nobody knows, and which insertions they are. (transfer full) */
static char *
list_unknown (Modules *modules, const World *world)
{
  GString *text = g_string_new (NULL);

  g_ptr_array_set_size (modules->unknown, 0);
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      if (slot->module || slot->state != SLOT_FAILED || slot->failure != ERROR_TOKEN_UNKNOWN)
        continue;
      g_ptr_array_add (modules->unknown, g_strdup (slot->reader));
      g_string_append_printf (text, "%s\n%u\n", slot->reader, slot->generation);
    }
  return g_string_free (text, FALSE);
}

GPtrArray *
modules_follow (Modules *modules, const World *world)
{
  g_autofree char *unknown = list_unknown (modules, world);
  GPtrArray *asked = g_ptr_array_new ();

  if (g_strcmp0 (unknown, modules->asked_about ? modules->asked_about : "") == 0)
    return asked;
  g_free (modules->asked_about);
  modules->asked_about = g_strdup (unknown);
  for (guint i = 0; i < modules->all->len; i++)
    {
      Module *module = modules->all->pdata[i];

      if (!module->on_demand)
        continue;
      schedule (module, modules->unknown->len > 0 ? on_ask : on_forget);
      if (modules->unknown->len > 0)
        g_ptr_array_add (asked, module->profile);
    }
  return asked;
}

void
modules_refresh (Modules *modules, const char *id)
{
  for (guint i = 0; i < modules->all->len; i++)
    {
      Module *module = modules->all->pdata[i];

      if (strcmp (module->profile->id, id) == 0 && !module->idle)
        schedule (module, on_ask);
    }
}

void
modules_retry (Modules *modules)
{
  for (guint i = 0; i < modules->all->len; i++)
    {
      Module *module = modules->all->pdata[i];

      if (!module->silent)
        continue;
      memset (module->failed, 0, sizeof module->failed);
      schedule (module, on_ask);
    }
}

/* ---- devices ---- */

/* What is plugged in has changed, or is looked at for the first time. */
static void
follow_device (Module *module, gboolean first)
{
  gboolean before = module->plugged;

  module->plugged = !module->profile->usb || usb_has_device ((const char *const *) module->profile->usb);
  if (module->plugged && (first || !before) && module->library)
    ask (module);
  else if (module->plugged && (first || !before) && module->profile->usb)
    tell (module, NULL, ERROR_MODULE_MISSING);
  else if (!module->plugged && before)
    forget (module);
  else if (module->worker && !module->on_demand && !worker_send (module->worker, FRAME_GO, NULL, 0))
    fail (module, ERROR_WORKER_FAILED);
}

static void
on_usb (gpointer data)
{
  Modules *modules = data;

  for (guint i = 0; i < modules->all->len; i++)
    {
      Module *module = modules->all->pdata[i];

      if (module->library || module->profile->usb)
        follow_device (module, FALSE);
    }
}

/* ---- all of them ---- */

/* The first file that is there. (transfer full) */
static char *
find_library (const ModuleProfile *profile)
{
  for (gsize i = 0; profile->libraries[i]; i++)
    {
      glob_t found = { 0 };
      char *library = NULL;

      if (glob (profile->libraries[i], GLOB_NOSORT, NULL, &found) == 0 && found.gl_pathc > 0)
        library = g_strdup (found.gl_pathv[0]);
      globfree (&found);
      if (library)
        return library;
    }
  return NULL;
}

void
modules_start (Modules *modules)
{
  for (guint i = 0; i < modules->all->len; i++)
    {
      Module *module = modules->all->pdata[i];

      module->library = find_library (module->profile);
      if (!module->library && !module->profile->usb)
        continue; /* it is not installed, and nothing can tell whether anybody misses it */
      if (!modules->usb)
        modules->usb = usb_new (on_usb, modules);
      follow_device (module, TRUE);
    }
}

const ModuleProfile *
modules_find (Modules *modules, const char *id, const char **library)
{
  for (guint i = 0; i < modules->all->len; i++)
    {
      const Module *module = modules->all->pdata[i];

      if (strcmp (module->profile->id, id) == 0 && module->library)
        {
          *library = module->library;
          return module->profile;
        }
    }
  return NULL;
}

Modules *
modules_new (GPtrArray *profiles, ModulesFunc func, gpointer data)
{
  Modules *modules = g_new0 (Modules, 1);

  modules->func = func;
  modules->data = data;
  modules->unknown = g_ptr_array_new_with_free_func (g_free);
  modules->all = g_ptr_array_new_with_free_func ((GDestroyNotify) module_free);
  for (guint i = 0; i < profiles->len; i++)
    {
      Module *module = g_new0 (Module, 1);

      module->modules = modules;
      module->profile = module_profile_ref (profiles->pdata[i]);
      g_ptr_array_add (modules->all, module);
    }
  g_ptr_array_unref (profiles);
  return modules;
}

void
modules_free (Modules *modules)
{
  g_clear_pointer (&modules->usb, usb_free);
  g_ptr_array_unref (modules->all);
  g_ptr_array_unref (modules->unknown);
  g_free (modules->asked_about);
  g_free (modules);
}
