#include "pin-pair.h"

#include <string.h>

#define MAX_DATA 255 /* of a short command */

gboolean
pin_pair_send (Channel *channel,
               guint8 ins,
               guint8 p2,
               const Secret *first,
               const Secret *second,
               guint16 *status,
               GError **error)
{
  g_autoptr (Secret) both = secret_new ();
  Apdu apdu = { .ins = ins, .p2 = p2, .length = first->length + second->length };

  if (!both)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "no locked memory");
      return FALSE;
    }
  if (apdu.length > MAX_DATA)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_REFUSED, "too long together");
      return FALSE;
    }

  memcpy (both->bytes, first->bytes, first->length);
  memcpy (both->bytes + first->length, second->bytes, second->length);
  apdu.data = both->bytes;
  return channel_send (channel, &apdu, NULL, status, error);
}
