/* What Yubico's tokens tell beyond PIV, by instructions of their own: models, serial number, version, and the metadata
 * of PIN and PUK. Part of the driver token/piv. Whether the conversation is over is for the caller to look at
 * afterwards: channel_get_loss (). */
#pragma once

#include "channel.h"
#include "model/token.h"

/* The model when the ATR is of one of Yubico's tokens, else NULL. */
const char *piv_yubico_find_label (const Channel *channel);

/* The serial number printed on it, or NULL where it does not tell. (transfer full) */
char *piv_yubico_read_serial (Channel *channel);

/* Puts into PIN what the token tells of PIN and PUK: it does since version 5.3, and is not asked before. */
void piv_yubico_read_metadata (Channel *channel, Pin *pin);
