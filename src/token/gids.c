/* GIDS: Generic Identity Device Specification 2.0 (Microsoft), the card edge that Windows knows without a driver. What
 * is in the files is in gids-file, PINs are in gids-pin.
 *
 * AID A0 00 00 03 97 42 54 46 59, then version and revision, which are left out.
 *
 *   what                      command                          answer
 *   application               00 A4 04 00 AID                  61 { 4F whole AID, … }
 *   table of files            00 CB A0 00 5C 02 DF 1F          DF 1F { … }; 6A 82 from a card that nobody has filled
 *   a file of that table      00 CB file 5C 02 tag             tag { … }
 *   tries left of PIN, PUK    see gids-pin
 *
 * Nothing of this wants a PIN. The default container's certificate and the tries of the PIN are read first, with the
 * fewest commands that there can be: where they are is in the table, and which container it is in the map. */
#include <string.h>

#include "driver.h"
#include "gids-file.h"
#include "gids-pin.h"
#include "model/text.h"

#define INS_SELECT 0xA4

#define TAG_APPLICATION 0x61
#define TAG_AID         0x4F
#define TAG_FCI         0x6F
#define TAG_DF_NAME     0x84

#define CARD_ID_LONGEST 16

static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59 };
static const GidsPlace table = { 0xA000, 0xDF1F };

/* One reading. Once the conversation is lost it is over: nothing more is sent, and whatever was read is thrown away. */
typedef struct
{
  Session *session;
  Token *token;
  Pin *pin; /* the token's */
  GidsFiles files;
  gboolean has_table;
} Reading;

static gboolean
is_over (const Reading *reading)
{
  return channel_get_loss (reading->session->channel, NULL);
}

/* Files */

/* The file at PLACE; what holds something that cannot be read is called ID. */
static gboolean
get_file (Reading *reading, GidsPlace place, const char *id, GByteArray **data, Tlv *value)
{
  Found found = gids_file_get (reading->session->channel, place, data, value);

  if (found == FOUND_REFUSED || found == FOUND_RUBBISH)
    token_add_unreadable (reading->token, id);
  return found == FOUND_SOMETHING;
}

static void
read_table (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  Tlv value;

  if (!get_file (reading, table, TOKEN_CERTIFICATE_LIST, &data, &value))
    return;
  reading->has_table = gids_file_parse_table (value.value, value.length, &reading->files);
  if (!reading->has_table)
    token_add_unreadable (reading->token, TOKEN_CERTIFICATE_LIST);
}

/* Without a map every certificate counts. One alone has no order, but whether its container is in use is in the map. */
static void
read_containers (Reading *reading)
{
  GidsFiles *files = &reading->files;
  g_autoptr (GByteArray) data = NULL;
  Tlv map = { 0 };

  if (files->n_certificates > 0 && files->containers.object != 0
      && get_file (reading, files->containers, TOKEN_CERTIFICATE_LIST, &data, &map))
    gids_file_apply_containers (files, map.value, map.length);
  else
    gids_file_apply_containers (files, NULL, 0);
}

/* The card's own number, 16 bytes that are made up when it is filled; all zero means that there is none. */
static void
read_card_id (Reading *reading)
{
  static const guint8 none[CARD_ID_LONGEST];
  g_autoptr (GByteArray) data = NULL;
  Tlv value;

  if (reading->files.card_id.object != 0 && get_file (reading, reading->files.card_id, "cardid", &data, &value)
      && value.length <= CARD_ID_LONGEST && memcmp (value.value, none, value.length) != 0)
    reading->token->serial = text_from_bytes (value.value, value.length, '\0');
  reading->token->steps_done++;
}

/* Certificates */

/* By its usages where they tell; a key that only signs is for signatures otherwise. */
static void
read_certificate (Reading *reading, const GidsCertificate *which)
{
  g_autoptr (GByteArray) data = NULL;
  Certificate *certificate;
  Tlv value;

  reading->token->steps_done++;
  if (!get_file (reading, which->place, which->id, &data, &value))
    return;

  certificate = gids_file_parse_certificate (value.value, value.length, NULL);
  if (certificate == NULL)
    {
      token_add_unreadable (reading->token, which->id);
      return;
    }
  certificate->id = g_strdup (which->id);
  if (certificate->role == CERTIFICATE_ROLE_OTHER && !which->exchange)
    certificate->role = CERTIFICATE_ROLE_SIGNATURE;
  g_ptr_array_add (reading->token->certificates, certificate);
}

/* PINs */

static void
read_pin (Reading *reading)
{
  GidsStatus status;
  gboolean known = gids_pin_read_status (reading->session->channel, GIDS_SECRET_PIN, &status);

  gids_pin_set_status (reading->pin, known ? &status : NULL);
}

static void
read_puk (Reading *reading)
{
  GidsStatus status;
  gboolean known = gids_pin_read_status (reading->session->channel, GIDS_SECRET_PUK, &status);

  gids_pin_set_puk (reading->pin, known ? &status : NULL);
}

/* The driver */

static gboolean
is_named (const Tlv *whole, guint32 tag)
{
  Tlv name;

  return tlv_find (whole->value, whole->length, tag, &name) && name.length >= sizeof aid
         && memcmp (name.value, aid, sizeof aid) == 0;
}

static Probe
probe (Session *session)
{
  Apdu apdu = { .ins = INS_SELECT, .p1 = 0x04, .data = aid, .length = sizeof aid, .ne = APDU_NE_SHORT };
  g_autoptr (GByteArray) data = NULL;
  guint16 status;
  Tlv whole;

  if (!channel_send (session->channel, &apdu, &data, &status, NULL) || status != SW_OK)
    return PROBE_NO;

  if ((tlv_find (data->data, data->len, TAG_APPLICATION, &whole) && is_named (&whole, TAG_AID))
      || (tlv_find (data->data, data->len, TAG_FCI, &whole) && is_named (&whole, TAG_DF_NAME)))
    return PROBE_SURE;
  return PROBE_MAYBE;
}

/* Whether anything read is GIDS's own. */
static gboolean
has_evidence (const Reading *reading)
{
  return reading->has_table || reading->pin->tries_left != PIN_UNKNOWN;
}

static void
report (Reading *reading)
{
  if (!is_over (reading) && has_evidence (reading) && reading->session->report != NULL)
    reading->session->report (reading->session, reading->token);
}

static void
read_all (Reading *reading)
{
  Token *token = reading->token;
  const GidsFiles *files = &reading->files;

  read_table (reading);
  read_containers (reading);
  token->steps_total = (guint) files->n_certificates + 1;
  if (files->n_certificates > 0)
    read_certificate (reading, &files->certificates[0]);
  read_pin (reading);
  report (reading);

  read_card_id (reading);
  read_puk (reading);
  for (gsize i = 1; i < files->n_certificates && !is_over (reading); i++)
    {
      read_certificate (reading, &files->certificates[i]);
      report (reading);
    }
}

/* Some cards say 9000 to any SELECT and to much else: what has nothing of GIDS on it must at least have named it. */
static Token *
read_token (Session *session, GError **error)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_GIDS);
  Reading reading = { .session = session, .token = token, .pin = gids_pin_add (token) };
  gboolean known;

  read_all (&reading);
  known = has_evidence (&reading) || probe (session) == PROBE_SURE;

  if (channel_get_loss (session->channel, error))
    return NULL;
  if (known)
    return g_steal_pointer (&token);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "nothing of GIDS on it");
  return NULL;
}

const Driver gids_driver = {
  .name = "gids",
  .probe = probe,
  .read = read_token,
  .change_pin = gids_pin_change,
  .unblock = gids_pin_unblock,
};
