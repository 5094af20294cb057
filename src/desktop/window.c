#include "window.h"

#include <glib/gi18n.h>
#include <string.h>

#include "certificate-page.h"
#include "check-page.h"
#include "details-page.h"
#include "empty-page.h"
#include "finding-bar.h"
#include "help-page.h"
#include "history-page.h"
#include "token-switch.h"

struct _AssistantWindow
{
  GtkApplicationWindow parent;
  GtkWidget *header, *back, *menu;
  GtkWidget *findings, *tokens, *stack;
  GtkWidget *spinner, *reading_text, *reading_bar;
  GtkWidget *empty_page, *certificate_page, *details_page, *history_page, *check_page, *help_page;

  View *view;           /* the newest; shown while the window is */
  guint generation;     /* of the token that is chosen; 0: none yet */
  char *token;          /* … its id, to find it again when it comes back */
  Certificate *details; /* whose details are open, or NULL */
  const char *special;  /* the page that is open above all else: "history", "check", "help"; or NULL */
};

G_DEFINE_TYPE (AssistantWindow, window, GTK_TYPE_APPLICATION_WINDOW)

/* ---- what is chosen ---- */

static const TokenView *
find_generation (const View *view, guint generation)
{
  for (guint i = 0; i < view->tokens->len; i++)
    if (((TokenView *) view->tokens->pdata[i])->generation == generation)
      return view->tokens->pdata[i];
  return NULL;
}

static void
choose_token (AssistantWindow *window, const TokenView *token)
{
  window->generation = token->generation;
  g_free (window->token);
  window->token = g_strdup (token->token->id);
}

/* The same insertion; else the same token inserted again; else the first there is. NULL: there is none. */
static const TokenView *
find_chosen (AssistantWindow *window)
{
  const TokenView *token = find_generation (window->view, window->generation);

  if (!token && window->token)
    token = view_find_token (window->view, window->token);
  if (!token && window->view->tokens->len > 0)
    token = window->view->tokens->pdata[0];
  if (token)
    choose_token (window, token);
  return token;
}

static void
open_details (AssistantWindow *window, Certificate *certificate)
{
  Certificate *before = window->details;

  window->details = certificate ? certificate_ref (certificate) : NULL;
  if (before)
    certificate_unref (before);
}

/* The one whose details are open, as TOKEN has it now: in the same place if one certificate is in two. */
static const CertificateView *
find_details (AssistantWindow *window, const TokenView *token)
{
  const CertificateView *found = NULL;

  for (guint i = 0; window->details && i < token->certificates->len; i++)
    {
      const CertificateView *certificate = token->certificates->pdata[i];

      if (strcmp (certificate->certificate->sha256, window->details->sha256) != 0)
        continue;
      if (!found || strcmp (certificate->certificate->id, window->details->id) == 0)
        found = certificate;
    }
  return found;
}

/* ---- pages ---- */

static gboolean
is_reading (const View *view)
{
  for (guint i = 0; i < view->readers->len; i++)
    if (strcmp (((ReaderView *) view->readers->pdata[i])->state, "reading") == 0)
      return TRUE;
  return FALSE;
}

/* TOKEN: what is known of it so far, or NULL. */
static void
show_reading (AssistantWindow *window, const TokenView *token)
{
  const char *text = token && token->reading ? token->reading : _ ("Reading the token…");

  gtk_label_set_text (GTK_LABEL (window->reading_text), text);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (window->reading_bar), token ? CLAMP (token->progress, 0, 1) : 0);
}

static const char *
choose_page (AssistantWindow *window, const TokenView *token, const CertificateView *details)
{
  if (window->special)
    return window->special;
  if (details)
    return "details";
  if (token)
    return token->complete || token->certificates->len > 0 ? "token" : "reading";
  return is_reading (window->view) ? "reading" : "empty";
}

static const struct
{
  const char *page, *title;
} specials[] = {
  { "history", N_ ("History") },
  { "check", N_ ("Check") },
  { "help", N_ ("Help") },
};

static void
show_special_header (AssistantWindow *window)
{
  gboolean check = strcmp (window->special, "check") == 0;

  for (gsize i = 0; i < G_N_ELEMENTS (specials); i++)
    if (strcmp (specials[i].page, window->special) == 0)
      gtk_header_bar_set_title (GTK_HEADER_BAR (window->header), _ (specials[i].title));
  gtk_header_bar_set_subtitle (GTK_HEADER_BAR (window->header),
                               check ? check_page_get_summary (ASSISTANT_CHECK_PAGE (window->check_page)) : NULL);
  gtk_widget_set_tooltip_text (window->header, NULL);
  gtk_widget_show (window->back);
}

