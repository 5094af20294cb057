/* driver TYPE LIBRARY [own]: a vendor library through token/module, as a worker has it, for tests. The first line of
 * output is about the start; then each line of input is a command, and its answer a line. All answers are JSON.
 *
 *   list
 *   change-pin | unblock PLACE REF FIRST NEW      of the last list; numbers: PLACE counts the tokens; "-" is empty
 *   begin-wait
 *   end-wait MS                                   {"event": false} where there is none in this time
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <json-glib/json-glib.h>

#include "token/module-kind.h"

typedef struct
{
  const ModuleKind *kind;
  Module *module;
  GPtrArray *tokens; /* of the last list */
  JsonBuilder *json;
} Driver;

/* ---- output ---- */

static void
add_text (JsonBuilder *json, const char *name, const char *text)
{
  json_builder_set_member_name (json, name);
  if (text != NULL)
    json_builder_add_string_value (json, text);
  else
    json_builder_add_null_value (json);
}

static void
add_number (JsonBuilder *json, const char *name, gint64 number)
{
  json_builder_set_member_name (json, name);
  json_builder_add_int_value (json, number);
}

static void
add_flag (JsonBuilder *json, const char *name, gboolean flag)
{
  json_builder_set_member_name (json, name);
  json_builder_add_boolean_value (json, flag);
}

static void
print_answer (Driver *driver, const GError *error, gint64 began)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *line = NULL;

  add_text (driver->json, "error", error != NULL ? error_to_string (error_get_code (error)) : NULL);
  add_number (driver->json, "ms", (g_get_monotonic_time () - began) / 1000);
  json_builder_end_object (driver->json);
  root = json_builder_get_root (driver->json);
  json_generator_set_root (generator, root);
  line = json_generator_to_data (generator, NULL);
  puts (line);
  fflush (stdout);
  json_builder_reset (driver->json);
}

static void
add_pin (JsonBuilder *json, const Pin *pin)
{
  json_builder_begin_object (json);
  add_text (json, "ref", pin->ref);
  add_text (json, "label", pin->label);
  add_number (json, "tries_left", pin->tries_left);
  add_flag (json, "blocked", pin->blocked);
  add_flag (json, "few", pin->few);
  add_number (json, "is_default", pin->is_default);
  add_number (json, "min_length", pin->min_length);
  add_number (json, "max_length", pin->max_length);
  add_flag (json, "pinpad", pin->pinpad);
  add_text (json, "unlock", pin_unlock_to_string (pin->unlock));
  add_number (json, "unlock_tries_left", pin->unlock_tries_left);
  json_builder_end_object (json);
}

static void
add_token (JsonBuilder *json, const ModuleToken *token)
{
  json_builder_begin_object (json);
  add_text (json, "place", token->place);
  add_text (json, "label", token->token->label);
  add_text (json, "serial", token->token->serial);
  add_flag (json, "hardware", token->hardware);
  json_builder_set_member_name (json, "pins");
  json_builder_begin_array (json);
  for (guint i = 0; i < token->token->pins->len; i++)
    add_pin (json, token->token->pins->pdata[i]);
  json_builder_end_array (json);
  json_builder_set_member_name (json, "certificates");
  json_builder_begin_array (json);
  for (guint i = 0; i < token->token->certificates->len; i++)
    {
      const Certificate *certificate = token->token->certificates->pdata[i];

      json_builder_begin_object (json);
      add_text (json, "id", certificate->id);
      add_text (json, "role", certificate_role_to_string (certificate->role));
      add_text (json, "holder", certificate->holder);
      add_text (json, "sha256", certificate->sha256);
      json_builder_end_object (json);
    }
  json_builder_end_array (json);
  json_builder_set_member_name (json, "unreadable");
  json_builder_begin_array (json);
  for (guint i = 0; token->token->unreadable != NULL && token->token->unreadable[i] != NULL; i++)
    json_builder_add_string_value (json, token->token->unreadable[i]);
  json_builder_end_array (json);
  json_builder_end_object (json);
}

/* ---- commands ---- */

static void
run_list (Driver *driver, GError **error)
{
  g_auto (ModuleAnswer) answer = { NULL };

  g_clear_pointer (&driver->tokens, g_ptr_array_unref);
  if (!module_list (driver->module, &answer, error))
    return;
  driver->tokens = driver->kind->parse (answer.records);
  add_number (driver->json, "code", (gint64) answer.code);
  add_text (driver->json, "function", answer.function);
  json_builder_set_member_name (driver->json, "tokens");
  json_builder_begin_array (driver->json);
  for (guint i = 0; i < driver->tokens->len; i++)
    add_token (driver->json, driver->tokens->pdata[i]);
  json_builder_end_array (driver->json);
}

