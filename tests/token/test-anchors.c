/* What is trusted: folders, and what may lie in them. */

#include "token/anchors.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "chain-bench.h"
#include "token/chain.h"

static const char encrypted[] = "-----BEGIN CERTIFICATE-----\nProc-Type: 4,ENCRYPTED\n"
                                "DEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\nAAAAAAAAAAAAAAAAAAAAAA==\n"
                                "-----END CERTIFICATE-----\n";

static void
fill_with_rubbish (const char *folder)
{
  static const char *const texts[][2] = {
    { "empty.pem", "" },
    { "words.pem", "These are words.\n\n\xFF\xFE and others\n" },
    { "begins.pem", "-----BEGIN CERTIFICATE-----\n" },
    { "begins-often.pem", "-----BEGIN CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n" },
    { "no-base64.pem", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n" },
    { "no-der.pem", "-----BEGIN CERTIFICATE-----\nMIIBIjANBgkqhkiG9w0BAQ==\n-----END CERTIFICATE-----\n" },
    { "key.pem", "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n" },
    { "encrypted.pem", encrypted },
    { ".hidden.pem", "" },
    { "readme.txt", "no certificate" },
  };
  g_autofree char *pipe = g_build_filename (folder, "pipe.pem", NULL),
                  *sub = g_build_filename (folder, "sub.pem", NULL);
  g_autofree char *loop = g_build_filename (folder, "loop.pem", NULL), *zero = g_build_filename (folder, "z.pem", NULL);
  g_autofree char *large = g_strnfill (10 * 1024 * 1024, 'A'), *secret = g_build_filename (folder, "secret.pem", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    chain_bench_write (folder, texts[i][0], texts[i][1], -1);
  chain_bench_write (folder, "large.pem", large, 10 * 1024 * 1024);
  chain_bench_write (folder, "secret.pem", "x", 1);
  g_assert_cmpint (g_chmod (secret, 0), ==, 0);
  g_assert_cmpint (mkfifo (pipe, 0600), ==, 0);
  g_assert_cmpint (g_mkdir (sub, 0700), ==, 0);
  g_assert_cmpint (symlink ("loop.pem", loop), ==, 0);
  g_assert_cmpint (symlink ("/dev/zero", zero), ==, 0);
}

static void
test_rubbish (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);
  g_autofree char *pem = chain_bench_to_pem (root), *after = NULL;

  fill_with_rubbish (bench->anchors);
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  after = g_strconcat ("words\n-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n", encrypted, pem, NULL);
  chain_bench_write (bench->anchors, "zz.pem", after, -1);
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "trusted");
}

/* The first 200 are taken, by name. */
static void
test_many_files (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);
  gint64 begin;

  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *path = g_strdup_printf ("%s/%04u.pem", bench->anchors, i);
      int fd = g_open (path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

      g_assert_cmpint (fd, >=, 0);
      close (fd);
    }
  begin = g_get_monotonic_time ();
  chain_bench_trust (bench, root, "9999.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  chain_bench_trust (bench, root, "0199.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "trusted");
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 2 * G_USEC_PER_SEC);
}

static guint
count (const char *folder, X509 *x509, gint64 deadline)
{
  const char *const folders[] = { folder, NULL };
  g_autoptr (Anchors) anchors = anchors_load (folders, deadline);
  g_autoptr (GPtrArray) found = anchors_find (anchors, X509_get_subject_name (x509));

  return found->len;
}

/* The 1001st certificate is not taken. */
static void
test_many_certificates (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) other = chain_bench_make_ca ("Other", "P-256 root", NULL, "P-256 root", NULL);
  g_autofree char *pem = chain_bench_to_pem (other);
  g_autoptr (GString) pems = g_string_new (NULL);

  for (guint i = 0; i < ANCHORS_MAX_CERTIFICATES - 1; i++)
    g_string_append (pems, pem);
  chain_bench_write (bench->anchors, "a.pem", pems->str, -1);
  chain_bench_trust (bench, root, "b.pem");
  g_assert_cmpuint (count (bench->anchors, other, G_MAXINT64), ==, ANCHORS_MAX_CERTIFICATES - 1);
  g_assert_cmpuint (count (bench->anchors, root, G_MAXINT64), ==, 1);
  g_string_append (pems, pem);
  chain_bench_write (bench->anchors, "a.pem", pems->str, -1);
  g_assert_cmpuint (count (bench->anchors, other, G_MAXINT64), ==, ANCHORS_MAX_CERTIFICATES);
  g_assert_cmpuint (count (bench->anchors, root, G_MAXINT64), ==, 0);
}

/* When time is up nothing more is loaded. */
static void
test_late (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpuint (count (bench->anchors, root, G_MAXINT64), ==, 1);
  g_assert_cmpuint (count (bench->anchors, root, 0), ==, 0);
}

static void
test_empty (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_PIV);
  const char *const folders[] = { bench->anchors, NULL };

  chain_fill (token, folders);
  g_assert_cmpuint (token->certificates->len, ==, 0);
}

static void
add (const char *name, gconstpointer data, void (*test) (ChainBench *, gconstpointer))
{
  g_test_add (name, ChainBench, data, chain_bench_set_up, test, chain_bench_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/anchors/rubbish", NULL, test_rubbish);
  add ("/anchors/many-files", NULL, test_many_files);
  add ("/anchors/many-certificates", NULL, test_many_certificates);
  add ("/anchors/late", NULL, test_late);
  add ("/anchors/empty", NULL, test_empty);
  return g_test_run ();
}
