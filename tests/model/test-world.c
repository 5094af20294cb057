#include "sample.h"

#define READER "Test Reader 00 00"

static World *
see (World *world, const char *name, ReaderState state, guint counter)
{
  g_autoptr (ReaderList) list = sample_readers (name, state, counter);

  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

static World *
fail (World *world, guint generation, ErrorCode failure)
{
  return sample_after (world,
                       (WorldEvent){
                         .kind = WORLD_EVENT_FAILURE, .reader = READER, .generation = generation, .failure = failure });
}

static World *
answer (World *world, guint generation, gboolean complete)
{
  g_autoptr (Token) token = sample_token ("12345678", 100);

  token->complete = complete;
  return sample_after (world, (WorldEvent){ .kind = complete ? WORLD_EVENT_TOKEN : WORLD_EVENT_PARTIAL,
                                            .reader = READER,
                                            .generation = generation,
                                            .token = token });
}

static World *
retry (World *world, guint generation)
{
  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_RETRY, .reader = READER, .generation = generation });
}

static void
assert_slot (const World *world, SlotState state, SlotWants wants, guint generation)
{
  const Slot *slot = world_find_slot (world, READER);

  g_assert_nonnull (slot);
  g_assert_cmpint (slot->state, ==, state);
  g_assert_cmpint (slot->wants, ==, wants);
  g_assert_cmpuint (slot->generation, ==, generation);
}

static void
test_life (void)
{
  g_autoptr (World) world = world_new ();

  g_assert_false (world_is_settled (world));
  world = see (world, READER, READER_EMPTY, 0);
  assert_slot (world, SLOT_EMPTY, SLOT_WANTS_NOTHING, 0);
  g_assert_true (world_is_settled (world));
  world = see (world, READER, READER_PRESENT, 1);
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 1);
  g_assert_false (world_is_settled (world));
  world = answer (world, 1, FALSE);
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 1);
  g_assert_nonnull (world_find_slot (world, READER)->token);
  g_assert_false (world_is_settled (world));
  world = answer (world, 1, TRUE);
  assert_slot (world, SLOT_READY, SLOT_WANTS_NOTHING, 1);
  g_assert_true (world_is_settled (world));
  world = see (world, READER, READER_EMPTY, 2);
  assert_slot (world, SLOT_EMPTY, SLOT_WANTS_NOTHING, 1);
  g_assert_null (world_find_slot (world, READER)->token);
  world = see (world, NULL, READER_EMPTY, 0);
  g_assert_null (world_find_slot (world, READER));
}

/* Pulled and inserted between two looks: the counter tells, the state does not. */
static void
test_swap (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);

  world = answer (world, 1, TRUE);
  world = see (world, READER, READER_PRESENT, 1);
  assert_slot (world, SLOT_READY, SLOT_WANTS_NOTHING, 1);
  world = see (world, READER, READER_PRESENT, 3);
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 2);
  g_assert_null (world_find_slot (world, READER)->token);
  world = answer (world, 1, TRUE); /* the first token's answer, late */
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 2);
}

/* The service was restarted: its counters begin anew, so the same number says nothing. */
static void
test_epoch (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, 2);

  world = answer (world, 1, TRUE);
  g_ptr_array_add (list->readers, reader_event_new (READER, READER_PRESENT, 1));
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 2);
}

static void
test_service_lost (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);
  g_autoptr (ReaderList) list = reader_list_new (ERROR_SERVICE_STOPPED, 9);

  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  g_assert_cmpuint (world->slots->len, ==, 0);
  g_assert_cmpint (world->service, ==, ERROR_SERVICE_STOPPED);
  g_assert_true (world_is_settled (world));
}

static void
test_mute (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_MUTE, 1);

  assert_slot (world, SLOT_FAILED, SLOT_WANTS_NOTHING, 1);
  g_assert_cmpint (world_find_slot (world, READER)->failure, ==, ERROR_TOKEN_MUTE);
  world = see (world, READER, READER_MUTE, 1);
  assert_slot (world, SLOT_FAILED, SLOT_WANTS_NOTHING, 1);
  world = see (world, READER, READER_PRESENT, 3);
  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 2);
  world = fail (world, 2, ERROR_TOKEN_MUTE); /* the worker found out, the watcher still says present */
  world = see (world, READER, READER_PRESENT, 3);
  assert_slot (world, SLOT_FAILED, SLOT_WANTS_NOTHING, 2);
}

