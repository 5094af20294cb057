/* The end of a certificate as an entry for a calendar: iCalendar (RFC 5545). Pure but for the language and the time
 * zone of the process. */
#pragma once

#include "certificate.h"

/* An event of the whole (local) day on which CERTIFICATE ends, with alarms 30 and 7 days before, made at NOW; NULL when
 * the end is unknown. HOLDER: whose it is, as people are shown it; ORGANIZATION may be NULL. Numbers that name a person
 * are hidden: calendars are shared. The event of the same certificate has the same UID, so that it is not there twice.
 * Lines end with CR LF and have at most 75 bytes. (transfer full) */
char *calendar_build (const Certificate *certificate, const char *holder, const char *organization, gint64 now)
  G_GNUC_WARN_UNUSED_RESULT;
