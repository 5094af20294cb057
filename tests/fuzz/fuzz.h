/* Bytes from strangers, by chance: what the fuzz targets share. A target is one file, fuzz-NAME.c, with the two
 * functions below; it runs with a million inputs that nobody thought of, under the address and undefined behaviour
 * sanitizers, and aborts where something is wrong.
 *
 * `tests/run` plays each target's seeds and some thousand mutations of them, the same ones each time (main.c);
 * tests/fuzz/hunt looks for new ones with libFuzzer, which learns what leads where. */
#pragma once

#include "model/token.h"

/* One input; libFuzzer's name for it. Returns 0. */
int LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length);

/* Inputs that are well-formed, to begin with: GBytes. (transfer full) */
GPtrArray *fuzz_list_seeds (void);

/* What is left of an input. Past its end there are zeroes, and no more blocks. */
typedef struct
{
  const guint8 *bytes;
  gsize length;
} FuzzInput;

guint8 fuzz_take_byte (FuzzInput *input);

/* A block: two bytes of length, the higher one first, then so many bytes, or as many as there are. */
gboolean fuzz_take_block (FuzzInput *input, const guint8 **bytes, gsize *length);
void fuzz_put_block (GByteArray *input, const void *bytes, gsize length);

/* TOKEN, as a worker would hand it on, is one that the engine takes, unchanged; and all that is said of it on the
 * screen can be shown. Completes TOKEN. */
void fuzz_check_token (Token *token);
