/* What a reader with a keypad is told to do: PC/SC part 10, FEATURE_MODIFY_PIN_DIRECT. Pure. No PIN is in it. */
#pragma once

#include "channel.h"

#define PAD_MAX_SIZE 512

/* Writes the structure for COMMAND into BLOCK of SIZE bytes, at least PAD_MAX_SIZE of them; its length. */
gsize pad_encode (const PadCommand *command, guint8 *block, gsize size) G_GNUC_WARN_UNUSED_RESULT;
