/* A whole conversation with a token that lies: it answers whatever it is asked with what comes next in the input, and
 * what it is asked once more, if it is told to, with the same. Every driver of the list takes part, and every
 * transcript of tests/cards is a seed.
 *
 *   1 byte: form, and what is done (read; then change or unblock a PIN) · 1 byte: driver, PIN · ATR · answers
 */
#include <string.h>

#include "fuzz.h"
#include "hex.h"
#include "token/atr.h"
#include "token/companion.h"

#define FORM_EXTENDED 0x01
#define FORM_T0       0x02
#define THEN_CHANGE   0x04
#define THEN_UNLOCK   0x08
#define FORM_FAITHFUL 0x10 /* the same answer to the same question */

#define TYPED "123456"
#define NEW   "24681357"

typedef struct
{
  FuzzInput input;
  GPtrArray *secrets;  /* the commands with a PIN that have come: GBytes */
  GHashTable *answers; /* to each question: FuzzInput; or NULL */
  GString *asked;      /* since the last SELECT, which says what it is about */
} Liar;

static gboolean
has_secret (const guint8 *command, gsize length)
{
  return length > 5 && (command[1] == 0x20 || command[1] == 0x24 || command[1] == 0x2C);
}

/* The same command with a PIN never comes twice. */
static void
remember (Liar *liar, const guint8 *command, gsize length)
{
  GBytes *secret = g_bytes_new (command, length);

  for (guint i = 0; i < liar->secrets->len; i++)
    g_assert_false (g_bytes_equal (liar->secrets->pdata[i], secret));
  g_ptr_array_add (liar->secrets, secret);
}

/* What comes next in the input, or came when the same was asked before. */
static gboolean
find_answer (Liar *liar, const guint8 *command, gsize length, FuzzInput *answer)
{
  const FuzzInput *before;

  if (command[1] == 0xA4)
    g_string_truncate (liar->asked, 0);
  for (gsize i = 0; i < length; i++)
    g_string_append_printf (liar->asked, "%02X", command[i]);
  before = liar->answers ? g_hash_table_lookup (liar->answers, liar->asked->str) : NULL;
  if (before)
    *answer = *before;
  else if (!fuzz_take_block (&liar->input, &answer->bytes, &answer->length))
    return FALSE;
  if (liar->answers && !before)
    g_hash_table_insert (liar->answers, g_strdup (liar->asked->str), g_memdup2 (answer, sizeof *answer));
  return TRUE;
}

static gboolean
transmit (gpointer transport, const guint8 *command, gsize length, guint8 *answer, gsize *answer_length, GError **error)
{
  Liar *liar = transport;
  FuzzInput next;

  g_assert_cmpuint (length, >=, 4);
  if (has_secret (command, length))
    remember (liar, command, length);
  if (!find_answer (liar, command, length, &next))
    {
      g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED, "the input ends");
      return FALSE;
    }
  *answer_length = MIN (next.length, *answer_length);
  memcpy (answer, next.bytes, *answer_length);
  return TRUE;
}

static void
report (Session *session G_GNUC_UNUSED, const Token *token)
{
  g_autoptr (GVariant) sent = g_variant_ref_sink (token_to_variant (token));
  g_autoptr (Token) taken = token_from_variant (sent);

  g_assert_nonnull (taken);
  g_assert_false (taken->complete);
}

static Token *
read_token (Session *session, const Driver *driver)
{
  g_autoptr (GError) error = NULL, loss = NULL;
  g_autoptr (Token) token = driver->probe (session) != PROBE_NO ? driver->read (session, &error) : NULL;

  g_assert_true (!token || !channel_get_loss (session->channel, NULL)); /* a half is never a whole */
  if (!token || !companion_read (session, driver, token, NULL))
    return NULL;
  g_assert_true (!channel_get_loss (session->channel, &loss) || !channel_is_lost (loss));
  fuzz_check_token (token);
  return g_steal_pointer (&token);
}

static Secret *
make_secret (const char *text)
{
  Secret *secret = secret_new ();

  g_assert_nonnull (secret);
  secret->length = strlen (text);
  memcpy (secret->bytes, text, secret->length);
  return secret;
}

