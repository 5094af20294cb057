/* What the host of an SKF library sends, as literal records, and what is made of it: tokens, and what became of a PIN.
 * What no library should send is in test-skf-hostile.c. */
#include <string.h>

#include "skf-bench.h"
#include "testcert.h"

/* A key as the authority of Beijing hands it out: RSA and SM2 containers of one holder. */
static void
test_whole (void)
{
  static const char address[] = "880000000001\0BJCA-Application";
  g_autoptr (GPtrArray) records = pkcs11_records_new ();
  g_autoptr (GByteArray) sm2 = testcert_make ("SM2", "张三"), sm2_enc = testcert_make ("SM2", "张三 ");
  g_autoptr (ModuleToken) module = NULL;
  const Pin *pin;

  skf_bench_put_text (records, WIRE_DEVICE, "880000000001");
  skf_bench_put_info (records, "BJCA-UserKey", "880000000001", 512);
  skf_bench_put_text (records, WIRE_APPLICATION, SKF_APPLICATION);
  skf_bench_put_pin (records, 10, 9, 1);
  skf_bench_put_text (records, WIRE_CONTAINER, "personalCert00");
  skf_bench_put_certificate (records, WIRE_SIGNATURE, "张三", 2033, "clientAuth");
  skf_bench_put_text (records, WIRE_CONTAINER, "806000000000001");
  pkcs11_put (records, WIRE_SIGNATURE, sm2->data, sm2->len);
  pkcs11_put (records, WIRE_ENCRYPTION, sm2_enc->data, sm2_enc->len);
  module = skf_bench_parse_one (records);

  skf_bench_assert_ids (module->token,
                        "806000000000001:signature personalCert00:authentication 806000000000001-enc:encryption", "");
  g_assert_cmpstr (token_get_primary (module->token)->holder, ==, "张三");
  g_assert_cmpstr (token_get_primary (module->token)->key, ==, "SM2");
  g_assert_cmpint (module->token->family, ==, TOKEN_FAMILY_SKF);
  g_assert_cmpstr (module->token->label, ==, "BJCA-UserKey");
  g_assert_cmpstr (module->token->serial, ==, "880000000001");
  g_assert_cmpstr (module->token->id, ==, "skf-880000000001");
  g_assert_cmpstr (module->place, ==, "880000000001");
  g_assert_true (module->hardware);

  pin = token_find_pin (module->token, "user");
  g_assert_nonnull (pin);
  g_assert_cmpstr (pin->label, ==, SKF_APPLICATION);
  g_assert_cmpint (pin->tries_left, ==, 9);
  g_assert_cmpint (pin->tries_max, ==, 10);
  g_assert_cmpint (pin->is_default, ==, TRUE);
  g_assert_cmpint (pin->min_length, ==, 6);
  g_assert_cmpint (pin->max_length, ==, 16);
  g_assert_cmpint (pin->charset, ==, PIN_CHARSET_ANY);
  g_assert_cmpint (pin->unlock, ==, PIN_UNLOCK_ISSUER);
  g_assert_false (pin->officer);
  g_assert_false (pin->blocked);
  g_assert_cmpmem (g_bytes_get_data (module->addresses->pdata[0], NULL), g_bytes_get_size (module->addresses->pdata[0]),
                   address, sizeof address);
}

/* What is made of the first LENGTH bytes of DEVINFO that say LABEL and SERIAL. */
static void
assert_info (const char *label, const char *serial, gsize length, const char *read_label, const char *read_serial)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new ();
  g_autoptr (ModuleToken) module = NULL;

  skf_bench_put_text (records, WIRE_DEVICE, "key");
  skf_bench_put_info (records, label, serial, length);
  module = skf_bench_parse_one (records);
  g_assert_cmpstr (module->token->label, ==, read_label);
  g_assert_cmpstr (module->token->serial, ==, read_serial);
}

