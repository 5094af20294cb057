/* What the host of an SKF library sends, as literal records, and what is made of it; then records that no library
 * sends. */
#include <string.h>

#include "hex.h"
#include "model/text.h"
#include "testcert.h"
#include "token/module-kind.h"

#define LABEL       130
#define SERIAL      162
#define APPLICATION "BJCA-Application"

typedef GPtrArray Records;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Records, g_ptr_array_unref)
typedef GPtrArray Modules;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Modules, g_ptr_array_unref)

static Records *
records_new (void)
{
  return g_ptr_array_new_with_free_func (g_free);
}

static void
put (Records *records, WireKind kind, gconstpointer bytes, gsize length)
{
  ModuleRecord *record = g_malloc0 (sizeof *record + length + 1);

  *record = (ModuleRecord){ kind, length, (guint8 *) (record + 1) };
  if (length > 0)
    memcpy (record + 1, bytes, length);
  g_ptr_array_add (records, record);
}

static void
put_text (Records *records, WireKind kind, const char *text)
{
  put (records, kind, text, strlen (text));
}

static void
put_info (Records *records, const char *label, const char *serial, gsize length)
{
  guint8 info[512] = { 1, 0 };

  memcpy (info + LABEL, label, MIN (strlen (label), 32));
  memcpy (info + SERIAL, serial, MIN (strlen (serial), 32));
  put (records, WIRE_DEVICE_INFO, info, length);
}

static void
put_pin (Records *records, guint32 max, guint32 left, guint32 is_default)
{
  guint32 numbers[] = { 1, max, left, is_default };

  put (records, WIRE_PIN, numbers, sizeof numbers);
}

static void
put_failure (Records *records, guint64 code, const char *function)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();

  g_byte_array_append (bytes, (const guint8 *) &code, sizeof code);
  g_byte_array_append (bytes, (const guint8 *) function, (guint) strlen (function));
  put (records, WIRE_FAILED, bytes->data, bytes->len);
}

static void
put_bytes (Records *records, WireKind kind, const GByteArray *bytes)
{
  put (records, kind, bytes->data, bytes->len);
}

/* A certificate of HOLDER that ends in YEAR and is for USAGES. */
static void
put_certificate (Records *records, WireKind kind, const char *holder, int year, const char *usages)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autofree char *end = g_strdup_printf ("%04d0101000000Z", year);
  g_autoptr (GByteArray) der = NULL;

  testcert_set_name (x509, NID_commonName, V_ASN1_UTF8STRING, holder, strlen (holder));
  g_assert_cmpint (ASN1_TIME_set_string_X509 (X509_getm_notAfter (x509), end), ==, 1);
  if (usages != NULL)
    {
      testcert_add_extension (x509, NID_key_usage, "digitalSignature");
      testcert_add_extension (x509, NID_ext_key_usage, usages);
    }
  der = testcert_finish (x509);
  put_bytes (records, kind, der);
}

/* DEVICE with one application and one container, up to where certificates follow. */
static void
put_start (Records *records, const char *device)
{
  put_text (records, WIRE_DEVICE, device);
  put_info (records, "BJCA-UserKey", device, 512);
  put_text (records, WIRE_APPLICATION, APPLICATION);
  put_pin (records, 10, 10, 0);
  put_text (records, WIRE_CONTAINER, "personalCert00");
}

/* The tokens in RECORDS; whatever these are, the tokens can be handed on. */
static Modules *
parse (const Records *records)
{
  g_autoptr (GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);
  Modules *modules = skf_module.parse (records);

  g_assert_cmpuint (modules->len, <=, MODULE_MAX_TOKENS);
  for (guint i = 0; i < modules->len; i++)
    {
      ModuleToken *module = modules->pdata[i];
      g_autofree char *clean = text_clean (module->place, -1);
      g_autoptr (GVariant) variant = NULL;
      g_autoptr (Token) copy = NULL;

      g_assert_cmpstr (module->place, ==, clean);
      g_assert_true (*clean != '\0' && g_hash_table_add (places, module->place));
      g_assert_cmpuint (module->addresses->len, ==, module->token->pins->len);
      token_set_identity (module->token);
      module->token->complete = TRUE;
      variant = g_variant_ref_sink (token_to_variant (module->token));
      copy = token_from_variant (variant);
      g_assert_nonnull (copy);
      g_assert_true (token_is_same (copy, module->token));
    }
  return modules;
}

/* The only token in RECORDS. (transfer full) */
static ModuleToken *
parse_one (const Records *records)
{
  g_autoptr (Modules) modules = parse (records);

  g_assert_cmpuint (modules->len, ==, 1);
  return g_ptr_array_steal_index (modules, 0);
}

