/* What is said of a chain. */

#include "token/chain.h"

#include <openssl/x509v3.h>
#include <string.h>

#include "chain-bench.h"
#include "token/x509.h"

/* ---- chains that are sound ---- */

/* A kind of key, and with which id each of root, middle and leaf is signed. */
static const struct
{
  const char *key, *ids[3];
} kinds[] = {
  { "RSA-1024", { NULL } },
  { "RSA-2048", { NULL } },
  { "P-256", { NULL } },
  { "ED25519", { NULL } },
  { "SM2", { CHAIN_BENCH_GM_ID, CHAIN_BENCH_GM_ID, CHAIN_BENCH_GM_ID } },
  { "SM2", { NULL, NULL, NULL } },
  { "SM2", { NULL, CHAIN_BENCH_GM_ID, NULL } },
  { "SM2", { CHAIN_BENCH_GM_ID, NULL, CHAIN_BENCH_GM_ID } },
};

/* Everything that can be said of one chain of three and one of two levels. */
static void
test_kind (ChainBench *bench, gconstpointer data)
{
  const typeof (kinds[0]) *kind = data;
  g_autofree char *root_key = g_strconcat (kind->key, " root", NULL), *middle_key = g_strconcat (kind->key, " m", NULL);
  g_autoptr (X509) root = chain_bench_make_ca ("Root", root_key, NULL, root_key, kind->ids[0]);
  g_autoptr (X509) middle = chain_bench_make_ca ("Middle", middle_key, root, root_key, kind->ids[1]);
  g_autoptr (X509) leaf = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = kind->key, .issuer = middle, .signer = middle_key, .id = kind->ids[2] });
  g_autoptr (X509) direct = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = kind->key, .issuer = root, .signer = root_key, .id = kind->ids[2] });
  g_autoptr (Token) three = chain_bench_make_token (leaf, middle, NULL), alone = NULL,
                    two = chain_bench_make_token (direct, NULL);
  g_autoptr (Token) with_root = chain_bench_make_token (direct, root, NULL);

  alone = chain_bench_make_token (leaf, NULL);
  g_assert_cmpstr (chain_bench_tell (bench, three), ==, "no-root");
  g_assert_cmpstr (chain_bench_tell (bench, two), ==, "no-root");
  g_assert_cmpstr (chain_bench_tell (bench, with_root), ==, "no-root");

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, three), ==, "trusted");
  g_assert_cmpint (((Certificate *) three->certificates->pdata[1])->chain, ==, CERTIFICATE_CHAIN_TRUSTED);
  g_assert_cmpstr (chain_bench_tell (bench, two), ==, "trusted");
  g_assert_cmpstr (chain_bench_tell (bench, with_root), ==, "trusted");
  g_assert_cmpint (((Certificate *) with_root->certificates->pdata[1])->chain, ==, CERTIFICATE_CHAIN_TRUSTED);
  g_assert_cmpstr (chain_bench_tell (bench, alone), ==, "no-root"); /* the middle is missing */

  chain_bench_trust (bench, middle, "middle.pem");
  g_assert_cmpstr (chain_bench_tell (bench, alone), ==, "trusted");
}

static void
test_system (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) namesake = chain_bench_make_ca ("Root", "P-256 other", NULL, "P-256 other", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);

  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  chain_bench_trust_by_system (bench, root);
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "trusted");
  chain_bench_trust (bench, namesake, "namesake.pem"); /* hides nothing */
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "trusted");
  g_setenv ("SSL_CERT_DIR", "/nonexistent", TRUE);
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "broken: Ada");
}

/* A later file of the same name wins, also over one that is to be trusted no more. */
static void
test_later_file_wins (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);
  const char *const folders[] = { bench->anchors, bench->system, NULL };

  chain_bench_trust (bench, root, "root.pem");
  chain_fill (token, folders);
  g_assert_cmpint (token_get_primary (token)->chain, ==, CERTIFICATE_CHAIN_TRUSTED);
  chain_bench_write (bench->system, "root.pem", "", 0);
  chain_fill (token, folders);
  g_assert_cmpint (token_get_primary (token)->chain, ==, CERTIFICATE_CHAIN_NO_ROOT);
}

