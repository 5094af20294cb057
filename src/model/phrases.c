#include "phrases.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A moment of the year 9999 may be one of the year 10000 here: then UTC has to do. */
static char *
format_time (gint64 time, const char *format)
{
  g_autoptr (GDateTime) local = NULL;
  g_autoptr (GDateTime) utc = NULL;

  if (time == CERTIFICATE_TIME_UNKNOWN)
    return NULL;
  local = g_date_time_new_from_unix_local (time);
  if (local)
    return g_date_time_format (local, format);
  utc = g_date_time_new_from_unix_utc (time);
  return utc ? g_date_time_format (utc, format) : NULL;
}

char *
phrase_for_date (gint64 time)
{
  return format_time (time, "%Y-%m-%d");
}

char *
phrase_for_time (gint64 time)
{
  return format_time (time, "%H:%M");
}

char *
phrase_for_moment (gint64 time)
{
  return format_time (time, "%Y-%m-%d %H:%M:%S %Z");
}

static char *
phrase_for_days_left (gint64 days)
{
  if (days == 0)
    return g_strdup (_ ("less than a day left"));
  return g_strdup_printf (ngettext ("%d day left", "%d days left", days), (int) days);
}

static char *
phrase_for_days_since (gint64 days)
{
  if (days == 0)
    return g_strdup (_ ("Expired less than a day ago"));
  return g_strdup_printf (ngettext ("Expired %d day ago", "Expired %d days ago", days), (int) days);
}

char *
phrase_for_days (Validity validity, gint64 days_left)
{
  switch (validity)
    {
    case VALIDITY_VALID:
    case VALIDITY_EXPIRING:
      return phrase_for_days_left (days_left);
    case VALIDITY_EXPIRED:
      return phrase_for_days_since (-days_left - 1);
    case VALIDITY_NOT_YET_VALID:
      return g_strdup (_ ("Not valid yet"));
    case VALIDITY_UNKNOWN:
    case VALIDITY_N:
      break;
    }
  return g_strdup (_ ("Validity unknown"));
}

char *
phrase_for_status (Validity validity, gint64 days_left)
{
  g_autofree char *days = phrase_for_days (validity, days_left);

  if (validity == VALIDITY_VALID || validity == VALIDITY_EXPIRING)
    /* Translators: %s is “43 days left” */
    return g_strdup_printf (_ ("Valid · %s"), days);
  return g_steal_pointer (&days);
}

char *
phrase_for_lifetime (const Certificate *certificate, Validity validity, gint64 days_left)
{
  g_autofree char *from = phrase_for_date (certificate->not_before);
  g_autofree char *until = phrase_for_date (certificate->not_after);

  switch (validity)
    {
    case VALIDITY_VALID:
    case VALIDITY_EXPIRING:
      {
        g_autofree char *days = phrase_for_days_left (days_left);

        /* Translators: a date, and “43 days left” */
        return g_strdup_printf (_ ("Valid until %s (%s)"), until, days);
      }
    case VALIDITY_EXPIRED:
      return g_strdup_printf (_ ("Expired on %s"), until);
    case VALIDITY_NOT_YET_VALID:
      return g_strdup_printf (_ ("Not valid before %s"), from);
    case VALIDITY_UNKNOWN:
    case VALIDITY_N:
      break;
    }
  return g_strdup (_ ("The certificate does not tell how long it is valid"));
}

/* By their refs (model/token, and the drivers); any other has a name of the token's own. */
static const struct
{
  const char *ref, *name;
} pins[] = {
  { "user", N_ ("PIN") },
  { "global", N_ ("Global PIN") },
  { "sign", N_ ("Signature PIN") },
  { "admin", N_ ("Administrator's PIN") },
  { "openpgp-user", N_ ("OpenPGP PIN") },
  { "openpgp-admin", N_ ("OpenPGP administrator's PIN") },
};

char *
phrase_for_pin (const Pin *pin)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pins); i++)
    if (strcmp (pins[i].ref, pin->ref) == 0)
      return g_strdup (_ (pins[i].name));
  return g_strdup (pin->label ? pin->label : pin->ref);
}

