#include "worker.h"

#include <errno.h>
#include <stdlib.h>
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
