#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

HostReader *
host_reader_add (Host *host, const char *name, const char *path)
{
  HostReader *reader = &host->readers[host->n_readers];
  char folder[sizeof reader->path];
  char *slash;

  if (host->n_readers == HOST_MAX_READERS || strlen (path) >= sizeof reader->path)
    return NULL;
  snprintf (folder, sizeof folder, "%s", path);
  slash = strrchr (folder, '/');
  if (slash == NULL)
    return NULL;
  *slash = '\0';
  if (inotify_add_watch (host->inotify, folder, IN_MOVED_TO) < 0)
    return NULL;
  memset (reader, 0, sizeof *reader);
  snprintf (reader->name, sizeof reader->name, "%s", name);
  snprintf (reader->path, sizeof reader->path, "%s", path);
  reader->fd = -1;
  reader->reply_at = reader->next_at = HOST_NEVER;
  host->n_readers++;
  return reader;
}

static void
forget_reply (HostReader *reader)
{
  free (reader->reply);
  reader->reply = NULL;
  reader->reply_at = HOST_NEVER;
  reader->n_request = 0;
  reader->asking = false;
}

static void
disconnect_link (HostReader *reader)
{
  if (reader->fd >= 0)
    close (reader->fd);
  reader->fd = -1;
  forget_reply (reader);
}

/* A token whose reader is not there yet, or whose pcscd died, waits in it: tried again when the socket appears. */
void
host_reader_connect (HostReader *reader)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };

  if (reader->card == NULL || reader->fd >= 0)
    return;
  reader->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  memcpy (address.sun_path, reader->path, sizeof address.sun_path);
  if (connect (reader->fd, (struct sockaddr *) &address, sizeof address) != 0)
    disconnect_link (reader);
}

void
host_reader_insert (HostReader *reader, HostCard *card)
{
  reader->card = card;
  vcard_insert (card->card);
  host_reader_connect (reader);
}

void
host_reader_eject (HostReader *reader)
{
  disconnect_link (reader);
  reader->card = reader->next_card = NULL;
  reader->attended = false;
  reader->next_at = HOST_NEVER;
}

void
host_reader_swap (HostReader *reader, HostCard *card, int64_t gap_ms)
{
  host_reader_eject (reader);
  if (gap_ms <= 0)
    {
      host_reader_insert (reader, card);
      return;
    }
  reader->next_card = card;
  reader->next_at = host_now_us () + gap_ms * INT64_C (1000);
}

static void
send_reply (HostReader *reader)
{
  size_t sent = 0;

  while (sent < reader->n_reply)
    {
      ssize_t n = send (reader->fd, reader->reply + sent, reader->n_reply - sent, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        break;
      sent += (size_t) n;
    }
  forget_reply (reader);
}

static void
reply_after (HostReader *reader, const uint8_t *data, size_t n, unsigned delay_ms)
{
  reader->reply = malloc (LINK_REPLY_HEADER + n);
  if (reader->reply == NULL)
    abort ();
  for (int i = 0; i < LINK_REPLY_HEADER; i++)
    reader->reply[i] = (uint8_t) (n >> (8 * (LINK_REPLY_HEADER - 1 - i)));
  memcpy (reader->reply + LINK_REPLY_HEADER, data, n);
  reader->n_reply = LINK_REPLY_HEADER + n;
  if (delay_ms == 0)
    send_reply (reader);
  else
    reader->reply_at = host_now_us () + delay_ms * INT64_C (1000);
}

/* The person has typed, or given up. */
static void
run_pad (HostReader *reader)
{
  static uint8_t answer[VCARD_ANSWER_MAX];
  const uint8_t *block = reader->request + LINK_REQUEST_HEADER;
  uint8_t apdu[KEYPAD_APDU_MAX];
  uint16_t status;
  size_t n = 0;
  size_t n_apdu = keypad_type (block, reader->n_request - LINK_REQUEST_HEADER, &reader->person, apdu, &status);

  reader->attended = false;
  if (n_apdu == 0)
    reply_after (reader, (const uint8_t[]){ (uint8_t) (status >> 8), (uint8_t) status }, 2, 0);
  else if (vcard_transmit (reader->card->card, apdu, n_apdu, answer, &n) == VCARD_PULLED)
    host_reader_eject (reader);
  else if (reader->person.lie != 0)
    reply_after (reader, (const uint8_t[]){ (uint8_t) (reader->person.lie >> 8), (uint8_t) reader->person.lie }, 2, 0);
  else
    reply_after (reader, answer, n, vcard_delay_ms (reader->card->card));
}

/* The keypad asks; without a person it goes on asking. */
static void
ask_pad (HostReader *reader)
{
  reader->asking = true;
  reader->asked++;
  if (reader->attended)
    run_pad (reader);
}

void
host_reader_type (HostReader *reader, const KeypadPerson *person)
{
  reader->person = *person;
  reader->attended = true;
  if (reader->asking)
    run_pad (reader);
}

static void
run_request (HostReader *reader)
{
  static uint8_t answer[VCARD_ANSWER_MAX];
  VCard *card = reader->card->card;
  size_t n = 0;
  VCardOutcome outcome = VCARD_ANSWERED;
  unsigned delay_ms = 0;

  switch (reader->request[0])
    {
    case LINK_PAD:
      ask_pad (reader);
      return;
    case LINK_POWER_UP:
      n = vcard_power (card, VCARD_POWER_UP, answer);
      break;
    case LINK_RESET:
      n = vcard_power (card, VCARD_RESET, answer);
      break;
    case LINK_POWER_DOWN:
      n = vcard_power (card, VCARD_POWER_DOWN, answer);
      break;
    default:
      outcome = vcard_transmit (card, reader->request + LINK_REQUEST_HEADER, reader->n_request - LINK_REQUEST_HEADER,
                                answer, &n);
      delay_ms = vcard_delay_ms (card);
      break;
    }
  if (outcome == VCARD_PULLED)
    host_reader_eject (reader);
  else
    reply_after (reader, answer, n, delay_ms);
}

/* The link has something to say: a part of a request, or its end. */
void
host_reader_serve (HostReader *reader, short revents)
{
  size_t wanted = LINK_REQUEST_HEADER;
  ssize_t n = 0;

  if (reader->n_request >= LINK_REQUEST_HEADER)
    wanted +=
      (size_t) reader->request[1] << 24 | reader->request[2] << 16 | reader->request[3] << 8 | reader->request[4];
  if (wanted <= sizeof reader->request && (revents & POLLIN) != 0)
    n = recv (reader->fd, reader->request + reader->n_request, wanted - reader->n_request, MSG_DONTWAIT);
  if (n <= 0 && !(n < 0 && (errno == EAGAIN || errno == EINTR)))
    {
      disconnect_link (reader);
      host_reader_connect (reader);
      return;
    }
  reader->n_request += n > 0 ? (size_t) n : 0;
  if (reader->n_request != wanted)
    return;
  if (wanted > LINK_REQUEST_HEADER || memcmp (reader->request + 1, "\0\0\0\0", 4) == 0)
    run_request (reader);
  else
    host_reader_serve (reader, POLLIN);
}

void
host_reader_run_timers (HostReader *reader, int64_t now)
{
  if (reader->reply_at <= now)
    send_reply (reader);
  if (reader->next_at <= now)
    {
      HostCard *card = reader->next_card;

      reader->next_card = NULL;
      reader->next_at = HOST_NEVER;
      host_reader_insert (reader, card);
    }
}

int64_t
host_reader_deadline (const HostReader *reader)
{
  return reader->reply_at < reader->next_at ? reader->reply_at : reader->next_at;
}
