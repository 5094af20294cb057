/* Tokens that a library of PKCS #11 shows; their PINs are in test-pkcs11-pin.c, lies in test-pkcs11-hostile.c. */
#include <string.h>

#include "pkcs11-bench.h"
#include "testcert.h"

/* ---- tokens ---- */

static void
test_plain (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
  CK_SLOT_ID slot = PKCS11_SLOT;
  ModuleToken *token;

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put_certificate (records, "A1B2", "Zhang San");
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, 1);
  token = pkcs11_get (tokens, 0);
  g_assert_cmpstr (token->place, ==, PKCS11_PLACE);
  g_assert_true (token->hardware);
  g_assert_true (token->token->complete);
  g_assert_cmpint (token->token->family, ==, TOKEN_FAMILY_PKCS11);
  g_assert_cmpstr (token->token->label, ==, "Zhang San");
  g_assert_cmpstr (token->token->serial, ==, "4711");
  pkcs11_assert_ids (token->token, "a1b2", "");
  g_assert_cmpuint (token->addresses->len, ==, 1);
  g_assert_cmpmem (g_bytes_get_data (token->addresses->pdata[0], NULL), g_bytes_get_size (token->addresses->pdata[0]),
                   &slot, sizeof slot);
}

/* Of the label; the last ones fill all of its 32 bytes. */
static void
test_text (void)
{
  static const struct
  {
    const char *bytes;
    gsize length;
    const char *text;
  } cases[] = {
    { "张三", 6, "张三" },
    { "  Zhang   San", 13, "Zhang San" },
    { "\0\0\0", 3, NULL },
    { "", 0, NULL },
    { "Zhang San\0\0\0", 12, "Zhang San" },
    { "Zhang\0San", 9, "Zhang\357\277\275San" },
    { "\xD5\xC5\xC8\xFD", 4, "张三" }, /* GB 18030 */
    { "\xE2\x80\xAEZhang San", 12, "Zhang San" },
    { "\xFF\xFF", 2, "\357\277\275\357\277\275" },
    { "北京示例商贸有限公司张三", 32, "北京示例商贸有限公司" },
    { "0123456789012345678901234567890123456789", 32, "01234567890123456789012345678901" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      CK_TOKEN_INFO info = { .flags = PKCS11_PLAIN };
      g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

      memset (info.label, ' ', sizeof info.label);
      memcpy (info.label, cases[i].bytes, cases[i].length);
      pkcs11_put_slot (records, PKCS11_SLOT, PKCS11_PLACE, CKF_HW_SLOT);
      pkcs11_put (records, WIRE_TOKEN, &info, sizeof info);
      tokens = pkcs11_parse (records);
      g_assert_cmpstr (pkcs11_get (tokens, 0)->token->label, ==, cases[i].text);
    }
}

/* Tokens that are told apart, and places that are. */
static void
test_tokens (void)
{
  static const struct
  {
    const char *slot, *maker, *serial;
    const char *place, *shown;
  } cases[] = {
    { "Reader", "Example", "4711", "Reader", "4711" },
    { "Reader", "Example", "4712", "Reader (2)", "4712" },
    { "Reader", "Another", "4711", "Reader (3)", "4711" },
    { "Reader", "Example", "", "Reader (4)", NULL },
    { "Reader", "Example", "0000000000000000", "Reader (5)", NULL },
    { "Reader", "Example", "0000000000000000", "Reader (6)", NULL },
    { "", "Example", "4713", "#106", "4713" },
    { " 读卡器  1", "Example", "4714", "读卡器 1", "4714" },
  };
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      pkcs11_put_slot (records, 100 + i, cases[i].slot, i % 2 == 0 ? CKF_REMOVABLE_DEVICE : CKF_TOKEN_PRESENT);
      pkcs11_put_token (records, "Zhang San", cases[i].maker, cases[i].serial, PKCS11_PLAIN);
    }
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, G_N_ELEMENTS (cases));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_assert_cmpstr (pkcs11_get (tokens, (guint) i)->place, ==, cases[i].place);
      g_assert_cmpstr (pkcs11_get (tokens, (guint) i)->token->serial, ==, cases[i].shown);
      g_assert_cmpint (pkcs11_get (tokens, (guint) i)->hardware, ==, i % 2 == 0);
    }
}

