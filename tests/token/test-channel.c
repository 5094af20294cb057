#include "token/channel.h"

#include <string.h>

#include "hex.h"
#include "model/text.h"
#include "replay.h"

/* A token that says what a table says: one answer for each command, the last one for ever. */
typedef struct
{
  const char *const *answers; /* hexadecimal; "!token-removed": the transport fails with that */
  guint n_sent;
  GString *sent; /* every command, ended by a blank */
} Fake;

static gboolean
fake_transmit (gpointer transport,
               const guint8 *command,
               gsize length,
               guint8 *answer,
               gsize *answer_length,
               GError **error)
{
  Fake *fake = transport;
  const char *text = fake->answers[0];
  g_autofree char *hex = text_from_bytes (command, length, '\0');
  g_autoptr (GByteArray) bytes = NULL;

  g_string_append_printf (fake->sent, "%s ", hex);
  fake->n_sent++;
  if (fake->answers[1] != NULL)
    fake->answers++;
  if (*text == '!')
    {
      g_set_error_literal (error, ASSISTANT_ERROR, (int) replay_parse_code (text + 1), text);
      return FALSE;
    }

  bytes = hex_to_bytes (text);
  g_assert_cmpuint (bytes->len, <=, *answer_length);
  if (bytes->len > 0)
    memcpy (answer, bytes->data, bytes->len);
  *answer_length = bytes->len;
  return TRUE;
}

#define B8   "0011223344556677"
#define B64  B8 B8 B8 B8 B8 B8 B8 B8
#define B256 B64 B64 B64 B64
#define B1K  B256 B256 B256 B256
#define B8K  B1K B1K B1K B1K B1K B1K B1K B1K

#define GET_DATA "00CB3FFF055C035FC10500 "
#define EXTENDED "00CB3FFF0000055C035FC1050000 "

/* What GET DATA 5FC105 comes to. SENT may be NULL; LENGTH is that of the data. */
static const struct
{
  const char *name;
  const char *answers[8];
  gboolean extended, t0;
  const char *sent;
  guint n_sent;
  ErrorCode error;
  guint16 status;
  guint length;
} talks[] = {
  { "plain", { "AABB9000" }, FALSE, FALSE, GET_DATA, 1, ERROR_NONE, 0x9000, 2 },
  { "no-data", { "9000" }, FALSE, FALSE, GET_DATA, 1, ERROR_NONE, 0x9000, 0 },
  { "not-found", { "6A82" }, FALSE, FALSE, GET_DATA, 1, ERROR_NONE, 0x6A82, 0 },
  { "parts", { B256 "6102", "AABB9000" }, FALSE, FALSE, GET_DATA "00C0000002 ", 2, ERROR_NONE, 0x9000, 258 },
  { "parts-of-256", { B256 "6100", B256 "9000" }, FALSE, FALSE, GET_DATA "00C0000000 ", 2, ERROR_NONE, 0x9000, 512 },
  { "t0", { "6102", "AABB9000" }, FALSE, TRUE, "00CB3FFF055C035FC105 00C0000002 ", 2, ERROR_NONE, 0x9000, 2 },
  { "t0-wrong-length",
    { "6110", "6C02", "AABB9000" },
    FALSE,
    TRUE,
    "00CB3FFF055C035FC105 00C0000010 00C0000002 ",
    3,
    ERROR_NONE,
    0x9000,
    2 },
  { "wrong-length-once",
    { "6C02", "AABB9000" },
    FALSE,
    FALSE,
    GET_DATA "00CB3FFF055C035FC10502 ",
    2,
    ERROR_NONE,
    0x9000,
    2 },
  { "wrong-length-for-ever", { "6C02" }, FALSE, FALSE, NULL, 2, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "more-for-ever", { B256 "6100" }, FALSE, FALSE, NULL, 1 + CHANNEL_MAX_PARTS, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "more-without-data", { "6100" }, FALSE, FALSE, NULL, 2, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "more-of-one-byte", { "AA6101" }, FALSE, FALSE, NULL, 1 + CHANNEL_MAX_PARTS, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "more-then-error", { "AABBCC6105", "6700" }, FALSE, FALSE, GET_DATA "00C0000005 ", 2, ERROR_NONE, 0x6700, 3 },
  { "more-then-nothing", { "AABB6105", "9000" }, FALSE, FALSE, NULL, 2, ERROR_NONE, 0x9000, 2 },
  { "part-longer-than-asked", { "AABB6101", "AABB9000" }, FALSE, FALSE, NULL, 2, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "empty-answer", { "" }, FALSE, FALSE, NULL, 1, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "answer-of-a-byte", { "90" }, FALSE, FALSE, NULL, 1, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "longer-than-asked", { B256 "AA9000" }, FALSE, FALSE, NULL, 1, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "far-longer-than-asked", { B8K B8K B8K B8K "9000" }, FALSE, FALSE, NULL, 1, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "extended", { B1K "9000" }, TRUE, FALSE, EXTENDED, 1, ERROR_NONE, 0x9000, 1024 },
  { "extended-16k", { B8K B8K "9000" }, TRUE, FALSE, EXTENDED, 1, ERROR_NONE, 0x9000, 16384 },
  { "extended-too-long", { B8K B8K "AA9000" }, TRUE, FALSE, EXTENDED, 1, ERROR_TOKEN_UNREADABLE, 0, 0 },
  { "extended-parts", { B1K "6102", "AABB9000" }, TRUE, FALSE, EXTENDED "00C0000002 ", 2, ERROR_NONE, 0x9000, 1026 },
  { "extended-refused",
    { "6700", B256 "6102", "AABB9000" },
    TRUE,
    FALSE,
    EXTENDED GET_DATA "00C0000002 ",
    3,
    ERROR_NONE,
    0x9000,
    258 },
  { "extended-refused-for-ever", { "6700" }, TRUE, FALSE, EXTENDED GET_DATA, 2, ERROR_NONE, 0x6700, 0 },
  { "extended-never-with-t0", { "9000" }, TRUE, TRUE, "00CB3FFF055C035FC105 ", 1, ERROR_NONE, 0x9000, 0 },
  { "removed", { "!token-removed" }, FALSE, FALSE, GET_DATA, 1, ERROR_TOKEN_REMOVED, 0, 0 },
  { "removed-between-parts", { B256 "6102", "!token-removed" }, FALSE, FALSE, NULL, 2, ERROR_TOKEN_REMOVED, 0, 0 },
  { "reset", { "!token-reset" }, FALSE, FALSE, NULL, 1, ERROR_TOKEN_RESET, 0, 0 },
};

