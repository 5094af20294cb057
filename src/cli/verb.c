#include "verb.h"

#include <string.h>

View *
verb_settle (Engine *engine)
{
  engine_start (engine);
  while (!engine_get_view (engine)->settled)
    g_main_context_iteration (NULL, TRUE);
  return engine_get_view (engine);
}

int
verb_get_exit (const View *view)
{
  if (g_strcmp0 (view->service, "running") != 0)
    return EXIT_NO_SERVICE;
  for (guint i = 0; i < view->findings->len; i++)
    if (((FindingView *) view->findings->pdata[i])->finding->level >= FINDING_WARNING)
      return EXIT_FINDING;
  return EXIT_WELL;
}

void
verb_print_findings (const View *view)
{
  for (guint i = 0; i < view->findings->len; i++)
    {
      const FindingView *finding = view->findings->pdata[i];

      g_print ("%s %s\n  %s\n", finding->finding->level > FINDING_INFO ? "!" : "-", finding->title, finding->text);
    }
}
