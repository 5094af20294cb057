#include "history.h"

#include <glib/gi18n.h>
#include <string.h>

/* A token of which it has been said that it was inserted, and not that it was pulled. */
typedef struct
{
  guint generation;
  char *id, *name;
} Present;

struct _History
{
  GObject parent;
  GArray *entries; /* HistoryEntry; when it is full, a ring that begins at `first` */
  guint first;
  guint64 n_appended;
  GPtrArray *present; /* Present */
  GHashTable *warned; /* id of a notice that stands → id of its token, or "" */
  gboolean blind;     /* the service was away: what is where now may be what was there before */
};

G_DEFINE_TYPE (History, history, G_TYPE_OBJECT)

static guint changed_signal;

/* ---- entries ---- */

static void
entry_clear (gpointer data)
{
  g_free (((HistoryEntry *) data)->text);
}

/* Takes TEXT. */
static void
append (History *history, gint64 now, FindingLevel level, char *text)
{
  HistoryEntry entry = { now, level, text };

  history->n_appended++;
  if (history->entries->len < HISTORY_MAX_ENTRIES)
    {
      g_array_append_val (history->entries, entry);
      return;
    }
  entry_clear (&g_array_index (history->entries, HistoryEntry, history->first));
  g_array_index (history->entries, HistoryEntry, history->first) = entry;
  history->first = (history->first + 1) % HISTORY_MAX_ENTRIES;
}

guint
history_get_n_entries (History *history)
{
  return history->entries->len;
}

guint64
history_get_n_appended (History *history)
{
  return history->n_appended;
}

const HistoryEntry *
history_get_entry (History *history, guint index)
{
  guint n = history->entries->len;

  g_return_val_if_fail (index < n, NULL);
  return &g_array_index (history->entries, HistoryEntry, (history->first + n - 1 - index) % n);
}

static char *
format_time (const HistoryEntry *entry, const char *format)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (entry->time);

  return time ? g_date_time_format (time, format) : g_strdup ("");
}

char *
history_entry_get_day (const HistoryEntry *entry)
{
  return format_time (entry, "%Y-%m-%d");
}

char *
history_entry_get_time (const HistoryEntry *entry)
{
  return format_time (entry, "%H:%M:%S");
}

char *
history_to_text (History *history)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < history->entries->len; i++)
    {
      const HistoryEntry *entry = history_get_entry (history, i);
      g_autofree char *time = format_time (entry, "%Y-%m-%d %H:%M:%S");

      g_string_append_printf (text, "%s  %s\n", time, entry->text);
    }
  return g_string_free (text, FALSE);
}

/* ---- tokens ---- */

static void
present_free (Present *present)
{
  g_free (present->id);
  g_free (present->name);
  g_free (present);
}

static Present *
find_present (History *history, const TokenView *token)
{
  for (guint i = 0; i < history->present->len; i++)
    {
      Present *present = history->present->pdata[i];

      if (present->generation == token->generation && strcmp (present->id, token->token->id) == 0)
        return present;
    }
  return NULL;
}

static void
add_present (History *history, const TokenView *token)
{
  Present *present = g_new (Present, 1);

  *present = (Present){ token->generation, g_strdup (token->token->id), g_strdup (token->name) };
  g_ptr_array_add (history->present, present);
}

/* Whether PRESENT is where it was. While it is read again, what is known of it is less, or nothing. */
static gboolean
is_there (const Present *present, const View *view)
{
  gboolean there = FALSE;

  for (guint i = 0; i < view->world->slots->len; i++)
    {
      const Slot *slot = view->world->slots->pdata[i];

      there |= slot->state != SLOT_EMPTY && slot->generation == present->generation;
    }
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (token->generation == present->generation && token->complete)
        return strcmp (token->token->id, present->id) == 0;
    }
  return there;
}

/* The service is back, and with it everything has a new generation: PRESENT is the token with its id. */
static gboolean
find_again (History *history, Present *present, const View *view)
{
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (token->complete && strcmp (token->token->id, present->id) == 0 && !find_present (history, token))
        {
          present->generation = token->generation;
          return TRUE;
        }
    }
  return !view->settled; /* it may still be found */
}

static gboolean
is_about (gpointer notice G_GNUC_UNUSED, gpointer token, gpointer id)
{
  return strcmp (token, id) == 0;
}