/* As long as each layout is, and cut. */
static void
test_info (void)
{
  static const gsize lengths[] = { 294, 296, 326, 328, 512, 194, 193, 131, 1, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    assert_info ("label", "serial", lengths[i], lengths[i] >= 194 ? "label" : NULL,
                 lengths[i] >= 194 ? "serial" : NULL);
}

static const struct
{
  const char *written, *label, *serial;
} texts[] = {
  { "", NULL, NULL },
  { "Key", "Key", "Key" },
  { "  Key   ", "Key", "Key" },
  { "12345678901234567890123456789012", "12345678901234567890123456789012", "12345678901234567890123456789012" },
  { "张三", "张三", "E5BCA0E4B889" },
  { "\xD5\xC5\xC8\xFD", "张三", "D5C5C8FD" }, /* GBK */
  { "\xD5\xC5\xC8", "张", "D5C5C8" },         /* … cut in the middle of a character */
  { "\xB1\xB1\xBE\xA9\xCA\xBE\xC0\xFD\xC9\xCC\xC3\xB3", "北京示例商贸", "B1B1BEA9CABEC0FDC9CCC3B3" },
  { "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"
    "\xFF\xFF\xFF\xFF",
    NULL, NULL },
  { "Key\xFF\xFF\xFF", "Key", "Key" },
  { "\x01\x02", NULL, "0102" },
  { "A\x1B[31mB", "A[31mB", "411B5B33316D42" },
  { "A\xE2\x80\xAE"
    "B",
    "AB", "41E280AE42" },
};

static void
test_texts (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_info (texts[i].written, texts[i].written, 512, texts[i].label, texts[i].serial);
}

#define UNKNOWN PIN_UNKNOWN

static const struct
{
  guint32 max, left, is_default;
  int expected_max, expected_left, expected_default;
  gboolean blocked;
} pins[] = {
  { 10, 10, 0, 10, 10, FALSE, FALSE },
  { 10, 10, 1, 10, 10, TRUE, FALSE },
  { 10, 10, 0xFF, 10, 10, TRUE, FALSE },
  { 10, 10, 0xFFFFFFFF, 10, 10, TRUE, FALSE },
  { 10, 10, 0x7F12, 10, 10, UNKNOWN, FALSE },
  { 10, 1, 0, 10, 1, FALSE, FALSE },
  { 10, 0, 0, 10, 0, FALSE, TRUE },
  { 0, 0, 0, UNKNOWN, UNKNOWN, FALSE, FALSE },
  { 3, 10, 0, UNKNOWN, UNKNOWN, FALSE, FALSE },
  { 0xFFFFFFFF, 10, 0, UNKNOWN, UNKNOWN, FALSE, FALSE },
  { 10, 0xFFFFFFFF, 0, UNKNOWN, UNKNOWN, FALSE, FALSE },
  { 255, 255, 0, UNKNOWN, UNKNOWN, FALSE, FALSE },
};

static void
test_pins (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (pins); i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new ();
      g_autoptr (ModuleToken) module = NULL;
      const Pin *pin;

      skf_bench_put_text (records, WIRE_DEVICE, "key");
      skf_bench_put_pin (records, 1, 1, 1); /* of no application */
      skf_bench_put_text (records, WIRE_APPLICATION, SKF_APPLICATION);
      skf_bench_put_pin (records, pins[i].max, pins[i].left, pins[i].is_default);
      pkcs11_put (records, WIRE_PIN, "\0\0\0\0\3\0\0\0\2\0\0\0\1\0\0", 16); /* of the administrator */
      pkcs11_put (records, WIRE_PIN, "\1\0\0\0\3\0\0\0", 8);                /* cut */
      module = skf_bench_parse_one (records);
      pin = token_find_pin (module->token, "user");
      g_assert_cmpint (pin->tries_max, ==, pins[i].expected_max);
      g_assert_cmpint (pin->tries_left, ==, pins[i].expected_left);
      g_assert_cmpint (pin->is_default, ==, pins[i].expected_default);
      g_assert_cmpint (pin->blocked, ==, pins[i].blocked);
      g_assert_true (pin->officer);
      g_assert_cmpint (pin->unlock_tries_left, ==, 2);
    }
}