/* One click: one try at stake at most. Only the unblocking of OpenPGP has a second command, which can cost none. */
static void
use_pin (Session *session, const Driver *driver, const Token *token, PinOperation operation, guint which)
{
  g_autoptr (Secret) typed = make_secret (TYPED), new = make_secret (NEW);
  Attempt attempt = { .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN }, taken;
  const Pin *pin = token->pins->len > 0 ? token->pins->pdata[which % token->pins->len] : NULL;
  g_autoptr (GVariant) sent = NULL;
  g_autoptr (GError) error = NULL;
  gboolean answered;

  if (!pin)
    return;
  answered =
    companion_send_pin (session, driver, operation, pin->ref, (Secret *const[]){ typed, new }, &attempt, &error);
  g_assert_true (answered == !error);
  g_assert_cmpuint (channel_get_n_secrets (session->channel), <=, operation == PIN_OPERATION_UNLOCK ? 2 : 1);
  if (!answered)
    return;
  g_assert_cmpuint (channel_get_n_secrets (session->channel), >, 0);
  attempt.sent = TRUE;
  sent = g_variant_ref_sink (attempt_to_variant (&attempt));
  g_assert_true (attempt_from_variant (sent, &taken));
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length)
{
  g_autoptr (GPtrArray) secrets = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  g_autoptr (GHashTable) answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GString) asked = g_string_new (NULL);
  Liar liar = { .input = { bytes, length }, .secrets = secrets, .asked = asked };
  guint8 form = fuzz_take_byte (&liar.input), which = fuzz_take_byte (&liar.input);
  g_autoptr (Channel) channel = NULL;
  g_autoptr (Token) token = NULL;
  const guint8 *atr = NULL;
  gsize n_atr = 0;
  guint n_drivers = 0;
  Session session = { .report = report, .for_pin = (form & (THEN_CHANGE | THEN_UNLOCK)) != 0 };

  while (drivers[n_drivers])
    n_drivers++;
  if (!fuzz_take_block (&liar.input, &atr, &n_atr))
    return 0;
  liar.answers = form & FORM_FAITHFUL ? answers : NULL;
  channel =
    channel_new (transmit, &liar, atr, MIN (n_atr, ATR_MAX_SIZE), (form & FORM_EXTENDED) != 0, (form & FORM_T0) != 0);
  session.channel = channel;
  token = read_token (&session, drivers[which % n_drivers]);
  g_assert_cmpuint (secrets->len, ==, 0);
  g_assert_cmpuint (channel_get_n_apdus (channel), <=, CHANNEL_MAX_APDUS);
  if (token && session.for_pin)
    use_pin (&session, drivers[which % n_drivers], token,
             form & THEN_CHANGE ? PIN_OPERATION_CHANGE : PIN_OPERATION_UNLOCK, which / n_drivers);
  return 0;
}

/* ---- seeds ---- */

/* The answers of a transcript (tests/cards/README.md) behind one another. */
static void
add_answers (GByteArray *input, char **lines)
{
  g_autoptr (GByteArray) answer = NULL;

  for (; *lines; lines++)
    {
      if (answer && **lines == ' ')
        hex_append (answer, *lines);
      else if (answer)
        {
          fuzz_put_block (input, answer->data, answer->len);
          g_clear_pointer (&answer, g_byte_array_unref);
        }
      if (g_str_has_prefix (*lines, "< "))
        answer = hex_to_bytes (*lines + 2);
    }
  if (answer)
    fuzz_put_block (input, answer->data, answer->len);
}

static GByteArray *
begin_seed (guint8 driver, guint8 then, char **lines)
{
  static const guint8 no_atr[1];
  GByteArray *input = g_byte_array_new ();
  const guint8 head[] = { then
                            | (g_strv_contains ((const char *const *) lines, "form extended") ? FORM_EXTENDED
                               : g_strv_contains ((const char *const *) lines, "form t0")     ? FORM_T0
                                                                                              : 0),
                          driver };

  g_byte_array_append (input, head, sizeof head);
  for (char **line = lines; *line; line++)
    if (g_str_has_prefix (*line, "atr "))
      {
        g_autoptr (GByteArray) atr = hex_to_bytes (*line + 4);

        fuzz_put_block (input, atr->data, atr->len);
        return input;
      }
  fuzz_put_block (input, no_atr, 0);
  return input;
}

/* PIN commands come after all reading, and their answers, and what else is new around them, behind the transcript:
 * these are of a card that says 9000 to everything. */
static void
add_seeds (GPtrArray *seeds, guint8 driver, const char *path)
{
  static const guint8 thens[] = { 0, THEN_CHANGE | FORM_FAITHFUL, THEN_UNLOCK | FORM_FAITHFUL };
  static const guint8 status[] = { 0x00, 0x20, 0x20, 0x20, 0x03, 0x03, 0x03, 0x90, 0x00 }, well[] = { 0x90, 0x00 };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  lines = g_strsplit (text, "\n", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (thens); i++)
    {
      GByteArray *input = begin_seed (driver, thens[i], lines);

      add_answers (input, lines);
      for (int n = 0; thens[i] && n < 3; n++)
        {
          fuzz_put_block (input, status, sizeof status);
          fuzz_put_block (input, well, sizeof well);
        }
      g_ptr_array_add (seeds, g_byte_array_free_to_bytes (input));
    }
}

static int
compare_paths (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

GPtrArray *
fuzz_list_seeds (void)
{
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);

  for (guint8 i = 0; drivers[i]; i++)
    {
      g_autofree char *folder = g_build_filename (g_getenv ("TEST_CARDS"), drivers[i]->name, NULL);
      g_autoptr (GDir) names = g_dir_open (folder, 0, NULL);
      g_autoptr (GPtrArray) sorted = g_ptr_array_new_with_free_func (g_free);
      const char *name;

      if (!names)
        g_error ("no transcripts in %s", folder);
      while ((name = g_dir_read_name (names)))
        g_ptr_array_add (sorted, g_build_filename (folder, name, NULL));
      g_ptr_array_sort (sorted, compare_paths);
      for (guint j = 0; j < sorted->len; j++)
        add_seeds (seeds, i, sorted->pdata[j]);
    }
  return seeds;
}
