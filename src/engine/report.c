#include "report.h"

#include "jsonwriter.h"

#define VERSION_OF_CONTRACT 1

/* A number that may be unknown. */
static void
add_count (JsonBuilder *json, const char *name, int value)
{
  if (value != PIN_UNKNOWN)
    jsonwriter_add_number (json, name, value);
}

/* RFC 3339 in UTC. */
static void
add_time (JsonBuilder *json, const char *name, gint64 time)
{
  g_autoptr (GDateTime) utc = time == CERTIFICATE_TIME_UNKNOWN ? NULL : g_date_time_new_from_unix_utc (time);
  g_autofree char *text = utc ? g_date_time_format (utc, "%Y-%m-%dT%H:%M:%SZ") : NULL;

  jsonwriter_add_text (json, name, text);
}

static void
add_reader (JsonBuilder *json, gconstpointer item)
{
  const ReaderView *reader = item;

  jsonwriter_add_text (json, "name", reader->name);
  jsonwriter_add_text (json, "state", reader->state);
  jsonwriter_add_truth (json, "in_use_by_others", reader->in_use);
}

static void
add_pin (JsonBuilder *json, gconstpointer item)
{
  const Pin *pin = item;

  jsonwriter_add_text (json, "ref", pin->ref);
  jsonwriter_add_text (json, "label", pin->label);
  add_count (json, "tries_left", pin->tries_left);
  add_count (json, "tries_max", pin->tries_max);
  jsonwriter_add_truth (json, "blocked", pin->blocked);
  if (pin->is_default != PIN_UNKNOWN)
    jsonwriter_add_truth (json, "is_default", pin->is_default);
  add_count (json, "min_length", pin->min_length);
  add_count (json, "max_length", pin->max_length);
  jsonwriter_add_text (json, "charset", pin_charset_to_string (pin->charset));
  jsonwriter_add_truth (json, "pinpad", pin->pinpad);
  jsonwriter_add_text (json, "unlock", pin_unlock_to_string (pin->unlock));
  add_count (json, "unlock_tries_left", pin->unlock_tries_left);
}

static void
add_identity (JsonBuilder *json, gconstpointer item)
{
  const Identity *identity = item;

  jsonwriter_add_text (json, "kind", identity_kind_to_string (identity->kind));
  jsonwriter_add_text (json, "value", identity->value);
  jsonwriter_add_text (json, "check", identity_check_to_string (identity->check));
}

static void
add_certificate (JsonBuilder *json, gconstpointer item)
{
  const CertificateView *view = item;
  const Certificate *certificate = view->certificate;

  jsonwriter_add_text (json, "id", certificate->id);
  jsonwriter_add_text (json, "role", certificate_role_to_string (certificate->role));
  jsonwriter_add_truth (json, "primary", view->primary);
  jsonwriter_add_text (json, "holder", certificate->holder);
  jsonwriter_add_text (json, "organization", certificate->organization);
  jsonwriter_add_text (json, "issuer", certificate->issuer);
  jsonwriter_add_text (json, "subject", certificate->subject);
  jsonwriter_add_text (json, "serial", certificate->serial);
  add_time (json, "not_before", certificate->not_before);
  add_time (json, "not_after", certificate->not_after);
  if (view->validity != VALIDITY_UNKNOWN)
    jsonwriter_add_number (json, "days_left", view->days_left);
  jsonwriter_add_text (json, "validity", validity_to_string (view->validity));
  jsonwriter_add_text (json, "key", certificate->key);
  jsonwriter_add_text (json, "sha256", certificate->sha256);
  jsonwriter_add_array (json, "identity", certificate->identities, add_identity);
  jsonwriter_add_text (json, "chain", certificate_chain_to_string (certificate->chain));
}

static void
add_token (JsonBuilder *json, gconstpointer item)
{
  const TokenView *view = item;

  jsonwriter_add_text (json, "id", view->token->id);
  jsonwriter_add_text (json, "reader", view->reader);
  jsonwriter_add_text (json, "family", token_family_to_string (view->token->family));
  jsonwriter_add_text (json, "label", view->token->label);
  jsonwriter_add_text (json, "serial", view->token->serial);
  jsonwriter_add_array (json, "pins", view->token->pins, add_pin);
  jsonwriter_add_array (json, "certificates", view->certificates, add_certificate);
}

/* The contract knows no word for changing a PIN: the page with the details has the button. */
static const char *
get_action (const FindingView *view)
{
  return g_str_equal (view->action, "change-pin") ? "details" : view->action;
}

static void
add_finding (JsonBuilder *json, gconstpointer item)
{
  const FindingView *view = item;

  jsonwriter_add_text (json, "id", view->finding->id);
  jsonwriter_add_text (json, "kind", finding_kind_to_string (view->finding->kind));
  jsonwriter_add_text (json, "level", finding_level_to_string (view->finding->level));
  jsonwriter_add_text (json, "token", view->finding->token);
  jsonwriter_add_text (json, "title", view->title);
  jsonwriter_add_text (json, "text", view->text);
  jsonwriter_add_text (json, "action", get_action (view));
}

JsonNode *
report_build (const View *view)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (GPtrArray) whole = g_ptr_array_new ();

  for (guint i = 0; i < view->tokens->len; i++)
    if (((TokenView *) view->tokens->pdata[i])->complete)
      g_ptr_array_add (whole, view->tokens->pdata[i]);
  json_builder_begin_object (json);
  jsonwriter_add_number (json, "version", VERSION_OF_CONTRACT);
  jsonwriter_add_text (json, "service", view->service);
  jsonwriter_add_array (json, "readers", view->readers, add_reader);
  jsonwriter_add_array (json, "tokens", whole, add_token);
  jsonwriter_add_array (json, "findings", view->findings, add_finding);
  json_builder_end_object (json);
  return json_builder_get_root (json);
}

char *
report_to_json (const View *view, gboolean pretty)
{
  g_autoptr (JsonNode) root = report_build (view);

  return json_to_string (root, pretty);
}

static void
add_row (JsonBuilder *json, gconstpointer item)
{
  const DiagnosisRow *row = item;
  g_autofree char *remedy = diagnosis_describe_remedy (row);

  jsonwriter_add_text (json, "layer", row->layer);
  jsonwriter_add_text (json, "state", diagnosis_state_to_string (row->state));
  jsonwriter_add_text (json, "text", row->text);
  jsonwriter_add_text (json, "remedy", remedy);
}

char *
report_diagnosis_to_json (const Diagnosis *diagnosis)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (json);
  jsonwriter_add_number (json, "version", VERSION_OF_CONTRACT);
  jsonwriter_add_array (json, "rows", diagnosis->rows, add_row);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  return json_to_string (root, TRUE);
}
