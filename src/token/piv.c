/* PIV: NIST SP 800-73-4, part 1 (objects) and part 2 (commands); Yubico's own instructions are in piv-yubico.
 *
 * AID A0 00 00 03 08 00 00 10 00; the version at its end is left out.
 *
 *   what                      command             answer
 *   application               00 A4 04 00 AID     61 { 4F …, 79 … }
 *   object (tables below)     00 CB 3F FF 5C tag  53 { … }; none of these wants a PIN
 *   tries left of the PIN     00 20 00 80, 00     63Cx; 6983 blocked; 9000 it is verified already; 00 the global PIN
 *   discovery                 object 7E           7E { 4F AID, 5F2F PIN usage policy }
 *   card holder identifier    object 5FC102       53 { …, 34 GUID, … }
 *   key history               object 5FC10C       53 { C1 number of retired keys with a certificate here, … }
 *
 * The first certificate and the tries are read first, with the fewest commands that there can be: they are what is
 * shown. Nothing here logs out, so what another program verified stays verified. */
#include <string.h>

#include "driver.h"
#include "found.h"
#include "model/text.h"
#include "piv-object.h"
#include "piv-pin.h"
#include "piv-yubico.h"
#include "tlv.h"

#define INS_SELECT   0xA4
#define INS_GET_DATA 0xCB
#define INS_VERIFY   0x20

#define REF_GLOBAL 0x00
#define REF_PIN    0x80

#define TAG_PROPERTIES  0x61
#define TAG_AID         0x4F
#define TAG_AUTHORITY   0x79
#define TAG_DISCOVERY   0x7E
#define TAG_PIN_POLICY  0x5F2F
#define TAG_CHUID       0x5FC102
#define TAG_GUID        0x34
#define TAG_KEY_HISTORY 0x5FC10C
#define TAG_N_ON_CARD   0xC1

#define GUID_SIZE     16
#define POLICY_PIN    0x40 /* the PIN of this application is taken */
#define POLICY_GLOBAL 0x20 /* the PIN of the whole card is taken */

#define N_RETIRED   20
#define RETIRED_ID  0x82
#define RETIRED_TAG 0x5FC10D /* of slot 82; the others follow */

static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00 };

typedef struct
{
  char id[3];
  guint32 tag;
  CertificateRole role;
  gboolean optional; /* where there need not even be a place for it */
} Slot;

/* Part 1, table 3; the first one stands for the token. */
static const Slot slots[] = {
  { "9a", 0x5FC105, CERTIFICATE_ROLE_AUTHENTICATION, FALSE },
  { "9c", 0x5FC10A, CERTIFICATE_ROLE_SIGNATURE, FALSE },
  { "9d", 0x5FC10B, CERTIFICATE_ROLE_ENCRYPTION, FALSE },
  { "9e", 0x5FC101, CERTIFICATE_ROLE_AUTHENTICATION, FALSE },
};

/* One reading. Once the conversation is lost it is over: nothing more is sent, and whatever was read is thrown away. */
typedef struct
{
  Session *session;
  Token *token;
  Pin *pin;                 /* the token's */
  const char *yubico_label; /* NULL for other tokens */
  gboolean metadata_asked;
} Reading;

/* Questions */

static gboolean
is_over (const Reading *reading)
{
  return channel_get_loss (reading->session->channel, NULL);
}

/* TRUE with the answer to APDU. FALSE when the reading is over, or when this one answer made no sense. */
static gboolean
ask (Reading *reading, const Apdu *apdu, GByteArray **data, guint16 *status)
{
  return channel_send (reading->session->channel, apdu, data, status, NULL);
}

/* Object TAG by GET DATA, part 2 section 3.1.2; *DATA (transfer full) is set for FOUND_SOMETHING alone. Tokens that do
 * not know an object at all call its tag wrong data. */
static Found
get_object (Reading *reading, guint32 tag, GByteArray **data)
{
  guint8 list[] = { 0x5C, 3, (guint8) (tag >> 16), (guint8) (tag >> 8), (guint8) tag };
  Apdu apdu = { .ins = INS_GET_DATA, .p1 = 0x3F, .p2 = 0xFF, .data = list, .length = sizeof list, .ne = APDU_NE_MAX };
  g_autoptr (GByteArray) answer = NULL;
  guint16 status;

  if (tag == TAG_DISCOVERY)
    {
      list[1] = 1;
      list[2] = TAG_DISCOVERY;
      apdu.length = 3;
    }

  *data = NULL;
  if (!ask (reading, &apdu, &answer, &status))
    return FOUND_RUBBISH;
  if (status == SW_NOT_FOUND || status == SW_REFERENCE_MISSING || status == SW_WRONG_DATA)
    return FOUND_NOTHING;
  if (status != SW_OK)
    return FOUND_REFUSED;
  if (answer->len == 0)
    return FOUND_NOTHING;

  *data = g_steal_pointer (&answer);
  return FOUND_SOMETHING;
}

/* Certificates */

