/* PINs of a PKCS#15 card, in exactly the form that the card asks for, as far as they are its own; the rest is in
 * pin-bench. */
#include <string.h>

#include "hex.h"
#include "pin-bench.h"
#include "pkcs15-bench.h"

/* All that there can be: two PINs, the PUK of one, the administrator's that is for the other. */
static const Pkcs15PinObject all[] = {
  { "PIN", "01", "02", PKCS15_PIN_FLAGS, 1, 4, 8, 8, 1, "00", NULL },
  { "PUK", "02", NULL, PKCS15_PUK_FLAGS, 1, 8, 8, 8, 2, "00", NULL },
  { "SO PIN", "03", NULL, PKCS15_ADMIN_FLAGS, 1, 8, 8, 8, 3, "00", NULL },
  { "Signature PIN", "04", "03", PKCS15_PIN_FLAGS, 1, 6, 8, 8, 4, "00", "3F005015" },
};

static void
fill (Bench *bench)
{
  pkcs15_bench_fill (bench->card);
  pkcs15_bench_put_pins (bench->card, all, G_N_ELEMENTS (all));
  vcard_set_pin (bench->card, NULL, "puk", PUK, 3, 3);
  vcard_set_pin (bench->card, NULL, "admin", ADMIN, 3, 3);
}

static const PinAttempt attempts[] = {
  { PIN_OPERATION_CHANGE, "user", PIN, NEW, "pin" },      { PIN_OPERATION_CHANGE, "user-2", "654321", NEW, "pin2" },
  { PIN_OPERATION_CHANGE, "admin", ADMIN, NEW, "admin" }, { PIN_OPERATION_CHANGE, "puk", PUK, NEW, "puk" },
  { PIN_OPERATION_UNLOCK, "user", PUK, NEW, "puk" },      { 0 },
};

