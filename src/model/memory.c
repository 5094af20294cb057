#include "memory.h"

#include <string.h>

#include "phrases.h"
#include "text.h"

#define DAY (24 * 60 * 60)

/* All that fits into a memory is a file of less than 1 MiB: see tests/engine/test-store.c. */
#define MAX_LABEL 140 /* characters: common name and organisation have 64 each (X.520) */
#define MAX_NAME  200 /* characters */
#define MAX_ID    160 /* bytes */

/* The years 1 to 9999. */
#define TIME_MIN G_GINT64_CONSTANT (-62135596800)
#define TIME_MAX G_GINT64_CONSTANT (253402300799)

/* A certificate that is there now. */
typedef struct
{
  const Token *token;
  const Certificate *certificate;
  MemoryCertificate *remembered; /* what would be */
  char *day;                     /* of its end */
  gboolean taken;
} Seen;

/* ---- the parts ---- */

/* RAW, clean and of at most MAX characters; an ellipsis says that there was more. */
static char *
make_text (const char *raw, glong max, gboolean mask)
{
  g_autofree char *clean = text_clean (raw, -1);
  g_autofree char *masked = clean && mask ? text_mask (clean) : g_strdup (clean);
  g_autofree char *cut = NULL, *whole = NULL;

  if (!masked || g_utf8_strlen (masked, -1) <= max)
    return g_steal_pointer (&masked);
  cut = g_utf8_substring (masked, 0, max - 1);
  whole = g_strconcat (cut, "…", NULL);
  return text_clean (whole, -1);
}

/* One that would take more room in the file is known by its checksum. */
static char *
make_id (const char *raw)
{
  g_autofree char *clean = text_clean (raw, -1);

  return strlen (clean) <= MAX_ID && !strpbrk (clean, "\"\\")
           ? g_steal_pointer (&clean)
           : g_compute_checksum_for_string (G_CHECKSUM_SHA256, clean, -1);
}

static gboolean
is_date (gint64 time)
{
  return time >= TIME_MIN && time <= TIME_MAX;
}

static gboolean
is_fingerprint (const char *text)
{
  return text && strlen (text) == 64 && strspn (text, "0123456789abcdef") == 64;
}

MemoryCertificate *
memory_certificate_new (const char *fingerprint,
                        const char *label,
                        const char *issuer,
                        const char *profile,
                        gint64 not_after)
{
  MemoryCertificate *certificate;

  if (!is_fingerprint (fingerprint) || !is_date (not_after))
    return NULL;
  certificate = g_new0 (MemoryCertificate, 1);
  certificate->fingerprint = g_strdup (fingerprint);
  certificate->label = make_text (label ? label : "", MAX_LABEL, TRUE);
  certificate->issuer = make_text (issuer, MAX_NAME, TRUE); /* one that issued itself is a person */
  certificate->profile = make_text (profile, MAX_NAME, FALSE);
  certificate->not_after = not_after;
  return certificate;
}

static MemoryCertificate *
certificate_copy (const MemoryCertificate *certificate)
{
  MemoryCertificate *copy = g_memdup2 (certificate, sizeof *certificate);

  copy->fingerprint = g_strdup (certificate->fingerprint);
  copy->label = g_strdup (certificate->label);
  copy->issuer = g_strdup (certificate->issuer);
  copy->profile = g_strdup (certificate->profile);
  return copy;
}

static void
certificate_free (MemoryCertificate *certificate)
{
  g_free (certificate->fingerprint);
  g_free (certificate->label);
  g_free (certificate->issuer);
  g_free (certificate->profile);
  g_free (certificate);
}

static gboolean
certificate_is_same (const MemoryCertificate *a, const MemoryCertificate *b)
{
  return strcmp (a->fingerprint, b->fingerprint) == 0 && strcmp (a->label, b->label) == 0
         && g_strcmp0 (a->issuer, b->issuer) == 0 && g_strcmp0 (a->profile, b->profile) == 0
         && a->not_after == b->not_after;
}

