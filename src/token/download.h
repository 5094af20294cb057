/* A question over the network and its answer, bounded in size and time; a proxy that the environment names (http_proxy)
 * is used. Blocks. In a worker that a person's click has started, and nowhere else. */
#pragma once

#include <glib.h>

#include "model/revocation.h"

/* What is served at URL (as of token/x509-url): one value in DER, of MAX_SIZE bytes at most, before the monotonic time
 * DEADLINE (µs). NULL with FAILURE. (transfer full) */
GBytes *
download_get (const char *url, gsize max_size, gint64 deadline, RevocationFailure *failure) G_GNUC_WARN_UNUSED_RESULT;

/* The answer of the OCSP service at URL to QUESTION, LENGTH bytes (RFC 6960 appendix A). */
GBytes *download_ask_ocsp (const char *url,
                           const guint8 *question,
                           gsize length,
                           gsize max_size,
                           gint64 deadline,
                           RevocationFailure *failure) G_GNUC_WARN_UNUSED_RESULT;
