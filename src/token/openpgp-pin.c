/* PINs of OpenPGP cards: Functional Specification of the OpenPGP application 3.4.1, sections 4.3, 7.2.3 and 7.2.4.
 *
 *   what                        command                     answer
 *   PW status                   00 CA 00 C4                 1 byte; longest PW1, RC, PW3; tries left of PW1, RC, PW3
 *   how PINs are derived        00 CA 00 F9                 { 81 00 as they are, … }; most cards have no such object
 *   change PW1, PW3             00 24 00 81, 83 old new     9000; 6982 wrong, or blocked, or not now
 *   unblock PW1                 00 2C 00 81 RC new          the same, about the resetting code RC
 *   … without such a code       00 20 00 83 PW3             the same
 *                               00 2C 02 81 new             9000; only after the other: it can cost no try
 *
 * Old and new stand one behind the other as they were typed, without filler. 6982 says nothing by itself: it was a
 * wrong one if its counter went down, so the counters are read right before and right after. A card that wants its PINs
 * hashed or packed compares a typed one with something else, at the price of a try: nothing is sent to it.
 *
 * None of it is typed at a reader's keypad: PC/SC part 10 has the new PIN begin at an offset that is fixed before the
 * old one is typed (bInsertionOffsetNew), and fills the room between them. Here it begins where the old one ends. Of a
 * reader that does as it is told the card would take filler for a part of the PINs, at best at the price of a try. */
#include "openpgp-pin.h"

#include <string.h>

#include "pin-pair.h"
#include "pin-status.h"
#include "tlv.h"

#define INS_GET_DATA 0xCA
#define INS_VERIFY   0x20
#define INS_CHANGE   0x24
#define INS_UNBLOCK  0x2C

#define UNBLOCK_VERIFIED 0x02 /* P1: PW3 has been verified */

#define REF_PW1 0x81
#define REF_PW3 0x83

#define TAG_PW_STATUS     0xC4
#define TAG_KDF           0xF9
#define TAG_KDF_ALGORITHM 0x81

#define STATUS_SIZE 7
#define PACKED      0x80 /* in the byte of the longest length */
#define MAX_COMMAND 250  /* bytes of both, so that the channel can hold the command in a secret */

/* Section 4.3.1 */
static const guint8 min_lengths[OPENPGP_N_SECRETS] = { 6, 8, 8 };

/* What is typed first, and what the new one is for. */
typedef struct
{
  const char *ref;
  guint8 ins, p2; /* of the command that has both, or of the one after INS_VERIFY */
  OpenPgpSecret first, new;
} Command;

static const Command changes[] = {
  { "user", INS_CHANGE, REF_PW1, OPENPGP_PW1, OPENPGP_PW1 },
  { "admin", INS_CHANGE, REF_PW3, OPENPGP_PW3, OPENPGP_PW3 },
};

static const Command by_code = { "user", INS_UNBLOCK, REF_PW1, OPENPGP_RESETTING_CODE, OPENPGP_PW1 };
static const Command by_admin = { "user", INS_UNBLOCK, REF_PW1, OPENPGP_PW3, OPENPGP_PW1 };

/* The state */

gboolean
openpgp_pin_get_data (Channel *channel, guint16 tag, GByteArray **data, guint16 *status, GError **error)
{
  Apdu apdu = { .ins = INS_GET_DATA, .p1 = (guint8) (tag >> 8), .p2 = (guint8) tag, .ne = APDU_NE_MAX };

  return channel_send (channel, &apdu, data, status, error);
}

gboolean
openpgp_pin_parse_status (const guint8 *bytes, gsize length, OpenPgpStatus *status)
{
  if (length < STATUS_SIZE)
    return FALSE;

  for (gsize i = 0; i < OPENPGP_N_SECRETS; i++)
    {
      status->max_length[i] = bytes[1 + i] & (guint8) ~PACKED;
      status->packed[i] = (bytes[1 + i] & PACKED) != 0;
      status->left[i] = bytes[1 + OPENPGP_N_SECRETS + i];
    }
  return TRUE;
}

gboolean
openpgp_pin_read_status (Channel *channel, OpenPgpStatus *status)
{
  g_autoptr (GByteArray) data = NULL;
  guint16 sw;

  return openpgp_pin_get_data (channel, TAG_PW_STATUS, &data, &sw, NULL) && sw == SW_OK
         && openpgp_pin_parse_status (data->data, data->len, status);
}

static Pin *
add_pin (Token *token, const char *ref, const char *label, OpenPgpSecret secret, const OpenPgpStatus *status)
{
  Pin *pin = pin_new (ref);

  pin->label = g_strdup (label);
  pin->min_length = min_lengths[secret];
  pin->charset = PIN_CHARSET_ANY;
  if (status != NULL)
    {
      pin->tries_left = status->left[secret];
      pin->blocked = pin->tries_left == 0;
      if (status->max_length[secret] >= min_lengths[secret])
        pin->max_length = status->max_length[secret];
    }
  g_ptr_array_add (token->pins, pin);
  return pin;
}

/* The resetting code is a PUK where there is one; otherwise only PW3 unblocks PW1. A PW3 without tries can neither be
 * changed nor unblocked, and its holder is not the one who looks at this: it is left out. */
void
openpgp_pin_add_all (Token *token, const OpenPgpStatus *status)
{
  Pin *user = add_pin (token, "user", "User PIN", OPENPGP_PW1, status);

  if (status == NULL)
    return;
  user->officer = status->left[OPENPGP_RESETTING_CODE] == 0;
  user->unlock = user->officer ? PIN_UNLOCK_ADMIN : PIN_UNLOCK_PUK;
  user->unlock_tries_left = status->left[user->officer ? OPENPGP_PW3 : OPENPGP_RESETTING_CODE];
  if (status->left[OPENPGP_PW3] > 0)
    add_pin (token, "admin", "Admin PIN", OPENPGP_PW3, status)->unlock = PIN_UNLOCK_NONE;
}

