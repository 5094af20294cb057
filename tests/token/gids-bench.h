/* What is on a GIDS card, made byte by byte: the table of files, the map of containers, certificates as they are
 * packed.
 */
#pragma once

#include "piv-bench.h"

/* Where they are on the virtual token: file and tag. */
#define GIDS_TABLE   0xA000DF1Fu
#define GIDS_CARD_ID 0xA012DF20u
#define GIDS_MAP     0xA010DF23u
#define GIDS_FIRST   0xA010DF24u /* certificate of the first container; the others follow */
#define GIDS_PIN     0x3FFF7F71u
#define GIDS_PUK     0x3FFF7F73u

#define GIDS_VALID   1
#define GIDS_DEFAULT 2

/* One container with one certificate. */
typedef struct
{
  guint8 flags;
  gboolean exchange; /* kxcNN and not kscNN */
  const char *key, *holder;
  gboolean plain; /* its DER as it is */
} GidsContainer;

/* An entry of the table: DIRECTORY and NAME of at most nine characters, PLACE as above. */
void gids_append_entry (GByteArray *table, const char *directory, const char *name, guint32 place);

/* The beginning of every table: the version, and the files that all cards have. (transfer full) */
GByteArray *gids_make_table (void);

void gids_append_container (GByteArray *map, guint8 flags, gboolean exchange);

/* Header and zlib stream. (transfer full) */
GByteArray *gids_pack (const GByteArray *der);

void gids_put (VCard *card, guint32 place, const GByteArray *bytes);
void gids_put_hex (VCard *card, guint32 place, const char *hex);

/* Puts the table, the map and the certificates of N CONTAINERS; without a key they have no certificate. */
void gids_put_containers (VCard *card, const GidsContainer *containers, gsize n);

/* Puts N certificates of key KEY as large as the usual ones, the first one the default. */
void gids_put_large (VCard *card, const char *key, gsize n);
