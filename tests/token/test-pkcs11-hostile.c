/* Records that no honest library of PKCS #11 sends: whatever they are, what comes of them is sound. */
#include <string.h>

#include "pkcs11-bench.h"
#include "testcert.h"

#define N_STREAMS 3000
#define MAX_BYTES 400

static const WireKind kinds[] = { WIRE_SLOT,   WIRE_TOKEN,      WIRE_ID,  WIRE_LABEL,       WIRE_SIGNATURE,
                                  WIRE_FAILED, WIRE_ENCRYPTION, WIRE_PIN, WIRE_DEVICE_INFO, 0 };

/* A good stream: two slots of one token, and another token. */
static GPtrArray *
make_stream (void)
{
  GPtrArray *records = pkcs11_records_new ();

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put_certificate (records, "01", "Zhang San");
  pkcs11_put_slot (records, 8, PKCS11_PLACE, CKF_HW_SLOT);
  pkcs11_put_token (records, "Zhang San (Sign PIN)", "Example", "4711", PKCS11_PLAIN);
  pkcs11_put_certificate (records, "02", "张三");
  pkcs11_put_slot (records, 9, PKCS11_PLACE, CKF_HW_SLOT);
  pkcs11_put_token (records, "Zhang San", "Example", "4712", PKCS11_PLAIN);
  pkcs11_put_failure (records, CKR_DEVICE_ERROR, "C_FindObjects");
  return records;
}

static const ModuleRecord *
get_record (const GPtrArray *records, guint i)
{
  return records->pdata[i];
}

static void
test_order_is_no_matter (void)
{
  g_autoptr (GPtrArray) stream = make_stream (), records = pkcs11_records_new (), tokens = NULL;

  for (guint i = stream->len; i-- > 0;)
    pkcs11_put (records, get_record (stream, i)->kind, get_record (stream, i)->bytes, get_record (stream, i)->length);
  tokens = pkcs11_parse (records);
}

/* Without its end, and without any one of its records. */
static void
test_missing (void)
{
  g_autoptr (GPtrArray) stream = make_stream ();

  for (guint i = 0; i < stream->len; i++)
    {
      g_autoptr (GPtrArray) head = pkcs11_records_new (), others = pkcs11_records_new ();
      g_autoptr (GPtrArray) some = NULL, most = NULL;

      for (guint j = 0; j < stream->len; j++)
        {
          const ModuleRecord *record = get_record (stream, j);

          if (j < i)
            pkcs11_put (head, record->kind, record->bytes, record->length);
          if (j != i)
            pkcs11_put (others, record->kind, record->bytes, record->length);
        }
      some = pkcs11_parse (head);
      most = pkcs11_parse (others);
      g_assert_cmpuint (some->len, <=, 2);
      g_assert_cmpuint (most->len, <=, 2);
    }
}

/* A slot or a token of another length is none, and what follows is about nothing. */
static void
test_lengths (void)
{
  static const int differences[] = { -1000, -8, -1, 1, 8, 1000 };
  g_autoptr (GPtrArray) stream = pkcs11_records_new ();
  guint8 bytes[sizeof (CK_SLOT_ID) + sizeof (CK_SLOT_INFO) + sizeof (CK_TOKEN_INFO) + 1000] = { 0 };

  pkcs11_put_one (stream, PKCS11_PLAIN);
  for (guint i = 0; i < stream->len; i++)
    for (gsize j = 0; j < G_N_ELEMENTS (differences); j++)
      {
        g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

        for (guint k = 0; k < stream->len; k++)
          {
            const ModuleRecord *record = get_record (stream, k);
            int length = MAX ((int) record->length + (k == i ? differences[j] : 0), 0);

            memcpy (bytes, record->bytes, record->length);
            pkcs11_put (records, record->kind, bytes, (gsize) length);
          }
        pkcs11_put_certificate (records, "01", "Zhang San");
        tokens = pkcs11_parse (records);
        g_assert_cmpuint (tokens->len, ==, 0);
      }
}

/* A second token in a slot is none. */
static void
test_two_in_one (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  pkcs11_put_one (records, PKCS11_PLAIN);
  pkcs11_put_token (records, "Zhang San", "Example", "4712", PKCS11_PLAIN);
  pkcs11_put_certificate (records, "01", "Zhang San");
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, 1);
  pkcs11_assert_ids (pkcs11_get (tokens, 0)->token, "01", "");
  g_assert_cmpuint (pkcs11_get (tokens, 0)->token->pins->len, ==, 1);
}

static void
test_many_pins (void)
{
  g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;

  for (guint i = 0; i < 100; i++)
    pkcs11_put_one (records, PKCS11_PLAIN);
  tokens = pkcs11_parse (records);
  g_assert_cmpuint (tokens->len, ==, 1);
  g_assert_cmpuint (pkcs11_get (tokens, 0)->token->pins->len, ==, TOKEN_MAX_PINS);
}

/* One record: as it is, cut, spoilt, or anything at all. */
static void
put_something (GPtrArray *records, const GPtrArray *stream)
{
  const ModuleRecord *record = get_record (stream, (guint) g_test_rand_int_range (0, (int) stream->len));
  gsize length = g_test_rand_bit () ? record->length : (gsize) g_test_rand_int_range (0, (int) record->length + 1);
  g_autofree guint8 *bytes = g_memdup2 (record->bytes, record->length + 1);
  WireKind kind = record->kind;

  if (g_test_rand_int_range (0, 4) == 0)
    kind = kinds[g_test_rand_int_range (0, G_N_ELEMENTS (kinds))];
  if (g_test_rand_int_range (0, 4) == 0)
    for (gsize i = 0; i < length; i += (gsize) g_test_rand_int_range (1, MAX_BYTES))
      bytes[i] = (guint8) g_test_rand_int ();
  pkcs11_put (records, kind, bytes, length);
}

static void
test_random (void)
{
  g_autoptr (GPtrArray) stream = make_stream ();

  for (guint i = 0; i < N_STREAMS; i++)
    {
      g_autoptr (GPtrArray) records = pkcs11_records_new (), tokens = NULL;
      int n = g_test_rand_int_range (0, 40);

      for (int j = 0; j < n; j++)
        put_something (records, stream);
      tokens = pkcs11_parse (records);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/pkcs11-hostile/order-is-no-matter", test_order_is_no_matter);
  g_test_add_func ("/pkcs11-hostile/missing", test_missing);
  g_test_add_func ("/pkcs11-hostile/lengths", test_lengths);
  g_test_add_func ("/pkcs11-hostile/two-in-one", test_two_in_one);
  g_test_add_func ("/pkcs11-hostile/many-pins", test_many_pins);
  g_test_add_func ("/pkcs11-hostile/random", test_random);
  return g_test_run ();
}
