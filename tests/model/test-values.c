/* Certificates, tokens and reader lists across the pipe, and what a lying worker can make of them. */

#include <string.h>

#include "model/revocation.h"
#include "sample.h"

/* As the engine gets it: bytes that nobody vouches for. */
static GVariant *
travel (GVariant *variant)
{
  g_autoptr (GVariant) owned = g_variant_ref_sink (variant);
  g_autoptr (GBytes) bytes = g_variant_get_data_as_bytes (owned);

  return g_variant_ref_sink (g_variant_new_from_bytes (g_variant_get_type (owned), bytes, FALSE));
}

static void
test_token_travels (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 100);
  g_autoptr (GVariant) variant = travel (token_to_variant (token));
  g_autoptr (Token) arrived = token_from_variant (variant);
  g_autoptr (GVariant) again = arrived ? g_variant_ref_sink (token_to_variant (arrived)) : NULL;

  g_assert_nonnull (arrived);
  g_assert_true (g_variant_equal (variant, again));
  g_assert_true (token_is_same (token, arrived));
  g_assert_cmpstr (arrived->id, ==, "piv-12345678");
  g_assert_cmpint (((Pin *) arrived->pins->pdata[0])->tries_left, ==, 3);
  g_assert_cmpint (((Pin *) arrived->pins->pdata[0])->unlock_tries_left, ==, PIN_UNKNOWN);
  g_assert_cmpstr (token_get_primary (arrived)->holder, ==, SAMPLE_HOLDER);
  g_assert_cmpstr (token_get_primary (arrived)->usages[1], ==, "clientAuth");
  g_assert_null (token_get_primary (arrived)->alternative_names);
}

/* Where a PIN is typed travels too, and says nothing about who the token is. */
static void
test_pinpad (void)
{
  g_autoptr (Token) plain = sample_token ("12345678", 100);
  g_autoptr (Token) token = sample_token ("12345678", 100);
  g_autoptr (GVariant) variant = NULL, odd = NULL;
  g_autoptr (Token) arrived = NULL, doubtful = NULL;

  ((Pin *) token->pins->pdata[0])->pinpad = TRUE;
  variant = travel (token_to_variant (token));
  arrived = token_from_variant (variant);
  g_assert_true (((Pin *) arrived->pins->pdata[0])->pinpad);
  g_assert_false (((Pin *) plain->pins->pdata[0])->pinpad);
  g_assert_true (token_is_same (plain, arrived));

  odd = g_variant_ref_sink (g_variant_new_parsed ("{'id': <'x'>, 'pins': <[{'ref': <'user'>, 'pinpad': <7>}]>}"));
  doubtful = token_from_variant (odd);
  g_assert_false (((Pin *) doubtful->pins->pdata[0])->pinpad);
}

/* So does what is said of its chain; a word that does not exist is none. */
static void
test_chain (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 100);
  g_autoptr (GVariant) variant = NULL, odd = NULL;
  g_autoptr (Token) arrived = NULL, doubtful = NULL;

  token_get_primary (token)->chain = CERTIFICATE_CHAIN_BROKEN;
  token_get_primary (token)->chain_culprit = g_strdup ("Example Test CA");
  variant = travel (token_to_variant (token));
  arrived = token_from_variant (variant);
  g_assert_cmpint (token_get_primary (arrived)->chain, ==, CERTIFICATE_CHAIN_BROKEN);
  g_assert_cmpstr (token_get_primary (arrived)->chain_culprit, ==, "Example Test CA");
  g_assert_true (token_is_same (token, arrived));

  token_get_primary (token)->chain = CERTIFICATE_N_CHAINS;
  odd = travel (token_to_variant (token));
  doubtful = token_from_variant (odd);
  g_assert_cmpint (token_get_primary (doubtful)->chain, ==, CERTIFICATE_CHAIN_UNKNOWN);
}