static void
follow_gone (History *history, const View *view, gint64 now)
{
  for (guint i = 0; i < history->present->len;)
    {
      Present *present = history->present->pdata[i];

      if (is_there (present, view) || (history->blind && find_again (history, present, view)))
        {
          i++;
          continue;
        }
      append (history, now, FINDING_INFO, g_strdup_printf (_ ("%s was pulled"), present->name));
      /* If it comes back as it was, that is news again. */
      g_hash_table_foreach_remove (history->warned, is_about, present->id);
      g_ptr_array_remove_index (history->present, i);
    }
}

static void
follow_new (History *history, const View *view, gint64 now)
{
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (!token->complete || find_present (history, token))
        continue;
      append (history, now, FINDING_INFO, g_strdup_printf (_ ("%s was inserted"), token->name));
      add_present (history, token);
    }
}

/* ---- warnings ---- */

/* What the view says unasked, and now; but for insertions. */
static gboolean
is_warning (const Notice *notice)
{
  return !g_str_has_prefix (notice->id, "inserted:") && (!notice->reminder || notice->due);
}

static void
note_warning (History *history, const Notice *notice)
{
  g_hash_table_replace (history->warned, g_strdup (notice->id), g_strdup (notice->token ? notice->token : ""));
}

/* A notice that is gone has ended, if it is known what there is; a reminder, when it is not due any more. */
static gboolean
has_ended (gpointer id, gpointer token G_GNUC_UNUSED, gpointer data)
{
  const View *view = data;

  for (guint i = 0; i < view->notices->len; i++)
    {
      const Notice *notice = view->notices->pdata[i];

      if (strcmp (notice->id, id) == 0)
        return !is_warning (notice);
    }
  /* While something is being read, what was found in it is not known. */
  return view->settled;
}

static void
follow_warnings (History *history, View *view, gint64 now)
{
  for (guint i = 0; i < view->notices->len; i++)
    {
      const Notice *notice = view->notices->pdata[i];

      if (!is_warning (notice) || g_hash_table_contains (history->warned, notice->id))
        continue;
      note_warning (history, notice);
      /* Translators: what is wrong, in a few words, and in sentences */
      append (history, now, notice->level, g_strdup_printf (_ ("Warned: %s. %s"), notice->title, notice->text));
    }
  g_hash_table_foreach_remove (history->warned, has_ended, view);
}

/* ---- views ---- */

/* What BEFORE says has been said, also where nobody has followed it. */
static void
follow_before (History *history, const View *before)
{
  for (guint i = 0; i < before->tokens->len; i++)
    {
      const TokenView *token = before->tokens->pdata[i];

      if (token->complete && !find_present (history, token))
        add_present (history, token);
    }
  for (guint i = 0; i < before->notices->len; i++)
    if (is_warning (before->notices->pdata[i]))
      note_warning (history, before->notices->pdata[i]);
}

void
history_follow (History *history, View *before, View *after, gint64 now)
{
  guint64 n_before = history->n_appended;

  if (before)
    follow_before (history, before);
  /* Nobody sees what is where: that is not to say that it was pulled. */
  if (g_strcmp0 (after->service, "running") != 0)
    history->blind = TRUE;
  else
    {
      follow_gone (history, after, now);
      follow_new (history, after, now);
      history->blind &= !after->settled;
    }
  follow_warnings (history, after, now);
  if (history->n_appended != n_before)
    g_signal_emit (history, changed_signal, 0);
}

/* ---- the object ---- */

static void
history_finalize (GObject *object)
{
  History *history = ASSISTANT_HISTORY (object);

  g_array_unref (history->entries);
  g_ptr_array_unref (history->present);
  g_hash_table_unref (history->warned);
  G_OBJECT_CLASS (history_parent_class)->finalize (object);
}

static void
history_class_init (HistoryClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = history_finalize;
  changed_signal =
    g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
history_init (History *history)
{
  history->entries = g_array_new (FALSE, FALSE, sizeof (HistoryEntry));
  g_array_set_clear_func (history->entries, entry_clear);
  history->present = g_ptr_array_new_with_free_func ((GDestroyNotify) present_free);
  history->warned = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

History *
history_new (void)
{
  return g_object_new (HISTORY_TYPE, NULL);
}
