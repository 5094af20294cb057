/* What the driver token/openpgp knows of PINs: their state, and change and unblock as token/driver.h says. */
#pragma once

#include "driver.h"

/* In the order of the PW status bytes. */
typedef enum
{
  OPENPGP_PW1,            /* the user's PIN */
  OPENPGP_RESETTING_CODE, /* unblocks PW1; most cards have none */
  OPENPGP_PW3,            /* the administrator's PIN */
  OPENPGP_N_SECRETS
} OpenPgpSecret;

typedef struct
{
  guint8 left[OPENPGP_N_SECRETS]; /* tries; 0 also of a resetting code that is not set */
  guint8 max_length[OPENPGP_N_SECRETS];
  gboolean packed[OPENPGP_N_SECRETS]; /* it goes to the card in PIN block format 2 and not as it is typed */
} OpenPgpStatus;

/* Object TAG by GET DATA, *DATA (transfer full) with *STATUS. FALSE with ERROR as channel_send (). */
gboolean openpgp_pin_get_data (Channel *channel, guint16 tag, GByteArray **data, guint16 *status, GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* The PW status bytes. FALSE when they are none. */
gboolean openpgp_pin_parse_status (const guint8 *bytes, gsize length, OpenPgpStatus *status) G_GNUC_WARN_UNUSED_RESULT;

/* Asks for them. FALSE when no answer came that makes sense. */
gboolean openpgp_pin_read_status (Channel *channel, OpenPgpStatus *status) G_GNUC_WARN_UNUSED_RESULT;

/* The PINs that somebody can do something with; of STATUS NULL nothing is known. */
void openpgp_pin_add_all (Token *token, const OpenPgpStatus *status);

gboolean openpgp_pin_change (Session *session,
                             const char *ref,
                             const Secret *old,
                             const Secret *new,
                             Attempt *attempt,
                             GError **error);

/* FIRST: the resetting code where one is set, otherwise PW3. */
gboolean openpgp_pin_unblock (Session *session,
                              const char *ref,
                              const Secret *first,
                              const Secret *new,
                              Attempt *attempt,
                              GError **error);