static Found
read_certificate (Reading *reading, const Slot *slot)
{
  g_autoptr (GByteArray) data = NULL;
  g_autoptr (GError) failure = NULL;
  Certificate *certificate;
  Found found = get_object (reading, slot->tag, &data);

  if (found != FOUND_SOMETHING)
    return found;

  certificate = piv_object_parse_certificate (data->data, data->len, &failure);
  if (certificate == NULL)
    return error_get_code (failure) == ERROR_OBJECT_MISSING ? FOUND_NOTHING : FOUND_RUBBISH;

  certificate->id = g_strdup (slot->id);
  certificate->role = slot->role;
  g_ptr_array_add (reading->token->certificates, certificate);
  return FOUND_SOMETHING;
}

/* Reads SLOT into the token. What comes of a reading that is over does not matter. */
static Found
read_slot (Reading *reading, const Slot *slot)
{
  Found found = read_certificate (reading, slot);

  reading->token->steps_done++;
  if (found == FOUND_REFUSED && slot->optional)
    return FOUND_NOTHING;
  if (found == FOUND_REFUSED || found == FOUND_RUBBISH)
    token_add_unreadable (reading->token, slot->id);
  return found;
}

/* Whether anything read is PIV's own. Neither a place that cannot be read nor a serial number is: any bytes make one.
 */
static gboolean
has_evidence (const Reading *reading)
{
  return reading->token->certificates->len > 0 || reading->pin->tries_left != PIN_UNKNOWN;
}

static void
report (Reading *reading)
{
  if (!is_over (reading) && has_evidence (reading) && reading->session->report != NULL)
    reading->session->report (reading->session, reading->token);
}

static Found
read_and_report (Reading *reading, const Slot *slot)
{
  Found found = read_slot (reading, slot);

  if (found != FOUND_NOTHING)
    report (reading);
  return found;
}

/* Retired keys: part 1 section 3.3.3 */

/* How many of their slots hold a certificate, N_RETIRED when nobody tells. On Yubico's tokens the history is kept by
 * nobody, so it is not asked. */
static guint
count_retired (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  Tlv tlv;

  if (reading->yubico_label != NULL || get_object (reading, TAG_KEY_HISTORY, &data) != FOUND_SOMETHING
      || !piv_object_find (data->data, data->len, TAG_N_ON_CARD, 1, &tlv))
    return N_RETIRED;

  return MIN (tlv.value[0], N_RETIRED);
}

/* The history is written by whoever filled the token, and not by all: where it says that there is nothing, the first
 * slot is asked all the same, and the others too if that was wrong. */
static void
read_retired (Reading *reading)
{
  Token *token = reading->token;
  guint n_expected = count_retired (reading);
  guint n_found = 0;
  guint n_asked = n_expected == 0 ? 1 : N_RETIRED;

  token->steps_total = token->steps_done + n_asked;
  for (guint i = 0; i < n_asked && !is_over (reading); i++)
    {
      Slot slot = { .tag = RETIRED_TAG + i, .role = CERTIFICATE_ROLE_ENCRYPTION, .optional = TRUE };

      g_snprintf (slot.id, sizeof slot.id, "%02x", RETIRED_ID + i);
      if (read_and_report (reading, &slot) == FOUND_NOTHING)
        continue;

      if (n_expected == 0)
        {
          n_expected = n_asked = N_RETIRED;
          token->steps_total += N_RETIRED - 1;
        }
      if (++n_found == n_expected)
        break;
    }

  token->steps_total = token->steps_done;
}

/* PINs */

/* VERIFY without data for the PIN REF, part 2 section 3.2.1: TRUE when it told the tries left. */
static gboolean
read_tries (Reading *reading, guint8 ref)
{
  Apdu apdu = { .ins = INS_VERIFY, .p2 = ref };
  Pin *pin = reading->pin;
  guint16 status;

  if (!ask (reading, &apdu, NULL, &status) || (status != SW_BLOCKED && (status & 0xFFF0) != 0x63C0))
    return FALSE;

  pin->tries_left = status == SW_BLOCKED ? 0 : status & 0xF;
  pin->blocked = pin->tries_left == 0;
  return TRUE;
}

/* What Yubico's tokens tell of PIN and PUK, once. */
static void
read_metadata (Reading *reading)
{
  if (reading->yubico_label == NULL || reading->metadata_asked)
    return;

  reading->metadata_asked = TRUE;
  piv_yubico_read_metadata (reading->session->channel, reading->pin);
}

/* The PIN is that of the whole card: nothing that was said of this application's own holds for it, and the PUK does not
 * unlock it (part 2 sections 3.2.1 and 3.2.3). */
static void
take_global_pin (Reading *reading)
{
  Pin *pin = reading->pin;

  g_free (pin->ref);
  pin->ref = g_strdup ("global");
  pin->tries_left = pin->tries_max = pin->is_default = pin->unlock_tries_left = PIN_UNKNOWN;
  pin->blocked = FALSE;
  pin->unlock = PIN_UNLOCK_UNKNOWN;
  read_tries (reading, REF_GLOBAL);
}

