#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file.h"
#include "model/text.h"
#include "probe-part.h"

#define DEFAULT_SOCKET   "/run/pcscd/pcscd.comm"
#define MAX_TABLE        (4 * 1024 * 1024)
#define MAX_STATUS       4096
#define MAX_PROCESSES    65536
#define MAX_DESCRIPTORS  65536
#define PROCESSES_A_STEP 16
#define NAME_MAX_CHARS   60

#define LISTENING          0x10000 /* __SO_ACCEPTCON in the flags of /proc/net/unix */
#define KERNEL_NAME_LENGTH 15      /* TASK_COMM_LEN without its NUL: longer names are cut */

#define OWN_WORKER "cert-assistant-worker"

typedef struct
{
  GPtrArray *processes; /* their numbers, as text; NULL: cannot be listed */
  guint next;           /* the one to look at in the next step */
  GHashTable *clients;  /* inodes of sockets whose other end is the service's → their user; NULL: not known */
  GPtrArray *names;     /* of the programs that have them, each once */
  guint n_services, n_suspended;
  guint n_hidden_workers; /* of ours that we may not look into */
  gboolean init_seen;     /* the first process: where it is hidden, others are */
} Service;

/* ---- the socket ---- */

static const char *
get_socket_path (void)
{
  const char *path = g_getenv ("PCSCLITE_CSOCK_NAME");

  return path ? path : DEFAULT_SOCKET;
}

static DiagnosisFact
find_program (void)
{
  static const char *const programs[] = { "/usr/sbin/pcscd", "/usr/bin/pcscd", "/usr/local/sbin/pcscd" };
  DiagnosisFact found = { DIAGNOSIS_KNOWN, FALSE };

  for (gsize i = 0; i < G_N_ELEMENTS (programs); i++)
    found.is |= access (programs[i], F_OK) == 0;
  return found;
}

static DiagnosisFact
find_socket (void)
{
  if (access (get_socket_path (), F_OK) == 0)
    return (DiagnosisFact){ DIAGNOSIS_KNOWN, TRUE };
  return (DiagnosisFact){ errno == EACCES ? DIAGNOSIS_FORBIDDEN : DIAGNOSIS_KNOWN, FALSE };
}

/* A line as of proc(5), /proc/net/unix: whether it is of the service's socket, and then its flags and its inode. */
static gboolean
parse_line (const char *line, guint *flags, guint64 *inode)
{
  int path = 0;

  return sscanf (line, "%*x: %*x %*x %x %*x %*x %" G_GINT64_MODIFIER "u %n", flags, inode, &path) == 2 && path > 0
         && strcmp (line + path, get_socket_path ()) == 0;
}

/* Each connection is a socket of the service's with the name of the one that it came from. Who has the other end, the
 * kernel tells for one after the other. */
static void
read_sockets (Service *service, DiagnosisFacts *facts)
{
  g_autoptr (GError) error = NULL;
  gsize length;
  g_autofree char *text = file_read ("/proc/net/unix", TRUE, MAX_TABLE, &length, &error);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;
  int monitor = probe_peers_open ();
  gboolean told = TRUE;

  facts->listening = (DiagnosisFact){ error ? probe_part_explain (error) : DIAGNOSIS_KNOWN, FALSE };
  service->clients = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  for (guint i = 0; lines && lines[i]; i++)
    {
      guint flags;
      guint64 inode, peer;

      if (!parse_line (lines[i], &flags, &inode))
        continue;
      if (flags & LISTENING)
        {
          facts->listening.is = TRUE;
          continue;
        }
      peer = probe_peers_find (monitor, inode);
      told &= peer != PROBE_PEERS_NOT_TOLD;
      if (peer != 0 && told)
        g_hash_table_insert (service->clients, g_memdup2 (&peer, sizeof peer),
                             GUINT_TO_POINTER (probe_peers_get_user (monitor, peer)));
    }
  if (monitor >= 0)
    close (monitor);
  if (!lines || !told)
    g_clear_pointer (&service->clients, g_hash_table_unref);
}