static void
test_identity (void)
{
  g_autoptr (Token) a = sample_token (NULL, 100);
  g_autoptr (Token) b = sample_token (NULL, 100);
  g_autoptr (Token) renewed = sample_token ("1", 100);
  g_autoptr (Token) before = sample_token ("1", 100);
  g_autoptr (Token) empty = token_new (TOKEN_FAMILY_PIV);

  g_assert_true (g_str_has_prefix (a->id, "piv-"));
  g_assert_cmpuint (strlen (a->id), ==, 4 + 16);
  g_assert_cmpstr (a->id, ==, b->id);
  g_ptr_array_add (b->certificates, sample_certificate ("9c", 2, 0, 1));
  g_ptr_array_add (a->certificates, sample_certificate ("9c", 2, 0, 1));
  g_ptr_array_add (a->certificates, g_ptr_array_steal_index (a->certificates, 0)); /* the order says nothing */
  g_assert_true (token_is_same (a, b));
  g_ptr_array_add (renewed->certificates, sample_certificate ("9c", 3, 0, 1));
  g_assert_cmpstr (renewed->id, ==, before->id);
  g_assert_false (token_is_same (renewed, before));
  token_set_identity (empty);
  g_assert_cmpstr (empty->id, ==, "piv-unknown");
}

static GVariant *
with (Certificate *certificate, const char *key, GVariant *value)
{
  g_autoptr (GVariant) whole = g_variant_ref_sink (certificate_to_variant (certificate));
  GVariantDict dict;

  g_variant_dict_init (&dict, whole);
  if (value)
    g_variant_dict_insert_value (&dict, key, value);
  else
    g_variant_dict_remove (&dict, key);
  return g_variant_ref_sink (g_variant_dict_end (&dict));
}

static void
test_bad_certificates (void)
{
  g_autoptr (Certificate) good = sample_certificate ("9a", 1, 0, DAYS (1));
  const struct
  {
    const char *key, *value;
  } bad[] = {
    { "id", NULL },     { "id", "''" },  { "sha256", NULL },  { "sha256", "'../../etc'" }, { "sha256", "7" },
    { "sha1", "'AB'" }, { "der", NULL }, { "der", "@ay []" }, { "der", "'text'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) value = bad[i].value ? g_variant_ref_sink (g_variant_new_parsed (bad[i].value)) : NULL;
      g_autoptr (GVariant) variant = with (good, bad[i].key, value);

      g_assert_null (certificate_from_variant (variant));
    }
}

static void
test_odd_certificates (void)
{
  g_autoptr (Certificate) good = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autoptr (GVariant) time = with (good, "not_after", g_variant_new_int64 (G_MAXINT64));
  g_autoptr (GVariant) role = with (good, "role", g_variant_new_int32 (77));
  g_autoptr (GVariant) text = with (good, "holder", g_variant_new_string ("a\xe2\x80\xae\nb"));
  g_autoptr (Certificate) a = certificate_from_variant (time);
  g_autoptr (Certificate) b = certificate_from_variant (role);
  g_autoptr (Certificate) c = certificate_from_variant (text);

  g_assert_true (a->not_after == CERTIFICATE_TIME_UNKNOWN);
  g_assert_cmpint (b->role, ==, CERTIFICATE_ROLE_OTHER);
  g_assert_cmpstr (c->holder, ==, "a b");
}

static void
test_policies (void)
{
  g_autoptr (Certificate) good = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autoptr (GVariant) plain = NULL;
  g_autoptr (GVariant) many = NULL;
  const char *crowd[CERTIFICATE_MAX_NAMES + 1];
  g_autoptr (Certificate) a = NULL;
  g_autoptr (Certificate) b = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (crowd); i++)
    crowd[i] = "1.2\n";
  many = with (good, "policies", g_variant_new_strv (crowd, G_N_ELEMENTS (crowd)));
  good->policies = g_strsplit ("1.2.156.112562.2.2.1 2.5.29.32.0", " ", -1);
  plain = travel (certificate_to_variant (good));
  a = certificate_from_variant (plain);
  b = certificate_from_variant (many);
  g_assert_cmpuint (g_strv_length (a->policies), ==, 2);
  g_assert_cmpstr (a->policies[1], ==, "2.5.29.32.0");
  g_assert_cmpuint (g_strv_length (b->policies), ==, CERTIFICATE_MAX_NAMES);
  g_assert_cmpstr (b->policies[0], ==, "1.2");
}

static const Identity *
get_identity (const Certificate *certificate, guint i)
{
  return certificate->identities->pdata[i];
}

