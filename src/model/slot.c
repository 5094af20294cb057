#include "slot.h"

#define RETRY_FIRST_MS    250
#define RETRY_BUSY_MAX_MS 2000
#define RETRY_MAX_MS      30000

/* After so many failures in a row the token is left alone until it is inserted again, but where the reason lies with
 * others who say nothing when it ends. */
#define MAX_ATTEMPTS 8

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

Slot *
slot_new (const char *reader)
{
  Slot *slot = g_new0 (Slot, 1);

  slot->reader = g_strdup (reader);
  return slot;
}

Slot *
slot_copy (const Slot *slot)
{
  Slot *copy = g_memdup2 (slot, sizeof *slot);

  copy->reader = g_strdup (slot->reader);
  copy->module = g_strdup (slot->module);
  copy->place = g_strdup (slot->place);
  if (copy->token)
    token_ref (copy->token);
  if (copy->before)
    token_ref (copy->before);
  return copy;
}

void
slot_free (Slot *slot)
{
  g_clear_pointer (&slot->token, token_unref);
  g_clear_pointer (&slot->before, token_unref);
  g_free (slot->reader);
  g_free (slot->module);
  g_free (slot->place);
  g_free (slot);
}

gboolean
slot_move (Slot *slot, SlotEvent event, Token *token, ErrorCode failure, guint *last_generation)
{
  const Transition *transition = &lifecycle[slot->state][event];
  gboolean failed = event == SLOT_EVENT_FAILED || event == SLOT_EVENT_STUCK;

  if (!transition->possible)
    return FALSE;
  if (event == SLOT_EVENT_INSERTED || event == SLOT_EVENT_MUTE)
    slot->generation = ++*last_generation;
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

guint
slot_get_retry_delay (const Slot *slot)
{
  guint doublings = MIN (slot->attempts > 0 ? slot->attempts - 1 : 0, 10);

  return MIN (RETRY_FIRST_MS << doublings, slot->failure == ERROR_READER_BUSY ? RETRY_BUSY_MAX_MS : RETRY_MAX_MS);
}