/* ---- processes ---- */

/* The name that the kernel has for process PID, and its state: a letter of proc(5). NULL: it has gone, or is hidden. */
static char *
read_status (const char *pid, char *state)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "stat", NULL);
  gsize length;
  g_autofree char *text = file_read (path, TRUE, MAX_STATUS, &length, NULL);
  char *begin = text ? strchr (text, '(') : NULL, *end = text ? strrchr (text, ')') : NULL;

  if (!begin || !end || end < begin || end[1] != ' ')
    return NULL;
  *state = end[2];
  return g_strndup (begin + 1, end - begin - 1);
}

/* The whole name of the program where the kernel's is cut. */
static char *
complete_name (const char *pid, const char *name)
{
  g_autofree char *link = g_build_filename ("/proc", pid, "exe", NULL);
  g_autofree char *path = strlen (name) >= KERNEL_NAME_LENGTH ? g_file_read_link (link, NULL) : NULL;
  g_autofree char *program = path ? g_path_get_basename (path) : NULL;

  return g_strdup (program && g_str_has_prefix (program, name) ? program : name);
}

/* Takes the sockets that process PID has out of the clients; TRUE when there was one. *HIDDEN: it may not be looked
 * into. */
static gboolean
take_sockets (Service *service, const char *pid, gboolean *hidden)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "fd", NULL);
  DIR *folder = opendir (path);
  const struct dirent *entry;
  gboolean found = FALSE;

  *hidden = !folder && errno == EACCES;
  for (guint n = 0; folder && n < MAX_DESCRIPTORS && (entry = readdir (folder)); n++)
    {
      char target[64] = "";
      guint64 inode;

      if (readlinkat (dirfd (folder), entry->d_name, target, sizeof target - 1) > 0
          && sscanf (target, "socket:[%" G_GINT64_MODIFIER "u]", &inode) == 1)
        found |= g_hash_table_remove (service->clients, &inode);
    }
  if (folder)
    closedir (folder);
  return found;
}

/* Whether process PID is one of the assistant's own, by what it was called with: that is there for everybody to read,
 * also of those who let nobody look into them. */
static gboolean
is_own_worker (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "cmdline", NULL);
  gsize length;
  g_autofree char *line = file_read (path, TRUE, MAX_TABLE, &length, NULL);
  g_autofree char *program = line && *line ? g_path_get_basename (line) : NULL;

  return g_strcmp0 (program, OWN_WORKER) == 0;
}

static gboolean
is_same_user (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, NULL);
  struct stat status;

  return stat (path, &status) == 0 && status.st_uid == getuid ();
}

static void
look_at (Service *service, const char *pid, DiagnosisFacts *facts)
{
  char state = '\0';
  g_autofree char *kernel_name = read_status (pid, &state);
  g_autofree char *name = NULL, *shown = NULL;
  gboolean hidden = FALSE, connected;

  service->init_seen |= kernel_name && strcmp (pid, "1") == 0;
  if (!kernel_name)
    return;
  if (strcmp (kernel_name, "pcscd") == 0)
    {
      service->n_services++;
      service->n_suspended += state == 'T' || state == 't';
    }
  facts->scdaemon |= strcmp (kernel_name, "scdaemon") == 0 && is_same_user (pid);
  connected = service->clients && take_sockets (service, pid, &hidden);
  if ((connected || hidden) && is_own_worker (pid))
    service->n_hidden_workers += hidden;
  else if (connected)
    {
      name = complete_name (pid, kernel_name);
      shown = text_clean (name, -1);
      if (!g_ptr_array_find_with_equal_func (service->names, shown, g_str_equal, NULL))
        g_ptr_array_add (service->names, text_shorten (shown, NAME_MAX_CHARS));
    }
}

/* ---- scdaemon ---- */

