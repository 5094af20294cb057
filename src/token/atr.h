/* The answer to reset of a card (ISO 7816-3 section 8.2): the two facts in it that matter here. All its bytes are the
 * card's own and may be nonsense. Pure. */
#pragma once

#include <glib.h>

#define ATR_MAX_SIZE 33

/* The historical bytes in ATR, borrowed; NULL and no LENGTH when it has none or is cut short. */
const guint8 *atr_get_historical_bytes (const guint8 *atr, gsize atr_length, gsize *length);

/* Whether the card says that it takes extended APDUs: card capabilities, third byte (ISO 7816-4 section 8.1.1.2.7). */
gboolean atr_takes_extended (const guint8 *atr, gsize atr_length);