static char *
join_ids (const Token *token)
{
  g_autoptr (GString) ids = g_string_new (NULL);

  for (guint i = 0; i < token->certificates->len; i++)
    {
      const Certificate *certificate = token->certificates->pdata[i];

      g_string_append_printf (ids, "%s%s:%s", i > 0 ? " " : "", certificate->id,
                              certificate_role_to_string (certificate->role));
    }
  return g_string_free (g_steal_pointer (&ids), FALSE);
}

static void
assert_ids (const Token *token, const char *expected, const char *unreadable)
{
  g_autofree char *ids = join_ids (token);
  g_autofree char *lost = token->unreadable != NULL ? g_strjoinv (" ", token->unreadable) : g_strdup ("");

  g_assert_cmpstr (ids, ==, expected);
  g_assert_cmpstr (lost, ==, unreadable);
}

/* A key as the authority of Beijing hands it out: RSA and SM2 containers of one holder. */
static void
test_whole (void)
{
  static const char address[] = "880000000001\0BJCA-Application";
  g_autoptr (Records) records = records_new ();
  g_autoptr (GByteArray) sm2 = testcert_make ("SM2", "张三"), sm2_enc = testcert_make ("SM2", "张三 ");
  g_autoptr (ModuleToken) module = NULL;
  const Pin *pin;

  put_text (records, WIRE_DEVICE, "880000000001");
  put_info (records, "BJCA-UserKey", "880000000001", 512);
  put_text (records, WIRE_APPLICATION, APPLICATION);
  put_pin (records, 10, 9, 1);
  put_text (records, WIRE_CONTAINER, "personalCert00");
  put_certificate (records, WIRE_SIGNATURE, "张三", 2033, "clientAuth");
  put_text (records, WIRE_CONTAINER, "806000000000001");
  put_bytes (records, WIRE_SIGNATURE, sm2);
  put_bytes (records, WIRE_ENCRYPTION, sm2_enc);
  module = parse_one (records);

  assert_ids (module->token, "806000000000001:signature personalCert00:authentication 806000000000001-enc:encryption",
              "");
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
  g_assert_cmpstr (pin->label, ==, APPLICATION);
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

/* DEVINFO: as long as each layout is, and cut. */
static void
test_info (void)
{
  static const gsize lengths[] = { 294, 296, 326, 328, 512, 194, 193, 131, 1, 0 };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autoptr (Records) records = records_new ();
      g_autoptr (ModuleToken) module = NULL;

      put_text (records, WIRE_DEVICE, "key");
      put_info (records, "label", "serial", lengths[i]);
      module = parse_one (records);
      g_assert_cmpstr (module->token->label, ==, lengths[i] >= 194 ? "label" : NULL);
      g_assert_cmpstr (module->token->serial, ==, lengths[i] >= 194 ? "serial" : NULL);
    }
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
    {
      g_autoptr (Records) records = records_new ();
      g_autoptr (ModuleToken) module = NULL;

      put_text (records, WIRE_DEVICE, "key");
      put_info (records, texts[i].written, texts[i].written, 512);
      module = parse_one (records);
      g_assert_cmpstr (module->token->label, ==, texts[i].label);
      g_assert_cmpstr (module->token->serial, ==, texts[i].serial);
    }
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
      g_autoptr (Records) records = records_new ();
      g_autoptr (ModuleToken) module = NULL;
      const Pin *pin;

      put_text (records, WIRE_DEVICE, "key");
      put_pin (records, 1, 1, 1); /* of no application */
      put_text (records, WIRE_APPLICATION, APPLICATION);
      put_pin (records, pins[i].max, pins[i].left, pins[i].is_default);
      put (records, WIRE_PIN, "\0\0\0\0\3\0\0\0\2\0\0\0\1\0\0", 16); /* of the administrator */
      put (records, WIRE_PIN, "\1\0\0\0\3\0\0\0", 8);                /* cut */
      module = parse_one (records);
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
  g_autoptr (Records) records = records_new ();
  g_autoptr (Modules) modules = NULL;
  ModuleToken *first, *second;

  for (int i = 0; i < 2; i++)
    {
      put_start (records, "张三");
      put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2030, NULL);
      put_text (records, WIRE_APPLICATION, "Other");
      put_text (records, WIRE_CONTAINER, "personalCert00");
      put_certificate (records, WIRE_SIGNATURE, "张三", 2029, NULL);
    }
  put_start (records, "\xD5\xC5\xC8\xFD");
  put_text (records, WIRE_DEVICE, "\x01");
  put (records, WIRE_DEVICE, "a\0b", 3);
  put (records, WIRE_DEVICE, "", 0);
  put_text (records, WIRE_APPLICATION, "of nothing");
  modules = parse (records);

  g_assert_cmpuint (modules->len, ==, 3);
  first = modules->pdata[0];
  second = modules->pdata[1];
  g_assert_cmpstr (first->place, ==, "张三");
  assert_ids (first->token, "personalCert00:signature personalCert00-2:signature", "");
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
  g_autoptr (Records) records = records_new ();
  g_autoptr (ModuleToken) module = NULL;

  put_start (records, "key");
  put_bytes (records, WIRE_SIGNATURE, der);
  put_bytes (records, WIRE_ENCRYPTION, der);
  put (records, WIRE_ENCRYPTION, "", 0);
  put_text (records, WIRE_CONTAINER, "encrypting");
  put_certificate (records, WIRE_ENCRYPTION, "Zhang San", 2040, "clientAuth");
  put_text (records, WIRE_CONTAINER, "old");
  put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2020, NULL);
  put_text (records, WIRE_CONTAINER, "renewed");
  g_byte_array_set_size (der, der->len + 1000); /* as long as its size was said to be */
  put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2036, NULL);
  put_text (records, WIRE_CONTAINER, "again");
  put_bytes (records, WIRE_SIGNATURE, der);
  module = parse_one (records);
  assert_ids (module->token, "renewed:signature personalCert00:signature old:signature encrypting-enc:encryption", "");
}

