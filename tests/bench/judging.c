/* How long a world of 16 tokens with 20 certificates each takes to be judged and to be put into words. */
#include <stdio.h>
#include <stdlib.h>

#include "model/view.h"
#include "sample.h"

#define TOKENS       16
#define CERTIFICATES 20
#define ROUNDS       201

/* Of a holder and an end of its own: nothing here is the renewal of another one. */
static Certificate *
make_certificate (int i, int j)
{
  g_autofree char *id = g_strdup_printf ("%02x", 0x82 + j);
  gint64 not_after = SAMPLE_NOW + DAYS (i * 7 + j);
  Certificate *certificate = sample_certificate (id, 1, not_after - DAYS (365), not_after);

  g_free (certificate->holder);
  certificate->holder = g_strdup_printf ("Example Holder %d.%d", i, j);
  g_free (certificate->sha256);
  certificate->sha256 = g_compute_checksum_for_string (G_CHECKSUM_SHA256, certificate->holder, -1);
  return certificate;
}

static Token *
make_token (int i)
{
  g_autofree char *serial = g_strdup_printf ("%08d", i);
  Token *token = sample_token (serial, i);

  g_ptr_array_set_size (token->certificates, 0);
  for (int j = 0; j < CERTIFICATES; j++)
    g_ptr_array_add (token->certificates, make_certificate (i, j));
  token_set_identity (token);
  return token;
}

static World *
make_world (void)
{
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, TOKENS);
  World *world;

  for (int i = 0; i < TOKENS; i++)
    {
      g_autofree char *name = g_strdup_printf ("Test Reader %02d", i);

      g_ptr_array_add (list->readers, reader_event_new (name, READER_PRESENT, 1));
    }
  world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .time = SAMPLE_NOW, .readers = list });
  for (int i = 0; i < TOKENS; i++)
    {
      const ReaderEvent *reader = list->readers->pdata[i];
      g_autoptr (Token) token = make_token (i);

      world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_TOKEN,
                                                 .time = SAMPLE_NOW,
                                                 .reader = reader->name,
                                                 .generation = world_find_slot (world, reader->name)->generation,
                                                 .token = token });
    }
  return world;
}

static int
compare (const void *a, const void *b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return (x > y) - (x < y);
}

static gint64
find_median (gint64 *times)
{
  qsort (times, ROUNDS, sizeof *times, compare);
  return times[ROUNDS / 2];
}

int
main (void)
{
  g_autoptr (World) world = make_world ();
  g_autoptr (GPtrArray) issuers = g_ptr_array_new ();
  g_autoptr (Memory) nothing = memory_new ();
  g_autoptr (Memory) memory = memory_see (nothing, world, issuers);
  Rules rules = RULES_DEFAULT;
  gint64 judging[ROUNDS], viewing[ROUNDS];
  guint tokens = 0, findings = 0;

  for (int i = 0; i < ROUNDS; i++)
    {
      gint64 begin = g_get_monotonic_time ();
      g_autoptr (Judgement) judgement = judge (world, memory, SAMPLE_NOW, &rules);
      gint64 judged = g_get_monotonic_time ();
      g_autoptr (View) view = view_build (world, judgement);

      viewing[i] = g_get_monotonic_time () - judged;
      judging[i] = judged - begin;
      tokens = view->tokens->len;
      findings = judgement->findings->len;
    }
  printf ("%u tokens, %u findings: judged in %" G_GINT64_FORMAT " µs, put into words in %" G_GINT64_FORMAT
          " µs (median)\n",
          tokens, findings, find_median (judging), find_median (viewing));
  return 0;
}
