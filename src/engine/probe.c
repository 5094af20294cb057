#include "probe.h"

#include "autostart.h"
#include "probe-part.h"

#define DEADLINE_MS 2000

static const ProbePart *const parts[] = { &probe_part_usb, &probe_part_service, &probe_part_ports };

struct _Probe
{
  ProbeFunc done;
  gpointer data;
  DiagnosisFacts facts;
  guint n_parts;  /* that have ended */
  gpointer part;  /* the one under way, or NULL */
  guint step;     /* source, while a part is under way */
  guint deadline; /* source */
  ProbeBus *bus;  /* while it has not answered */
};

DiagnosisReason
probe_part_explain (const GError *failure)
{
  return g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED) ? DIAGNOSIS_FORBIDDEN : DIAGNOSIS_NOT_TOLD;
}

static void
stop (Probe *probe)
{
  if (probe->part)
    parts[probe->n_parts]->end (probe->part);
  probe->part = NULL;
  g_clear_handle_id (&probe->step, g_source_remove);
  g_clear_handle_id (&probe->deadline, g_source_remove);
  g_clear_pointer (&probe->bus, probe_bus_free);
}

static void
finish (Probe *probe)
{
  stop (probe);
  probe->done (&probe->facts, probe->data);
}

static gboolean
on_deadline (gpointer data)
{
  Probe *probe = data;

  probe->deadline = 0;
  finish (probe);
  return G_SOURCE_REMOVE;
}

static void
on_bus_done (gpointer data)
{
  Probe *probe = data;

  g_clear_pointer (&probe->bus, probe_bus_free);
  if (!probe->step)
    finish (probe);
}

static gboolean
on_step (gpointer data)
{
  Probe *probe = data;

  if (!probe->part)
    probe->part = parts[probe->n_parts]->begin ();
  if (parts[probe->n_parts]->step (probe->part, &probe->facts))
    return G_SOURCE_CONTINUE;
  parts[probe->n_parts]->end (probe->part);
  probe->part = NULL;
  probe->n_parts++;
  if (probe->n_parts < G_N_ELEMENTS (parts))
    return G_SOURCE_CONTINUE;
  probe->step = 0;
  if (!probe->bus)
    finish (probe);
  return G_SOURCE_REMOVE;
}

static gboolean
is_gnome (void)
{
  const char *names = g_getenv ("XDG_CURRENT_DESKTOP");
  g_auto (GStrv) list = names ? g_strsplit (names, ":", -1) : NULL;

  return list && g_strv_contains ((const char *const *) list, "GNOME");
}

Probe *
probe_new (ProbeFunc done, gpointer data)
{
  Probe *probe = g_new0 (Probe, 1);

  probe->done = done;
  probe->data = data;
  probe->facts.now = g_get_real_time () / G_USEC_PER_SEC;
  probe->facts.gnome = is_gnome ();
  probe->facts.autostart = (DiagnosisFact){ DIAGNOSIS_KNOWN, autostart_is_on () };
  probe->bus = probe_bus_new (&probe->facts, on_bus_done, probe);
  probe->step = g_idle_add (on_step, probe);
  probe->deadline = g_timeout_add (DEADLINE_MS, on_deadline, probe);
  return probe;
}

void
probe_free (Probe *probe)
{
  stop (probe);
  diagnosis_clear_facts (&probe->facts);
  g_free (probe);
}
