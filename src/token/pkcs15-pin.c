/* PINs of PKCS#15: v1.1 section 6.8 (authentication objects), ISO 7816-4 section 7.5.
 *
 *   what                       command                      answer
 *   tries left                 00 20 00 ref, no data        63Cx; 6983 blocked; 9000 it is verified already
 *   change PIN or PUK          00 24 00 ref, old new        9000; 63Cx wrong, 63C0 also blocked; 6983 blocked
 *   unblock a PIN by its PUK   00 2C 00 ref, PUK new        the same, about the PUK */
#include "pkcs15-pin.h"

#include <string.h>

#include "pin-status.h"
#include "pkcs15-form.h"

#define INS_VERIFY  0x20
#define INS_CHANGE  0x24
#define INS_UNBLOCK 0x2C

#define WRONG      0x63C0
#define WRONG_MASK 0xFFF0

#define REF_PUK "puk"

#define MAX_COMMAND 250 /* bytes of both, so that the channel can hold the command in a secret */

/* What only goes through secure messaging, or in more than one command. */
#define BEYOND_US (PKCS15_PIN_INTEGRITY | PKCS15_PIN_CONFIDENTIAL | PKCS15_PIN_EXCHANGE)

/* Who is who */

static gboolean
is_admin (const Pkcs15Pin *pin)
{
  return (pin->flags & (PKCS15_PIN_IS_ADMIN | PKCS15_PIN_UNBLOCKS)) == PKCS15_PIN_IS_ADMIN;
}

static gboolean
is_puk (const Pkcs15Pin *pin)
{
  return (pin->flags & PKCS15_PIN_UNBLOCKS) != 0;
}

/* What number I is called; NULL for a PUK. (transfer full) */
static char *
make_ref (const GPtrArray *pins, guint i)
{
  const Pkcs15Pin *pin = pins->pdata[i];
  const char *word = is_admin (pin) ? "admin" : "user";
  guint number = 1;

  if (is_puk (pin))
    return NULL;
  for (guint j = 0; j < i; j++)
    number += !is_puk (pins->pdata[j]) && is_admin (pins->pdata[j]) == is_admin (pin);
  return number == 1 ? g_strdup (word) : g_strdup_printf ("%s-%u", word, number);
}

static const Pkcs15Pin *
find_pin (const GPtrArray *pins, const char *ref)
{
  for (guint i = 0; i < pins->len; i++)
    {
      g_autofree char *own = make_ref (pins, i);

      if (g_strcmp0 (own, ref) == 0)
        return pins->pdata[i];
    }
  return NULL;
}

/* What unblocks PIN: the one that it names, otherwise the only PUK that there is. */
static const Pkcs15Pin *
find_unblocker (const GPtrArray *pins, const Pkcs15Pin *pin)
{
  const Pkcs15Pin *only = NULL;
  guint n = 0;

  if (pin->flags & PKCS15_PIN_UNBLOCK_DISABLED)
    return NULL;
  for (guint i = 0; i < pins->len; i++)
    {
      const Pkcs15Pin *other = pins->pdata[i];

      if (other != pin && (is_puk (other) || is_admin (other))
          && pkcs15_object_is_same_id (&other->id, &pin->unblocked_by))
        return other;
      if (is_puk (other) && !(other->flags & PKCS15_PIN_IS_ADMIN) && ++n == 1)
        only = other;
    }
  return pin->unblocked_by.length == 0 && n == 1 && !is_admin (pin) ? only : NULL;
}

/* The state */

GPtrArray *
pkcs15_pin_read_all (Pkcs15Files *files, const Pkcs15Place *places, gsize n_places)
{
  GPtrArray *pins = g_ptr_array_new_with_free_func (pkcs15_object_free_pin);

  for (gsize i = 0; i < n_places; i++)
    {
      g_autoptr (GByteArray) data = NULL;

      if (places[i].kind != PKCS15_PINS)
        continue;
      if (places[i].path.length == 0)
        pkcs15_object_add_pins (places[i].objects.value, places[i].objects.length, pins, TOKEN_MAX_PINS);
      else if (pkcs15_file_read (files, &places[i].path, PKCS15_ALL_OBJECTS, &data) == FOUND_SOMETHING)
        pkcs15_object_add_pins (data->data, data->len, pins, TOKEN_MAX_PINS);
    }
  return pins;
}

