/* Bytes of which nobody says how they are written: names in certificates, and what vendor libraries call things. In the
 * worker only. */
#pragma once

#include <glib.h>

/* LENGTH BYTES as clean text (model/text): UTF-8 where they are that, else GB18030 where they look like it, as the
 * software of many Chinese vendors writes, else Latin-1. (transfer full) */
char *charset_to_text (const char *bytes, gsize length);