static Secret *
make_secret (const char *text)
{
  Secret *secret = secret_new ();

  secret->length = strcmp (text, "-") == 0 ? 0 : strlen (text);
  memcpy (secret->bytes, text, secret->length);
  return secret;
}

/* The address of the PIN that the words of a command name, or NULL. */
static GBytes *
find_address (const Driver *driver, const char *place, const char *ref)
{
  guint i = (guint) atoi (place);
  const ModuleToken *token = driver->tokens != NULL && i < driver->tokens->len ? driver->tokens->pdata[i] : NULL;

  for (guint j = 0; token != NULL && j < token->token->pins->len; j++)
    if (strcmp (((Pin *) token->token->pins->pdata[j])->ref, ref) == 0)
      return token->addresses->pdata[j];
  return NULL;
}

static void
run_pins (Driver *driver, WireKind request, GStrv words, GError **error)
{
  GBytes *address = g_strv_length (words) == 5 ? find_address (driver, words[1], words[2]) : NULL;
  g_autoptr (Secret) first = address != NULL ? make_secret (words[3]) : NULL;
  g_autoptr (Secret) new = address != NULL ? make_secret (words[4]) : NULL;
  Attempt attempt = { .sent = TRUE, .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  g_auto (ModuleAnswer) answer = { NULL };

  if (address == NULL)
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE, "no such PIN");
  if (address == NULL || !module_use_pins (driver->module, request, address, first, new, &answer, error))
    return;
  driver->kind->explain (&answer, &attempt);
  add_number (driver->json, "code", (gint64) answer.code);
  add_text (driver->json, "function", answer.function);
  add_text (driver->json, "failure", error_to_string (attempt.failure));
  add_flag (driver->json, "sent", attempt.sent);
  add_number (driver->json, "status", attempt.status);
  add_number (driver->json, "tries_left", attempt.tries_left);
}

static void
run_end_wait (Driver *driver, int ms, GError **error)
{
  struct pollfd wait = { .fd = module_get_fd (driver->module), .events = POLLIN };
  guint64 code = 0;
  gboolean event = poll (&wait, 1, ms) > 0;

  add_flag (driver->json, "event", event);
  if (event && module_end_wait (driver->module, &code, error))
    add_number (driver->json, "code", (gint64) code);
}

static void
run (Driver *driver, GStrv words)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  json_builder_begin_object (driver->json);
  if (g_strcmp0 (words[0], "list") == 0)
    run_list (driver, &error);
  else if (g_strcmp0 (words[0], "change-pin") == 0)
    run_pins (driver, WIRE_CHANGE_PIN, words, &error);
  else if (g_strcmp0 (words[0], "unblock") == 0)
    run_pins (driver, WIRE_UNBLOCK, words, &error);
  else if (g_strcmp0 (words[0], "begin-wait") == 0)
    g_assert_true (module_begin_wait (driver->module, &error) || error != NULL);
  else if (g_strcmp0 (words[0], "end-wait") == 0)
    run_end_wait (driver, atoi (words[1]), &error);
  print_answer (driver, error, began);
}

static void
start (Driver *driver, char **argv)
{
  gint64 began = g_get_monotonic_time ();
  g_autoptr (GError) error = NULL;

  driver->kind = module_kind_find (argv[1]);
  driver->module = module_start (argv[1], argv[2], argv[3] != NULL, &error);
  json_builder_begin_object (driver->json);
  if (driver->module != NULL)
    add_flag (driver->json, "uses_pcsc", module_uses_pcsc (driver->module));
  print_answer (driver, error, began);
}

int
main (int argc, char **argv)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  Driver driver = { .json = json };
  char line[1024];

  if (argc < 3)
    return 2;
  start (&driver, argv);
  while (driver.module != NULL && fgets (line, sizeof line, stdin) != NULL)
    {
      g_auto (GStrv) words = g_strsplit (g_strchomp (line), " ", -1);

      run (&driver, words);
    }
  g_clear_pointer (&driver.module, module_free);
  g_clear_pointer (&driver.tokens, g_ptr_array_unref);
  return EXIT_SUCCESS;
}
