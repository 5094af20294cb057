#include "x509.h"

#include <arpa/inet.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509v3.h>

#include "model/error.h"
#include "model/text.h"
#include "identity.h"
#include "tlv.h"
#include "x509-name.h"
#include "x509-time.h"
#include "x509-url.h"

#define TAG_SEQUENCE 0x30
#define MAX_OID      80
#define MAX_SERIAL   64 /* bytes that are shown; RFC 5280 allows 20 */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GENERAL_NAMES, GENERAL_NAMES_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CERTIFICATEPOLICIES, CERTIFICATEPOLICIES_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ASN1_BIT_STRING, ASN1_BIT_STRING_free)

/* Key usage bits (RFC 5280 section 4.2.1.3), in their order. */
enum
{
  USAGE_DIGITAL_SIGNATURE,
  USAGE_NON_REPUDIATION,
  USAGE_KEY_ENCIPHERMENT,
  USAGE_DATA_ENCIPHERMENT,
  USAGE_KEY_AGREEMENT,
  N_USAGES = 9
};

static const char *const usage_names[N_USAGES] = {
  "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
  "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly",
};

/* Extended usages that mean: with this, somebody logs in. */
static const int login_usages[] = { NID_client_auth, NID_ms_smartcard_login, NID_pkInitClientAuth };

static const struct
{
  const char *openssl, *shown;
} curves[] = {
  { "prime256v1", "P-256" }, { "secp384r1", "P-384" },  { "secp521r1", "P-521" },
  { "secp224r1", "P-224" },  { "prime192v1", "P-192" },
};

static char *
object_to_text (const ASN1_OBJECT *object, gboolean long_name)
{
  int nid = OBJ_obj2nid (object);
  char oid[MAX_OID];

  if (nid != NID_undef)
    return g_strdup (long_name ? OBJ_nid2ln (nid) : OBJ_nid2sn (nid));
  return OBJ_obj2txt (oid, sizeof oid, object, 1) > 0 ? g_strdup (oid) : NULL;
}

/* The first extension NID decoded, or NULL; the caller knows its type. */
static gpointer
get_extension (const X509 *x509, int nid)
{
  int i = X509_get_ext_by_NID (x509, nid, -1);

  return i < 0 ? NULL : X509V3_EXT_d2i (X509_get_ext (x509, i));
}

/* Key */

static char *
describe_ec (EVP_PKEY *key)
{
  char group[MAX_OID] = "";

  if (!EVP_PKEY_get_group_name (key, group, sizeof group, NULL))
    return g_strdup_printf ("EC %d", EVP_PKEY_get_bits (key));
  if (strcmp (group, "SM2") == 0)
    return g_strdup ("SM2");

  for (gsize i = 0; i < G_N_ELEMENTS (curves); i++)
    if (strcmp (curves[i].openssl, group) == 0)
      return g_strdup_printf ("EC %s", curves[i].shown);

  return g_strdup_printf ("EC %s", group);
}

/* EVP_PKEY_is_a and nothing else: the numbers of EVP_PKEY_get_id are -1 for keys of providers, SM2 among them. */
static char *
describe_key (const X509 *x509)
{
  static const struct
  {
    const char *type, *shown;
    gboolean bits;
  } types[] = {
    { "RSA", "RSA", TRUE },          { "RSA-PSS", "RSA-PSS", TRUE }, { "SM2", "SM2", FALSE },
    { "ED25519", "Ed25519", FALSE }, { "ED448", "Ed448", FALSE },    { "X25519", "X25519", FALSE },
    { "X448", "X448", FALSE },       { "DSA", "DSA", TRUE },         { "DH", "DH", TRUE },
  };
  EVP_PKEY *key = X509_get0_pubkey (x509);

  if (key == NULL)
    return NULL;
  if (EVP_PKEY_is_a (key, "EC"))
    return describe_ec (key);

  for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
    if (EVP_PKEY_is_a (key, types[i].type))
      return types[i].bits ? g_strdup_printf ("%s %d", types[i].shown, EVP_PKEY_get_bits (key))
                           : g_strdup (types[i].shown);

  return NULL;
}

/* Usages */

static gboolean
may_log_in (const EXTENDED_KEY_USAGE *extended)
{
  for (int i = 0; i < sk_ASN1_OBJECT_num (extended); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (login_usages); j++)
      if (OBJ_obj2nid (sk_ASN1_OBJECT_value (extended, i)) == login_usages[j])
        return TRUE;

  return FALSE;
}

