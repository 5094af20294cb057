/* The mode `read READER`: one insertion, one process. Opens the token, finds its driver, sends what it knows as it goes
 * and in the end the whole token or the reason why there is none. */

#include <stdlib.h>

#include "chain.h"
#include "companion.h"
#include "read.h"
#include "worker.h"

void
read_report_step (PcscStep step)
{
  static const FrameStage stages[] = {
    [PCSC_STEP_SERVICE] = FRAME_STAGE_SERVICE,
    [PCSC_STEP_CONNECT] = FRAME_STAGE_CONNECT,
    [PCSC_STEP_OPEN] = FRAME_STAGE_READ,
  };

  if (step == PCSC_STEP_FREE || step == PCSC_STEP_IN_USE)
    worker_send (FRAME_IN_USE, g_variant_new_boolean (step == PCSC_STEP_IN_USE));
  else
    worker_send (FRAME_STAGE, g_variant_new_uint32 (stages[step]));
}

static void
report_partial (Session *session G_GNUC_UNUSED, const Token *token)
{
  worker_send (FRAME_PARTIAL, token_to_variant (token));
}

static gboolean
is_likely (const Driver *driver, const Channel *channel)
{
  gsize length;
  const guint8 *historical = channel_get_historical_bytes (channel, &length);

  return driver->is_likely && historical && driver->is_likely (historical, length);
}

/* The drivers in the order in which they are asked. (transfer container) */
static GPtrArray *
list_drivers (const Channel *channel)
{
  GPtrArray *all = g_ptr_array_new ();
  guint n_likely = 0;

  for (gsize i = 0; drivers[i]; i++)
    g_ptr_array_insert (all, is_likely (drivers[i], channel) ? (int) n_likely++ : -1, (gpointer) drivers[i]);
  return all;
}

/* The first driver that is sure, otherwise the first that thinks it possible. */
static const Driver *
find_driver (Session *session)
{
  g_autoptr (GPtrArray) all = list_drivers (session->channel);
  const Driver *possible = NULL, *selected = NULL;

  for (guint i = 0; i < all->len; i++)
    {
      Probe probe;

      selected = all->pdata[i];
      probe = selected->probe (session);
      if (probe == PROBE_SURE)
        return selected;
      if (probe == PROBE_MAYBE && !possible)
        possible = selected;
    }
  /* A later driver has selected its own application since. */
  if (possible && possible != selected && possible->probe (session) == PROBE_NO)
    return NULL;
  return possible;
}

Token *
read_session (Session *session, const Driver **driver, GError **error)
{
  g_autoptr (Token) token = NULL;

  *driver = find_driver (session);
  if (!*driver)
    {
      channel_get_loss (session->channel, error);
      if (error && !*error)
        g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "no driver");
      return NULL;
    }
  token = (*driver)->read (session, error);
  if (!token || !companion_read (session, *driver, token, error))
    return NULL;
  token_set_identity (token);
  token->complete = TRUE;
  return g_steal_pointer (&token);
}

Token *
read_token (const char *reader, void (*report) (Session *session, const Token *token), GError **error)
{
  g_autoptr (PcscGuard) guard = pcsc_guard_open (reader, read_report_step, error);
  const Driver *driver;

  if (!guard)
    return NULL;
  return read_session (&(Session){ .channel = pcsc_guard_get_channel (guard), .report = report }, &driver, error);
}

void
read_send_outcome (Token *token, const GError *error)
{
  if (token)
    {
      chain_fill_from_system (token);
      worker_send (FRAME_TOKEN, token_to_variant (token));
    }
  else
    worker_send (FRAME_FAILURE, g_variant_new_uint32 (error_get_code (error)));
}

int
read_run (char **arguments)
{
  g_autoptr (Token) token = NULL;
  g_autoptr (GError) error = NULL;

  if (!arguments[0] || arguments[1])
    return 2;
  token = read_token (arguments[0], report_partial, &error);
  read_send_outcome (token, error);
  return EXIT_SUCCESS;
}