/* A failure behind the one container of the one application, or a container that is rubbish. */
static const struct
{
  guint64 code;
  const char *function;
  const char *unreadable; /* NULL: the device is gone */
} failures[] = {
  { 0x0A000001, "SKF_ConnectDev", "key" },
  { 0x0A000001, "SKF_GetDevInfo", "key" },
  { 0x0A000003, "SKF_EnumApplication", "key" },
  { 0x0A000001, "SKF_OpenApplication", APPLICATION },
  { 0x0A000001, "SKF_EnumContainer", APPLICATION },
  { 0x0A000001, "SKF_OpenContainer", "personalCert00" },
  { 0x0A000001, "SKF_ExportCertificate", "personalCert00" },
  { 0x0A000029, "SKF_GetPINInfo", "" },
  { 0x0A000001, "", "key" },
  { 0x0A000001, "<b>%s%n", "key" },
  { 0x0A000023, "SKF_ExportCertificate", NULL },
  { 0xFFFFFFFF0A000023, "SKF_ConnectDev", NULL },
};

static void
test_failures (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (failures); i++)
    {
      g_autoptr (Records) records = records_new ();
      g_autoptr (Modules) modules = NULL;

      put_start (records, "key");
      put_failure (records, failures[i].code, failures[i].function);
      put_failure (records, failures[i].code, failures[i].function);
      put (records, WIRE_FAILED, "cut", 3);
      put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2030, NULL);
      put_text (records, WIRE_DEVICE, "other");
      modules = parse (records);
      g_assert_cmpuint (modules->len, ==, failures[i].unreadable != NULL ? 2 : 1);
      if (failures[i].unreadable != NULL)
        assert_ids (((ModuleToken *) modules->pdata[0])->token, "personalCert00:signature", failures[i].unreadable);
    }
}

static void
test_rubbish (void)
{
  static const char *const certificates[] = { "30", "00", "3084FFFFFFFF", "2D2D2D2D2D424547494E", "3003020100" };

  for (gsize i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      g_autoptr (GByteArray) bytes = hex_to_bytes (certificates[i]);
      g_autoptr (Records) records = records_new ();
      g_autoptr (ModuleToken) module = NULL;

      put_start (records, "key");
      put_bytes (records, WIRE_SIGNATURE, bytes);
      put_certificate (records, WIRE_ENCRYPTION, "Zhang San", 2030, NULL);
      module = parse_one (records);
      assert_ids (module->token, "personalCert00-enc:encryption", "personalCert00");
    }
}

