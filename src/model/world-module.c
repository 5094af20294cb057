#include "world-module.h"

#include <string.h>

static WorldModule *
find_module (const World *world, const char *id)
{
  for (guint i = 0; i < world->modules->len; i++)
    if (strcmp (((WorldModule *) world->modules->pdata[i])->id, id) == 0)
      return world->modules->pdata[i];
  return NULL;
}

/* What its slot is called: PC/SC libraries call their places as the service calls its readers. */
static char *
name_slot (const WorldEvent *event, const ModuleEntry *entry)
{
  return g_strdup_printf ("%s: %s", event->module->name, entry->place);
}

static Slot *
find_slot (const World *world, const char *module, const char *reader)
{
  for (guint i = 0; i < world->slots->len; i++)
    {
      Slot *slot = world->slots->pdata[i];

      if (g_strcmp0 (slot->module, module) == 0 && strcmp (slot->reader, reader) == 0)
        return slot;
    }
  return NULL;
}

static gboolean
shows (const WorldEvent *event, const Slot *slot)
{
  for (guint i = 0; event->report && i < event->report->entries->len; i++)
    {
      g_autofree char *reader = name_slot (event, event->report->entries->pdata[i]);

      if (strcmp (reader, slot->reader) == 0)
        return TRUE;
    }
  return FALSE;
}

/* A slot of a library is there as long as its token is. */
static void
show_entry (World *next, const WorldEvent *event, const ModuleEntry *entry)
{
  g_autofree char *reader = name_slot (event, entry);
  Slot *slot = find_slot (next, event->module->id, reader);
  gboolean same = slot && slot->token && token_is_same (slot->token, entry->token);

  if (!slot)
    {
      slot = slot_new (reader);
      slot->module = g_strdup (event->module->id);
      slot->place = g_strdup (entry->place);
      g_ptr_array_add (next->slots, slot);
    }
  else if (!same)
    slot_move (slot, SLOT_EVENT_REMOVED, NULL, ERROR_NONE, &next->last_generation);
  if (!same)
    slot_move (slot, SLOT_EVENT_INSERTED, NULL, ERROR_NONE, &next->last_generation);
  slot_move (slot, SLOT_EVENT_READ, entry->token, ERROR_NONE, &next->last_generation);
}

/* All slots of libraries are looked at together, hidden or not. */
static void
unhide (World *next)
{
  for (guint i = 0; i < next->twins->len; i++)
    g_ptr_array_add (next->slots, slot_copy (next->twins->pdata[i]));
  g_ptr_array_set_size (next->twins, 0);
}

void
world_module_apply (World *next, const WorldEvent *event)
{
  WorldModule *module = find_module (next, event->module->id);

  unhide (next);
  if (!module)
    {
      module = g_new0 (WorldModule, 1);
      module->id = g_strdup (event->module->id);
      module->name = g_strdup (event->module->name);
      module->registered = event->module->registered;
      g_ptr_array_add (next->modules, module);
    }
  g_free (module->library);
  module->library = g_strdup (event->library);
  module->known = event->report || event->failure != ERROR_NONE;
  module->failure = event->failure;
  if (!module->known)
    return; /* it is being asked: what it showed stays until it answers */
  for (guint i = next->slots->len; i-- > 0;)
    {
      const Slot *slot = next->slots->pdata[i];

      if (g_strcmp0 (slot->module, event->module->id) == 0 && !shows (event, slot))
        g_ptr_array_remove_index (next->slots, i);
    }
  for (guint i = 0; event->report && i < event->report->entries->len; i++)
    show_entry (next, event, event->report->entries->pdata[i]);
}

/* ---- twins ---- */

/* Whether both are one token, seen twice. */
static gboolean
are_twins (const Token *a, const Token *b)
{
  for (guint i = 0; i < a->certificates->len; i++)
    if (token_find_certificate (b, ((Certificate *) a->certificates->pdata[i])->sha256))
      return TRUE;
  return FALSE;
}

/* Whether a slot before INDEX shows the token of the slot there. One that is still being read may turn out to. */
static gboolean
is_shown_before (const World *world, guint index)
{
  const Slot *slot = world->slots->pdata[index];

  for (guint i = 0; i < index; i++)
    {
      const Slot *other = world->slots->pdata[i];

      if (other->token && slot->token && are_twins (other->token, slot->token))
        return TRUE;
    }
  return FALSE;
}

/* The service's slots first: what we read ourselves says more. */
static void
put_libraries_last (World *next)
{
  GPtrArray *sorted = g_ptr_array_new_with_free_func ((GDestroyNotify) slot_free);

  for (int of_library = FALSE; of_library <= TRUE; of_library++)
    for (guint i = 0; i < next->slots->len; i++)
      {
        Slot *slot = next->slots->pdata[i];

        if ((slot->module != NULL) == of_library)
          g_ptr_array_add (sorted, slot_copy (slot));
      }
  g_ptr_array_unref (next->slots);
  next->slots = sorted;
}

void
world_module_hide_twins (World *next)
{
  if (next->modules->len == 0)
    return;
  unhide (next);
  put_libraries_last (next);
  for (guint i = next->slots->len; i-- > 0;)
    {
      const Slot *slot = next->slots->pdata[i];

      if (slot->module && is_shown_before (next, i))
        g_ptr_array_insert (next->twins, 0, g_ptr_array_steal_index (next->slots, i));
    }
}