static CertificateRole
get_role (const ASN1_BIT_STRING *usage, const EXTENDED_KEY_USAGE *extended)
{
  if (usage == NULL)
    return CERTIFICATE_ROLE_OTHER;
  if (ASN1_BIT_STRING_get_bit (usage, USAGE_DIGITAL_SIGNATURE) && may_log_in (extended))
    return CERTIFICATE_ROLE_AUTHENTICATION;
  if (ASN1_BIT_STRING_get_bit (usage, USAGE_NON_REPUDIATION))
    return CERTIFICATE_ROLE_SIGNATURE;
  if (ASN1_BIT_STRING_get_bit (usage, USAGE_KEY_ENCIPHERMENT) || ASN1_BIT_STRING_get_bit (usage, USAGE_KEY_AGREEMENT)
      || ASN1_BIT_STRING_get_bit (usage, USAGE_DATA_ENCIPHERMENT))
    return CERTIFICATE_ROLE_ENCRYPTION;
  return CERTIFICATE_ROLE_OTHER;
}

/* NULL for an empty list: unknown. */
static GStrv
to_strv (GPtrArray *texts)
{
  if (texts->len == 0)
    return NULL;

  g_ptr_array_add (texts, NULL);
  return (GStrv) g_ptr_array_steal (texts, NULL);
}

static void
fill_usages (Certificate *certificate, const X509 *x509)
{
  g_autoptr (ASN1_BIT_STRING) usage = get_extension (x509, NID_key_usage);
  g_autoptr (EXTENDED_KEY_USAGE) extended = get_extension (x509, NID_ext_key_usage);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; usage != NULL && i < N_USAGES; i++)
    if (ASN1_BIT_STRING_get_bit (usage, i))
      g_ptr_array_add (texts, g_strdup (usage_names[i]));

  for (int i = 0; i < sk_ASN1_OBJECT_num (extended) && texts->len < CERTIFICATE_MAX_NAMES; i++)
    {
      char *text = object_to_text (sk_ASN1_OBJECT_value (extended, i), FALSE);

      if (text != NULL)
        g_ptr_array_add (texts, text);
    }

  certificate->role = get_role (usage, extended);
  certificate->usages = to_strv (texts);
}

/* Alternative names */

static char *
describe_ip (const ASN1_OCTET_STRING *address)
{
  char text[INET6_ADDRSTRLEN];
  int length = ASN1_STRING_length (address);
  int family = length == 4 ? AF_INET : length == 16 ? AF_INET6 : AF_UNSPEC;

  if (family == AF_UNSPEC || inet_ntop (family, ASN1_STRING_get0_data (address), text, sizeof text) == NULL)
    return NULL;
  return g_strdup (text);
}

/* The principal name of Windows domains, 1.3.6.1.4.1.311.20.2.3. */
static char *
describe_upn (const OTHERNAME *other)
{
  int type = other->value != NULL ? ASN1_TYPE_get (other->value) : V_ASN1_UNDEF;

  if (OBJ_obj2nid (other->type_id) != NID_ms_upn || (type != V_ASN1_UTF8STRING && type != V_ASN1_IA5STRING))
    return NULL;
  return x509_string_to_text (other->value->value.asn1_string);
}

static char *
describe_name (const GENERAL_NAME *name)
{
  g_autofree char *text = NULL;
  const char *kind = NULL;

  switch (name->type)
    {
    case GEN_EMAIL:
      kind = "email";
      text = x509_string_to_text (name->d.rfc822Name);
      break;
    case GEN_DNS:
      kind = "DNS";
      text = x509_string_to_text (name->d.dNSName);
      break;
    case GEN_URI:
      kind = "URI";
      text = x509_string_to_text (name->d.uniformResourceIdentifier);
      break;
    case GEN_IPADD:
      kind = "IP";
      text = describe_ip (name->d.iPAddress);
      break;
    case GEN_OTHERNAME:
      kind = "UPN";
      text = describe_upn (name->d.otherName);
      break;
    default:
      break;
    }

  return text != NULL ? g_strdup_printf ("%s:%s", kind, text) : NULL;
}

static GStrv
get_alternative_names (const X509 *x509)
{
  g_autoptr (GENERAL_NAMES) names = get_extension (x509, NID_subject_alt_name);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < sk_GENERAL_NAME_num (names) && texts->len < CERTIFICATE_MAX_NAMES; i++)
    {
      char *text = describe_name (sk_GENERAL_NAME_value (names, i));

      if (text != NULL)
        g_ptr_array_add (texts, text);
    }

  return to_strv (texts);
}

/* Policies */

/* Numbers always, whatever names OpenSSL has for some. Half of a long one would be another policy. */
static GStrv
get_policies (const X509 *x509)
{
  g_autoptr (CERTIFICATEPOLICIES) policies = get_extension (x509, NID_certificate_policies);
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func (g_free);

  for (int i = 0; i < sk_POLICYINFO_num (policies) && texts->len < CERTIFICATE_MAX_NAMES; i++)
    {
      char oid[MAX_OID];
      int length = OBJ_obj2txt (oid, sizeof oid, sk_POLICYINFO_value (policies, i)->policyid, 1);

      if (length > 0 && length < (int) sizeof oid)
        g_ptr_array_add (texts, g_strdup (oid));
    }

  return to_strv (texts);
}

