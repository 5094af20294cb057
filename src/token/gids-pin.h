/* What the driver token/gids knows of PINs: their state, and change and unblock as token/driver.h says. */
#pragma once

#include "driver.h"

typedef enum
{
  GIDS_SECRET_PIN, /* the user's */
  GIDS_SECRET_PUK, /* unblocks it; most cards have none */
} GidsSecret;

typedef struct
{
  int left; /* tries */
  int max;  /* or PIN_UNKNOWN */
} GidsStatus;

/* Asks for the state of SECRET. FALSE when there is no such secret, or no answer came that makes sense. */
gboolean gids_pin_read_status (Channel *channel, GidsSecret secret, GidsStatus *status) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the user's PIN to TOKEN, nothing known of its tries. (transfer none) */
Pin *gids_pin_add (Token *token);

/* What is known of them; a STATUS is NULL where it is not. */
void gids_pin_set_status (Pin *pin, const GidsStatus *status);
void gids_pin_set_puk (Pin *pin, const GidsStatus *status);

gboolean gids_pin_change (Session *session,
                          const char *ref,
                          const Secret *old,
                          const Secret *new,
                          Attempt *attempt,
                          GError **error);

gboolean gids_pin_unblock (Session *session,
                           const char *ref,
                           const Secret *puk,
                           const Secret *new,
                           Attempt *attempt,
                           GError **error);
