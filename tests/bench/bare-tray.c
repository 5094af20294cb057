/* The least that a GTK program with an appindicator can be: what our tray is measured against. */
#include <gtk/gtk.h>
#include <libayatana-appindicator/app-indicator.h>

int
main (int argc, char **argv)
{
  AppIndicator *indicator;
  GtkWidget *menu, *item;

  g_setenv ("GDK_GL", "disable", FALSE);
  gtk_init (&argc, &argv);
  indicator = app_indicator_new ("bare-tray", "dialog-information", APP_INDICATOR_CATEGORY_APPLICATION_STATUS);
  menu = gtk_menu_new ();
  item = gtk_menu_item_new_with_label ("Quit");
  g_signal_connect (item, "activate", G_CALLBACK (gtk_main_quit), NULL);
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  gtk_widget_show_all (menu);
  app_indicator_set_menu (indicator, GTK_MENU (menu));
  app_indicator_set_status (indicator, APP_INDICATOR_STATUS_ACTIVE);
  gtk_main ();
  return 0;
}
