#include "engine.h"

#include <string.h>

#include "alarm.h"
#include "inquiries.h"
#include "modules.h"
#include "profiles.h"
#include "worker.h"

/* How long a step may take before the worker is killed. Connecting powers the token up; a slow token sends a part of
 * what it holds well within the time between two frames. */
#define DEADLINE_SERVICE_MS 3000
#define DEADLINE_CONNECT_MS 5000
#define DEADLINE_READ_MS    10000
#define DEADLINE_TOTAL_MS   60000

#define BACKOFF_FIRST_MS 50
#define BACKOFF_MAX_MS   5000

#define MAX_BROKEN_WATCHERS 5 /* about a second and a half */

#define DAY_S (24 * 60 * 60)

/* One reading under way, or waiting to be tried again. */
typedef struct
{
  Engine *engine;
  char *reader;
  guint generation;
  Worker *worker;
  guint retry;    /* source, while there is no worker */
  gint64 started; /* monotonic, µs */
  FrameStage stage;
} Reading;

struct _Engine
{
  GObject parent;
  World *world;
  View *view;
  Rules rules;
  Alarm *alarm;       /* for the judgement's next moment */
  GPtrArray *issuers; /* Issuer */
  Memory *memory;
  Store *store; /* or NULL: nothing is kept, and nobody is reminded of what is away */

  Worker *watcher;
  guint restart;        /* source, while there is no watcher */
  guint n_restarts;     /* in a row, without a picture between them */
  GHashTable *readings; /* reader → Reading */
  Inquiries *inquiries;
  Modules *modules;
};

G_DEFINE_TYPE (Engine, engine, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void apply (Engine *engine, const WorldEvent *event);
static void start_watcher (Engine *engine);

/* ---- readings ---- */

static void
reading_free (Reading *reading)
{
  g_clear_pointer (&reading->worker, worker_free);
  g_clear_handle_id (&reading->retry, g_source_remove);
  g_free (reading->reader);
  g_free (reading);
}

static void
apply_to_slot (Reading *reading, WorldEvent event)
{
  event.reader = reading->reader;
  event.generation = reading->generation;
  apply (reading->engine, &event);
}

/* Ends READING with what became of it: the slot's next wish makes a new one. */
static void
end_reading (Reading *reading, WorldEvent event)
{
  Engine *engine = reading->engine;
  g_autofree char *reader = g_strdup (reading->reader);

  event.reader = reader;
  event.generation = reading->generation;
  g_hash_table_remove (engine->readings, reader);
  apply (engine, &event);
}

static void
fail_reading (Reading *reading, ErrorCode failure)
{
  end_reading (reading, (WorldEvent){ .kind = WORLD_EVENT_FAILURE, .failure = failure });
}

/* What it means that nothing has come in time. */
static ErrorCode
explain_silence (const Reading *reading)
{
  const Slot *slot = world_find_slot (reading->engine->world, reading->reader);

  if (reading->stage == FRAME_STAGE_SERVICE)
    return ERROR_SERVICE_HUNG;
  if (reading->stage == FRAME_STAGE_CONNECT)
    return slot && slot->in_use ? ERROR_READER_BUSY : ERROR_SERVICE_HUNG;
  return ERROR_TOKEN_SILENT;
}

static void
renew_deadline (Reading *reading)
{
  static const guint limits_ms[] = { DEADLINE_SERVICE_MS, DEADLINE_CONNECT_MS, DEADLINE_READ_MS };
  gint64 left_ms = DEADLINE_TOTAL_MS - (g_get_monotonic_time () - reading->started) / 1000;

  worker_set_deadline (reading->worker, CLAMP (left_ms, 1, limits_ms[reading->stage]));
}

static void
take_token (Reading *reading, WorldEventKind kind, GVariant *payload)
{
  g_autoptr (Token) token = token_from_variant (payload);

  if (!token || token->complete != (kind == WORLD_EVENT_TOKEN))
    fail_reading (reading, ERROR_WORKER_FAILED);
  else if (kind == WORLD_EVENT_TOKEN)
    end_reading (reading, (WorldEvent){ .kind = kind, .token = token });
  else
    {
      renew_deadline (reading);
      apply_to_slot (reading, (WorldEvent){ .kind = kind, .token = token });
    }
}

static void
on_reading_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  Reading *reading = data;
  guint32 number = g_variant_is_of_type (payload, G_VARIANT_TYPE_UINT32) ? g_variant_get_uint32 (payload) : 0;

  switch (kind)
    {
    case FRAME_STAGE:
      reading->stage = MIN (number, FRAME_STAGE_READ);
      renew_deadline (reading);
      return;
    case FRAME_IN_USE:
      apply_to_slot (reading, (WorldEvent){ .kind = WORLD_EVENT_IN_USE, .in_use = g_variant_get_boolean (payload) });
      return;
    case FRAME_PARTIAL:
      take_token (reading, WORLD_EVENT_PARTIAL, payload);
      return;
    case FRAME_TOKEN:
      take_token (reading, WORLD_EVENT_TOKEN, payload);
      return;
    case FRAME_FAILURE:
      fail_reading (reading, number > ERROR_NONE && number < ERROR_N_CODES ? number : ERROR_WORKER_FAILED);
      return;
    case FRAME_READERS:
    case FRAME_ATTEMPT:
    case FRAME_QUESTION:
    case FRAME_REVOCATION:
    case FRAME_TRANSCRIPT:
    case FRAME_MODULE:
    case FRAME_SECRET:
    case FRAME_GO:
    case FRAME_N_KINDS:
      break;
    }
  fail_reading (reading, ERROR_WORKER_FAILED);
}

