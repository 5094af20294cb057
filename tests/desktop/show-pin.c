/* show-pin SCENE: the dialog for a PIN with made-up views instead of a token. Every line on standard input is the next
 * scene; one that begins with "+" gets a dialog of its own. Prints the scene when it is on the screen, and what the
 * dialog says: "submitted 6 8" (the lengths), "link-wanted", "page-wanted", "response close". */

#include <gio/gunixinputstream.h>
#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "desktop/pin-dialog.h"
#include "desktop/pin-field.h"
#include "drawn.h"
#include "ui-resources.h"

typedef struct
{
  const char *english, *chinese;
} Words;

typedef enum
{
  AFTER_NOTHING,
  AFTER_TYPING,
  AFTER_LOOKING,
  AFTER_SUBMITTING,
  AFTER_BEGINNING, /* at the keypad */
  AFTER_RESULT
} After;

typedef struct
{
  const char *name;
  PinOffer offer;
  const char *fingerprint;
  Words title, tries, explanation, secret, obstacle, confirm;
  FindingLevel level;
  gboolean link, issuer, pad;
  After after;
  const char *typed[3];
  PinResult result;
  Words sentence;
} Scene;

#define CHANGE .title = { "Change PIN", "修改证书密码" }, .secret = { "Current PIN", "当前密码" }
#define UNLOCK                                                                                                         \
  .offer = PIN_OFFER_UNLOCK, .title = { "Unlock PIN", "解锁证书密码" }, .secret = { "PUK", "解锁码（PUK）" }
#define DECIDE .offer = PIN_OFFER_DECIDE, .title = { "The PIN is locked", "证书密码已锁死" }
#define TRIES(n)                                                                                                       \
  {                                                                                                                    \
    n " of 10 tries left before this token locks.", "还可尝试 " n " 次（共 10 次），用完后介质将锁死。" \
  }

static const Scene scenes[] = {
  { "change", CHANGE, .tries = TRIES ("8"), .link = TRUE },
  { "change-less", CHANGE, .tries = TRIES ("7"), .link = TRUE },
  { "change-default", CHANGE, .tries = TRIES ("10"),
    .explanation = { "This is still the initial PIN. Whoever finds the token can use it.",
                     "仍在使用初始密码，任何拾到介质的人都能使用它。" } },
  { "change-two-tries", CHANGE, .tries = TRIES ("2"), .level = FINDING_WARNING, .link = TRUE },
  { "typing", CHANGE, .tries = TRIES ("8"), .after = AFTER_TYPING, .typed = { "123456", "97531", "" } },
  { "ready", CHANGE, .tries = TRIES ("8"), .after = AFTER_TYPING, .typed = { "123456", "97531864", "97531864" } },
  { "shown", CHANGE, .tries = TRIES ("8"), .after = AFTER_LOOKING,
    .typed = { "123456", "WWiiWW@%", "\303\244 \345\257\206x" } },
  { "last-try", CHANGE,
    .tries = { "This is the last try. If it is wrong, the PIN is locked.", "这是最后一次机会，再输错密码将锁死。" },
    .level = FINDING_CRITICAL,
    .confirm = { "Type 1 if you are sure of the current PIN and want to use the last try:",
                 "如果确定当前密码无误并要使用最后一次机会，请输入 1：" } },
  { "unlock", UNLOCK, .tries = { "3 of 3 tries left for the PUK.", "PUK 还可尝试 3 次（共 3 次）。" },
    .explanation = { "The PIN is locked. Your certificates and keys are not lost.",
                     "密码已锁死，证书和密钥没有丢失。" } },
  { "blocked-no-puk", DECIDE, .tries = { "Locked: no tries left", "已锁死：没有剩余次数" }, .level = FINDING_CRITICAL,
    .explanation = { "Only the issuer can unlock this token. Your certificate and its keys are not lost: nothing was erased. "
                     "Open the issuer’s page, or call and have the serial number of the token ready.",
                     "只有发证机构才能解锁此介质。证书和密钥没有丢失，也没有被清除。"
                     "请打开发证机构的解锁页面，或拨打热线并准备好介质序列号。" },
    .issuer = TRUE },
  { "blocked-puk", DECIDE,
    .tries = { "Locked: no tries left, neither for the PIN nor for the PUK", "已锁死：密码和 PUK 均没有剩余次数" },
    .level = FINDING_CRITICAL,
    .explanation = { "Nobody can unlock this token any more. Ask the issuer for a new one.",
                     "任何人都无法再解锁此介质，请向发证机构申请新的介质。" } },
  { "pulled", CHANGE, .tries = TRIES ("8"),
    .obstacle = { "The token was pulled. Insert it again to go on.", "介质已被拔出，请重新插入后继续。" } },
  { "other-token", CHANGE, .tries = TRIES ("8"),
    .obstacle = { "A different token is inserted. Nothing was sent, no try was used.",
                  "插入的是另一个介质。没有发送任何内容，也没有消耗次数。" } },
  { "pad", CHANGE, .tries = TRIES ("8"), .pad = TRUE },
  { "pad-last-try", CHANGE, .pad = TRUE,
    .tries = { "This is the last try. If it is wrong, the PIN is locked.", "这是最后一次机会，再输错密码将锁死。" },
    .level = FINDING_CRITICAL,
    .confirm = { "Type 1 if you are sure of the current PIN and want to use the last try:",
                 "如果确定当前密码无误并要使用最后一次机会，请输入 1：" } },
  { "pad-busy", CHANGE, .tries = TRIES ("8"), .pad = TRUE, .after = AFTER_BEGINNING },
  { "pad-timeout", CHANGE, .tries = TRIES ("8"), .pad = TRUE, .after = AFTER_RESULT, .result = PIN_RESULT_NOT_DONE,
    .sentence = { "Not sent: no try was used. The time for typing at the reader's keypad ran out.",
                  "没有发送，没有消耗次数。在读卡器键盘上输入超时。" } },
  { "same-kind", CHANGE, .fingerprint = "fedcba9876543210", .tries = TRIES ("8") },
  { "busy", CHANGE, .tries = TRIES ("8"), .link = TRUE, .after = AFTER_SUBMITTING,
    .typed = { "123456", "97531864", "97531864" } },
  { "wrong", CHANGE, .tries = TRIES ("7"), .link = TRUE, .after = AFTER_RESULT, .result = PIN_RESULT_WRONG,
    .sentence = { "The current PIN was wrong. 7 of 10 tries are left. The PIN was not changed.",
                  "当前密码不正确，还可尝试 7 次（共 10 次）。密码没有修改。" } },
  { "refused", CHANGE, .tries = TRIES ("10"), .after = AFTER_RESULT, .result = PIN_RESULT_REFUSED,
    .sentence = { "The token does not accept this new PIN. The current PIN was right and still holds.",
                  "介质不接受这个新密码。当前密码正确，仍然有效。" } },
  { "not-done", CHANGE, .tries = TRIES ("8"), .after = AFTER_RESULT, .result = PIN_RESULT_NOT_DONE,
    .sentence = { "Another program has the token for itself. Nothing was sent, no try was used.",
                  "另一个程序正在独占使用介质。没有发送任何内容，也没有消耗次数。" } },
  { "done", CHANGE, .tries = TRIES ("10"), .after = AFTER_RESULT, .result = PIN_RESULT_DONE,
    .sentence = { "The PIN has been changed. The new one holds from now on.", "密码已修改，今后请使用新密码。" } },
};