/* A command without data: no try is used. */
static int
read_tries (Pkcs15Files *files, const Pkcs15Pin *pin)
{
  Apdu apdu = { .ins = INS_VERIFY, .p2 = pin->reference };
  guint16 status;

  if (pin->flags & BEYOND_US || !pkcs15_file_enter_folder (files, &pin->path)
      || !channel_send (files->channel, &apdu, NULL, &status, NULL))
    return PIN_UNKNOWN;
  if (status == SW_BLOCKED)
    return 0;
  return (status & WRONG_MASK) == WRONG ? status & ~WRONG_MASK : PIN_UNKNOWN;
}

static void
fill_unlock (Pkcs15Files *files, const GPtrArray *pins, const Pkcs15Pin *object, Pin *pin)
{
  const Pkcs15Pin *unblocker = find_unblocker (pins, object);

  if (object->flags & PKCS15_PIN_UNBLOCK_DISABLED)
    pin->unlock = PIN_UNLOCK_NONE;
  else if (unblocker != NULL && is_admin (unblocker))
    pin->unlock = PIN_UNLOCK_ADMIN;
  else if (unblocker != NULL)
    {
      pin->unlock = PIN_UNLOCK_PUK;
      pin->unlock_tries_left = read_tries (files, unblocker);
    }
}

static Pin *
make_pin (Pkcs15Files *files, const Pkcs15Pin *object, const char *ref)
{
  Pin *pin = pin_new (ref);
  gsize min, max;

  pin->label = g_strdup (object->label);
  pin->charset = pkcs15_form_is_digits (object) ? PIN_CHARSET_DIGITS : PIN_CHARSET_ANY;
  pin->pinpad = channel_has_pad (files->channel) && pkcs15_form_fits_keypad (object);
  if (pkcs15_form_get_limits (object, &min, &max))
    {
      pin->min_length = (int) min;
      pin->max_length = max < SECRET_MAX ? (int) max : PIN_UNKNOWN;
    }
  /* A PIN that nobody has set yet has no tries either. */
  pin->tries_left = read_tries (files, object);
  if (pin->tries_left == 0 && !(object->flags & PKCS15_PIN_INITIALIZED))
    pin->tries_left = PIN_UNKNOWN;
  pin->blocked = pin->tries_left == 0;
  return pin;
}

void
pkcs15_pin_add_all (Pkcs15Files *files, const GPtrArray *pins, Token *token)
{
  for (int admins = 0; admins <= 1; admins++)
    for (guint i = 0; i < pins->len; i++)
      {
        g_autofree char *ref = make_ref (pins, i);
        Pin *pin;

        if (ref == NULL || is_admin (pins->pdata[i]) != admins)
          continue;
        pin = make_pin (files, pins->pdata[i], ref);
        fill_unlock (files, pins, pins->pdata[i], pin);
        g_ptr_array_add (token->pins, pin);
      }
}

/* The command */

/* What is typed first and what becomes of the new one. */
typedef struct
{
  guint8 ins;
  const Pkcs15Pin *first, *target;
} Command;

static gboolean
fail (GError **error, ErrorCode code, const char *why)
{
  g_set_error_literal (error, ASSISTANT_ERROR, (int) code, why);
  return FALSE;
}

/* What is typed first, at the reader as here, is what the token compares. */
static gboolean
send_from_pad (Session *session, const Command *command, guint16 *status, GError **error)
{
  const Pkcs15Pin *first = command->first, *target = command->target;
  guint8 data[2 * PKCS15_FORM_MAX_BLOCK];
  PadCommand pad = { .apdu = { .ins = command->ins, .p2 = target->reference, .data = data }, .with_old = TRUE };
  gsize min, max, other_min, other_max;

  if (!pkcs15_form_fits_keypad (first) || !pkcs15_form_fits_keypad (target)
      || first->stored_length != target->stored_length || !pkcs15_form_get_limits (first, &min, &max)
      || !pkcs15_form_get_limits (target, &other_min, &other_max))
    return fail (error, ERROR_PIN_IMPOSSIBLE, "not at a keypad");
  pad.apdu.length = 2 * target->stored_length;
  pad.new_offset = pad.block_size = (guint8) target->stored_length;
  pad.min_length = (guint8) MIN (min, other_min);
  pad.max_length = (guint8) MAX (max, other_max);
  memset (data, first->filler, first->stored_length);
  memset (data + first->stored_length, target->filler, target->stored_length);
  return channel_send_from_pad (session->channel, &pad, status, error);
}

