/* The one place that every APDU passes: command and answer, long data in both directions, bounds, counting.
 *
 * A Channel is an open conversation with one token; whoever opened it (token/pcsc, or a test with recorded answers)
 * gives the function that moves bytes. Lives in a worker. */
#pragma once

#include "apdu.h"
#include "model/error.h"

/* Bounds of one conversation: past them the token is not to be believed (ERROR_TOKEN_UNREADABLE). */
#define CHANNEL_MAX_ANSWER (16 * 1024)  /* one answer, all its parts together */
#define CHANNEL_MAX_APDUS  400          /* one reading */
#define CHANNEL_MAX_BYTES  (256 * 1024) /* all answers of one reading */
#define CHANNEL_MAX_PARTS  30           /* GET RESPONSEs for one answer */
#define CHANNEL_MAX_FAULTS 2            /* answers that break the rules of the transport */

/* Sends the LENGTH bytes of COMMAND and receives at most *ANSWER_LENGTH bytes into ANSWER, sets *ANSWER_LENGTH.
 * FALSE with an error of ASSISTANT_ERROR when the transport failed. */
typedef gboolean (*ChannelTransmit) (gpointer transport,
                                     const guint8 *command,
                                     gsize length,
                                     guint8 *answer,
                                     gsize *answer_length,
                                     GError **error);

/* A command with PINs that nobody here knows: the reader asks for them at its keypad, puts them into APDU and sends
 * that. First the current one where there is one (PIN or PUK), then the new one twice. */
typedef struct
{
  Apdu apdu;         /* with filler bytes where the PINs go */
  gboolean with_old; /* a current one is asked for, … */
  guint8 old_offset; /* … and goes here: bytes from the beginning of the data */
  guint8 new_offset;
  guint8 block_size;             /* bytes that each of them takes, the filler behind it among them */
  guint8 min_length, max_length; /* of each, in digits */
} PadCommand;

/* Has the reader ask for PINs, for minutes if need be, and send COMMAND; the answer as in ChannelTransmit. */
typedef gboolean (
  *ChannelPad) (gpointer transport, const PadCommand *command, guint8 *answer, gsize *answer_length, GError **error);

typedef struct _Channel Channel;

/* TRANSPORT is borrowed. ATR (at most 33 bytes) is copied; EXTENDED tells whether reader and card both said that they
 * take extended APDUs; T0 whether the protocol is T=0, where a command without data still carries a length byte. */
Channel *channel_new (ChannelTransmit transmit,
                      gpointer transport,
                      const guint8 *atr,
                      gsize atr_length,
                      gboolean extended,
                      gboolean t0);
void channel_free (Channel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Channel, channel_free)

/* Sends COMMAND and collects the whole answer into *DATA (transfer full, empty but never NULL on TRUE; may be NULL if
 * the caller does not want it) and its last status word into *STATUS.
 *
 * TRUE whenever the token gave a complete answer, whatever the status word says. Does by itself: extended form where
 * the short one does not do, with 6700 falling back to short for the rest of the conversation; command chaining of long
 * data in short form; 61xx by GET RESPONSE, each of which must bring at least a byte; 6Cxx once with the length that
 * the token asked for. None of this ever repeats a command that may carry a PIN (INS 20, 24, 2C with data): such a
 * command goes in short form, once (ISO 7816-4 sections 5.3 and 7.6.1). An answer that breaks the rules is
 * ERROR_TOKEN_UNREADABLE. */
gboolean channel_send (Channel *channel, const Apdu *command, GByteArray **data, guint16 *status, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* PAD works with the transport of CHANNEL: its reader has a keypad. */
void channel_set_pad (Channel *channel, ChannelPad pad);
gboolean channel_has_pad (const Channel *channel);

/* Has COMMAND filled in at the reader's keypad and sent, once: whatever comes back, nothing is sent a second time.
 *
 * TRUE when the token gave its status word. FALSE with ERROR otherwise: ERROR_PAD_… when the reader says that nothing
 * was sent, ERROR_PIN_IMPOSSIBLE when it has no keypad; neither counts as a secret, and anything else does. The reader
 * says so by status words 6400 to 6403 (PC/SC part 10); a token that answered with one of those by itself could not be
 * told apart. */
gboolean channel_send_from_pad (Channel *channel, const PadCommand *command, guint16 *status, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* Everything that is said from now on, but what is typed at the reader, is appended to TRANSCRIPT (borrowed), as
 * token/transcript.h says. */
void channel_record (Channel *channel, GString *transcript);

/* Whether ERROR means that this conversation is over: the token or reader is gone, was reset, is busy or the service
 * failed. A missing object, an unreadable answer or what a person did at the keypad is not. */
gboolean channel_is_lost (const GError *error);

/* Whether this conversation is over, with the first error that ended it in ERROR: one for which channel_is_lost ()
 * holds, or ERROR_TOKEN_UNREADABLE where the bounds are passed. Nothing more is sent then; channel_send () fails with
 * it. */
gboolean channel_get_loss (const Channel *channel, GError **error);

/* The historical bytes of the ATR (ISO 7816-3 section 8.2), for the facts that a family tells in them. */
const guint8 *channel_get_historical_bytes (const Channel *channel, gsize *length);

/* How many commands that carry a PIN have been handed to the token, whether it answered or not. */
guint channel_get_n_secrets (const Channel *channel);

/* How many APDUs have been sent. */
guint channel_get_n_apdus (const Channel *channel);
