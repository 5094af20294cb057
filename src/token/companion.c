#include "companion.h"

#include <string.h>

#include "openpgp.h"
#include "piv-pin.h"
#include "piv-yubico.h"

/* Two families on one token. The first stays its family. */
typedef struct
{
  const char *first, *second; /* names of their drivers */
  const char *prefix;         /* of ids and refs of the second */
  const char *label;          /* before the labels of its PINs */

  /* Whether TOKEN may have both, by what is known of it already. */
  gboolean (*may_have_both) (const Channel *channel, const Token *token);

  /* Whether a program has verified a PIN of the first, which is selected. */
  gboolean (*is_verified) (Session *session);

  /* Whether the second, which is selected, is anybody's although it shows no certificate. */
  gboolean (*has_keys) (Session *session);
} Pair;

/* Its own serial number, in decimal digits, is in both applications; the GUID that stands for it on the oldest ones is
 * not. */
static gboolean
is_yubico (const Channel *channel, const Token *token)
{
  return piv_yubico_find_label (channel) != NULL && token->serial != NULL
         && strspn (token->serial, "0123456789") == strlen (token->serial) && strlen (token->serial) <= 10;
}

static const Pair pairs[] = {
  { "piv", "openpgp", "openpgp-", "OpenPGP", is_yubico, piv_pin_is_verified, openpgp_has_keys },
};

static const Driver *
find_driver (const char *name)
{
  for (gsize i = 0; drivers[i] != NULL; i++)
    if (strcmp (drivers[i]->name, name) == 0)
      return drivers[i];
  return NULL;
}

/* The pair that DRIVER is the first of, with the driver of its *SECOND; or NULL. */
static const Pair *
find_pair (const Driver *driver, const Driver **second)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pairs); i++)
    {
      *second = strcmp (pairs[i].first, driver->name) == 0 ? find_driver (pairs[i].second) : NULL;
      if (*second != NULL)
        return &pairs[i];
    }
  return NULL;
}

/* Reading */

/* Nobody is told of PINs that nobody uses: each such token has them, as they came. */
static gboolean
is_used (const Pair *pair, Session *session, const Token *token)
{
  return token->certificates->len > 0 || token->unreadable != NULL || pair->has_keys (session);
}

static char *
join (const char *before, const char *between, char *name)
{
  char *joined = g_strconcat (before, between, name, NULL);

  g_free (name);
  return joined;
}

/* Everything of OTHER goes to TOKEN, behind what is there. */
static void
move_all (const Pair *pair, Token *other, Token *token)
{
  while (other->certificates->len > 0)
    {
      Certificate *certificate = g_ptr_array_steal_index (other->certificates, 0);

      certificate->id = join (pair->prefix, "", certificate->id);
      g_ptr_array_add (token->certificates, certificate);
    }
  while (other->pins->len > 0)
    {
      Pin *pin = g_ptr_array_steal_index (other->pins, 0);

      pin->ref = join (pair->prefix, "", pin->ref);
      pin->label = pin->label != NULL ? join (pair->label, " ", pin->label) : g_strdup (pair->label);
      g_ptr_array_add (token->pins, pin);
    }
  for (gsize i = 0; other->unreadable != NULL && other->unreadable[i] != NULL; i++)
    {
      g_autofree char *id = g_strconcat (pair->prefix, other->unreadable[i], NULL);

      token_add_unreadable (token, id);
    }
}

/* Its driver reports to nobody: what it has by itself is half of a token, and not the half that is shown. */
static void
read_second (const Pair *pair, const Driver *driver, Session *session, Token *token)
{
  Session own = { .channel = session->channel };
  g_autoptr (Token) other = driver->probe (&own) != PROBE_NO ? driver->read (&own, NULL) : NULL;

  if (other != NULL && g_strcmp0 (other->serial, token->serial) == 0 && is_used (pair, &own, other))
    move_all (pair, other, token);
}

gboolean
companion_read (Session *session, const Driver *driver, Token *token, GError **error)
{
  const Driver *second;
  const Pair *pair = find_pair (driver, &second);
  g_autoptr (GError) failure = NULL;

  if (pair == NULL || !pair->may_have_both (session->channel, token))
    return TRUE;
  if (!session->for_pin && pair->is_verified (session))
    return TRUE;
  read_second (pair, second, session, token);
  if (driver->probe (session) != PROBE_NO)
    return TRUE;

  if (!channel_get_loss (session->channel, &failure))
    g_set_error_literal (&failure, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "the first application does not come back");
  if (!session->for_pin && !channel_is_lost (failure))
    return TRUE; /* what was read of it stands */
  g_propagate_error (error, g_steal_pointer (&failure));
  return FALSE;
}

/* PINs */

static gboolean
fail (Session *session, ErrorCode code, const char *why, GError **error)
{
  if (!channel_get_loss (session->channel, error))
    g_set_error_literal (error, ASSISTANT_ERROR, (int) code, why);
  return FALSE;
}

/* By its own driver, whose application is selected. */
static gboolean
send_pin (Session *session,
          const Driver *owner,
          PinOperation operation,
          const char *ref,
          Secret *const secrets[2],
          Attempt *attempt,
          GError **error)
{
  gboolean change = operation == PIN_OPERATION_CHANGE;

  if ((change ? owner->change_pin : owner->unblock) == NULL)
    return fail (session, ERROR_PIN_IMPOSSIBLE, "not of this family", error);
  return (change ? owner->change_pin : owner->unblock) (session, ref, secrets[0], secrets[1], attempt, error);
}

gboolean
companion_send_pin (Session *session,
                    const Driver *driver,
                    PinOperation operation,
                    const char *ref,
                    Secret *const secrets[2],
                    Attempt *attempt,
                    GError **error)
{
  const Driver *second;
  const Pair *pair = find_pair (driver, &second);
  gboolean answered;

  if (pair == NULL || !g_str_has_prefix (ref, pair->prefix))
    return send_pin (session, driver, operation, ref, secrets, attempt, error);

  answered = second->probe (session) != PROBE_NO
               ? send_pin (session, second, operation, ref + strlen (pair->prefix), secrets, attempt, error)
               : fail (session, ERROR_TOKEN_UNREADABLE, "the second application does not come back", error);
  if (channel_get_n_secrets (session->channel) == 0)
    driver->probe (session);
  return answered;
}