static void
show_header (AssistantWindow *window, const TokenView *token, const CertificateView *details)
{
  const View *view = window->view;
  g_autofree char *count =
    g_strdup_printf (ngettext ("%u token inserted", "%u tokens inserted", view->tokens->len), view->tokens->len);
  const char *subtitle = details                 ? token->name
                         : is_reading (view)     ? _ ("Reading the token…")
                         : view->tokens->len > 0 ? count
                                                 : NULL;

  if (window->special)
    {
      show_special_header (window);
      return;
    }
  gtk_header_bar_set_title (GTK_HEADER_BAR (window->header), details ? details->title : _ ("Certificate Assistant"));
  gtk_header_bar_set_subtitle (GTK_HEADER_BAR (window->header), subtitle);
  gtk_widget_set_tooltip_text (window->header, details ? token->name : NULL);
  gtk_widget_set_visible (window->back, details != NULL);
}

/* The spinner turns only where somebody sees it. */
static void
update_spinner (AssistantWindow *window)
{
  const char *page = gtk_stack_get_visible_child_name (GTK_STACK (window->stack));

  g_object_set (window->spinner, "active",
                gtk_widget_get_visible (GTK_WIDGET (window)) && g_strcmp0 (page, "reading") == 0, NULL);
}

static void
update (AssistantWindow *window)
{
  const TokenView *token = window->view ? find_chosen (window) : NULL;
  const CertificateView *details = token ? find_details (window, token) : NULL;
  const char *page;

  if (!window->view)
    return;
  page = choose_page (window, token, details);
  if (!details)
    open_details (window, NULL);
  if (token)
    certificate_page_show_token (ASSISTANT_CERTIFICATE_PAGE (window->certificate_page), token);
  if (details)
    details_page_show_certificate (ASSISTANT_DETAILS_PAGE (window->details_page), details);
  empty_page_show_view (ASSISTANT_EMPTY_PAGE (window->empty_page), window->view);
  show_reading (window, token);
  show_header (window, token, details);
  token_switch_show_view (ASSISTANT_TOKEN_SWITCH (window->tokens), window->view, window->generation);
  if (details || window->special)
    gtk_widget_hide (window->tokens);
  check_page_show_view (ASSISTANT_CHECK_PAGE (window->check_page), window->view);
  finding_bar_show_view (ASSISTANT_FINDING_BAR (window->findings), window->view,
                         strcmp (page, "empty") == 0 ? empty_page_find_hindrance (window->view) : NULL);
  if (strcmp (page, "check") == 0)
    gtk_widget_hide (window->findings); /* it says all of them */
  gtk_stack_set_visible_child_name (GTK_STACK (window->stack), page);
  update_spinner (window);
}

/* ---- from outside ---- */

void
window_show_view (AssistantWindow *window, View *view)
{
  View *before = window->view;

  window->view = view_ref (view);
  if (before)
    view_unref (before);
  if (gtk_widget_get_visible (GTK_WIDGET (window)))
    update (window);
}

void
window_show_token (AssistantWindow *window, const char *id)
{
  const TokenView *token = window->view ? view_find_token (window->view, id) : NULL;

  if (!token)
    return;
  if (token->generation != window->generation)
    open_details (window, NULL);
  window->special = NULL;
  choose_token (window, token);
  update (window);
}

static void
show_special (AssistantWindow *window, const char *page)
{
  window->special = page;
  update (window);
  gtk_widget_grab_focus (window->back);
}

void
window_show_history (AssistantWindow *window)
{
  show_special (window, "history");
}

void
window_show_check (AssistantWindow *window)
{
  check_page_open (ASSISTANT_CHECK_PAGE (window->check_page), NULL);
  show_special (window, "check");
}

void
window_show_help (AssistantWindow *window)
{
  show_special (window, "help");
}

void
window_open (AssistantWindow *window, gboolean asked)
{
  if (!gtk_widget_get_visible (GTK_WIDGET (window)))
    {
      update (window);
      gtk_window_set_focus_on_map (GTK_WINDOW (window), asked);
      gtk_widget_show (GTK_WIDGET (window));
    }
  if (asked)
    gtk_window_present (GTK_WINDOW (window));
}

/* ---- the person ---- */

static void
on_token_chosen (TokenSwitch *tokens G_GNUC_UNUSED, guint generation, gpointer data)
{
  AssistantWindow *window = data;
  const TokenView *token = find_generation (window->view, generation);

  if (!token)
    return;
  choose_token (window, token);
  update (window);
}

static void
on_certificate_activated (CertificatePage *page G_GNUC_UNUSED, guint index, gpointer data)
{
  AssistantWindow *window = data;
  const TokenView *token = find_chosen (window);
  GtkAdjustment *place = gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (window->details_page));

  if (!token || index >= token->certificates->len)
    return;
  open_details (window, ((CertificateView *) token->certificates->pdata[index])->certificate);
  gtk_adjustment_set_value (place, 0);
  update (window);
  gtk_widget_grab_focus (window->back);
}