/* Revocation */

/* Whom the issuer has appointed to tell, each once. NULL: nobody that could be asked. */
static GStrv
get_revocation_hosts (const X509 *x509)
{
  g_autoptr (GPtrArray) hosts = g_ptr_array_new_with_free_func (g_free);

  for (X509UrlKind kind = X509_URL_OCSP; kind <= X509_URL_LIST; kind++)
    {
      g_autoptr (GPtrArray) urls = x509_url_list (x509, kind);

      for (guint i = 0; i < urls->len && hosts->len < CERTIFICATE_MAX_HOSTS; i++)
        {
          g_autofree char *host = x509_url_get_host (urls->pdata[i]);

          if (!g_ptr_array_find_with_equal_func (hosts, host, g_str_equal, NULL))
            g_ptr_array_add (hosts, g_steal_pointer (&host));
        }
    }
  return to_strv (hosts);
}

/* All of it */

static char *
get_serial (const X509 *x509)
{
  const ASN1_INTEGER *serial = X509_get0_serialNumber (x509);
  int length = ASN1_STRING_length (serial);
  const char *sign = ASN1_STRING_type (serial) == V_ASN1_NEG_INTEGER ? "-" : "";
  g_autofree char *hex = text_from_bytes (ASN1_STRING_get0_data (serial), (gsize) MIN (length, MAX_SERIAL), '\0');

  return g_strconcat (sign, length > 0 ? hex : "00", length > MAX_SERIAL ? "…" : NULL, NULL);
}

static char *
get_digest (const guint8 *der, gsize length, GChecksumType type)
{
  return g_compute_checksum_for_data (type, der, length);
}

static void
fill_names (Certificate *certificate, const X509 *x509)
{
  const X509_NAME *subject = X509_get_subject_name (x509), *issuer = X509_get_issuer_name (x509);

  certificate->holder = x509_name_get_text (subject, NID_commonName);
  certificate->organization = x509_name_get_text (subject, NID_organizationName);
  certificate->subject = x509_name_to_text (subject);
  certificate->issuer_name = x509_name_get_text (issuer, NID_commonName);
  if (certificate->issuer_name == NULL)
    certificate->issuer_name = x509_name_get_text (issuer, NID_organizationName);
  certificate->issuer = x509_name_to_text (issuer);
}

static Certificate *
make_certificate (const X509 *x509, const guint8 *der, gsize length)
{
  Certificate *certificate = certificate_new ();
  const X509_ALGOR *algorithm = NULL;
  const ASN1_OBJECT *oid = NULL;

  fill_names (certificate, x509);
  fill_usages (certificate, x509);
  certificate->alternative_names = get_alternative_names (x509);
  certificate->policies = get_policies (x509);
  certificate->revocation_hosts = get_revocation_hosts (x509);
  identity_collect (certificate, x509);
  certificate->serial = get_serial (x509);
  certificate->not_before = x509_time_get (X509_get0_notBefore (x509));
  certificate->not_after = x509_time_get (X509_get0_notAfter (x509));
  certificate->key = describe_key (x509);

  X509_get0_signature (NULL, &algorithm, x509);
  X509_ALGOR_get0 (&oid, NULL, NULL, algorithm);
  certificate->signature_algorithm = object_to_text (oid, TRUE);

  certificate->sha256 = get_digest (der, length, G_CHECKSUM_SHA256);
  certificate->sha1 = get_digest (der, length, G_CHECKSUM_SHA1);
  certificate->der = g_bytes_new (der, length);
  return certificate;
}

/* How many of LENGTH bytes the SEQUENCE takes that DER begins with, 0 when it is none of fitting size. OpenSSL would
 * take BER too, whose end nobody knows beforehand. */
static gsize
measure (const guint8 *der, gsize length)
{
  TlvCursor cursor = tlv_cursor_over (der, length);
  Tlv tlv;

  if (length == 0 || der[0] != TAG_SEQUENCE || !tlv_cursor_next (&cursor, &tlv))
    return 0;

  length -= cursor.left;
  return length <= CERTIFICATE_MAX_DER ? length : 0;
}

Certificate *
x509_parse (const guint8 *der, gsize length, GError **error)
{
  g_autoptr (X509) x509 = NULL;
  const guint8 *end = der;
  gsize size = measure (der, length);
  Certificate *certificate = NULL;

  /* What the system's configuration may load has no business near a token. */
  OPENSSL_init_crypto (OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
  if (size > 0)
    x509 = d2i_X509 (NULL, &end, (long) size);
  if (x509 != NULL && (gsize) (end - der) == size)
    certificate = make_certificate (x509, der, size);
  else
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "not a certificate");

  ERR_clear_error ();
  return certificate;
}
