#include "tray-menu.h"

#include <glib/gi18n.h>
#include <string.h>

#include "clipboard.h"
#include "model/text.h"

/* A menu as wide as the screen helps nobody; the window says all. */
#define LABEL_MAX_CHARS  90
#define MAX_FINDING_ROWS 4

#define COPY_PEM G_MAXUINT

struct _TrayMenu
{
  GActionGroup *actions;
  View *view;   /* the newest */
  char *recipe; /* what the menu was made of */
  GtkWidget *menu;
  GtkWidget *open; /* the item of the middle button */
};

/* The facts of a token and of its first certificate that people need elsewhere, by name. */
static const char *const copied_facts[] = {
  N_ ("Holder"),        N_ ("Organization"), N_ ("Taxpayer number"),     N_ ("Issuer"),
  N_ ("Serial number"), N_ ("Valid until"),  N_ ("SHA-256 fingerprint"),
};

/* What an item is about. */
typedef struct
{
  TrayMenu *menu;
  char *action; /* of the application, or NULL */
  char *token;  /* id, or NULL */
  guint copied; /* index of copied_facts, or COPY_PEM */
} Target;

static void
target_free (gpointer data, GClosure *closure G_GNUC_UNUSED)
{
  Target *target = data;

  g_free (target->action);
  g_free (target->token);
  g_free (target);
}

/* ---- clicks ---- */

static void
on_action_clicked (GtkMenuItem *item G_GNUC_UNUSED, gpointer data)
{
  Target *target = data;
  TrayMenu *menu = target->menu;

  if (!target->token)
    g_action_group_activate_action (menu->actions, target->action, NULL);
  else if (menu->view && view_find_token (menu->view, target->token))
    g_action_group_activate_action (menu->actions, target->action, g_variant_new_string (target->token));
}

/* What the fact of FACTS called NAME is elsewhere, or NULL: personal ones are not for a menu. */
static const char *
find_copied (const GPtrArray *facts, const char *name)
{
  for (guint i = 0; i < facts->len; i++)
    {
      const Fact *fact = facts->pdata[i];

      if (fact->copied && !fact->personal && strcmp (fact->name, name) == 0)
        return fact->copied;
    }
  return NULL;
}

/* The copied fact INDEX of TOKEN, or NULL when it does not have it. */
static const char *
get_fact (const TokenView *token, guint index)
{
  const CertificateView *certificate = token->certificates->pdata[0];
  const char *name = _ (copied_facts[index]);
  const char *own = find_copied (token->facts, name);

  return own ? own : find_copied (certificate->facts, name);
}

static void
on_copy_clicked (GtkMenuItem *item G_GNUC_UNUSED, gpointer data)
{
  Target *target = data;
  View *view = target->menu->view;
  const TokenView *token = view ? view_find_token (view, target->token) : NULL;
  const CertificateView *certificate = token && token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;
  const char *value;

  if (!certificate)
    return;
  if (target->copied == COPY_PEM)
    {
      g_autofree char *pem = certificate_to_pem (certificate->certificate);

      clipboard_set_text (pem);
      return;
    }
  value = get_fact (token, target->copied);
  if (value)
    clipboard_set_text (value);
}

/* ---- items ---- */

/* TEXT, whosever it is, as a label: not too long, and no letter of it a mnemonic. What is cut is the middle: the end of
 * a line tells how long the certificate is valid. */
static char *
make_label (const char *text)
{
  g_autofree char *shown = text_shorten (text, LABEL_MAX_CHARS);
  GString *label = g_string_new (shown);

  g_string_replace (label, "_", "__", 0);
  return g_string_free (label, FALSE);
}

static GtkWidget *
add_item (GtkWidget *menu, const char *label)
{
  GtkWidget *item = gtk_menu_item_new_with_mnemonic (label);

  gtk_menu_shell_append (GTK_MENU_SHELL (menu), item);
  return item;
}

static GtkWidget *
add_submenu (GtkWidget *menu, const char *label)
{
  GtkWidget *submenu = gtk_menu_new ();

  gtk_menu_item_set_submenu (GTK_MENU_ITEM (add_item (menu, label)), submenu);
  return submenu;
}

