/* PINs of PIV: NIST SP 800-73-4 part 2 sections 3.2.1 to 3.2.3.
 *
 *   what                       command                     answer
 *   change PIN or PUK          00 24 00 ref, old new       9000; 63Cx wrong; 6983 blocked; 6A80 not such a PIN
 *   unblock the PIN by PUK     00 2C 00 80, PUK new        the same, about the PUK
 *   is it verified             00 20 00 80, no data        9000; no try is used (section 3.2.1)
 *
 * Each of the two is 8 bytes, filled up with FF (part 1 section 2.4.3): a PIN that is too short costs a try, so it is
 * not sent. At a reader's keypad the same command is filled in by the reader. */
#include "piv-pin.h"

#include <string.h>

#include "pin-status.h"

#define INS_VERIFY  0x20
#define INS_CHANGE  0x24
#define INS_UNBLOCK 0x2C

#define PIN_SIZE     8
#define PIN_SHORTEST 6
#define FILLER       0xFF

static const struct
{
  const char *ref;
  guint8 p2;
} references[] = {
  { "user", 0x80 },
  { "global", 0x00 },
  { "puk", 0x81 },
};

static gboolean
fill (const Secret *secret, guint8 *filled)
{
  if (secret->length < PIN_SHORTEST || secret->length > PIN_SIZE
      || memchr (secret->bytes, FILLER, secret->length) != NULL)
    return FALSE;

  memset (filled, FILLER, PIN_SIZE);
  memcpy (filled, secret->bytes, secret->length);
  return TRUE;
}

/* What is typed first, at the reader as here, is what the token compares: the current PIN or PUK. */
static gboolean
send_from_pad (Session *session, guint8 ins, guint8 p2, Attempt *attempt, GError **error)
{
  guint8 data[2 * PIN_SIZE];
  PadCommand command = { .apdu = { .ins = ins, .p2 = p2, .data = data, .length = sizeof data },
                         .with_old = TRUE,
                         .old_offset = 0,
                         .new_offset = PIN_SIZE,
                         .block_size = PIN_SIZE,
                         .min_length = PIN_SHORTEST,
                         .max_length = PIN_SIZE };
  guint16 status;

  memset (data, FILLER, sizeof data);
  if (!channel_send_from_pad (session->channel, &command, &status, error))
    return FALSE;
  pin_status_take (status, attempt);
  return TRUE;
}

static gboolean
send (Session *session, guint8 ins, guint8 p2, const Secret *first, const Secret *new, Attempt *attempt, GError **error)
{
  g_autoptr (Secret) both = NULL;
  Apdu apdu = { .ins = ins, .p2 = p2, .length = 2 * PIN_SIZE };
  guint16 status;

  if (first == NULL)
    return send_from_pad (session, ins, p2, attempt, error);
  both = secret_new ();
  if (!both)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "no locked memory");
      return FALSE;
    }
  if (!fill (first, both->bytes) || !fill (new, both->bytes + PIN_SIZE))
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_REFUSED, "6 to 8 bytes, none of them FF");
      return FALSE;
    }
  apdu.data = both->bytes;
  if (!channel_send (session->channel, &apdu, NULL, &status, error))
    return FALSE;

  pin_status_take (status, attempt);
  return TRUE;
}

gboolean
piv_pin_is_verified (Session *session)
{
  Apdu apdu = { .ins = INS_VERIFY, .p2 = references[0].p2 };
  guint16 status;

  return channel_send (session->channel, &apdu, NULL, &status, NULL) && status == SW_OK;
}

gboolean
piv_pin_change (Session *session,
                const char *ref,
                const Secret *old,
                const Secret *new,
                Attempt *attempt,
                GError **error)
{
  for (gsize i = 0; i < G_N_ELEMENTS (references); i++)
    if (strcmp (references[i].ref, ref) == 0)
      return send (session, INS_CHANGE, references[i].p2, old, new, attempt, error);

  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE, "no such PIN");
  return FALSE;
}

/* The PUK unlocks the PIN of this application and no other. */
gboolean
piv_pin_unblock (Session *session,
                 const char *ref,
                 const Secret *puk,
                 const Secret *new,
                 Attempt *attempt,
                 GError **error)
{
  if (strcmp (ref, references[0].ref) == 0)
    return send (session, INS_UNBLOCK, references[0].p2, puk, new, attempt, error);

  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE, "no PUK for it");
  return FALSE;
}
