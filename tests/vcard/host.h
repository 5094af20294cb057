/* vcard-host from the inside: the tokens, the readers, and the one poll loop that serves them.
 *
 * host-reader.c owns the links to the IFD handler, host-command.c the words of the control socket, vcard-host.c the
 * loop. Nothing blocks: an answer that is held back is a deadline in the loop.
 */
#pragma once

#include "keypad.h"
#include "link.h"
#include "vcard.h"

#include <poll.h>
#include <stdio.h>

#define HOST_MAX_CARDS   64
#define HOST_MAX_READERS 32
#define HOST_MAX_CLIENTS 16
#define HOST_NAME_MAX    32
#define HOST_LINE_MAX    (3 * VCARD_ANSWER_MAX) /* an object in hex, and the words before it */
#define HOST_NEVER       INT64_MAX

typedef struct
{
  char name[HOST_NAME_MAX];
  VCard *card;
} HostCard;

typedef struct
{
  char name[HOST_NAME_MAX];
  char path[108];
  int fd;         /* the link, or -1: nobody listens (yet) */
  HostCard *card; /* what is in the reader */

  uint8_t request[LINK_REQUEST_HEADER + LINK_PAYLOAD_MAX];
  size_t n_request;
  uint8_t *reply; /* header and answer, held back until reply_at */
  size_t n_reply;
  int64_t reply_at;

  bool asking;         /* at the keypad, for what the person types */
  unsigned long asked; /* how often so far */
  KeypadPerson person; /* what the person will type, if … */
  bool attended;       /* … there is one */

  HostCard *next_card; /* a swap under way: inserted at next_at */
  int64_t next_at;
} HostReader;

typedef struct
{
  int fd;
  char line[HOST_LINE_MAX]; /* what has come of the next line */
  size_t n;
} HostClient;

typedef struct
{
  HostCard cards[HOST_MAX_CARDS];
  size_t n_cards;
  HostReader readers[HOST_MAX_READERS];
  size_t n_readers;
  HostClient clients[HOST_MAX_CLIENTS];
  int listener;
  int inotify; /* tells when a handler begins to listen */
  bool quit;
} Host;

int64_t host_now_us (void);

HostReader *host_reader_add (Host *host, const char *name, const char *path);
void host_reader_insert (HostReader *reader, HostCard *card);
void host_reader_eject (HostReader *reader);
void host_reader_swap (HostReader *reader, HostCard *card, int64_t gap_ms);
void host_reader_type (HostReader *reader, const KeypadPerson *person); /* now, or when the keypad asks */
void host_reader_connect (HostReader *reader);
void host_reader_serve (HostReader *reader, short revents);
void host_reader_run_timers (HostReader *reader, int64_t now);
int64_t host_reader_deadline (const HostReader *reader);

/* Runs one line and writes the reply, without its end of line, to OUT. */
void host_command_run (Host *host, char *line, FILE *out);