/* Back to where the history or the check was opened, or from the details. */
static void
on_back (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  AssistantWindow *window = data;

  if (window->special)
    window->special = NULL;
  else if (window->details)
    open_details (window, NULL);
  else
    return;
  update (window);
}

/* What the check has found stands in the title. */
static void
on_checked (AssistantWindow *window)
{
  if (window->special)
    show_special_header (window);
}

/* A question of the help leads to the row that answers it. */
static void
on_layer_activated (AssistantWindow *window, const char *layer)
{
  check_page_open (ASSISTANT_CHECK_PAGE (window->check_page), layer);
  show_special (window, "check");
}

static void
on_close (GSimpleAction *action G_GNUC_UNUSED, GVariant *parameter G_GNUC_UNUSED, gpointer data)
{
  gtk_window_close (data);
}

/* After everybody else: Escape closes a menu or an entry first. */
static gboolean
window_key_press_event (GtkWidget *widget, GdkEventKey *event)
{
  AssistantWindow *window = ASSISTANT_WINDOW (widget);

  if (GTK_WIDGET_CLASS (window_parent_class)->key_press_event (widget, event))
    return GDK_EVENT_STOP;
  if (event->keyval != GDK_KEY_Escape)
    return GDK_EVENT_PROPAGATE;
  if (window->special || window->details)
    on_back (NULL, NULL, window);
  else
    gtk_window_close (GTK_WINDOW (window));
  return GDK_EVENT_STOP;
}

/* Who opens the window again wants to know how things are, not where he was. */
static void
window_hide (GtkWidget *widget)
{
  AssistantWindow *window = ASSISTANT_WINDOW (widget);

  GTK_WIDGET_CLASS (window_parent_class)->hide (widget);
  open_details (window, NULL);
  window->special = NULL;
  update_spinner (window);
}

static void
window_show (GtkWidget *widget)
{
  AssistantWindow *window = ASSISTANT_WINDOW (widget);

  GTK_WIDGET_CLASS (window_parent_class)->show (widget);
  update_spinner (window);
}

/* ---- the object ---- */

static void
window_finalize (GObject *object)
{
  AssistantWindow *window = ASSISTANT_WINDOW (object);

  g_clear_pointer (&window->view, view_unref);
  g_clear_pointer (&window->details, certificate_unref);
  g_free (window->token);
  G_OBJECT_CLASS (window_parent_class)->finalize (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class, "/org/certassistant/CertAssistant/ui/window.ui");
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, header);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, back);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, menu);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, findings);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, tokens);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, spinner);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, reading_text);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, reading_bar);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, empty_page);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, certificate_page);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, details_page);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, history_page);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, check_page);
  gtk_widget_class_bind_template_child (widget_class, AssistantWindow, help_page);
  gtk_widget_class_bind_template_callback (widget_class, on_token_chosen);
  gtk_widget_class_bind_template_callback (widget_class, on_certificate_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_checked);
  gtk_widget_class_bind_template_callback (widget_class, on_layer_activated);
}

static void
window_class_init (AssistantWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = window_finalize;
  widget_class->key_press_event = window_key_press_event;
  widget_class->hide = window_hide;
  widget_class->show = window_show;
  g_type_ensure (CERTIFICATE_PAGE_TYPE);
  g_type_ensure (CHECK_PAGE_TYPE);
  g_type_ensure (DETAILS_PAGE_TYPE);
  g_type_ensure (EMPTY_PAGE_TYPE);
  g_type_ensure (FINDING_BAR_TYPE);
  g_type_ensure (HELP_PAGE_TYPE);
  g_type_ensure (HISTORY_PAGE_TYPE);
  g_type_ensure (TOKEN_SWITCH_TYPE);
  bind_template (widget_class);
}

static void
window_init (AssistantWindow *window)
{
  static const GActionEntry actions[] = {
    { .name = "back", .activate = on_back },
    { .name = "close", .activate = on_close },
  };
  g_autoptr (GPropertyAction) menu = NULL;

  gtk_widget_init_template (GTK_WIDGET (window));
  g_action_map_add_action_entries (G_ACTION_MAP (window), actions, G_N_ELEMENTS (actions), window);
  menu = g_property_action_new ("menu", window->menu, "active");
  g_action_map_add_action (G_ACTION_MAP (window), G_ACTION (menu));
}

AssistantWindow *
window_new (GtkApplication *application, History *history)
{
  AssistantWindow *window = g_object_new (WINDOW_TYPE, "application", application, NULL);

  history_page_set_history (ASSISTANT_HISTORY_PAGE (window->history_page), history);
  return window;
}
