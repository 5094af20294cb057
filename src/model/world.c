#include "world.h"

#include <string.h>

#define RETRY_FIRST_MS    250
#define RETRY_BUSY_MAX_MS 2000
#define RETRY_MAX_MS      30000

/* After so many failures in a row the token is left alone until it is inserted again, but where the reason lies with
 * others who say nothing when it ends. */
#define MAX_ATTEMPTS 8

#define MAX_LOST    8
#define MAX_ANSWERS 64

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

typedef struct
{
  gboolean possible;
  SlotState next;
  SlotWants wants;
} Transition;

/* The life of a slot. What is not here is stale and changes nothing. While a retry runs, the slot stays FAILED, and
 * READY while a token is read again after its PIN was at work, but with no counter that may be wrong by now: nothing
 * else that people see flickers until there is something new to say. */
/* clang-format off */
static const Transition lifecycle[SLOT_N_STATES][SLOT_N_EVENTS] = {
  [SLOT_EMPTY] = {
    [SLOT_EVENT_INSERTED] = { TRUE, SLOT_READING, SLOT_WANTS_READ },
    [SLOT_EVENT_MUTE]     = { TRUE, SLOT_FAILED, SLOT_WANTS_NOTHING },
  },
  [SLOT_READING] = {
    [SLOT_EVENT_PARTIAL]  = { TRUE, SLOT_READING, SLOT_WANTS_READ },
    [SLOT_EVENT_READ]     = { TRUE, SLOT_READY, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_FAILED]   = { TRUE, SLOT_FAILED, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_STUCK]    = { TRUE, SLOT_FAILED, SLOT_WANTS_RETRY },
    [SLOT_EVENT_REMOVED]  = { TRUE, SLOT_EMPTY, SLOT_WANTS_NOTHING },
  },
  [SLOT_READY] = {
    [SLOT_EVENT_RETRY]    = { TRUE, SLOT_READY, SLOT_WANTS_READ },
    [SLOT_EVENT_READ]     = { TRUE, SLOT_READY, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_FAILED]   = { TRUE, SLOT_FAILED, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_STUCK]    = { TRUE, SLOT_FAILED, SLOT_WANTS_RETRY },
    [SLOT_EVENT_REMOVED]  = { TRUE, SLOT_EMPTY, SLOT_WANTS_NOTHING },
  },
  [SLOT_FAILED] = {
    [SLOT_EVENT_RETRY]    = { TRUE, SLOT_FAILED, SLOT_WANTS_READ },
    [SLOT_EVENT_PARTIAL]  = { TRUE, SLOT_READING, SLOT_WANTS_READ },
    [SLOT_EVENT_READ]     = { TRUE, SLOT_READY, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_FAILED]   = { TRUE, SLOT_FAILED, SLOT_WANTS_NOTHING },
    [SLOT_EVENT_STUCK]    = { TRUE, SLOT_FAILED, SLOT_WANTS_RETRY },
    [SLOT_EVENT_REMOVED]  = { TRUE, SLOT_EMPTY, SLOT_WANTS_NOTHING },
  },
};
/* clang-format on */

static Slot *
slot_new (const char *reader)
{
  Slot *slot = g_new0 (Slot, 1);

  slot->reader = g_strdup (reader);
  return slot;
}

static Slot *
slot_copy (const Slot *slot)
{
  Slot *copy = g_memdup2 (slot, sizeof *slot);

  copy->reader = g_strdup (slot->reader);
  if (copy->token)
    token_ref (copy->token);
  if (copy->before)
    token_ref (copy->before);
  return copy;
}

static void
slot_free (Slot *slot)
{
  g_clear_pointer (&slot->token, token_unref);
  g_clear_pointer (&slot->before, token_unref);
  g_free (slot->reader);
  g_free (slot);
}

static Departure *
departure_new (Token *token, gint64 time)
{
  Departure *departure = g_new0 (Departure, 1);

  *departure = (Departure){ token_ref (token), time };
  return departure;
}

static void
departure_free (Departure *departure)
{
  token_unref (departure->token);
  g_free (departure);
}

World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  g_ref_count_init (&world->refs);
  world->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_free);
  world->lost = g_ptr_array_new_with_free_func ((GDestroyNotify) departure_free);
  world->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) revocation_unref);
  return world;
}

World *
world_ref (World *world)
{
  g_ref_count_inc (&world->refs);
  return world;
}

void
world_unref (World *world)
{
  if (!g_ref_count_dec (&world->refs))
    return;
  g_ptr_array_unref (world->slots);
  g_ptr_array_unref (world->lost);
  g_ptr_array_unref (world->answers);
  g_clear_pointer (&world->last.token, token_unref);
  g_free (world);
}

