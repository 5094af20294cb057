/* The mode `record READER`: reads the token as the mode `read` does, and sends what was said meanwhile. */

#include <stdlib.h>

#include "read.h"
#include "worker.h"

int
record_run (char **arguments)
{
  g_autoptr (GString) transcript = g_string_new (NULL);
  g_autoptr (PcscGuard) guard = NULL;
  g_autoptr (Token) token = NULL;
  g_autoptr (GError) error = NULL;
  const Driver *driver;

  if (!arguments[0] || arguments[1])
    return 2;
  guard = pcsc_guard_open (arguments[0], NULL, &error);
  if (!guard)
    {
      read_send_outcome (NULL, error);
      return EXIT_SUCCESS;
    }

  channel_record (pcsc_guard_get_channel (guard), transcript);
  token = read_session (&(Session){ .channel = pcsc_guard_get_channel (guard) }, &driver, &error);
  if (!token)
    g_string_append_printf (transcript, "\n= error %s\n", error_to_string (error_get_code (error)));
  worker_send (FRAME_TRANSCRIPT, g_variant_new_string (transcript->str));
  return EXIT_SUCCESS;
}