static void
test_identities (void)
{
  g_autoptr (Certificate) good = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autoptr (GVariant) variant = NULL, none = NULL;
  g_autoptr (Certificate) arrived = NULL, without = NULL;

  none = with (good, "identities", NULL);
  g_ptr_array_add (good->identities, identity_new (IDENTITY_USCC, "91350100M000100Y43", NULL));
  g_ptr_array_add (good->identities, identity_new (IDENTITY_ID_CARD, "110105194912310282", "Number"));
  variant = travel (certificate_to_variant (good));
  arrived = certificate_from_variant (variant);
  without = certificate_from_variant (none);
  g_assert_cmpuint (arrived->identities->len, ==, 2);
  g_assert_cmpint (get_identity (arrived, 0)->kind, ==, IDENTITY_USCC);
  g_assert_cmpint (get_identity (arrived, 0)->check, ==, IDENTITY_CHECK_OK);
  g_assert_null (get_identity (arrived, 0)->label);
  g_assert_cmpstr (get_identity (arrived, 1)->value, ==, "110105194912310282");
  g_assert_cmpstr (get_identity (arrived, 1)->label, ==, "Number");
  g_assert_cmpint (get_identity (arrived, 1)->check, ==, IDENTITY_CHECK_MISMATCH);
  g_assert_cmpuint (without->identities->len, ==, 0);
}

/* What a worker that lies can say there: nothing of it is believed, and nothing of it hides the certificate. */
static void
test_hostile_identities (void)
{
  static const struct
  {
    const char *list;
    guint n;
  } cases[] = {
    { "'text'", 0 },
    { "@as ['uscc']", 0 },
    { "@a(sss) []", 0 },
    { "[('', '1', ''), ('USCC', '1', ''), ('ok', '1', ''), ('uscc', '', '')]", 0 },
    { "[('uscc', '9\\u202e1\\n', '<b>\x1b'), ('nonsense', '1', ''), ('entity-id', '\x07', '')]", 1 },
  };
  g_autoptr (Certificate) good = sample_certificate ("9a", 1, 0, DAYS (1));
  g_autofree char *huge = g_strnfill (100 * 1000, '9');
  GVariantBuilder builder;
  g_autoptr (GVariant) crowd = NULL;
  g_autoptr (Certificate) bounded = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GVariant) variant = with (good, "identities", g_variant_new_parsed (cases[i].list));
      g_autoptr (Certificate) certificate = certificate_from_variant (variant);

      g_assert_cmpuint (certificate->identities->len, ==, cases[i].n);
      if (cases[i].n > 0)
        {
          g_assert_cmpstr (get_identity (certificate, 0)->value, ==, "91");
          g_assert_cmpstr (get_identity (certificate, 0)->label, ==, "<b>");
        }
    }
  g_variant_builder_init (&builder, G_VARIANT_TYPE ("a(sss)"));
  g_variant_builder_add (&builder, "(sss)", "uscc", huge, huge);
  for (guint i = 0; i < 1000; i++)
    g_variant_builder_add (&builder, "(sss)", "uscc", "91350100M000100Y43", "");
  crowd = with (good, "identities", g_variant_builder_end (&builder));
  bounded = certificate_from_variant (crowd);
  g_assert_cmpuint (bounded->identities->len, ==, IDENTITY_MAX_LIST - 1);
}

static void
test_bad_tokens (void)
{
  static const char *const bad[] = {
    "@a{sv} {}",
    "{'id': <''>, 'complete': <1>}",
    "{'complete': <1>}",
    "{'id': <'x'>, 'pins': <[@a{sv} {}]>}",
    "{'id': <'x'>, 'certificates': <[{'id': <'9a'>}]>}",
  };
  g_autoptr (GVariant) partial = g_variant_ref_sink (g_variant_new_parsed ("{'complete': <0>}"));
  g_autoptr (Token) reading = token_from_variant (partial);
  g_autoptr (Token) crowd = sample_token ("1", 1);
  g_autoptr (GVariant) many = NULL;

  for (gsize i = 1; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (bad[i]));

      g_assert_null (token_from_variant (variant));
    }
  g_assert_nonnull (reading);
  for (guint i = 0; i < TOKEN_MAX_CERTIFICATES; i++)
    g_ptr_array_add (crowd->certificates, sample_certificate ("9a", i, 0, 1));
  many = g_variant_ref_sink (token_to_variant (crowd));
  g_assert_null (token_from_variant (many));
}

