/* A reader of the fake service with a PIV token in it, and what each return code of the service is taken for. */
#pragma once

#include "fake-winscard.h"
#include "token/driver.h"
#include "token/pcsc.h"

#define READER "Test Reader 00 00"

/* What a return code means where a service is asked for, and where a token is talked to. */
typedef struct
{
  guint32 rv;
  ErrorCode code, talking;
} PcscBenchCode;

extern const PcscBenchCode pcsc_bench_codes[32];

/* A CODE of theirs as it is on this machine: a service that is stopped may be missing here. */
ErrorCode pcsc_bench_get_error (ErrorCode code);

/* The token, and what becomes of it: nothing is left open, it was not reset, and it is freed. */
VCard *pcsc_bench_set_up (void);
void pcsc_bench_tear_down (VCard *card);

/* One reading as the worker does it. (transfer full) */
Token *pcsc_bench_read (GError **error);