/* More than there may be of everything. */
static void
test_bounds (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (Records) records = records_new ();
  g_autofree char *longest = g_strnfill (511, 'x'), *longer = g_strnfill (512, 'x');
  g_autoptr (Modules) modules = NULL;
  const Token *token;

  put_text (records, WIRE_DEVICE, longer);
  put_text (records, WIRE_DEVICE, longest);
  for (int i = 0; i < 20; i++)
    {
      put_text (records, WIRE_APPLICATION, longest);
      put_text (records, WIRE_CONTAINER, longest);
      for (int j = 0; j < 10; j++)
        {
          g_autofree char *holder = g_strdup_printf ("%d-%d", i, j);

          put_certificate (records, WIRE_SIGNATURE, holder, 2030, NULL);
          put_text (records, WIRE_CONTAINER, holder);
          put_failure (records, 0x0A000001, "SKF_OpenContainer");
        }
    }
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Device %d", i);

      put_start (records, name);
      put_bytes (records, WIRE_SIGNATURE, der);
    }
  modules = parse (records);
  g_assert_cmpuint (modules->len, ==, MODULE_MAX_TOKENS);
  token = ((ModuleToken *) modules->pdata[0])->token;
  g_assert_cmpuint (token->pins->len, ==, TOKEN_MAX_PINS);
  g_assert_cmpuint (token->certificates->len, ==, TOKEN_MAX_CERTIFICATES);
  g_assert_cmpuint (g_strv_length (token->unreadable), ==, TOKEN_MAX_CERTIFICATES);
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
      g_autoptr (Records) records = records_new ();
      ModuleAnswer answer = { .records = records, .code = answers[i].code };
      Attempt attempt = { .sent = TRUE, .status = ATTEMPT_NO_STATUS, .tries_left = 3 }, copy;
      g_autoptr (GVariant) variant = NULL;

      g_strlcpy (answer.function, answers[i].function, sizeof answer.function);
      put (records, WIRE_TRIES, "cut", 3);
      if (answers[i].tries != NONE)
        put (records, WIRE_TRIES, &answers[i].tries, sizeof answers[i].tries);
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

/* Streams that no library sends: a good one with its records shuffled, cut, and changed byte by byte. */

static const WireKind kinds[] = { WIRE_DEVICE,    WIRE_DEVICE_INFO, WIRE_APPLICATION, WIRE_PIN,   WIRE_CONTAINER,
                                  WIRE_SIGNATURE, WIRE_ENCRYPTION,  WIRE_FAILED,      WIRE_TRIES, WIRE_SLOT,
                                  WIRE_LABEL,     WIRE_ID,          (WireKind) -1 };

/* RECORD, or what is left of it. */
static void
put_spoilt (Records *records, GRand *rand, const ModuleRecord *record)
{
  g_autofree guint8 *bytes = g_memdup2 (record->bytes, record->length + 1);
  gsize length = record->length;
  WireKind kind = record->kind;

  if (g_rand_int_range (rand, 0, 4) == 0)
    length = (gsize) g_rand_int_range (rand, 0, (gint32) length + 1);
  if (length > 0 && g_rand_int_range (rand, 0, 3) == 0)
    bytes[g_rand_int_range (rand, 0, (gint32) length)] = (guint8) g_rand_int (rand);
  if (g_rand_int_range (rand, 0, 8) == 0)
    kind = kinds[g_rand_int_range (rand, 0, G_N_ELEMENTS (kinds))];
  put (records, kind, bytes, length);
}

static void
put_noise (Records *records, GRand *rand)
{
  guint8 bytes[600];
  gsize length = (gsize) g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 20 : sizeof bytes);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  put (records, kinds[g_rand_int_range (rand, 0, G_N_ELEMENTS (kinds))], bytes, length);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240101);
  g_autoptr (Records) good = records_new ();

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("Device %d", i);

      put_start (good, name);
      put_certificate (good, WIRE_SIGNATURE, "张三", 2030, NULL);
      put_certificate (good, WIRE_ENCRYPTION, "张三", 2031, NULL);
      put_failure (good, 0x0A000001, "SKF_OpenContainer");
    }
  for (int i = 0; i < 3000; i++)
    {
      g_autoptr (Records) records = records_new ();
      g_autoptr (Modules) modules = NULL;
      int n = g_rand_int_range (rand, 0, 60);

      for (int j = 0; j < n; j++)
        if (g_rand_int_range (rand, 0, 8) == 0)
          put_noise (records, rand);
        else
          put_spoilt (records, rand,
                      good->pdata[g_rand_boolean (rand) ? (guint) j % good->len
                                                        : (guint) g_rand_int_range (rand, 0, (gint32) good->len)]);
      modules = parse (records);
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
  g_test_add_func ("/skf/failures", test_failures);
  g_test_add_func ("/skf/rubbish", test_rubbish);
  g_test_add_func ("/skf/bounds", test_bounds);
  g_test_add_func ("/skf/answers", test_answers);
  g_test_add_func ("/skf/random", test_random);
  return g_test_run ();
}