static const guint8 tag_list[] = { 0x5C, 0x03, 0x5F, 0xC1, 0x05 };
static const Apdu get_data = { .ins = 0xCB,
                               .p1 = 0x3F,
                               .p2 = 0xFF,
                               .data = tag_list,
                               .length = sizeof tag_list,
                               .ne = APDU_NE_MAX };

static void
fake_init (Fake *fake, const char *const *answers)
{
  fake->answers = answers;
  fake->n_sent = 0;
  fake->sent = g_string_new (NULL);
}

static void
test_talk (gconstpointer user_data)
{
  gsize i = GPOINTER_TO_SIZE (user_data);
  Fake fake;
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, talks[i].extended, talks[i].t0);
  g_autoptr (GByteArray) data = NULL;
  g_autoptr (GError) error = NULL;
  guint16 status;
  gboolean ok;

  fake_init (&fake, talks[i].answers);
  ok = channel_send (channel, &get_data, &data, &status, &error);

  if (talks[i].sent != NULL)
    g_assert_cmpstr (fake.sent->str, ==, talks[i].sent);
  g_assert_cmpuint (fake.n_sent, ==, talks[i].n_sent);
  g_assert_cmpuint (channel_get_n_apdus (channel), ==, talks[i].n_sent);
  g_assert_cmpint (error_get_code (error), ==, talks[i].error);
  g_assert_cmpint (ok, ==, talks[i].error == ERROR_NONE);
  if (ok)
    {
      g_assert_cmphex (status, ==, talks[i].status);
      g_assert_cmpuint (data->len, ==, talks[i].length);
    }
  else
    g_assert_null (data);
  g_string_free (fake.sent, TRUE);
}

/* Commands that may carry a PIN go out once, in short form, whatever comes back. */
static void
test_secrets_go_once (void)
{
  static const char *const endings[][3] = { { "6C08" }, { "6700" }, { "6982" },         { "" },
                                            { "90" },   { "63C2" }, { "!token-reset" }, { "!reader-busy" } };
  static const guint8 instructions[] = { 0x20, 0x24, 0x2C, 0x21, 0x25, 0x2D };
  guint8 pins[16];

  memset (pins, '7', sizeof pins);
  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (instructions); j++)
      for (guint ne = 0; ne <= APDU_NE_MAX; ne += APDU_NE_MAX)
        {
          Fake fake;
          g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, TRUE, FALSE);
          Apdu apdu = { 0x00, instructions[j], 0x00, 0x80, pins, sizeof pins, ne };
          g_autoptr (GError) error = NULL;
          guint16 status;

          fake_init (&fake, endings[i]);
          if (!channel_send (channel, &apdu, NULL, &status, &error))
            g_assert_nonnull (error);
          g_assert_cmpuint (fake.n_sent, ==, 1);
          g_assert_true (g_str_has_prefix (fake.sent->str + 6, "8010"));
          g_string_free (fake.sent, TRUE);
        }
}

