#include "notifier.h"

#include <glib/gi18n.h>
#include <libnotify/notify.h>
#include <string.h>

#include "finding-action.h"
#include "look.h"

#define SERVER      "org.freedesktop.Notifications"
#define SERVER_PATH "/org/freedesktop/Notifications"
#define INSERTED    "inserted:"
#define REMINDED    "reminded" /* actions of the application */
#define SNOOZE      "snooze"

/* A server that is only just being started may need some time. */
#define ANSWER_MS 5000
/* What comes faster than people read is shown as what it has become in the meantime. */
#define PAUSE_MS    1000
#define MAX_AT_ONCE 4

struct _Notifier
{
  GDBusConnection *bus; /* or NULL */
  GActionGroup *actions;
  View *view;           /* the newest, or NULL */
  GHashTable *shown;    /* id of a notice → NotifyNotification, also after the person has closed it */
  gboolean changed;     /* VIEW is newer than what is shown */
  gboolean appeared;    /* the server came while it was being asked */
  GCancellable *asking; /* while the server is being asked */
  guint pause;          /* source, for a moment after something was shown */
  guint watch;
  gboolean markup, buttons; /* what the server can do */
};

static void follow (Notifier *notifier);

/* ---- one notification ---- */

/* The token whose insertion the notice ID announces, in VIEW; NULL when it is about something else. */
static const TokenView *
find_inserted (const View *view, const char *id)
{
  if (!g_str_has_prefix (id, INSERTED))
    return NULL;
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (g_ascii_strtoull (id + strlen (INSERTED), NULL, 10) == token->generation)
        return token;
    }
  return NULL;
}

static const Notice *
find_notice (const View *view, const char *id)
{
  for (guint i = 0; i < view->notices->len; i++)
    if (strcmp (((Notice *) view->notices->pdata[i])->id, id) == 0)
      return view->notices->pdata[i];
  return NULL;
}

/* Whatever the person clicks at, it is about how things are now. */
static void
on_action (NotifyNotification *notification, char *action, gpointer data)
{
  Notifier *notifier = data;
  const char *id = g_object_get_data (G_OBJECT (notification), "notice");
  const Notice *notice = notifier->view ? find_notice (notifier->view, id) : NULL;

  if (strcmp (action, SNOOZE) == 0)
    g_action_group_activate_action (notifier->actions, SNOOZE, g_variant_new_string (id));
  else if (notice && strcmp (action, notice->action) == 0)
    finding_action_activate (action, notice->target, notifier->actions);
  else
    finding_action_activate ("details", notice ? notice->token : NULL, notifier->actions);
}

/* A notification has none. In Chinese it stands behind the word: “(_P)”. */
static char *
drop_mnemonic (const char *label)
{
  const char *appended = strstr (label, "(_"), *end = appended ? strchr (appended, ')') : NULL;
  g_auto (GStrv) parts = g_strsplit (label, "_", 2);

  if (end)
    return g_strdup_printf ("%.*s%s", (int) (appended - label), label, end + 1);
  return g_strjoinv (NULL, parts);
}

/* Some servers make a button of the default action too: no other may lead to the same place. */
static void
add_buttons (Notifier *notifier, NotifyNotification *notification, const Notice *notice)
{
  const char *label = finding_action_get_label (notice->action);
  g_autofree char *plain = label ? drop_mnemonic (label) : NULL;

  notify_notification_add_action (notification, "default", _ ("Details"), on_action, notifier, NULL);
  if (plain && strcmp (notice->action, "details") != 0)
    notify_notification_add_action (notification, notice->action, plain, on_action, notifier, NULL);
  if (notice->reminder)
    notify_notification_add_action (notification, SNOOZE, _ ("Remind me tomorrow"), on_action, notifier, NULL);
}

/* Where a notification can have no buttons, the sentence says where to go. (transfer full) */
static char *
make_body (Notifier *notifier, const Notice *notice)
{
  const char *label = finding_action_get_label (notice->action);
  const char *hint = _ ("Click the tray icon to do something about it.");
  /* Translators: two sentences */
  g_autofree char *text =
    label && !notifier->buttons ? g_strdup_printf (_ ("%s %s"), notice->text, hint) : g_strdup (notice->text);

  return notifier->markup ? g_markup_escape_text (text, -1) : g_steal_pointer (&text);
}

