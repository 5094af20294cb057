#include "revocation.h"

#include "fields.h"

static const Field fields[] = {
  FIELD (Revocation, sha256, FIELD_TEXT, 0, 0),
  FIELD (Revocation, state, FIELD_NUMBER, REVOCATION_ASKING, REVOCATION_N_STATES - 1),
  FIELD (Revocation, failure, FIELD_NUMBER, REVOCATION_NOT_FAILED, REVOCATION_N_FAILURES - 1),
  FIELD (Revocation, host, FIELD_TEXT, 0, 0),
  FIELD (Revocation, as_of, FIELD_TIME, 0, 0),
  FIELD (Revocation, revoked_at, FIELD_TIME, 0, 0),
  FIELD (Revocation, reason, FIELD_NUMBER, REVOCATION_NO_REASON, REVOCATION_MAX_REASON),
};

Revocation *
revocation_new (const char *sha256, RevocationState state)
{
  Revocation *revocation = g_new0 (Revocation, 1);

  g_ref_count_init (&revocation->refs);
  revocation->sha256 = g_strdup (sha256);
  revocation->state = state;
  revocation->as_of = revocation->revoked_at = CERTIFICATE_TIME_UNKNOWN;
  revocation->reason = REVOCATION_NO_REASON;
  return revocation;
}

Revocation *
revocation_ref (Revocation *revocation)
{
  g_ref_count_inc (&revocation->refs);
  return revocation;
}

void
revocation_unref (Revocation *revocation)
{
  if (!g_ref_count_dec (&revocation->refs))
    return;
  fields_clear (fields, G_N_ELEMENTS (fields), revocation);
  g_free (revocation);
}

GVariant *
revocation_to_variant (const Revocation *revocation)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  fields_write (&builder, fields, G_N_ELEMENTS (fields), revocation);
  return g_variant_builder_end (&builder);
}

Revocation *
revocation_from_variant (GVariant *variant)
{
  g_autoptr (Revocation) revocation = revocation_new (NULL, REVOCATION_ASKING);

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return NULL;
  fields_read (variant, fields, G_N_ELEMENTS (fields), revocation);
  if (!revocation->sha256 || revocation->state == REVOCATION_ASKING
      || (revocation->state == REVOCATION_UNKNOWN) != (revocation->failure != REVOCATION_NOT_FAILED))
    return NULL;
  revocation->as_of = certificate_check_time (revocation->as_of);
  revocation->revoked_at = certificate_check_time (revocation->revoked_at);
  return g_steal_pointer (&revocation);
}

/* Adds the DER of CERTIFICATE while ROOM lasts. */
static void
add_der (GVariantBuilder *builder, const Certificate *certificate, gsize *room)
{
  gsize size = g_bytes_get_size (certificate->der);

  if (size > *room)
    return;
  *room -= size;
  g_variant_builder_add_value (builder, g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, certificate->der, TRUE));
}

GVariant *
revocation_make_question (const Certificate *certificate, const GPtrArray *others)
{
  gsize room = REVOCATION_QUESTION_MAX;
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (REVOCATION_QUESTION_TYPE));
  add_der (&builder, certificate, &room);
  for (guint i = 0; i < others->len; i++)
    {
      const Certificate *other = others->pdata[i];

      if (other != certificate && g_strcmp0 (other->subject, certificate->issuer) == 0)
        add_der (&builder, other, &room);
    }
  return g_variant_builder_end (&builder);
}
