/* PINs of GIDS: Generic Identity Device Specification 2.0.
 *
 *   what                          command                         answer
 *   state of the PIN, the PUK     00 CB 3F FF 5C 02 7F 71, 7F 73  7F 71 { 97 tries left, 93 most tries }; 9F 17 for 97
 *                                                                 from version 1; 6A 88 without PUK */
#include "gids-pin.h"

#include "gids-file.h"

#define FILE_APPLICATION 0x3FFF
#define TAG_TRIES        0x97
#define TAG_TRIES_OLD    0x9F17
#define TAG_TRIES_MAX    0x93

#define SHORTEST 4
#define LONGEST  16

static const guint16 states[] = { [GIDS_SECRET_PIN] = 0x7F71, [GIDS_SECRET_PUK] = 0x7F73 };

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

  if (gids_file_get (channel, (GidsPlace){ FILE_APPLICATION, states[secret] }, &data, &whole) != GIDS_FOUND
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