static void
add_separator (GtkWidget *menu)
{
  gtk_menu_shell_append (GTK_MENU_SHELL (menu), gtk_separator_menu_item_new ());
}

static GtkWidget *
add_target (TrayMenu *menu, GtkWidget *shell, const char *label, GCallback clicked, const Target *target)
{
  GtkWidget *item = add_item (shell, label);
  Target *copy = g_memdup2 (target, sizeof *target);

  copy->menu = menu;
  copy->action = g_strdup (target->action);
  copy->token = g_strdup (target->token);
  g_signal_connect_data (item, "activate", clicked, copy, target_free, 0);
  return item;
}

/* An item that calls ACTION, about TOKEN (may be NULL). */
static GtkWidget *
add_action (TrayMenu *menu, const char *label, const char *action, const char *token)
{
  return add_target (menu, menu->menu, label, G_CALLBACK (on_action_clicked),
                     &(Target){ .action = (char *) action, .token = (char *) token });
}

static void
add_copies (TrayMenu *menu, GtkWidget *shell, const TokenView *token)
{
  Target target = { .token = token->token->id };

  for (target.copied = 0; target.copied < G_N_ELEMENTS (copied_facts); target.copied++)
    if (get_fact (token, target.copied))
      add_target (menu, shell, _ (copied_facts[target.copied]), G_CALLBACK (on_copy_clicked), &target);
  target.copied = COPY_PEM;
  add_target (menu, shell, _ ("Certificate (PEM)"), G_CALLBACK (on_copy_clicked), &target);
}

/* ---- the menu ---- */

/* The rows about what is wrong: one of each kind, the worst first. */
static GPtrArray *
list_findings (const View *view)
{
  GPtrArray *rows = g_ptr_array_new ();

  for (guint i = 0; i < view->findings->len && rows->len < MAX_FINDING_ROWS; i++)
    {
      FindingView *finding = view->findings->pdata[i];
      gboolean said = finding->beside || finding->finding->level == FINDING_INFO;

      for (guint j = 0; j < rows->len; j++)
        said |= strcmp (((FindingView *) rows->pdata[j])->title, finding->title) == 0;
      if (!said)
        g_ptr_array_add (rows, finding);
    }
  return rows;
}

static void
add_findings (TrayMenu *menu)
{
  g_autoptr (GPtrArray) rows = list_findings (menu->view);

  for (guint i = 0; i < rows->len; i++)
    {
      const FindingView *finding = rows->pdata[i];
      const char *token = finding->finding->token;
      /* Translators: before a sentence that says what is wrong */
      g_autofree char *text = g_strdup_printf (_ ("⚠ %s"), finding->title);
      g_autofree char *label = make_label (text);

      add_action (menu, label, token ? "show-token" : "show-window", token);
    }
  if (rows->len > 0 && menu->view->tokens->len > 0)
    add_separator (menu->menu);
}

/* The line about TOKEN: what is known, and how far it has been read. */
static char *
make_token_label (const TokenView *token)
{
  g_autofree char *both = NULL;

  if (token->complete || !token->reading)
    return make_label (token->menu_line);
  if (token->certificates->len == 0)
    return make_label (token->reading);
  /* Translators: a line about a token, and how far it has been read */
  both = g_strdup_printf (_ ("%s · %s"), token->menu_line, token->reading);
  return make_label (both);
}

static void
add_tokens (TrayMenu *menu)
{
  for (guint i = 0; i < menu->view->tokens->len; i++)
    {
      const TokenView *token = menu->view->tokens->pdata[i];
      g_autofree char *label = make_token_label (token);

      add_action (menu, label, "show-token", token->token->id);
    }
}

static guint
count_tokens_with_certificate (const View *view)
{
  guint count = 0;

  for (guint i = 0; i < view->tokens->len; i++)
    count += ((TokenView *) view->tokens->pdata[i])->certificates->len > 0;
  return count;
}

static void
add_copy_menu (TrayMenu *menu)
{
  guint count = count_tokens_with_certificate (menu->view);
  GtkWidget *all;

  if (count == 0)
    return;
  all = add_submenu (menu->menu, _ ("_Copy"));
  for (guint i = 0; i < menu->view->tokens->len; i++)
    {
      const TokenView *token = menu->view->tokens->pdata[i];
      g_autofree char *label = make_label (token->name);

      if (token->certificates->len > 0)
        add_copies (menu, count > 1 ? add_submenu (all, label) : all, token);
    }
}

