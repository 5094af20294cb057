/* Text from outside made fit to show: whatever a token, a reader or a library calls itself goes through here once, in
 * the process that read it, and once more in the process that shows it. Pure. */
#pragma once

#include <glib.h>

/* The longest text that is kept, in characters; the rest is cut and an ellipsis says so. */
#define TEXT_MAX_CHARS 1024

/* LENGTH bytes of BYTES (-1: until NUL) as one line of valid UTF-8 in NFC without control, bidirectional, zero-width,
 * private-use or unassigned characters; white space runs become one space, invalid bytes U+FFFD, and at most four
 * combining marks follow one another. A NUL inside the text becomes U+FFFD: it is never a silent end. Idempotent.
 * Markup is not escaped: that is the business of the one place that shows markup. (transfer full) */
char *text_clean (const char *bytes, gssize length);

/* LENGTH bytes as upper-case hexadecimal digits, SEPARATOR between the bytes ('\0': none). (transfer full) */
char *text_from_bytes (const guint8 *bytes, gsize length, char separator);

/* The last COUNT characters of TEXT, for telling two serial numbers apart. (transfer full) */
char *text_get_tail (const char *text, guint count);

/* TEXT with at most MAX characters: its head and its tail, and an ellipsis for what is between. (transfer full) */
char *text_shorten (const char *text, guint max);

/* TEXT with every number of 15 or more digits (and the X that may be the last place of an identity number) hidden but
 * for its last four characters: so many name a person, the shorter ones do not. Idempotent. (transfer full) */
char *text_mask (const char *text);
