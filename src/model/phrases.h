/* The small sentences of the view: dates, days, tries, roles and usages in words. Every function returns a whole
 * translated phrase (transfer full) or NULL where there is nothing to say. */
#pragma once

#include "judge.h"
#include "revocation.h"

char *phrase_for_date (gint64 time);   /* "2027-01-04", local */
char *phrase_for_time (gint64 time);   /* "09:30" */
char *phrase_for_moment (gint64 time); /* "2027-01-04 09:30:00 CST" */

/* "43 days left", "Expired 3 days ago": short, beside something that names the certificate. */
char *phrase_for_days (Validity validity, gint64 days_left);

/* "Valid · 43 days left". */
char *phrase_for_status (Validity validity, gint64 days_left);

/* "Valid until 2027-01-04 (43 days left)". */
char *phrase_for_lifetime (const Certificate *certificate, Validity validity, gint64 days_left);

/* What PIN is called: "PIN", "Signature PIN", or what the token calls it. */
char *phrase_for_pin (const Pin *pin);

/* "8 of 10 tries left", as a row; "8 PIN tries left" in a line about a token. */
char *phrase_for_tries (const Pin *pin);
char *phrase_for_pin_tries (const Pin *pin);

/* What IDENTITY is called: "Taxpayer number". */
const char *phrase_for_identity (const Identity *identity);

/* NUMBER, and a note where CHECK says that its check digit does not fit. */
char *phrase_for_number (const char *number, IdentityCheck check);

const char *phrase_for_role (CertificateRole role);

/* "Trusted", "Broken: Example CA does not fit". */
char *phrase_for_chain (const Certificate *certificate);

/* "Not revoked, as of 2026-11-25 09:30:00 CST (ocsp.example.com)"; ANSWER NULL: nobody has asked about CERTIFICATE. */
char *phrase_for_revocation (const Certificate *certificate, const Revocation *answer);

/* "Revoked on 2026-11-25", or "Revoked". */
char *phrase_for_revoked (const Revocation *answer);

char *phrase_for_usages (const GStrv usages);
const char *phrase_for_family (TokenFamily family);

/* "12 34 AB" in groups of DIGITS, separated by a space. */
char *phrase_in_groups (const char *text, guint digits);
