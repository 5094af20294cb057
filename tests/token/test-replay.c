/* Every transcript under tests/cards/FAMILY is played to the driver FAMILY, and to the one beside it if there is one.
 * What reading must come to is said in the transcript, in lines "= KEY VALUE": the keys are in the table below, an
 * error is "= error token-removed". */
#include <string.h>

#include "replay.h"
#include "token/companion.h"

static const Pin *
get_pin (const Token *token)
{
  return token->pins->len > 0 ? token->pins->pdata[0] : NULL;
}

static char *
number (int value)
{
  return value == PIN_UNKNOWN ? g_strdup ("unknown") : g_strdup_printf ("%d", value);
}

static char *
get_label (const Token *token)
{
  return g_strdup (token->label);
}

static char *
get_serial (const Token *token)
{
  return g_strdup (token->serial);
}

static char *
get_ref (const Token *token)
{
  return g_strdup (get_pin (token)->ref);
}

static char *
get_tries (const Token *token)
{
  return number (get_pin (token)->tries_left);
}

static char *
get_tries_max (const Token *token)
{
  return number (get_pin (token)->tries_max);
}

static char *
get_is_default (const Token *token)
{
  return number (get_pin (token)->is_default);
}

static char *
get_unlock_tries (const Token *token)
{
  return number (get_pin (token)->unlock_tries_left);
}

static char *
get_unlock (const Token *token)
{
  return g_strdup (pin_unlock_to_string (get_pin (token)->unlock));
}

static char *
get_admin_tries (const Token *token)
{
  const Pin *pin = token_find_pin (token, "admin");

  return pin != NULL ? number (pin->tries_left) : NULL;
}

static char *
join (GPtrArray *items, gsize offset)
{
  GString *joined;

  if (items->len == 0)
    return NULL;

  joined = g_string_new (NULL);
  for (guint i = 0; i < items->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? "|" : "", G_STRUCT_MEMBER (const char *, items->pdata[i], offset));
  return g_string_free (joined, FALSE);
}

static char *
get_refs (const Token *token)
{
  return join (token->pins, G_STRUCT_OFFSET (Pin, ref));
}

static char *
get_ids (const Token *token)
{
  return join (token->certificates, G_STRUCT_OFFSET (Certificate, id));
}

static char *
get_holders (const Token *token)
{
  return join (token->certificates, G_STRUCT_OFFSET (Certificate, holder));
}

static char *
get_keys (const Token *token)
{
  return join (token->certificates, G_STRUCT_OFFSET (Certificate, key));
}

static char *
get_roles (const Token *token)
{
  g_autoptr (GString) joined = g_string_new (NULL);

  for (guint i = 0; i < token->certificates->len; i++)
    g_string_append_printf (joined, "%s%s", i > 0 ? "|" : "",
                            certificate_role_to_string (((Certificate *) token->certificates->pdata[i])->role));
  return g_strdup (joined->str);
}

static char *
get_unreadable (const Token *token)
{
  return token->unreadable != NULL ? g_strjoinv ("|", token->unreadable) : NULL;
}

static const struct
{
  const char *key;
  char *(*get) (const Token *token); /* NULL: "none" */
} keys[] = {
  { "label", get_label },
  { "serial", get_serial },
  { "pin", get_ref },
  { "pins", get_refs },
  { "tries", get_tries },
  { "tries-max", get_tries_max },
  { "default", get_is_default },
  { "unlock", get_unlock },
  { "unlock-tries", get_unlock_tries },
  { "admin-tries", get_admin_tries },
  { "certificates", get_ids },
  { "holders", get_holders },
  { "keys", get_keys },
  { "roles", get_roles },
  { "unreadable", get_unreadable },
};

static void
check_expectation (const char *expectation, const Token *token, const GError *error)
{
  g_auto (GStrv) words = g_strsplit (expectation, " ", 2);

  g_assert_nonnull (words[1]);
  if (strcmp (words[0], "error") == 0)
    {
      g_assert_cmpstr (error_to_string (error_get_code (error)), ==, words[1]);
      return;
    }

  g_assert_no_error (error);
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (strcmp (keys[i].key, words[0]) == 0)
      {
        g_autofree char *value = keys[i].get (token);

        g_assert_cmpstr (value != NULL ? value : "none", ==, words[1]);
        return;
      }
  g_error ("no key %s", words[0]);
}

typedef struct
{
  const Driver *driver;
  char *path;
} Case;

static void
case_free (gpointer data)
{
  Case *c = data;

  g_free (c->path);
  g_free (c);
}

static void
test_case (gconstpointer data)
{
  const Case *c = data;
  g_autoptr (Replay) replay = replay_new_from_file (c->path);
  g_autoptr (Channel) channel = replay_open (replay);
  g_autoptr (Token) token = NULL;
  g_autoptr (GError) error = NULL;
  Session session = { .channel = channel };
  GPtrArray *expectations = replay_get_expectations (replay);

  if (c->driver->probe (&session) != PROBE_NO)
    {
      token = c->driver->read (&session, &error);
      if (token != NULL && !companion_read (&session, c->driver, token, &error))
        g_clear_pointer (&token, token_unref);
    }
  else if (!channel_get_loss (channel, &error))
    g_set_error_literal (&error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "probe");

  g_assert_cmpstr (replay_get_deviation (replay), ==, NULL);
  g_assert_cmpuint (expectations->len, >, 0);
  for (guint i = 0; i < expectations->len; i++)
    check_expectation (expectations->pdata[i], token, error);
}

static void
add_family (const char *cards, const Driver *driver)
{
  g_autofree char *folder = g_build_filename (cards, driver->name, NULL);
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".txt"))
      {
        g_autofree char *path = g_strdup_printf ("/replay/%s/%.*s", driver->name, (int) strlen (name) - 4, name);
        Case *c = g_new0 (Case, 1);

        c->driver = driver;
        c->path = g_build_filename (folder, name, NULL);
        g_test_add_data_func_full (path, c, test_case, case_free);
      }
}

int
main (int argc, char **argv)
{
  const char *cards;

  g_test_init (&argc, &argv, NULL);
  cards = g_getenv ("TEST_CARDS");
  g_assert_nonnull (cards);
  for (gsize i = 0; drivers[i] != NULL; i++)
    add_family (cards, drivers[i]);
  return g_test_run ();
}
