/* What is where: the smart card service, the readers, and the token in each. An immutable value; world_apply () makes
 * the next one out of an event. The first of the three pure steps of the program (world → judge → view): no clock, no
 * process, no file, so every situation is a literal in a test. Lives in the engine's process. */
#pragma once

#include "module.h"
#include "revocation.h"
#include "slot.h"

/* A token that has gone. */
typedef struct
{
  Token *token;
  gint64 time;
} Departure;

/* A vendor library. */
typedef struct
{
  char *id, *name;
  char *library;       /* its file; NULL: it is not there */
  gboolean registered; /* nobody has chosen it for this program */
  gboolean known;      /* it has said what it shows, or that it shows nothing */
  ErrorCode failure;   /* why it does not work, or ERROR_NONE */
} WorldModule;

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
  GPtrArray *slots;   /* Slot, in the service's order; those of vendor libraries last */
  GPtrArray *twins;   /* Slots of vendor libraries whose token another slot shows */
  GPtrArray *modules; /* WorldModule */
  Departure last;     /* the token that went last, its `token` NULL where none has */
  GPtrArray *answers; /* Revocation: what issuers answered, of a certificate the newest one */
  GPtrArray *lost;    /* Departure: pulled while another program was at it, and not back; the newest first */
} World;

typedef enum
{
  WORLD_EVENT_READERS, /* the watcher's picture: `readers` */
  WORLD_EVENT_IN_USE,  /* a worker saw other programs at the token, or none: `reader`, `generation`, `in_use` */
  WORLD_EVENT_PARTIAL, /* … knows a part: `reader`, `generation`, `token` */
  WORLD_EVENT_TOKEN,   /* … has read all: the same */
  WORLD_EVENT_FAILURE, /* … has failed: `reader`, `generation`, `failure` */
  WORLD_EVENT_RETRY,   /* it is to be read again, its counters may have changed: `reader`, `generation` */
  WORLD_EVENT_MODULE, /* a vendor library has spoken, has failed, or is being asked: `module`, and `report` or `failure`
                         or neither */
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
  const ModuleProfile *module;
  const char *library; /* the file of `module`, or NULL */
  const ModuleReport *report;
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

/* Whether a vendor library shows the token in SLOT, which nobody else knows. */
gboolean world_is_shown_by_module (const World *world, const Slot *slot);

/* The slot of READER, or NULL. */
const Slot *world_find_slot (const World *world, const char *reader);

/* Whether the service, every library and every inserted token are known, or known to be unknowable. */
gboolean world_is_settled (const World *world);
