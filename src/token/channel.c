#include "channel.h"

#include <string.h>

#include "atr.h"
#include "model/secret.h"
#include "transcript.h"

#define MAX_TRANSMIT     (65536 + 2)
#define MAX_BLOCK        255 /* data of one link of a chain */
#define MAX_SHORT_ANSWER 256

#define CLA_CHAINED      0x10
#define CLA_PROPRIETARY  0x80
#define CLA_CHANNEL_MASK 0x03
#define INS_GET_RESPONSE 0xC0
#define SW1_MORE         0x61
#define SW1_WRONG_LE     0x6C

struct _Channel
{
  ChannelTransmit transmit;
  ChannelPad pad; /* NULL: none */
  gpointer transport;
  guint8 atr[ATR_MAX_SIZE];
  gsize atr_length;
  ApduForm short_form;
  gboolean extended;
  GString *transcript; /* borrowed; NULL: nobody wants it */

  guint n_secrets;
  guint n_apdus;
  gsize n_bytes;
  guint n_faults;
  GError *loss; /* what ended the conversation */
  guint8 answer[MAX_TRANSMIT];
};

Channel *
channel_new (ChannelTransmit transmit,
             gpointer transport,
             const guint8 *atr,
             gsize atr_length,
             gboolean extended,
             gboolean t0)
{
  Channel *channel = g_new0 (Channel, 1);

  channel->transmit = transmit;
  channel->transport = transport;
  channel->atr_length = MIN (atr_length, sizeof channel->atr);
  if (channel->atr_length > 0)
    memcpy (channel->atr, atr, channel->atr_length);
  channel->short_form = t0 ? APDU_SHORT_T0 : APDU_SHORT;
  channel->extended = extended && !t0; /* with T=0 they would need ENVELOPE */
  return channel;
}

void
channel_free (Channel *channel)
{
  g_clear_error (&channel->loss);
  g_free (channel);
}

gboolean
channel_is_lost (const GError *error)
{
  static const ErrorCode going_on[] = { ERROR_NONE,        ERROR_OBJECT_MISSING, ERROR_TOKEN_UNREADABLE,
                                        ERROR_PAD_TIMEOUT, ERROR_PAD_CANCELLED,  ERROR_PAD_DIFFERENT,
                                        ERROR_PAD_LENGTH };
  ErrorCode code = error_get_code (error);

  for (gsize i = 0; i < G_N_ELEMENTS (going_on); i++)
    if (going_on[i] == code)
      return FALSE;
  return TRUE;
}

gboolean
channel_get_loss (const Channel *channel, GError **error)
{
  gboolean passed = channel->n_faults >= CHANNEL_MAX_FAULTS || channel->n_apdus >= CHANNEL_MAX_APDUS
                    || channel->n_bytes > CHANNEL_MAX_BYTES;

  if (channel->loss != NULL && error != NULL)
    *error = g_error_copy (channel->loss);
  else if (channel->loss == NULL && passed)
    g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "the bounds of the conversation are passed");

  return channel->loss != NULL || passed;
}

const guint8 *
channel_get_historical_bytes (const Channel *channel, gsize *length)
{
  return atr_get_historical_bytes (channel->atr, channel->atr_length, length);
}

void
channel_record (Channel *channel, GString *transcript)
{
  channel->transcript = transcript;
  transcript_add_start (transcript, channel->atr, channel->atr_length,
                        channel->extended ? APDU_EXTENDED : channel->short_form);
}

guint
channel_get_n_secrets (const Channel *channel)
{
  return channel->n_secrets;
}

guint
channel_get_n_apdus (const Channel *channel)
{
  return channel->n_apdus;
}

/* Whether APDU may carry a PIN: such a command goes out once, whatever the token answers. */
static gboolean
is_secret (const Apdu *apdu)
{
  return apdu->length > 0 && apdu_may_carry_secret (apdu->ins);
}

/* The token broke a rule of the transport. Once may be one bad object; more often, nothing that it says counts. */
static gboolean
fail_unreadable (Channel *channel, const char *what, GError **error)
{
  channel->n_faults++;
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, what);
  return FALSE;
}

/* The transport failed. */
static gboolean
fail_transport (Channel *channel, GError *failure, GError **error)
{
  if (channel_is_lost (failure))
    channel->loss = g_error_copy (failure);
  else
    channel->n_faults++;
  g_propagate_error (error, failure);
  return FALSE;
}

