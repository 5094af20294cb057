#include "calendar.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "text.h"

#define LINE_MAX_BYTES 75 /* without its end (section 3.1) */

static const int alarms_days[] = { 30, 7 };

/* A line; one that is too long goes on behind a space in the next, never in the middle of a character (section 3.1). */
static void
add_line (GString *calendar, const char *line)
{
  gsize n = 0;

  for (const char *p = line; *p; p = g_utf8_next_char (p))
    {
      gsize length = (gsize) (g_utf8_next_char (p) - p);

      if (n + length > LINE_MAX_BYTES)
        {
          g_string_append (calendar, "\r\n ");
          n = 1;
        }
      g_string_append_len (calendar, p, (gssize) length);
      n += length;
    }
  g_string_append (calendar, "\r\n");
}

/* A property whose value is text: lines and what else means something there escaped (section 3.3.11). */
static void
add_text (GString *calendar, const char *name, const char *text)
{
  g_autoptr (GString) line = g_string_new (name);

  g_string_append_c (line, ':');
  for (const char *p = text; *p; p++)
    {
      if (strchr ("\\;,\n", *p))
        g_string_append_c (line, '\\');
      g_string_append_c (line, *p == '\n' ? 'n' : *p);
    }
  add_line (calendar, line->str);
}

/* TIME as people here see it; the last day of the year 9999 may be none here, then UTC has to do. */
static GDateTime *
get_local (gint64 time)
{
  GDateTime *local = g_date_time_new_from_unix_local (time);

  return local ? local : g_date_time_new_from_unix_utc (time);
}

/* Of the whole day: DATE, and no end (section 3.6.1). FALSE when TIME is no date. */
static gboolean
add_day (GString *calendar, gint64 time)
{
  g_autoptr (GDateTime) day = get_local (time);
  g_autofree char *line = NULL;

  if (!day)
    return FALSE;
  line = g_strdup_printf ("DTSTART;VALUE=DATE:%04d%02d%02d", g_date_time_get_year (day), g_date_time_get_month (day),
                          g_date_time_get_day_of_month (day));
  add_line (calendar, line);
  return TRUE;
}

static void
add_stamp (GString *calendar, gint64 now)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now);
  g_autofree char *line = g_date_time_format (utc, "DTSTAMP:%Y%m%dT%H%M%SZ");

  add_line (calendar, line);
}

static void
add_alarm (GString *calendar, int days, const char *summary)
{
  g_autofree char *trigger = g_strdup_printf ("TRIGGER:-P%dD", days);

  add_line (calendar, "BEGIN:VALARM");
  add_line (calendar, "ACTION:DISPLAY");
  add_text (calendar, "DESCRIPTION", summary);
  add_line (calendar, trigger);
  add_line (calendar, "END:VALARM");
}

/* RAW, clean and without numbers that name a person; NULL when nothing is left. */
static char *
make_name (const char *raw)
{
  g_autofree char *clean = text_clean (raw, -1);

  return clean && *clean ? text_mask (clean) : NULL;
}

/* What the calendar shows when the event is opened. */
static char *
make_description (const Certificate *certificate, const char *organization)
{
  g_autofree char *issuer = make_name (certificate->issuer_name);
  g_autofree char *issued = issuer ? g_strdup_printf (_ ("Issued by %s"), issuer) : NULL;

  if (organization && issued)
    return g_strjoin ("\n", organization, issued, NULL);
  return organization ? g_strdup (organization) : g_steal_pointer (&issued);
}

static void
add_event (GString *calendar, const Certificate *certificate, const char *holder, const char *organization)
{
  g_autofree char *uid = g_strdup_printf ("UID:%s@" APPLICATION_ID, certificate->sha256);
  /* Translators: %s is the holder, a person or an organization */
  g_autofree char *summary = g_strdup_printf (_ ("Certificate of %s expires"), holder);
  g_autofree char *description = make_description (certificate, organization);

  add_line (calendar, uid);
  add_text (calendar, "SUMMARY", summary);
  if (description)
    add_text (calendar, "DESCRIPTION", description);
  add_line (calendar, "TRANSP:TRANSPARENT"); /* nobody is busy because of it */
  for (gsize i = 0; i < G_N_ELEMENTS (alarms_days); i++)
    add_alarm (calendar, alarms_days[i], summary);
}

char *
calendar_build (const Certificate *certificate, const char *holder, const char *organization, gint64 now)
{
  g_autoptr (GString) calendar = g_string_new (NULL);
  g_autofree char *whose = make_name (holder), *where = make_name (organization);

  if (certificate->not_after == CERTIFICATE_TIME_UNKNOWN)
    return NULL;
  if (!whose)
    whose = g_strdup (where ? where : _ ("Unnamed holder"));
  add_line (calendar, "BEGIN:VCALENDAR");
  add_line (calendar, "VERSION:2.0");
  add_line (calendar, "PRODID:-//" APPLICATION_ID "//NONSGML Certificate Assistant " VERSION "//EN");
  add_line (calendar, "BEGIN:VEVENT");
  add_stamp (calendar, now);
  if (!add_day (calendar, certificate->not_after))
    return NULL;
  add_event (calendar, certificate, whose, g_strcmp0 (whose, where) == 0 ? NULL : where);
  add_line (calendar, "END:VEVENT");
  add_line (calendar, "END:VCALENDAR");
  return g_string_free (g_steal_pointer (&calendar), FALSE);
}
