/* Which reminder was shown, which comes again and when, and what does not fit any more: the marks of the memory. The
 * certificates in it are in test-memory.c. */
#include "model/memory.h"

#include <string.h>

#include "sample.h"

static void
test_show (void)
{
  g_autoptr (Memory) empty = memory_new ();
  g_autoptr (Memory) one = memory_show (empty, "a", SAMPLE_NOW);
  g_autoptr (Memory) two = memory_show (one, "b", SAMPLE_NOW + 1);
  g_autoptr (Memory) same = memory_show (two, "a", SAMPLE_NOW + DAYS (400));

  g_assert_false (memory_has_shown (empty, "a", SAMPLE_NOW));
  g_assert_true (memory_has_shown (one, "a", SAMPLE_NOW));
  g_assert_false (memory_has_shown (one, "b", SAMPLE_NOW));
  g_assert_true (memory_has_shown (two, "a", SAMPLE_NOW + DAYS (400)));
  g_assert_cmpstr (((MemoryMark *) two->marks->pdata[0])->id, ==, "b");
  g_assert_cmpint (((MemoryMark *) two->marks->pdata[1])->shown, ==, SAMPLE_NOW);
  g_assert_true (same == two);
  g_assert_cmpint (memory_get_next (two, SAMPLE_NOW), ==, G_MAXINT64);
}

static void
test_snooze (void)
{
  const gint64 until = SAMPLE_NOW + DAYS (1);
  g_autoptr (Memory) empty = memory_new ();
  g_autoptr (Memory) shown = memory_show (empty, "a", SAMPLE_NOW);
  g_autoptr (Memory) snoozed = memory_snooze (shown, "a", until);
  g_autoptr (Memory) same = memory_snooze (snoozed, "a", until);
  g_autoptr (Memory) early = memory_show (snoozed, "a", until - 1);
  g_autoptr (Memory) later = memory_snooze (snoozed, "a", until + 5);
  g_autoptr (Memory) again = memory_show (snoozed, "a", until);

  g_assert_true (memory_has_shown (snoozed, "a", until - 1));
  g_assert_false (memory_has_shown (snoozed, "a", until));
  g_assert_cmpint (memory_get_next (snoozed, SAMPLE_NOW), ==, until);
  g_assert_cmpint (memory_get_next (snoozed, until - 1), ==, until);
  g_assert_cmpint (memory_get_next (snoozed, until), ==, G_MAXINT64);
  g_assert_true (same == snoozed);
  g_assert_true (early == snoozed); /* it is still to come again */
  g_assert_cmpint (memory_get_next (later, SAMPLE_NOW), ==, until + 5);
  g_assert_true (memory_has_shown (again, "a", until));
  g_assert_true (memory_has_shown (again, "a", until + DAYS (1)));
  g_assert_cmpuint (again->marks->len, ==, 1);
  g_assert_true (memory_has_shown (shown, "a", until)); /* the old values are untouched */
  g_assert_cmpint (memory_get_next (snoozed, SAMPLE_NOW), ==, until);
}

static void
test_snooze_unseen (void)
{
  g_autoptr (Memory) empty = memory_new ();
  g_autoptr (Memory) one = memory_snooze (empty, "a", SAMPLE_NOW + 10);
  g_autoptr (Memory) two = memory_snooze (one, "b", SAMPLE_NOW + 5);
  g_autoptr (Memory) past = memory_snooze (two, "c", 0);
  g_autoptr (Memory) never = memory_snooze (past, "d", G_MAXINT64);

  g_assert_true (memory_has_shown (one, "a", SAMPLE_NOW));
  g_assert_false (memory_has_shown (one, "a", SAMPLE_NOW + 10));
  g_assert_cmpint (memory_get_next (two, SAMPLE_NOW), ==, SAMPLE_NOW + 5);
  g_assert_cmpint (memory_get_next (two, SAMPLE_NOW + 5), ==, SAMPLE_NOW + 10);
  g_assert_false (memory_has_shown (past, "c", SAMPLE_NOW));
  g_assert_true (memory_has_shown (never, "d", SAMPLE_NOW));
}

