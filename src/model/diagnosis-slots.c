#include "diagnosis-slots.h"

#include <glib/gi18n-lib.h>

#include "text.h"

#define NAME_MAX_CHARS 60

const Slot *
diagnosis_slots_get (const View *view, guint i)
{
  return view->world->slots->pdata[i];
}

const TokenView *
diagnosis_slots_get_token (const View *view, guint i)
{
  return view->tokens->pdata[i];
}

guint
diagnosis_slots_count (const View *view)
{
  guint n = 0;

  for (guint i = 0; i < view->world->slots->len; i++)
    n += diagnosis_slots_get (view, i)->state != SLOT_EMPTY;
  return n;
}

const Slot *
diagnosis_slots_find_failure (const View *view, ErrorCode failure)
{
  for (guint i = 0; i < view->world->slots->len; i++)
    if (diagnosis_slots_get (view, i)->state == SLOT_FAILED && diagnosis_slots_get (view, i)->failure == failure)
      return diagnosis_slots_get (view, i);
  return NULL;
}

char *
diagnosis_slots_name (const Slot *slot)
{
  g_autofree char *name = text_clean (slot->reader, -1);

  return text_shorten (name, NAME_MAX_CHARS);
}

void
diagnosis_slots_say_failure (DiagnosisRow *row, const Slot *slot)
{
  g_autofree char *name = diagnosis_slots_name (slot);

  /* Translators: the name of a reader, and a sentence */
  diagnosis_say (row, DIAGNOSIS_PROBLEM, g_strdup_printf (_ ("%s: %s"), name, error_to_sentence (slot->failure)));
  diagnosis_offer (row, DIAGNOSIS_REMEDY_RETRY, NULL, NULL);
}

const char *
diagnosis_slots_explain (const View *view)
{
  static const struct
  {
    ErrorCode failure;
    const char *sentence;
  } failures[] = {
    { ERROR_TOKEN_MUTE, N_ ("The token does not answer.") },
    { ERROR_TOKEN_UNKNOWN, N_ ("This kind of token is not known.") },
    { ERROR_READER_BUSY, N_ ("Another program is using the token alone.") },
    { ERROR_SERVICE_HUNG, N_ ("The smart card service does not answer.") },
  };

  if (diagnosis_explain_service (view))
    return diagnosis_explain_service (view);
  if (view->world->slots->len == 0)
    return _ ("There is no reader.");
  if (diagnosis_slots_count (view) == 0)
    return _ ("No token is inserted.");
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    if (diagnosis_slots_find_failure (view, failures[i].failure))
      return _ (failures[i].sentence);
  return view->settled ? _ ("The token cannot be read.") : _ ("The token is still being read.");
}

gboolean
diagnosis_slots_leave_unread (DiagnosisRow *row, const View *view, const char *what)
{
  for (guint i = 0; i < view->tokens->len; i++)
    if (diagnosis_slots_get_token (view, i)->complete)
      return FALSE;
  diagnosis_leave_open (row, what, diagnosis_slots_explain (view));
  return TRUE;
}

const Issuer *
diagnosis_slots_find_issuer (const View *view, const TokenView *token)
{
  const GPtrArray *issuers = view->judgement->rules.issuers;

  return issuers ? issuer_find (issuers, token_get_primary (token->token)) : NULL;
}

char *
diagnosis_slots_name_token (const View *view, const TokenView *token, const char *text)
{
  g_autofree char *name = text_shorten (token->name, NAME_MAX_CHARS);

  /* Translators: the name of a token, and what is to be said of it */
  return view->tokens->len > 1 ? g_strdup_printf (_ ("%s: %s"), name, text) : g_strdup (text);
}

const FindingView *
diagnosis_slots_find_finding (const View *view, FindingKind kind)
{
  for (guint i = 0; i < view->findings->len; i++)
    {
      const FindingView *finding = view->findings->pdata[i];

      if (finding->finding->kind == kind)
        return finding;
    }
  return NULL;
}