static void
on_reading_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  Reading *reading = data;

  fail_reading (reading, timed_out ? explain_silence (reading) : ERROR_WORKER_FAILED);
}

static gboolean
on_spawn_failed (gpointer data)
{
  Reading *reading = data;

  reading->retry = 0;
  fail_reading (reading, ERROR_WORKER_MISSING);
  return G_SOURCE_REMOVE;
}

static gboolean
on_retry (gpointer data)
{
  Reading *reading = data;

  reading->retry = 0;
  end_reading (reading, (WorldEvent){ .kind = WORLD_EVENT_RETRY });
  return G_SOURCE_REMOVE;
}

/* Does what SLOT wants. */
static void
start_reading (Engine *engine, const Slot *slot)
{
  const char *const arguments[] = { "read", slot->reader, NULL };
  Reading *reading = g_new0 (Reading, 1);
  g_autoptr (GError) error = NULL;

  reading->engine = engine;
  reading->reader = g_strdup (slot->reader);
  reading->generation = slot->generation;
  reading->started = g_get_monotonic_time ();
  g_hash_table_insert (engine->readings, reading->reader, reading);
  if (slot->wants == SLOT_WANTS_RETRY)
    {
      reading->retry = g_timeout_add (slot_get_retry_delay (slot), on_retry, reading);
      return;
    }
  reading->worker = worker_spawn (arguments, on_reading_frame, on_reading_end, reading, &error);
  if (reading->worker)
    {
      renew_deadline (reading);
      return;
    }
  g_warning ("%s", error->message);
  reading->retry = g_idle_add (on_spawn_failed, reading);
}

/* Makes the readings that are under way those that the slots want. */
static void
serve_slots (Engine *engine)
{
  GHashTableIter iter;
  Reading *reading;

  g_hash_table_iter_init (&iter, engine->readings);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &reading))
    {
      const Slot *slot = world_find_slot (engine->world, reading->reader);

      if (!slot || slot->generation != reading->generation || slot->wants == SLOT_WANTS_NOTHING)
        g_hash_table_iter_remove (&iter);
    }
  for (guint i = 0; i < engine->world->slots->len; i++)
    {
      const Slot *slot = engine->world->slots->pdata[i];

      if (slot->wants == SLOT_WANTS_NOTHING)
        continue;
      if (slot->module)
        modules_refresh (engine->modules, slot->module);
      else if (!g_hash_table_contains (engine->readings, slot->reader))
        start_reading (engine, slot);
    }
}

/* ---- the road ---- */

static void
on_moment (gpointer data)
{
  apply (data, NULL);
}

/* Takes NEXT. */
static void
set_memory (Engine *engine, Memory *next)
{
  g_autoptr (Memory) before = engine->memory;

  engine->memory = next;
  if (engine->store && next != before)
    store_save (engine->store, next);
}

static void
remember (Engine *engine)
{
  if (engine->store && engine->rules.remind_absent)
    set_memory (engine, memory_see (engine->memory, engine->world, engine->issuers));
}

/* Has libraries asked about tokens that nobody else knows. */
static void
ask_modules (Engine *engine)
{
  g_autoptr (GPtrArray) asked = modules_follow (engine->modules, engine->world);

  for (guint i = 0; i < asked->len; i++)
    {
      g_autoptr (World) before = engine->world;
      WorldEvent event = { .kind = WORLD_EVENT_MODULE, .module = asked->pdata[i] };

      modules_find (engine->modules, event.module->id, &event.library);
      engine->world = world_apply (before, &event);
    }
}