static void
test_self_signed (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const usages[] = { NULL, "digitalSignature", "keyCertSign" };

  for (gsize i = 0; i < G_N_ELEMENTS (usages); i++)
    {
      g_autoptr (X509) leaf =
        chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .signer = "P-256", .usage = usages[i] });
      g_autoptr (X509) spoilt =
        chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .signer = "P-256 other", .usage = usages[i] });
      g_autoptr (Token) twice = chain_bench_make_token (leaf, leaf, NULL), bad = chain_bench_make_token (spoilt, NULL);

      g_assert_cmpstr (chain_bench_tell (bench, twice), ==, "no-root");
      g_assert_cmpint (((Certificate *) twice->certificates->pdata[1])->chain, ==, CERTIFICATE_CHAIN_NO_ROOT);
      g_assert_cmpstr (chain_bench_tell (bench, bad), ==, "broken: Ada");
      chain_bench_trust (bench, leaf, "ada.pem");
      g_assert_cmpstr (chain_bench_tell (bench, twice), ==, "trusted");
      chain_bench_write (bench->anchors, "ada.pem", "", 0);
    }
}

/* Changes the last byte of the signature. */
static void
damage (X509 *x509)
{
  const ASN1_BIT_STRING *signature;

  X509_get0_signature (&signature, NULL, x509);
  ((guchar *) ASN1_STRING_get0_data (signature))[ASN1_STRING_length (signature) - 1] ^= 1;
}

/* One authority, certified by two others of which one is known: the better way is told. */
static void
test_two_ways (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) known = chain_bench_make_ca ("Known", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) unknown = chain_bench_make_ca ("Unknown", "P-256 other", NULL, "P-256 other", NULL);
  g_autoptr (X509) by_known = chain_bench_make_ca ("Middle", "P-256 m", known, "P-256 root", NULL);
  g_autoptr (X509) by_unknown = chain_bench_make_ca ("Middle", "P-256 m", unknown, "P-256 other", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = by_known, .signer = "P-256 m" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, by_unknown, by_known, unknown, NULL);
  g_autoptr (Token) bad = NULL, bad_first = NULL;
  g_autoptr (Token) other = chain_bench_make_token (leaf, by_known, by_unknown, unknown, NULL);

  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  chain_bench_trust (bench, known, "known.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "trusted");
  g_assert_cmpstr (chain_bench_tell (bench, other), ==, "trusted");
  damage (by_known);
  bad = chain_bench_make_token (leaf, by_unknown, by_known, unknown, NULL);
  bad_first = chain_bench_make_token (leaf, by_known, by_unknown, unknown, NULL);
  g_assert_cmpstr (chain_bench_tell (bench, bad), ==, "no-root");
  g_assert_cmpstr (chain_bench_tell (bench, bad_first), ==, "no-root");
}

/* ---- chains that are broken ---- */

static void
test_damaged (ChainBench *bench, gconstpointer data)
{
  const typeof (kinds[0]) *kind = data;
  g_autofree char *root_key = g_strconcat (kind->key, " root", NULL), *middle_key = g_strconcat (kind->key, " m", NULL);
  g_autoptr (X509) root = chain_bench_make_ca ("Root", root_key, NULL, root_key, kind->ids[0]);
  g_autoptr (X509) middle = chain_bench_make_ca ("Middle", middle_key, root, root_key, kind->ids[1]);
  g_autoptr (X509) leaf = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = kind->key, .issuer = middle, .signer = middle_key, .id = kind->ids[2] });
  g_autoptr (Token) upper = NULL, lower = NULL, alone = NULL;

  chain_bench_trust (bench, root, "root.pem");
  damage (middle);
  upper = chain_bench_make_token (leaf, middle, NULL);
  g_assert_cmpstr (chain_bench_tell (bench, upper), ==, "broken: Middle");
  damage (middle);
  damage (leaf);
  lower = chain_bench_make_token (leaf, middle, NULL);
  g_assert_cmpstr (chain_bench_tell (bench, lower), ==, "broken: Ada");
  g_assert_cmpint (((Certificate *) lower->certificates->pdata[1])->chain, ==, CERTIFICATE_CHAIN_TRUSTED);
  alone = chain_bench_make_token (leaf, NULL); /* nobody can know */
  g_assert_cmpstr (chain_bench_tell (bench, alone), ==, "no-root");
}

