/* One reader, or another place for a token, and how far what is in it is known. A part of the world: changed only while
 * a new one is made, and immutable from then on. Pure. */
#pragma once

#include "reader.h"
#include "token.h"

/* The life of a slot (a reader, or the place in it); the table of its transitions is in slot.c. */
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
  char *reader; /* PC/SC's bytes, or the place that a vendor library names: the key, never shown as it is */
  char *module; /* of a vendor library: its id; NULL: a reader of the smart card service */
  char *place;  /* … what it calls the place itself */
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

/* What happens to a slot. */
typedef enum
{
  SLOT_EVENT_INSERTED,
  SLOT_EVENT_MUTE,
  SLOT_EVENT_REMOVED,
  SLOT_EVENT_PARTIAL,
  SLOT_EVENT_READ,
  SLOT_EVENT_FAILED, /* for a reason that stays */
  SLOT_EVENT_STUCK,  /* for a reason that may pass */
  SLOT_EVENT_RETRY,
  SLOT_N_EVENTS
} SlotEvent;

Slot *slot_new (const char *reader);
Slot *slot_copy (const Slot *slot);
void slot_free (Slot *slot);

/* Moves SLOT by EVENT along the table; FALSE when the event means nothing in its state. TOKEN: what is known now, or
 * NULL; FAILURE: of the two that are failures. An insertion takes the next of LAST_GENERATION. */
gboolean slot_move (Slot *slot, SlotEvent event, Token *token, ErrorCode failure, guint *last_generation);

/* Milliseconds until the next attempt of a slot that wants a retry: 250 ms, doubled with every attempt, at most 2 s
 * where another program holds the token and 30 s otherwise. */
guint slot_get_retry_delay (const Slot *slot);
