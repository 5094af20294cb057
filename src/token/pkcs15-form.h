/* How a PIN of a PKCS#15 token is written, by its object: part of the driver token/pkcs15. */
#pragma once

#include "model/secret.h"
#include "pkcs15-object.h"

/* Bytes of a block that a reader's keypad can be told of. */
#define PKCS15_FORM_MAX_BLOCK 15

/* The lengths of PIN in characters. FALSE when they contradict each other. */
gboolean pkcs15_form_get_limits (const Pkcs15Pin *pin, gsize *min, gsize *max) G_GNUC_WARN_UNUSED_RESULT;

/* Whether it is made of digits alone. */
gboolean pkcs15_form_is_digits (const Pkcs15Pin *pin);

/* Whether a reader's keypad can fill it in: it knows ASCII digits in a block. */
gboolean pkcs15_form_fits_keypad (const Pkcs15Pin *pin);

/* Writes what is typed as PIN wants it to INTO with ROOM bytes, which are the caller's to wipe; how many it took, 0
 * when it can only be refused. */
gsize pkcs15_form_write (const Pkcs15Pin *pin, const Secret *typed, guint8 *into, gsize room) G_GNUC_WARN_UNUSED_RESULT;
