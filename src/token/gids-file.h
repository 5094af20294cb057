/* The files of a GIDS card: data objects in a few elementary files, and a table of their names. Bytes in, values out,
 * but for gids_file_get (). Part of the driver token/gids. */
#pragma once

#include "channel.h"
#include "found.h"
#include "model/certificate.h"
#include "model/token.h"
#include "tlv.h"

/* Where a file is: the elementary file, and the tag of the data object in it; 0 for one that the table does not have.
 */
typedef struct
{
  guint16 file, object;
} GidsPlace;

/* The certificate of a key: every container has room for two. */
typedef struct
{
  GidsPlace place;
  guint8 container;
  gboolean exchange; /* its key decrypts too; of a container's keys this is the one to log in with */
  char id[6];        /* "kxc00" */
} GidsCertificate;

/* What the table of files says, as far as it matters here. */
typedef struct
{
  GidsPlace card_id, containers;
  GidsCertificate certificates[TOKEN_MAX_CERTIFICATES];
  gsize n_certificates;
} GidsFiles;

/* Asks for what is at PLACE; for FOUND_SOMETHING alone *VALUE is set, in the bytes of *DATA (transfer full). */
Found gids_file_get (Channel *channel, GidsPlace place, GByteArray **data, Tlv *value) G_GNUC_WARN_UNUSED_RESULT;

/* FALSE where the value of LENGTH bytes is no table of files. */
gboolean gids_file_parse_table (const guint8 *bytes, gsize length, GidsFiles *files) G_GNUC_WARN_UNUSED_RESULT;

/* Takes out the certificates of containers that are not in use by the map of LENGTH bytes, and puts the default
 * container's first. A map without any container says nothing: all stay, in the order of their containers. */
void gids_file_apply_containers (GidsFiles *files, const guint8 *map, gsize length);

/* The certificate in a file, unpacked if need be; all but its id, see x509_parse (). NULL with ERROR_TOKEN_UNREADABLE.
 */
Certificate *gids_file_parse_certificate (const guint8 *bytes, gsize length, GError **error) G_GNUC_WARN_UNUSED_RESULT;