/* While a busy token is tried again nothing that people see changes. */
static void
test_busy (void)
{
  static const guint delays[] = { 250, 500, 1000, 2000, 2000 };
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);

  for (guint i = 0; i < 20; i++)
    {
      world = fail (world, 1, ERROR_READER_BUSY);
      assert_slot (world, SLOT_FAILED, SLOT_WANTS_RETRY, 1);
      g_assert_true (world_is_settled (world));
      g_assert_cmpuint (slot_get_retry_delay (world_find_slot (world, READER)), ==, delays[MIN (i, 4)]);
      world = retry (world, 1);
      assert_slot (world, SLOT_FAILED, SLOT_WANTS_READ, 1);
      g_assert_cmpint (world_find_slot (world, READER)->failure, ==, ERROR_READER_BUSY);
    }
  world = answer (world, 1, TRUE);
  assert_slot (world, SLOT_READY, SLOT_WANTS_NOTHING, 1);
  g_assert_cmpuint (world_find_slot (world, READER)->attempts, ==, 0);
}

static void
test_failures (void)
{
  for (ErrorCode code = ERROR_NONE + 1; code < ERROR_N_CODES; code++)
    {
      g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);

      world = fail (world, 1, code);
      assert_slot (world, SLOT_FAILED,
                   error_is_passing (code) || error_is_absence (code) ? SLOT_WANTS_RETRY : SLOT_WANTS_NOTHING, 1);
      g_assert_cmpint (world_is_settled (world), ==, !error_is_absence (code));
    }
}

/* What should pass and does not is left alone in the end. */
static void
test_gives_up (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);
  guint attempts = 0;

  do
    {
      world = fail (world, 1, ERROR_TOKEN_RESET);
      attempts++;
      if (world_find_slot (world, READER)->wants == SLOT_WANTS_RETRY)
        world = retry (world, 1);
    }
  while (world_find_slot (world, READER)->wants == SLOT_WANTS_READ && attempts < 100);
  g_assert_cmpuint (attempts, ==, 8);
  assert_slot (world, SLOT_FAILED, SLOT_WANTS_NOTHING, 1);
}

/* A PIN was at work and nobody knows what came of it: the token is still there, its counters are not. */
static void
test_read_again (void)
{
  g_autoptr (World) world = sample_world (READER, sample_token ("12345678", 100));
  const Slot *slot;

  world = retry (world, 1);
  assert_slot (world, SLOT_READY, SLOT_WANTS_READ, 1);
  g_assert_false (world_is_settled (world));
  slot = world_find_slot (world, READER);
  g_assert_cmpstr (slot->token->serial, ==, "12345678");
  g_assert_cmpuint (slot->token->certificates->len, ==, 1);
  g_assert_cmpint (token_find_pin (slot->token, "user")->tries_left, ==, PIN_UNKNOWN);
  world = answer (world, 1, TRUE);
  assert_slot (world, SLOT_READY, SLOT_WANTS_NOTHING, 1);
  g_assert_cmpint (token_find_pin (world_find_slot (world, READER)->token, "user")->tries_left, ==, 3);
}

/* ---- who came and who went ---- */

#define ANOTHER "Another Reader"

typedef struct
{
  const char *reader, *serial, *holder; /* HOLDER NULL: the token goes */
  int seconds;                          /* after the step before */
  const char *before;                   /* whose place it has taken, or NULL */
} Step;

static World *
come (World *world, const Step *step, gint64 time, gboolean in_use)
{
  return sample_put (world, step->reader, step->serial, step->holder, time, in_use);
}