static void
test_readers_travel (void)
{
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, 42);
  g_autoptr (GVariant) variant = NULL;
  g_autoptr (GVariant) nonsense = g_variant_ref_sink (g_variant_new_parsed ("(uint32 99, uint64 0, @a(ayuub) [])"));
  g_autoptr (GVariant) nameless =
    g_variant_ref_sink (g_variant_new_parsed ("(uint32 0, uint64 0, [(b'', uint32 1, uint32 0, false)])"));
  g_autoptr (ReaderList) arrived = NULL;
  const ReaderEvent *event;

  g_ptr_array_add (list->readers, reader_event_new ("Reader \xff<b>", READER_MUTE, 7));
  ((ReaderEvent *) list->readers->pdata[0])->in_use = TRUE;
  variant = travel (reader_list_to_variant (list));
  arrived = reader_list_from_variant (variant);
  g_assert_cmpuint (arrived->epoch, ==, 42);
  event = arrived->readers->pdata[0];
  g_assert_cmpstr (event->name, ==, "Reader \xff<b>");
  g_assert_cmpint (event->state, ==, READER_MUTE);
  g_assert_cmpuint (event->counter, ==, 7);
  g_assert_true (event->in_use);
  g_assert_null (reader_list_from_variant (nonsense));
  g_assert_null (reader_list_from_variant (nameless));
}

static void
test_revocations_travel (void)
{
  g_autoptr (Revocation) revocation = revocation_new ("ab", REVOCATION_REVOKED);
  g_autoptr (Revocation) bare = revocation_new ("ab", REVOCATION_GOOD);
  g_autoptr (GVariant) variant = NULL, little = NULL;
  g_autoptr (Revocation) arrived = NULL, empty = NULL;

  revocation->host = g_strdup ("ocsp.example.com:9012");
  revocation->as_of = SAMPLE_NOW;
  revocation->revoked_at = SAMPLE_NOW - DAYS (10);
  revocation->reason = 4;
  variant = travel (revocation_to_variant (revocation));
  arrived = revocation_from_variant (variant);
  g_assert_cmpstr (arrived->sha256, ==, "ab");
  g_assert_cmpstr (arrived->host, ==, "ocsp.example.com:9012");
  g_assert_cmpint (arrived->state, ==, REVOCATION_REVOKED);
  g_assert_cmpint (arrived->failure, ==, REVOCATION_NOT_FAILED);
  g_assert_cmpint (arrived->as_of, ==, SAMPLE_NOW);
  g_assert_cmpint (arrived->revoked_at, ==, SAMPLE_NOW - DAYS (10));
  g_assert_cmpint (arrived->reason, ==, 4);

  little = travel (revocation_to_variant (bare));
  empty = revocation_from_variant (little);
  g_assert_cmpint (empty->state, ==, REVOCATION_GOOD);
  g_assert_null (empty->host);
  g_assert_cmpint (empty->as_of, ==, CERTIFICATE_TIME_UNKNOWN);
  g_assert_cmpint (empty->reason, ==, REVOCATION_NO_REASON);
}

/* What is no answer, or says two things at once; states 1 to 3 are unknown, good, revoked. */
static void
test_bad_revocations (void)
{
  static const char *const bad[] = {
    "@a{sv} {}",
    "{'state': <2>}",
    "{'sha256': <'ab'>}",
    "{'sha256': <7>, 'state': <2>}",
    "{'sha256': <'ab'>, 'state': <'good'>}",
    "{'sha256': <'ab'>, 'state': <0>}", /* being asked: nobody but the engine says so */
    "{'sha256': <'ab'>, 'state': <4>}",
    "{'sha256': <'ab'>, 'state': <-1>}",
    "{'sha256': <'ab'>, 'state': <1>}",
    "{'sha256': <'ab'>, 'state': <1>, 'failure': <0>}",
    "{'sha256': <'ab'>, 'state': <1>, 'failure': <99>}",
    "{'sha256': <'ab'>, 'state': <2>, 'failure': <1>}",
    "{'sha256': <'ab'>, 'state': <3>, 'failure': <9>}",
    "[1]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (bad[i]));

      g_assert_null (revocation_from_variant (variant));
    }
}

