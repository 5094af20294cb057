/* The calendar entry: each line of it, its day in every zone, and names that would break it. */
#include "model/calendar.h"

#include <string.h>

#include "sample.h"

#define END G_GINT64_CONSTANT (1830268799) /* 2027-12-31T15:59:59Z: the last second of the year in China */

static void
set_zone (const char *zone)
{
  g_setenv ("TZ", zone, TRUE);
}

/* What a reader sees: lines that were cut are whole again. */
static char *
unfold (const char *calendar)
{
  g_auto (GStrv) parts = g_strsplit (calendar, "\r\n ", -1);

  return g_strjoinv ("", parts);
}

static void
assert_has_line (const char *calendar, const char *line)
{
  g_autofree char *whole = unfold (calendar);
  g_auto (GStrv) lines = g_strsplit (whole, "\r\n", -1);

  if (!g_strv_contains ((const char *const *) lines, line))
    g_error ("no line \"%s\" in:\n%s", line, whole);
}

/* Of every calendar, whatever the names in it. */
static void
assert_sound (const char *calendar)
{
  g_auto (GStrv) lines = g_strsplit (calendar, "\r\n", -1);
  guint n = g_strv_length (lines);

  g_assert_true (g_str_has_prefix (calendar, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"));
  g_assert_true (g_str_has_suffix (calendar, "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"));
  for (guint i = 0; i < n; i++)
    {
      g_assert_cmpuint (strlen (lines[i]), <=, 75);
      g_assert_true (g_utf8_validate (lines[i], -1, NULL));
      g_assert_null (strpbrk (lines[i], "\r\n"));
      g_assert_true (*lines[i] || i == n - 1);
    }
}

static char *
build (gint64 not_after, const char *holder, const char *organization)
{
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, not_after);
  char *calendar = calendar_build (certificate, holder, organization, SAMPLE_NOW);

  if (calendar)
    assert_sound (calendar);
  return calendar;
}

static void
test_whole (void)
{
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, END);
  g_autofree char *calendar = NULL, *whole = NULL, *expected = NULL;

  set_zone ("UTC-8");
  calendar = build (END, "张三", "北京");
  whole = unfold (calendar);
  expected =
    g_strdup_printf ("BEGIN:VCALENDAR\r\n"
                     "VERSION:2.0\r\n"
                     "PRODID:-//org.certassistant.CertAssistant//NONSGML Certificate Assistant " VERSION "//EN\r\n"
                     "BEGIN:VEVENT\r\n"
                     "DTSTAMP:20270115T080000Z\r\n"
                     "DTSTART;VALUE=DATE:20271231\r\n"
                     "UID:%s@org.certassistant.CertAssistant\r\n"
                     "SUMMARY:Certificate of 张三 expires\r\n"
                     "DESCRIPTION:北京\\nIssued by Example Test CA\r\n"
                     "TRANSP:TRANSPARENT\r\n"
                     "BEGIN:VALARM\r\n"
                     "ACTION:DISPLAY\r\n"
                     "DESCRIPTION:Certificate of 张三 expires\r\n"
                     "TRIGGER:-P30D\r\n"
                     "END:VALARM\r\n"
                     "BEGIN:VALARM\r\n"
                     "ACTION:DISPLAY\r\n"
                     "DESCRIPTION:Certificate of 张三 expires\r\n"
                     "TRIGGER:-P7D\r\n"
                     "END:VALARM\r\n"
                     "END:VEVENT\r\n"
                     "END:VCALENDAR\r\n",
                     certificate->sha256);
  g_assert_cmpstr (whole, ==, expected);
}

/* The day is that of the person, not of the certificate. */
static void
test_days (void)
{
  static const struct
  {
    const char *zone;
    gint64 not_after;
    const char *line;
  } days[] = {
    { "UTC-8", END, "DTSTART;VALUE=DATE:20271231" },
    { "UTC-8", END + 1, "DTSTART;VALUE=DATE:20280101" },
    { "UTC", END + 1, "DTSTART;VALUE=DATE:20271231" },
    { "UTC+11", END, "DTSTART;VALUE=DATE:20271231" },
    { "UTC+11", END - 5 * 3600, "DTSTART;VALUE=DATE:20271230" },
    { "UTC", G_GINT64_CONSTANT (2147483648), "DTSTART;VALUE=DATE:20380119" },
    { "UTC", G_GINT64_CONSTANT (1835395200), "DTSTART;VALUE=DATE:20280229" },
    { "UTC", -1, "DTSTART;VALUE=DATE:19691231" },
    { "UTC", G_GINT64_CONSTANT (-62135596800), "DTSTART;VALUE=DATE:00010101" },
    { "UTC", G_GINT64_CONSTANT (253402300799), "DTSTART;VALUE=DATE:99991231" },
    { "UTC-8", G_GINT64_CONSTANT (253402300799), "DTSTART;VALUE=DATE:99991231" }, /* there is no year 10000 */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (days); i++)
    {
      g_autofree char *calendar = NULL;

      set_zone (days[i].zone);
      calendar = build (days[i].not_after, "a", NULL);
      assert_has_line (calendar, days[i].line);
    }
}

