#include "tray.h"

#include <libayatana-appindicator/app-indicator.h>

#include "engine/settings.h"
#include "tray-menu.h"

struct _Tray
{
  AppIndicator *indicator;
  TrayMenu *menu;
  GSettings *settings; /* or NULL */
  gulong on_setting;
  View *view; /* what is shown, or NULL */
};

/* Never ATTENTION: panels show its icon late, wrongly or not at all. */
static void
update_status (Tray *tray)
{
  gboolean hidden = !tray->view || (tray->view->quiet && settings_get_hide_icon (tray->settings));
  AppIndicatorStatus status = hidden ? APP_INDICATOR_STATUS_PASSIVE : APP_INDICATOR_STATUS_ACTIVE;

  if (app_indicator_get_status (tray->indicator) != status)
    app_indicator_set_status (tray->indicator, status);
}

void
tray_update (Tray *tray, View *view)
{
  View *before = tray->view;

  tray->view = view_ref (view);
  if (!before || g_strcmp0 (before->icon, view->icon) != 0 || g_strcmp0 (before->summary, view->summary) != 0)
    app_indicator_set_icon_full (tray->indicator, view->icon, view->summary);
  if (!before || g_strcmp0 (before->title, view->title) != 0)
    app_indicator_set_title (tray->indicator, view->title);
  if (tray_menu_update (tray->menu, view))
    {
      /* First: the library looks for the target in the new menu, and stumbles when it is in none. */
      app_indicator_set_secondary_activate_target (tray->indicator, NULL);
      app_indicator_set_menu (tray->indicator, tray_menu_get_widget (tray->menu));
      app_indicator_set_secondary_activate_target (tray->indicator, tray_menu_get_default (tray->menu));
    }
  if (before)
    view_unref (before);
  update_status (tray);
}

static void
on_hide_icon_changed (GSettings *settings G_GNUC_UNUSED, const char *key G_GNUC_UNUSED, gpointer data)
{
  update_status (data);
}

Tray *
tray_new (GActionGroup *actions, GSettings *settings)
{
  Tray *tray = g_new0 (Tray, 1);
  const char *icons = g_getenv ("CERT_ASSISTANT_ICONS");

  tray->indicator = app_indicator_new ("cert-assistant", "cert-assistant-none", APP_INDICATOR_CATEGORY_HARDWARE);
  if (icons)
    app_indicator_set_icon_theme_path (tray->indicator, icons);
  tray->menu = tray_menu_new (actions);
  if (settings)
    {
      tray->settings = g_object_ref (settings);
      tray->on_setting =
        g_signal_connect (settings, "changed::" SETTINGS_HIDE_ICON, G_CALLBACK (on_hide_icon_changed), tray);
    }
  return tray;
}

void
tray_free (Tray *tray)
{
  if (tray->settings)
    g_clear_signal_handler (&tray->on_setting, tray->settings);
  g_clear_object (&tray->settings);
  g_object_unref (tray->indicator);
  tray_menu_free (tray->menu);
  g_clear_pointer (&tray->view, view_unref);
  g_free (tray);
}
