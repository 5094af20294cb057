#include "worker.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void
worker_send (FrameKind kind, GVariant *payload)
{
  g_autoptr (GBytes) frame = frame_encode (kind, payload);
  gsize left;
  const guint8 *next = g_bytes_get_data (frame, &left);

  while (left > 0)
    {
      gssize n = write (WORKER_SOCKET, next, left);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        _exit (EXIT_FAILURE); /* nobody listens any more, and this process is for nobody else */
      next += n;
      left -= n;
    }
}

void
worker_receive_bytes (guint8 *bytes, gsize length)
{
  while (length > 0)
    {
      gssize n = read (WORKER_SOCKET, bytes, length);

      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        _exit (EXIT_FAILURE);
      bytes += n;
      length -= n;
    }
}

guint32
worker_receive_header (FrameKind kind, guint32 max)
{
  guint8 header[FRAME_HEADER_SIZE];
  guint32 length;

  worker_receive_bytes (header, sizeof header);
  memcpy (&length, header, sizeof length);
  if (header[sizeof length] != kind || length > max)
    _exit (EXIT_FAILURE);
  return length;
}

GVariant *
worker_receive (FrameKind kind)
{
  g_autoptr (FrameParser) parser = frame_parser_new ();
  guint32 length = worker_receive_header (kind, FRAME_MAX_PAYLOAD);
  g_autofree guint8 *bytes = g_malloc (FRAME_HEADER_SIZE + length);
  GVariant *payload = NULL;

  frame_write_header (bytes, kind, length);
  worker_receive_bytes (bytes + FRAME_HEADER_SIZE, length);
  frame_parser_push (parser, bytes, FRAME_HEADER_SIZE + length);
  if (!frame_parser_next (parser, &kind, &payload, NULL))
    _exit (EXIT_FAILURE);
  return payload;
}