/* The program: EVENT (NULL: time has passed) makes the next world, the world is judged, the judgement is shown. */
static void
apply (Engine *engine, const WorldEvent *event)
{
  g_autoptr (World) before = g_steal_pointer (&engine->world);
  g_autoptr (Judgement) judgement = NULL;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  WorldEvent stamped = event ? *event : (WorldEvent){ 0 };

  stamped.time = now;
  engine->world = event ? world_apply (before, &stamped) : world_ref (before);
  if (event && engine->world == before)
    return;
  ask_modules (engine);
  remember (engine);
  judgement = judge (engine->world, engine->memory, now, &engine->rules);
  g_clear_pointer (&engine->view, view_unref);
  engine->view = view_build (engine->world, judgement);
  alarm_set (engine->alarm, judgement->next);
  serve_slots (engine);
  g_signal_emit (engine, signals[SIGNAL_CHANGED], 0);
}

/* ---- the watcher ---- */

static void
apply_readers (Engine *engine, ReaderList *list)
{
  apply (engine, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

/* Nobody can tell what is in the readers. */
static void
lose_service (Engine *engine, ErrorCode failure)
{
  g_autoptr (ReaderList) list = reader_list_new (failure, 0);

  apply_readers (engine, list);
}

static gboolean
on_restart (gpointer data)
{
  Engine *engine = data;

  engine->restart = 0;
  start_watcher (engine);
  return G_SOURCE_REMOVE;
}

/* FAILURE: why, when it is known. A watcher that ends again and again is as good as none. */
static void
restart_watcher (Engine *engine, ErrorCode failure)
{
  guint delay_ms = MIN (BACKOFF_FIRST_MS << MIN (engine->n_restarts, 10), BACKOFF_MAX_MS);

  g_clear_pointer (&engine->watcher, worker_free);
  engine->n_restarts++;
  engine->restart = g_timeout_add (delay_ms, on_restart, engine);
  if (failure == ERROR_NONE && engine->n_restarts == MAX_BROKEN_WATCHERS)
    failure = ERROR_WORKER_MISSING;
  if (failure != ERROR_NONE)
    lose_service (engine, failure);
}

static void
on_watcher_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  Engine *engine = data;

  restart_watcher (engine, timed_out ? ERROR_SERVICE_HUNG : ERROR_NONE);
}

static void
on_watcher_frame (Worker *worker, FrameKind kind, GVariant *payload, gpointer data)
{
  Engine *engine = data;
  g_autoptr (ReaderList) list = kind == FRAME_READERS ? reader_list_from_variant (payload) : NULL;

  if (list)
    {
      worker_set_deadline (worker, 0);
      engine->n_restarts = 0;
      apply_readers (engine, list);
    }
  else if (kind == FRAME_STAGE)
    worker_set_deadline (worker, DEADLINE_SERVICE_MS);
  else
    restart_watcher (engine, ERROR_NONE);
}

static void
start_watcher (Engine *engine)
{
  static const char *const arguments[] = { "watch", NULL };
  g_autoptr (GError) error = NULL;

  engine->watcher = worker_spawn (arguments, on_watcher_frame, on_watcher_end, engine, &error);
  if (engine->watcher)
    {
      worker_set_deadline (engine->watcher, DEADLINE_SERVICE_MS);
      return;
    }
  if (engine->n_restarts == 0)
    g_warning ("%s", error->message);
  restart_watcher (engine, ERROR_WORKER_MISSING);
}

/* ---- vendor libraries ---- */

static void
on_module (const ModuleProfile *module,
           const char *library,
           const ModuleReport *report,
           ErrorCode failure,
           gpointer data)
{
  apply (data,
         &(WorldEvent){
           .kind = WORLD_EVENT_MODULE, .module = module, .library = library, .report = report, .failure = failure });
}

void
engine_retry_modules (Engine *engine)
{
  modules_retry (engine->modules);
}

/* ---- the object ---- */

/* What a person chooses, and what the engine knows itself. */
static void
take_rules (Engine *engine, const Rules *rules)
{
  engine->rules = *rules;
  engine->rules.issuers = engine->issuers;
  engine->rules.built = BUILT;
}

void
engine_set_rules (Engine *engine, const Rules *rules)
{
  take_rules (engine, rules);
  apply (engine, NULL);
}

void
engine_start (Engine *engine)
{
  if (engine->watcher || engine->restart)
    return;
  start_watcher (engine);
  modules_start (engine->modules);
}

/* The slot that holds the token with FINGERPRINT, or NULL. */
static const Slot *
find_slot_of_token (Engine *engine, const char *fingerprint)
{
  for (guint i = 0; i < engine->world->slots->len; i++)
    {
      const Slot *slot = engine->world->slots->pdata[i];
      g_autofree char *other = slot->state == SLOT_READY ? token_make_fingerprint (slot->token) : NULL;

      if (g_strcmp0 (other, fingerprint) == 0)
        return slot;
    }
  return NULL;
}

gboolean
engine_find_token (Engine *engine, const char *fingerprint, EnginePlace *place)
{
  const Slot *slot = find_slot_of_token (engine, fingerprint);

  if (!slot)
    return FALSE;
  *place = (EnginePlace){ .reader = g_strdup (slot->reader), .generation = slot->generation };
  if (slot->module)
    place->module = modules_find (engine->modules, slot->module, &place->library);
  return TRUE;
}

void
engine_refresh_token (Engine *engine, const char *reader, guint generation, Token *token)
{
  apply (engine, &(WorldEvent){ .kind = token ? WORLD_EVENT_TOKEN : WORLD_EVENT_RETRY,
                                .reader = reader,
                                .generation = generation,
                                .token = token });
}

static void
on_answer (Revocation *revocation, gpointer data)
{
  apply (data, &(WorldEvent){ .kind = WORLD_EVENT_REVOCATION, .revocation = revocation });
}

void
engine_ask_revocation (Engine *engine, const char *sha256)
{
  for (guint i = 0; i < engine->world->slots->len; i++)
    {
      const Slot *slot = engine->world->slots->pdata[i];
      const GPtrArray *certificates = slot->state == SLOT_READY ? slot->token->certificates : NULL;

      for (guint j = 0; certificates && j < certificates->len; j++)
        if (strcmp (((Certificate *) certificates->pdata[j])->sha256, sha256) == 0)
          {
            inquiries_ask (engine->inquiries, certificates->pdata[j], certificates);
            return;
          }
    }
}

void
engine_set_store (Engine *engine, Store *store)
{
  engine->store = store;
  set_memory (engine, store_load (store));
  apply (engine, NULL);
}

void
engine_remind_done (Engine *engine, const char *id)
{
  set_memory (engine, memory_show (engine->memory, id, g_get_real_time () / G_USEC_PER_SEC));
  apply (engine, NULL);
}

void
engine_remind_tomorrow (Engine *engine, const char *id)
{
  set_memory (engine, memory_snooze (engine->memory, id, g_get_real_time () / G_USEC_PER_SEC + DAY_S));
  apply (engine, NULL);
}

void
engine_forget (Engine *engine)
{
  set_memory (engine, memory_forget (engine->memory));
  apply (engine, NULL);
}

View *
engine_get_view (Engine *engine)
{
  return engine->view;
}

static void
engine_init (Engine *engine)
{
  g_autoptr (Judgement) judgement = NULL;

  engine->world = world_new ();
  engine->issuers = profiles_load_issuers ();
  engine->memory = memory_new ();
  engine->alarm = alarm_new (on_moment, engine);
  take_rules (engine, &RULES_DEFAULT);
  engine->inquiries = inquiries_new (on_answer, engine);
  engine->modules = modules_new (profiles_load_modules (), on_module, engine);
  engine->readings = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) reading_free);
  judgement = judge (engine->world, engine->memory, 0, &engine->rules);
  engine->view = view_build (engine->world, judgement);
}

static void
engine_finalize (GObject *object)
{
  Engine *engine = ASSISTANT_ENGINE (object);

  alarm_free (engine->alarm);
  g_clear_handle_id (&engine->restart, g_source_remove);
  g_clear_pointer (&engine->watcher, worker_free);
  g_hash_table_unref (engine->readings);
  inquiries_free (engine->inquiries);
  modules_free (engine->modules);
  view_unref (engine->view);
  world_unref (engine->world);
  memory_unref (engine->memory);
  g_clear_pointer (&engine->store, store_free);
  g_ptr_array_unref (engine->issuers);
  G_OBJECT_CLASS (engine_parent_class)->finalize (object);
}

static void
engine_class_init (EngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = engine_finalize;
  signals[SIGNAL_CHANGED] =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

Engine *
engine_new (void)
{
  return g_object_new (ENGINE_TYPE, NULL);
}
