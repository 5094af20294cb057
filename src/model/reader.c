#include "reader.h"

#include <string.h>

ReaderEvent *
reader_event_new (const char *name, ReaderState state, guint counter)
{
  ReaderEvent *event = g_new0 (ReaderEvent, 1);

  event->name = g_strdup (name);
  event->state = state;
  event->counter = counter;
  return event;
}

void
reader_event_free (ReaderEvent *event)
{
  g_free (event->name);
  g_free (event);
}

ReaderList *
reader_list_new (ErrorCode service, guint64 epoch)
{
  ReaderList *list = g_new0 (ReaderList, 1);

  list->service = service;
  list->epoch = epoch;
  list->readers = g_ptr_array_new_with_free_func ((GDestroyNotify) reader_event_free);
  return list;
}

void
reader_list_free (ReaderList *list)
{
  g_ptr_array_unref (list->readers);
  g_free (list);
}

GVariant *
reader_list_to_variant (const ReaderList *list)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(ayuub)"));
  for (guint i = 0; i < list->readers->len; i++)
    {
      const ReaderEvent *event = list->readers->pdata[i];

      g_variant_builder_add (&builder, "(@ayuub)", g_variant_new_bytestring (event->name), event->state, event->counter,
                             event->in_use);
    }
  return g_variant_new ("(uta(ayuub))", list->service, list->epoch, &builder);
}

static gboolean
is_service_state (guint32 code)
{
  return code == ERROR_NONE || (code >= ERROR_SERVICE_STOPPED && code <= ERROR_SERVICE_HUNG);
}

ReaderList *
reader_list_from_variant (GVariant *variant)
{
  g_autoptr (ReaderList) list = NULL;
  g_autoptr (GVariant) readers = NULL;
  guint32 service;
  guint64 epoch;

  g_variant_get (variant, "(ut@a(ayuub))", &service, &epoch, &readers);
  if (!is_service_state (service) || g_variant_n_children (readers) > READER_MAX_COUNT)
    return NULL;
  list = reader_list_new (service, epoch);
  for (gsize i = 0; i < g_variant_n_children (readers); i++)
    {
      g_autoptr (GVariant) name = NULL;
      ReaderEvent *event;
      guint32 state, counter;
      gboolean in_use;

      g_variant_get_child (readers, i, "(@ayuub)", &name, &state, &counter, &in_use);
      if (state >= READER_N_STATES || *g_variant_get_bytestring (name) == '\0')
        return NULL;
      event = reader_event_new (g_variant_get_bytestring (name), state, counter);
      event->in_use = in_use;
      g_ptr_array_add (list->readers, event);
    }
  return g_steal_pointer (&list);
}