/* One command APDU, made in COMMAND with room for SIZE bytes, and its answer, *N_ANSWER bytes in channel->answer. */
static gboolean
transmit_from (Channel *channel,
               const Apdu *apdu,
               ApduForm form,
               guint8 *command,
               gsize size,
               gsize *n_answer,
               GError **error)
{
  gsize length = apdu_encode (apdu, form, command, size);
  GError *failure = NULL;

  if (length == 0)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "a command that does not fit its form");
      return FALSE;
    }

  channel->n_apdus++;
  channel->n_secrets += is_secret (apdu);
  *n_answer = sizeof channel->answer;
  if (channel->transcript)
    transcript_add_command (channel->transcript, command, length);
  if (!channel->transmit (channel->transport, command, length, channel->answer, n_answer, &failure))
    {
      if (channel->transcript)
        transcript_add_error (channel->transcript, error_get_code (failure));
      return fail_transport (channel, failure, error);
    }

  if (channel->transcript)
    transcript_add_answer (channel->transcript, channel->answer, MIN (*n_answer, sizeof channel->answer));
  return TRUE;
}

/* The same. A command with a PIN stays in locked memory: the token may take half a minute over it, and pcsc-lite hands
 * it to the service from where it is. */
static gboolean
transmit (Channel *channel, const Apdu *apdu, ApduForm form, gsize *n_answer, GError **error)
{
  guint8 command[APDU_MAX_SIZE];
  g_autoptr (Secret) locked = NULL;

  if (channel_get_loss (channel, error))
    return FALSE;
  if (!is_secret (apdu))
    return transmit_from (channel, apdu, form, command, sizeof command, n_answer, error);

  locked = secret_new ();
  if (locked)
    return transmit_from (channel, apdu, form, locked->bytes, SECRET_MAX + 1, n_answer, error);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_WORKER_FAILED, "no locked memory");
  return FALSE;
}

/* The same, with the data of the answer appended to INTO, and its shape checked. */
static gboolean
exchange (Channel *channel, const Apdu *apdu, ApduForm form, GByteArray *into, guint16 *status, GError **error)
{
  gsize asked = form == APDU_EXTENDED ? apdu->ne : MIN (apdu->ne, MAX_SHORT_ANSWER);
  gsize n = 0;

  if (!transmit (channel, apdu, form, &n, error))
    return FALSE;

  channel->n_bytes += n;
  if (n < 2 || n > sizeof channel->answer)
    return fail_unreadable (channel, "an answer without a status word", error);

  n -= 2;
  *status = (guint16) (channel->answer[n] << 8 | channel->answer[n + 1]);
  if (n > asked)
    return fail_unreadable (channel, "an answer longer than asked for", error);
  if (n > CHANNEL_MAX_ANSWER - into->len)
    return fail_unreadable (channel, "an answer without end", error);

  g_byte_array_append (into, channel->answer, (guint) n);
  return TRUE;
}

static guint
length_in (guint16 status)
{
  guint length = status & 0xFF;

  return length == 0 ? MAX_SHORT_ANSWER : length;
}

/* The same; where the token names the right length (6Cxx), the command goes once more with it. */
static gboolean
exchange_right_length (Channel *channel,
                       const Apdu *apdu,
                       ApduForm form,
                       GByteArray *into,
                       guint16 *status,
                       GError **error)
{
  Apdu again = *apdu;

  if (!exchange (channel, apdu, form, into, status, error))
    return FALSE;
  if (*status >> 8 != SW1_WRONG_LE || apdu->ne == APDU_NE_NONE || is_secret (apdu))
    return TRUE;

  again.ne = length_in (*status);
  if (!exchange (channel, &again, form, into, status, error))
    return FALSE;
  if (*status >> 8 == SW1_WRONG_LE)
    return fail_unreadable (channel, "no length is right", error);
  return TRUE;
}

/* The parts of an answer that the token holds back, as long as it says 61xx: ISO 7816-4 section 7.6.1. */
static gboolean
collect_parts (Channel *channel, guint8 cla, GByteArray *into, guint16 *status, GError **error)
{
  Apdu get_response = { .ins = INS_GET_RESPONSE };

  if ((cla & CLA_PROPRIETARY) == 0)
    get_response.cla = cla & CLA_CHANNEL_MASK;

  for (guint n_parts = 0; *status >> 8 == SW1_MORE; n_parts++)
    {
      guint before = into->len;

      if (n_parts == CHANNEL_MAX_PARTS)
        return fail_unreadable (channel, "parts without end", error);

      get_response.ne = length_in (*status);
      if (!exchange_right_length (channel, &get_response, channel->short_form, into, status, error))
        return FALSE;
      if (*status >> 8 == SW1_MORE && into->len == before)
        return fail_unreadable (channel, "a part without data", error);
    }

  return TRUE;
}