/* What can be done with the PIN of each token; which token, is said where there is more than one. */
static void
add_pin_actions (TrayMenu *menu)
{
  gboolean one = menu->view->tokens->len == 1;

  for (guint i = 0; i < menu->view->tokens->len; i++)
    {
      const TokenView *token = menu->view->tokens->pdata[i];
      gboolean locked = g_strcmp0 (token->pin_action, "unlock") == 0;
      const char *action = locked ? "unlock-of" : "change-pin-of";
      g_autofree char *text = NULL, *label = NULL;

      if (!token->pin_action)
        continue;
      if (one)
        add_action (menu, locked ? _ ("_Unlock…") : _ ("Change _PIN…"), action, token->token->id);
      else
        {
          /* Translators: the name of a token */
          text = g_strdup_printf (locked ? _ ("Unlock %s…") : _ ("Change PIN of %s…"), token->name);
          label = make_label (text);
          add_action (menu, label, action, token->token->id);
        }
    }
}

static void
build (TrayMenu *menu)
{
  menu->menu = g_object_ref_sink (gtk_menu_new ());
  add_findings (menu);
  add_tokens (menu);
  if (menu->view->tokens->len > 0 || menu->view->findings->len > 0)
    add_separator (menu->menu);
  menu->open = menu->view->tokens->len > 0 ? add_action (menu, _ ("Certificate _details…"), "show-window", NULL)
                                           : add_action (menu, _ ("_Open Certificate Assistant"), "show-window", NULL);
  add_pin_actions (menu);
  add_copy_menu (menu);
  add_separator (menu->menu);
  add_action (menu, _ ("C_heck…"), "check", NULL);
  if (g_action_group_has_action (menu->actions, "preferences"))
    add_action (menu, _ ("_Preferences"), "preferences", NULL);
  add_action (menu, _ ("_About"), "about", NULL);
  add_action (menu, _ ("_Quit"), "quit", NULL);
  gtk_widget_show_all (menu->menu);
}

/* All that the menu says and does, for knowing whether another one is needed. */
static char *
describe (const View *view)
{
  g_autoptr (GPtrArray) rows = list_findings (view);
  GString *recipe = g_string_new (NULL);

  for (guint i = 0; i < rows->len; i++)
    g_string_append_printf (recipe, "%s\n", ((FindingView *) rows->pdata[i])->title);
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];
      const CertificateView *primary = token->certificates->len > 0 ? token->certificates->pdata[0] : NULL;

      g_string_append_printf (recipe, "%s\t%s\t%s\t%s\t%s\n", token->token->id, token->menu_line,
                              token->pin_action ? token->pin_action : "",
                              token->complete || !token->reading ? "" : token->reading,
                              primary ? primary->certificate->sha256 : "");
    }
  return g_string_free (recipe, FALSE);
}

gboolean
tray_menu_update (TrayMenu *menu, View *view)
{
  g_autofree char *recipe = describe (view);
  View *before = menu->view;

  menu->view = view_ref (view);
  if (before)
    view_unref (before);
  if (menu->menu && strcmp (recipe, menu->recipe) == 0)
    return FALSE;
  g_free (menu->recipe);
  menu->recipe = g_steal_pointer (&recipe);
  g_clear_object (&menu->menu);
  build (menu);
  return TRUE;
}

GtkMenu *
tray_menu_get_widget (TrayMenu *menu)
{
  return GTK_MENU (menu->menu);
}

GtkWidget *
tray_menu_get_default (TrayMenu *menu)
{
  return menu->open;
}

TrayMenu *
tray_menu_new (GActionGroup *actions)
{
  TrayMenu *menu = g_new0 (TrayMenu, 1);

  menu->actions = actions;
  return menu;
}

void
tray_menu_free (TrayMenu *menu)
{
  g_clear_object (&menu->menu);
  g_clear_pointer (&menu->view, view_unref);
  g_free (menu->recipe);
  g_free (menu);
}
