#include "apdu.h"

#include <stdlib.h>
#include <string.h>

enum
{
  CLA_CHAIN = 0x10,
  INS_GET_RESPONSE = 0xC0
};

static size_t
answer_sw (uint8_t *answer, unsigned sw)
{
  answer[0] = (uint8_t) (sw >> 8);
  answer[1] = (uint8_t) sw;
  return 2;
}

/* The cases 1 to 4, ISO 7816-3 section 12.1. Returns false for a length that is none of them. */
static bool
parse_short (const uint8_t *apdu, size_t n, VCommand *command)
{
  if (n == 4)
    return true;
  if (n == 5)
    {
      command->le = apdu[4] == 0 ? 256 : apdu[4];
      return true;
    }
  command->data = apdu + 5;
  command->n = apdu[4];
  if (n == 6 + command->n)
    command->le = apdu[n - 1] == 0 ? 256 : apdu[n - 1];
  return n == 5 + command->n || n == 6 + command->n;
}

static bool
parse_extended (const uint8_t *apdu, size_t n, VCommand *command)
{
  size_t length = (size_t) apdu[5] << 8 | apdu[6];
  const uint8_t *le = apdu + n - 2;

  command->extended = true;
  if (n > 7)
    {
      command->data = apdu + 7;
      command->n = length;
      if (n == 7 + length)
        return true;
      if (n != 9 + length)
        return false;
    }
  command->le = (size_t) le[0] << 8 | le[1];
  if (command->le == 0)
    command->le = 65536;
  return true;
}

static bool
parse (const Transport *transport, const uint8_t *apdu, size_t n, VCommand *command)
{
  *command = (VCommand){ 0 };
  if (n < 4)
    return false;
  command->cla = apdu[0];
  command->ins = apdu[1];
  command->p1 = apdu[2];
  command->p2 = apdu[3];
  if (n >= 7 && apdu[4] == 0)
    return transport->extended && parse_extended (apdu, n, command);
  return parse_short (apdu, n, command);
}

static void
forget_pending (Transport *transport)
{
  free (transport->pending);
  transport->pending = NULL;
  transport->n_pending = transport->at_pending = 0;
}

/* As much of the pending answer as was asked for; 61xx tells what is left. */
static size_t
send_piece (Transport *transport, size_t le, uint8_t *answer)
{
  size_t left = transport->n_pending - transport->at_pending;
  size_t n = left < le ? left : le;
  unsigned sw = transport->pending_sw;

  if (n > 0)
    memcpy (answer, transport->pending + transport->at_pending, n);
  transport->at_pending += n;
  left -= n;
  if (left > 0)
    sw = 0x6100u | (left > 255 ? 0 : (unsigned) left);
  else
    forget_pending (transport);
  return n + answer_sw (answer + n, sw);
}

/* Joins the links of a chained command. Returns the status word that ends the matter here, or 0: go on. */
static unsigned
join_chain (Transport *transport, VCommand *command)
{
  bool last = (command->cla & CLA_CHAIN) == 0;

  if (transport->chaining && command->ins != transport->chain_ins)
    {
      transport->chaining = false;
      transport->n_chain = 0;
      return SW_LAST_OF_CHAIN_EXPECTED;
    }
  if (last && !transport->chaining)
    return 0;
  if (command->n > sizeof transport->chain - transport->n_chain)
    return SW_WRONG_LENGTH;
  if (command->n > 0)
    memcpy (transport->chain + transport->n_chain, command->data, command->n);
  transport->n_chain += command->n;
  transport->chaining = !last;
  transport->chain_ins = command->ins;
  if (!last)
    return SW_OK;
  command->data = transport->chain;
  command->n = transport->n_chain;
  transport->n_chain = 0;
  return 0;
}

TransportVerdict
transport_receive (Transport *transport,
                   const uint8_t *apdu,
                   size_t n,
                   VCommand *command,
                   uint8_t *answer,
                   size_t *n_answer)
{
  unsigned sw;

  if (!parse (transport, apdu, n, command))
    {
      *n_answer = answer_sw (answer, SW_WRONG_LENGTH);
      return TRANSPORT_ANSWERED;
    }
  if (command->ins == INS_GET_RESPONSE)
    {
      if (transport->pending == NULL)
        *n_answer = answer_sw (answer, SW_CONDITIONS);
      else
        *n_answer = send_piece (transport, command->le > 0 ? command->le : 256, answer);
      return TRANSPORT_ANSWERED;
    }
  forget_pending (transport);
  sw = join_chain (transport, command);
  if (sw == 0)
    return TRANSPORT_EXECUTE;
  *n_answer = answer_sw (answer, sw);
  return TRANSPORT_ANSWERED;
}

void
transport_send (Transport *transport, const VCommand *command, const VReply *reply, uint8_t *answer, size_t *n_answer)
{
  size_t le = command->le;

  if (transport->exact_le && !command->extended && le > 0 && le < 256 && le != reply->n && reply->n > 0
      && reply->n <= 256)
    {
      *n_answer = answer_sw (answer, 0x6C00u | (reply->n & 0xFF));
      return;
    }
  /* A command without Le is answered all the same, as the cards in the field do it. */
  if (le == 0)
    le = command->extended ? 65536 : 256;
  transport->pending = vcard_alloc (NULL, reply->n);
  memcpy (transport->pending, reply->data, reply->n);
  transport->n_pending = reply->n;
  transport->at_pending = 0;
  transport->pending_sw = reply->sw;
  *n_answer = send_piece (transport, le, answer);
}

void
transport_reset (Transport *transport)
{
  forget_pending (transport);
  transport->chaining = false;
  transport->n_chain = 0;
}