/* All but the last block of long data: ISO 7816-4 section 5.3.3. *LAST becomes the command for the rest; *STATUS is not
 * 9000 when the token wanted no more. */
static gboolean
send_blocks (Channel *channel, const Apdu *apdu, Apdu *last, guint16 *status, GError **error)
{
  g_autoptr (GByteArray) ignored = g_byte_array_new ();

  *last = *apdu;
  *status = SW_OK;
  while (last->length > MAX_BLOCK && *status == SW_OK)
    {
      Apdu block = *last;

      block.cla |= CLA_CHAINED;
      block.length = MAX_BLOCK;
      block.ne = APDU_NE_NONE;
      if (!exchange (channel, &block, channel->short_form, ignored, status, error))
        return FALSE;
      last->data += MAX_BLOCK;
      last->length -= MAX_BLOCK;
    }

  return TRUE;
}

static gboolean
send_short (Channel *channel, const Apdu *apdu, GByteArray *into, guint16 *status, GError **error)
{
  Apdu last;

  if (!send_blocks (channel, apdu, &last, status, error))
    return FALSE;
  if (*status != SW_OK)
    return TRUE;

  return exchange_right_length (channel, &last, channel->short_form, into, status, error);
}

static gboolean
send_any (Channel *channel, const Apdu *apdu, GByteArray *into, guint16 *status, GError **error)
{
  /* A PIN always fits the short form; so no way leads to sending it a second time. */
  if (!channel->extended || is_secret (apdu) || (apdu->length <= MAX_BLOCK && apdu->ne <= MAX_SHORT_ANSWER))
    return send_short (channel, apdu, into, status, error);

  if (!exchange_right_length (channel, apdu, APDU_EXTENDED, into, status, error))
    return FALSE;
  if (*status != SW_WRONG_LENGTH)
    return TRUE;

  channel->extended = FALSE;
  g_byte_array_set_size (into, 0);
  return send_short (channel, apdu, into, status, error);
}

gboolean
channel_send (Channel *channel, const Apdu *command, GByteArray **data, guint16 *status, GError **error)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();

  if (data != NULL)
    *data = NULL;
  *status = 0;

  if (!send_any (channel, command, whole, status, error)
      || !collect_parts (channel, command->cla, whole, status, error))
    return FALSE;

  if (data != NULL)
    *data = g_steal_pointer (&whole);
  return TRUE;
}

/* The keypad */

void
channel_set_pad (Channel *channel, ChannelPad pad)
{
  channel->pad = pad;
}

gboolean
channel_has_pad (const Channel *channel)
{
  return channel->pad != NULL;
}

/* What a reader answers that has sent nothing: PC/SC part 10, the table of its status words. */
static ErrorCode
find_refusal (guint16 status)
{
  static const struct
  {
    guint16 status;
    ErrorCode code;
  } refusals[] = {
    { 0x6400, ERROR_PAD_TIMEOUT },
    { 0x6401, ERROR_PAD_CANCELLED },
    { 0x6402, ERROR_PAD_DIFFERENT },
    { 0x6403, ERROR_PAD_LENGTH },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (refusals); i++)
    if (refusals[i].status == status)
      return refusals[i].code;
  return ERROR_NONE;
}

/* COMMAND counts as sent from here on, until the reader says that it is not. */
static gboolean
exchange_from_pad (Channel *channel, const PadCommand *command, guint16 *status, GError **error)
{
  GError *failure = NULL;
  gsize n = sizeof channel->answer;

  channel->n_apdus++;
  channel->n_secrets++;
  if (!channel->pad (channel->transport, command, channel->answer, &n, &failure))
    return fail_transport (channel, failure, error);

  channel->n_bytes += n;
  if (n != 2)
    return fail_unreadable (channel, "not a status word", error);
  *status = (guint16) (channel->answer[0] << 8 | channel->answer[1]);
  return TRUE;
}

gboolean
channel_send_from_pad (Channel *channel, const PadCommand *command, guint16 *status, GError **error)
{
  ErrorCode refusal;

  *status = 0;
  if (channel_get_loss (channel, error))
    return FALSE;
  if (channel->pad == NULL)
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE, "the reader has no keypad");
      return FALSE;
    }
  if (!exchange_from_pad (channel, command, status, error))
    return FALSE;

  refusal = find_refusal (*status);
  if (refusal == ERROR_NONE)
    return TRUE;
  channel->n_secrets--;
  g_set_error_literal (error, ASSISTANT_ERROR, (int) refusal, error_to_string (refusal));
  return FALSE;
}