static gboolean
send_typed (Session *session,
            const Command *command,
            const Secret *first,
            const Secret *new,
            guint16 *status,
            GError **error)
{
  g_autoptr (Secret) both = secret_new ();
  Apdu apdu = { .ins = command->ins, .p2 = command->target->reference };
  gsize n_first, n_new;

  if (!both)
    return fail (error, ERROR_WORKER_FAILED, "no locked memory");
  n_first = pkcs15_form_write (command->first, first, both->bytes, MAX_COMMAND);
  n_new = pkcs15_form_write (command->target, new, both->bytes + n_first, MAX_COMMAND - n_first);
  if (n_first == 0 || n_new == 0)
    return fail (error, ERROR_PIN_REFUSED, "not such a PIN");
  apdu.data = both->bytes;
  apdu.length = n_first + n_new;
  return channel_send (session->channel, &apdu, NULL, status, error);
}

static gboolean
send (Session *session,
      Pkcs15Files *files,
      const Command *command,
      const Secret *first,
      const Secret *new,
      Attempt *attempt,
      GError **error)
{
  guint16 status;

  if (!pkcs15_file_enter_folder (files, &command->target->path))
    return channel_get_loss (session->channel, error) ? FALSE : fail (error, ERROR_TOKEN_UNREADABLE, "no folder");
  if (first == NULL || new == NULL ? !send_from_pad (session, command, &status, error)
                                   : !send_typed (session, command, first, new, &status, error))
    return FALSE;
  pin_status_take (status, attempt);
  return TRUE;
}

/* What REF and INS come to, by what the token says of its PINs. FALSE with ERROR when it cannot be done. */
static gboolean
find_command (const GPtrArray *pins, const char *ref, guint8 ins, Command *command, GError **error)
{
  const Pkcs15Pin *pin = find_pin (pins, strcmp (ref, REF_PUK) == 0 ? "user" : ref);
  const Pkcs15Pin *puk = pin != NULL ? find_unblocker (pins, pin) : NULL;

  if (puk != NULL && !is_puk (puk))
    puk = NULL;
  if (ins == INS_UNBLOCK)
    *command = (Command){ ins, puk, strcmp (ref, REF_PUK) != 0 ? pin : NULL };
  else if (strcmp (ref, REF_PUK) == 0)
    *command = (Command){ ins, puk, puk };
  else
    *command = (Command){ ins, pin, pin };

  if (command->first == NULL || command->target == NULL)
    return fail (error, ERROR_PIN_IMPOSSIBLE, "no such PIN, or no PUK for it");
  if ((command->first->flags | command->target->flags) & BEYOND_US
      || (ins == INS_CHANGE && command->target->flags & PKCS15_PIN_CHANGE_DISABLED))
    return fail (error, ERROR_PIN_IMPOSSIBLE, "the PIN says so");
  return TRUE;
}

/* The PINs are read again: nothing is kept from reading the token. */
static gboolean
attempt_command (Session *session,
                 const char *ref,
                 guint8 ins,
                 const Secret *first,
                 const Secret *new,
                 Attempt *attempt,
                 GError **error)
{
  Pkcs15Files files = pkcs15_file_tree_over (session->channel);
  g_autoptr (GByteArray) directory = NULL;
  g_autoptr (GPtrArray) pins = NULL;
  Pkcs15Place places[PKCS15_MAX_PLACES];
  gsize n_places = 0;
  Command command;

  if (pkcs15_file_open_application (&files) != PKCS15_ABSENT
      && pkcs15_file_read_directory (&files, &directory) == FOUND_SOMETHING)
    n_places = pkcs15_object_list_places (directory->data, directory->len, places);
  pins = pkcs15_pin_read_all (&files, places, n_places);

  if (channel_get_loss (session->channel, error))
    return FALSE;
  return find_command (pins, ref, ins, &command, error) && send (session, &files, &command, first, new, attempt, error);
}

gboolean
pkcs15_pin_change (Session *session,
                   const char *ref,
                   const Secret *old,
                   const Secret *new,
                   Attempt *attempt,
                   GError **error)
{
  return attempt_command (session, ref, INS_CHANGE, old, new, attempt, error);
}

gboolean
pkcs15_pin_unblock (Session *session,
                    const char *ref,
                    const Secret *puk,
                    const Secret *new,
                    Attempt *attempt,
                    GError **error)
{
  return attempt_command (session, ref, INS_UNBLOCK, puk, new, attempt, error);
}
