/* OpenPGP card: Functional Specification of the OpenPGP application on ISO smart card operating systems 3.4.1, and 2.1
 * where that differs; PINs are in openpgp-pin.
 *
 * AID D2 76 00 01 24 01, then version (2 bytes), manufacturer (2), serial number (4), 00 00 (section 4.2.1).
 *
 *   what                      command                        answer
 *   likely                    historical bytes               00 31 services 73 capabilities (3) life cycle 90 00
 *   application               00 A4 04 00 AID                6F { 84 whole AID, … }, or nothing
 *   all about it              00 CA 00 6E                    { 4F whole AID, …, 73 { …, C4 PW status, … } }
 *   certificate               00 CA 7F 21                    its DER
 *   which of the three        00 A5 n 04, 60 { 5C 7F 21 }    since version 3, section 7.2.5; any may be there alone
 *   cardholder                00 CA 00 65                    { 5B name, … }
 *
 * Templates come with their own tag around them from some cards and without from others; what is not there is 6A88, or
 * 9000 without data. Nothing of this wants a PIN, and nothing here logs out. SELECT DATA is undone in the end: what
 * others ask for afterwards is the first certificate, as before. */
#include "openpgp.h"

#include <string.h>

#include "found.h"
#include "model/text.h"
#include "openpgp-pin.h"
#include "tlv.h"
#include "x509.h"

#define INS_SELECT      0xA4
#define INS_SELECT_DATA 0xA5

#define TAG_AID           0x4F
#define TAG_NAME          0x5B
#define TAG_CARDHOLDER    0x65
#define TAG_APPLICATION   0x6E
#define TAG_FCI           0x6F
#define TAG_DISCRETIONARY 0x73
#define TAG_DF_NAME       0x84
#define TAG_PW_STATUS     0xC4
#define TAG_FINGERPRINTS  0xC5
#define TAG_CERTIFICATE   0x7F21

#define AID_SIZE         16
#define AID_VERSION      6
#define AID_MANUFACTURER 8
#define AID_SERIAL       10
#define YUBICO           0x0006

#define KEYS_SIZE (3 * 20) /* fingerprints for signature, decryption, authentication; zero where there is no key */

static const guint8 aid[] = { 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01 };

/* The cardholder certificates, section 4.4.1: the first is the only one before version 3, and stands for the token. */
static const struct
{
  const char *id;
  CertificateRole role;
} places[] = {
  { "aut", CERTIFICATE_ROLE_AUTHENTICATION },
  { "dec", CERTIFICATE_ROLE_ENCRYPTION },
  { "sig", CERTIFICATE_ROLE_SIGNATURE },
};

/* What people call the tokens of those manufacturers. */
static const struct
{
  guint16 manufacturer;
  const char *label;
} makes[] = {
  { 0x0005, "ZeitControl" }, { YUBICO, "YubiKey" }, { 0x000B, "Feitian" },
  { 0x000F, "Nitrokey" },    { 0xF1D0, "CanoKey" }, { 0xF517, "Gnuk" },
};

/* One reading. Once the conversation is lost it is over: nothing more is sent, and whatever was read is thrown away. */
typedef struct
{
  Session *session;
  Token *token;
  gboolean has_aid;
  guint8 version; /* 0 when it is not known */
  gboolean yubico;
  gboolean length_first; /* select_place () */
} Reading;

/* Questions */

static gboolean
is_over (const Reading *reading)
{
  return channel_get_loss (reading->session->channel, NULL);
}

/* Object TAG; *DATA (transfer full) is set for FOUND_SOMETHING alone. */
static Found
get_object (Reading *reading, guint16 tag, GByteArray **data)
{
  g_autoptr (GByteArray) answer = NULL;
  guint16 status;

  *data = NULL;
  if (!openpgp_pin_get_data (reading->session->channel, tag, &answer, &status, NULL))
    return FOUND_RUBBISH;
  if (status == SW_REFERENCE_MISSING || status == SW_NOT_FOUND || (status == SW_OK && answer->len == 0))
    return FOUND_NOTHING;
  if (status != SW_OK)
    return FOUND_REFUSED;

  *data = g_steal_pointer (&answer);
  return FOUND_SOMETHING;
}

/* What is in a template that was asked for by TAG, with or without the tag around it. */
static Tlv
open_template (const GByteArray *data, guint32 tag)
{
  TlvCursor cursor = tlv_cursor_over (data->data, data->len);
  Tlv first;

  if (tlv_cursor_next (&cursor, &first) && first.tag == tag)
    return first;
  return (Tlv){ .tag = tag, .value = data->data, .length = data->len };
}

/* Identity */

static gboolean
is_aid (const guint8 *bytes, gsize length)
{
  return length >= AID_SIZE && memcmp (bytes, aid, sizeof aid) == 0;
}

