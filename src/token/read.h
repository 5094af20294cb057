/* Reading a token from its reader's name to the frame that says what came of it: the mode `read`, and what the PIN
 * modes do before and after a PIN is sent. Lives in a worker. */
#pragma once

#include "driver.h"
#include "pcsc.h"

/* Tells the engine how far opening a token has come: a step for pcsc_guard_open (). */
void read_report_step (PcscStep step);

/* The whole token of SESSION, with its identity, and in DRIVER the one that knows it; NULL with ERROR. */
Token *read_session (Session *session, const Driver **driver, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The whole token in READER, in a transaction of its own; REPORT as in driver.h, or NULL. */
Token *read_token (const char *reader, void (*report) (Session *session, const Token *token), GError **error)
  G_GNUC_WARN_UNUSED_RESULT;

/* The last frame of a worker, sent when the token has been given back: TOKEN with the chains of its certificates, or
 * where it is NULL the code of ERROR. */
void read_send_outcome (Token *token, const GError *error);