/* SM2 with an identity that is neither the usual one nor none. */
static void
test_other_id (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "SM2 root", NULL, "SM2 root", CHAIN_BENCH_GM_ID);
  g_autoptr (X509) leaf = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = "SM2", .issuer = root, .signer = "SM2 root", .id = "ada@example.com" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "broken: Ada");
}

/* Authorities that are none, or that reach too far. MIDDLE stands between a root that is trusted and Ada. */
static const struct
{
  const char *constraints, *usage, *told;
} middles[] = {
  { "critical,CA:TRUE", NULL, "trusted" },
  { "critical,CA:TRUE,pathlen:0", "keyCertSign", "trusted" },
  { "critical,CA:FALSE", NULL, "broken: Middle" },
  { "critical,CA:FALSE", "keyCertSign", "broken: Middle" },
  { "critical,CA:TRUE", "digitalSignature", "broken: Middle" },
};

static void
test_no_authority (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (middles); i++)
    {
      g_autoptr (X509) middle = chain_bench_make ((ChainPlan){ .subject = "Middle",
                                                               .key = "P-256 m",
                                                               .issuer = root,
                                                               .signer = "P-256 root",
                                                               .constraints = middles[i].constraints,
                                                               .usage = middles[i].usage });
      g_autoptr (X509) leaf =
        chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = middle, .signer = "P-256 m" });
      g_autoptr (Token) token = chain_bench_make_token (leaf, middle, NULL);
      gboolean sound = strcmp (middles[i].told, "trusted") == 0;

      g_assert_cmpstr (chain_bench_tell (bench, token), ==, sound ? "no-root" : middles[i].told);
      chain_bench_trust (bench, root, "root.pem");
      g_assert_cmpstr (chain_bench_tell (bench, token), ==, middles[i].told);
      chain_bench_write (bench->anchors, "root.pem", "", 0);
    }
}

static void
test_path_too_long (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make ((ChainPlan){ .subject = "Root",
                                                         .key = "P-256 root",
                                                         .signer = "P-256 root",
                                                         .constraints = "critical,CA:TRUE,pathlen:0",
                                                         .usage = "keyCertSign" });
  g_autoptr (X509) middle = chain_bench_make_ca ("Middle", "P-256 m", root, "P-256 root", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = middle, .signer = "P-256 m" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, middle, NULL);

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "broken: Root");
}

static void
test_wrong_issuer (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) strange = chain_bench_make_ca ("Root", "RSA-1024 root", NULL, "RSA-1024 root", NULL);
  g_autoptr (X509) forged =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 other" });
  g_autoptr (X509) renamed = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root", .issuer_name = "Somebody" });
  g_autoptr (Token) token = chain_bench_make_token (forged, NULL), other = chain_bench_make_token (renamed, NULL);

  chain_bench_trust (bench, strange, "root.pem"); /* of another kind: it cannot be meant */
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "broken: Ada");
  g_assert_cmpstr (chain_bench_tell (bench, other), ==, "no-root");
}

/* What OpenSSL must understand before it may say yes, and does not, is not known. */
static void
test_critical (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) leaf = chain_bench_make ((ChainPlan){
    .subject = "Ada", .key = "P-256", .issuer = root, .signer = "P-256 root", .critical = "what is this" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "unknown");
}

/* Neither is a signature of a kind that OpenSSL does not know, knows the name of, or has given up. */
static void
test_algorithms (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  static const char *const oids[] = { "1.2.3.4", "1.2.156.10197.1.504", "1.2.840.113549.1.1.3",
                                      "1.2.840.113549.1.1.2" }; /* RSA with SM3, MD4, MD2 */
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "RSA-1024 root", NULL, "RSA-1024 root", NULL);

  chain_bench_trust (bench, root, "root.pem");
  for (gsize i = 0; i < G_N_ELEMENTS (oids); i++)
    {
      g_autoptr (X509) leaf =
        chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = root, .signer = "RSA-1024 root" });
      g_autoptr (Token) token = NULL;
      const X509_ALGOR *outer;

      X509_get0_signature (NULL, &outer, leaf);
      X509_ALGOR_set0 ((X509_ALGOR *) outer, OBJ_txt2obj (oids[i], 1), V_ASN1_NULL, NULL);
      X509_ALGOR_set0 ((X509_ALGOR *) X509_get0_tbs_sigalg (leaf), OBJ_txt2obj (oids[i], 1), V_ASN1_NULL, NULL);
      g_assert_cmpint (i2d_re_X509_tbs (leaf, NULL), >, 0);
      token = chain_bench_make_token (leaf, NULL);
      g_assert_cmpstr (chain_bench_tell (bench, token), ==, "unknown");
    }
}

