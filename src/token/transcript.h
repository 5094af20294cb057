/* A conversation with a token as text, as tests/cards/README.md describes it: what somebody sends who has a token that
 * we do not know, and what the driver for it is then tested with. All but a PIN is in it: names and serial numbers too.
 * Lives in a worker. */
#pragma once

#include <glib.h>

#include "apdu.h"
#include "model/error.h"

/* How it begins: the ATR, and the FORM of the commands to come. */
void transcript_add_start (GString *transcript, const guint8 *atr, gsize length, ApduForm form);

/* LENGTH bytes that are about to be sent; of a command that may carry a PIN only the header and a length are kept. */
void transcript_add_command (GString *transcript, const guint8 *command, gsize length);

/* What came back, with its status word. */
void transcript_add_answer (GString *transcript, const guint8 *answer, gsize length);

/* What happened instead. */
void transcript_add_error (GString *transcript, ErrorCode error);
