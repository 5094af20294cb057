/* Recorded conversations with tokens, played back: the other end of a Channel in tests. What a transcript looks like is
 * told in tests/cards/README.md. */
#pragma once

#include "token/channel.h"

typedef struct _Replay Replay;

/* The transcript in the file PATH, or in TEXT; the test fails where it is none. */
Replay *replay_new_from_file (const char *path);
Replay *replay_new_from_text (const char *text);
void replay_free (Replay *replay);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Replay, replay_free)

/* A conversation that follows the transcript: a command that is not the next one fails with ERROR_WORKER_FAILED, and
 * with it every later one. (transfer full) */
Channel *replay_open (Replay *replay);

/* The first place where the conversation left the transcript or did not come to its end, as a sentence; or NULL. */
const char *replay_get_deviation (Replay *replay);

/* The lines that say what reading must come to, without "= ". */
GPtrArray *replay_get_expectations (Replay *replay);

/* The error that the log calls WORD; the test fails where there is none. */
ErrorCode replay_parse_code (const char *word);
