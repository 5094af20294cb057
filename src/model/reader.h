/* What the watcher sees of the smart card service: its state, and every reader with what is in it. Always the whole
 * picture, so that a watcher can be killed and started again at any moment and nothing is lost but time. */
#pragma once

#include <glib.h>

#include "error.h"

typedef enum
{
  READER_EMPTY,
  READER_PRESENT, /* a token is in */
  READER_MUTE,    /* a token is in and does not answer to power */
  READER_N_STATES
} ReaderState;

#define READER_MAX_COUNT 64

typedef struct
{
  char *name; /* PC/SC's bytes, unchanged and hostile: a key for SCardConnect, cleaned before it is shown */
  ReaderState state;
  guint counter;   /* pcscd's count of insertions and removals: another number is another insertion */
  gboolean in_use; /* a program was at the token when the watcher looked last; it may be one of ours */
} ReaderEvent;

typedef struct
{
  ErrorCode service;  /* ERROR_NONE: the service answers; else one of ERROR_SERVICE_* */
  guint64 epoch;      /* one run of the service; counters of two epochs cannot be compared */
  GPtrArray *readers; /* ReaderEvent */
} ReaderList;

ReaderEvent *reader_event_new (const char *name, ReaderState state, guint counter);
void reader_event_free (ReaderEvent *event);

ReaderList *reader_list_new (ErrorCode service, guint64 epoch);
void reader_list_free (ReaderList *list);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ReaderList, reader_list_free)

/* As (uta(ayuub)). from_variant takes an untrusted VARIANT of that type; NULL when it makes no sense. */
#define READER_LIST_VARIANT_TYPE "(uta(ayuub))"
GVariant *reader_list_to_variant (const ReaderList *list);
ReaderList *reader_list_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;