typedef struct
{
  GMainLoop *loop;
  GDataInputStream *input;
  GtkWidget *dialog;
} Show;

static const char *
choose (const Words *words)
{
  return strncmp (g_get_language_names ()[0], "zh", 2) == 0 ? words->chinese : words->english;
}

static PinRules *
make_rules (void)
{
  g_autoptr (Pin) pin = pin_new ("user");

  pin->min_length = 6;
  pin->max_length = 8;
  pin->charset = PIN_CHARSET_DIGITS;
  return pin_rules_new (pin, NULL, NULL);
}

static PinView *
make_view (const Scene *scene)
{
  static const Words token = { "Beijing Example Trading Co., Ltd. · 4821", "北京示例商贸有限公司 · 4821" };
  static const Words hotline = { "Hotline: 010-5555 0100", "服务热线：010-5555 0100" };
  static const Words steps = {
    "1. Type the current PIN and press OK.\n2. Type the new PIN (6 to 8 digits) and press OK.\n"
    "3. Type the new PIN again and press OK.",
    "1. 输入当前密码，然后按确认键。\n2. 输入新密码（6 至 8 位数字），然后按确认键。\n"
    "3. 再次输入新密码，然后按确认键。"
  };
  PinView *view = g_new0 (PinView, 1);

  g_ref_count_init (&view->refs);
  view->offer = scene->offer;
  view->task.ref = g_strdup ("user");
  view->task.fingerprint = g_strdup (scene->fingerprint ? scene->fingerprint : "0123456789abcdef");
  view->title = g_strdup (choose (&scene->title));
  view->token = g_strdup (choose (&token));
  view->tries = g_strdup (choose (&scene->tries));
  view->level = scene->level;
  view->explanation = g_strdup (choose (&scene->explanation));
  view->pad = scene->pad;
  view->secret_label = scene->pad ? NULL : g_strdup (choose (&scene->secret));
  view->steps = scene->pad ? g_strsplit (choose (&steps), "\n", -1) : NULL;
  view->obstacle = g_strdup (choose (&scene->obstacle));
  view->confirmation = g_strdup (scene->confirm.english ? "1" : NULL);
  view->confirm_text = g_strdup (choose (&scene->confirm));
  view->rules = make_rules ();
  view->page_url = g_strdup (scene->issuer ? "https://www.example.com/unlock" : NULL);
  view->hotline = g_strdup (scene->issuer ? choose (&hotline) : NULL);
  view->link = scene->link ? g_strdup (_ ("_Forgot the PIN? Unlock it with the PUK…")) : NULL;
  return view;
}

