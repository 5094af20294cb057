/* The command of the families that know no padding (OpenPGP, GIDS): the data is two PINs, one right behind the other.
 * The token finds the border between them by the length of the one that it keeps. In the worker. */
#pragma once

#include "channel.h"
#include "model/secret.h"

/* Sends INS with P2 and with FIRST and SECOND as its data, once and from locked memory; the answer in *STATUS. FALSE
 * with ERROR: that of channel_send (), or before anything was sent ERROR_PIN_REFUSED where the two do not fit a short
 * command, and ERROR_WORKER_FAILED without locked memory. */
gboolean pin_pair_send (Channel *channel,
                        guint8 ins,
                        guint8 p2,
                        const Secret *first,
                        const Secret *second,
                        guint16 *status,
                        GError **error) G_GNUC_WARN_UNUSED_RESULT;