/* What has been, for NEXT. */
static void
copy_past (World *next, const World *world)
{
  next->last_generation = world->last_generation;
  next->last = world->last;
  if (next->last.token)
    token_ref (next->last.token);
  for (guint i = 0; i < world->lost->len; i++)
    {
      const Departure *lost = world->lost->pdata[i];

      g_ptr_array_add (next->lost, departure_new (lost->token, lost->time));
    }
  for (guint i = 0; i < world->answers->len; i++)
    g_ptr_array_add (next->answers, revocation_ref (world->answers->pdata[i]));
}

static World *
world_copy (const World *world)
{
  World *copy = world_new ();

  copy->known = world->known;
  copy->service = world->service;
  copy_past (copy, world);
  for (guint i = 0; i < world->slots->len; i++)
    g_ptr_array_add (copy->slots, slot_copy (world->slots->pdata[i]));
  return copy;
}

/* Moves SLOT of WORLD by EVENT along the table; FALSE when the event means nothing in its state. */
static gboolean
slot_move (World *world, Slot *slot, SlotEvent event, Token *token, ErrorCode failure)
{
  const Transition *transition = &lifecycle[slot->state][event];
  gboolean failed = event == SLOT_EVENT_FAILED || event == SLOT_EVENT_STUCK;

  if (!transition->possible)
    return FALSE;
  if (event == SLOT_EVENT_INSERTED || event == SLOT_EVENT_MUTE)
    slot->generation = ++world->last_generation;
  if (event == SLOT_EVENT_REMOVED)
    g_clear_pointer (&slot->before, token_unref);
  if (event != SLOT_EVENT_RETRY)
    {
      g_clear_pointer (&slot->token, token_unref);
      slot->token = token ? token_ref (token) : NULL;
      slot->failure = failure;
      slot->attempts = failed ? slot->attempts + 1 : event == SLOT_EVENT_PARTIAL ? slot->attempts : 0;
    }
  else if (slot->token)
    {
      g_autoptr (Token) before = slot->token;

      slot->token = token_forget_counters (before);
    }
  slot->state = transition->next;
  slot->wants = transition->wants;
  if (slot->wants == SLOT_WANTS_RETRY && slot->attempts >= MAX_ATTEMPTS && failure != ERROR_READER_BUSY
      && failure != ERROR_SERVICE_HUNG)
    slot->wants = SLOT_WANTS_NOTHING;
  return TRUE;
}

static Slot *
find_slot (const World *world, const char *reader)
{
  for (guint i = 0; i < world->slots->len; i++)
    {
      Slot *slot = world->slots->pdata[i];

      if (strcmp (slot->reader, reader) == 0)
        return slot;
    }
  return NULL;
}

const Slot *
world_find_slot (const World *world, const char *reader)
{
  return find_slot (world, reader);
}

/* Brings SLOT to what the watcher saw. Another counter with the token still there is another token, or the same one
 * pulled and back: both are a removal and an insertion. */
static void
slot_observe (World *world, Slot *slot, const ReaderEvent *event, guint64 epoch)
{
  if (slot->epoch != epoch || slot->counter != event->counter || slot->seen != event->state)
    slot_move (world, slot, SLOT_EVENT_REMOVED, NULL, ERROR_NONE);
  slot->epoch = epoch;
  slot->counter = event->counter;
  slot->seen = event->state;
  /* Who is at a token that is being read may be we. */
  slot->used = event->in_use && slot->state == SLOT_READY && slot->wants == SLOT_WANTS_NOTHING;
  if (event->state == READER_MUTE)
    slot_move (world, slot, SLOT_EVENT_MUTE, NULL, ERROR_TOKEN_MUTE);
  else if (event->state == READER_PRESENT)
    slot_move (world, slot, SLOT_EVENT_INSERTED, NULL, ERROR_NONE);
}

/* ---- who came and who went ---- */

/* SLOT of WORLD holds a token that has been read just now, for the first time since it came. */
static void
note_arrival (World *world, Slot *slot, gint64 time)
{
  for (guint i = world->lost->len; i-- > 0;)
    if (token_is_same (((Departure *) world->lost->pdata[i])->token, slot->token))
      g_ptr_array_remove_index (world->lost, i);
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *other = world->slots->pdata[i];

      if (other != slot && other->state == SLOT_READY)
        return; /* it comes beside another one and takes nobody's place */
    }
  if (!slot->before && world->last.token && time - world->last.time <= WORLD_SWAP_TIME
      && !token_has_same_holder (world->last.token, slot->token))
    slot->before = token_ref (world->last.token);
}