/* What is called the same, and what is the same. */
static void
test_names (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), modules = NULL;
  ModuleToken *first, *second;

  for (int i = 0; i < 2; i++)
    {
      skf_bench_put_start (records, "张三");
      skf_bench_put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2030, NULL);
      skf_bench_put_text (records, WIRE_APPLICATION, "Other");
      skf_bench_put_text (records, WIRE_CONTAINER, "personalCert00");
      skf_bench_put_certificate (records, WIRE_SIGNATURE, "张三", 2029, NULL);
    }
  skf_bench_put_start (records, "\xD5\xC5\xC8\xFD");
  skf_bench_put_text (records, WIRE_DEVICE, "\x01");
  pkcs11_put (records, WIRE_DEVICE, "a\0b", 3);
  pkcs11_put (records, WIRE_DEVICE, "", 0);
  skf_bench_put_text (records, WIRE_APPLICATION, "of nothing");
  modules = skf_bench_parse (records);

  g_assert_cmpuint (modules->len, ==, 3);
  first = modules->pdata[0];
  second = modules->pdata[1];
  g_assert_cmpstr (first->place, ==, "张三");
  skf_bench_assert_ids (first->token, "personalCert00:signature personalCert00-2:signature", "");
  g_assert_cmpstr (((Pin *) first->token->pins->pdata[1])->ref, ==, "user-2");
  g_assert_cmpstr (second->place, ==, "张三-2");
  g_assert_cmpstr (g_bytes_get_data (second->addresses->pdata[0], NULL), ==, "\xD5\xC5\xC8\xFD");
  g_assert_cmpstr (((ModuleToken *) modules->pdata[2])->place, ==, "01");
}

/* A library that heeds no flag, one with nothing but an encryption certificate, and a renewed certificate. */
static void
test_certificates (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GPtrArray) records = pkcs11_records_new ();
  g_autoptr (ModuleToken) module = NULL;

  skf_bench_put_start (records, "key");
  pkcs11_put (records, WIRE_SIGNATURE, der->data, der->len);
  pkcs11_put (records, WIRE_ENCRYPTION, der->data, der->len);
  pkcs11_put (records, WIRE_ENCRYPTION, "", 0);
  skf_bench_put_text (records, WIRE_CONTAINER, "encrypting");
  skf_bench_put_certificate (records, WIRE_ENCRYPTION, "Zhang San", 2040, "clientAuth");
  skf_bench_put_text (records, WIRE_CONTAINER, "old");
  skf_bench_put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2020, NULL);
  skf_bench_put_text (records, WIRE_CONTAINER, "renewed");
  g_byte_array_set_size (der, der->len + 1000); /* as long as its size was said to be */
  memset (der->data + der->len - 1000, 0, 1000);
  skf_bench_put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2036, NULL);
  skf_bench_put_text (records, WIRE_CONTAINER, "again");
  pkcs11_put (records, WIRE_SIGNATURE, der->data, der->len);
  module = skf_bench_parse_one (records);
  skf_bench_assert_ids (module->token,
                        "renewed:signature personalCert00:signature old:signature encrypting-enc:encryption", "");
}

/* Answers to an attempt. */

#define CHANGE  "SKF_ChangePIN"
#define UNBLOCK "SKF_UnblockPIN"
#define NONE    0x80000000u /* no number of tries */

