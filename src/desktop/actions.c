#include "actions.h"

#include <string.h>

#include "about.h"

static void
on_show_window (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  window_open (application_get_window (data), TRUE);
}

static void
on_show_token (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  AssistantWindow *window = application_get_window (data);

  window_show_token (window, g_variant_get_string (parameter, NULL));
  window_open (window, TRUE);
}

static void
on_history (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantWindow *window = application_get_window (data);

  window_open (window, TRUE);
  window_show_history (window);
}

static void
on_help (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantWindow *window = application_get_window (data);

  window_open (window, TRUE);
  window_show_help (window);
}

static void
on_check (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  Engine *engine = application_get_engine (data);
  AssistantWindow *window = application_get_window (data);

  if (engine)
    engine_retry_modules (engine);
  window_open (window, TRUE);
  window_show_check (window);
}

/* About the token with the id PARAMETER, and its PIN as in the target of a PinRow; without one about the only token
 * that has a PIN. Where it is not clear which one is meant, or there is none, the window shows what there is. */
static void
start_pin (AssistantApplication *self, GVariant *parameter, PinOperation operation)
{
  g_auto (GStrv) target = g_strsplit (parameter ? g_variant_get_string (parameter, NULL) : "", PIN_ROW_SEPARATOR, 2);
  const char *ref = target[0] ? target[1] : NULL;
  View *view = application_get_view (self);
  const TokenView *token = NULL;
  guint n_tokens = 0;

  for (guint i = 0; view && i < view->tokens->len; i++)
    {
      const TokenView *other = view->tokens->pdata[i];

      if (!other->pin_action || (parameter && g_strcmp0 (other->token->id, target[0]) != 0))
        continue;
      token = other;
      n_tokens++;
    }
  if (n_tokens == 1)
    pin_flow_start (application_get_pin_flow (self), application_get_visible_window (self), view, token, ref,
                    operation);
  else
    window_open (application_get_window (self), TRUE);
}

static void
on_change_pin (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  start_pin (data, parameter, PIN_OPERATION_CHANGE);
}

static void
on_unlock (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  start_pin (data, parameter, PIN_OPERATION_UNLOCK);
}

static void
open_page (AssistantApplication *self, const char *url)
{
  g_autoptr (GError) error = NULL;

  if (!gtk_show_uri_on_window (application_get_visible_window (self), url, GDK_CURRENT_TIME, &error))
    g_warning ("%s", error->message);
}

/* The page is that of the finding as it is now: nobody else says which one is opened. */
static void
on_renew (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  const View *view = application_get_view (data);

  for (guint i = 0; view && i < view->findings->len; i++)
    {
      const Finding *finding = ((FindingView *) view->findings->pdata[i])->finding;

      if (finding->url && g_strcmp0 (finding->certificate, g_variant_get_string (parameter, NULL)) == 0)
        {
          open_page (data, finding->url);
          return;
        }
    }
}

/* The page is that of the issuer's profile: nobody else says which one is opened. */
static void
on_issuer_page (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  const View *view = application_get_view (data);
  const TokenView *token = view ? view_find_token (view, g_variant_get_string (parameter, NULL)) : NULL;

  if (token && token->help_page)
    open_page (data, token->help_page);
}

static void
on_ask_revocation (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  Engine *engine = application_get_engine (data);

  if (engine)
    engine_ask_revocation (engine, g_variant_get_string (parameter, NULL));
}

/* The id that PARAMETER has, of a reminder that there is; or NULL: any program may call. */
static const char *
find_reminder (AssistantApplication *self, GVariant *parameter)
{
  const char *id = g_variant_get_string (parameter, NULL);
  const View *view = application_get_engine (self) ? application_get_view (self) : NULL;

  for (guint i = 0; view && i < view->notices->len; i++)
    {
      const Notice *notice = view->notices->pdata[i];

      if (notice->reminder && g_str_equal (notice->id, id))
        return id;
    }
  return NULL;
}

static void
on_reminded (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  const char *id = find_reminder (data, parameter);

  if (id)
    engine_remind_done (application_get_engine (data), id);
}

static void
on_snooze (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter, gpointer data)
{
  const char *id = find_reminder (data, parameter);

  if (id)
    engine_remind_tomorrow (application_get_engine (data), id);
}

static void
on_forget (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  Engine *engine = application_get_engine (data);

  if (engine)
    engine_forget (engine);
}

static void
on_about (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  about_show (GTK_WINDOW (application_get_window (data)));
}

static void
on_quit (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  g_application_quit (data);
}

static void
on_preferences (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  application_show_preferences (data);
}

void
actions_add (AssistantApplication *self)
{
  static const GActionEntry entries[] = {
    { .name = "show-window", .activate = on_show_window },
    { .name = "show-token", .activate = on_show_token, .parameter_type = "s" },
    { .name = "change-pin", .activate = on_change_pin },
    { .name = "change-pin-of", .activate = on_change_pin, .parameter_type = "s" },
    { .name = "unlock", .activate = on_unlock },
    { .name = "unlock-of", .activate = on_unlock, .parameter_type = "s" },
    { .name = "renew", .activate = on_renew, .parameter_type = "s" },
    { .name = "issuer-page", .activate = on_issuer_page, .parameter_type = "s" },
    { .name = "ask-revocation", .activate = on_ask_revocation, .parameter_type = "s" },
    { .name = "reminded", .activate = on_reminded, .parameter_type = "s" },
    { .name = "snooze", .activate = on_snooze, .parameter_type = "s" },
    { .name = "forget", .activate = on_forget },
    { .name = "history", .activate = on_history },
    { .name = "check", .activate = on_check },
    { .name = "help", .activate = on_help },
    { .name = "about", .activate = on_about },
    { .name = "quit", .activate = on_quit },
  };
  /* Only where there is something to set: the menu leaves out what has no action. */
  static const GActionEntry preferences = { .name = "preferences", .activate = on_preferences };
  static const struct
  {
    const char *action;
    const char *keys[2];
  } keys[] = { { "app.help", { "F1" } },
               { "app.quit", { "<Primary>q" } },
               { "app.preferences", { "<Primary>comma" } },
               { "win.close", { "<Primary>w" } },
               { "win.menu", { "F10" } } };

  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), keys[i].action, keys[i].keys);
  if (application_get_settings (self))
    g_action_map_add_action_entries (G_ACTION_MAP (self), &preferences, 1, self);
}
