#include "pin-job.h"

#include "worker.h"

/* Each step by itself, as in engine.c; a token may take its time to compare a PIN and to write the new one. */
static const guint deadlines_ms[FRAME_N_STAGES] = {
  [FRAME_STAGE_SERVICE] = 3000,
  [FRAME_STAGE_CONNECT] = 5000,
  [FRAME_STAGE_READ] = 20000,
  [FRAME_STAGE_SEND] = 30000,
};

/* A person types up to three entries at the reader before anything is sent. */
#define PAD_MS (3 * ATTEMPT_PAD_SECONDS * 1000)

struct _PinJob
{
  Engine *engine;
  EnginePlace place;
  char *fingerprint;
  Worker *worker;
  guint idle; /* source, where the job was over before it began */
  FrameStage stage;
  gboolean pad;
  gboolean in_use;   /* another program was at the token when we came */
  gboolean answered; /* ATTEMPT is the worker's word */
  Attempt attempt;
  PinJobFunc done;
  gpointer data;
};

static void
finish (PinJob *job)
{
  Attempt attempt = job->attempt;

  g_clear_pointer (&job->worker, worker_free);
  job->done (job, &attempt, job->data);
}

/* The worker has ended, or was ended, before it said what came of it. */
static void
fail (PinJob *job, ErrorCode failure)
{
  if (!job->answered)
    {
      job->attempt.sent = job->stage >= FRAME_STAGE_SEND;
      job->attempt.failure = job->attempt.sent ? ERROR_PIN_UNANSWERED : failure;
    }
  if (job->attempt.sent)
    engine_refresh_token (job->engine, job->place.reader, job->place.generation, NULL);
  finish (job);
}

static ErrorCode
explain_silence (const PinJob *job)
{
  if (job->stage == FRAME_STAGE_SERVICE)
    return ERROR_SERVICE_HUNG;
  if (job->stage == FRAME_STAGE_CONNECT)
    return job->in_use ? ERROR_READER_BUSY : ERROR_SERVICE_HUNG;
  return ERROR_TOKEN_SILENT;
}

/* How the token is now. One that is not the token of the task is none of our business here: the watcher tells. */
static void
take_token (PinJob *job, GVariant *payload)
{
  g_autoptr (Token) token = token_from_variant (payload);
  g_autofree char *fingerprint = token && token->complete ? token_make_fingerprint (token) : NULL;

  if (!job->answered)
    {
      fail (job, ERROR_WORKER_FAILED);
      return;
    }
  if (g_strcmp0 (fingerprint, job->fingerprint) == 0)
    engine_refresh_token (job->engine, job->place.reader, job->place.generation, token);
  else if (job->attempt.sent)
    engine_refresh_token (job->engine, job->place.reader, job->place.generation, NULL);
  finish (job);
}

static void
take_stage (PinJob *job, guint32 stage)
{
  /* Sent is sent: what is read afterwards begins again at the first stage. */
  if (stage >= FRAME_N_STAGES || job->stage == FRAME_STAGE_SEND)
    return;
  job->stage = stage;
  worker_set_deadline (job->worker, deadlines_ms[stage] + (stage == FRAME_STAGE_SEND && job->pad ? PAD_MS : 0));
  /* Only now may anything be sent: whatever ended before this has cost no try. */
  if (stage == FRAME_STAGE_SEND && !worker_send (job->worker, FRAME_GO, NULL, 0))
    fail (job, ERROR_WORKER_FAILED);
}

static void
on_frame (Worker *worker G_GNUC_UNUSED, FrameKind kind, GVariant *payload, gpointer data)
{
  PinJob *job = data;
  Attempt attempt;

  if (kind == FRAME_STAGE)
    take_stage (job, g_variant_get_uint32 (payload));
  else if (kind == FRAME_IN_USE)
    job->in_use = g_variant_get_boolean (payload);
  else if (kind == FRAME_ATTEMPT && !job->answered && attempt_from_variant (payload, &attempt))
    {
      job->answered = TRUE;
      job->attempt = attempt;
    }
  else if (kind == FRAME_TOKEN)
    take_token (job, payload);
  else
    fail (job, ERROR_WORKER_FAILED); /* FRAME_FAILURE after an attempt, or nonsense */
}

