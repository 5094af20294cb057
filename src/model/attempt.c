#include "attempt.h"

#include "fields.h"

static const Field fields[] = {
  FIELD (Attempt, sent, FIELD_NUMBER, FALSE, TRUE),
  FIELD (Attempt, failure, FIELD_NUMBER, ERROR_NONE, ERROR_N_CODES - 1),
  FIELD (Attempt, status, FIELD_NUMBER, ATTEMPT_NO_STATUS, G_MAXINT),
  FIELD (Attempt, tries_left, FIELD_NUMBER, PIN_UNKNOWN, 255),
};

PinTask *
pin_task_copy (const PinTask *task)
{
  PinTask *copy = g_memdup2 (task, sizeof *task);

  copy->ref = g_strdup (task->ref);
  copy->fingerprint = g_strdup (task->fingerprint);
  return copy;
}

void
pin_task_clear (PinTask *task)
{
  g_clear_pointer (&task->ref, g_free);
  g_clear_pointer (&task->fingerprint, g_free);
}

void
pin_task_free (PinTask *task)
{
  pin_task_clear (task);
  g_free (task);
}

GVariant *
attempt_to_variant (const Attempt *attempt)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  fields_write (&builder, fields, G_N_ELEMENTS (fields), attempt);
  return g_variant_builder_end (&builder);
}

gboolean
attempt_from_variant (GVariant *variant, Attempt *attempt)
{
  *attempt = (Attempt){ .failure = ERROR_WORKER_FAILED, .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return FALSE;
  fields_read (variant, fields, G_N_ELEMENTS (fields), attempt);
  return attempt->sent || (attempt->failure != ERROR_NONE && attempt->status == ATTEMPT_NO_STATUS);
}
