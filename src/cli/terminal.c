#include "terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

/* As it was before the echo was taken away; for the handler too. */
static struct termios before;

static void
on_signal (int number)
{
  tcsetattr (STDIN_FILENO, TCSANOW, &before);
  signal (number, SIG_DFL);
  raise (number);
}

/* Whoever gives up in the middle of a PIN gets the terminal back as it was. */
static void
set_handlers (struct sigaction *olds, const struct sigaction *news)
{
  static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
  struct sigaction mine = { .sa_handler = on_signal };

  for (gsize i = 0; i < G_N_ELEMENTS (signals); i++)
    sigaction (signals[i], news ? &news[i] : &mine, olds ? &olds[i] : NULL);
}

/* Reads up to the end of the line, byte by byte: what follows it is not ours. */
static Secret *
read_line (void)
{
  g_autoptr (Secret) line = secret_new ();
  gboolean fits = line != NULL;
  guint8 byte = 0;
  gssize n;

  while ((n = read (STDIN_FILENO, &byte, 1)) == 1 || (n < 0 && errno == EINTR))
    {
      if (n < 0)
        continue;
      if (byte == '\n')
        break;
      fits = fits && line->length < SECRET_MAX;
      if (fits)
        line->bytes[line->length++] = byte;
    }
  byte = 0;
  if (!fits || n <= 0)
    return NULL;
  return g_steal_pointer (&line);
}

static Secret *
ask (const char *prompt, gboolean echo)
{
  struct sigaction handlers[4];
  struct termios silent;
  Secret *line;

  if (tcgetattr (STDIN_FILENO, &before) != 0)
    return read_line ();
  silent = before;
  if (!echo)
    silent.c_lflag &= ~(tcflag_t) (ECHO | ECHOE | ECHOK | ECHONL);
  set_handlers (handlers, NULL);
  tcsetattr (STDIN_FILENO, TCSAFLUSH, &silent);
  /* Not before: what is typed at once would be shown, and then thrown away. */
  g_printerr ("%s", prompt);
  line = read_line ();
  tcsetattr (STDIN_FILENO, TCSANOW, &before);
  set_handlers (NULL, handlers);
  if (!echo)
    g_printerr ("\n");
  return line;
}

Secret *
terminal_ask_secret (const char *prompt)
{
  return ask (prompt, FALSE);
}

Secret *
terminal_ask (const char *prompt)
{
  return ask (prompt, TRUE);
}