/* From the bottom to the top: so a grid has them. */
static void
find_fields (GtkWidget *widget, gpointer fields)
{
  if (ASSISTANT_IS_PIN_FIELD (widget))
    g_ptr_array_insert (fields, 0, widget);
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_foreach (GTK_CONTAINER (widget), find_fields, fields);
}

static void
press_eye (GtkWidget *widget, gpointer data G_GNUC_UNUSED)
{
  if (GTK_IS_TOGGLE_BUTTON (widget))
    gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (widget), TRUE);
}

static void
type (Show *show, const Scene *scene)
{
  g_autoptr (GPtrArray) fields = g_ptr_array_new ();

  find_fields (show->dialog, fields);
  for (guint i = 0; i < fields->len; i++)
    {
      gtk_entry_set_text (GTK_ENTRY (pin_field_get_entry (fields->pdata[i])), scene->typed[i]);
      if (scene->after == AFTER_LOOKING)
        gtk_container_forall (fields->pdata[i], press_eye, NULL);
    }
  if (scene->after == AFTER_SUBMITTING)
    g_signal_emit_by_name (pin_field_get_entry (fields->pdata[0]), "activate");
}

static void
on_submitted (PinDialog *dialog)
{
  g_print ("submitted %zu %zu\n", pin_dialog_get_secret (dialog).length, pin_dialog_get_new_pin (dialog).length);
}

static void
on_wanted (GtkWidget *dialog G_GNUC_UNUSED, gpointer what)
{
  g_print ("%s\n", (const char *) what);
}

static void
on_response (GtkWidget *dialog, int response, gpointer data)
{
  Show *show = data;

  g_print ("response %s\n", response == GTK_RESPONSE_CANCEL  ? "cancel"
                            : response == GTK_RESPONSE_CLOSE ? "close"
                                                             : "unknown");
  gtk_widget_destroy (dialog);
  show->dialog = NULL;
  g_main_loop_quit (show->loop);
}

static void
make_dialog (Show *show)
{
  show->dialog = GTK_WIDGET (pin_dialog_new (NULL));
  g_signal_connect (show->dialog, "submitted", G_CALLBACK (on_submitted), NULL);
  g_signal_connect (show->dialog, "link-wanted", G_CALLBACK (on_wanted), (gpointer) "link-wanted");
  g_signal_connect (show->dialog, "page-wanted", G_CALLBACK (on_wanted), (gpointer) "page-wanted");
  g_signal_connect (show->dialog, "response", G_CALLBACK (on_response), show);
}

static gboolean
show_scene (Show *show, const char *name)
{
  const Scene *scene = NULL;
  g_autoptr (PinView) view = NULL;

  if (*name == '+')
    {
      name++;
      g_clear_pointer (&show->dialog, gtk_widget_destroy);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (scenes); i++)
    if (strcmp (scenes[i].name, name) == 0)
      scene = &scenes[i];
  if (!scene)
    return FALSE;
  if (!show->dialog)
    make_dialog (show);
  view = make_view (scene);
  pin_dialog_show_view (ASSISTANT_PIN_DIALOG (show->dialog), view);
  if (scene->typed[0])
    type (show, scene);
  if (scene->after == AFTER_RESULT)
    pin_dialog_show_result (ASSISTANT_PIN_DIALOG (show->dialog), scene->result, choose (&scene->sentence));
  gtk_window_present (GTK_WINDOW (show->dialog));
  if (scene->after == AFTER_BEGINNING)
    gtk_window_activate_focus (GTK_WINDOW (show->dialog));
  return TRUE;
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer data)
{
  Show *show = data;
  g_autofree char *line = g_data_input_stream_read_line_finish_utf8 (G_DATA_INPUT_STREAM (source), result, NULL, NULL);

  if (!line)
    return;
  if (show_scene (show, line))
    drawn_print (show->dialog, line);
  else
    g_printerr ("no scene %s\n", line);
  g_data_input_stream_read_line_async (show->input, G_PRIORITY_DEFAULT, NULL, on_line, show);
}

static gboolean
on_signal (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_CONTINUE;
}

static void
load_look (void)
{
  g_autoptr (GtkCssProvider) style = gtk_css_provider_new ();

  ui_register_resource ();
  gtk_css_provider_load_from_resource (style, "/org/certassistant/CertAssistant/ui/style.css");
  gtk_style_context_add_provider_for_screen (gdk_screen_get_default (), GTK_STYLE_PROVIDER (style),
                                             GTK_STYLE_PROVIDER_PRIORITY_APPLICATION);
}

int
main (int argc, char **argv)
{
  g_autoptr (GInputStream) standard_input = g_unix_input_stream_new (0, FALSE);
  g_autoptr (GDataInputStream) input = g_data_input_stream_new (standard_input);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  const char *localedir = g_getenv ("SHOW_VIEW_LOCALEDIR");
  Show show = { .loop = loop, .input = input };

  g_setenv ("GDK_GL", "disable", FALSE);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, localedir ? localedir : LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  gtk_init (NULL, NULL);
  load_look ();
  if (argc < 2 || !show_scene (&show, argv[1]))
    return 2;
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line, &show);
  g_main_loop_run (loop);
  g_clear_pointer (&show.dialog, gtk_widget_destroy);
  return 0;
}
