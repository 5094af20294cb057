/* A real engine in a main loop, with two vendor libraries: "vendor", which a test spoils, and "healthy", whose token
 * has to be there whatever becomes of the other. How long each turn of the loop takes is measured. One to a process. */
#pragma once

#include "engine/engine.h"

typedef struct
{
  Engine *engine;
  char *home;    /* XDG_CONFIG_HOME, and everything else */
  char *devices; /* of the SKF library */
  char *library; /* the file of "vendor", this process's own */
  gboolean healthy_shown;
  guint n_failures; /* how often module-failed:vendor appeared */
  guint n_turns;
  gint64 cpu_us, wall_us; /* of the longest turn */
  guint n_files;          /* open before the engine was */
} Probe;

/* KIND is "vendor"'s, "skf" or "pkcs11"; "healthy" is of the other. One SKF device, "K1", is plugged in. */
Probe *probe_new (const char *kind);

void probe_start (Probe *probe);

/* Ends the engine, and the test where that leaves a process, a zombie or an open file behind, or where a turn of the
 * loop took more than PROBE_MAX_CPU_US of this process's own work. */
void probe_free (Probe *probe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Probe, probe_free)

#define PROBE_MAX_CPU_US 16000

/* Plugs in a device with a certificate of its own. */
void probe_plug (Probe *probe, const char *name);

/* Turns switches on, "crash-SKF_EnumDev once hang-load" (tests/softskf; what is in brackets is in the file), or those
 * of tests/softp11; NULL: there are none any more. They are of "vendor", whichever it is. */
void probe_set_faults (Probe *probe, const char *faults);

/* One turn of the loop, 10 ms at most if nothing happens. */
void probe_turn (Probe *probe);

/* Runs the loop until IS_DONE; the test fails where that takes more than SECONDS. */
void probe_wait (Probe *probe, gboolean (*is_done) (Probe *probe), double seconds);
void probe_pause (Probe *probe, double seconds);

/* Tokens that the library ID shows. */
guint probe_count_tokens (const Probe *probe, const char *id);

gboolean probe_shows_vendor (Probe *probe); /* any token, and nothing is wrong with it */
gboolean probe_shows_two (Probe *probe);
gboolean probe_shows_none (Probe *probe);
gboolean probe_has_failed (Probe *probe);

/* How often the SKF library has written LINE into its journal. */
guint probe_count_calls (const Probe *probe, const char *line);

/* The process of "vendor"'s worker, or of its host; 0 where there is none. */
int probe_find_worker (const Probe *probe);
int probe_find_host (const Probe *probe);