/* ---- hostile pools ---- */

static void
test_cycle (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) a = NULL;
  g_autoptr (X509) b = chain_bench_make (
    (ChainPlan){ .subject = "B", .key = "P-256 b", .issuer_name = "A", .signer = "P-256 a", .constraints = "CA:TRUE" });
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = b, .signer = "P-256 b" });
  g_autoptr (X509) up = chain_bench_make_ca ("B", "P-256 b", root, "P-256 root", NULL);
  g_autoptr (Token) token = NULL, out = NULL;

  a = chain_bench_make (
    (ChainPlan){ .subject = "A", .key = "P-256 a", .issuer = b, .signer = "P-256 b", .constraints = "CA:TRUE" });
  token = chain_bench_make_token (leaf, a, b, NULL);
  out = chain_bench_make_token (leaf, a, b, up, NULL);
  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  g_assert_cmpstr (chain_bench_tell (bench, out), ==, "trusted");
}

/* A chain of N authorities below a root that is trusted, as a token. */
static Token *
make_long_chain (X509 *root, guint n)
{
  g_autoptr (GPtrArray) chain = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);
  Token *token;

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("Level %u", i);

      g_ptr_array_add (chain, chain_bench_make_ca (name, "P-256 m", i > 0 ? chain->pdata[i - 1] : root,
                                                   i > 0 ? "P-256 m" : "P-256 root", NULL));
    }
  token = chain_bench_make_token (chain->pdata[n - 1], NULL);
  for (guint i = 0; i + 1 < n; i++)
    {
      g_autoptr (Token) one = chain_bench_make_token (chain->pdata[i], NULL);

      g_ptr_array_add (token->certificates, certificate_ref (token_get_primary (one)));
    }
  return token;
}

static void
test_depth (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) root = chain_bench_make_ca ("Root", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (Token) nine = make_long_chain (root, 9), ten = make_long_chain (root, 10);
  g_autoptr (Token) many = make_long_chain (root, TOKEN_MAX_CERTIFICATES);

  chain_bench_trust (bench, root, "root.pem");
  g_assert_cmpstr (chain_bench_tell (bench, nine), ==, "trusted");
  g_assert_cmpstr (chain_bench_tell (bench, ten), ==, "unknown");
  g_assert_cmpstr (chain_bench_tell (bench, many), ==, "unknown");
}

/* Every certificate may be the issuer of every other: 1000 that are trusted, and as many on a token as it can hold and
 * then 1000. */
static void
test_crowd (ChainBench *bench, gconstpointer data)
{
  const char *key = data;
  g_autofree char *authority = g_strconcat (key, " root", NULL), *other = g_strconcat (key, " other", NULL);
  g_autoptr (GString) pems = g_string_new (NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Crowd", .key = key, .issuer_name = "Crowd", .signer = other });
  g_autoptr (Token) token = chain_bench_make_token (leaf, NULL);
  gint64 begin;

  for (guint i = 0; i < 1000; i++)
    {
      g_autoptr (X509) one = chain_bench_make_ca ("Crowd", authority, NULL, authority, NULL);
      g_autoptr (Token) holder = chain_bench_make_token (one, NULL);
      g_autofree char *pem = chain_bench_to_pem (one);

      g_string_append (pems, pem);
      g_ptr_array_add (token->certificates, certificate_ref (token_get_primary (holder)));
    }

  begin = g_get_monotonic_time ();
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "unknown");
  chain_bench_write (bench->anchors, "crowd.pem", pems->str, -1);
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "unknown");
  g_assert_cmpint (g_get_monotonic_time () - begin, <,
                   8 * G_USEC_PER_SEC); /* twice a second, and room for a sanitizer */
}