MemoryMark *
memory_mark_new (const char *id, gint64 shown, gint64 snoozed_until)
{
  g_autofree char *clean = make_id (id);
  MemoryMark *mark;

  if (!*clean)
    return NULL;
  mark = g_new0 (MemoryMark, 1);
  mark->id = g_steal_pointer (&clean);
  mark->shown = CLAMP (shown, 0, TIME_MAX);
  mark->snoozed_until = CLAMP (snoozed_until, 0, TIME_MAX);
  return mark;
}

static MemoryMark *
mark_copy (const MemoryMark *mark)
{
  MemoryMark *copy = g_memdup2 (mark, sizeof *mark);

  copy->id = g_strdup (mark->id);
  return copy;
}

static void
mark_free (MemoryMark *mark)
{
  g_free (mark->id);
  g_free (mark);
}

static gboolean
mark_is_same (const MemoryMark *a, const MemoryMark *b)
{
  return strcmp (a->id, b->id) == 0 && a->shown == b->shown && a->snoozed_until == b->snoozed_until;
}

/* ---- the value ---- */

Memory *
memory_new (void)
{
  Memory *memory = g_new0 (Memory, 1);

  g_ref_count_init (&memory->refs);
  memory->certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_free);
  memory->marks = g_ptr_array_new_with_free_func ((GDestroyNotify) mark_free);
  return memory;
}

Memory *
memory_ref (Memory *memory)
{
  g_ref_count_inc (&memory->refs);
  return memory;
}

void
memory_unref (Memory *memory)
{
  if (!g_ref_count_dec (&memory->refs))
    return;
  g_ptr_array_unref (memory->certificates);
  g_ptr_array_unref (memory->marks);
  g_free (memory);
}

/* Adds the marks of MEMORY to NEXT, but for the one called EXCEPT (NULL: all). */
static void
copy_marks (const Memory *memory, Memory *next, const char *except)
{
  for (guint i = 0; i < memory->marks->len && next->marks->len < MEMORY_MAX_MARKS; i++)
    {
      const MemoryMark *mark = memory->marks->pdata[i];

      if (g_strcmp0 (mark->id, except) != 0)
        g_ptr_array_add (next->marks, mark_copy (mark));
    }
}

gboolean
memory_is_same (const Memory *a, const Memory *b)
{
  if (a == b)
    return TRUE;
  if (a->certificates->len != b->certificates->len || a->marks->len != b->marks->len)
    return FALSE;
  for (guint i = 0; i < a->certificates->len; i++)
    if (!certificate_is_same (a->certificates->pdata[i], b->certificates->pdata[i]))
      return FALSE;
  for (guint i = 0; i < a->marks->len; i++)
    if (!mark_is_same (a->marks->pdata[i], b->marks->pdata[i]))
      return FALSE;
  return TRUE;
}

/* ---- certificates ---- */

static void
seen_free (Seen *seen)
{
  g_clear_pointer (&seen->remembered, certificate_free);
  g_free (seen->day);
  g_free (seen);
}

static char *
make_label (const Certificate *certificate)
{
  const char *organization = certificate->organization ? certificate->organization : "";
  const char *holder = certificate->holder && *certificate->holder ? certificate->holder : organization;

  return *organization && strcmp (holder, organization) != 0 ? g_strconcat (holder, " · ", organization, NULL)
                                                             : g_strdup (holder);
}

/* NULL where there is nothing to remind of: its dates are none. */
static Seen *
seen_new (const Token *token, const Certificate *certificate, const GPtrArray *issuers)
{
  const Issuer *issuer = issuer_find (issuers, certificate);
  g_autofree char *label = make_label (certificate);
  MemoryCertificate *remembered;
  Seen *seen;

  if (certificate->not_before == CERTIFICATE_TIME_UNKNOWN || certificate->not_before > certificate->not_after)
    return NULL;
  remembered = memory_certificate_new (certificate->sha256, label, certificate->issuer,
                                       issuer ? issuer_get_key (issuer) : NULL, certificate->not_after);
  if (!remembered)
    return NULL;
  seen = g_new0 (Seen, 1);
  seen->token = token;
  seen->certificate = certificate;
  seen->remembered = remembered;
  seen->day = phrase_for_date (certificate->not_after);
  return seen;
}

