#include <glib/gi18n.h>

#include "verb.h"

static void
print_certificate (const CertificateView *certificate)
{
  g_print ("%s\n", certificate->title);
  for (guint i = 0; i < certificate->facts->len; i++)
    {
      const Fact *fact = certificate->facts->pdata[i];

      g_print ("  %s: %s\n", fact->name, fact->value);
    }
  g_print ("  %s\n\n", certificate->status);
}

static void
print_token (const TokenView *token, gboolean pem)
{
  if (!pem)
    g_print ("%s\n\n", token->name);
  for (guint i = 0; i < token->certificates->len; i++)
    {
      const CertificateView *certificate = token->certificates->pdata[i];

      if (pem)
        {
          g_autofree char *text = certificate_to_pem (certificate->certificate);

          g_print ("%s", text);
        }
      else
        print_certificate (certificate);
    }
}

static int
run (Engine *engine, const VerbOptions *options)
{
  const View *view = verb_settle (engine);
  guint n_shown = 0;

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (options->token && g_strcmp0 (options->token, token->token->id) != 0)
        continue;
      print_token (token, options->pem);
      n_shown++;
    }
  if (n_shown > 0)
    return verb_get_exit (view);
  if (options->token && verb_get_exit (view) != EXIT_NO_SERVICE)
    g_printerr (_ ("No token with the ID “%s” is inserted.\n"), options->token);
  else
    g_printerr ("%s\n", view->summary);
  return MAX (verb_get_exit (view), EXIT_FINDING);
}

const Verb show_verb = {
  .name = "show",
  .options = "[--token ID] [--pem]",
  .help = N_ ("Show the certificates in full, or print them as PEM"),
  .takes_pem = TRUE,
  .takes_token = TRUE,
  .run = run,
};
