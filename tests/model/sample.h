/* Literals for the tests of the pure steps: certificates, tokens and pictures of readers, made in one line. */
#pragma once

#include "model/world.h"

#define SAMPLE_HOLDER       "张三"
#define SAMPLE_ORGANIZATION "北京示例商贸有限公司"
#define SAMPLE_NOW          G_GINT64_CONSTANT (1800000000) /* 2027-01-15T08:00:00Z */
#define DAYS(n)             ((gint64) (n) *24 * 60 * 60)

/* A certificate in place ID with a fingerprint made of SEED. (transfer full) */
Certificate *sample_certificate (const char *id, guint8 seed, gint64 not_before, gint64 not_after);

/* A complete token with one certificate in 9a that ends in DAYS_LEFT days, and one PIN with 3 of 3 tries. */
Token *sample_token (const char *serial, gint64 days_left);

/* A picture of one reader. NAME NULL: of none. */
ReaderList *sample_readers (const char *name, ReaderState state, guint counter);

/* WORLD after EVENT; takes WORLD. */
World *sample_after (World *world, WorldEvent event);

/* A world in which TOKEN (taken) is in the reader NAME and has been read. */
World *sample_world (const char *name, Token *token);

/* WORLD (taken) in which at TIME the token with SERIAL and HOLDER came into READER, after the one that was there, and
 * has been read; HOLDER NULL: what was in READER went. Another program was at it: IN_USE. */
World *
sample_put (World *world, const char *reader, const char *serial, const char *holder, gint64 time, gboolean in_use);
