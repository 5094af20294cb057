/* vcard-host SOCKET: owns any number of virtual tokens, puts them into readers, and obeys the control socket SOCKET.
 * Prints "ready" when it can be spoken to. The commands are in host-command.c. */
#include "host.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static Host host;

int64_t
host_now_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int
listen_at (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  if (strlen (path) >= sizeof address.sun_path)
    return -1;
  strcpy (address.sun_path, path);
  unlink (path);
  if (bind (fd, (struct sockaddr *) &address, sizeof address) != 0 || listen (fd, 8) != 0)
    return -1;
  return fd;
}

/* The control clients */

static void
accept_client (void)
{
  int fd = accept4 (host.listener, NULL, NULL, SOCK_CLOEXEC);

  for (int i = 0; i < HOST_MAX_CLIENTS && fd >= 0; i++)
    if (host.clients[i].fd < 0)
      {
        host.clients[i].fd = fd;
        host.clients[i].n = 0;
        return;
      }
  if (fd >= 0)
    close (fd);
}

static void
drop_client (HostClient *client)
{
  close (client->fd);
  client->fd = -1;
}

static bool
answer_line (HostClient *client, char *line)
{
  char *text = NULL;
  size_t n = 0;
  FILE *out = open_memstream (&text, &n);
  bool sent = true;

  if (out == NULL)
    abort ();
  host_command_run (&host, line, out);
  fputc ('\n', out);
  fclose (out);
  for (size_t at = 0; at < n && sent;)
    {
      ssize_t written = send (client->fd, text + at, n - at, MSG_NOSIGNAL);

      sent = written > 0;
      at += sent ? (size_t) written : 0;
    }
  free (text);
  return sent;
}

static void
serve_client (HostClient *client)
{
  char *end;
  ssize_t n;

  n = recv (client->fd, client->line + client->n, sizeof client->line - client->n, MSG_DONTWAIT);
  if (n <= 0) /* gone, or the line is too long */
    {
      drop_client (client);
      return;
    }
  client->n += (size_t) n;
  while ((end = memchr (client->line, '\n', client->n)) != NULL)
    {
      size_t used = (size_t) (end + 1 - client->line);

      *end = '\0';
      if (!answer_line (client, client->line))
        {
          drop_client (client);
          return;
        }
      client->n -= used;
      memmove (client->line, end + 1, client->n);
    }
}

/* The loop */

static void
connect_waiting_readers (void)
{
  char events[4096];

  if (read (host.inotify, events, sizeof events) > 0)
    for (size_t i = 0; i < host.n_readers; i++)
      host_reader_connect (&host.readers[i]);
}

/* Does what is due. TRUE with the time to the next deadline, to the microsecond: a token's own time is measured
 * against ours. FALSE: sleep until something comes. */
static bool
run_timers (struct timespec *left)
{
  int64_t now = host_now_us ();
  int64_t next = HOST_NEVER;

  for (size_t i = 0; i < host.n_readers; i++)
    {
      host_reader_run_timers (&host.readers[i], now);
      if (host_reader_deadline (&host.readers[i]) < next)
        next = host_reader_deadline (&host.readers[i]);
    }
  if (next == HOST_NEVER)
    return false;
  next = next > now ? next - now : 0;
  *left = (struct timespec){ .tv_sec = next / 1000000, .tv_nsec = next % 1000000 * 1000 };
  return true;
}

static void
iterate (void)
{
  struct pollfd items[2 + HOST_MAX_CLIENTS + HOST_MAX_READERS];
  struct pollfd *clients = items + 2;
  struct pollfd *readers = clients + HOST_MAX_CLIENTS;
  size_t n_readers = host.n_readers;
  struct timespec left;
  bool timed = run_timers (&left);

  items[0] = (struct pollfd){ .fd = host.listener, .events = POLLIN };
  items[1] = (struct pollfd){ .fd = host.inotify, .events = POLLIN };
  for (size_t i = 0; i < HOST_MAX_CLIENTS; i++)
    clients[i] = (struct pollfd){ .fd = host.clients[i].fd, .events = POLLIN };
  /* While an answer is held back only the end of the link is of interest. */
  for (size_t i = 0; i < n_readers; i++)
    {
      bool busy = host.readers[i].reply != NULL || host.readers[i].asking;

      readers[i] = (struct pollfd){ .fd = host.readers[i].fd, .events = busy ? 0 : POLLIN };
    }
  if (ppoll (items, 2 + HOST_MAX_CLIENTS + n_readers, timed ? &left : NULL, NULL) <= 0)
    return;
  /* Readers first: a command may close their links. */
  for (size_t i = 0; i < n_readers; i++)
    if (readers[i].revents != 0)
      host_reader_serve (&host.readers[i], readers[i].revents);
  if (items[1].revents != 0)
    connect_waiting_readers ();
  for (size_t i = 0; i < HOST_MAX_CLIENTS; i++)
    if (clients[i].revents != 0)
      serve_client (&host.clients[i]);
  if (items[0].revents != 0)
    accept_client ();
}

int
main (int argc, char **argv)
{
  if (argc != 2)
    {
      fprintf (stderr, "usage: vcard-host SOCKET\n");
      return 2;
    }
  signal (SIGPIPE, SIG_IGN);
  for (int i = 0; i < HOST_MAX_CLIENTS; i++)
    host.clients[i].fd = -1;
  host.listener = listen_at (argv[1]);
  host.inotify = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
  if (host.listener < 0 || host.inotify < 0)
    {
      perror (argv[1]);
      return 1;
    }
  puts ("ready");
  fflush (stdout);
  while (!host.quit)
    iterate ();
  for (size_t i = 0; i < host.n_readers; i++)
    host_reader_eject (&host.readers[i]);
  for (size_t i = 0; i < host.n_cards; i++)
    vcard_free (host.cards[i].card);
  return 0;
}
