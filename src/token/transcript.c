#include "transcript.h"

#define BYTES_A_LINE 56

static void
add_bytes (GString *transcript, const guint8 *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (transcript, "%s%02X", i > 0 && i % BYTES_A_LINE == 0 ? "\n  " : "", bytes[i]);
  g_string_append_c (transcript, '\n');
}

void
transcript_add_start (GString *transcript, const guint8 *atr, gsize length, ApduForm form)
{
  static const char *const forms[] = { [APDU_SHORT] = "short", [APDU_SHORT_T0] = "t0", [APDU_EXTENDED] = "extended" };

  g_string_append (transcript, "atr ");
  add_bytes (transcript, atr, length);
  g_string_append_printf (transcript, "form %s\n\n", forms[form]);
}

void
transcript_add_command (GString *transcript, const guint8 *command, gsize length)
{
  g_autofree char *sent = apdu_to_log (command, length);

  g_string_append_printf (transcript, "> %s\n", sent);
}

void
transcript_add_answer (GString *transcript, const guint8 *answer, gsize length)
{
  g_string_append (transcript, "< ");
  add_bytes (transcript, answer, length);
}

void
transcript_add_error (GString *transcript, ErrorCode error)
{
  g_string_append_printf (transcript, "! %s\n", error_to_string (error));
}
