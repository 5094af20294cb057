#include "model/judge.h"

#include <string.h>

#include "sample.h"

#define READER  "Test Reader 00 00"
#define ANOTHER "Another Reader"
#define DAY     DAYS (1)
#define HOUR    (60 * 60)

static const Rules rules = { .steps = { 90, 60, 30, 14, 7, 3, 1, 0 }, .n_steps = 8, .remind_absent = TRUE };

static Token *
make_token (const char *serial, gint64 not_after)
{
  Token *token = sample_token (serial, 1);
  Certificate *certificate = sample_certificate ("9a", (guint8) serial[0], not_after - DAYS (365), not_after);

  g_ptr_array_set_size (token->certificates, 0);
  g_ptr_array_add (token->certificates, certificate);
  return token;
}

static const Finding *
find (const Judgement *judgement, FindingKind kind)
{
  for (guint i = 0; i < judgement->findings->len; i++)
    if (((Finding *) judgement->findings->pdata[i])->kind == kind)
      return judgement->findings->pdata[i];
  return NULL;
}

/* What a person is told: "90 60 30 …" and "end" for what comes after it. */
typedef struct
{
  gint64 not_after;
  Memory *memory;
  GString *told;
} Life;

/* Says at NOW what is due, and checks that it is neither early nor late. Returns the next moment. */
static gint64
live (Life *life, World *world, gint64 now, const Rules *with)
{
  g_autoptr (Judgement) judgement = judge (world, life->memory, now, with);

  for (guint i = 0; i < judgement->findings->len; i++)
    {
      const Finding *finding = judgement->findings->pdata[i];
      Memory *before = life->memory;
      gint64 left = life->not_after - now;

      if (!finding->reminder || !finding->due)
        continue;
      if (finding->kind == FINDING_EXPIRING)
        {
          const char *step = strrchr (finding->id, ':') + 1;

          g_string_append_printf (life->told, "%s ", step);
          g_assert_cmpint (left, ==, (g_ascii_strtoll (step, NULL, 10) + 1) * DAY - 1);
        }
      else
        {
          g_string_append (life->told, "end");
          g_assert_cmpint (left, ==, -1);
        }
      life->memory = memory_show (before, finding->id, now);
      memory_unref (before);
    }
  g_assert_cmpint (judgement->next, >, now);
  return judgement->next;
}

/* Of 200 ends, over changes of the clock, leap days and the year 2038, each step comes once, at its second, whether the
 * token is in or not and however often the program starts anew. */
static void
test_each_step_once (void)
{
  g_autoptr (World) nobody = sample_put (world_new (), READER, "1", NULL, SAMPLE_NOW, FALSE);

  for (guint i = 0; i < 200; i++)
    {
      gint64 not_after = SAMPLE_NOW + DAYS (100 + (gint64) i * 23) + (gint64) i * 1237;
      g_autoptr (World) world = sample_world (READER, make_token ("1", not_after));
      g_autoptr (GPtrArray) issuers = g_ptr_array_new ();
      g_autoptr (Memory) memory = memory_new ();
      Life life = { not_after, memory_see (memory, world, issuers), g_string_new (NULL) };
      gint64 now = not_after - DAYS (95);

      while (now < not_after + DAYS (3))
        now = live (&life, now / DAY % 3 == 0 ? nobody : world, now, &rules);
      g_assert_cmpstr (life.told->str, ==, "90 60 30 14 7 3 1 0 end");
      g_string_free (life.told, TRUE);
      memory_unref (life.memory);
    }
}

