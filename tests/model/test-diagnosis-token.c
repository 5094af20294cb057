/* What the diagnosis says of a token: that it is there and can be read, its certificate and the chain of it, its PIN,
 * and that there is one only. */
#include <locale.h>

#include "diagnosis-bench.h"

static const struct
{
  ReaderState reader;
  ErrorCode failure;
  const char *layer;
  DiagnosisState state;
  const char *text, *remedy;
} tokens[] = {
  { READER_MUTE, ERROR_NONE, "token", DIAGNOSIS_PROBLEM,
    READER ": The token does not answer. Pull it, turn it over and insert it again.", "Then check again." },
  { READER_MUTE, ERROR_NONE, "applet", DIAGNOSIS_UNKNOWN,
    "Of what kind the token is, is not known. The token does not answer.", NULL },
  { READER_EMPTY, ERROR_NONE, "token", DIAGNOSIS_WARNING,
    "No token is inserted. If it is in the reader, pull it, turn it over and insert it again.", "Then check again." },
  { READER_EMPTY, ERROR_NONE, "one-token", DIAGNOSIS_UNKNOWN,
    "How many tokens are inserted is not known. No token is inserted.", NULL },
  { READER_PRESENT, ERROR_NONE, "certificate", DIAGNOSIS_UNKNOWN,
    "Which certificates there are is not known. The token is still being read.", NULL },
  { READER_PRESENT, ERROR_TOKEN_UNKNOWN, "applet", DIAGNOSIS_PROBLEM,
    READER ": This kind of token is not known. It may need a library of its vendor.", "Then check again." },
  { READER_PRESENT, ERROR_TOKEN_UNKNOWN, "pin", DIAGNOSIS_UNKNOWN,
    "How many tries of the PIN are left is not known. This kind of token is not known.", NULL },
  { READER_PRESENT, ERROR_TOKEN_UNREADABLE, "certificate", DIAGNOSIS_PROBLEM,
    READER ": The token gives answers that make no sense. It may be damaged.", "Then check again." },
  { READER_PRESENT, ERROR_TOKEN_UNREADABLE, "pin", DIAGNOSIS_UNKNOWN,
    "How many tries of the PIN are left is not known. The token cannot be read.", NULL },
  { READER_PRESENT, ERROR_TOKEN_SILENT, "certificate", DIAGNOSIS_PROBLEM,
    READER ": The token stopped answering. Pull it and insert it again.", "Then check again." },
  { READER_PRESENT, ERROR_TOKEN_SILENT, "pin", DIAGNOSIS_UNKNOWN,
    "How many tries of the PIN are left is not known. The token cannot be read.", NULL },
  { READER_PRESENT, ERROR_READER_BUSY, "programs", DIAGNOSIS_PROBLEM,
    "The token is used alone by another program. Which one, is not known. The system does not tell this user.",
    "Then check again." },
  { READER_PRESENT, ERROR_READER_BUSY, "pin", DIAGNOSIS_UNKNOWN,
    "How many tries of the PIN are left is not known. Another program is using the token alone.", NULL },
};

static void
test_token (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (tokens); i++)
    diagnosis_bench_assert_found (&diagnosis_bench_well,
                                  diagnosis_bench_make_seen (READER, tokens[i].reader, tokens[i].failure),
                                  tokens[i].layer, tokens[i].state, tokens[i].text, tokens[i].remedy);
}

static Issuer *
make_issuer (void)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  const char *text = "[Issuer]\nName=Example\nMatch=CN=Example Test CA\nRenewUrl=https://example.com/renew\n"
                     "CheckUrl=https://example.com/test\n";

  g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL);
  return issuer_new_from_key_file (file, NULL);
}