static void
test_who_takes_whose_place (void)
{
  static const Step stories[][6] = {
    /* another holder, in the same reader or in another one */
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { READER, "2", "B", 5, "A" } },
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { ANOTHER, "2", "B", 5, "A" } },
    /* swapped faster than anybody looks */
    { { READER, "1", "A", 0, NULL }, { READER, "2", "B", 0, "A" }, { READER, "1", "A", 0, "B" } },
    /* the same token, a second token of the same holder, a renewed certificate */
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { READER, "1", "A", 5, NULL } },
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { READER, "2", "A", 5, NULL } },
    /* beside another one, and after that one has gone */
    { { READER, "1", "A", 0, NULL }, { ANOTHER, "2", "B", 5, NULL }, { READER, "1", NULL, 5, NULL } },
    /* long after */
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { READER, "2", "B", WORLD_SWAP_TIME, "A" } },
    { { READER, "1", "A", 0, NULL }, { READER, "1", NULL, 5, NULL }, { READER, "2", "B", WORLD_SWAP_TIME + 1, NULL } },
    /* the last one counts */
    { { READER, "1", "A", 0, NULL },
      { READER, "1", NULL, 5, NULL },
      { READER, "2", "B", 5, "A" },
      { READER, "2", NULL, 5, NULL },
      { READER, "3", "C", 5, "B" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (stories); i++)
    {
      g_autoptr (World) world = world_new ();
      gint64 time = SAMPLE_NOW;

      for (guint j = 0; j < G_N_ELEMENTS (stories[i]) && stories[i][j].reader; j++)
        {
          const Step *step = &stories[i][j];
          const Slot *slot;

          time += step->seconds;
          world = come (world, step, time, FALSE);
          slot = world_find_slot (world, step->reader);
          if (step->holder)
            g_assert_cmpstr (slot->before ? token_get_primary (slot->before)->holder : NULL, ==, step->before);
          else
            g_assert_null (slot->before);
          g_assert_cmpuint (world->lost->len, ==, 0);
        }
    }
}

/* Pulled while another program used it: missed until it is back, wherever. */
static void
test_lost (void)
{
  static const Step here = { READER, "1", "A", 0, NULL }, gone = { READER, "1", NULL, 0, NULL },
                    other = { READER, "2", "B", 0, NULL }, back = { ANOTHER, "1", "A", 0, NULL };
  g_autoptr (World) world = come (world_new (), &here, SAMPLE_NOW, TRUE);

  world = come (world, &gone, SAMPLE_NOW + 7, FALSE);
  g_assert_cmpuint (world->lost->len, ==, 1);
  g_assert_cmpint (((Departure *) world->lost->pdata[0])->time, ==, SAMPLE_NOW + 7);
  world = come (world, &other, SAMPLE_NOW + 8, FALSE);
  g_assert_cmpuint (world->lost->len, ==, 1);
  world = come (world, &back, SAMPLE_NOW + 9, FALSE);
  g_assert_cmpuint (world->lost->len, ==, 0);
  for (guint i = 0; i < 40; i++)
    {
      world = come (world, i % 2 ? &here : &gone, SAMPLE_NOW + 10 + i, TRUE);
      g_assert_cmpuint (world->lost->len, <=, 8);
    }
}

static void
test_stale_changes_nothing (void)
{
  g_autoptr (World) world = see (world_new (), READER, READER_PRESENT, 1);
  WorldEvent stale[] = {
    { .kind = WORLD_EVENT_FAILURE, .reader = READER, .generation = 7, .failure = ERROR_READER_BUSY },
    { .kind = WORLD_EVENT_FAILURE, .reader = "another", .generation = 1, .failure = ERROR_READER_BUSY },
    { .kind = WORLD_EVENT_RETRY, .reader = READER, .generation = 1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (stale); i++)
    {
      g_autoptr (World) next = world_apply (world, &stale[i]);

      g_assert_true (next == world);
    }
}

static void
test_two_of_one_name (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, 1);

  g_ptr_array_add (list->readers, reader_event_new (READER, READER_PRESENT, 1));
  g_ptr_array_add (list->readers, reader_event_new (READER, READER_PRESENT, 5));
  world = sample_after (g_steal_pointer (&world), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  g_assert_cmpuint (world->slots->len, ==, 1);
}

/* ---- what issuers answered ---- */

static World *
tell (World *world, const char *sha256, RevocationState state)
{
  g_autoptr (Revocation) revocation = revocation_new (sha256, state);

  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_REVOCATION, .revocation = revocation });
}

