/* What the difference of two views means. */
#include "desktop/history.h"

#include <string.h>

#include "sample.h"

#define READER "Test Reader 00 00"
#define NAME   SAMPLE_HOLDER " · 5678"

/* A world as it goes on, and what is said of it. */
typedef struct
{
  World *world;
  Memory *memory;
  View *view; /* or NULL: nothing has been seen yet */
  History *history;
  gint64 now;
  gint64 spent; /* on following, in µs */
} Story;

static Story
begin (void)
{
  return (Story){ world_new (), memory_new (), NULL, history_new (), SAMPLE_NOW };
}

static void
end (Story *story)
{
  g_clear_pointer (&story->world, world_unref);
  g_clear_pointer (&story->memory, memory_unref);
  g_clear_pointer (&story->view, view_unref);
  g_clear_object (&story->history);
}

static void
look (Story *story)
{
  g_autoptr (Judgement) judgement = judge (story->world, story->memory, SAMPLE_NOW, &RULES_DEFAULT);
  View *before = story->view;
  gint64 begun;

  story->view = view_build (story->world, judgement);
  begun = g_get_monotonic_time ();
  history_follow (story->history, before, story->view, story->now++);
  story->spent += g_get_monotonic_time () - begun;
  g_clear_pointer (&before, view_unref);
}

static void
happens (Story *story, WorldEvent event)
{
  story->world = sample_after (story->world, event);
  look (story);
}

static void
see_readers (Story *story, ReaderState state, guint counter)
{
  g_autoptr (ReaderList) list = sample_readers (READER, state, counter);

  happens (story, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

static void
see_service (Story *story, ErrorCode failure, guint64 epoch)
{
  g_autoptr (ReaderList) list = reader_list_new (failure, epoch);

  if (failure == ERROR_NONE)
    g_ptr_array_add (list->readers, reader_event_new (READER, READER_PRESENT, 1));
  happens (story, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

/* What is in READER now turns out to be TOKEN, which is taken; NULL: cannot be read for now. */
static void
read_token (Story *story, Token *token)
{
  g_autoptr (Token) owned = token;

  happens (story, (WorldEvent){ .kind = token ? WORLD_EVENT_TOKEN : WORLD_EVENT_FAILURE,
                                .reader = READER,
                                .generation = story->world->last_generation,
                                .token = token,
                                .failure = ERROR_TOKEN_RESET });
}

static Token *
make_token (int tries)
{
  Token *token = sample_token ("12345678", 200);

  ((Pin *) token->pins->pdata[0])->tries_left = tries;
  return token;
}

/* TEXTS, from the oldest to the newest, with NULL at its end. */
static void
assert_told (const Story *story, const char *const *texts)
{
  guint n = g_strv_length ((char **) texts);

  for (guint i = 0; i < MIN (n, history_get_n_entries (story->history)); i++)
    g_assert_cmpstr (history_get_entry (story->history, history_get_n_entries (story->history) - 1 - i)->text, ==,
                     texts[i]);
  g_assert_cmpuint (history_get_n_entries (story->history), ==, n);
  g_assert_cmpuint (history_get_n_appended (story->history), ==, n);
}

#define ASSERT_TOLD(story, ...) assert_told (story, (const char *const[]){ __VA_ARGS__, NULL })

#define IN      NAME " was inserted"
#define OUT     NAME " was pulled"
#define STOPPED "Warned: The smart card service is not running. "

static void
test_in_and_out (void)
{
  Story story = begin ();

  see_readers (&story, READER_EMPTY, 0);
  assert_told (&story, (const char *const[]){ NULL });
  see_readers (&story, READER_PRESENT, 1);
  assert_told (&story, (const char *const[]){ NULL });
  read_token (&story, make_token (3));
  ASSERT_TOLD (&story, IN);
  g_assert_cmpint (history_get_entry (story.history, 0)->time, ==, SAMPLE_NOW + 2);
  g_assert_cmpint (history_get_entry (story.history, 0)->level, ==, FINDING_INFO);
  look (&story);
  ASSERT_TOLD (&story, IN);
  see_readers (&story, READER_EMPTY, 2);
  ASSERT_TOLD (&story, IN, OUT);
  see_readers (&story, READER_PRESENT, 3);
  read_token (&story, make_token (3));
  ASSERT_TOLD (&story, IN, OUT, IN);
  see_readers (&story, READER_PRESENT, 5); /* pulled and back between two looks */
  ASSERT_TOLD (&story, IN, OUT, IN, OUT);
  read_token (&story, make_token (3));
  ASSERT_TOLD (&story, IN, OUT, IN, OUT, IN);
  end (&story);
}

/* As it is after a PIN was at work, or when another program was in the way for a moment. */
static void
test_read_again (void)
{
  Story story = begin ();

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (3));
  happens (&story, (WorldEvent){ .kind = WORLD_EVENT_RETRY, .reader = READER, .generation = 1 });
  read_token (&story, make_token (3));
  read_token (&story, make_token (3));
  ASSERT_TOLD (&story, IN);
  end (&story);
}

static void
test_warned (void)
{
  Story story = begin ();
  const HistoryEntry *entry;

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (2));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2);
  entry = history_get_entry (story.history, 0);
  g_assert_true (g_str_has_prefix (entry->text, "Warned: "));
  g_assert_nonnull (strstr (entry->text, ((FindingView *) story.view->findings->pdata[0])->title));
  g_assert_nonnull (strstr (entry->text, ((FindingView *) story.view->findings->pdata[0])->text));
  g_assert_cmpint (entry->level, ==, FINDING_WARNING);
  /* Read again: for a while nobody knows how many tries are left. */
  happens (&story, (WorldEvent){ .kind = WORLD_EVENT_RETRY, .reader = READER, .generation = 1 });
  g_assert_cmpuint (story.view->findings->len, ==, 0);
  read_token (&story, make_token (2));
  g_assert_cmpuint (story.view->findings->len, ==, 1);
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2);
  read_token (&story, make_token (1)); /* worse: another finding */
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 3);
  g_assert_cmpint (history_get_entry (story.history, 0)->level, ==, FINDING_CRITICAL);
  read_token (&story, make_token (3)); /* well again … */
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 3);
  read_token (&story, make_token (2)); /* … and not */
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 4);
  see_readers (&story, READER_PRESENT, 3); /* pulled and back: both again */
  read_token (&story, make_token (2));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 7);
  end (&story);
}