static void
test_certificate (void)
{
  g_autoptr (GPtrArray) issuers = g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);
  Token *nameless = sample_token ("1", 43), *bare = sample_token ("1", 43), *part = sample_token ("1", 200);
  const struct
  {
    Token *token; /* taken */
    const char *layer;
    DiagnosisState state;
    const char *text, *remedy;
  } cases[] = {
    { sample_token ("1", 43), "validity", DIAGNOSIS_WARNING, "Valid until 2027-02-27 (43 days left).",
      "https://example.com/renew" },
    { sample_token ("1", -3), "validity", DIAGNOSIS_PROBLEM, "Expired on 2027-01-12.", "https://example.com/renew" },
    { sample_token ("1", 400), "validity", DIAGNOSIS_PROBLEM, "Not valid before 2027-02-19.", NULL },
    { nameless, "holder", DIAGNOSIS_WARNING, "The certificate names nobody. Services that look for a name refuse it.",
      "https://example.com/test" },
    { token_ref (bare), "certificate", DIAGNOSIS_PROBLEM, "The token holds no certificate.", NULL },
    { bare, "holder", DIAGNOSIS_UNKNOWN, "Whom the certificate names is not known. The token holds no certificate.",
      NULL },
    { part, "certificate", DIAGNOSIS_WARNING, "2 certificates on the token cannot be read.", NULL },
  };

  g_ptr_array_add (issuers, make_issuer ());
  g_clear_pointer (&token_get_primary (nameless)->holder, g_free);
  g_clear_pointer (&token_get_primary (nameless)->organization, g_free);
  g_ptr_array_set_size (bare->certificates, 0);
  part->unreadable = g_strsplit ("9c 9d", " ", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      World *world = sample_world (READER, cases[i].token);
      g_autoptr (Diagnosis) diagnosis = diagnosis_bench_make (&diagnosis_bench_well, world, SAMPLE_NOW, issuers);

      diagnosis_bench_assert_row (diagnosis, cases[i].layer, cases[i].state, cases[i].text, cases[i].remedy);
    }
}

static void
test_chain (void)
{
  static const struct
  {
    CertificateChain chain;
    const char *culprit;
    DiagnosisState state;
    const char *text;
  } cases[] = {
    { CERTIFICATE_CHAIN_NO_ROOT, NULL, DIAGNOSIS_UNKNOWN,
      "Whether the certificate is genuine is not known. No root certificate of its issuer is configured here. "
      "Services check the certificate themselves." },
    { CERTIFICATE_CHAIN_UNKNOWN, NULL, DIAGNOSIS_UNKNOWN,
      "Whether the certificate is genuine is not known. Its signature is of a kind that cannot be computed here." },
    { CERTIFICATE_CHAIN_BROKEN, "Middle CA", DIAGNOSIS_PROBLEM,
      "The certificate is not genuine, or damaged: Middle CA does not fit into its chain." },
    { CERTIFICATE_CHAIN_BROKEN, NULL, DIAGNOSIS_PROBLEM,
      "The certificate is not genuine, or damaged: 张三 does not fit into its chain." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 200);

      token_get_primary (token)->chain = cases[i].chain;
      token_get_primary (token)->chain_culprit = g_strdup (cases[i].culprit);
      diagnosis_bench_assert_found (&diagnosis_bench_well, sample_world (READER, token), "chain", cases[i].state,
                                    cases[i].text, NULL);
    }
}

/* An issuer's word weighs more than a chain that fits. */
static void
test_revoked (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 200);
  g_autoptr (Revocation) answer = revocation_new (token_get_primary (token)->sha256, REVOCATION_REVOKED);
  const WorldEvent event = { .kind = WORLD_EVENT_REVOCATION, .revocation = answer };

  diagnosis_bench_assert_found (&diagnosis_bench_well, sample_after (diagnosis_bench_make_well (), event), "chain",
                                DIAGNOSIS_PROBLEM, "The issuer has revoked the certificate. Ask it for another one.",
                                NULL);
}

static void
test_taxpayer_number (void)
{
  static const struct
  {
    const char *value;
    DiagnosisState state;
    const char *text;
  } cases[] = {
    { "91350100M000100Y43", DIAGNOSIS_OK,
      "The certificate names 张三 · 北京示例商贸有限公司. Its taxpayer number is 91350100M000100Y43." },
    { "91350100M000100Y44", DIAGNOSIS_WARNING,
      "The certificate names 张三 · 北京示例商贸有限公司. "
      "Its taxpayer number is 91350100M000100Y44 · the check digit does not fit." },
    { "11010519491231002X", DIAGNOSIS_OK,
      "The certificate names 张三 · 北京示例商贸有限公司. Its taxpayer number is ··············002X." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 200);

      g_ptr_array_add (token_get_primary (token)->identities,
                       identity_new (IDENTITY_TAXPAYER_ID, cases[i].value, NULL));
      diagnosis_bench_assert_found (&diagnosis_bench_well, sample_world (READER, token), "holder", cases[i].state,
                                    cases[i].text, NULL);
    }
}

