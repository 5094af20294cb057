/* The modes of the worker program: each is one conversation with the engine over the socket that it inherits, and ends
 * with it. A mode returns the program's exit status. */
#pragma once

#include "model/frame.h"

/* The inherited end of the socketpair. */
#define WORKER_SOCKET 3

/* Sends one frame, waiting while the engine is slow; ends the process when the engine is gone. Takes PAYLOAD if
 * floating. */
void worker_send (FrameKind kind, GVariant *payload);

/* What the engine sends: the length of the next frame, which must be of KIND and have MAX bytes at most; those bytes;
 * or a whole frame with a value (transfer full). Each ends the process when the engine is gone or does not keep to what
 * was agreed. */
guint32 worker_receive_header (FrameKind kind, guint32 max);
void worker_receive_bytes (guint8 *bytes, gsize length);
GVariant *worker_receive (FrameKind kind) G_GNUC_WARN_UNUSED_RESULT;

/* Waits for readers and tokens to come and go, for ever (token/watch). ARGUMENTS: how the mode was asked for. */
int watch_run (char **arguments);

/* Looks at the list of readers shortly after the watcher (its parent) began to wait with the list in ARGUMENTS, and
 * wakes it with WATCH_SIGNAL when the list has changed meanwhile (token/watch). */
int look_run (char **arguments);

/* Reads the token in one reader: stages, partial tokens, then the token or a failure (token/read). */
int read_run (char **arguments);

/* Reads the token in one reader and sends what was said meanwhile, or a failure (token/record). */
int record_run (char **arguments);

/* Change or unlock a PIN that the engine sends: stages, the attempt, then the token as it is now (token/pin). */
int pin_run_change (char **arguments);
int pin_run_unlock (char **arguments);
int pin_run_unlock_as_admin (char **arguments);

/* Follows a vendor library: reports of what it shows, or a failure (token/module-mode). */
int module_mode_run (char **arguments);

/* Change or unlock a PIN through one, as above (token/module-pin). */
int module_pin_run_change (char **arguments);
int module_pin_run_unlock_as_admin (char **arguments);

/* Asks the issuer of a certificate that the engine sends whether it has revoked it (token/revocation). */
int revocation_run (char **arguments);