static void
remember (Story *story, Memory *next)
{
  memory_unref (story->memory);
  story->memory = next;
  look (story);
}

/* A reminder is a warning when it is due: not when it has been shown before, and once more when it was put off. */
static void
test_reminder (void)
{
  Story story = begin ();
  g_autofree char *id = NULL;

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, sample_token ("12345678", 20));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2);
  g_assert_true (g_str_has_prefix (history_get_entry (story.history, 0)->text, "Warned: "));
  id = g_strdup (((FindingView *) story.view->findings->pdata[0])->finding->id);
  remember (&story, memory_show (story.memory, id, SAMPLE_NOW));
  see_readers (&story, READER_EMPTY, 2);
  see_readers (&story, READER_PRESENT, 3);
  read_token (&story, sample_token ("12345678", 20));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 4);
  g_assert_cmpstr (history_get_entry (story.history, 0)->text, ==, IN);
  remember (&story, memory_snooze (story.memory, id, SAMPLE_NOW));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 5);
  look (&story);
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 5);
  end (&story);
}

/* A reader that goes is no warning. */
static void
test_no_reader (void)
{
  Story story = begin ();
  g_autoptr (ReaderList) none = sample_readers (NULL, READER_EMPTY, 0);

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (3));
  happens (&story, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = none });
  g_assert_cmpuint (story.view->findings->len, ==, 1);
  ASSERT_TOLD (&story, IN, OUT);
  end (&story);
}

/* The service ends and comes back: nobody has pulled anything. */
static void
test_service_away (void)
{
  Story story = begin ();

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (3));
  see_service (&story, ERROR_SERVICE_STOPPED, 0);
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2);
  g_assert_true (g_str_has_prefix (history_get_entry (story.history, 0)->text, STOPPED));
  see_service (&story, ERROR_NONE, 2);
  read_token (&story, make_token (3));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2);
  see_readers (&story, READER_EMPTY, 2);
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 3);
  g_assert_cmpstr (history_get_entry (story.history, 0)->text, ==, OUT);
  end (&story);
}

/* … and comes back to another token. */
static void
test_swapped_while_away (void)
{
  Story story = begin ();

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (3));
  see_service (&story, ERROR_SERVICE_STOPPED, 0);
  see_service (&story, ERROR_NONE, 2);
  read_token (&story, sample_token ("99990000", 200));
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 4);
  g_assert_cmpstr (history_get_entry (story.history, 1)->text, ==, OUT);
  g_assert_cmpstr (history_get_entry (story.history, 0)->text, ==, SAMPLE_HOLDER " · 0000 was inserted");
  end (&story);
}

