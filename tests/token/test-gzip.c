#include "token/gzip.h"

#include "model/error.h"
#include "testcert.h"

/* Bytes that hardly shrink, as in a certificate. */
static GByteArray *
make_noise (guint length)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  GByteArray *noise = g_byte_array_new ();

  for (guint i = 0; i < length; i++)
    {
      guint8 byte = (guint8) g_rand_int_range (random, 0, 64);

      g_byte_array_append (noise, &byte, 1);
    }
  return noise;
}

static void
assert_refused (const guint8 *bytes, gsize length)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) out = gzip_unpack (bytes, length, &error);

  g_assert_null (out);
  g_assert_error (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
}

static void
test_good (void)
{
  g_autoptr (GByteArray) noise = make_noise (919);
  g_autoptr (GByteArray) packed = testcert_pack (noise->data, noise->len, TESTCERT_GZIP);
  g_autoptr (GByteArray) out = NULL;
  guint n = packed->len;

  g_assert_true (gzip_is_packed (packed->data, packed->len));
  g_assert_false (gzip_is_packed (noise->data, noise->len));
  g_assert_false (gzip_is_packed (packed->data, 1));
  out = gzip_unpack (packed->data, packed->len, NULL);
  g_assert_nonnull (out);
  g_assert_cmpmem (out->data, out->len, noise->data, noise->len);

  /* A second member, or anything, behind the first: it does not count. */
  g_byte_array_append (packed, packed->data, n);
  g_clear_pointer (&out, g_byte_array_unref);
  out = gzip_unpack (packed->data, packed->len, NULL);
  g_assert_nonnull (out);
  g_assert_cmpmem (out->data, out->len, noise->data, noise->len);
}

static void
test_damaged (void)
{
  g_autoptr (GByteArray) noise = make_noise (300);
  g_autoptr (GByteArray) packed = testcert_pack (noise->data, noise->len, TESTCERT_GZIP);
  g_autoptr (GByteArray) zlib = testcert_pack (noise->data, noise->len, TESTCERT_ZLIB);

  for (guint n = 0; n < packed->len; n++)
    assert_refused (packed->data, n);
  assert_refused (zlib->data, zlib->len);

  /* The check sum and the length at the end. */
  for (guint i = 1; i <= 8; i++)
    {
      packed->data[packed->len - i] ^= 0x01;
      assert_refused (packed->data, packed->len);
      packed->data[packed->len - i] ^= 0x01;
    }
}

/* zlib streams: the same bounds, and the other format is none. */
static void
test_zlib (void)
{
  g_autofree guint8 *zeroes = g_malloc0 (60 * 1000 * 1000);
  g_autoptr (GByteArray) noise = make_noise (919);
  g_autoptr (GByteArray) packed = testcert_pack (noise->data, noise->len, TESTCERT_ZLIB);
  g_autoptr (GByteArray) gzip = testcert_pack (noise->data, noise->len, TESTCERT_GZIP);
  g_autoptr (GByteArray) bomb = testcert_pack (zeroes, 60 * 1000 * 1000, TESTCERT_ZLIB);
  g_autoptr (GByteArray) out = gzip_unpack_zlib (packed->data, packed->len, NULL);

  g_assert_nonnull (out);
  g_assert_cmpmem (out->data, out->len, noise->data, noise->len);
  g_assert_null (gzip_unpack_zlib (gzip->data, gzip->len, NULL));
  g_assert_null (gzip_unpack_zlib (bomb->data, bomb->len, NULL));
  for (guint n = 0; n < packed->len; n++)
    g_assert_null (gzip_unpack_zlib (packed->data, n, NULL));
  packed->data[packed->len - 1] ^= 0x01;
  g_assert_null (gzip_unpack_zlib (packed->data, packed->len, NULL));
}

static void
test_bombs (void)
{
  g_autofree guint8 *zeroes = g_malloc0 (60 * 1000 * 1000);
  g_autoptr (GByteArray) small = testcert_pack (zeroes, 4000, TESTCERT_GZIP);
  g_autoptr (GByteArray) large = testcert_pack (zeroes, 60 * 1000 * 1000, TESTCERT_GZIP);
  g_autoptr (GByteArray) noise = make_noise (GZIP_MAX_SIZE + 1);
  g_autoptr (GByteArray) packed = testcert_pack (noise->data, noise->len, TESTCERT_GZIP);

  g_assert_cmpuint (small->len * GZIP_MAX_RATIO, <, 4000);
  assert_refused (small->data, small->len);
  assert_refused (large->data, large->len);
  assert_refused (packed->data, packed->len);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/gzip/good", test_good);
  g_test_add_func ("/gzip/damaged", test_damaged);
  g_test_add_func ("/gzip/zlib", test_zlib);
  g_test_add_func ("/gzip/bombs", test_bombs);
  return g_test_run ();
}