char *
phrase_for_tries (const Pin *pin)
{
  if (pin->blocked)
    return g_strdup (_ ("Locked: no tries left"));
  if (pin->tries_left == PIN_UNKNOWN)
    return g_strdup (pin->few ? _ ("Few tries left") : _ ("Tries left: unknown"));
  if (pin->tries_max == PIN_UNKNOWN || pin->tries_max < pin->tries_left)
    return g_strdup_printf (ngettext ("%d try left", "%d tries left", pin->tries_left), pin->tries_left);
  return g_strdup_printf (ngettext ("%d of %d try left", "%d of %d tries left", pin->tries_max), pin->tries_left,
                          pin->tries_max);
}

char *
phrase_for_pin_tries (const Pin *pin)
{
  if (pin->blocked)
    return g_strdup (_ ("PIN locked"));
  if (pin->tries_left == PIN_UNKNOWN)
    return pin->few ? g_strdup (_ ("few PIN tries left")) : NULL;
  return g_strdup_printf (ngettext ("%d PIN try left", "%d PIN tries left", pin->tries_left), pin->tries_left);
}

const char *
phrase_for_identity (const Identity *identity)
{
  static const char *const names[IDENTITY_N_KINDS] = {
    N_ ("Unified social credit code"),
    N_ ("Taxpayer number"),
    N_ ("Organization code"),
    N_ ("Business registration number"),
    N_ ("ID number"),
    N_ ("Social insurance number"),
    N_ ("Entity ID"),
  };

  return identity->label ? identity->label : _ (names[identity->kind]);
}

char *
phrase_for_number (const char *number, IdentityCheck check)
{
  if (check != IDENTITY_CHECK_MISMATCH)
    return g_strdup (number);
  /* Translators: a number of an organisation or a person, as it stands in the certificate */
  return g_strdup_printf (_ ("%s · the check digit does not fit"), number);
}

const char *
phrase_for_role (CertificateRole role)
{
  static const char *const names[CERTIFICATE_N_ROLES] = { N_ ("Other"), N_ ("Authentication"), N_ ("Signature"),
                                                          N_ ("Encryption") };

  return _ (names[role]);
}

char *
phrase_for_chain (const Certificate *certificate)
{
  static const char *const states[CERTIFICATE_N_CHAINS] = { NULL, N_ ("Trusted"),
                                                            N_ ("No root certificate is configured for it"),
                                                            N_ ("Broken") };

  if (certificate->chain == CERTIFICATE_CHAIN_UNKNOWN)
    return NULL;
  if (certificate->chain == CERTIFICATE_CHAIN_BROKEN && certificate->chain_culprit)
    return g_strdup_printf (_ ("Broken: %s does not fit"), certificate->chain_culprit);
  return g_strdup (_ (states[certificate->chain]));
}

/* RFC 5280 section 5.3.1; those that tell a holder something. */
static const char *const revocation_reasons[REVOCATION_MAX_REASON + 1] = {
  [1] = N_ ("its key may be in other hands"),
  [2] = N_ ("the key of the issuer may be in other hands"),
  [3] = N_ ("what it says of the holder has changed"),
  [4] = N_ ("another certificate has taken its place"),
  [5] = N_ ("it is not needed any more"),
  [6] = N_ ("it is suspended"),
  [9] = N_ ("the holder may not use it any more"),
};

static const char *const revocation_failures[REVOCATION_N_FAILURES] = {
  [REVOCATION_NOT_FAILED] = N_ ("No answer came."),
  [REVOCATION_NO_ADDRESS] = N_ ("The certificate does not say whom to ask."),
  [REVOCATION_NO_ISSUER] = N_ ("The certificate of its issuer is not known, so no answer could be checked."),
  [REVOCATION_UNREACHABLE] = N_ ("The service of the issuer cannot be reached. Look whether there is a network."),
  [REVOCATION_SILENT] = N_ ("No answer came in time."),
  [REVOCATION_REFUSED] = N_ ("The service of the issuer refuses to answer."),
  [REVOCATION_NONSENSE] = N_ ("The answer makes no sense."),
  [REVOCATION_TOO_LARGE] = N_ ("The answer is too large."),
  [REVOCATION_FORGED] = N_ ("The answer is not signed by the issuer."),
  [REVOCATION_OUTDATED] = N_ ("The answer is not of today. Look whether the clock is right."),
  [REVOCATION_STRANGER] = N_ ("The service of the issuer does not know the certificate."),
  [REVOCATION_BROKEN] = N_ ("A part of the assistant has failed."),
};

char *
phrase_for_revoked (const Revocation *answer)
{
  g_autofree char *date = phrase_for_date (answer->revoked_at);

  return date ? g_strdup_printf (_ ("Revoked on %s"), date) : g_strdup (_ ("Revoked"));
}