static void
test_many_slots (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  for (CK_SLOT_ID i = 0; i < 100; i++)
    {
      g_autofree char *serial = g_strdup_printf ("%lu", 1000 + i);

      pkcs11_put_slot (records, i, PKCS11_PLACE, CKF_HW_SLOT);
      pkcs11_put_token (records, "Zhang San", "Example", serial, PKCS11_PLAIN);
    }
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, MODULE_MAX_TOKENS);
}

/* The certificates of both, none twice; a slot without a PIN adds none. */
static void
test_two_slots_certificates (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
  g_autoptr (GByteArray) shared = testcert_make ("P-256", "Zhang San");

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put_der (records, "01", shared->data, shared->len);
  pkcs11_put_der (records, "02", (const guint8 *) "rubbish", 7);
  pkcs11_put_slot (records, 8, PKCS11_PLACE, CKF_HW_SLOT);
  pkcs11_put_token (records, "Zhang San", "Example", "4711", CKF_TOKEN_INITIALIZED);
  pkcs11_put_der (records, "01", shared->data, shared->len);
  pkcs11_put_der (records, "02", (const guint8 *) "rubbish", 7);
  pkcs11_put_certificate (records, "03", "张三");
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, 1);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "01 03", "02");
  g_assert_cmpuint (pkcs11_get (tokens, 0)->token->pins->len, ==, 1);
}

/* The slot that SoftHSM keeps for a token to come is none; a card that nobody has begun to use is one. */
static void
test_blank (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_slot (records, 1, "Soft", CKF_TOKEN_PRESENT);
  pkcs11_put_token (records, "", "Example", "", CKF_LOGIN_REQUIRED);
  pkcs11_put_failure (records, CKR_TOKEN_NOT_RECOGNIZED, "C_OpenSession");
  pkcs11_put_slot (records, 2, "Hard", CKF_HW_SLOT);
  pkcs11_put_token (records, "", "Example", "", CKF_LOGIN_REQUIRED);
  pkcs11_put_failure (records, CKR_TOKEN_NOT_RECOGNIZED, "C_OpenSession");
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, 1);
  g_assert_cmpstr (pkcs11_get (tokens, 0)->place, ==, "Hard");
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "", "");
}

/* ---- certificates ---- */

static void
test_ids (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put_certificate (records, "0A", "A");
  pkcs11_put_certificate (records, "0A", "B");
  pkcs11_put_certificate (records, "", "C");
  pkcs11_put_certificate (records, "0102030405060708091011121314151617181920212223242526272829303132", "D");
  pkcs11_put_certificate (records, "010203040506070809101112131415161718192021222324252627282930313233", "E");
  tokens = pkcs11_parse (records);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token,
                     "0102030405060708091011121314151617181920212223242526272829303132 0a 0a-2 3 5", "");
}

static void
test_unreadable (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put (records, WIRE_ID, "\1", 1);
  pkcs11_put (records, WIRE_LABEL, "", 0);
  pkcs11_put_failure (records, CKR_DATA_LEN_RANGE, "C_GetAttributeValue");
  pkcs11_put_der (records, "02", (const guint8 *) "rubbish", 7);
  pkcs11_put_der (records, "03", NULL, 0); /* an empty place */
  pkcs11_put_certificate (records, "04", "Zhang San");
  pkcs11_put_failure (records, CKR_DEVICE_ERROR, "C_FindObjects");
  tokens = pkcs11_parse (records);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "04", "01 02 4");
}

