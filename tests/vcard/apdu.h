/* The transport of ISO 7816-3/-4 on the card's side: the four cases of a command, short and extended; command chaining;
 * answers in pieces with GET RESPONSE. Owned by the card; knows no applet. */
#pragma once

#include "applet.h"

typedef struct
{
  bool extended; /* extended lengths are accepted */
  bool exact_le; /* a short Le that is not the length of the answer is answered 6Cxx */

  uint8_t chain[VCARD_DATA_MAX]; /* data of the links so far */
  size_t n_chain;
  uint8_t chain_ins;
  bool chaining;

  uint8_t *pending; /* the rest of an answer, for GET RESPONSE */
  size_t n_pending, at_pending;
  uint16_t pending_sw;
} Transport;

typedef enum
{
  TRANSPORT_EXECUTE, /* *command is whole */
  TRANSPORT_ANSWERED /* the transport itself has answered */
} TransportVerdict;

TransportVerdict transport_receive (Transport *transport,
                                    const uint8_t *apdu,
                                    size_t n,
                                    VCommand *command,
                                    uint8_t *answer,
                                    size_t *n_answer);
void
transport_send (Transport *transport, const VCommand *command, const VReply *reply, uint8_t *answer, size_t *n_answer);
void transport_reset (Transport *transport);
