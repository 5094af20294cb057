/* One attempt to change or unlock a PIN: one click, one worker, at most one try at stake. */
#pragma once

#include "engine.h"
#include "model/attempt.h"

typedef struct _PinJob PinJob;

/* It is over, and what the token says of its counters now stands in the engine's view already, or is being read. JOB
 * may be freed in here. */
typedef void (*PinJobFunc) (PinJob *job, const Attempt *attempt, gpointer data);

/* Begins TASK with what was typed first and the new PIN, at most FRAME_MAX_SECRET bytes each, in locked memory: they
 * are handed to the worker before this returns, and may be wiped then. Where they are typed at the reader (TASK->pad)
 * neither is looked at: both may be NULL. DONE is called once, never before the main loop runs again. ENGINE must
 * outlive the job. */
PinJob *pin_job_new (Engine *engine,
                     const PinTask *task,
                     gconstpointer secret,
                     gsize secret_length,
                     gconstpointer new_pin,
                     gsize new_length,
                     PinJobFunc done,
                     gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/* Gives up a job to which nothing may have been sent yet: TRUE, and DONE will say so. FALSE: a PIN may be on its way,
 * and the job goes on; from when the reader asks for PINs at its keypad, only there can it be given up. */
gboolean pin_job_cancel (PinJob *job);

/* Kills its worker, whatever it is doing; DONE is not called any more. */
void pin_job_free (PinJob *job);