static void
on_end (Worker *worker G_GNUC_UNUSED, gboolean timed_out, gpointer data)
{
  PinJob *job = data;

  fail (job, timed_out ? explain_silence (job) : ERROR_WORKER_FAILED);
}

static gboolean
on_idle (gpointer data)
{
  PinJob *job = data;

  job->idle = 0;
  finish (job);
  return G_SOURCE_REMOVE;
}

/* Over before it began. */
static void
refuse (PinJob *job, ErrorCode failure)
{
  g_clear_pointer (&job->worker, worker_free);
  job->attempt.failure = failure;
  if (!job->idle)
    job->idle = g_idle_add (on_idle, job);
}

/* The mode and where the token is, as the worker wants them. */
static void
add_place (GPtrArray *arguments, const EnginePlace *place, PinOperation operation)
{
  static const char *const modes[PIN_N_OPERATIONS] = { "change-pin", "unlock", "unlock-as-admin" };
  /* No library has a PUK. */
  static const char *const module_modes[PIN_N_OPERATIONS] = { "module-change-pin", "module-unlock-as-admin",
                                                              "module-unlock-as-admin" };

  if (!place->module)
    {
      g_ptr_array_add (arguments, (gpointer) modes[operation]);
      g_ptr_array_add (arguments, place->reader);
      return;
    }
  g_ptr_array_add (arguments, (gpointer) module_modes[operation]);
  g_ptr_array_add (arguments, place->module->type);
  g_ptr_array_add (arguments, (gpointer) place->library);
  g_ptr_array_add (arguments, (gpointer) (place->module->own ? "own" : "any"));
  g_ptr_array_add (arguments, (gpointer) (place->module->software_tokens ? "software" : "hardware"));
}

static void
spawn (PinJob *job, const PinTask *task)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;

  add_place (arguments, &job->place, task->operation);
  g_ptr_array_add (arguments, task->ref);
  g_ptr_array_add (arguments, task->fingerprint);
  if (task->last_try)
    g_ptr_array_add (arguments, (gpointer) "last-try");
  if (task->pad)
    g_ptr_array_add (arguments, (gpointer) "pad");
  g_ptr_array_add (arguments, NULL);

  job->worker = worker_spawn ((const char *const *) arguments->pdata, on_frame, on_end, job, &error);
  if (job->worker)
    worker_set_deadline (job->worker, deadlines_ms[FRAME_STAGE_SERVICE]);
  else
    g_warning ("%s", error->message);
}

PinJob *
pin_job_new (Engine *engine,
             const PinTask *task,
             gconstpointer secret,
             gsize secret_length,
             gconstpointer new_pin,
             gsize new_length,
             PinJobFunc done,
             gpointer data)
{
  PinJob *job = g_new0 (PinJob, 1);

  job->engine = engine;
  job->fingerprint = g_strdup (task->fingerprint);
  job->pad = task->pad;
  job->attempt = (Attempt){ .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  job->done = done;
  job->data = data;
  if (!engine_find_token (engine, task->fingerprint, &job->place))
    {
      refuse (job, ERROR_TOKEN_ABSENT);
      return job;
    }
  spawn (job, task);
  if (!job->worker)
    refuse (job, ERROR_WORKER_MISSING);
  else if (!task->pad
           && (!worker_send (job->worker, FRAME_SECRET, secret, secret_length)
               || !worker_send (job->worker, FRAME_SECRET, new_pin, new_length)))
    refuse (job, ERROR_WORKER_FAILED);
  return job;
}

gboolean
pin_job_cancel (PinJob *job)
{
  if (job->stage >= FRAME_STAGE_SEND)
    return FALSE;
  refuse (job, ERROR_CANCELLED);
  return TRUE;
}

void
pin_job_free (PinJob *job)
{
  g_clear_pointer (&job->worker, worker_free);
  g_clear_handle_id (&job->idle, g_source_remove);
  g_free (job->place.reader);
  g_free (job->fingerprint);
  g_free (job);
}