/* Before */

static gboolean
fail (GError **error, ErrorCode code, const char *why)
{
  g_set_error_literal (error, ASSISTANT_ERROR, (int) code, why);
  return FALSE;
}

/* Section 4.3.2. What cannot be understood is not taken for "as they are". */
static gboolean
takes_typed_pins (Channel *channel)
{
  g_autoptr (GByteArray) data = NULL;
  guint16 status;
  Tlv whole, algorithm;

  if (!openpgp_pin_get_data (channel, TAG_KDF, &data, &status, NULL))
    return FALSE;
  if (status != SW_OK || data->len == 0)
    return TRUE;
  if (!tlv_find (data->data, data->len, TAG_KDF, &whole))
    whole = (Tlv){ .value = data->data, .length = data->len };
  return tlv_find (whole.value, whole.length, TAG_KDF_ALGORITHM, &algorithm) && algorithm.length == 1
         && algorithm.value[0] == 0;
}

static gboolean
has_length (const Secret *secret, OpenPgpSecret which, const OpenPgpStatus *status)
{
  return secret->length >= min_lengths[which] && secret->length <= status->max_length[which];
}

/* Whether FIRST and NEW may go to the token at all. */
static gboolean
check (Session *session,
       const Command *command,
       const Secret *first,
       const Secret *new,
       OpenPgpStatus *status,
       GError **error)
{
  Channel *channel = session->channel;

  if (first == NULL || new == NULL)
    return fail (error, ERROR_PIN_IMPOSSIBLE, "not at a keypad");
  if (!openpgp_pin_read_status (channel, status))
    return channel_get_loss (channel, error) ? FALSE : fail (error, ERROR_TOKEN_UNREADABLE, "no PW status");
  if (status->left[command->first] == 0)
    return fail (error, ERROR_PIN_BLOCKED, "no tries left");
  if (status->packed[command->first] || status->packed[command->new] || !takes_typed_pins (channel))
    return channel_get_loss (channel, error) ? FALSE : fail (error, ERROR_PIN_IMPOSSIBLE, "PINs are not sent as typed");
  if (!has_length (first, command->first, status) || !has_length (new, command->new, status)
      || first->length + new->length > MAX_COMMAND)
    return fail (error, ERROR_PIN_REFUSED, "too short or too long");
  return TRUE;
}

/* The command, and after */

/* 6982: a wrong one if it cost a try, and nobody knows what otherwise. */
static void
judge_by_counter (Channel *channel, OpenPgpSecret first, const OpenPgpStatus *before, Attempt *attempt)
{
  OpenPgpStatus after;

  if (!openpgp_pin_read_status (channel, &after))
    return;
  attempt->tries_left = after.left[first];
  if (after.left[first] < before->left[first])
    attempt->failure = ERROR_PIN_WRONG;
}

/* PW3, and the new PW1 by itself once the token has taken that. *STATUS is of whichever was the last. */
static gboolean
send_by_admin (Channel *channel, const Secret *admin, const Secret *new, guint16 *status, GError **error)
{
  Apdu verify = { .ins = INS_VERIFY, .p2 = REF_PW3, .data = admin->bytes, .length = admin->length };
  Apdu unblock = {
    .ins = INS_UNBLOCK, .p1 = UNBLOCK_VERIFIED, .p2 = REF_PW1, .data = new->bytes, .length = new->length
  };

  if (!channel_send (channel, &verify, NULL, status, error))
    return FALSE;
  return *status != SW_OK || channel_send (channel, &unblock, NULL, status, error);
}

static gboolean
send (Session *session,
      const Command *command,
      const Secret *first,
      const Secret *new,
      Attempt *attempt,
      GError **error)
{
  Channel *channel = session->channel;
  OpenPgpStatus before;
  guint16 status;

  if (!check (session, command, first, new, &before, error))
    return FALSE;
  if (!(command == &by_admin ? send_by_admin (channel, first, new, &status, error)
                             : pin_pair_send (channel, command->ins, command->p2, first, new, &status, error)))
    return FALSE;

  pin_status_take (status, attempt);
  if (status == SW_SECURITY)
    judge_by_counter (session->channel, command->first, &before, attempt);
  return TRUE;
}

gboolean
openpgp_pin_change (Session *session,
                    const char *ref,
                    const Secret *old,
                    const Secret *new,
                    Attempt *attempt,
                    GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    if (strcmp (changes[i].ref, ref) == 0)
      return send (session, &changes[i], old, new, attempt, error);

  return fail (error, ERROR_PIN_IMPOSSIBLE, "no such PIN, or PW3 alone sets it");
}

gboolean
openpgp_pin_unblock (Session *session,
                     const char *ref,
                     const Secret *first,
                     const Secret *new,
                     Attempt *attempt,
                     GError **error)
{
  OpenPgpStatus status;

  if (strcmp (ref, by_code.ref) != 0)
    return fail (error, ERROR_PIN_IMPOSSIBLE, "PW1 alone can be unblocked");
  if (!openpgp_pin_read_status (session->channel, &status))
    return channel_get_loss (session->channel, error) ? FALSE : fail (error, ERROR_TOKEN_UNREADABLE, "no PW status");
  return send (session, status.left[OPENPGP_RESETTING_CODE] > 0 ? &by_code : &by_admin, first, new, attempt, error);
}
