#include "readings.h"

#include "worker.h"

/* How long a step may take before the worker is killed. Connecting powers the token up; a slow token sends a part of
 * what it holds well within the time between two frames. */
#define DEADLINE_SERVICE_MS 3000
#define DEADLINE_CONNECT_MS 5000
#define DEADLINE_READ_MS    10000
#define DEADLINE_TOTAL_MS   60000

struct _Readings
{
  ReadingsFunc func;
  gpointer data;
  GHashTable *all; /* reader → Reading */
};

/* One under way, or waiting to be tried again. */
typedef struct
{
  Readings *readings;
  char *reader;
  guint generation;
  gboolean in_use; /* other programs are at the token, as the world has it */
  Worker *worker;
  guint retry;    /* source, while there is no worker */
  gint64 started; /* monotonic, µs */
  FrameStage stage;
} Reading;

static void
reading_free (Reading *reading)
{
  g_clear_pointer (&reading->worker, worker_free);
  g_clear_handle_id (&reading->retry, g_source_remove);
  g_free (reading->reader);
  g_free (reading);
}

/* ---- events ---- */

static void
tell (Reading *reading, WorldEvent event)
{
  event.reader = reading->reader;
  event.generation = reading->generation;
  reading->readings->func (&event, reading->readings->data);
}

/* Ends READING with what became of it: the slot's next wish makes a new one. */
static void
end (Reading *reading, WorldEvent event)
{
  Readings *readings = reading->readings;
  g_autofree char *reader = g_strdup (reading->reader);

  event.reader = reader;
  event.generation = reading->generation;
  g_hash_table_remove (readings->all, reader);
  readings->func (&event, readings->data);
}

static void
fail (Reading *reading, ErrorCode failure)
{
  end (reading, (WorldEvent){ .kind = WORLD_EVENT_FAILURE, .failure = failure });
}

/* What it means that nothing has come in time. */
static ErrorCode
explain_silence (const Reading *reading)
{
  if (reading->stage == FRAME_STAGE_SERVICE)
    return ERROR_SERVICE_HUNG;
  if (reading->stage == FRAME_STAGE_CONNECT)
    return reading->in_use ? ERROR_READER_BUSY : ERROR_SERVICE_HUNG;
  return ERROR_TOKEN_SILENT;
}

static void
renew_deadline (Reading *reading)
{
  static const guint limits_ms[] = { DEADLINE_SERVICE_MS, DEADLINE_CONNECT_MS, DEADLINE_READ_MS };
  gint64 left_ms = DEADLINE_TOTAL_MS - (g_get_monotonic_time () - reading->started) / 1000;

  worker_set_deadline (reading->worker, CLAMP (left_ms, 1, limits_ms[reading->stage]));
}

/* ---- the worker ---- */

static void
take_token (Reading *reading, WorldEventKind kind, GVariant *payload)
{
  g_autoptr (Token) token = token_from_variant (payload);

  if (!token || token->complete != (kind == WORLD_EVENT_TOKEN))
    fail (reading, ERROR_WORKER_FAILED);
  else if (kind == WORLD_EVENT_TOKEN)
    end (reading, (WorldEvent){ .kind = kind, .token = token });
  else
    {
      renew_deadline (reading);
      tell (reading, (WorldEvent){ .kind = kind, .token = token });
    }
}

static void
take_failure (Reading *reading, guint32 code)
{
  fail (reading, code > ERROR_NONE && code < ERROR_N_CODES ? code : ERROR_WORKER_FAILED);
}

static void
on_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  Reading *reading = data;

  if (kind == FRAME_STAGE)
    {
      reading->stage = MIN (g_variant_get_uint32 (payload), FRAME_STAGE_READ);
      renew_deadline (reading);
    }
  else if (kind == FRAME_IN_USE)
    tell (reading, (WorldEvent){ .kind = WORLD_EVENT_IN_USE, .in_use = g_variant_get_boolean (payload) });
  else if (kind == FRAME_PARTIAL)
    take_token (reading, WORLD_EVENT_PARTIAL, payload);
  else if (kind == FRAME_TOKEN)
    take_token (reading, WORLD_EVENT_TOKEN, payload);
  else if (kind == FRAME_FAILURE)
    take_failure (reading, g_variant_get_uint32 (payload));
  else
    fail (reading, ERROR_WORKER_FAILED);
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  Reading *reading = data;

  fail (reading, timed_out ? explain_silence (reading) : ERROR_WORKER_FAILED);
}

static gboolean
on_spawn_failed (gpointer data)
{
  Reading *reading = data;

  reading->retry = 0;
  fail (reading, ERROR_WORKER_MISSING);
  return G_SOURCE_REMOVE;
}

static gboolean
on_retry (gpointer data)
{
  Reading *reading = data;

  reading->retry = 0;
  end (reading, (WorldEvent){ .kind = WORLD_EVENT_RETRY });
  return G_SOURCE_REMOVE;
}

static void
spawn (Reading *reading)
{
  const char *const arguments[] = { "read", reading->reader, NULL };
  g_autoptr (GError) error = NULL;

  reading->worker = worker_spawn (arguments, on_frame, on_end, reading, &error);
  if (reading->worker)
    {
      renew_deadline (reading);
      return;
    }
  g_warning ("%s", error->message);
  reading->retry = g_idle_add (on_spawn_failed, reading);
}

/* ---- what is wanted ---- */

/* Does what SLOT wants. */
static void
start (Readings *readings, const Slot *slot)
{
  Reading *reading = g_new0 (Reading, 1);

  reading->readings = readings;
  reading->reader = g_strdup (slot->reader);
  reading->generation = slot->generation;
  reading->in_use = slot->in_use;
  reading->started = g_get_monotonic_time ();
  g_hash_table_insert (readings->all, reading->reader, reading);
  if (slot->wants == SLOT_WANTS_RETRY)
    reading->retry = g_timeout_add (slot_get_retry_delay (slot), on_retry, reading);
  else
    spawn (reading);
}

static gboolean
is_over (gpointer reader G_GNUC_UNUSED, gpointer value, gpointer world)
{
  Reading *reading = value;
  const Slot *slot = world_find_slot (world, reading->reader);

  if (!slot || slot->generation != reading->generation || slot->wants == SLOT_WANTS_NOTHING)
    return TRUE;
  reading->in_use = slot->in_use;
  return FALSE;
}

void
readings_follow (Readings *readings, const World *world)
{
  g_hash_table_foreach_remove (readings->all, is_over, (gpointer) world);
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      if (!slot->module && slot->wants != SLOT_WANTS_NOTHING && !g_hash_table_contains (readings->all, slot->reader))
        start (readings, slot);
    }
}

Readings *
readings_new (ReadingsFunc func, gpointer data)
{
  Readings *readings = g_new0 (Readings, 1);

  readings->func = func;
  readings->data = data;
  readings->all = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) reading_free);
  return readings;
}

void
readings_free (Readings *readings)
{
  g_hash_table_unref (readings->all);
  g_free (readings);
}