/* A program that was not running says the step that holds now, and none of those that it missed. */
static void
test_started_late (void)
{
  static const struct
  {
    gint64 days_left;
    const char *id;
    FindingLevel level;
  } cases[] = {
    { 91, NULL, 0 },
    { 90, "90", FINDING_INFO },
    { 61, "90", FINDING_INFO },
    { 60, "60", FINDING_INFO },
    { 31, "60", FINDING_INFO },
    { 30, "30", FINDING_WARNING },
    { 8, "14", FINDING_WARNING },
    { 7, "7", FINDING_CRITICAL },
    { 2, "3", FINDING_CRITICAL },
    { 0, "0", FINDING_CRITICAL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = sample_world (READER, make_token ("1", SAMPLE_NOW + DAYS (cases[i].days_left) + HOUR));
      g_autoptr (Judgement) judgement = judge (world, NULL, SAMPLE_NOW, &rules);
      const Finding *finding = find (judgement, FINDING_EXPIRING);

      g_assert_cmpuint (judgement->findings->len, ==, cases[i].id ? 1 : 0);
      if (!cases[i].id)
        continue;
      g_assert_cmpstr (strrchr (finding->id, ':') + 1, ==, cases[i].id);
      g_assert_cmpint (finding->level, ==, cases[i].level);
      g_assert_true (finding->reminder && finding->due && !finding->absent);
      g_assert_cmpint (finding->days_left, ==, cases[i].days_left);
    }
}

static void
test_quiet_hours (void)
{
  static const struct
  {
    int from, to, hour;
    gboolean quiet;
    gint64 wait; /* hours */
  } cases[] = {
    { 22, 8, 8, FALSE, 0 },  { 22, 8, 7, TRUE, 1 },   { 22, 8, 23, TRUE, 9 },   { 22, 8, 22, TRUE, 10 },
    { 22, 8, 21, FALSE, 0 }, { 12, 14, 13, TRUE, 1 }, { 12, 14, 14, FALSE, 0 }, { 9, 9, 9, FALSE, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Rules quiet = rules;
      /* SAMPLE_NOW is 08:00 UTC. */
      gint64 now = SAMPLE_NOW + (cases[i].hour - 8) * HOUR;
      g_autoptr (World) world = sample_world (READER, make_token ("1", now + DAYS (20)));
      g_autoptr (Judgement) judgement = NULL, later = NULL;
      const Finding *finding;

      quiet.quiet_from = cases[i].from * 60;
      quiet.quiet_to = cases[i].to * 60;
      judgement = judge (world, NULL, now, &quiet);
      finding = find (judgement, FINDING_EXPIRING);
      g_assert_cmpint (finding->due, ==, !cases[i].quiet);
      if (!cases[i].quiet)
        continue;
      g_assert_cmpint (judgement->next, <=, now + cases[i].wait * HOUR);
      later = judge (world, NULL, now + cases[i].wait * HOUR, &quiet);
      g_assert_true (find (later, FINDING_EXPIRING)->due);
    }
}

static void
test_tomorrow (void)
{
  g_autoptr (World) world = sample_world (READER, make_token ("1", SAMPLE_NOW + DAYS (25)));
  g_autoptr (Judgement) first = judge (world, NULL, SAMPLE_NOW, &rules);
  const char *id = find (first, FINDING_EXPIRING)->id;
  g_autoptr (Memory) nothing = memory_new ();
  g_autoptr (Memory) shown = memory_show (nothing, id, SAMPLE_NOW);
  g_autoptr (Memory) put_off = memory_snooze (shown, id, SAMPLE_NOW + DAY);
  g_autoptr (Judgement) now = judge (world, put_off, SAMPLE_NOW, &rules);
  g_autoptr (Judgement) tomorrow = judge (world, put_off, SAMPLE_NOW + DAY, &rules);

  g_assert_false (find (now, FINDING_EXPIRING)->due);
  g_assert_cmpint (now->next, <=, SAMPLE_NOW + DAY);
  g_assert_true (find (tomorrow, FINDING_EXPIRING)->due);
}

/* Also without the token, unless that is not wanted; and not for ever after its end. */
static void
test_absent (void)
{
  g_autoptr (World) world = sample_world (READER, make_token ("1", SAMPLE_NOW + DAYS (5)));
  g_autoptr (ReaderList) empty = sample_readers (READER, READER_EMPTY, 2);
  g_autoptr (GPtrArray) issuers = g_ptr_array_new ();
  g_autoptr (Memory) nothing = memory_new ();
  g_autoptr (Memory) memory = memory_see (nothing, world, issuers);
  Rules only_here = rules;

  only_here.remind_absent = FALSE;
  world = sample_after (g_steal_pointer (&world), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = empty });
  for (int day = 0; day < 60; day++)
    {
      gint64 now = SAMPLE_NOW + DAYS (day);
      g_autoptr (Judgement) judgement = judge (world, memory, now, &rules);
      g_autoptr (Judgement) here = judge (world, memory, now, &only_here);
      const Finding *finding = find (judgement, day <= 5 ? FINDING_EXPIRING : FINDING_EXPIRED);

      g_assert_cmpuint (here->findings->len, ==, 0);
      g_assert_cmpint (finding != NULL, ==, day <= 35);
      if (!finding)
        continue;
      g_assert_true (finding->absent);
      g_assert_null (finding->token);
      g_assert_cmpstr (finding->label, ==, SAMPLE_HOLDER " · " SAMPLE_ORGANIZATION);
    }
}

/* Signature and encryption certificate of one token end together: one reminder. */
static void
test_one_for_a_pair (void)
{
  g_autoptr (Token) token = make_token ("1", SAMPLE_NOW + DAYS (20));
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;

  g_ptr_array_add (token->certificates,
                   sample_certificate ("9c", 7, SAMPLE_NOW - DAYS (300), SAMPLE_NOW + DAYS (20) + 5));
  world = sample_world (READER, token_ref (token));
  judgement = judge (world, NULL, SAMPLE_NOW, &rules);
  g_assert_cmpuint (judgement->findings->len, ==, 1);
}

static void
test_odd_dates (void)
{
  static const struct
  {
    gint64 not_before, not_after;
    FindingKind kind; /* FINDING_N_KINDS: nothing is said */
  } cases[] = {
    { -DAYS (10000), -DAYS (9000), FINDING_EXPIRED },
    { G_GINT64_CONSTANT (-2208988800), G_GINT64_CONSTANT (253402300799), FINDING_N_KINDS },
    { G_GINT64_CONSTANT (1900000000), G_GINT64_CONSTANT (4000000000), FINDING_NOT_YET_VALID },
    { SAMPLE_NOW + DAYS (10), SAMPLE_NOW, FINDING_N_KINDS },
    { CERTIFICATE_TIME_UNKNOWN, SAMPLE_NOW, FINDING_N_KINDS },
    { SAMPLE_NOW, SAMPLE_NOW, FINDING_EXPIRING },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = make_token ("1", SAMPLE_NOW);
      g_autoptr (World) world = NULL;
      g_autoptr (Judgement) judgement = NULL;

      token_get_primary (token)->not_before = cases[i].not_before;
      token_get_primary (token)->not_after = cases[i].not_after;
      world = sample_world (READER, token_ref (token));
      judgement = judge (world, NULL, SAMPLE_NOW, &rules);
      g_assert_cmpuint (judgement->findings->len, ==, cases[i].kind == FINDING_N_KINDS ? 0 : 1);
      if (cases[i].kind != FINDING_N_KINDS)
        g_assert_nonnull (find (judgement, cases[i].kind));
    }
}

/* A clock that cannot be right: that is said, and nothing about expiry. */
static void
test_clock (void)
{
  Rules built = rules;
  g_autoptr (World) world = sample_world (READER, make_token ("1", SAMPLE_NOW + DAYS (5)));
  g_autoptr (Judgement) wrong = NULL, right = NULL;

  built.built = SAMPLE_NOW;
  wrong = judge (world, NULL, SAMPLE_NOW - 1, &built);
  right = judge (world, NULL, SAMPLE_NOW, &built);
  g_assert_cmpuint (wrong->findings->len, ==, 1);
  g_assert_cmpstr (((Finding *) wrong->findings->pdata[0])->id, ==, "clock-suspect:clock");
  g_assert_cmpint (wrong->next, ==, SAMPLE_NOW);
  g_assert_null (find (right, FINDING_CLOCK_SUSPECT));
  g_assert_nonnull (find (right, FINDING_EXPIRING));
}

/* ---- who came and who went ---- */

static void
test_swap (void)
{
  g_autoptr (World) world = sample_put (world_new (), READER, "1", "A", SAMPLE_NOW, FALSE);
  g_autoptr (Judgement) before = judge (world, NULL, SAMPLE_NOW, &rules), after = NULL, away = NULL;
  const Finding *finding;

  g_assert_null (find (before, FINDING_SWAPPED));
  world = sample_put (g_steal_pointer (&world), READER, "2", "B", SAMPLE_NOW + 1, FALSE);
  after = judge (world, NULL, SAMPLE_NOW + 1, &rules);
  finding = find (after, FINDING_SWAPPED);
  g_assert_cmpstr (finding->id, ==, "swapped:piv-2");
  g_assert_cmpstr (finding->token, ==, "piv-2");
  g_assert_cmpstr (finding->other->id, ==, "piv-1");
  g_assert_cmpint (finding->level, ==, FINDING_WARNING);
  world = sample_put (g_steal_pointer (&world), READER, "2", NULL, SAMPLE_NOW + 2, FALSE);
  away = judge (world, NULL, SAMPLE_NOW + 2, &rules);
  g_assert_null (find (away, FINDING_SWAPPED));
}

static void
test_several (void)
{
  Rules one = rules;
  g_autoptr (World) world = sample_put (world_new (), READER, "1", "A", SAMPLE_NOW, FALSE);
  g_autoptr (Judgement) alone = NULL, both = NULL, unwanted = NULL, turned = NULL;
  g_autofree char *id = NULL;

  one.want_one_token = TRUE;
  alone = judge (world, NULL, SAMPLE_NOW, &one);
  g_assert_null (find (alone, FINDING_MULTIPLE_TOKENS));
  world = sample_put (g_steal_pointer (&world), ANOTHER, "2", "B", SAMPLE_NOW, FALSE);
  both = judge (world, NULL, SAMPLE_NOW, &one);
  unwanted = judge (world, NULL, SAMPLE_NOW, &rules);
  g_assert_null (find (unwanted, FINDING_MULTIPLE_TOKENS));
  id = g_strdup (find (both, FINDING_MULTIPLE_TOKENS)->id);
  /* The same two the other way round are the same two. */
  world = sample_put (g_steal_pointer (&world), READER, "1", NULL, SAMPLE_NOW, FALSE);
  world = sample_put (g_steal_pointer (&world), ANOTHER, "1", "A", SAMPLE_NOW, FALSE);
  world = sample_put (g_steal_pointer (&world), READER, "2", "B", SAMPLE_NOW, FALSE);
  turned = judge (world, NULL, SAMPLE_NOW, &one);
  g_assert_cmpstr (find (turned, FINDING_MULTIPLE_TOKENS)->id, ==, id);
}

static void
test_pulled_in_use (void)
{
  g_autoptr (World) world = sample_put (world_new (), READER, "1", "A", SAMPLE_NOW, TRUE);
  g_autoptr (Judgement) gone = NULL, later = NULL, back = NULL;

  world = sample_put (g_steal_pointer (&world), READER, "1", NULL, SAMPLE_NOW + 60, FALSE);
  gone = judge (world, NULL, SAMPLE_NOW + 60, &rules);
  g_assert_cmpstr (find (gone, FINDING_REMOVED_IN_USE)->id, ==, "removed-in-use:piv-1");
  g_assert_cmpint (find (gone, FINDING_REMOVED_IN_USE)->time, ==, SAMPLE_NOW + 60);
  later = judge (world, NULL, gone->next, &rules);
  g_assert_null (find (later, FINDING_REMOVED_IN_USE));
  world = sample_put (g_steal_pointer (&world), ANOTHER, "1", "A", SAMPLE_NOW + 61, FALSE);
  back = judge (world, NULL, SAMPLE_NOW + 61, &rules);
  g_assert_null (find (back, FINDING_REMOVED_IN_USE));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge-expiry/each-step-once", test_each_step_once);
  g_test_add_func ("/judge-expiry/started-late", test_started_late);
  g_test_add_func ("/judge-expiry/quiet-hours", test_quiet_hours);
  g_test_add_func ("/judge-expiry/tomorrow", test_tomorrow);
  g_test_add_func ("/judge-expiry/absent", test_absent);
  g_test_add_func ("/judge-expiry/one-for-a-pair", test_one_for_a_pair);
  g_test_add_func ("/judge-expiry/odd-dates", test_odd_dates);
  g_test_add_func ("/judge-expiry/clock", test_clock);
  g_test_add_func ("/judge-expiry/swap", test_swap);
  g_test_add_func ("/judge-expiry/several", test_several);
  g_test_add_func ("/judge-expiry/pulled-in-use", test_pulled_in_use);
  return g_test_run ();
}
