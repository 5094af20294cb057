/* The mode `module TYPE LIBRARY any|own hardware|software keep|once`: lives on with one vendor library, tells the
 * engine what it shows, and again whenever that changes; with `once`, or where it is better not kept, it ends after
 * that.
 *
 * A library that can wait for tokens is asked to. Where it cannot, it is asked again when the engine says FRAME_GO:
 * something was plugged in or pulled. */

#include "module-mode.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chain.h"
#include "model/module.h"
#include "worker.h"

/* A library whose wait ends sooner than this again and again cannot wait: after ten times where it says each time that
 * something has happened, after two where it does not. */
#define SHORTEST_WAIT_US G_USEC_PER_SEC
#define PATIENCE         10
#define WEIGHT_OF_ERROR  5

/* So long after something has happened the library is asked once more: a token may be slow to appear, and what comes
 * while nobody waits is not told. */
#define SETTLING_MS 1000

gboolean
module_mode_parse (ModuleOrder *order, char **arguments)
{
  if (g_strv_length (arguments) < 4)
    return FALSE;
  order->kind = module_kind_find (arguments[0]);
  order->library = arguments[1];
  order->own = strcmp (arguments[2], "own") == 0;
  order->software = strcmp (arguments[3], "software") == 0;
  return order->kind != NULL;
}

GPtrArray *
module_mode_read (const ModuleOrder *order, Module *module, gboolean *any_hardware, GError **error)
{
  g_auto (ModuleAnswer) answer = { NULL };
  g_autoptr (GPtrArray) tokens = NULL;

  if (!module_list (module, &answer, error))
    return NULL;
  tokens = order->kind->parse (answer.records);
  *any_hardware = tokens->len == 0;
  for (guint i = tokens->len; i-- > 0;)
    {
      ModuleToken *token = tokens->pdata[i];

      *any_hardware |= token->hardware;
      if (!token->hardware && !order->software)
        {
          g_ptr_array_remove_index (tokens, i);
          continue;
        }
      token_set_identity (token->token);
      token->token->complete = TRUE;
      chain_fill_from_system (token->token);
    }
  return g_steal_pointer (&tokens);
}

/* Tells the engine; FALSE when it is not worth keeping the library. */
static gboolean
report (const ModuleOrder *order, Module *module, GError **error)
{
  g_autoptr (ModuleReport) told = module_report_new ();
  g_autoptr (GPtrArray) tokens = NULL;
  gboolean any_hardware = TRUE;

  worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_READ));
  tokens = module_mode_read (order, module, &any_hardware, error);
  if (!tokens)
    return FALSE;
  told->only_software = !any_hardware && !order->software;
  for (guint i = 0; i < tokens->len; i++)
    {
      const ModuleToken *token = tokens->pdata[i];

      module_report_add (told, token->place, token_ref (token->token));
    }
  worker_send (FRAME_MODULE, module_report_to_variant (told));
  return !told->only_software;
}

/* ---- waiting ---- */

/* Sleeps until FD can be read; what the engine says meanwhile it has said to no purpose. Ends the process when the
 * engine has gone. */
static void
wait_for (int fd)
{
  struct pollfd waits[] = { { .fd = fd, .events = POLLIN }, { .fd = WORKER_SOCKET, .events = POLLIN } };

  while (waits[0].revents == 0)
    {
      waits[1].revents = 0;
      if (poll (waits, G_N_ELEMENTS (waits), -1) < 0 && errno != EINTR)
        _exit (EXIT_FAILURE);
      if (waits[1].revents != 0)
        worker_receive_header (FRAME_GO, 0);
    }
}

/* Whether the engine says within TIMEOUT_MS that something was plugged in or pulled; once is as good as often. */
static gboolean
take_go (int timeout_ms)
{
  struct pollfd engine = { .fd = WORKER_SOCKET, .events = POLLIN };
  gboolean came = FALSE;

  while (poll (&engine, 1, came ? 0 : timeout_ms) > 0)
    {
      worker_receive_header (FRAME_GO, 0);
      came = TRUE;
    }
  return came;
}

/* Tells the engine, now and a moment later. */
static gboolean
report_twice (const ModuleOrder *order, Module *module, GError **error)
{
  if (!report (order, module, error))
    return FALSE;
  take_go (SETTLING_MS);
  return report (order, module, error);
}

/* Waits for the library's word, CODE. FALSE with ERROR when it is of no use any more. */
static gboolean
wait_by_library (Module *module, guint64 *code, GError **error)
{
  if (!module_begin_wait (module, error))
    return FALSE;
  wait_for (module_get_fd (module));
  return module_end_wait (module, code, error);
}

/* Lives on with the library, until something fails or it is of no more use. */
static void
follow (const ModuleOrder *order, Module *module, GError **error)
{
  guint n_short = 0;

  while (n_short < PATIENCE)
    {
      gint64 begun = g_get_monotonic_time (), length;
      guint64 code;

      if (take_go (0)) /* while it was asked: its wait may not tell of that */
        {
          if (!report_twice (order, module, error))
            return;
          continue;
        }
      if (!wait_by_library (module, &code, error))
        return;
      length = g_get_monotonic_time () - begun;
      if (code == 0 && !report_twice (order, module, error))
        return;
      n_short = length >= SHORTEST_WAIT_US ? 0 : n_short + (code == 0 ? 1 : WEIGHT_OF_ERROR);
    }
  do
    worker_receive_header (FRAME_GO, 0);
  while (report_twice (order, module, error));
}

/* ---- the mode ---- */

static void
run (const ModuleOrder *order, gboolean once, GError **error)
{
  g_autoptr (Module) module = module_start (order->kind->type, order->library, order->own, error);
  g_autoptr (ModuleReport) told = NULL;

  if (!module)
    return;
  if (module_uses_pcsc (module) && !once)
    {
      told = module_report_new ();
      told->uses_pcsc = TRUE;
      worker_send (FRAME_MODULE, module_report_to_variant (told));
    }
  else if (report (order, module, error) && !once)
    follow (order, module, error);
}

int
module_mode_run (char **arguments)
{
  g_autoptr (GError) error = NULL;
  ModuleOrder order;

  if (!module_mode_parse (&order, arguments) || !arguments[4])
    return 2;
  worker_send (FRAME_STAGE, g_variant_new_uint32 (FRAME_STAGE_READ));
  run (&order, strcmp (arguments[4], "once") == 0, &error);
  if (error)
    worker_send (FRAME_FAILURE, g_variant_new_uint32 (error_get_code (error)));
  return EXIT_SUCCESS;
}