static void
assert_answer (const World *world, const char *sha256, RevocationState state)
{
  const Revocation *answer = world_find_answer (world, sha256);

  g_assert_nonnull (answer);
  g_assert_cmpint (answer->state, ==, state);
}

/* The newest answer about each certificate. */
static void
test_answers (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (World) before = NULL;

  g_assert_null (world_find_answer (world, "ab"));
  world = tell (world, "ab", REVOCATION_ASKING);
  world = tell (world, "cd", REVOCATION_GOOD);
  g_assert_false (world->known); /* nobody has looked at a reader */
  before = world_ref (world);
  world = tell (world, "ab", REVOCATION_REVOKED);
  assert_answer (world, "ab", REVOCATION_REVOKED);
  assert_answer (world, "cd", REVOCATION_GOOD);
  assert_answer (before, "ab", REVOCATION_ASKING);
  g_assert_null (world_find_answer (world, "ef"));
  g_assert_cmpuint (world->answers->len, ==, 2);
}

/* They are about certificates, wherever these are, and not about insertions. */
static void
test_answers_stay (void)
{
  g_autoptr (World) world = tell (see (world_new (), READER, READER_PRESENT, 1), "ab", REVOCATION_REVOKED);
  g_autoptr (ReaderList) none = reader_list_new (ERROR_SERVICE_STOPPED, 2);

  assert_slot (world, SLOT_READING, SLOT_WANTS_READ, 1); /* no slot is touched */
  world = answer (world, 1, TRUE);
  assert_answer (world, "ab", REVOCATION_REVOKED);
  world = see (world, READER, READER_EMPTY, 2);
  assert_answer (world, "ab", REVOCATION_REVOKED);
  world = see (world, NULL, READER_EMPTY, 0);
  assert_answer (world, "ab", REVOCATION_REVOKED);
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = none });
  assert_answer (world, "ab", REVOCATION_REVOKED);
  world = see (world, READER, READER_PRESENT, 3);
  assert_answer (world, "ab", REVOCATION_REVOKED);
}

/* Asked for ever, it forgets what was told first; a certificate that is asked about again is not told first. */
static void
test_answers_are_bounded (void)
{
  g_autoptr (World) world = world_new ();
  guint most = 0;

  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *sha256 = g_strdup_printf ("%u", i);

      world = tell (world, sha256, REVOCATION_GOOD);
      world = tell (world, "0", REVOCATION_REVOKED);
      assert_answer (world, sha256, i ? REVOCATION_GOOD : REVOCATION_REVOKED);
      most = MAX (most, world->answers->len);
    }
  g_assert_cmpuint (most, ==, 64);
  assert_answer (world, "0", REVOCATION_REVOKED);
  g_assert_null (world_find_answer (world, "1"));
  assert_answer (world, "999", REVOCATION_GOOD);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/world/life", test_life);
  g_test_add_func ("/world/swap", test_swap);
  g_test_add_func ("/world/epoch", test_epoch);
  g_test_add_func ("/world/service-lost", test_service_lost);
  g_test_add_func ("/world/mute", test_mute);
  g_test_add_func ("/world/busy", test_busy);
  g_test_add_func ("/world/failures", test_failures);
  g_test_add_func ("/world/gives-up", test_gives_up);
  g_test_add_func ("/world/read-again", test_read_again);
  g_test_add_func ("/world/who-takes-whose-place", test_who_takes_whose_place);
  g_test_add_func ("/world/lost", test_lost);
  g_test_add_func ("/world/stale-changes-nothing", test_stale_changes_nothing);
  g_test_add_func ("/world/two-of-one-name", test_two_of_one_name);
  g_test_add_func ("/world/answers", test_answers);
  g_test_add_func ("/world/answers-stay", test_answers_stay);
  g_test_add_func ("/world/answers-are-bounded", test_answers_are_bounded);
  return g_test_run ();
}
