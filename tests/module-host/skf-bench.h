/* A private folder of tokens for the test library (tests/softskf), and the real host with that library. The folder that
 * was made last is the one that a host which starts now will see. */
#pragma once

#include "token/module-kind.h"

#define SKF_BENCH_APPLICATION "BJCA-Application"
#define SKF_BENCH_PIN         "111111"
#define SKF_BENCH_ADMIN       "12345678"

/* What is listed of "Key". */
#define SKF_BENCH_PINS         "[user 10/10 1]"
#define SKF_BENCH_CERTIFICATES "[personalCert00 SM2, rsa RSA 2048, personalCert00-enc SM2]"
#define SKF_BENCH_LIST         "Key BJCA-UserKey 880000000001 " SKF_BENCH_PINS " " SKF_BENCH_CERTIFICATES " []\n"

typedef struct
{
  char *folder;
} SkfBench;

SkfBench *skf_bench_new (void);
void skf_bench_free (SkfBench *bench);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SkfBench, skf_bench_free)

/* LENGTH (-1: a string) BYTES at PATH of the folder, whatever folders it needs made. */
void skf_bench_put (SkfBench *bench, const char *path, gconstpointer bytes, gssize length);
void skf_bench_remove (SkfBench *bench, const char *path);

/* A token called NAME: one application, whose PIN is in its initial state with 10 tries; a container with a signature
 * and an encryption certificate of 张三, and one with a signature certificate. */
void skf_bench_put_key (SkfBench *bench, const char *name);

/* Turns on the switches in FAULTS, between blanks; in brackets what is in them: "wide fail-SKF_EnumDev(0A000001)". */
void skf_bench_set_faults (SkfBench *bench, const char *faults);

/* How often LINE is in the journal. */
guint skf_bench_count (SkfBench *bench, const char *line);

/* Nothing that was opened is still open. */
void skf_bench_assert_closed (SkfBench *bench);

/* "VALUE LEFT MAX DEFAULT" of the PIN at PATH. (transfer full) */
char *skf_bench_get_pin (SkfBench *bench, const char *path);

/* The test library. */
const char *skf_bench_get_library (void);

/* A copy of it in the folder, where TO has taken the place of FROM, both of LENGTH bytes, wherever that stands; with
 * permissions MODE. (transfer full) */
char *skf_bench_copy_library (SkfBench *bench, gconstpointer from, gconstpointer to, gsize length, int mode);

/* … in which there is no FUNCTION. (transfer full) */
char *skf_bench_copy_without (SkfBench *bench, const char *function);

/* The host with the test library, or NULL with ERROR. */
Module *skf_bench_start (GError **error);

/* … where nothing is in the way. */
Module *skf_bench_start_well (void);

/* What MODULE lists, in a line a token, "PLACE LABEL SERIAL [pins] [certificates] [unreadable]"; the test fails where
 * that ends in an error, or with another code than CODE. (transfer full) */
char *skf_bench_list (Module *module, guint64 code);

/* What MODULE says to one attempt, WIRE_CHANGE_PIN or WIRE_UNBLOCK, with the PIN of "Key"; FALSE with ERROR when it
 * does not. */
gboolean
skf_bench_attempt (Module *module, WireKind request, const char *first, const char *new, Attempt *made, GError **error);

/* A secret with TEXT. (transfer full) */
Secret *skf_bench_secret (const char *text);
