/* What is where: the smart card service, the readers, and the token in each. An immutable value; world_apply () makes
 * the next one out of an event. The first of the three pure steps of the program (world → judge → view): no clock, no
 * process, no file, so every situation is a literal in a test. Lives in the engine's process. */
#pragma once

#include "reader.h"
#include "revocation.h"
#include "token.h"

/* The life of a slot (a reader, or the place in it); the table of its transitions is in world.c. */
typedef enum
{
  SLOT_EMPTY,
  SLOT_READING, /* a token is in and not known yet */
  SLOT_READY,   /* … and known */
  SLOT_FAILED,  /* … and cannot be known, for the reason in `failure` */
  SLOT_N_STATES
} SlotState;

typedef enum
{
  SLOT_WANTS_NOTHING,
  SLOT_WANTS_READ,  /* a worker should be reading this generation now */
  SLOT_WANTS_RETRY, /* … should try again after slot_get_retry_delay () */
} SlotWants;

typedef struct
{
  char *reader; /* PC/SC's bytes: the key, never shown as they are */
  SlotState state;
  SlotWants wants;
  guint generation; /* of the token in it; an answer about another generation is stale */
  guint attempts;   /* failed readings of this generation, one after the other */
  guint64 epoch;    /* with `counter`: which insertion this is */
  guint counter;
  ReaderState seen;  /* the watcher's last word about it */
  gboolean in_use;   /* another program was connected to the token when we came to read it */
  gboolean used;     /* READY: … when the watcher looked last */
  Token *token;      /* READY: whole. READING: what is known so far, or NULL */
  Token *before;     /* READY: the token of another holder whose place it has taken, or NULL */
  ErrorCode failure; /* FAILED: why */
} Slot;

/* A token that has gone. */
typedef struct
{
  Token *token;
  gint64 time;
} Departure;

/* So long after a token went another one takes its place, in seconds: pages that were opened with the first one may
 * still be there. */
#define WORLD_SWAP_TIME (60 * 60)

/* A token that went so long ago is not missed any more. */
#define WORLD_MISS_TIME (60 * 60)

typedef struct
{
  grefcount refs;
  gboolean known;    /* the watcher has spoken */
  ErrorCode service; /* ERROR_NONE, or why there is no service */
  guint last_generation;
  GPtrArray *slots;   /* Slot, in the service's order */
  Departure last;     /* the token that went last, its `token` NULL where none has */
  GPtrArray *answers; /* Revocation: what issuers answered, of a certificate the newest one */
  GPtrArray *lost;    /* Departure: pulled while another program was at it, and not back; the newest first */
} World;

typedef enum
{
  WORLD_EVENT_READERS,   /* the watcher's picture: `readers` */
  WORLD_EVENT_IN_USE,    /* a worker saw other programs at the token, or none: `reader`, `generation`, `in_use` */
  WORLD_EVENT_PARTIAL,   /* … knows a part: `reader`, `generation`, `token` */
  WORLD_EVENT_TOKEN,     /* … has read all: the same */
  WORLD_EVENT_FAILURE,   /* … has failed: `reader`, `generation`, `failure` */
  WORLD_EVENT_RETRY,     /* it is to be read again, its counters may have changed: `reader`, `generation` */
  WORLD_EVENT_REVOCATION /* an issuer is asked, or has answered: `revocation` */
} WorldEventKind;

/* All members are borrowed. `time`: when, in seconds since 1970. */
typedef struct
{
  WorldEventKind kind;
  gint64 time;
  ReaderList *readers;
  const char *reader;
  guint generation;
  gboolean in_use;
  Token *token;
  ErrorCode failure;
  Revocation *revocation;
} WorldEvent;

/* A world that nobody has looked at yet. */
World *world_new (void);
World *world_ref (World *world);
void world_unref (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_unref)

/* The world after EVENT; WORLD itself (a new reference) when the event is stale or changes nothing. */
World *world_apply (World *world, const WorldEvent *event) G_GNUC_WARN_UNUSED_RESULT;

/* What the issuer of the certificate with this fingerprint has answered, or NULL: nobody has asked. */
const Revocation *world_find_answer (const World *world, const char *sha256);

/* The slot of READER, or NULL. */
const Slot *world_find_slot (const World *world, const char *reader);

/* Whether the service and every inserted token are known, or known to be unknowable. */
gboolean world_is_settled (const World *world);

/* Milliseconds until the next attempt of a slot that wants a retry: 250 ms, doubled with every attempt, at most 2 s
 * where another program holds the token and 30 s otherwise. */
guint slot_get_retry_delay (const Slot *slot);
