/* Records as the host of an SKF library sends them, for the tests of token/skf. A record of any kind and a failure are
 * put by pkcs11-bench, whatever the library. */
#pragma once

#include "pkcs11-bench.h"

#define SKF_APPLICATION "BJCA-Application"

void skf_bench_put_text (GPtrArray *records, WireKind kind, const char *text);
void skf_bench_put_info (GPtrArray *records, const char *label, const char *serial, gsize length);
void skf_bench_put_pin (GPtrArray *records, guint32 max, guint32 left, guint32 is_default);

/* A certificate of HOLDER that ends in YEAR and is for USAGES (NULL: for anything). */
void skf_bench_put_certificate (GPtrArray *records, WireKind kind, const char *holder, int year, const char *usages);

/* DEVICE with one application and one container, up to where certificates follow. */
void skf_bench_put_start (GPtrArray *records, const char *device);

/* The tokens in RECORDS, which can be handed on whatever those are; the only one. Both (transfer full). */
GPtrArray *skf_bench_parse (const GPtrArray *records);
ModuleToken *skf_bench_parse_one (const GPtrArray *records);

/* EXPECTED: "personalCert00:signature", an id and a role each. */
void skf_bench_assert_ids (const Token *token, const char *expected, const char *unreadable);
