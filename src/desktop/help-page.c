#include "help-page.h"

#include <glib/gi18n.h>

#include "help-row.h"

struct _HelpPage
{
  GtkScrolledWindow parent;
  GtkWidget *list;
};

G_DEFINE_TYPE (HelpPage, help_page, GTK_TYPE_SCROLLED_WINDOW)

static guint activated;

/* Portals speak Chinese: who knows their words finds them here in every language. */
static const struct
{
  const char *question, *answer;
  const char *layer; /* of the check */
} questions[] = {
  { N_ ("A site says that no taxpayer was found (未查到纳税人信息)."),
    N_ ("Look whom the certificate names and with which taxpayer number. A button opens the test page of the issuer."),
    "holder" },
  { N_ ("A site says that this is not the certificate of the log-in (证书与登录时不相同)."),
    N_ ("Leave the token in from the log-in on. The check says which token took the place of which."), "one-token" },
  { N_ ("A site says that the answer is odd (解析返回数据出现异常)."),
    N_ ("The PIN was cancelled, or the token changed after the log-in. Log in again with the token that is in now."),
    "one-token" },
  { N_ ("A site says that it detects no certificate (没有检测到证书)."),
    N_ (
      "Insert the token, the other way round too. The first row of the check that is not right says what is missing."),
    "token" },
  { N_ ("A site says that there has to be exactly one USB key (请确认有且仅有一个 USBkey 设备)."),
    N_ ("Pull the others. The check says which tokens are inserted, each by its name."), "one-token" },
  { N_ ("The certificate ends soon, or has ended."),
    N_ ("Renew it in time. A button opens the page of the issuer where that is known."), "validity" },
  { N_ ("The PIN is forgotten or locked."),
    N_ ("Stop trying. The check says how many tries are left, and who can unlock it."), "pin" },
};

static void
on_row_activated (GtkListBox *list G_GNUC_UNUSED, GtkListBoxRow *row, gpointer data)
{
  g_signal_emit (data, activated, 0, questions[gtk_list_box_row_get_index (row)].layer);
}

static void
help_page_class_init (HelpPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  activated = g_signal_new ("layer-activated", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                            G_TYPE_NONE, 1, G_TYPE_STRING);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/help-page.ui");
  gtk_widget_class_bind_template_child (widget_class, HelpPage, list);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
}

static void
help_page_init (HelpPage *page)
{
  gtk_widget_init_template (GTK_WIDGET (page));
  for (gsize i = 0; i < G_N_ELEMENTS (questions); i++)
    gtk_list_box_insert (GTK_LIST_BOX (page->list), help_row_new (_ (questions[i].question), _ (questions[i].answer)),
                         -1);
}