/* What was there before somebody followed has been said already. */
static void
test_two_views (void)
{
  g_autoptr (History) history = history_new ();
  g_autoptr (World) with = sample_world (READER, make_token (2)), without = NULL;
  g_autoptr (ReaderList) empty = sample_readers (READER, READER_EMPTY, 2);
  g_autoptr (Judgement) first = judge (with, NULL, SAMPLE_NOW, &RULES_DEFAULT), second = NULL;
  g_autoptr (View) before = view_build (with, first), after = NULL;

  without = world_apply (with, &(WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = empty });
  second = judge (without, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  after = view_build (without, second);
  history_follow (history, before, before, SAMPLE_NOW);
  g_assert_cmpuint (history_get_n_entries (history), ==, 0);
  history_follow (history, before, after, SAMPLE_NOW);
  g_assert_cmpuint (history_get_n_entries (history), ==, 1);
  g_assert_cmpstr (history_get_entry (history, 0)->text, ==, OUT);
}

static void
count (guint *n)
{
  ++*n;
}

/* 1000 insertions: all are there, in their order, in a time that nobody notices. */
static void
test_thousand (void)
{
  Story story = begin ();
  guint n_signals = 0;

  g_signal_connect_swapped (story.history, "changed", G_CALLBACK (count), &n_signals);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *serial = g_strdup_printf ("1000%04u", i);

      see_readers (&story, READER_PRESENT, 2 * i + 1);
      read_token (&story, sample_token (serial, 200));
      see_readers (&story, READER_EMPTY, 2 * i + 2);
    }
  g_assert_cmpuint (n_signals, ==, 2000);
  g_assert_cmpuint (history_get_n_entries (story.history), ==, 2000);
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *in = g_strdup_printf ("%s · %04u was inserted", SAMPLE_HOLDER, i);
      g_autofree char *out = g_strdup_printf ("%s · %04u was pulled", SAMPLE_HOLDER, i);

      g_assert_cmpstr (history_get_entry (story.history, history_get_n_entries (story.history) - 1 - 2 * i)->text, ==,
                       in);
      g_assert_cmpstr (history_get_entry (story.history, history_get_n_entries (story.history) - 2 - 2 * i)->text, ==,
                       out);
    }
  /* Of the 60 ms that an insertion has when there are 1000 a minute. */
  g_assert_cmpint (story.spent / 1000, <, 5000);
  g_test_message ("%.1f µs an insertion", story.spent / 1000.0);
  end (&story);
}

/* The oldest go, and only they. */
static void
test_bounded (void)
{
  Story story = begin ();
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = HISTORY_MAX_ENTRIES / 2 + 10;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *serial = g_strdup_printf ("1%07u", i);

      see_readers (&story, READER_PRESENT, 2 * i + 1);
      read_token (&story, sample_token (serial, 200));
      see_readers (&story, READER_EMPTY, 2 * i + 2);
    }
  g_assert_cmpuint (history_get_n_entries (story.history), ==, HISTORY_MAX_ENTRIES);
  g_assert_cmpuint (history_get_n_appended (story.history), ==, 2 * n);
  for (guint i = 1; i < HISTORY_MAX_ENTRIES; i++)
    g_assert_cmpint (history_get_entry (story.history, i)->time, <, history_get_entry (story.history, i - 1)->time);
  g_assert_cmpstr (history_get_entry (story.history, HISTORY_MAX_ENTRIES - 1)->text, ==,
                   SAMPLE_HOLDER " · 0010 was inserted");
  text = history_to_text (story.history);
  lines = g_strsplit (text, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, HISTORY_MAX_ENTRIES + 1);
  end (&story);
}

static void
test_text (void)
{
  Story story = begin ();
  g_autofree char *text = NULL;

  see_readers (&story, READER_PRESENT, 1);
  read_token (&story, make_token (3));
  see_readers (&story, READER_EMPTY, 2);
  text = history_to_text (story.history);
  g_assert_cmpstr (text, ==, "2027-01-15 08:00:02  " OUT "\n2027-01-15 08:00:01  " IN "\n");
  end (&story);
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/history/in-and-out", test_in_and_out);
  g_test_add_func ("/history/read-again", test_read_again);
  g_test_add_func ("/history/warned", test_warned);
  g_test_add_func ("/history/reminder", test_reminder);
  g_test_add_func ("/history/no-reader", test_no_reader);
  g_test_add_func ("/history/service-away", test_service_away);
  g_test_add_func ("/history/swapped-while-away", test_swapped_while_away);
  g_test_add_func ("/history/two-views", test_two_views);
  g_test_add_func ("/history/thousand", test_thousand);
  g_test_add_func ("/history/bounded", test_bounded);
  g_test_add_func ("/history/text", test_text);
  return g_test_run ();
}
