/* Files of a PKCS#15 token: SELECT and READ BINARY, and where in the tree the token stands (ISO 7816-4 sections 7.1.1
 * and 7.2.3). Part of the driver token/pkcs15, in the worker. What the token says of the size of a file is a hint and
 * no more: what is read ends where its objects end. */
#pragma once

#include "channel.h"
#include "found.h"

#define PKCS15_MAX_PATH 16         /* bytes: eight steps */
#define PKCS15_MAX_FILE (8 * 1024) /* bytes that are read of one file: 32 short APDUs */

/* Where something is: the file identifiers from the master file (3F00) down, or from the folder of the application. */
typedef struct
{
  guint8 bytes[PKCS15_MAX_PATH];
  gsize length;
  gsize offset; /* of the part that is meant in the file … */
  gsize count;  /* … and its size; 0: to the end */
} Pkcs15Path;

/* How far a file is read. */
typedef enum
{
  PKCS15_ONE_OBJECT, /* the first */
  PKCS15_ALL_OBJECTS /* one behind the other, up to filler or the end */
} Pkcs15Extent;

/* How the application was found. */
typedef enum
{
  PKCS15_ABSENT,
  PKCS15_SILENT, /* SELECT by its name was answered, without the name */
  PKCS15_NAMED   /* … with it, or EF.DIR names it */
} Pkcs15Presence;

/* The tree, and where in it the token stands. */
typedef struct
{
  Channel *channel;
  gboolean known;    /* whether FOLDER is right */
  Pkcs15Path folder; /* the current one; empty: that of the application */
  gboolean by_steps; /* the token does not take a whole path at once */
} Pkcs15Files;

/* The tree behind CHANNEL, with the application just selected. */
Pkcs15Files pkcs15_file_tree_over (Channel *channel);

/* Selects the application, by its name or by what EF.DIR says: at most three APDUs where there is none. */
Pkcs15Presence pkcs15_file_open_application (Pkcs15Files *files);

/* Selects the folder at PATH, if the token does not stand there. FALSE when it cannot. */
gboolean pkcs15_file_enter_folder (Pkcs15Files *files, const Pkcs15Path *path) G_GNUC_WARN_UNUSED_RESULT;

/* What is in the file at PATH. *DATA (transfer full) is set for FOUND_SOMETHING alone, and is not empty. */
Found pkcs15_file_read (Pkcs15Files *files, const Pkcs15Path *path, Pkcs15Extent extent, GByteArray **data);

/* What is in the object directory (EF(ODF), 5031); the same. */
Found pkcs15_file_read_directory (Pkcs15Files *files, GByteArray **data);

/* Whether A and B are the same place. */
gboolean pkcs15_file_is_same_place (const Pkcs15Path *a, const Pkcs15Path *b);