/* What was not looked at may be the better way: an issuer that leads nowhere, before more namesakes than are tried. */
static void
test_hidden (ChainBench *bench, gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (X509) issuer = chain_bench_make_ca ("Crowd", "P-256 root", NULL, "P-256 root", NULL);
  g_autoptr (X509) leaf =
    chain_bench_make ((ChainPlan){ .subject = "Ada", .key = "P-256", .issuer = issuer, .signer = "P-256 root" });
  g_autoptr (Token) token = chain_bench_make_token (leaf, issuer, NULL);

  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "no-root");
  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (X509) one = chain_bench_make_ca ("Crowd", "P-256 other", NULL, "P-256 other", NULL);
      g_autoptr (Token) holder = chain_bench_make_token (one, NULL);

      g_ptr_array_add (token->certificates, certificate_ref (token_get_primary (holder)));
    }
  g_assert_cmpstr (chain_bench_tell (bench, token), ==, "unknown");
}

/* Certificates with one bit flipped, at every place: whatever is said, it is said. */
static void
test_bits (ChainBench *bench, gconstpointer data)
{
  const char *key = data;
  g_autofree char *authority = g_strconcat (key, " root", NULL);
  g_autoptr (X509) root = chain_bench_make_ca ("Root", authority, NULL, authority, CHAIN_BENCH_GM_ID);
  g_autoptr (X509) leaf = chain_bench_make (
    (ChainPlan){ .subject = "Ada", .key = key, .issuer = root, .signer = authority, .id = CHAIN_BENCH_GM_ID });
  g_autofree guchar *der = NULL;
  const char *const folders[] = { bench->anchors, NULL };
  int length = i2d_X509 (leaf, &der), n_told = 0;

  chain_bench_trust (bench, root, "root.pem");
  for (int i = 0; i < 8 * length; i += 3)
    {
      g_autoptr (Token) token = token_new (TOKEN_FAMILY_PIV);
      Certificate *certificate;

      der[i / 8] ^= 1 << i % 8;
      certificate = x509_parse (der, (gsize) length, NULL);
      der[i / 8] ^= 1 << i % 8;
      if (certificate == NULL)
        continue;
      g_ptr_array_add (token->certificates, certificate);
      chain_fill (token, folders);
      g_assert_cmpint (certificate->chain, !=, CERTIFICATE_CHAIN_TRUSTED);
      n_told++;
    }
  g_assert_cmpint (n_told, >, 100);
}

static void
add (const char *name, gconstpointer data, void (*test) (ChainBench *, gconstpointer))
{
  g_test_add (name, ChainBench, data, chain_bench_set_up, test, chain_bench_tear_down);
}

static void
add_kinds (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_autofree char *sound = g_strdup_printf ("/chain/sound/%" G_GSIZE_FORMAT "-%s", i, kinds[i].key);
      g_autofree char *damaged = g_strdup_printf ("/chain/damaged/%" G_GSIZE_FORMAT "-%s", i, kinds[i].key);

      add (sound, &kinds[i], test_kind);
      add (damaged, &kinds[i], test_damaged);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_kinds ();
  add ("/chain/system", NULL, test_system);
  add ("/chain/later-file-wins", NULL, test_later_file_wins);
  add ("/chain/self-signed", NULL, test_self_signed);
  add ("/chain/two-ways", NULL, test_two_ways);
  add ("/chain/other-id", NULL, test_other_id);
  add ("/chain/no-authority", NULL, test_no_authority);
  add ("/chain/path-too-long", NULL, test_path_too_long);
  add ("/chain/wrong-issuer", NULL, test_wrong_issuer);
  add ("/chain/critical", NULL, test_critical);
  add ("/chain/algorithms", NULL, test_algorithms);
  add ("/chain/cycle", NULL, test_cycle);
  add ("/chain/depth", NULL, test_depth);
  add ("/chain/crowd/P-256", "P-256", test_crowd);
  add ("/chain/crowd/SM2", "SM2", test_crowd);
  add ("/chain/hidden", NULL, test_hidden);
  add ("/chain/bits/P-256", "P-256", test_bits);
  add ("/chain/bits/SM2", "SM2", test_bits);
  return g_test_run ();
}
