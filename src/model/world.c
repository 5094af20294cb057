#include "world.h"

#include <string.h>

#include "world-module.h"

#define MAX_LOST    8
#define MAX_ANSWERS 64

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

static WorldModule *
module_copy (const WorldModule *module)
{
  WorldModule *copy = g_memdup2 (module, sizeof *module);

  copy->id = g_strdup (module->id);
  copy->name = g_strdup (module->name);
  copy->library = g_strdup (module->library);
  return copy;
}

static void
module_free (WorldModule *module)
{
  g_free (module->id);
  g_free (module->name);
  g_free (module->library);
  g_free (module);
}

World *
world_new (void)
{
  World *world = g_new0 (World, 1);

  g_ref_count_init (&world->refs);
  world->slots = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_free);
  world->twins = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_free);
  world->modules = g_ptr_array_new_with_free_func ((GDestroyNotify) module_free);
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
  g_ptr_array_unref (world->twins);
  g_ptr_array_unref (world->modules);
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

/* What libraries show, for NEXT; their slots only with SLOTS. */
static void
copy_modules (World *next, const World *world, gboolean slots)
{
  for (guint i = 0; i < world->modules->len; i++)
    g_ptr_array_add (next->modules, module_copy (world->modules->pdata[i]));
  for (guint i = 0; i < world->twins->len; i++)
    g_ptr_array_add (next->twins, slot_copy (world->twins->pdata[i]));
  for (guint i = 0; slots && i < world->slots->len; i++)
    if (((Slot *) world->slots->pdata[i])->module)
      g_ptr_array_add (next->slots, slot_copy (world->slots->pdata[i]));
}

static World *
world_copy (const World *world)
{
  World *copy = world_new ();

  copy->known = world->known;
  copy->service = world->service;
  copy_past (copy, world);
  copy_modules (copy, world, FALSE);
  for (guint i = 0; i < world->slots->len; i++)
    g_ptr_array_add (copy->slots, slot_copy (world->slots->pdata[i]));
  return copy;
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
    slot_move (slot, SLOT_EVENT_REMOVED, NULL, ERROR_NONE, &world->last_generation);
  slot->epoch = epoch;
  slot->counter = event->counter;
  slot->seen = event->state;
  /* Who is at a token that is being read may be we. */
  slot->used = event->in_use && slot->state == SLOT_READY && slot->wants == SLOT_WANTS_NOTHING;
  if (event->state == READER_MUTE)
    slot_move (slot, SLOT_EVENT_MUTE, NULL, ERROR_TOKEN_MUTE, &world->last_generation);
  else if (event->state == READER_PRESENT)
    slot_move (slot, SLOT_EVENT_INSERTED, NULL, ERROR_NONE, &world->last_generation);
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
  copy_modules (next, world, TRUE);
  note_departures (world, next, time);
  return next;
}

static World *
apply_module (World *world, const WorldEvent *event)
{
  World *next = world_copy (world);

  world_module_apply (next, event);
  note_departures (world, next, event->time);
  for (guint i = 0; i < next->slots->len; i++)
    {
      Slot *slot = next->slots->pdata[i];
      const Slot *before = find_slot (world, slot->reader);

      if (g_strcmp0 (slot->module, event->module->id) == 0 && (!before || before->generation != slot->generation))
        note_arrival (next, slot, event->time);
    }
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
    case WORLD_EVENT_MODULE:
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

/* An event about the slot that it names. */
static World *
apply_slot (World *world, const WorldEvent *event)
{
  g_autoptr (World) next = world_copy (world);
  gboolean known;
  Slot *slot;

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
  else if (!slot_move (slot, to_slot_event (event), event->token, event->failure, &next->last_generation))
    return world_ref (world);
  if (event->kind == WORLD_EVENT_TOKEN && !known)
    note_arrival (next, slot, event->time);
  return g_steal_pointer (&next);
}

World *
world_apply (World *world, const WorldEvent *event)
{
  World *next;

  switch (event->kind)
    {
    case WORLD_EVENT_REVOCATION:
      return apply_revocation (world, event->revocation);
    case WORLD_EVENT_READERS:
      next = apply_readers (world, event->readers, event->time);
      break;
    case WORLD_EVENT_MODULE:
      next = apply_module (world, event);
      break;
    default:
      next = apply_slot (world, event);
    }
  if (next != world)
    world_module_hide_twins (next);
  return next;
}

/* Libraries that speak with the service name its readers, in up to 64 bytes (PKCS#11, CK_SLOT_INFO). */
gboolean
world_is_shown_by_module (const World *world, const Slot *slot)
{
  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *other = world->slots->pdata[i];

      if (other->module && other->place && *other->place && g_str_has_prefix (slot->reader, other->place))
        return TRUE;
    }
  return FALSE;
}

gboolean
world_is_settled (const World *world)
{
  if (!world->known)
    return FALSE;
  for (guint i = 0; i < world->modules->len; i++)
    if (!((WorldModule *) world->modules->pdata[i])->known)
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
