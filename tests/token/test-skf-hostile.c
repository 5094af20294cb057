/* What the host of an SKF library sends where the library or the token fails, and what no library sends: whatever it
 * is, what comes of it can be handed on. */
#include "hex.h"
#include "skf-bench.h"
#include "testcert.h"

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
  { 0x0A000001, "SKF_OpenApplication", SKF_APPLICATION },
  { 0x0A000001, "SKF_EnumContainer", SKF_APPLICATION },
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
      g_autoptr (GPtrArray) records = pkcs11_records_new (), modules = NULL;

      skf_bench_put_start (records, "key");
      pkcs11_put_failure (records, failures[i].code, failures[i].function);
      pkcs11_put_failure (records, failures[i].code, failures[i].function);
      pkcs11_put (records, WIRE_FAILED, "cut", 3);
      skf_bench_put_certificate (records, WIRE_SIGNATURE, "Zhang San", 2030, NULL);
      skf_bench_put_text (records, WIRE_DEVICE, "other");
      modules = skf_bench_parse (records);
      g_assert_cmpuint (modules->len, ==, failures[i].unreadable != NULL ? 2 : 1);
      if (failures[i].unreadable != NULL)
        skf_bench_assert_ids (((ModuleToken *) modules->pdata[0])->token, "personalCert00:signature",
                              failures[i].unreadable);
    }
}

static void
test_rubbish (void)
{
  static const char *const certificates[] = { "30", "00", "3084FFFFFFFF", "2D2D2D2D2D424547494E", "3003020100" };

  for (gsize i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      g_autoptr (GByteArray) bytes = hex_to_bytes (certificates[i]);
      g_autoptr (GPtrArray) records = pkcs11_records_new ();
      g_autoptr (ModuleToken) module = NULL;

      skf_bench_put_start (records, "key");
      pkcs11_put (records, WIRE_SIGNATURE, bytes->data, bytes->len);
      skf_bench_put_certificate (records, WIRE_ENCRYPTION, "Zhang San", 2030, NULL);
      module = skf_bench_parse_one (records);
      skf_bench_assert_ids (module->token, "personalCert00-enc:encryption", "personalCert00");
    }
}

/* More than there may be of everything. */
static void
test_bounds (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GPtrArray) records = pkcs11_records_new ();
  g_autofree char *longest = g_strnfill (511, 'x'), *longer = g_strnfill (512, 'x');
  g_autoptr (GPtrArray) modules = NULL;
  const Token *token;

  skf_bench_put_text (records, WIRE_DEVICE, longer);
  skf_bench_put_text (records, WIRE_DEVICE, longest);
  for (int i = 0; i < 20; i++)
    {
      skf_bench_put_text (records, WIRE_APPLICATION, longest);
      skf_bench_put_text (records, WIRE_CONTAINER, longest);
      for (int j = 0; j < 10; j++)
        {
          g_autofree char *holder = g_strdup_printf ("%d-%d", i, j);

          skf_bench_put_certificate (records, WIRE_SIGNATURE, holder, 2030, NULL);
          skf_bench_put_text (records, WIRE_CONTAINER, holder);
          pkcs11_put_failure (records, 0x0A000001, "SKF_OpenContainer");
        }
    }
  for (int i = 0; i < 1000; i++)
    {
      g_autofree char *name = g_strdup_printf ("Device %d", i);

      skf_bench_put_start (records, name);
      pkcs11_put (records, WIRE_SIGNATURE, der->data, der->len);
    }
  modules = skf_bench_parse (records);
  g_assert_cmpuint (modules->len, ==, MODULE_MAX_TOKENS);
  token = ((ModuleToken *) modules->pdata[0])->token;
  g_assert_cmpuint (token->pins->len, ==, TOKEN_MAX_PINS);
  g_assert_cmpuint (token->certificates->len, ==, TOKEN_MAX_CERTIFICATES);
  g_assert_cmpuint (g_strv_length (token->unreadable), ==, TOKEN_MAX_CERTIFICATES);
}

/* Streams that no library sends: a good one with its records shuffled, cut, and changed byte by byte. */

static const WireKind kinds[] = { WIRE_DEVICE,    WIRE_DEVICE_INFO, WIRE_APPLICATION, WIRE_PIN,   WIRE_CONTAINER,
                                  WIRE_SIGNATURE, WIRE_ENCRYPTION,  WIRE_FAILED,      WIRE_TRIES, WIRE_SLOT,
                                  WIRE_LABEL,     WIRE_ID,          (WireKind) -1 };

/* RECORD, or what is left of it. */
static void
put_spoilt (GPtrArray *records, GRand *rand, const ModuleRecord *record)
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
  pkcs11_put (records, kind, bytes, length);
}

static void
put_noise (GPtrArray *records, GRand *rand)
{
  guint8 bytes[600];
  gsize length = (gsize) g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 20 : sizeof bytes);

  for (gsize i = 0; i < length; i++)
    bytes[i] = (guint8) g_rand_int (rand);
  pkcs11_put (records, kinds[g_rand_int_range (rand, 0, G_N_ELEMENTS (kinds))], bytes, length);
}

static void
test_random (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (20240101);
  g_autoptr (GPtrArray) good = pkcs11_records_new ();

  for (int i = 0; i < 3; i++)
    {
      g_autofree char *name = g_strdup_printf ("Device %d", i);

      skf_bench_put_start (good, name);
      skf_bench_put_certificate (good, WIRE_SIGNATURE, "张三", 2030, NULL);
      skf_bench_put_certificate (good, WIRE_ENCRYPTION, "张三", 2031, NULL);
      pkcs11_put_failure (good, 0x0A000001, "SKF_OpenContainer");
    }
  for (int i = 0; i < 3000; i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new (), modules = NULL;
      int n = g_rand_int_range (rand, 0, 60);

      for (int j = 0; j < n; j++)
        if (g_rand_int_range (rand, 0, 8) == 0)
          put_noise (records, rand);
        else
          put_spoilt (records, rand,
                      good->pdata[g_rand_boolean (rand) ? (guint) j % good->len
                                                        : (guint) g_rand_int_range (rand, 0, (gint32) good->len)]);
      modules = skf_bench_parse (records);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/skf-hostile/failures", test_failures);
  g_test_add_func ("/skf-hostile/rubbish", test_rubbish);
  g_test_add_func ("/skf-hostile/bounds", test_bounds);
  g_test_add_func ("/skf-hostile/random", test_random);
  return g_test_run ();
}