/* A clock that was wrong by years has shown things that nobody has to know yet; one that was wrong by minutes has not.
 */
static void
test_clock_set_back (void)
{
  g_autoptr (Memory) empty = memory_new ();
  g_autoptr (Memory) minutes = memory_show (empty, "a", SAMPLE_NOW + 600);
  g_autoptr (Memory) years = memory_show (empty, "a", SAMPLE_NOW + DAYS (1000));
  g_autoptr (Memory) snoozed = memory_snooze (years, "a", SAMPLE_NOW + DAYS (1001));
  g_autoptr (Memory) right = memory_show (snoozed, "a", SAMPLE_NOW);

  g_assert_true (memory_has_shown (minutes, "a", SAMPLE_NOW));
  g_assert_false (memory_has_shown (years, "a", SAMPLE_NOW));
  g_assert_false (memory_has_shown (snoozed, "a", SAMPLE_NOW));
  g_assert_true (memory_has_shown (right, "a", SAMPLE_NOW));
  g_assert_cmpint (((MemoryMark *) right->marks->pdata[0])->shown, ==, SAMPLE_NOW);
  g_assert_cmpint (memory_get_next (right, SAMPLE_NOW), ==, G_MAXINT64);
}

static void
test_bounds (void)
{
  g_autoptr (Memory) memory = memory_new ();

  for (guint i = 0; i <= MEMORY_MAX_MARKS; i++)
    {
      g_autofree char *id = g_strdup_printf ("mark %u", i);
      g_autoptr (Memory) before = g_steal_pointer (&memory);

      memory = memory_show (before, id, SAMPLE_NOW);
    }
  g_assert_cmpuint (memory->marks->len, ==, MEMORY_MAX_MARKS);
  g_assert_false (memory_has_shown (memory, "mark 0", SAMPLE_NOW));
  g_assert_true (memory_has_shown (memory, "mark 1", SAMPLE_NOW));
  g_assert_true (memory_has_shown (memory, "mark 2000", SAMPLE_NOW));
}

/* An id may have a hostile serial number in it: it is found again all the same, and never taken for another. */
static void
test_odd_ids (void)
{
  g_autofree char *many = g_strnfill (5000, 'a');
  g_autofree char *large = g_strndup (many, 600), *larger = g_strndup (many, 601);
  const char *const ids[] = { "pin-low:piv-\xe5\xbc:user", "a\u202e\nb", "a\"b", "a\\b", large };
  g_autoptr (Memory) empty = memory_new ();
  g_autoptr (Memory) nothing = memory_show (empty, "\u200b", SAMPLE_NOW);
  g_autoptr (Memory) one = memory_show (empty, large, SAMPLE_NOW);

  for (gsize i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      g_autoptr (Memory) memory = memory_show (empty, ids[i], SAMPLE_NOW);
      const MemoryMark *mark = memory->marks->pdata[0];

      g_assert_true (memory_has_shown (memory, ids[i], SAMPLE_NOW));
      g_assert_true (g_utf8_validate (mark->id, -1, NULL));
      g_assert_cmpuint (strlen (mark->id), <=, 160);
      g_assert_true (memory_has_shown (memory, mark->id, SAMPLE_NOW));
    }
  g_assert_false (memory_has_shown (one, larger, SAMPLE_NOW));
  g_assert_true (nothing == empty);
  g_assert_null (memory_mark_new ("", 1, 0));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory-marks/show", test_show);
  g_test_add_func ("/memory-marks/snooze", test_snooze);
  g_test_add_func ("/memory-marks/snooze-unseen", test_snooze_unseen);
  g_test_add_func ("/memory-marks/clock-set-back", test_clock_set_back);
  g_test_add_func ("/memory-marks/bounds", test_bounds);
  g_test_add_func ("/memory-marks/odd-ids", test_odd_ids);
  return g_test_run ();
}