/* Whether the file of the person's gpg has the line that makes scdaemon share tokens. */
static gboolean
is_sharing (void)
{
  const char *home = g_getenv ("GNUPGHOME");
  g_autofree char *path = home ? g_build_filename (home, "scdaemon.conf", NULL)
                               : g_build_filename (g_get_home_dir (), ".gnupg", "scdaemon.conf", NULL);
  gsize length;
  g_autofree char *text = file_read (path, TRUE, MAX_TABLE, &length, NULL);
  g_auto (GStrv) lines = text ? g_strsplit (text, "\n", -1) : NULL;
  gboolean sharing = FALSE;

  for (guint i = 0; lines && lines[i]; i++)
    sharing |= strcmp (g_strstrip (lines[i]), "pcsc-shared") == 0;
  return sharing;
}

/* ---- the part ---- */

static void
list_processes (Service *service)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *name;

  if (!dir)
    return;
  service->processes = g_ptr_array_new_with_free_func (g_free);
  while (service->processes->len < MAX_PROCESSES && (name = g_dir_read_name (dir)))
    if (g_ascii_isdigit (*name))
      g_ptr_array_add (service->processes, g_strdup (name));
}

static gpointer
begin (void)
{
  Service *service = g_new0 (Service, 1);

  service->names = g_ptr_array_new_with_free_func (g_free);
  return service;
}

static void
end (gpointer part)
{
  Service *service = part;

  g_clear_pointer (&service->processes, g_ptr_array_unref);
  g_clear_pointer (&service->clients, g_hash_table_unref);
  g_ptr_array_unref (service->names);
  g_free (service);
}

/* How many of the clients that nobody was found for are not our own workers. Where the system hides processes, it hides
 * those too. */
static guint
count_nameless (Service *service)
{
  GHashTableIter iter;
  gpointer user;
  guint n_own = 0, n_foreign = 0;

  g_hash_table_iter_init (&iter, service->clients);
  while (g_hash_table_iter_next (&iter, NULL, &user))
    if (GPOINTER_TO_UINT (user) == getuid ())
      n_own++;
    else
      n_foreign++;
  return n_foreign + (service->init_seen ? n_own - MIN (n_own, service->n_hidden_workers) : 0);
}

/* All processes have been seen that can be. A service that belongs to somebody else is not among them where the system
 * hides them. */
static void
fill_in (Service *service, DiagnosisFacts *facts)
{
  facts->running = (DiagnosisFact){ DIAGNOSIS_KNOWN, service->n_services > 0 };
  if (service->n_services == 0 && !service->init_seen)
    facts->running.reason = service->processes->len > 0 ? DIAGNOSIS_FORBIDDEN : DIAGNOSIS_NOT_TOLD;
  facts->suspended = service->n_services > 0 && service->n_suspended == service->n_services;
  facts->scdaemon_shares = is_sharing ();
  facts->programs = service->clients ? DIAGNOSIS_KNOWN : DIAGNOSIS_NOT_TOLD;
  facts->n_nameless = service->clients ? count_nameless (service) : 0;
  g_ptr_array_add (service->names, NULL);
  facts->program_names = g_strdupv ((GStrv) service->names->pdata);
}

static gboolean
step (gpointer part, DiagnosisFacts *facts)
{
  Service *service = part;

  if (!service->processes)
    {
      facts->installed = find_program ();
      facts->socket = find_socket ();
      read_sockets (service, facts);
      list_processes (service);
      if (service->processes)
        return TRUE;
      facts->running.reason = facts->programs = DIAGNOSIS_NOT_TOLD;
      return FALSE;
    }
  for (guint i = 0; i < PROCESSES_A_STEP && service->next < service->processes->len; i++)
    look_at (service, service->processes->pdata[service->next++], facts);
  if (service->next < service->processes->len)
    return TRUE;
  fill_in (service, facts);
  return FALSE;
}

const ProbePart probe_part_service = { begin, step, end };
