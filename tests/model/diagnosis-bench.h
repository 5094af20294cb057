/* A machine on which nothing is wrong, worlds in which something may be, and what the diagnosis says of them. */
#pragma once

#include "model/diagnosis.h"
#include "sample.h"

#define READER "Test Reader 00 00"

extern const DiagnosisFacts diagnosis_bench_well;

/* A world in which nothing is wrong; one with one reader (NULL: none), what is in it, and why that could not be read.
 * Both (transfer full). */
World *diagnosis_bench_make_well (void);
World *diagnosis_bench_make_seen (const char *reader, ReaderState state, ErrorCode failure);

/* The diagnosis of FACTS and WORLD (taken) at NOW. (transfer full) */
Diagnosis *diagnosis_bench_make (const DiagnosisFacts *facts, World *world, gint64 now, const GPtrArray *issuers);

void diagnosis_bench_assert_row (const Diagnosis *diagnosis,
                                 const char *layer,
                                 DiagnosisState state,
                                 const char *text,
                                 const char *remedy);

/* One row of the diagnosis of FACTS and WORLD (taken) at SAMPLE_NOW. */
void diagnosis_bench_assert_found (const DiagnosisFacts *facts,
                                   World *world,
                                   const char *layer,
                                   DiagnosisState state,
                                   const char *text,
                                   const char *remedy);