/* All that was said is in the transcript, but no PIN. */
static void
test_recorded (void)
{
  static const char *const answers[] = { "0102039000", "63C2", "!token-removed", NULL };
  static const guint8 atr[] = { 0x3B, 0x00 }, pin[] = { '1', '2', '3', '4', '5', '6' };
  static const Apdu commands[] = { { 0x00, 0xCA, 0x01, 0x02, NULL, 0, 3 },
                                   { 0x00, 0x20, 0x00, 0x80, pin, sizeof pin, 0 },
                                   { 0x00, 0xCA, 0x01, 0x03, NULL, 0, 3 } };
  Fake fake;
  g_autoptr (GString) transcript = g_string_new ("# Example\n");
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, atr, sizeof atr, FALSE, FALSE);

  fake_init (&fake, answers);
  channel_record (channel, transcript);
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      guint16 status;

      g_assert_cmpint (channel_send (channel, &commands[i], NULL, &status, NULL), ==, i < 2);
    }
  g_assert_cmpstr (transcript->str, ==,
                   "# Example\natr 3B00\nform short\n\n"
                   "> 00CA010203\n< 0102039000\n"
                   "> 00200080 [6 bytes]\n< 63C2\n"
                   "> 00CA010303\n! token-removed\n");
  g_string_free (fake.sent, TRUE);
}

/* Extended form only where it is needed: there are tokens that take it for GET DATA and not for SELECT. */
static void
test_short_where_it_does (void)
{
  static const char *const answers[] = { "9000", NULL };
  static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08 };
  Apdu apdu = { 0x00, 0xA4, 0x04, 0x00, aid, sizeof aid, APDU_NE_SHORT };
  Fake fake;
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, TRUE, FALSE);
  guint16 status;

  fake_init (&fake, answers);
  g_assert_true (channel_send (channel, &apdu, NULL, &status, NULL));
  g_assert_cmpstr (fake.sent->str, ==, "00A4040005A00000030800 ");
  g_string_free (fake.sent, TRUE);
}

/* One refusal of the extended form is enough for the whole conversation. */
static void
test_refusal_is_remembered (void)
{
  static const char *const answers[] = { "6700", "9000", NULL };
  Fake fake;
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, TRUE, FALSE);
  guint16 status;

  fake_init (&fake, answers);
  for (int i = 0; i < 2; i++)
    g_assert_true (channel_send (channel, &get_data, NULL, &status, NULL));
  g_assert_cmpstr (fake.sent->str, ==, EXTENDED GET_DATA GET_DATA);
  g_string_free (fake.sent, TRUE);
}

static void
test_chaining (void)
{
  static const char *const answers[] = { "9000", "9000", "AA9000", NULL };
  static const char *const refused[] = { "9000", "6883", NULL };
  g_autofree guint8 *long_data = g_malloc0 (600);
  Apdu apdu = { .ins = 0xDB, .p1 = 0x3F, .p2 = 0xFF, .data = long_data, .length = 600, .ne = APDU_NE_MAX };
  Fake fake;
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, FALSE, FALSE);
  g_autoptr (GByteArray) data = NULL;
  g_auto (GStrv) sent = NULL;
  guint16 status;

  fake_init (&fake, answers);
  g_assert_true (channel_send (channel, &apdu, &data, &status, NULL));
  g_assert_cmphex (status, ==, SW_OK);
  g_assert_cmpuint (data->len, ==, 1);
  sent = g_strsplit (fake.sent->str, " ", 0);
  g_assert_cmpuint (fake.n_sent, ==, 3);
  g_assert_true (g_str_has_prefix (sent[0], "10DB3FFFFF"));
  g_assert_cmpuint (strlen (sent[0]), ==, 2 * (5 + 255));
  g_assert_true (g_str_has_prefix (sent[1], "10DB3FFFFF"));
  g_assert_true (g_str_has_prefix (sent[2], "00DB3FFF5A"));
  g_assert_cmpuint (strlen (sent[2]), ==, 2 * (5 + 90 + 1));
  g_string_free (fake.sent, TRUE);

  fake_init (&fake, refused);
  g_clear_pointer (&data, g_byte_array_unref);
  g_assert_true (channel_send (channel, &apdu, &data, &status, NULL));
  g_assert_cmphex (status, ==, 0x6883);
  g_assert_cmpuint (fake.n_sent, ==, 2);
  g_string_free (fake.sent, TRUE);
}