/* Yubico's number is what is printed on the token, digit by digit; elsewhere the number is its manufacturer's own. */
static char *
make_serial (const guint8 *whole_aid, guint16 manufacturer)
{
  static const guint8 none[4];
  const guint8 *number = whole_aid + AID_SERIAL;
  g_autofree char *digits = text_from_bytes (number, sizeof none, '\0');

  if (memcmp (number, none, sizeof none) == 0)
    return NULL;
  if (manufacturer == YUBICO && strspn (digits, "0123456789") == strlen (digits))
    return g_strdup (digits + strspn (digits, "0"));
  return g_strdup_printf ("%04X%s", manufacturer, digits);
}

static void
take_aid (Reading *reading, const guint8 *whole_aid)
{
  guint16 manufacturer = (guint16) (whole_aid[AID_MANUFACTURER] << 8 | whole_aid[AID_MANUFACTURER + 1]);

  reading->has_aid = TRUE;
  reading->version = whole_aid[AID_VERSION];
  reading->yubico = manufacturer == YUBICO;
  reading->token->serial = make_serial (whole_aid, manufacturer);
  for (gsize i = 0; i < G_N_ELEMENTS (makes); i++)
    if (makes[i].manufacturer == manufacturer)
      reading->token->label = g_strdup (makes[i].label);
}

/* Where the template did not tell. */
static void
read_aid (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;

  if (get_object (reading, TAG_AID, &data) == FOUND_SOMETHING && is_aid (data->data, data->len))
    take_aid (reading, data->data);
}

/* What stands in the discretionary objects of the template ALL, or beside them. */
static gboolean
find_discretionary (const Tlv *all, guint32 tag, Tlv *part)
{
  Tlv inner;

  if (!tlv_find (all->value, all->length, TAG_DISCRETIONARY, &inner))
    inner = *all;
  return tlv_find (inner.value, inner.length, tag, part);
}

/* The one answer with nearly everything in it: who it is, and the PW status. */
static void
read_application (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  Tlv all = { 0 }, part;
  OpenPgpStatus status;
  gboolean known = FALSE;

  if (get_object (reading, TAG_APPLICATION, &data) == FOUND_SOMETHING)
    all = open_template (data, TAG_APPLICATION);
  if (tlv_find (all.value, all.length, TAG_AID, &part) && is_aid (part.value, part.length))
    take_aid (reading, part.value);
  else
    read_aid (reading);

  known =
    (find_discretionary (&all, TAG_PW_STATUS, &part) && openpgp_pin_parse_status (part.value, part.length, &status))
    || openpgp_pin_read_status (reading->session->channel, &status);
  openpgp_pin_add_all (reading->token, known ? &status : NULL);
}

/* "Surname<<Given<Names" of ISO 7501-1, in UTF-8 or else in Latin 1, as people write it. (transfer full) */
static char *
make_name (const guint8 *bytes, gsize length)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *whole = NULL;
  char *given;

  for (gsize i = 0; i < length; i++)
    g_string_append_unichar (text, bytes[i]);
  if (g_utf8_validate ((const char *) bytes, (gssize) length, NULL))
    {
      g_string_truncate (text, 0);
      g_string_append_len (text, (const char *) bytes, (gssize) length);
    }

  given = strstr (text->str, "<<");
  if (given != NULL)
    whole = g_strdup_printf ("%s %.*s", given + 2, (int) (given - text->str), text->str);
  else
    whole = g_strdup (text->str);
  g_strdelimit (whole, "<", ' ');
  return text_clean (g_strstrip (whole), -1);
}

/* The card's own name for its holder: where no certificate tells it, it tells the token from others. */
static void
read_name (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  g_autofree char *name = NULL;
  Tlv all, part;

  if (get_object (reading, TAG_CARDHOLDER, &data) != FOUND_SOMETHING)
    return;
  all = open_template (data, TAG_CARDHOLDER);
  if (!tlv_find (all.value, all.length, TAG_NAME, &part) || part.length == 0)
    return;

  name = make_name (part.value, part.length);
  if (*name == '\0')
    return;
  g_free (reading->token->label);
  reading->token->label = g_steal_pointer (&name);
}

/* Certificates */

static gboolean
send_selection (Reading *reading, gsize place)
{
  static const guint8 certificate[] = { 0x06, 0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21 };
  gsize skipped = reading->length_first ? 0 : 1;
  Apdu apdu = { .ins = INS_SELECT_DATA,
                .p1 = (guint8) place,
                .p2 = 0x04,
                .data = certificate + skipped,
                .length = sizeof certificate - skipped };
  guint16 status;

  return channel_send (reading->session->channel, &apdu, NULL, &status, NULL) && status == SW_OK;
}

/* Which certificate is meant from now on. FALSE when the token has no such choice. Yubico's tokens before 5.4.4 want
 * the length of what is selected in front of it, and refuse it as it is written in the specification. */
static gboolean
select_place (Reading *reading, gsize place)
{
  if (send_selection (reading, place))
    return TRUE;
  if (!reading->yubico || reading->length_first)
    return FALSE;
  reading->length_first = TRUE;
  return send_selection (reading, place);
}

