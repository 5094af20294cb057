/* Frames: how a value travels between a worker and the engine. Bytes only, no file descriptor here.
 *
 *   length of the payload, 4 bytes, native order (both ends are on one machine) · kind, 1 byte · payload
 *
 * The payload is a GVariant in normal form, of the one type that its kind has. The engine takes a worker for hostile:
 * a frame that is too long, of an unknown kind, or not in normal form ends the conversation. */
#pragma once

#include <glib.h>

#define FRAME_HEADER_SIZE 5
#define FRAME_MAX_PAYLOAD (1024 * 1024)
#define FRAME_MAX_SECRET  255

typedef enum
{
  FRAME_READERS = 1, /* ReaderList                      watch → engine */
  FRAME_STAGE,       /* u, a FrameStage                  read, pin → engine */
  FRAME_IN_USE,      /* b, other programs at the token   read → engine */
  FRAME_PARTIAL,     /* Token, complete == FALSE         read → engine */
  FRAME_TOKEN,       /* Token, complete; the last frame  read, pin → engine */
  FRAME_FAILURE,     /* u, an ErrorCode; the last frame  read, pin → engine */
  FRAME_ATTEMPT,     /* Attempt                          pin → engine */
  FRAME_SECRET,      /* a PIN: bytes, no GVariant        engine → pin; FRAME_MAX_SECRET of them at most */
  FRAME_GO,          /* nothing: the PIN may be sent      engine → pin, in answer to FRAME_STAGE_SEND;
                        or: look again                     engine → module */
  FRAME_QUESTION,    /* certificates (model/revocation)  engine → revocation */
  FRAME_REVOCATION,  /* Revocation; the last frame       revocation → engine */
  FRAME_MODULE,      /* ModuleReport                     module → engine */
  FRAME_TRANSCRIPT,  /* s, token/transcript.h; the last  record → engine */
  FRAME_N_KINDS
} FrameKind;

/* How far a worker has come: tells what hangs when it says nothing more. */
typedef enum
{
  FRAME_STAGE_SERVICE, /* about to ask for the service */
  FRAME_STAGE_CONNECT, /* about to connect to the token: blocks while another program holds it */
  FRAME_STAGE_READ,    /* talking to the token */
  FRAME_STAGE_SEND,    /* about to send a PIN, and waiting for FRAME_GO: from then on it may have been sent */
  FRAME_N_STAGES
} FrameStage;

/* The header of a frame with LENGTH bytes of payload, for one that must not be built in ordinary memory. */
void frame_write_header (guint8 header[FRAME_HEADER_SIZE], FrameKind kind, guint32 length);

/* The bytes of one frame; takes PAYLOAD if floating. (transfer full) */
GBytes *frame_encode (FrameKind kind, GVariant *payload);

/* Collects bytes as they come and hands out whole frames. */
typedef struct _FrameParser FrameParser;

FrameParser *frame_parser_new (void);
void frame_parser_free (FrameParser *parser);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (FrameParser, frame_parser_free)

void frame_parser_push (FrameParser *parser, const guint8 *bytes, gsize length);

/* TRUE with one frame in KIND and PAYLOAD (transfer full). FALSE without ERROR: more bytes are needed; with ERROR
 * (ERROR_WORKER_FAILED): the stream is nonsense from here on. */
gboolean
frame_parser_next (FrameParser *parser, FrameKind *kind, GVariant **payload, GError **error) G_GNUC_WARN_UNUSED_RESULT;