static NotifyNotification *
make_notification (Notifier *notifier, const Notice *notice)
{
  static const char *const icons[FINDING_N_LEVELS] = { "cert-assistant-warning", "cert-assistant-warning",
                                                       "cert-assistant-problem" };
  const TokenView *inserted = find_inserted (notifier->view, notice->id);
  const char *icon = inserted ? look_get_icon (inserted) : icons[notice->level];
  g_autofree char *body = make_body (notifier, notice);
  NotifyNotification *notification = notify_notification_new (notice->title, body, icon);

  notify_notification_set_urgency (notification,
                                   notice->level == FINDING_CRITICAL ? NOTIFY_URGENCY_CRITICAL : NOTIFY_URGENCY_NORMAL);
  notify_notification_set_category (notification, inserted ? "device.added" : "device.error");
  notify_notification_set_hint (notification, "desktop-entry", g_variant_new_string (APPLICATION_ID));
  g_object_set_data_full (G_OBJECT (notification), "notice", g_strdup (notice->id), g_free);
  if (notifier->buttons)
    add_buttons (notifier, notification, notice);
  return notification;
}

/* By our own message: the library's call would wait for the answer. */
static void
close_notification (Notifier *notifier, NotifyNotification *notification)
{
  int id;

  g_object_get (notification, "id", &id, NULL);
  if (id > 0 && notify_notification_get_closed_reason (notification) < 0)
    g_dbus_connection_call (notifier->bus, SERVER, SERVER_PATH, SERVER, "CloseNotification",
                            g_variant_new ("(u)", (guint) id), NULL, G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, NULL,
                            NULL);
}

/* ---- the set ---- */

static gboolean
is_worth (const Notice *notice, FindingLevel level)
{
  return notice->level == level && (!notice->reminder || notice->due);
}

/* The notices that are worth showing now, the worst first. */
static GPtrArray *
list_notices (const View *view)
{
  GPtrArray *notices = g_ptr_array_new ();

  for (int level = FINDING_N_LEVELS - 1; level >= FINDING_INFO; level--)
    for (guint i = 0; i < view->notices->len && notices->len < MAX_AT_ONCE; i++)
      if (is_worth (view->notices->pdata[i], level))
        g_ptr_array_add (notices, view->notices->pdata[i]);
  return notices;
}

static void
close_gone (Notifier *notifier)
{
  GHashTableIter iter;
  const char *id;
  NotifyNotification *notification;

  g_hash_table_iter_init (&iter, notifier->shown);
  while (g_hash_table_iter_next (&iter, (gpointer *) &id, (gpointer *) &notification))
    {
      const Notice *notice = find_notice (notifier->view, id);

      if (!notice)
        {
          close_notification (notifier, notification);
          g_hash_table_iter_remove (&iter);
        }
      else if (notice->reminder && !notice->due)
        g_object_set_data (G_OBJECT (notification), "over", notification);
    }
}

/* What has been shown is not new; but a reminder that was over and is due again is. */
static gboolean
is_new (Notifier *notifier, const Notice *notice)
{
  NotifyNotification *shown = g_hash_table_lookup (notifier->shown, notice->id);

  return !shown || (notice->reminder && g_object_get_data (G_OBJECT (shown), "over"));
}

/* The worst that is new, or NULL. */
static const Notice *
find_new (Notifier *notifier)
{
  g_autoptr (GPtrArray) notices = list_notices (notifier->view);

  for (guint i = 0; i < notices->len; i++)
    if (is_new (notifier, notices->pdata[i]))
      return notices->pdata[i];
  return NULL;
}

/* The server has just answered, therefore the library may wait for it: for one notification. FALSE when it did not take
 * it after all. */
