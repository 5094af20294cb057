#include <stdio.h>

#include "file.h"
#include "model/text.h"
#include "probe-part.h"
#include "profiles.h"

#define GROUP     "Services"
#define MAX_SIZE  (4 * 1024 * 1024)
#define LISTENING 0x0A

typedef struct
{
  GKeyFile *known;
  GPtrArray *names; /* of services that listen, each once */
} Ports;

static gpointer
begin (void)
{
  Ports *ports = g_new0 (Ports, 1);

  ports->known = profiles_load_file ("check.ini");
  ports->names = g_ptr_array_new_with_free_func (g_free);
  return ports;
}

static void
end (gpointer part)
{
  Ports *ports = part;

  g_key_file_unref (ports->known);
  g_ptr_array_unref (ports->names);
  g_free (ports);
}

static void
add_service (Ports *ports, guint port)
{
  g_autofree char *key = g_strdup_printf ("%u", port);
  g_autofree char *raw = g_key_file_get_locale_string (ports->known, GROUP, key, NULL, NULL);
  g_autofree char *name = raw ? text_clean (raw, -1) : NULL;

  if (name && *name && !g_ptr_array_find_with_equal_func (ports->names, name, g_str_equal, NULL))
    g_ptr_array_add (ports->names, g_steal_pointer (&name));
}

/* A line as of proc(5), /proc/net/tcp: whoever listens at an address of this machine alone, or at all, can be reached
 * here. */
static void
read_line (Ports *ports, const char *line)
{
  guint port, state;

  if (sscanf (line, " %*u: %*[0-9A-F]:%4X %*[0-9A-F]:%*4X %2X", &port, &state) == 2 && state == LISTENING)
    add_service (ports, port);
}

static void
read_table (Ports *ports, const char *path, GError **error)
{
  gsize length;
  g_autofree char *text = file_read (path, TRUE, MAX_SIZE, &length, error);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;

  for (guint i = 0; lines && lines[i]; i++)
    read_line (ports, lines[i]);
}

/* Both tables in one step: the kernel makes them from its memory. One without IPv6 has no second one. */
static gboolean
step (gpointer part, DiagnosisFacts *facts)
{
  Ports *ports = part;
  g_autoptr (GError) error = NULL;

  read_table (ports, "/proc/net/tcp", &error);
  read_table (ports, "/proc/net/tcp6", NULL);
  facts->services = error ? probe_part_explain (error) : DIAGNOSIS_KNOWN;
  g_ptr_array_add (ports->names, NULL);
  facts->service_names = g_strdupv ((GStrv) ports->names->pdata);
  return FALSE;
}

const ProbePart probe_part_ports = { begin, step, end };
