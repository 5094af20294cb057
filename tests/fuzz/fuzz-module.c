/* What the host of a vendor library sends, when the library or the host lies.
 *
 *   1 byte: kind of library, and whether it is an answer about a PIN
 *   of such an answer: return code (8 bytes) · function, a block · then in either case: records, each two blocks: kind
 * (2 bytes), bytes */
#include <string.h>

#include "fuzz.h"
#include "model/text.h"
#include "pkcs11-bench.h"
#include "testcert.h"

#define ABOUT_A_PIN 0x02

static const ModuleKind *const kinds[] = { &skf_module, &pkcs11_module };

static GPtrArray *
take_records (FuzzInput *input)
{
  GPtrArray *records = pkcs11_records_new ();
  const guint8 *kind, *bytes;
  gsize n_kind, length;

  while (records->len < WIRE_MAX_RECORDS && fuzz_take_block (input, &kind, &n_kind)
         && fuzz_take_block (input, &bytes, &length))
    pkcs11_put (records, n_kind == 2 ? (WireKind) (kind[0] << 8 | kind[1]) : 0, bytes, length);
  return records;
}

static void
check_list (const ModuleKind *kind, const GPtrArray *records)
{
  g_autoptr (GPtrArray) tokens = kind->parse (records);

  g_assert_cmpuint (tokens->len, <=, MODULE_MAX_TOKENS);
  for (guint i = 0; i < tokens->len; i++)
    {
      ModuleToken *token = tokens->pdata[i];
      g_autofree char *clean = text_clean (token->place, -1);

      g_assert_cmpstr (token->place, ==, clean);
      g_assert_cmpuint (token->addresses->len, ==, token->token->pins->len);
      fuzz_check_token (token->token);
    }
}

/* Whatever it says: the attempt is one that the engine takes, and nothing is done that was not sent. */
static void
check_attempt (const ModuleKind *kind, FuzzInput *input)
{
  Attempt attempt = { .sent = TRUE, .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN }, taken;
  ModuleAnswer answer = { 0 };
  g_autoptr (GPtrArray) records = NULL;
  g_autoptr (GVariant) sent = NULL;
  const guint8 *function;
  gsize length;

  for (int i = 0; i < 8; i++)
    answer.code = answer.code << 8 | fuzz_take_byte (input);
  if (fuzz_take_block (input, &function, &length))
    memcpy (answer.function, function, MIN (length, sizeof answer.function - 1));
  records = answer.records = take_records (input);
  kind->explain (&answer, &attempt);
  sent = g_variant_ref_sink (attempt_to_variant (&attempt));
  g_assert_true (attempt_from_variant (sent, &taken));
}

int
LLVMFuzzerTestOneInput (const guint8 *bytes, gsize length)
{
  FuzzInput input = { bytes, length };
  guint8 what = fuzz_take_byte (&input);
  const ModuleKind *kind = kinds[what & 1];
  g_autoptr (GPtrArray) records = NULL;

  if ((what & ABOUT_A_PIN) != 0)
    {
      check_attempt (kind, &input);
      return 0;
    }
  records = take_records (&input);
  check_list (kind, records);
  return 0;
}

/* ---- seeds ---- */

static void
add_seed (GPtrArray *seeds, const guint8 *head, guint n_head, const GPtrArray *records)
{
  GByteArray *input = g_byte_array_new ();

  g_byte_array_append (input, head, n_head);
  for (guint i = 0; i < records->len; i++)
    {
      const ModuleRecord *record = records->pdata[i];
      guint8 kind[] = { (guint8) (record->kind >> 8), (guint8) record->kind };

      fuzz_put_block (input, kind, sizeof kind);
      fuzz_put_block (input, record->bytes, record->length);
    }
  g_ptr_array_add (seeds, g_byte_array_free_to_bytes (input));
}

static void
put_skf (GPtrArray *records, const char *device)
{
  static const guint32 user[] = { 1, 10, 9, 1 }, admin[] = { 0, 3, 3, 0 };
  guint8 info[512] = { 1, 0 };
  g_autoptr (GByteArray) der = testcert_make ("SM2", "张三");

  strcpy ((char *) info + 130, "BJCA-UserKey");
  strcpy ((char *) info + 162, device);
  pkcs11_put (records, WIRE_DEVICE, device, strlen (device));
  pkcs11_put (records, WIRE_DEVICE_INFO, info, sizeof info);
  pkcs11_put (records, WIRE_APPLICATION, "BJCA-Application", 16);
  pkcs11_put (records, WIRE_PIN, user, sizeof user);
  pkcs11_put (records, WIRE_PIN, admin, sizeof admin);
  pkcs11_put (records, WIRE_CONTAINER, "personalCert00", 14);
  pkcs11_put (records, WIRE_SIGNATURE, der->data, der->len);
  pkcs11_put (records, WIRE_ENCRYPTION, der->data, der->len);
  pkcs11_put_failure (records, 0x0A000023, "SKF_ExportCertificate");
}

GPtrArray *
fuzz_list_seeds (void)
{
  static const guint8 skf_pin[] = { 0x02, 0,   0,   0,   0,   0x0A, 0,   0,   0x24, 0,   13,  'S',
                                    'K',  'F', '_', 'C', 'h', 'a',  'n', 'g', 'e',  'P', 'I', 'N' },
                      pkcs11_pin[] = { 0x03, 0, 0, 0, 0, 0, 0, 0, 0xA0, 0, 8, 'C', '_', 'S', 'e', 't', 'P', 'I', 'N' };
  g_autoptr (GPtrArray) skf = pkcs11_records_new (), pkcs11 = pkcs11_records_new (), tries = pkcs11_records_new ();
  GPtrArray *seeds = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  const guint32 left = 9;

  put_skf (skf, "880000000001");
  put_skf (skf, "880000000002");
  add_seed (seeds, (const guint8[]){ 0 }, 1, skf);
  pkcs11_put_one (pkcs11, PKCS11_PLAIN);
  pkcs11_put_certificate (pkcs11, "01", "张三");
  pkcs11_put_certificate (pkcs11, "02", "Zhang San");
  pkcs11_put_failure (pkcs11, 0x30, "C_GetAttributeValue");
  pkcs11_put_slot (pkcs11, PKCS11_SLOT + 1, PKCS11_PLACE, CKF_HW_SLOT);
  pkcs11_put_token (pkcs11, "Zhang San (User PIN)", "Example", "4711", PKCS11_PLAIN | CKF_USER_PIN_FINAL_TRY);
  add_seed (seeds, (const guint8[]){ 1 }, 1, pkcs11);
  pkcs11_put (tries, WIRE_TRIES, &left, sizeof left);
  add_seed (seeds, skf_pin, sizeof skf_pin, tries);
  add_seed (seeds, pkcs11_pin, sizeof pkcs11_pin, pkcs11);
  return seeds;
}