static void
put_issued (GPtrArray *records, const char *id, const char *subject, const char *issuer, const char *usage, gint year)
{
  g_autoptr (X509) x509 = testcert_new ("P-256");
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *end = g_strdup_printf ("%d0101000000Z", year);
  X509_NAME *name = X509_NAME_new ();

  X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_UTF8, (const guchar *) subject, -1, -1, 0);
  X509_set_subject_name (x509, name);
  X509_NAME_free (name);
  name = X509_NAME_new ();
  X509_NAME_add_entry_by_NID (name, NID_commonName, MBSTRING_UTF8, (const guchar *) issuer, -1, -1, 0);
  X509_set_issuer_name (x509, name);
  X509_NAME_free (name);
  ASN1_TIME_set_string_X509 (X509_getm_notAfter (x509), end);
  testcert_add_extension (x509, NID_key_usage, usage);
  if (strcmp (usage, "digitalSignature") == 0 && year < 2040)
    testcert_add_extension (x509, NID_ext_key_usage, "clientAuth");
  der = testcert_finish (x509);
  pkcs11_put_der (records, id, der->data, der->len);
}

static void
test_order (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  put_issued (records, "01", "Root", "Root", "keyCertSign", 2040);
  put_issued (records, "02", "Authority", "Root", "digitalSignature", 2040);
  put_issued (records, "03", "Zhang San", "Authority", "keyEncipherment", 2030);
  put_issued (records, "04", "Zhang San", "Authority", "digitalSignature", 2029);
  put_issued (records, "05", "Zhang San", "Authority", "digitalSignature", 2030);
  put_issued (records, "06", "Zhang San", "Authority", "nonRepudiation", 2030);
  put_issued (records, "07", "Zhang San", "Authority", "dataEncipherment", 2031);
  put_issued (records, "08", "Another Authority", "Root", "keyCertSign,cRLSign", 2039);
  put_issued (records, "09", "Zhang San", "Authority", "encipherOnly", 2029);
  tokens = pkcs11_parse (records);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "05 04 06 09 07 03 01 02 08", "");
}

/* Those that have issued themselves, with one name, are not each other's authority. */
static void
test_order_of_self_issued (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  put_issued (records, "01", "Zhang San", "Zhang San", "keyEncipherment", 2030);
  put_issued (records, "02", "Zhang San", "Zhang San", "digitalSignature", 2030);
  put_issued (records, "03", "Zhang San 2", "Authority", "keyEncipherment", 2030);
  tokens = pkcs11_parse (records);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "02 01 03", "");
}

static void
test_many_certificates (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  for (guint i = 0; i < TOKEN_MAX_CERTIFICATES + 10; i++)
    {
      g_autofree char *holder = g_strdup_printf ("Zhang San %u", i);

      pkcs11_put_certificate (records, "01", holder);
    }
  for (guint i = 0; i < TOKEN_MAX_CERTIFICATES + 10; i++)
    pkcs11_put_failure (records, CKR_GENERAL_ERROR, "C_FindObjects");
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (pkcs11_get (tokens, 0)->token->certificates->len, ==, TOKEN_MAX_CERTIFICATES);
  g_assert_cmpuint (g_strv_length (pkcs11_get (tokens, 0)->token->unreadable), ==, TOKEN_MAX_CERTIFICATES);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pkcs11/plain", test_plain);
  g_test_add_func ("/pkcs11/text", test_text);
  g_test_add_func ("/pkcs11/tokens", test_tokens);
  g_test_add_func ("/pkcs11/many-slots", test_many_slots);
  g_test_add_func ("/pkcs11/two-slots", test_two_slots_certificates);
  g_test_add_func ("/pkcs11/blank", test_blank);
  g_test_add_func ("/pkcs11/ids", test_ids);
  g_test_add_func ("/pkcs11/unreadable", test_unreadable);
  g_test_add_func ("/pkcs11/order", test_order);
  g_test_add_func ("/pkcs11/order-of-self-issued", test_order_of_self_issued);
  g_test_add_func ("/pkcs11/many-certificates", test_many_certificates);
  return g_test_run ();
}
