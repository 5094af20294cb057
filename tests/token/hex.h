/* Bytes in tests, written as hexadecimal. */
#pragma once

#include <glib.h>

/* The bytes that TEXT writes, blanks left out; the test fails where it is something else. (transfer full) */
GByteArray *hex_to_bytes (const char *text);

void hex_append (GByteArray *into, const char *text);

/* A TLV object with TAG (its bytes as written) and a length of as few bytes as possible. */
void hex_append_tlv (GByteArray *into, guint32 tag, const guint8 *value, gsize length);
