/* One look at the machine for the diagnosis: what is plugged in, the smart card service and who is connected to it,
 * what the desktop has. It asks no token and starts no program: it reads what the system tells of itself, in small
 * steps between the other work of the main loop, and it ends within two seconds whatever does not answer. Nothing is
 * watched: the next look is another probe. */
#pragma once

#include "model/diagnosis.h"

typedef struct _Probe Probe;

/* FACTS are there as long as the probe is, and do not change any more. The probe may be freed in here. */
typedef void (*ProbeFunc) (const DiagnosisFacts *facts, gpointer data);

/* Calls DONE once, when the main loop runs. */
Probe *probe_new (ProbeFunc done, gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/* DONE is not called any more. */
void probe_free (Probe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free)
