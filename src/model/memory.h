/* What the assistant remembers from one start to the next, so that it can remind of a certificate whose token is in a
 * drawer, and say nothing twice: certificates that were seen, reminders that were shown, and those that were put off.
 * An immutable value; each function returns the next one, or a new reference to the same where nothing has changed.
 * Pure: engine/store keeps it in a file. Bounded; no personal number is in it. */
#pragma once

#include "issuer.h"
#include "world.h"

#define MEMORY_MAX_CERTIFICATES 200
#define MEMORY_MAX_MARKS        2000

/* A certificate that was seen on a token. */
typedef struct
{
  char *fingerprint; /* SHA-256, lower-case hexadecimal */
  char *label;       /* whose: "holder · organisation", personal numbers masked; empty where nobody is named */
  char *issuer;      /* who issued it, to know a renewed one by; may be NULL */
  char *profile;     /* issuer_get_key () of its issuer's profile, or NULL */
  gint64 not_after;
} MemoryCertificate;

/* A reminder, by the id of its finding. */
typedef struct
{
  char *id;
  gint64 shown;         /* when */
  gint64 snoozed_until; /* 0: it was not put off */
} MemoryMark;

typedef struct
{
  grefcount refs;
  GPtrArray *certificates; /* MemoryCertificate, the last seen first */
  GPtrArray *marks;        /* MemoryMark, the newest first */
} Memory;

Memory *memory_new (void);
Memory *memory_ref (Memory *memory);
void memory_unref (Memory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Memory, memory_unref)

/* For whoever fills a new memory. Texts are cleaned, masked and bounded. NULL when FINGERPRINT is none or NOT_AFTER no
 * date, and when ID is empty. */
MemoryCertificate *memory_certificate_new (const char *fingerprint,
                                           const char *label,
                                           const char *issuer,
                                           const char *profile,
                                           gint64 not_after);
MemoryMark *memory_mark_new (const char *id, gint64 shown, gint64 snoozed_until);

/* With the certificates of the tokens of WORLD that have been read as a whole: of each token the primary one, and
 * others that end on another day; without those that have been renewed (of the same label and issuer, with a later end,
 * and on another token or in the same role). ISSUERS: Issuer. */
Memory *memory_see (Memory *memory, const World *world, const GPtrArray *issuers) G_GNUC_WARN_UNUSED_RESULT;

/* The reminder ID was shown at NOW. Changes nothing where memory_has_shown (). */
Memory *memory_show (Memory *memory, const char *id, gint64 now) G_GNUC_WARN_UNUSED_RESULT;

/* … and is to come again at UNTIL. */
Memory *memory_snooze (Memory *memory, const char *id, gint64 until) G_GNUC_WARN_UNUSED_RESULT;

/* Without the certificates; what was said once stays said. */
Memory *memory_forget (Memory *memory) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the reminder ID has been shown by NOW, and is not to come again yet. */
gboolean memory_has_shown (const Memory *memory, const char *id, gint64 now);

/* The first moment after NOW at which a reminder that was put off comes again, or G_MAXINT64. */
gint64 memory_get_next (const Memory *memory, gint64 now);

/* Whether A and B remember the same. */
gboolean memory_is_same (const Memory *a, const Memory *b);