/* Which PIN the token means, part 1 section 3.3.2: its own, unless it only takes that of the whole card. */
static void
read_discovery (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  Tlv discovery, policy;

  if (get_object (reading, TAG_DISCOVERY, &data) != FOUND_SOMETHING
      || !tlv_find (data->data, data->len, TAG_DISCOVERY, &discovery)
      || !tlv_find (discovery.value, discovery.length, TAG_PIN_POLICY, &policy) || policy.length == 0)
    return;

  if ((policy.value[0] & (POLICY_PIN | POLICY_GLOBAL)) == POLICY_GLOBAL)
    take_global_pin (reading);
}

/* Part 2 section 2.4.3: 6 to 8 digits; Yubico's tokens take any bytes. */
static void
add_pin (Reading *reading)
{
  Pin *pin = pin_new ("user");

  pin->min_length = 6;
  pin->max_length = 8;
  pin->charset = reading->yubico_label != NULL ? PIN_CHARSET_ANY : PIN_CHARSET_DIGITS;
  pin->pinpad = channel_has_pad (reading->session->channel);
  pin->unlock = PIN_UNLOCK_PUK;
  reading->pin = pin;
  g_ptr_array_add (reading->token->pins, pin);
}

/* Identity */

static char *
read_yubico_serial (Reading *reading)
{
  return piv_yubico_read_serial (reading->session->channel);
}

/* The GUID of the card holder identifier, part 1 section 3.1.2; all zero means that there is none. */
static char *
read_guid (Reading *reading)
{
  static const guint8 none[GUID_SIZE];
  g_autoptr (GByteArray) data = NULL;
  Tlv tlv;

  if (get_object (reading, TAG_CHUID, &data) != FOUND_SOMETHING
      || !piv_object_find (data->data, data->len, TAG_GUID, GUID_SIZE, &tlv) || tlv.length != GUID_SIZE
      || memcmp (tlv.value, none, GUID_SIZE) == 0)
    return NULL;

  return text_from_bytes (tlv.value, GUID_SIZE, '\0');
}

/* What is printed on a Yubico token is its own serial number; anywhere else the GUID is the better one. */
static void
read_identity (Reading *reading)
{
  char *(*const ways[]) (Reading *) = { read_yubico_serial, read_guid };
  gsize first = reading->yubico_label != NULL ? 0 : 1;

  reading->token->serial = ways[first](reading);
  if (reading->token->serial == NULL)
    reading->token->serial = ways[1 - first](reading);
}

/* The driver */

static Probe
probe (Session *session)
{
  Apdu apdu = { .ins = INS_SELECT, .p1 = 0x04, .data = aid, .length = sizeof aid, .ne = APDU_NE_SHORT };
  g_autoptr (GByteArray) data = NULL;
  guint16 status;
  Tlv properties, part;

  if (!channel_send (session->channel, &apdu, &data, &status, NULL) || status != SW_OK)
    return PROBE_NO;

  /* The application property template, part 2 section 3.1.1. */
  if (tlv_find (data->data, data->len, TAG_PROPERTIES, &properties)
      && (tlv_find (properties.value, properties.length, TAG_AID, &part)
          || tlv_find (properties.value, properties.length, TAG_AUTHORITY, &part)))
    return PROBE_SURE;

  return PROBE_MAYBE;
}

/* The order is the point: what is shown first costs SELECT, one object and one VERIFY. */
static void
read_all (Reading *reading)
{
  read_slot (reading, &slots[0]);
  if (!read_tries (reading, REF_PIN))
    read_metadata (reading); /* verified already: only this tells */
  report (reading);

  read_identity (reading);
  read_metadata (reading);
  read_discovery (reading);
  reading->token->steps_done++;

  for (gsize i = 1; i < G_N_ELEMENTS (slots); i++)
    read_and_report (reading, &slots[i]);
  read_retired (reading);
}

/* Some cards say 9000 to any SELECT and to much else. A token without evidence is PIV if its SELECT says so; that
 * answer was not kept. */
static gboolean
is_piv (const Reading *reading)
{
  return has_evidence (reading) || probe (reading->session) == PROBE_SURE;
}

static Token *
read_token (Session *session, GError **error)
{
  Channel *channel = session->channel;
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_PIV);
  Reading reading = { .session = session, .token = token, .yubico_label = piv_yubico_find_label (channel) };
  gboolean known;

  token->label = g_strdup (reading.yubico_label);
  token->steps_total = G_N_ELEMENTS (slots) + 1 + (reading.yubico_label != NULL ? N_RETIRED : 1);
  add_pin (&reading);
  read_all (&reading);
  known = is_piv (&reading);

  if (channel_get_loss (channel, error))
    return NULL;
  if (known)
    return g_steal_pointer (&token);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "nothing of PIV on it");
  return NULL;
}

const Driver piv_driver = {
  .name = "piv",
  .probe = probe,
  .read = read_token,
  .change_pin = piv_pin_change,
  .unblock = piv_pin_unblock,
};