static const struct
{
  guint64 code;
  const char *function;
  guint32 tries;
  ErrorCode failure;
  int tries_left;
  gboolean sent;
} answers[] = {
  { 0, "", NONE, ERROR_NONE, UNKNOWN, TRUE },
  { 0, "", 10, ERROR_NONE, UNKNOWN, TRUE },
  { 0x0A000024, CHANGE, 9, ERROR_PIN_WRONG, 9, TRUE },
  { 0x0A000024, UNBLOCK, 1, ERROR_PIN_WRONG, 1, TRUE },
  { 0x0A000024, CHANGE, NONE, ERROR_PIN_WRONG, UNKNOWN, TRUE },
  { 0x0A000024, CHANGE, 0, ERROR_PIN_WRONG, UNKNOWN, TRUE },
  { 0x0A000024, CHANGE, 0xFFFFFFFF, ERROR_PIN_WRONG, UNKNOWN, TRUE },
  { 0x0A000024, CHANGE, 4711, ERROR_PIN_WRONG, UNKNOWN, TRUE },
  { 0xFFFFFFFF0A000024, CHANGE, 9, ERROR_PIN_WRONG, 9, TRUE },
  { 0x0A000025, CHANGE, 5, ERROR_PIN_BLOCKED, 0, TRUE },
  { 0x0A000033, CHANGE, NONE, ERROR_PIN_BLOCKED, 0, TRUE },
  { 0x0B000037, CHANGE, NONE, ERROR_PIN_BLOCKED, 0, TRUE },
  { 0x0A000026, CHANGE, 9, ERROR_PIN_REFUSED, UNKNOWN, TRUE },
  { 0x0A000027, CHANGE, 9, ERROR_PIN_REFUSED, UNKNOWN, TRUE },
  { 0x0A000003, UNBLOCK, NONE, ERROR_PIN_IMPOSSIBLE, UNKNOWN, TRUE },
  { 0x0A000023, CHANGE, NONE, ERROR_PIN_UNANSWERED, UNKNOWN, TRUE },
  { 0x0A000001, CHANGE, 9, ERROR_PIN_STATUS, UNKNOWN, TRUE },
  { 0x0A0000FF, CHANGE, 9, ERROR_PIN_STATUS, UNKNOWN, TRUE },
  { 0x0B000024, CHANGE, 9, ERROR_PIN_STATUS, UNKNOWN, TRUE },
  { 0xE0000001, CHANGE, 9, ERROR_PIN_STATUS, UNKNOWN, TRUE },
  { 0x0A000023, "SKF_ConnectDev", NONE, ERROR_TOKEN_REMOVED, UNKNOWN, FALSE },
  { 0x0A000024, "SKF_ConnectDev", 9, ERROR_READER_BUSY, UNKNOWN, FALSE },
  { 0x0A00002E, "SKF_OpenApplication", NONE, ERROR_READER_BUSY, UNKNOWN, FALSE },
};

static void
test_answers (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new ();
      ModuleAnswer answer = { .records = records, .code = answers[i].code };
      Attempt attempt = { .sent = TRUE, .status = ATTEMPT_NO_STATUS, .tries_left = 3 }, copy;
      g_autoptr (GVariant) variant = NULL;

      g_strlcpy (answer.function, answers[i].function, sizeof answer.function);
      pkcs11_put (records, WIRE_TRIES, "cut", 3);
      if (answers[i].tries != NONE)
        pkcs11_put (records, WIRE_TRIES, &answers[i].tries, sizeof answers[i].tries);
      skf_module.explain (&answer, &attempt);
      g_assert_cmpint (attempt.failure, ==, answers[i].failure);
      g_assert_cmpint (attempt.tries_left, ==, answers[i].tries_left);
      g_assert_cmpint (attempt.sent, ==, answers[i].sent);
      g_assert_cmpint (attempt.status, ==,
                       attempt.sent
                         ? (int) (guint32) answers[i].code < 0 ? ATTEMPT_NO_STATUS : (int) (guint32) answers[i].code
                         : ATTEMPT_NO_STATUS);
      variant = g_variant_ref_sink (attempt_to_variant (&attempt));
      g_assert_true (attempt_from_variant (variant, &copy));
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skf/whole", test_whole);
  g_test_add_func ("/skf/info", test_info);
  g_test_add_func ("/skf/texts", test_texts);
  g_test_add_func ("/skf/pins", test_pins);
  g_test_add_func ("/skf/names", test_names);
  g_test_add_func ("/skf/certificates", test_certificates);
  g_test_add_func ("/skf/answers", test_answers);
  return g_test_run ();
}
