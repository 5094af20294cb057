/* The words of vcard-host's control socket: one line a command, one line an answer, "ok …" or "error …".
 * Words are separated by blanks. CARD and READER are names without blanks; MATCH is an APDU index since insertion
 * ("3"), an instruction ("ins:20"), or "*"; COUNT is a number or "forever"; BYTES is hex, "-" (none), or @FILE. TAG is
 * hex, and may name its applet ("piv:5fc105"). */
#include "host.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define MAX_WORDS 8
#define MAX_BYTES (VCARD_ANSWER_MAX)

typedef struct
{
  Host *host;
  char *words[MAX_WORDS];
  int n_words;
  HostCard *card;     /* of words[1], where the command wants one */
  HostReader *reader; /* of the last word that names one */
  FILE *out;
} Call;

static void
fail (Call *call, const char *format, ...)
{
  va_list arguments;

  fputs ("error ", call->out);
  va_start (arguments, format);
  vfprintf (call->out, format, arguments);
  va_end (arguments);
}

static void
answer_ok (Call *call, bool ok, const char *otherwise)
{
  if (ok)
    fputs ("ok", call->out);
  else
    fail (call, "%s", otherwise);
}

static HostCard *
find_card (Host *host, const char *name)
{
  for (size_t i = 0; i < host->n_cards; i++)
    if (strcmp (host->cards[i].name, name) == 0)
      return &host->cards[i];
  return NULL;
}

static bool
take_reader (Call *call, const char *name)
{
  for (size_t i = 0; i < call->host->n_readers; i++)
    if (strcmp (call->host->readers[i].name, name) == 0)
      {
        call->reader = &call->host->readers[i];
        return true;
      }
  fail (call, "no reader %s", name);
  return false;
}

static const char *
word (const Call *call, int i, const char *otherwise)
{
  return i < call->n_words ? call->words[i] : otherwise;
}

