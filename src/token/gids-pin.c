/* PINs of GIDS: Generic Identity Device Specification 2.0, VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER.
 *
 *   what                          command                         answer
 *   state of the PIN, the PUK     00 CB 3F FF 5C 02 7F 71, 7F 73  7F 71 { 97 tries left, 93 most tries }; 9F 17 for 97
 *                                                                 from version 1; 6A 88 without PUK
 *   change the PIN, the PUK       00 24 00 80, 81, old new        9000; 63Cx wrong; 6983 blocked; 6700 not such a PIN
 *   unblock the PIN by PUK        00 2C 00 80, PUK new            the same, about the PUK
 *   unblock after the admin key   00 2C 02 80, new                not done here: version 2 has this way alone
 *
 * Old and new stand one behind the other as they were typed, without filler and without lengths: where the old one ends
 * only the card knows. So one that is typed too long or too short can be taken for the right one and a piece of the new
 * one, or the new one gets a piece of the old one; only the way that wants a VERIFY first (P1 01) would tell, at the
 * price of a second command. Here both must be of a length that a PIN can have.
 *
 * Some cards say 63Cx to a length that they do not like, and take no try for it: that is no wrong PIN, so the tries are
 * read right before. */
#include "gids-pin.h"

#include <string.h>

#include "gids-file.h"
#include "pin-pair.h"
#include "pin-status.h"

#define INS_CHANGE  0x24
#define INS_UNBLOCK 0x2C

#define REF_PIN 0x80
#define REF_PUK 0x81

#define FILE_APPLICATION 0x3FFF
#define TAG_TRIES        0x97
#define TAG_TRIES_OLD    0x9F17
#define TAG_TRIES_MAX    0x93

#define SHORTEST 4
#define LONGEST  16

static const guint16 states[] = { [GIDS_SECRET_PIN] = 0x7F71, [GIDS_SECRET_PUK] = 0x7F73 };

/* One command: what is typed first; the new one is for P2. */
typedef struct
{
  const char *ref;
  guint8 ins, p2;
  GidsSecret first;
} Command;

static const Command changes[] = {
  { "user", INS_CHANGE, REF_PIN, GIDS_SECRET_PIN },
  { "puk", INS_CHANGE, REF_PUK, GIDS_SECRET_PUK },
};

static const Command unblocking = { "user", INS_UNBLOCK, REF_PIN, GIDS_SECRET_PUK };

/* The state */

static gboolean
find_byte (const Tlv *whole, guint32 tag, int *value)
{
  Tlv part;

  if (!tlv_find (whole->value, whole->length, tag, &part) || part.length != 1)
    return FALSE;
  *value = part.value[0];
  return TRUE;
}

gboolean
gids_pin_read_status (Channel *channel, GidsSecret secret, GidsStatus *status)
{
  g_autoptr (GByteArray) data = NULL;
  Tlv whole;

  if (gids_file_get (channel, (GidsPlace){ FILE_APPLICATION, states[secret] }, &data, &whole) != FOUND_SOMETHING
      || !(find_byte (&whole, TAG_TRIES, &status->left) || find_byte (&whole, TAG_TRIES_OLD, &status->left)))
    return FALSE;
  if (!find_byte (&whole, TAG_TRIES_MAX, &status->max) || status->max < status->left)
    status->max = PIN_UNKNOWN;
  return TRUE;
}

Pin *
gids_pin_add (Token *token)
{
  Pin *pin = pin_new ("user");

  pin->min_length = SHORTEST;
  pin->max_length = LONGEST;
  pin->charset = PIN_CHARSET_ANY;
  g_ptr_array_add (token->pins, pin);
  return pin;
}

void
gids_pin_set_status (Pin *pin, const GidsStatus *status)
{
  if (status == NULL)
    return;
  pin->tries_left = status->left;
  pin->tries_max = status->max;
  pin->blocked = status->left == 0;
}

/* The admin key is always there; no person types it. */
void
gids_pin_set_puk (Pin *pin, const GidsStatus *status)
{
  pin->unlock = PIN_UNLOCK_ADMIN;
  if (status == NULL || status->left == 0)
    return;
  pin->unlock = PIN_UNLOCK_PUK;
  pin->unlock_tries_left = status->left;
}

/* Before */

static gboolean
fail (GError **error, ErrorCode code, const char *why)
{
  g_set_error_literal (error, ASSISTANT_ERROR, (int) code, why);
  return FALSE;
}

static gboolean
has_length (const Secret *secret)
{
  return secret->length >= SHORTEST && secret->length <= LONGEST;
}

/* Whether FIRST and NEW may go to the token at all. A PIN without a state is one all the same; what nobody knows of a
 * PUK is that there is one. */
static gboolean
check (Session *session,
       const Command *command,
       const Secret *first,
       const Secret *new,
       GidsStatus *before,
       GError **error)
{
  if (first == NULL || new == NULL)
    return fail (error, ERROR_PIN_IMPOSSIBLE, "not at a keypad");
  if (!has_length (first) || !has_length (new))
    return fail (error, ERROR_PIN_REFUSED, "too short or too long");
  if (!gids_pin_read_status (session->channel, command->first, before))
    {
      if (channel_get_loss (session->channel, error))
        return FALSE;
      if (command->first == GIDS_SECRET_PUK)
        return fail (error, ERROR_PIN_IMPOSSIBLE, "no PUK");
      *before = (GidsStatus){ PIN_UNKNOWN, PIN_UNKNOWN };
    }
  if (before->left == 0)
    return fail (error, ERROR_PIN_BLOCKED, "no tries left");
  return TRUE;
}

/* The command, and after */

static gboolean
send (Session *session,
      const Command *command,
      const Secret *first,
      const Secret *new,
      Attempt *attempt,
      GError **error)
{
  GidsStatus before;
  guint16 status;

  if (!check (session, command, first, new, &before, error)
      || !pin_pair_send (session->channel, command->ins, command->p2, first, new, &status, error))
    return FALSE;

  pin_status_take (status, attempt);
  if (attempt->failure == ERROR_PIN_WRONG && attempt->tries_left == before.left)
    attempt->failure = ERROR_PIN_REFUSED;
  return TRUE;
}

gboolean
gids_pin_change (Session *session,
                 const char *ref,
                 const Secret *old,
                 const Secret *new,
                 Attempt *attempt,
                 GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
    if (strcmp (changes[i].ref, ref) == 0)
      return send (session, &changes[i], old, new, attempt, error);

  return fail (error, ERROR_PIN_IMPOSSIBLE, "no such PIN");
}

gboolean
gids_pin_unblock (Session *session,
                  const char *ref,
                  const Secret *puk,
                  const Secret *new,
                  Attempt *attempt,
                  GError **error)
{
  if (strcmp (ref, unblocking.ref) == 0)
    return send (session, &unblocking, puk, new, attempt, error);

  return fail (error, ERROR_PIN_IMPOSSIBLE, "no PUK for it");
}