/* Sends until the channel gives up; returns how many APDUs the token saw. */
static guint
exhaust (Channel *channel, Fake *fake)
{
  g_autoptr (GError) error = NULL;
  guint16 status;
  guint n_sent;

  while (!channel_get_loss (channel, NULL))
    if (!channel_send (channel, &get_data, NULL, &status, NULL))
      g_assert_cmpuint (fake->n_sent, <=, CHANNEL_MAX_APDUS);

  n_sent = fake->n_sent;
  g_assert_false (channel_send (channel, &get_data, NULL, &status, &error));
  g_assert_nonnull (error);
  g_assert_cmpuint (fake->n_sent, ==, n_sent);
  return n_sent;
}

static void
test_bounds (void)
{
  static const struct
  {
    const char *answers[2];
    gboolean extended;
    guint n_sent;
    ErrorCode loss;
  } ways[] = {
    { { "9000", NULL }, FALSE, CHANNEL_MAX_APDUS, ERROR_TOKEN_UNREADABLE },
    { { B8K B8K "9000", NULL }, TRUE, 16, ERROR_TOKEN_UNREADABLE },
    { { "90", NULL }, FALSE, CHANNEL_MAX_FAULTS, ERROR_TOKEN_UNREADABLE },
    { { B256 "6100", NULL }, FALSE, CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS), ERROR_TOKEN_UNREADABLE },
    { { "!token-removed", NULL }, FALSE, 1, ERROR_TOKEN_REMOVED },
    { { "!service-stopped", NULL }, FALSE, 1, ERROR_SERVICE_STOPPED },
    { { "!token-unreadable", NULL }, FALSE, CHANNEL_MAX_FAULTS, ERROR_TOKEN_UNREADABLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ways); i++)
    {
      Fake fake;
      g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, ways[i].extended, FALSE);
      g_autoptr (GError) loss = NULL;

      fake_init (&fake, ways[i].answers);
      g_assert_false (channel_get_loss (channel, NULL));
      g_assert_cmpuint (exhaust (channel, &fake), ==, ways[i].n_sent);
      g_assert_true (channel_get_loss (channel, &loss));
      g_assert_error (loss, ASSISTANT_ERROR, (int) ways[i].loss);
      g_string_free (fake.sent, TRUE);
    }
}

static void
test_lost (void)
{
  static const ErrorCode stays[] = { ERROR_NONE,        ERROR_OBJECT_MISSING, ERROR_TOKEN_UNREADABLE,
                                     ERROR_PAD_TIMEOUT, ERROR_PAD_CANCELLED,  ERROR_PAD_DIFFERENT,
                                     ERROR_PAD_LENGTH };

  g_assert_false (channel_is_lost (NULL));
  for (ErrorCode code = ERROR_NONE + 1; code < ERROR_N_CODES; code++)
    {
      g_autoptr (GError) error = g_error_new_literal (ASSISTANT_ERROR, (int) code, "test");
      gboolean lost = TRUE;

      for (gsize i = 0; i < G_N_ELEMENTS (stays); i++)
        lost = lost && stays[i] != code;
      g_assert_cmpint (channel_is_lost (error), ==, lost);
    }
}

/* The keypad */

static const guint8 filler[] = { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF };
static const PadCommand pad_command = { .apdu = { .ins = 0x24, .p2 = 0x80, .data = filler, .length = sizeof filler },
                                        .with_old = TRUE,
                                        .new_offset = 4,
                                        .block_size = 4,
                                        .min_length = 4,
                                        .max_length = 4 };

static gboolean
fake_pad (gpointer transport, const PadCommand *command, guint8 *answer, gsize *answer_length, GError **error)
{
  g_assert_true (command == &pad_command);
  return fake_transmit (transport, command->apdu.data, command->apdu.length, answer, answer_length, error);
}

