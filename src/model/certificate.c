#include "certificate.h"

#include <string.h>

#include "fields.h"

#define IDENTITIES "identities"

static const Field fields[] = {
  FIELD (Certificate, id, FIELD_TEXT, 0, 0),
  FIELD (Certificate, role, FIELD_NUMBER, CERTIFICATE_ROLE_OTHER, CERTIFICATE_N_ROLES - 1),
  FIELD (Certificate, holder, FIELD_TEXT, 0, 0),
  FIELD (Certificate, organization, FIELD_TEXT, 0, 0),
  FIELD (Certificate, issuer_name, FIELD_TEXT, 0, 0),
  FIELD (Certificate, subject, FIELD_TEXT, 0, 0),
  FIELD (Certificate, issuer, FIELD_TEXT, 0, 0),
  FIELD (Certificate, serial, FIELD_TEXT, 0, 0),
  FIELD (Certificate, not_before, FIELD_TIME, 0, 0),
  FIELD (Certificate, not_after, FIELD_TIME, 0, 0),
  FIELD (Certificate, key, FIELD_TEXT, 0, 0),
  FIELD (Certificate, signature_algorithm, FIELD_TEXT, 0, 0),
  FIELD (Certificate, usages, FIELD_TEXTS, 0, CERTIFICATE_MAX_NAMES),
  FIELD (Certificate, alternative_names, FIELD_TEXTS, 0, CERTIFICATE_MAX_NAMES),
  FIELD (Certificate, policies, FIELD_TEXTS, 0, CERTIFICATE_MAX_NAMES),
  FIELD (Certificate, revocation_hosts, FIELD_TEXTS, 0, CERTIFICATE_MAX_HOSTS),
  FIELD (Certificate, chain, FIELD_NUMBER, CERTIFICATE_CHAIN_UNKNOWN, CERTIFICATE_N_CHAINS - 1),
  FIELD (Certificate, chain_culprit, FIELD_TEXT, 0, 0),
  FIELD (Certificate, sha256, FIELD_TEXT, 0, 0),
  FIELD (Certificate, sha1, FIELD_TEXT, 0, 0),
  FIELD (Certificate, der, FIELD_BYTES, 0, CERTIFICATE_MAX_DER),
};

Certificate *
certificate_new (void)
{
  Certificate *certificate = g_new0 (Certificate, 1);

  g_ref_count_init (&certificate->refs);
  certificate->identities = identity_list_new ();
  certificate->not_before = certificate->not_after = CERTIFICATE_TIME_UNKNOWN;
  return certificate;
}

Certificate *
certificate_ref (Certificate *certificate)
{
  g_ref_count_inc (&certificate->refs);
  return certificate;
}

void
certificate_unref (Certificate *certificate)
{
  if (!g_ref_count_dec (&certificate->refs))
    return;
  fields_clear (fields, G_N_ELEMENTS (fields), certificate);
  g_ptr_array_unref (certificate->identities);
  g_free (certificate);
}

GVariant *
certificate_to_variant (const Certificate *certificate)
{
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE_VARDICT);
  fields_write (&builder, fields, G_N_ELEMENTS (fields), certificate);
  g_variant_builder_add (&builder, "{sv}", IDENTITIES, identity_list_to_variant (certificate->identities));
  return g_variant_builder_end (&builder);
}

/* Ids of findings and notifications are made of fingerprints: nothing but a fingerprint may stand there. */
static gboolean
is_fingerprint (const char *text, gsize n_digits)
{
  return text && strlen (text) == n_digits && strspn (text, "0123456789abcdef") == n_digits;
}

gint64
certificate_check_time (gint64 time)
{
  return time >= G_GINT64_CONSTANT (-62167219200) && time <= G_GINT64_CONSTANT (253402300799)
           ? time
           : CERTIFICATE_TIME_UNKNOWN;
}

Certificate *
certificate_from_variant (GVariant *variant)
{
  g_autoptr (Certificate) certificate = certificate_new ();
  g_autoptr (GVariant) identities = NULL;

  if (!g_variant_is_of_type (variant, G_VARIANT_TYPE_VARDICT))
    return NULL;
  fields_read (variant, fields, G_N_ELEMENTS (fields), certificate);
  if (!certificate->id || !*certificate->id || !is_fingerprint (certificate->sha256, 64)
      || !is_fingerprint (certificate->sha1, 40) || !certificate->der || g_bytes_get_size (certificate->der) == 0)
    return NULL;
  identities = g_variant_lookup_value (variant, IDENTITIES, G_VARIANT_TYPE ("a(sss)"));
  if (identities)
    identity_list_append_variant (certificate->identities, identities);
  certificate->not_before = certificate_check_time (certificate->not_before);
  certificate->not_after = certificate_check_time (certificate->not_after);
  return g_steal_pointer (&certificate);
}

const char *
certificate_role_to_string (CertificateRole role)
{
  static const char *const words[CERTIFICATE_N_ROLES] = { "other", "authentication", "signature", "encryption" };

  return words[role];
}

const char *
certificate_chain_to_string (CertificateChain chain)
{
  static const char *const words[CERTIFICATE_N_CHAINS] = { "unknown", "trusted", "no-root", "broken" };

  return words[chain];
}

char *
certificate_to_pem (const Certificate *certificate)
{
  gsize length;
  const guchar *der = g_bytes_get_data (certificate->der, &length);
  g_autofree char *base64 = g_base64_encode (der, length);
  GString *pem = g_string_new ("-----BEGIN CERTIFICATE-----\n");

  for (const char *line = base64; *line; line += strnlen (line, 64))
    {
      g_string_append_len (pem, line, strnlen (line, 64));
      g_string_append_c (pem, '\n');
    }
  g_string_append (pem, "-----END CERTIFICATE-----\n");
  return g_string_free (pem, FALSE);
}