static void
test_no_date (void)
{
  g_autofree char *unknown = NULL, *year_zero = NULL, *beyond = NULL;

  set_zone ("UTC");
  unknown = build (CERTIFICATE_TIME_UNKNOWN, "a", "b");
  year_zero = build (G_GINT64_CONSTANT (-62135596801), "a", "b");
  beyond = build (G_MAXINT64, "a", "b");
  g_assert_null (unknown);
  g_assert_null (year_zero);
  g_assert_null (beyond);
}

static void
test_names (void)
{
  static const struct
  {
    const char *holder, *organization, *summary, *description;
  } names[] = {
    { "a", "b", "a", "b\\nIssued by Example Test CA" },
    { "a", "a", "a", "Issued by Example Test CA" },
    { "a", "", "a", "Issued by Example Test CA" },
    { NULL, "b", "b", "Issued by Example Test CA" },
    { "", NULL, "Unnamed holder", "Issued by Example Test CA" },
    { "\u200b", "\u202e", "Unnamed holder", "Issued by Example Test CA" },
    { "a\\b;c,d:e\"f", "\\;,", "a\\\\b\\;c\\,d:e\"f", "\\\\\\;\\,\\nIssued by Example Test CA" },
    { "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\nb", NULL, "a END:VEVENT BEGIN:VEVENT b", "Issued by Example Test CA" },
    { "a\\nb", NULL, "a\\\\nb", "Issued by Example Test CA" },
    { "a\xff\0c", NULL, "a\xef\xbf\xbd", "Issued by Example Test CA" },
    { "张三 11010519900307123X", NULL, "张三 ··············123X", "Issued by Example Test CA" },
    { "%s%n%d", "%s", "%s%n%d", "%s\\nIssued by Example Test CA" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *calendar = build (END, names[i].holder, names[i].organization);
      g_autofree char *summary = g_strdup_printf ("SUMMARY:Certificate of %s expires", names[i].summary);
      g_autofree char *description = g_strconcat ("DESCRIPTION:", names[i].description, NULL);

      assert_has_line (calendar, summary);
      assert_has_line (calendar, description);
    }
}

static void
test_no_issuer (void)
{
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, END);
  g_autofree char *named = NULL, *bare = NULL;

  g_clear_pointer (&certificate->issuer_name, g_free);
  named = calendar_build (certificate, "a", "b", SAMPLE_NOW);
  bare = calendar_build (certificate, "a", NULL, SAMPLE_NOW);
  assert_has_line (named, "DESCRIPTION:b");
  g_assert_null (strstr (bare, "\r\nDESCRIPTION:Issued"));
  assert_sound (bare);
}

/* A cut at every place of every width of character; what is put together again is what was there. */
static void
test_folding (void)
{
  static const char *const characters[] = { "a", "é", "张", "😀", ";", "\\" };

  for (gsize i = 0; i < G_N_ELEMENTS (characters); i++)
    for (guint n = 0; n < 200; n++)
      {
        g_autoptr (GString) holder = g_string_new ("x");
        g_autoptr (GString) summary = g_string_new ("SUMMARY:Certificate of x");
        g_autofree char *calendar = NULL;

        for (guint j = 0; j < n; j++)
          {
            g_string_append (holder, characters[i]);
            if (strchr (";\\", *characters[i]))
              g_string_append_c (summary, '\\');
            g_string_append (summary, characters[i]);
          }
        g_string_append (summary, " expires");
        calendar = build (END, holder->str, NULL);
        assert_has_line (calendar, summary->str);
      }
}

/* Lines are as long as they may be. */
static void
test_line_length (void)
{
  g_autofree char *holder = g_strnfill (500, 'a');
  g_autofree char *calendar = build (END, holder, NULL);
  g_auto (GStrv) lines = g_strsplit (strstr (calendar, "SUMMARY"), "\r\n", -1);

  g_assert_cmpuint (strlen (lines[0]), ==, 75);
  g_assert_cmpuint (strlen (lines[1]), ==, 75);
  g_assert_cmpint (lines[1][0], ==, ' ');
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/calendar/whole", test_whole);
  g_test_add_func ("/calendar/days", test_days);
  g_test_add_func ("/calendar/no-date", test_no_date);
  g_test_add_func ("/calendar/names", test_names);
  g_test_add_func ("/calendar/no-issuer", test_no_issuer);
  g_test_add_func ("/calendar/folding", test_folding);
  g_test_add_func ("/calendar/line-length", test_line_length);
  return g_test_run ();
}