static GPtrArray *
list_seen (const World *world, const GPtrArray *issuers)
{
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) seen_free);

  for (guint i = 0; i < world->slots->len; i++)
    {
      const Slot *slot = world->slots->pdata[i];

      for (guint j = 0; slot->state == SLOT_READY && j < slot->token->certificates->len; j++)
        {
          Seen *seen = seen_new (slot->token, slot->token->certificates->pdata[j], issuers);

          if (seen)
            g_ptr_array_add (all, seen);
        }
    }
  return all;
}

/* Whether NEW is what OLD was renewed to. Of those who are not named, nobody knows that they are the same. */
static gboolean
is_renewal (const MemoryCertificate *new, const MemoryCertificate *old)
{
  return new->not_after > old->not_after &&new->label[0] != '\0' && strcmp (new->label, old->label) == 0
         && g_strcmp0 (new->issuer, old->issuer) == 0;
}

static gboolean
has_certificate (const Memory *memory, const char *fingerprint)
{
  for (guint i = 0; i < memory->certificates->len; i++)
    if (strcmp (((MemoryCertificate *) memory->certificates->pdata[i])->fingerprint, fingerprint) == 0)
      return TRUE;
  return FALSE;
}

/* The one of ALL with FINGERPRINT on TOKEN (NULL: on any), or NULL. */
static const Seen *
find_seen (const GPtrArray *all, const Token *token, const char *fingerprint)
{
  for (guint i = 0; i < all->len; i++)
    {
      const Seen *seen = all->pdata[i];

      if ((!token || seen->token == token) && strcmp (seen->remembered->fingerprint, fingerprint) == 0)
        return seen;
    }
  return NULL;
}

/* Whether SEEN has been renewed by one of ALL. The signature and the encryption certificate of one token may end at
 * different times without either being the other's renewal. */
static gboolean
is_renewed_now (const Seen *seen, const GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      const MemoryCertificate *other = ((Seen *) all->pdata[i])->remembered;
      const Seen *beside;

      if (!is_renewal (other, seen->remembered))
        continue;
      beside = find_seen (all, seen->token, other->fingerprint);
      if (!beside || beside->certificate->role == seen->certificate->role)
        return TRUE;
    }
  return FALSE;
}

/* … or was before: whoever uses the old token to its end is not reminded of it again in between. */
static gboolean
was_renewed (const Seen *seen, const GPtrArray *all, const Memory *memory)
{
  if (has_certificate (memory, seen->remembered->fingerprint))
    return FALSE;
  for (guint i = 0; i < memory->certificates->len; i++)
    {
      const MemoryCertificate *other = memory->certificates->pdata[i];

      if (is_renewal (other, seen->remembered) && !find_seen (all, NULL, other->fingerprint))
        return TRUE;
    }
  return FALSE;
}