/* Whatever comes back, the reader is asked once; only where it says so itself was nothing sent. */
static void
test_pad (void)
{
  static const struct
  {
    const char *answers[2];
    ErrorCode error;
    guint16 status;
    guint n_secrets;
    gboolean lost;
  } rows[] = {
    { { "9000" }, ERROR_NONE, 0x9000, 1, FALSE },          { { "63C2" }, ERROR_NONE, 0x63C2, 1, FALSE },
    { { "6C08" }, ERROR_NONE, 0x6C08, 1, FALSE },          { { "6108" }, ERROR_NONE, 0x6108, 1, FALSE },
    { { "6700" }, ERROR_NONE, 0x6700, 1, FALSE },          { { "6B80" }, ERROR_NONE, 0x6B80, 1, FALSE },
    { { "6404" }, ERROR_NONE, 0x6404, 1, FALSE },          { { "63FF" }, ERROR_NONE, 0x63FF, 1, FALSE },
    { { "6400" }, ERROR_PAD_TIMEOUT, 0, 0, FALSE },        { { "6401" }, ERROR_PAD_CANCELLED, 0, 0, FALSE },
    { { "6402" }, ERROR_PAD_DIFFERENT, 0, 0, FALSE },      { { "6403" }, ERROR_PAD_LENGTH, 0, 0, FALSE },
    { { "" }, ERROR_TOKEN_UNREADABLE, 0, 1, FALSE },       { { "64" }, ERROR_TOKEN_UNREADABLE, 0, 1, FALSE },
    { { "AA6400" }, ERROR_TOKEN_UNREADABLE, 0, 1, FALSE }, { { "!token-removed" }, ERROR_TOKEN_REMOVED, 0, 1, TRUE },
    { { "!token-reset" }, ERROR_TOKEN_RESET, 0, 1, TRUE }, { { "!worker-failed" }, ERROR_WORKER_FAILED, 0, 1, TRUE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      Fake fake;
      g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, TRUE, FALSE);
      g_autoptr (GError) error = NULL;
      guint16 status;
      gboolean ok;

      g_test_message ("%s", rows[i].answers[0]);
      fake_init (&fake, rows[i].answers);
      channel_set_pad (channel, fake_pad);
      g_assert_true (channel_has_pad (channel));
      ok = channel_send_from_pad (channel, &pad_command, &status, &error);
      g_assert_cmpint (ok, ==, rows[i].error == ERROR_NONE);
      g_assert_cmpint (error_get_code (error), ==, rows[i].error);
      if (ok)
        g_assert_cmphex (status, ==, rows[i].status);
      g_assert_cmpuint (fake.n_sent, ==, 1);
      g_assert_cmpuint (channel_get_n_apdus (channel), ==, 1);
      g_assert_cmpuint (channel_get_n_secrets (channel), ==, rows[i].n_secrets);
      g_assert_cmpint (channel_get_loss (channel, NULL), ==, rows[i].lost);
      g_string_free (fake.sent, TRUE);
    }
}

/* Nothing is asked for where there is no keypad, or where the conversation is over. */
static void
test_no_pad (void)
{
  static const char *const answers[] = { "!token-removed", "9000", NULL };
  Fake fake;
  g_autoptr (Channel) channel = channel_new (fake_transmit, &fake, NULL, 0, FALSE, FALSE);
  g_autoptr (GError) none = NULL, over = NULL;
  guint16 status;

  fake_init (&fake, answers);
  g_assert_false (channel_has_pad (channel));
  g_assert_false (channel_send_from_pad (channel, &pad_command, &status, &none));
  g_assert_error (none, ASSISTANT_ERROR, ERROR_PIN_IMPOSSIBLE);
  g_assert_cmpuint (fake.n_sent, ==, 0);

  channel_set_pad (channel, fake_pad);
  g_assert_false (channel_send (channel, &get_data, NULL, &status, NULL));
  g_assert_false (channel_send_from_pad (channel, &pad_command, &status, &over));
  g_assert_error (over, ASSISTANT_ERROR, ERROR_TOKEN_REMOVED);
  g_assert_cmpuint (fake.n_sent, ==, 1);
  g_assert_cmpuint (channel_get_n_secrets (channel), ==, 0);
  g_string_free (fake.sent, TRUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (talks); i++)
    {
      g_autofree char *path = g_strconcat ("/channel/talk/", talks[i].name, NULL);

      g_test_add_data_func (path, GSIZE_TO_POINTER (i), test_talk);
    }
  g_test_add_func ("/channel/secrets-go-once", test_secrets_go_once);
  g_test_add_func ("/channel/recorded", test_recorded);
  g_test_add_func ("/channel/short-where-it-does", test_short_where_it_does);
  g_test_add_func ("/channel/refusal-is-remembered", test_refusal_is_remembered);
  g_test_add_func ("/channel/chaining", test_chaining);
  g_test_add_func ("/channel/pad", test_pad);
  g_test_add_func ("/channel/no-pad", test_no_pad);
  g_test_add_func ("/channel/bounds", test_bounds);
  g_test_add_func ("/channel/lost", test_lost);
  return g_test_run ();
}
