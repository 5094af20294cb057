#include "engine.h"

#include <string.h>

#include "alarm.h"
#include "inquiries.h"
#include "modules.h"
#include "profiles.h"
#include "readings.h"
#include "watcher.h"

#define DAY_S (24 * 60 * 60)

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
  gboolean started;

  Watcher *watcher;
  Readings *readings;
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

/* ---- the road ---- */

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

/* Has done what the slots want. */
static void
serve_slots (Engine *engine)
{
  readings_follow (engine->readings, engine->world);
  for (guint i = 0; i < engine->world->slots->len; i++)
    {
      const Slot *slot = engine->world->slots->pdata[i];

      if (slot->module && slot->wants != SLOT_WANTS_NOTHING)
        modules_refresh (engine->modules, slot->module);
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

/* ---- what happens ---- */

static void
on_moment (gpointer data)
{
  apply (data, NULL);
}

static void
on_readers (ReaderList *list, gpointer data)
{
  apply (data, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

static void
on_reading (const WorldEvent *event, gpointer data)
{
  apply (data, event);
}

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

static void
on_answer (Revocation *revocation, gpointer data)
{
  apply (data, &(WorldEvent){ .kind = WORLD_EVENT_REVOCATION, .revocation = revocation });
}

/* ---- from outside ---- */

void
engine_retry_modules (Engine *engine)
{
  modules_retry (engine->modules);
}

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
  if (engine->started)
    return;
  engine->started = TRUE;
  watcher_start (engine->watcher);
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

void
engine_ask_revocation (Engine *engine, const char *sha256)
{
  for (guint i = 0; i < engine->world->slots->len; i++)
    {
      const Slot *slot = engine->world->slots->pdata[i];
      const Certificate *certificate = slot->state == SLOT_READY ? token_find_certificate (slot->token, sha256) : NULL;

      if (certificate)
        {
          inquiries_ask (engine->inquiries, certificate, slot->token->certificates);
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

/* ---- the object ---- */

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
  engine->watcher = watcher_new (on_readers, engine);
  engine->readings = readings_new (on_reading, engine);
  judgement = judge (engine->world, engine->memory, 0, &engine->rules);
  engine->view = view_build (engine->world, judgement);
}

static void
engine_finalize (GObject *object)
{
  Engine *engine = ASSISTANT_ENGINE (object);

  alarm_free (engine->alarm);
  watcher_free (engine->watcher);
  readings_free (engine->readings);
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
