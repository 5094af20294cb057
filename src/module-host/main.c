#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "library.h"

/* The answer that is under way. */
static size_t n_bytes, n_records;

/* ---- the worker ---- */

static void
receive (void *bytes, size_t length)
{
  char *next = bytes;

  while (length > 0)
    {
      ssize_t n = read (WIRE_SOCKET, next, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        _exit (EXIT_SUCCESS); /* nobody asks any more */
      next += n;
      length -= (size_t) n;
    }
}

static void
send_bytes (const void *bytes, size_t length)
{
  const char *next = bytes;

  while (length > 0)
    {
      ssize_t n = write (WIRE_SOCKET, next, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        _exit (EXIT_SUCCESS);
      next += n;
      length -= (size_t) n;
    }
}

static void
send_record (WireKind kind, const void *bytes, size_t length)
{
  WireHeader header = { kind, (uint32_t) length };

  send_bytes (&header, sizeof header);
  send_bytes (bytes, length);
}

void
host_put (WireKind kind, const void *bytes, size_t length)
{
  if (length > WIRE_MAX_RECORD || n_bytes + length > WIRE_MAX_ANSWER || n_records >= WIRE_MAX_RECORDS)
    return;
  n_bytes += length;
  n_records++;
  send_record (kind, bytes, length);
}

/* CODE and, where it is an error, the name of FUNCTION. Returns the length. */
static size_t
write_outcome (char *bytes, size_t size, const char *function, unsigned long code)
{
  uint64_t wide = code;
  size_t n_name = code != 0 && function != NULL ? strnlen (function, size - sizeof wide) : 0;

  memcpy (bytes, &wide, sizeof wide);
  memcpy (bytes + sizeof wide, n_name > 0 ? function : "", n_name);
  return sizeof wide + n_name;
}

void
host_put_failure (const char *function, unsigned long code)
{
  char bytes[64];

  host_put (WIRE_FAILED, bytes, write_outcome (bytes, sizeof bytes, function, code));
}

static void
put_number (WireKind kind, uint32_t number)
{
  send_record (kind, &number, sizeof number);
}

/* ---- memory ---- */

static size_t
round_up (size_t length)
{
  size_t page = (size_t) sysconf (_SC_PAGESIZE);

  return (length + page - 1) / page * page;
}

void *
host_alloc (size_t length)
{
  size_t page = (size_t) sysconf (_SC_PAGESIZE), room = round_up (length);
  char *memory;

  if (length == 0 || length > WIRE_MAX_ANSWER)
    return NULL;
  memory = mmap (NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    return NULL;
  mprotect (memory + room, page, PROT_NONE);
  return memory + (room - length);
}

void
host_free (void *bytes, size_t length)
{
  size_t room = round_up (length);

  if (bytes != NULL)
    munmap ((char *) bytes - (room - length), room + (size_t) sysconf (_SC_PAGESIZE));
}

/* ---- requests ---- */

/* PINs stand here and nowhere else of ours: in memory that is not swapped out. */
static char secrets[2][WIRE_MAX_SECRET + 1];

static void
receive_secret (char *secret)
{
  WireHeader header;

  receive (&header, sizeof header);
  if (header.kind != WIRE_SECRET || header.length > WIRE_MAX_SECRET)
    _exit (EXIT_FAILURE);
  receive (secret, header.length);
  secret[header.length] = '\0';
}

static Outcome
use_pins (const Kind *kind, WireKind request, const void *address, size_t length)
{
  Outcome outcome;

  receive_secret (secrets[0]);
  receive_secret (secrets[1]);
  outcome = (request == WIRE_CHANGE_PIN ? kind->change_pin : kind->unblock) (address, length, secrets[0], secrets[1]);
  explicit_bzero (secrets, sizeof secrets);
  return outcome;
}

static void
serve (const Kind *kind, const WireHeader *header)
{
  static char address[WIRE_MAX_ADDRESS];
  char end[64];
  Outcome outcome;

  if (header->length > sizeof address)
    _exit (EXIT_FAILURE);
  receive (address, header->length);
  n_bytes = n_records = 0;
  if (header->kind == WIRE_LIST)
    outcome = kind->list ();
  else if (header->kind == WIRE_WAIT)
    outcome = kind->wait ();
  else if (header->kind == WIRE_CHANGE_PIN || header->kind == WIRE_UNBLOCK)
    outcome = use_pins (kind, header->kind, address, header->length);
  else
    _exit (EXIT_FAILURE);
  send_record (WIRE_END, end, write_outcome (end, sizeof end, outcome.function, outcome.code));
}

/* ---- the life of the process ---- */

static void
refuse (WireRefusal refusal)
{
  put_number (WIRE_REFUSED, refusal);
  _exit (EXIT_FAILURE);
}

/* What a library does is its own: no core file of a PIN, no child that outlives us, no terminal. */
static void
harden (void)
{
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  prctl (PR_SET_DUMPABLE, 0);
  prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl (PR_SET_PDEATHSIG, SIGKILL);
  signal (SIGPIPE, SIG_IGN);
  close_range (WIRE_SOCKET + 1, ~0U, 0);
  mlock (secrets, sizeof secrets);
}

static const Kind *
find_kind (const char *type)
{
  static const Kind *const kinds[] = { &pkcs11_kind, &skf_kind };

  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (strcmp (kinds[i]->type, type) == 0)
      return kinds[i];
  return NULL;
}

int
main (int argc, char **argv)
{
  const Kind *kind = argc > 2 ? find_kind (argv[1]) : NULL;
  bool own = argc > 3 && strcmp (argv[3], "own") == 0;
  WireRefusal refusal;
  WireHeader header;
  void *library;

  if (kind == NULL)
    {
      fprintf (stderr, "%s is started by Certificate Assistant; run cert-assistant-cli instead\n", argv[0]);
      return 2;
    }
  harden ();
  refusal = library_check (argv[2], own);
  if (refusal != 0)
    refuse (refusal);
  library = dlopen (argv[2], RTLD_NOW | RTLD_LOCAL);
  if (library == NULL)
    refuse (WIRE_UNLOADABLE);
  if (!kind->bind (library))
    refuse (WIRE_ENTRY);
  put_number (WIRE_READY, library_uses_pcsc () ? WIRE_USES_PCSC : 0);
  receive (&header, sizeof header);
  if (kind->begin ().code != 0)
    refuse (WIRE_INIT);
  for (;;)
    {
      serve (kind, &header);
      receive (&header, sizeof header);
    }
}