static int
nibble (char c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* BYTES into BUFFER (MAX_BYTES). Returns the length, or -1 after having answered. */
static long
take_bytes (Call *call, const char *text, uint8_t *buffer)
{
  size_t n = 0;

  if (text[0] == '@')
    {
      FILE *file = fopen (text + 1, "rb");

      if (file == NULL)
        {
          fail (call, "cannot read %s", text + 1);
          return -1;
        }
      n = fread (buffer, 1, MAX_BYTES, file);
      fclose (file);
      return (long) n;
    }
  if (strcmp (text, "-") == 0)
    return 0;
  for (; text[0] != '\0' && n < MAX_BYTES; text += 2)
    {
      int high = nibble (text[0]);
      int low = high >= 0 ? nibble (text[1]) : -1;

      if (low < 0)
        {
          fail (call, "not hex");
          return -1;
        }
      buffer[n++] = (uint8_t) (high << 4 | low);
    }
  return (long) n;
}

static VCardMatch
parse_match (const char *text)
{
  VCardMatch match = { VCARD_ANY, VCARD_ANY };

  if (strncmp (text, "ins:", 4) == 0)
    match.ins = (int) strtol (text + 4, NULL, 16);
  else if (strcmp (text, "*") != 0)
    match.index = atoi (text);
  return match;
}

static long
parse_count (const char *text)
{
  return strcmp (text, "forever") == 0 ? VCARD_FOREVER : atol (text);
}

static bool
is_on (const char *text)
{
  return strcmp (text, "on") == 0;
}

/* "piv:5fc105" or "5fc105" */
static uint64_t
parse_tag (char *text, const char **applet)
{
  char *colon = strchr (text, ':');

  *applet = NULL;
  if (colon != NULL)
    {
      *colon = '\0';
      *applet = text;
      text = colon + 1;
    }
  return strtoull (text, NULL, 16);
}

/* Tokens */

static void
run_card (Call *call)
{
  Host *host = call->host;
  HostCard *entry = &host->cards[host->n_cards];

  if (host->n_cards == HOST_MAX_CARDS || strlen (call->words[1]) >= HOST_NAME_MAX
      || find_card (host, call->words[1]) != NULL)
    {
      fail (call, "cannot add card %s", call->words[1]);
      return;
    }
  entry->card = vcard_new ();
  for (int i = 2; i < call->n_words; i++)
    {
      if (strcmp (call->words[i], "yubico") == 0)
        vcard_set_yubico (entry->card, true);
      else if (strcmp (call->words[i], "extended") == 0)
        vcard_set_extended (entry->card, true);
      else if (strcmp (call->words[i], "short") == 0)
        vcard_set_extended (entry->card, false);
      else if (strcmp (call->words[i], "exact-le") == 0)
        vcard_set_exact_le (entry->card, true);
      else if (!vcard_add_applet (entry->card, call->words[i]))
        {
          vcard_free (entry->card);
          fail (call, "no personality %s", call->words[i]);
          return;
        }
    }
  strcpy (entry->name, call->words[1]);
  host->n_cards++;
  fputs ("ok", call->out);
}

static void
run_put (Call *call)
{
  static uint8_t bytes[MAX_BYTES];
  const char *applet;
  uint64_t tag = parse_tag (call->words[2], &applet);
  long n = take_bytes (call, call->words[3], bytes);
  bool raw = strcmp (word (call, 4, ""), "raw") == 0;

  if (n >= 0)
    answer_ok (call, vcard_put_object (call->card->card, applet, tag, bytes, (size_t) n, raw), "cannot put");
}

static void
run_delete (Call *call)
{
  const char *applet;
  uint64_t tag = parse_tag (call->words[2], &applet);

  answer_ok (call, vcard_delete_object (call->card->card, applet, tag), "no such object");
}

static void
run_truncate (Call *call)
{
  const char *applet;
  uint64_t tag = parse_tag (call->words[2], &applet);

  answer_ok (call, vcard_limit_object (call->card->card, applet, tag, strtoul (call->words[3], NULL, 10)),
             "no such object");
}

/* pin|puk|admin|pin2 CARD VALUE [LEFT [MAX [APPLET]]] */
static void
run_pin (Call *call)
{
  unsigned left = (unsigned) atoi (word (call, 3, "3"));
  unsigned max = (unsigned) atoi (word (call, 4, "0"));

  if (max < left || max == 0)
    max = left > 3 ? left : 3;
  answer_ok (call, vcard_set_pin (call->card->card, word (call, 5, NULL), call->words[0], call->words[2], left, max),
             "no such PIN");
}

static void
run_tries (Call *call)
{
  const char *role = word (call, 2, "pin");
  unsigned left = 0, max = 0;

  if (vcard_get_tries (call->card->card, word (call, 3, NULL), role, &left, &max))
    fprintf (call->out, "ok left=%u max=%u", left, max);
  else
    fail (call, "no such PIN");
}

static void
run_serial (Call *call)
{
  vcard_set_serial (call->card->card, (uint32_t) strtoul (call->words[2], NULL, 10));
  fputs ("ok", call->out);
}

static void
run_version (Call *call)
{
  unsigned major, minor, patch;
  bool ok = sscanf (call->words[2], "%u.%u.%u", &major, &minor, &patch) == 3;

  if (ok)
    vcard_set_version (call->card->card, (uint8_t) major, (uint8_t) minor, (uint8_t) patch);
  answer_ok (call, ok, "not a version");
}

static void
run_atr (Call *call)
{
  static uint8_t bytes[MAX_BYTES];
  long n = take_bytes (call, call->words[2], bytes);

  if (n >= 0)
    answer_ok (call, vcard_set_atr (call->card->card, bytes, (size_t) n), "too long");
}

/* Readers */

static void
run_reader (Call *call)
{
  answer_ok (call, host_reader_add (call->host, call->words[1], call->words[2]) != NULL, "cannot add reader");
}

static void
answer_link (Call *call)
{
  fputs (call->reader->fd >= 0 ? "ok connected" : "ok waiting", call->out);
}

/* A token is in one reader at a time, and a reader holds one token. */
static bool
is_free (Call *call)
{
  for (size_t i = 0; i < call->host->n_readers; i++)
    {
      const HostReader *reader = &call->host->readers[i];

      if (reader != call->reader && (reader->card == call->card || reader->next_card == call->card))
        {
          fail (call, "card %s is in reader %s", call->card->name, reader->name);
          return false;
        }
    }
  return true;
}

static void
run_insert (Call *call)
{
  if (!take_reader (call, call->words[2]) || !is_free (call))
    return;
  if (call->reader->card != NULL || call->reader->next_card != NULL)
    {
      fail (call, "reader %s is occupied", call->reader->name);
      return;
    }
  host_reader_insert (call->reader, call->card);
  answer_link (call);
}

static void
run_eject (Call *call)
{
  if (!take_reader (call, call->words[1]))
    return;
  host_reader_eject (call->reader);
  fputs ("ok", call->out);
}

static void
run_swap (Call *call)
{
  call->card = find_card (call->host, call->words[2]);
  if (call->card == NULL)
    {
      fail (call, "no card %s", call->words[2]);
      return;
    }
  if (!take_reader (call, call->words[1]) || !is_free (call))
    return;
  host_reader_swap (call->reader, call->card, atol (word (call, 3, "0")));
  answer_link (call);
}

/* type READER …: what the person at its keypad does */
static void
run_type (Call *call)
{
  KeypadPerson person;
  bool known;

  if (!take_reader (call, call->words[1]))
    return;
  known = keypad_parse (call->words + 2, call->n_words - 2, &person);
  if (known)
    host_reader_type (call->reader, &person);
  answer_ok (call, known, "three entries, timeout or cancel");
}

static void
run_keypad (Call *call)
{
  if (take_reader (call, call->words[1]))
    fprintf (call->out, "ok asking=%d asked=%lu", call->reader->asking, call->reader->asked);
}

/* Faults */

static void
run_delay (Call *call)
{
  unsigned ms = (unsigned) strtoul (call->words[2], NULL, 10);

  if (call->n_words > 3)
    vcard_fault_delay (call->card->card, parse_match (call->words[3]), ms, parse_count (word (call, 4, "1")));
  else
    vcard_set_delay (call->card->card, ms);
  fputs ("ok", call->out);
}

static void
run_drop (Call *call)
{
  vcard_fault_drop (call->card->card, parse_match (call->words[2]));
  fputs ("ok", call->out);
}

static void
run_answer (Call *call)
{
  static uint8_t bytes[MAX_BYTES];
  long n = take_bytes (call, call->words[3], bytes);

  if (n < 0)
    return;
  vcard_fault_answer (call->card->card, parse_match (call->words[2]), bytes, (size_t) n,
                      parse_count (word (call, 4, "1")));
  fputs ("ok", call->out);
}

static void
run_endless (Call *call)
{
  answer_ok (call, vcard_fault_endless (call->card->card, call->words[2]), "61, 61-empty, 6c or grow");
}

static void
run_mute (Call *call)
{
  vcard_set_mute (call->card->card, is_on (call->words[2]));
  fputs ("ok", call->out);
}

static void
run_clear_faults (Call *call)
{
  vcard_faults_clear (call->card->card);
  fputs ("ok", call->out);
}

/* Journal */

static void
run_log (Call *call)
{
  const char *log = vcard_get_log (call->card->card);

  fputs ("ok ", call->out);
  for (; *log != '\0'; log++)
    fputc (*log == '\n' ? ';' : *log, call->out);
}

static void
run_counters (Call *call)
{
  const VCardCounters *now = vcard_get_counters (call->card->card);

  fprintf (call->out,
           "ok apdus=%lu bytes_in=%lu bytes_out=%lu insertions=%lu power_ups=%lu resets=%lu verifies=%lu changes=%lu "
           "unblocks=%lu",
           now->apdus, now->bytes_in, now->bytes_out, now->insertions, now->power_ups, now->resets, now->verifies,
           now->changes, now->unblocks);
}

static void
run_reset_counters (Call *call)
{
  vcard_reset_counters (call->card->card);
  fputs ("ok", call->out);
}

static void
run_quit (Call *call)
{
  call->host->quit = true;
  fputs ("ok", call->out);
}

static const struct
{
  const char *name;
  int n_words; /* at least */
  bool wants_card;
  void (*run) (Call *call);
  const char *usage;
} commands[] = {
  { "card", 2, false, run_card, "card CARD piv|openpgp|gids|pkcs15 [yubico] [extended|short] [exact-le]" },
  { "put", 4, true, run_put, "put CARD TAG BYTES [raw]" },
  { "delete", 3, true, run_delete, "delete CARD TAG" },
  { "truncate", 4, true, run_truncate, "truncate CARD TAG LENGTH" },
  { "pin", 3, true, run_pin, "pin CARD VALUE [LEFT [MAX [APPLET]]]" },
  { "puk", 3, true, run_pin, "puk CARD VALUE [LEFT [MAX [APPLET]]]" },
  { "admin", 3, true, run_pin, "admin CARD VALUE [LEFT [MAX [APPLET]]]" },
  { "pin2", 3, true, run_pin, "pin2 CARD VALUE [LEFT [MAX [APPLET]]]" },
  { "tries", 2, true, run_tries, "tries CARD [pin|puk|admin|pin2 [APPLET]]" },
  { "serial", 3, true, run_serial, "serial CARD NUMBER" },
  { "version", 3, true, run_version, "version CARD 5.4.3" },
  { "atr", 3, true, run_atr, "atr CARD BYTES" },
  { "reader", 3, false, run_reader, "reader READER SOCKET" },
  { "insert", 3, true, run_insert, "insert CARD READER" },
  { "eject", 2, false, run_eject, "eject READER" },
  { "swap", 3, false, run_swap, "swap READER CARD [GAP-MS]" },
  { "type", 3, false, run_type, "type READER OLD NEW AGAIN [LIE]|timeout|cancel" },
  { "keypad", 2, false, run_keypad, "keypad READER" },
  { "delay", 3, true, run_delay, "delay CARD MS [MATCH [COUNT]]" },
  { "drop", 3, true, run_drop, "drop CARD MATCH" },
  { "answer", 4, true, run_answer, "answer CARD MATCH BYTES [COUNT]" },
  { "endless", 3, true, run_endless, "endless CARD 61|61-empty|6c|grow" },
  { "mute", 3, true, run_mute, "mute CARD on|off" },
  { "clear-faults", 2, true, run_clear_faults, "clear-faults CARD" },
  { "log", 2, true, run_log, "log CARD" },
  { "counters", 2, true, run_counters, "counters CARD" },
  { "reset-counters", 2, true, run_reset_counters, "reset-counters CARD" },
  { "quit", 1, false, run_quit, "quit" },
};

void
host_command_run (Host *host, char *line, FILE *out)
{
  Call call = { .host = host, .out = out };
  char *rest = NULL;

  for (char *part = strtok_r (line, " \t\r", &rest); part != NULL && call.n_words < MAX_WORDS;
       part = strtok_r (NULL, " \t\r", &rest))
    call.words[call.n_words++] = part;
  for (size_t i = 0; i < sizeof commands / sizeof commands[0] && call.n_words > 0; i++)
    {
      if (strcmp (commands[i].name, call.words[0]) != 0)
        continue;
      if (call.n_words < commands[i].n_words)
        fail (&call, "usage: %s", commands[i].usage);
      else if (commands[i].wants_card && (call.card = find_card (host, call.words[1])) == NULL)
        fail (&call, "no card %s", call.words[1]);
      else
        commands[i].run (&call);
      return;
    }
  fail (&call, "no such command");
}