/* TEXT, and who has said so. */
static char *
name_source (const Revocation *answer, const char *text)
{
  /* Translators: what was answered, and the name of the computer that has */
  return answer->host ? g_strdup_printf (_ ("%s (%s)"), text, answer->host) : g_strdup (text);
}

static char *
phrase_for_answer (const Revocation *answer)
{
  const char *reason = answer->reason > 0 ? revocation_reasons[answer->reason] : NULL;
  g_autofree char *revoked = phrase_for_revoked (answer);
  g_autofree char *moment = phrase_for_moment (answer->as_of);

  if (answer->state == REVOCATION_GOOD)
    return moment ? g_strdup_printf (_ ("Not revoked, as of %s"), moment) : g_strdup (_ ("Not revoked"));
  if (answer->state == REVOCATION_REVOKED)
    /* Translators: “Revoked on 2026-11-25”, and why */
    return reason ? g_strdup_printf (_ ("%s: %s"), revoked, _ (reason)) : g_steal_pointer (&revoked);
  /* Translators: the sentence says why */
  return g_strdup_printf (_ ("Not known. %s"), _ (revocation_failures[answer->failure]));
}

char *
phrase_for_revocation (const Certificate *certificate, const Revocation *answer)
{
  const char *host = certificate->revocation_hosts ? certificate->revocation_hosts[0] : NULL;
  g_autofree char *text = NULL;

  if (!host)
    return g_strdup (_ (revocation_failures[REVOCATION_NO_ADDRESS]));
  if (!answer)
    return g_strdup_printf (_ ("Not asked. %s can tell."), host);
  if (answer->state == REVOCATION_ASKING)
    return g_strdup_printf (_ ("Asking %s…"), host);
  text = phrase_for_answer (answer);
  return name_source (answer, text);
}

/* OpenSSL's short names (RFC 5280 sections 4.2.1.3 and 4.2.1.12) in words. */
static const struct
{
  const char *name, *words;
} usages[] = {
  { "digitalSignature", N_ ("Digital signature") }, { "nonRepudiation", N_ ("Non-repudiation") },
  { "keyEncipherment", N_ ("Key encipherment") },   { "dataEncipherment", N_ ("Data encipherment") },
  { "keyAgreement", N_ ("Key agreement") },         { "keyCertSign", N_ ("Certificate signing") },
  { "cRLSign", N_ ("Revocation list signing") },    { "encipherOnly", N_ ("Encipher only") },
  { "decipherOnly", N_ ("Decipher only") },         { "serverAuth", N_ ("Server authentication") },
  { "clientAuth", N_ ("Client authentication") },   { "codeSigning", N_ ("Code signing") },
  { "emailProtection", N_ ("E-mail protection") },  { "timeStamping", N_ ("Time stamping") },
  { "OCSPSigning", N_ ("OCSP signing") },           { "msSmartcardLogin", N_ ("Smart card log-in") },
  { "anyExtendedKeyUsage", N_ ("Any purpose") },
};

static const char *
phrase_for_usage (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (usages); i++)
    if (strcmp (usages[i].name, name) == 0)
      return _ (usages[i].words);
  return name;
}

char *
phrase_for_usages (const GStrv names)
{
  g_autoptr (GPtrArray) words = g_ptr_array_new ();

  if (!names || !names[0])
    return NULL;
  for (guint i = 0; names[i]; i++)
    g_ptr_array_add (words, (gpointer) phrase_for_usage (names[i]));
  g_ptr_array_add (words, NULL);
  /* Translators: between the items of a list */
  return g_strjoinv (_ (", "), (GStrv) words->pdata);
}

const char *
phrase_for_family (TokenFamily family)
{
  static const char *const names[TOKEN_N_FAMILIES] = { "PIV", "OpenPGP", "PKCS#15", "GIDS", "PKCS#11", "SKF" };

  return names[family];
}

char *
phrase_in_groups (const char *text, guint digits)
{
  GString *grouped = g_string_new (NULL);

  if (!text)
    {
      g_string_free (grouped, TRUE);
      return NULL;
    }
  for (guint i = 0; text[i]; i++)
    {
      if (i > 0 && i % digits == 0)
        g_string_append_c (grouped, ' ');
      g_string_append_c (grouped, text[i]);
    }
  return g_string_free (grouped, FALSE);
}
