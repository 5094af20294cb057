/* cert-assistant-cli: what the tray shows, on a terminal or for a program. */

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "engine/settings.h"
#include "verb.h"

static const Verb *const verbs[] = { &list_verb,   &watch_verb,      &check_verb, &show_verb,
                                     &record_verb, &change_pin_verb, &unlock_verb };

static const Verb *
find_verb (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    if (strcmp (verbs[i]->name, name) == 0)
      return verbs[i];
  return NULL;
}

static char *
describe_verbs (void)
{
  GString *text = g_string_new (_ ("Commands:"));

  for (gsize i = 0; i < G_N_ELEMENTS (verbs); i++)
    g_string_append_printf (text, "\n  %-10s %-24s %s", verbs[i]->name, verbs[i]->options, _ (verbs[i]->help));
  return g_string_free (text, FALSE);
}

static GOptionContext *
make_context (VerbOptions *options, gboolean *version)
{
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &options->json, N_ ("Print JSON"), NULL },
    { "pem", 0, 0, G_OPTION_ARG_NONE, &options->pem, N_ ("Print the certificates as PEM"), NULL },
    { "revocation", 0, 0, G_OPTION_ARG_NONE, &options->revocation,
      N_ ("Ask the issuers over the network whether they have revoked them"), NULL },
    { "token", 0, 0, G_OPTION_ARG_STRING, &options->token, N_ ("Only the token with this ID"), N_ ("ID") },
    { "pin", 0, 0, G_OPTION_ARG_STRING, &options->pin, N_ ("Which PIN of the token: user, puk, admin"), N_ ("REF") },
    { "version", 0, 0, G_OPTION_ARG_NONE, version, N_ ("Print the version"), NULL },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (_ ("COMMAND"));
  g_autofree char *commands = describe_verbs ();

  g_option_context_set_summary (context, _ ("Says whose certificates are on the inserted tokens."));
  g_option_context_set_description (context, commands);
  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  return context;
}

/* The verb of the command line, or NULL after saying what is wrong with it. */
static const Verb *
choose_verb (int argc, char **argv, const VerbOptions *options)
{
  const Verb *verb = argc > 1 ? find_verb (argv[1]) : NULL;

  if (argc < 2)
    g_printerr (_ ("A command is missing. Try “%s --help”.\n"), "cert-assistant-cli");
  else if (!verb)
    g_printerr (_ ("“%s” is not a command. Try “%s --help”.\n"), argv[1], "cert-assistant-cli");
  else if (argc > 2)
    g_printerr (_ ("“%s” is one argument too many.\n"), argv[2]);
  else if ((options->json && !verb->takes_json) || (options->pem && !verb->takes_pem)
           || (options->token && !verb->takes_token) || (options->pin && !verb->takes_pin)
           || (options->revocation && !verb->takes_revocation))
    g_printerr (_ ("The command “%s” takes %s only.\n"), verb->name, verb->options);
  else
    return verb;
  return NULL;
}

/* An engine that judges by the rules that the person has chosen for the desktop. (transfer full) */
static Engine *
make_engine (void)
{
  g_autoptr (GSettings) settings = settings_new ();
  Rules rules = settings_get_rules (settings);
  Engine *engine = engine_new ();

  engine_set_rules (engine, &rules);
  return engine;
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) arguments = NULL;
  g_autoptr (GOptionContext) context = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (Engine) engine = NULL;
  VerbOptions options = { 0 };
  gboolean version = FALSE;
  const Verb *verb;
  int status;

  /* A PIN may be typed here: no core file. */
  setrlimit (RLIMIT_CORE, &(struct rlimit){ 0, 0 });
  prctl (PR_SET_DUMPABLE, 0);
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  arguments = g_strdupv (argv);
  context = make_context (&options, &version);
  if (!g_option_context_parse_strv (context, &arguments, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_USAGE;
    }
  if (version)
    {
      g_print ("cert-assistant-cli %s\n", VERSION);
      return EXIT_WELL;
    }
  argc = g_strv_length (arguments);
  verb = choose_verb (argc, arguments, &options);
  if (!verb)
    return EXIT_USAGE;
  engine = make_engine ();
  status = verb->run (engine, &options);
  g_free (options.token);
  g_free (options.pin);
  return status;
}