/* Well formed and hostile. */
static void
test_odd_revocations (void)
{
  g_autoptr (GVariant) variant = g_variant_ref_sink (g_variant_new_parsed (
    "{'sha256': <'ab'>, 'state': <3>, 'reason': <11>, 'host': <'\\u202e\\nocsp'>, 'as_of': <int64 9223372036854775807>,"
    " 'revoked_at': <int64 -9223372036854775807>}"));
  g_autoptr (Revocation) revocation = revocation_from_variant (variant);

  g_assert_cmpint (revocation->reason, ==, REVOCATION_NO_REASON);
  g_assert_null (strpbrk (revocation->host, "\n\xe2"));
  g_assert_cmpint (revocation->as_of, ==, CERTIFICATE_TIME_UNKNOWN);
  g_assert_cmpint (revocation->revoked_at, ==, CERTIFICATE_TIME_UNKNOWN);
}

/* A certificate that says SUBJECT and ISSUER of itself and is so large. */
static Certificate *
make_link (const char *subject, const char *issuer, gsize size)
{
  Certificate *certificate = certificate_new ();
  guint8 *bytes = g_malloc0 (size);

  bytes[0] = (guint8) *subject;
  certificate->subject = g_strdup (subject);
  certificate->issuer = g_strdup (issuer);
  certificate->der = g_bytes_new_take (bytes, size);
  return certificate;
}

/* The certificate comes first, then those that may be its issuer's, as many as fit. */
static void
test_question (void)
{
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) certificate_unref);
  g_autoptr (GVariant) question = NULL;
  GString *asked = g_string_new (NULL);

  g_ptr_array_add (others, make_link ("X", "B", 10));
  g_ptr_array_add (others, make_link ("A", "B", 1000));
  g_ptr_array_add (others, make_link ("B", "C", CERTIFICATE_MAX_DER));
  g_ptr_array_add (others, make_link ("B", "D", CERTIFICATE_MAX_DER));
  g_ptr_array_add (others, make_link ("B", "B", 100));
  g_ptr_array_add (others, make_link ("C", "C", 10));
  question = travel (revocation_make_question (others->pdata[1], others));
  g_assert_true (g_variant_is_of_type (question, G_VARIANT_TYPE (REVOCATION_QUESTION_TYPE)));
  for (gsize i = 0; i < g_variant_n_children (question); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (question, i);

      g_string_append_printf (asked, "%c%u ", *(const char *) g_variant_get_data (child),
                              (guint) g_variant_get_size (child));
    }
  g_assert_cmpstr (asked->str, ==, "A1000 B65536 B100 ");
  g_assert_cmpuint (g_variant_get_size (question), <=, REVOCATION_QUESTION_MAX + 100);
  g_string_free (asked, TRUE);
}

static void
test_pem (void)
{
  g_autoptr (Certificate) certificate = certificate_new ();
  g_autofree guint8 *zeros = g_malloc0 (60);
  g_autofree char *pem = NULL;

  certificate->der = g_bytes_new (zeros, 60);
  pem = certificate_to_pem (certificate);
  g_assert_cmpstr (pem, ==,
                   "-----BEGIN CERTIFICATE-----\n"
                   "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
                   "AAAAAAAAAAAAAAAA\n"
                   "-----END CERTIFICATE-----\n");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/values/token-travels", test_token_travels);
  g_test_add_func ("/values/pinpad", test_pinpad);
  g_test_add_func ("/values/chain", test_chain);
  g_test_add_func ("/values/identity", test_identity);
  g_test_add_func ("/values/bad-certificates", test_bad_certificates);
  g_test_add_func ("/values/odd-certificates", test_odd_certificates);
  g_test_add_func ("/values/policies", test_policies);
  g_test_add_func ("/values/identities", test_identities);
  g_test_add_func ("/values/hostile-identities", test_hostile_identities);
  g_test_add_func ("/values/bad-tokens", test_bad_tokens);
  g_test_add_func ("/values/readers-travel", test_readers_travel);
  g_test_add_func ("/values/revocations-travel", test_revocations_travel);
  g_test_add_func ("/values/bad-revocations", test_bad_revocations);
  g_test_add_func ("/values/odd-revocations", test_odd_revocations);
  g_test_add_func ("/values/question", test_question);
  g_test_add_func ("/values/pem", test_pem);
  return g_test_run ();
}
