/* What the driver token/pkcs15 knows of PINs: their state, and change and unblock as token/driver.h says. */
#pragma once

#include "driver.h"
#include "pkcs15-object.h"

/* The PINs in the directories among PLACES: Pkcs15Pin. (transfer full) */
GPtrArray *pkcs15_pin_read_all (Pkcs15Files *files, const Pkcs15Place *places, gsize n_places);

/* Adds those of PINS to TOKEN that somebody can do something with, and asks for the tries left. They are called "user",
 * "user-2" …, "admin", "admin-2" … in their order. */
void pkcs15_pin_add_all (Pkcs15Files *files, const GPtrArray *pins, Token *token);

gboolean pkcs15_pin_change (Session *session,
                            const char *ref,
                            const Secret *old,
                            const Secret *new,
                            Attempt *attempt,
                            GError **error);

gboolean pkcs15_pin_unblock (Session *session,
                             const char *ref,
                             const Secret *puk,
                             const Secret *new,
                             Attempt *attempt,
                             GError **error);
