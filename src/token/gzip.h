/* Unpacking of what a token holds compressed, within bounds: some cards keep certificates as gzip (SP 800-73-4 part 1,
 * appendix A), others as zlib streams (RFC 1950). In the worker only. */
#pragma once

#include <glib.h>

/* Nothing on a token is larger, and no certificate shrinks to a twentieth. */
#define GZIP_MAX_SIZE  (64 * 1024)
#define GZIP_MAX_RATIO 20

/* Whether BYTES begin like gzip (RFC 1952 section 2.3.1). */
gboolean gzip_is_packed (const guint8 *bytes, gsize length);

/* The contents of the first member in BYTES, its check sum verified (transfer full), or NULL with
 * ERROR_TOKEN_UNREADABLE. */
GByteArray *gzip_unpack (const guint8 *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same of a zlib stream. */
GByteArray *gzip_unpack_zlib (const guint8 *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