static const PinRefusal refusals[] = {
  { PIN_OPERATION_CHANGE, "user", "123", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "246", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "246813579", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "123456789", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "12345a", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "12 456", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "密码密码", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user-2", "12345", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "admin", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "puk", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", "1234567", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", PUK, "246", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user-3", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_UNLOCK, "user-2", ADMIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_UNLOCK, "admin", ADMIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_UNLOCK, "puk", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
  { 0 },
};

static const PinFamily family = {
  .driver = &pkcs15_driver,
  .fill = fill,
  .attempts = attempts,
  .refusals = refusals,
  .wrong = 0x63C2,
  .statuses = { { 0x6982, ERROR_PIN_STATUS, PIN_UNKNOWN } },
  .without_tries = ERROR_PIN_WRONG, /* as its card says it: 63C0 */
};

static void
init (Bench *bench)
{
  pin_bench_init (bench, &family, PIN_OPERATION_CHANGE);
}

/* What the objects of PIN and PUK allow. Flags as they stand there. */
static void
test_obstacles (void)
{
  static const struct
  {
    PinOperation operation;
    const char *ref;
    guint pin_flags, puk_flags;
    const char *protector;
    ErrorCode failure;
  } cases[] = {
    { PIN_OPERATION_CHANGE, "user", 0xCC00, 0xCE00, "02", ERROR_NONE },
    { PIN_OPERATION_CHANGE, "user", 0xEC00, 0xCE00, "02", ERROR_PIN_IMPOSSIBLE }, /* change-disabled */
    { PIN_OPERATION_CHANGE, "user", 0xCC40, 0xCE00, "02", ERROR_PIN_IMPOSSIBLE }, /* integrity-protected */
    { PIN_OPERATION_CHANGE, "user", 0xCC20, 0xCE00, "02", ERROR_PIN_IMPOSSIBLE }, /* confidentiality-protected */
    { PIN_OPERATION_CHANGE, "user", 0xCC10, 0xCE00, "02", ERROR_PIN_IMPOSSIBLE }, /* exchangeRefData */
    { PIN_OPERATION_CHANGE, "puk", 0xCC00, 0xEE00, "02", ERROR_PIN_IMPOSSIBLE },
    { PIN_OPERATION_UNLOCK, "user", 0xCC00, 0xCE00, NULL, ERROR_NONE },
    { PIN_OPERATION_UNLOCK, "user", 0xEC00, 0xEE00, "02", ERROR_NONE },
    { PIN_OPERATION_UNLOCK, "user", 0xDC00, 0xCE00, "02", ERROR_PIN_IMPOSSIBLE }, /* unblock-disabled */
    { PIN_OPERATION_UNLOCK, "user", 0xCC00, 0xCC00, "02", ERROR_PIN_IMPOSSIBLE }, /* it does not say that it unblocks */
    { PIN_OPERATION_UNLOCK, "user", 0xCC00, 0xCE00, "09", ERROR_PIN_IMPOSSIBLE }, /* by one that is not there */
    { PIN_OPERATION_UNLOCK, "user", 0xCC00, 0xCE40, "02", ERROR_PIN_IMPOSSIBLE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pkcs15PinObject objects[] = { pkcs15_bench_pin, pkcs15_bench_puk };
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      objects[0].flags = cases[i].pin_flags;
      objects[0].protector = cases[i].protector;
      objects[1].flags = cases[i].puk_flags;
      pkcs15_bench_put_pins (bench.card, objects, G_N_ELEMENTS (objects));
      pin_bench_attempt (&bench, cases[i].operation, cases[i].ref,
                         cases[i].operation == PIN_OPERATION_CHANGE && cases[i].ref[0] == 'u' ? PIN : PUK, NEW, &made);
      g_assert_cmpint (error_get_code (bench.error), ==, cases[i].failure);
      g_assert_cmpuint (pin_bench_count_secrets (&bench), ==, cases[i].failure == ERROR_NONE);
    }
}

/* How a PIN is written: the bytes themselves, and that a card which takes them apart comes to the same PIN. */
static void
test_forms (void)
{
  static const struct
  {
    guint type, flags, stored;
    const char *filler;
    const char *old, *new;
    const char *data;
  } cases[] = {
    { 1, 0xCC00, 8, "00", "1234", "12345678", "3132333400000000 3132333435363738" },
    { 1, 0xCC00, 8, NULL, "1234", "12345678", "3132333400000000 3132333435363738" },
    { 1, 0xCC00, 8, "FF", "1234", "12345", "31323334FFFFFFFF 3132333435FFFFFF" },
    { 1, 0xC800, 0, NULL, "1234", "12345", "31323334 3132333435" },
    { 0, 0xCC00, 8, "FF", "1234", "123456", "1234FFFFFFFFFFFF 123456FFFFFFFFFF" },
    { 0, 0xCC00, 4, "FF", "12345", "1234567", "12345FFF 1234567F" },
    { 0, 0xC800, 0, NULL, "1234", "123456", "1234 123456" },
    { 3, 0xCC00, 8, "FF", "1234", "123456", "F1F2F3F4FFFFFFFF F1F2F3F4F5F6FFFF" },
    { 4, 0xCC00, 8, "FF", "1234", "12345", "241234FFFFFFFFFF 2512345FFFFFFFFF" },
    { 4, 0xCC00, 8, "FF", "123456789012", "1234", "2C123456789012FF 241234FFFFFFFFFF" },
    { 2, 0xCC00, 8, "00", "abcd", "Ab1 ef", "6162636400000000 4162312065660000" },
    { 2, 0x4C00, 8, "00", "ABCD", "Ab1-ef", "4142434400000000 4142312D45460000" }, /* capitals do not count */
    { 2, 0xCC00, 16, "00", "密码密码", "1234", "E5AF86E7A081E5AF86E7A08100000000 31323334000000000000000000000000" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pkcs15PinObject object = { .label = "PIN", .id = "01", .flags = cases[i].flags, .type = cases[i].type, .min = 4 };
      g_autofree char *form = g_strdup_printf ("%02X%02X%s", cases[i].type, cases[i].stored,
                                               cases[i].filler != NULL ? cases[i].filler : "00");
      g_autoptr (GByteArray) data = hex_to_bytes (cases[i].data);
      g_auto (Bench) bench;

      init (&bench);
      object.stored = cases[i].stored;
      object.max = cases[i].type == 4 ? 12 : 0;
      object.reference = 1;
      object.filler = cases[i].filler;
      pkcs15_bench_put_pins (bench.card, &object, 1);
      pkcs15_bench_put_hex (bench.card, 0x24, form);
      vcard_set_pin (bench.card, NULL, "pin", cases[i].old, 3, 3);
      pin_bench_assert_answer (&bench, PIN_OPERATION_CHANGE, "user", cases[i].old, cases[i].new, ERROR_NONE,
                               PIN_UNKNOWN);
      g_assert_cmpmem (bench.secret->data + 5, bench.secret->len - 5, data->data, data->len);
      g_assert_cmpint (pin_bench_get_tries (&bench, "pin"), ==, 3);
    }
}

/* What such a PIN cannot be is not sent. */
static void
test_impossible_forms (void)
{
  static const struct
  {
    guint type, flags, min, stored, max;
    const char *old;
  } cases[] = {
    { 0, 0xCC00, 4, 2, 0, "12345" },         /* too many for four nibbles */
    { 1, 0xCC00, 4, 4, 8, "12345" },         /* more than are stored */
    { 1, 0xCC00, 9, 8, 8, "12345678" },      /* the limits contradict each other */
    { 4, 0xCC00, 0, 8, 0, "123" },           /* at least 4 */
    { 4, 0xCC00, 0, 8, 0, "1234567890123" }, /* at most 12 */
    { 4, 0xCC00, 4, 4, 0, "1234" },          /* the block has 8 bytes */
    { 2, 0x4C00, 4, 16, 0, "密码密码" },     /* capitals of what? */
    { 2, 0xCC00, 4, 8, 0, "密码密码" },      /* 12 bytes */
    { 2, 0xCC00, 4, 8, 0, "ab\xFF\xFE" },    /* not UTF-8 */
    { 1, 0xC800, 4, 0, 0, "a123" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pkcs15PinObject object = { .label = "PIN", .id = "01", .flags = cases[i].flags, .type = cases[i].type };
      g_auto (Bench) bench;

      init (&bench);
      object.min = cases[i].min;
      object.stored = cases[i].stored;
      object.max = cases[i].max;
      object.reference = 1;
      pkcs15_bench_put_pins (bench.card, &object, 1);
      pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", cases[i].old, cases[i].old, ERROR_PIN_REFUSED);
    }
}

/* The longest of them, twice, do not fit a command. */
static void
test_long_pins (void)
{
  g_autofree char *pin = g_strnfill (127, '1'), *longer = g_strnfill (124, '1'), *longest = g_strnfill (255, '1');
  Pkcs15PinObject object = { .label = "PIN", .id = "01", .flags = 0xC800, .type = 1, .min = 4, .reference = 1 };
  g_auto (Bench) bench;
  Attempt made;

  init (&bench);
  pkcs15_bench_put_pins (bench.card, &object, 1);
  pkcs15_bench_put_hex (bench.card, 0x24, "010000");
  vcard_set_pin (bench.card, NULL, "pin", pin, 3, 3);
  pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", pin, longer, ERROR_PIN_REFUSED);
  pin_bench_assert_refusal (&bench, PIN_OPERATION_CHANGE, "user", longest, "1234", ERROR_PIN_REFUSED);
  g_assert_true (pin_bench_attempt (&bench, PIN_OPERATION_CHANGE, "user", pin, longer + 1, &made));
  g_assert_cmpuint (pin_bench_count_secrets (&bench), ==, 1);
}

/* Its folder is selected before the command; where that cannot be, nothing is sent. */
static void
test_folder (void)
{
  for (int there = 0; there <= 1; there++)
    {
      Pkcs15PinObject object = pkcs15_bench_pin;
      g_auto (Bench) bench;
      Attempt made;

      init (&bench);
      object.path = "3F005016";
      pkcs15_bench_put_pins (bench.card, &object, 1);
      if (there)
        pkcs15_bench_put_hex (bench.card, G_GUINT64_CONSTANT (0x3F0050160001), "00");
      g_assert_cmpint (pin_bench_attempt (&bench, PIN_OPERATION_CHANGE, "user", PIN, NEW, &made), ==, there);
      if (!there)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
      else
        g_assert_nonnull (strstr (vcard_get_log (bench.card), "00A4080002501600 -> 9000 (13)\n00240001"));
    }
}

/* At a keypad: what the reader is told. */

static PadCommand told;
static guint8 told_data[64];

static gboolean
type_at_pad (gpointer transport G_GNUC_UNUSED,
             const PadCommand *command,
             guint8 *answer,
             gsize *answer_length,
             GError **error G_GNUC_UNUSED)
{
  told = *command;
  memcpy (told_data, command->apdu.data, command->apdu.length);
  answer[0] = 0x90;
  answer[1] = 0x00;
  *answer_length = 2;
  return TRUE;
}

static void
test_keypad (void)
{
  static const struct
  {
    guint type, flags, stored;
    gboolean possible;
  } cases[] = {
    { 1, 0xCC00, 8, TRUE },   { 2, 0xCC00, 8, TRUE },  { 1, 0xC800, 8, FALSE }, { 1, 0xCC00, 0, FALSE },
    { 1, 0xCC00, 16, FALSE }, { 0, 0xCC00, 8, FALSE }, { 4, 0xCC00, 8, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Pkcs15PinObject object = { .label = "PIN", .id = "01", .type = 1, .min = 4, .reference = 1, .filler = "FF" };
      g_auto (Bench) bench;
      g_autoptr (Channel) channel = channel_new (bench_transmit, &bench, NULL, 0, FALSE, FALSE);
      g_autoptr (Token) token = NULL;
      Attempt made = { 0 };

      init (&bench);
      object.type = cases[i].type;
      object.flags = cases[i].flags;
      object.stored = cases[i].stored;
      pkcs15_bench_put_pins (bench.card, &object, 1);
      channel_set_pad (channel, type_at_pad);
      bench.session.channel = channel;
      g_assert_cmpint (pkcs15_driver.probe (&bench.session), ==, PROBE_SURE);
      token = pkcs15_driver.read (&bench.session, NULL);
      g_assert_cmpint (token_find_pin (token, "user")->pinpad, ==, cases[i].possible);
      g_assert_cmpint (pkcs15_driver.change_pin (&bench.session, "user", NULL, NULL, &made, &bench.error), ==,
                       cases[i].possible);
      g_assert_cmpint (error_get_code (bench.error), ==, cases[i].possible ? ERROR_NONE : ERROR_PIN_IMPOSSIBLE);
      g_assert_cmpuint (channel_get_n_secrets (channel), ==, cases[i].possible);
      if (!cases[i].possible)
        continue;
      g_assert_cmpint (told.apdu.p2, ==, 1);
      g_assert_cmpuint (told.apdu.length, ==, 16);
      g_assert_cmpuint (told.new_offset, ==, 8);
      g_assert_cmpuint (told.block_size, ==, 8);
      g_assert_cmpuint (told.min_length, ==, 4);
      g_assert_cmpuint (told.max_length, ==, 8);
      g_assert_cmphex (told_data[0], ==, 0xFF);
      g_assert_cmphex (told_data[15], ==, 0xFF);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pin_bench_add_tests (&family);
  g_test_add_func ("/pkcs15-pin/obstacles", test_obstacles);
  g_test_add_func ("/pkcs15-pin/forms", test_forms);
  g_test_add_func ("/pkcs15-pin/impossible-forms", test_impossible_forms);
  g_test_add_func ("/pkcs15-pin/long-pins", test_long_pins);
  g_test_add_func ("/pkcs15-pin/folder", test_folder);
  g_test_add_func ("/pkcs15-pin/keypad", test_keypad);
  return g_test_run ();
}
