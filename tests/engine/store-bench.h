/* A folder for a state file, and what the tests of the store do with it. Each test has an empty one of its own. */
#pragma once

#include "engine/store.h"

#define STORE_BENCH_NOW   G_GINT64_CONSTANT (1800000000)
#define STORE_BENCH_EMPTY "{\"version\":1,\"certificates\":[],\"shown\":[]}"

typedef struct
{
  char *folder, *path;
  char *damaged; /* where what is no state file goes */
} StoreBench;

/* Of the test that runs. */
extern StoreBench store_bench;

typedef struct
{
  const char *path;
  void (*function) (void);
} StoreBenchTest;

/* Runs TESTS, the last one without a path: the whole of main (). */
int store_bench_run (int argc, char **argv, const StoreBenchTest *tests);

/* Makes CONTENTS, LENGTH bytes (-1: until NUL), the state file; what is in the file NAME, or NULL. (transfer full) */
void store_bench_put (const char *contents, gssize length);
char *store_bench_get (const char *name);

/* A memory of N certificates, and a mark for each that was put off for every second. (transfer full) */
Memory *store_bench_make_memory (guint n);

/* What a store that has just begun finds, never NULL (transfer full); one that saves MEMORY. */
Memory *store_bench_load (void);
void store_bench_save (Memory *memory);

guint store_bench_count_files (void);

/* A warning is to come; all that were to have come. */
void store_bench_expect_warning (const char *pattern);
void store_bench_assert_no_news (void);
