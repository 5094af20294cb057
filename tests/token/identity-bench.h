/* Numbers of people and companies as authorities write them into certificates: the encodings that were seen, and some
 * more. All numbers are made up or the example of their standard. */
#pragma once

#include <glib.h>

#define BYTES(text) text, sizeof (text) - 1

#define CREDIT_CODE "91350100M000100Y43"
#define CARD        "11010519491231002X"

/* How a text is written: objects in each other with these TAGS, the outermost first, of which 06 stands for an object
 * identifier in front of the next; and N_BEHIND bytes behind the text. */
typedef struct
{
  const char *name, *tags;
  const char *behind;
  guint n_behind;
} IdentityBenchEncoding;

extern const IdentityBenchEncoding identity_bench_encodings[15];

/* TEXT, in ASCII, written so. (transfer full) */
GByteArray *identity_bench_encode (const IdentityBenchEncoding *encoding, const char *text);