/* Whether a certificate of the same token that ends on the same day is remembered already. */
static gboolean
is_said (const Seen *seen, const GPtrArray *all)
{
  for (guint i = 0; i < all->len; i++)
    {
      const Seen *other = all->pdata[i];

      if (other->taken && other->token == seen->token && g_strcmp0 (other->day, seen->day) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Adds to NEXT those of ALL that are worth it. */
static void
take_seen (const GPtrArray *all, const Memory *memory, Memory *next)
{
  for (guint i = 0; i < all->len; i++)
    {
      Seen *seen = all->pdata[i];

      if (is_said (seen, all) || is_renewed_now (seen, all) || was_renewed (seen, all, memory))
        continue;
      seen->taken = TRUE;
      if (!has_certificate (next, seen->remembered->fingerprint))
        g_ptr_array_add (next->certificates, certificate_copy (seen->remembered));
    }
}

/* Adds to NEXT those of MEMORY that are not there and not renewed by what is. */
static void
take_unseen (const GPtrArray *all, const Memory *memory, Memory *next)
{
  const guint n_taken = next->certificates->len;

  for (guint i = 0; i < memory->certificates->len; i++)
    {
      const MemoryCertificate *certificate = memory->certificates->pdata[i];
      gboolean gone = find_seen (all, NULL, certificate->fingerprint) != NULL;

      for (guint j = 0; j < n_taken && !gone; j++)
        gone = is_renewal (next->certificates->pdata[j], certificate);
      if (!gone)
        g_ptr_array_add (next->certificates, certificate_copy (certificate));
    }
}

Memory *
memory_see (Memory *memory, const World *world, const GPtrArray *issuers)
{
  g_autoptr (GPtrArray) all = list_seen (world, issuers);
  g_autoptr (Memory) next = memory_new ();

  take_seen (all, memory, next);
  take_unseen (all, memory, next);
  if (next->certificates->len > MEMORY_MAX_CERTIFICATES)
    g_ptr_array_set_size (next->certificates, MEMORY_MAX_CERTIFICATES);
  copy_marks (memory, next, NULL);
  return memory_is_same (memory, next) ? memory_ref (memory) : g_steal_pointer (&next);
}

Memory *
memory_forget (Memory *memory)
{
  Memory *next;

  if (memory->certificates->len == 0)
    return memory_ref (memory);
  next = memory_new ();
  copy_marks (memory, next, NULL);
  return next;
}

/* ---- reminders ---- */

static const MemoryMark *
find_mark (const Memory *memory, const char *id)
{
  g_autofree char *clean = make_id (id);

  for (guint i = 0; i < memory->marks->len; i++)
    if (strcmp (((MemoryMark *) memory->marks->pdata[i])->id, clean) == 0)
      return memory->marks->pdata[i];
  return NULL;
}

/* With MARK (taken; NULL: nothing to mark) in front, instead of the one of the same id. */
static Memory *
set_mark (Memory *memory, MemoryMark *mark)
{
  Memory *next;

  if (!mark)
    return memory_ref (memory);
  next = memory_new ();
  for (guint i = 0; i < memory->certificates->len; i++)
    g_ptr_array_add (next->certificates, certificate_copy (memory->certificates->pdata[i]));
  g_ptr_array_add (next->marks, mark);
  copy_marks (memory, next, mark->id);
  return next;
}

Memory *
memory_show (Memory *memory, const char *id, gint64 now)
{
  return memory_has_shown (memory, id, now) ? memory_ref (memory) : set_mark (memory, memory_mark_new (id, now, 0));
}

Memory *
memory_snooze (Memory *memory, const char *id, gint64 until)
{
  const MemoryMark *mark = find_mark (memory, id);

  until = CLAMP (until, 1, TIME_MAX);
  if (mark && mark->snoozed_until == until)
    return memory_ref (memory);
  return set_mark (memory, memory_mark_new (id, mark ? mark->shown : 0, until));
}

/* A clock that is put right by some minutes is no reason to say a thing twice; what was said more than a day from now
 * was said by a clock that was wrong, of another day. */
gboolean
memory_has_shown (const Memory *memory, const char *id, gint64 now)
{
  const MemoryMark *mark = find_mark (memory, id);

  return mark && mark->shown <= now + DAY && (mark->snoozed_until == 0 || mark->snoozed_until > now);
}

gint64
memory_get_next (const Memory *memory, gint64 now)
{
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < memory->marks->len; i++)
    {
      const MemoryMark *mark = memory->marks->pdata[i];

      if (mark->snoozed_until > now)
        next = MIN (next, mark->snoozed_until);
    }
  return next;
}
