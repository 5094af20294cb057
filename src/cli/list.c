#include <glib/gi18n.h>

#include "engine/report.h"
#include "verb.h"

static void
print_row (const char *name, const char *value)
{
  if (value)
    g_print ("  %s: %s\n", name, value);
}

static void
print_token (const TokenView *token)
{
  g_print ("%s\n", token->headline);
  print_row (_ ("Certificate"), token->lifetime);
  for (guint i = 0; i < token->pins->len; i++)
    print_row (((PinRow *) token->pins->pdata[i])->name, ((PinRow *) token->pins->pdata[i])->status);
  for (guint i = 0; i < token->facts->len; i++)
    print_row (((Fact *) token->facts->pdata[i])->name, ((Fact *) token->facts->pdata[i])->value);
  print_row (_ ("Token ID"), token->token->id);
  g_print ("\n");
}

static int
run (Engine *engine, const VerbOptions *options)
{
  const View *view = verb_settle (engine);

  if (options->json)
    {
      g_autofree char *json = report_to_json (view, TRUE);

      g_print ("%s\n", json);
      return verb_get_exit (view);
    }
  for (guint i = 0; i < view->tokens->len; i++)
    print_token (view->tokens->pdata[i]);
  if (view->tokens->len == 0 && view->findings->len == 0)
    g_print ("%s\n", view->summary);
  verb_print_findings (view);
  return verb_get_exit (view);
}

const Verb list_verb = {
  .name = "list",
  .options = "[--json]",
  .help = N_ ("Say which tokens are inserted, whose they are and for how long they are valid"),
  .takes_json = TRUE,
  .run = run,
};