/* NEXT remembers each token that was known in WORLD and is not there any more. */
static void
note_departures (const World *world, World *next, gint64 time)
{
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i], *now = find_slot (next, slot->reader);

      if (slot->state != SLOT_READY || (now && now->state == SLOT_READY && now->generation == slot->generation))
        continue;
      g_clear_pointer (&next->last.token, token_unref);
      next->last = (Departure){ token_ref (slot->token), time };
      if (slot->used)
        g_ptr_array_insert (next->lost, 0, departure_new (slot->token, time));
    }
  if (next->lost->len > MAX_LOST)
    g_ptr_array_set_size (next->lost, MAX_LOST);
}

static World *
apply_readers (World *world, const ReaderList *list, gint64 time)
{
  World *next = world_new ();

  next->known = TRUE;
  next->service = list->service;
  copy_past (next, world);
  for (guint i = 0; i < list->readers->len; i++)
    {
      const ReaderEvent *event = list->readers->pdata[i];
      const Slot *before = find_slot (world, event->name);
      Slot *slot;

      if (find_slot (next, event->name))
        continue; /* two readers cannot have one name: the second is not there */
      slot = before ? slot_copy (before) : slot_new (event->name);
      slot_observe (next, slot, event, list->epoch);
      g_ptr_array_add (next->slots, slot);
    }
  note_departures (world, next, time);
  return next;
}

static SlotEvent
to_slot_event (const WorldEvent *event)
{
  switch (event->kind)
    {
    case WORLD_EVENT_PARTIAL:
      return SLOT_EVENT_PARTIAL;
    case WORLD_EVENT_TOKEN:
      return SLOT_EVENT_READ;
    case WORLD_EVENT_RETRY:
      return SLOT_EVENT_RETRY;
    case WORLD_EVENT_FAILURE:
    case WORLD_EVENT_READERS:
    case WORLD_EVENT_IN_USE:
    case WORLD_EVENT_REVOCATION:
      break;
    }
  /* A token that went away is retried too: if it is really gone, the watcher says so before the delay is over. */
  return error_is_passing (event->failure) || error_is_absence (event->failure) ? SLOT_EVENT_STUCK : SLOT_EVENT_FAILED;
}

/* ---- what issuers answered ---- */

static gboolean
find_answer (const World *world, const char *sha256, guint *index)
{
  for (*index = 0; *index < world->answers->len; (*index)++)
    if (strcmp (((Revocation *) world->answers->pdata[*index])->sha256, sha256) == 0)
      return TRUE;
  return FALSE;
}

const Revocation *
world_find_answer (const World *world, const char *sha256)
{
  guint index;

  return find_answer (world, sha256, &index) ? world->answers->pdata[index] : NULL;
}

static World *
apply_revocation (World *world, Revocation *revocation)
{
  World *next = world_copy (world);
  guint index;

  if (find_answer (next, revocation->sha256, &index) || next->answers->len >= MAX_ANSWERS)
    g_ptr_array_remove_index (next->answers, index % next->answers->len);
  g_ptr_array_add (next->answers, revocation_ref (revocation));
  return next;
}

World *
world_apply (World *world, const WorldEvent *event)
{
  g_autoptr (World) next = NULL;
  gboolean known;
  Slot *slot;

  if (event->kind == WORLD_EVENT_READERS)
    return apply_readers (world, event->readers, event->time);
  if (event->kind == WORLD_EVENT_REVOCATION)
    return apply_revocation (world, event->revocation);

  next = world_copy (world);
  slot = find_slot (next, event->reader);
  if (!slot || slot->generation != event->generation)
    return world_ref (world);
  known = slot->state == SLOT_READY;
  if (event->kind == WORLD_EVENT_IN_USE)
    {
      if (slot->in_use == event->in_use)
        return world_ref (world);
      slot->in_use = event->in_use;
    }
  else if (!slot_move (next, slot, to_slot_event (event), event->token, event->failure))
    return world_ref (world);
  if (event->kind == WORLD_EVENT_TOKEN && !known)
    note_arrival (next, slot, event->time);
  return g_steal_pointer (&next);
}

gboolean
world_is_settled (const World *world)
{
  if (!world->known)
    return FALSE;
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      if (slot->state == SLOT_READING || (slot->state == SLOT_READY && slot->wants == SLOT_WANTS_READ)
          || (slot->state == SLOT_FAILED && error_is_absence (slot->failure)))
        return FALSE;
    }
  return TRUE;
}

guint
slot_get_retry_delay (const Slot *slot)
{
  guint doublings = MIN (slot->attempts > 0 ? slot->attempts - 1 : 0, 10);

  return MIN (RETRY_FIRST_MS << doublings, slot->failure == ERROR_READER_BUSY ? RETRY_BUSY_MAX_MS : RETRY_MAX_MS);
}
