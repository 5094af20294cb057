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

static gboolean
is_shown (const TokenView *token, const VerbOptions *options)
{
  return !options->token || g_strcmp0 (options->token, token->token->id) == 0;
}

static gboolean
is_asking (Engine *engine)
{
  const World *world = engine_get_view (engine)->world;

  for (guint i = 0; i < world->answers->len; i++)
    if (((Revocation *) world->answers->pdata[i])->state == REVOCATION_ASKING)
      return TRUE;
  return FALSE;
}

/* Asks the issuers of all certificates that will be shown, and waits for their answers. */
static void
ask_issuers (Engine *engine, const VerbOptions *options)
{
  g_autoptr (View) view = view_ref (engine_get_view (engine));

  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      for (guint j = 0; is_shown (token, options) && j < token->certificates->len; j++)
        {
          const CertificateView *certificate = token->certificates->pdata[j];

          if (certificate->askable)
            engine_ask_revocation (engine, certificate->certificate->sha256);
          while (is_asking (engine))
            g_main_context_iteration (NULL, TRUE);
        }
    }
}

static gboolean
has_revoked (const TokenView *token)
{
  for (guint i = 0; i < token->certificates->len; i++)
    if (((CertificateView *) token->certificates->pdata[i])->revoked)
      return TRUE;
  return FALSE;
}

static int
run (Engine *engine, const VerbOptions *options)
{
  const View *view = verb_settle (engine);
  gboolean revoked = FALSE;
  guint n_shown = 0;

  if (options->revocation)
    {
      ask_issuers (engine, options);
      view = engine_get_view (engine);
    }
  for (guint i = 0; i < view->tokens->len; i++)
    {
      const TokenView *token = view->tokens->pdata[i];

      if (!is_shown (token, options))
        continue;
      print_token (token, options->pem);
      revoked |= has_revoked (token);
      n_shown++;
    }
  if (n_shown > 0)
    return revoked ? MAX (verb_get_exit (view), EXIT_FINDING) : verb_get_exit (view);
  if (options->token && verb_get_exit (view) != EXIT_NO_SERVICE)
    g_printerr (_ ("No token with the ID “%s” is inserted.\n"), options->token);
  else
    g_printerr ("%s\n", view->summary);
  return MAX (verb_get_exit (view), EXIT_FINDING);
}

const Verb show_verb = {
  .name = "show",
  .options = "[--token ID] [--pem] [--revocation]",
  .help = N_ ("Show the certificates in full, or print them as PEM"),
  .takes_pem = TRUE,
  .takes_revocation = TRUE,
  .takes_token = TRUE,
  .run = run,
};