static gboolean
show_new (Notifier *notifier)
{
  const Notice *notice = find_new (notifier);
  NotifyNotification *notification;
  g_autoptr (GError) error = NULL;

  if (!notice)
    return TRUE;
  notification = make_notification (notifier, notice);
  if (!notify_notification_show (notification, &error))
    {
      g_debug ("no notification: %s", error->message);
      g_object_unref (notification);
      return FALSE;
    }
  g_hash_table_insert (notifier->shown, g_strdup (notice->id), notification);
  if (notice->reminder) /* which makes a newer view */
    g_action_group_activate_action (notifier->actions, REMINDED, g_variant_new_string (notice->id));
  return TRUE;
}

/* ---- the server ---- */

static gboolean
on_pause_over (gpointer data)
{
  Notifier *notifier = data;

  notifier->pause = 0;
  if (notifier->changed)
    follow (notifier);
  return G_SOURCE_REMOVE;
}

static void
learn_capabilities (Notifier *notifier, GVariant *answer)
{
  g_autoptr (GVariantIter) iter = NULL;
  const char *capability;

  notifier->markup = notifier->buttons = FALSE;
  g_variant_get (answer, "(as)", &iter);
  while (g_variant_iter_next (iter, "&s", &capability))
    {
      notifier->markup |= strcmp (capability, "body-markup") == 0;
      notifier->buttons |= strcmp (capability, "actions") == 0;
    }
}

static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) answer = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  Notifier *notifier = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* NOTIFIER may be gone */
  g_clear_object (&notifier->asking);
  if (!answer)
    {
      g_debug ("no notification server: %s", error->message);
      if (notifier->appeared)
        follow (notifier);
      return;
    }
  learn_capabilities (notifier, answer);
  notifier->changed = FALSE;
  close_gone (notifier);
  if (show_new (notifier) && find_new (notifier))
    follow (notifier);
  else
    notifier->pause = g_timeout_add (PAUSE_MS, on_pause_over, notifier);
}

/* Makes what is shown what the view says, or begins to. */
static void
follow (Notifier *notifier)
{
  if (!notifier->view || !notifier->bus)
    return;
  close_gone (notifier);
  if (notifier->asking || notifier->pause || !find_new (notifier))
    return;
  notifier->appeared = FALSE;
  notifier->asking = g_cancellable_new ();
  g_dbus_connection_call (notifier->bus, SERVER, SERVER_PATH, SERVER, "GetCapabilities", NULL, G_VARIANT_TYPE ("(as)"),
                          G_DBUS_CALL_FLAGS_NONE, ANSWER_MS, notifier->asking, on_capabilities, notifier);
}

static void
on_appeared (GDBusConnection *bus G_GNUC_UNUSED,
             const char *name G_GNUC_UNUSED,
             const char *owner G_GNUC_UNUSED,
             gpointer data)
{
  Notifier *notifier = data;

  notifier->appeared = TRUE;
  follow (notifier);
}

/* ---- the object ---- */

void
notifier_update (Notifier *notifier, View *view)
{
  View *before = notifier->view;

  notifier->view = view_ref (view);
  if (before)
    view_unref (before);
  notifier->changed = TRUE;
  follow (notifier);
}

Notifier *
notifier_new (GDBusConnection *bus, GActionGroup *actions)
{
  Notifier *notifier = g_new0 (Notifier, 1);

  notifier->actions = actions;
  notifier->shown = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  if (bus && notify_init (_ ("Certificate Assistant")))
    {
      notifier->bus = g_object_ref (bus);
      notifier->watch =
        g_bus_watch_name_on_connection (bus, SERVER, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, NULL, notifier, NULL);
    }
  return notifier;
}

void
notifier_free (Notifier *notifier)
{
  GHashTableIter iter;
  NotifyNotification *notification;

  g_clear_handle_id (&notifier->watch, g_bus_unwatch_name);
  g_clear_handle_id (&notifier->pause, g_source_remove);
  if (notifier->asking)
    g_cancellable_cancel (notifier->asking);
  g_clear_object (&notifier->asking);
  g_hash_table_iter_init (&iter, notifier->shown);
  while (g_hash_table_iter_next (&iter, NULL, (gpointer *) &notification))
    close_notification (notifier, notification);
  g_hash_table_unref (notifier->shown);
  g_clear_pointer (&notifier->view, view_unref);
  g_clear_object (&notifier->bus);
  g_free (notifier);
}
