#include "sample.h"

Certificate *
sample_certificate (const char *id, guint8 seed, gint64 not_before, gint64 not_after)
{
  Certificate *certificate = certificate_new ();
  g_autofree char *name = g_strdup_printf ("certificate %u", seed);

  certificate->id = g_strdup (id);
  certificate->role = CERTIFICATE_ROLE_AUTHENTICATION;
  certificate->holder = g_strdup (SAMPLE_HOLDER);
  certificate->organization = g_strdup (SAMPLE_ORGANIZATION);
  certificate->issuer_name = g_strdup ("Example Test CA");
  certificate->subject = g_strdup ("CN=" SAMPLE_HOLDER ",O=" SAMPLE_ORGANIZATION);
  certificate->issuer = g_strdup ("CN=Example Test CA");
  certificate->serial = g_strdup ("1A2B3C4D5E6F7081");
  certificate->not_before = not_before;
  certificate->not_after = not_after;
  certificate->key = g_strdup ("EC P-256");
  certificate->usages = g_strsplit ("digitalSignature,clientAuth", ",", -1);
  certificate->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);
  certificate->sha1 = g_compute_checksum_for_string (G_CHECKSUM_SHA1, name, -1);
  certificate->der = g_bytes_new (name, 8);
  return certificate;
}

Token *
sample_token (const char *serial, gint64 days_left)
{
  Token *token = token_new (TOKEN_FAMILY_PIV);
  Pin *pin = pin_new ("user");
  gint64 not_after = SAMPLE_NOW + DAYS (days_left);

  pin->tries_left = pin->tries_max = 3;
  g_ptr_array_add (token->pins, pin);
  g_ptr_array_add (token->certificates, sample_certificate ("9a", 1, not_after - DAYS (365), not_after));
  token->serial = g_strdup (serial);
  token->complete = TRUE;
  token_set_identity (token);
  return token;
}

ReaderList *
sample_readers (const char *name, ReaderState state, guint counter)
{
  ReaderList *list = reader_list_new (ERROR_NONE, 1);

  if (name)
    g_ptr_array_add (list->readers, reader_event_new (name, state, counter));
  return list;
}

World *
sample_after (World *world, WorldEvent event)
{
  World *next = world_apply (world, &event);

  world_unref (world);
  return next;
}

World *
sample_world (const char *name, Token *token)
{
  g_autoptr (ReaderList) list = sample_readers (name, READER_PRESENT, 1);
  g_autoptr (Token) owned = token;
  World *world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });

  return sample_after (world,
                       (WorldEvent){ .kind = WORLD_EVENT_TOKEN, .reader = name, .generation = 1, .token = owned });
}

/* READER as it is in WORLD. */
static ReaderEvent *
add_reader (ReaderList *list, const World *world, const char *reader)
{
  const Slot *slot = world_find_slot (world, reader);
  ReaderEvent *event =
    reader_event_new (reader, slot && slot->token ? READER_PRESENT : READER_EMPTY, slot ? slot->counter : 0);

  g_ptr_array_add (list->readers, event);
  return event;
}

/* WORLD after the watcher has seen that READER has changed. */
static World *
watch (World *world, const char *reader, gboolean present, gboolean in_use, gint64 time)
{
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, 1);
  ReaderEvent *changed = add_reader (list, world, reader);

  changed->counter += !in_use;
  changed->state = present ? READER_PRESENT : READER_EMPTY;
  changed->in_use = in_use;
  for (guint i = 0; i < world->slots->len; i++)
    if (!g_str_equal (((Slot *) world->slots->pdata[i])->reader, reader))
      add_reader (list, world, ((Slot *) world->slots->pdata[i])->reader);
  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .time = time, .readers = list });
}

World *
sample_put (World *world, const char *reader, const char *serial, const char *holder, gint64 time, gboolean in_use)
{
  g_autoptr (Token) token = sample_token (serial, 1000);

  world = watch (world, reader, holder != NULL, FALSE, time);
  if (!holder)
    return world;
  g_free (token_get_primary (token)->holder);
  token_get_primary (token)->holder = g_strdup (holder);
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_TOKEN,
                                             .time = time,
                                             .reader = reader,
                                             .generation = world_find_slot (world, reader)->generation,
                                             .token = token });
  return in_use ? watch (world, reader, TRUE, TRUE, time) : world;
}