static void
test_pin (void)
{
  static const struct
  {
    int left, unlock_left, is_default;
    gboolean blocked;
    DiagnosisState state;
    const char *text, *remedy;
  } cases[] = {
    { 0, 3, FALSE, TRUE, DIAGNOSIS_PROBLEM,
      "张三 · 5678: no PIN tries are left. The certificate and its keys are not lost.",
      "cert-assistant-cli unlock --token 'piv-12345678'" },
    { 1, 3, FALSE, FALSE, DIAGNOSIS_WARNING,
      "张三 · 5678 locks when the next PIN is wrong. Make sure of it before you use it.", NULL },
    { 2, 3, FALSE, FALSE, DIAGNOSIS_WARNING, "张三 · 5678: 2 PIN tries left before it locks.", NULL },
    { 3, 0, FALSE, FALSE, DIAGNOSIS_WARNING,
      "张三 · 5678: no tries of the PUK are left. Should the PIN lock, only the issuer can help.", NULL },
    { 3, 3, TRUE, FALSE, DIAGNOSIS_OK, "张三 · 5678 has the PIN that it came with, which others may know. Change it.",
      "cert-assistant-cli change-pin --token 'piv-12345678'" },
    { PIN_UNKNOWN, 3, FALSE, FALSE, DIAGNOSIS_UNKNOWN, "The token does not tell how many tries of the PIN are left.",
      NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 200);
      Pin *pin = token->pins->pdata[0];

      pin->tries_left = cases[i].left;
      pin->unlock = PIN_UNLOCK_PUK;
      pin->unlock_tries_left = cases[i].unlock_left;
      pin->is_default = cases[i].is_default;
      pin->blocked = cases[i].blocked;
      diagnosis_bench_assert_found (&diagnosis_bench_well, sample_world (READER, token), "pin", cases[i].state,
                                    cases[i].text, cases[i].remedy);
    }
}

static void
test_two_tokens (void)
{
  World *world = sample_put (world_new (), READER, "11114821", "Zhang San", SAMPLE_NOW, FALSE);
  g_autoptr (Diagnosis) diagnosis = NULL;

  world = sample_put (world, "Other Reader 01 00", "22220093", "Example B", SAMPLE_NOW, FALSE);
  diagnosis = diagnosis_bench_make (&diagnosis_bench_well, world, SAMPLE_NOW + DAYS (900), NULL);
  diagnosis_bench_assert_row (diagnosis, "token", DIAGNOSIS_OK, "2 tokens are inserted and have power.", NULL);
  diagnosis_bench_assert_row (
    diagnosis, "one-token", DIAGNOSIS_WARNING,
    "2 tokens are inserted: Example B · 0093, Zhang San · 4821. Services that want exactly one may refuse: pull "
    "the one that you do not need.",
    "Then check again.");
  diagnosis_bench_assert_row (diagnosis, "pin", DIAGNOSIS_OK, "Example B · 0093: 3 of 3 tries left.", NULL);
}

/* What a service that is used meanwhile complains of. */
static void
test_changed (void)
{
  World *world = sample_put (world_new (), READER, "11114821", "Zhang San", SAMPLE_NOW, TRUE);

  world = sample_put (world, READER, NULL, NULL, SAMPLE_NOW, FALSE);
  diagnosis_bench_assert_found (
    &diagnosis_bench_well, world_ref (world), "one-token", DIAGNOSIS_WARNING,
    "Zhang San · 4821 was pulled at 08:00. What the other program was doing may not be complete: insert the "
    "token again and look.",
    NULL);
  world = sample_put (world, READER, "22220093", "Example B", SAMPLE_NOW, FALSE);
  diagnosis_bench_assert_found (
    &diagnosis_bench_well, world, "one-token", DIAGNOSIS_WARNING,
    "Zhang San · 4821 is now Example B · 0093. Pages opened with the first one will refuse it; log in again.", NULL);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/diagnosis-token/token", test_token);
  g_test_add_func ("/diagnosis-token/certificate", test_certificate);
  g_test_add_func ("/diagnosis-token/chain", test_chain);
  g_test_add_func ("/diagnosis-token/revoked", test_revoked);
  g_test_add_func ("/diagnosis-token/taxpayer-number", test_taxpayer_number);
  g_test_add_func ("/diagnosis-token/pin", test_pin);
  g_test_add_func ("/diagnosis-token/two-tokens", test_two_tokens);
  g_test_add_func ("/diagnosis-token/changed", test_changed);
  return g_test_run ();
}