static Found
read_certificate (Reading *reading, gsize place)
{
  g_autoptr (GByteArray) data = NULL;
  Certificate *certificate;
  Found found = get_object (reading, TAG_CERTIFICATE, &data);
  Tlv der;

  if (found != FOUND_SOMETHING)
    return found;

  der = open_template (data, TAG_CERTIFICATE);
  if (der.length == 0)
    return FOUND_NOTHING;
  certificate = x509_parse (der.value, der.length, NULL);
  if (certificate == NULL)
    return FOUND_RUBBISH;
  /* A token that says yes to SELECT DATA and does not heed it has one certificate. */
  if (token_find_certificate (reading->token, certificate->sha256))
    {
      certificate_unref (certificate);
      return FOUND_NOTHING;
    }

  certificate->id = g_strdup (places[place].id);
  certificate->role = places[place].role;
  g_ptr_array_add (reading->token->certificates, certificate);
  return FOUND_SOMETHING;
}

static Found
read_place (Reading *reading, gsize place)
{
  Found found = read_certificate (reading, place);

  reading->token->steps_done++;
  if (found == FOUND_REFUSED || found == FOUND_RUBBISH)
    token_add_unreadable (reading->token, places[place].id);
  return found;
}

static gboolean
has_evidence (const Reading *reading)
{
  return reading->has_aid || reading->token->certificates->len > 0;
}

static void
report (Reading *reading)
{
  if (!is_over (reading) && has_evidence (reading) && reading->session->report != NULL)
    reading->session->report (reading->session, reading->token);
}

/* Those behind the first one: each may be there without the one before it. */
static void
read_others (Reading *reading)
{
  gboolean moved = FALSE;

  for (gsize i = 1; i < reading->token->steps_total && !is_over (reading); i++)
    {
      if (!select_place (reading, i))
        break;
      moved = TRUE;
      if (read_place (reading, i) != FOUND_NOTHING)
        report (reading);
    }
  if (moved && !is_over (reading) && !select_place (reading, 0))
    return; /* it is as it is */
}

/* The driver */

/* Section 6.1: services, capabilities and life cycle of an ISO card, and nothing else. */
static gboolean
is_likely (const guint8 *historical, gsize length)
{
  return length == 10 && historical[0] == 0x00 && historical[1] == 0x31 && historical[3] == 0x73
         && historical[8] == 0x90 && historical[9] == 0x00;
}

static Probe
probe (Session *session)
{
  Apdu apdu = { .ins = INS_SELECT, .p1 = 0x04, .data = aid, .length = sizeof aid, .ne = APDU_NE_SHORT };
  g_autoptr (GByteArray) data = NULL;
  guint16 status;
  Tlv fci, name;

  if (!channel_send (session->channel, &apdu, &data, &status, NULL) || status != SW_OK)
    return PROBE_NO;

  if (tlv_find (data->data, data->len, TAG_FCI, &fci) && tlv_find (fci.value, fci.length, TAG_DF_NAME, &name)
      && name.length >= sizeof aid && memcmp (name.value, aid, sizeof aid) == 0)
    return PROBE_SURE;
  return PROBE_MAYBE;
}

/* The order is the point: what is shown first costs SELECT and two objects. */
static void
read_all (Reading *reading)
{
  Token *token = reading->token;

  read_application (reading);
  token->steps_total = reading->version >= 3 ? G_N_ELEMENTS (places) : 1;
  read_place (reading, 0);
  report (reading);

  read_others (reading);
  if (token->certificates->len == 0 && !is_over (reading))
    read_name (reading);
  token->steps_total = token->steps_done;
}

/* Some cards say 9000 to any SELECT and to much else: what has nothing of OpenPGP on it must at least have named it. */
static Token *
read_token (Session *session, GError **error)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_OPENPGP);
  Reading reading = { .session = session, .token = token };
  gboolean known;

  read_all (&reading);
  known = has_evidence (&reading) || probe (session) == PROBE_SURE;

  if (channel_get_loss (session->channel, error))
    return NULL;
  if (known)
    return g_steal_pointer (&token);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "nothing of OpenPGP on it");
  return NULL;
}

/* Behind those of its three keys some tokens have more, of keys that their maker put there. */
gboolean
openpgp_has_keys (Session *session)
{
  Reading reading = { .session = session };
  g_autoptr (GByteArray) data = NULL;
  Tlv all, fingerprints;

  if (get_object (&reading, TAG_APPLICATION, &data) != FOUND_SOMETHING)
    return FALSE;
  all = open_template (data, TAG_APPLICATION);
  if (!find_discretionary (&all, TAG_FINGERPRINTS, &fingerprints))
    return FALSE;
  for (gsize i = 0; i < MIN (fingerprints.length, KEYS_SIZE); i++)
    if (fingerprints.value[i] != 0)
      return TRUE;
  return FALSE;
}

const Driver openpgp_driver = {
  .name = "openpgp",
  .is_likely = is_likely,
  .probe = probe,
  .read = read_token,
  .change_pin = openpgp_pin_change,
  .unblock = openpgp_pin_unblock,
};
