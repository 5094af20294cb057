#include "model/view.h"

#include <locale.h>
#include <string.h>

#include "sample.h"

#define READER "Test Reader \xe2\x80\xae<b>00 00"

static View *
look (World *world)
{
  g_autoptr (World) owned = world;
  g_autoptr (Judgement) judgement = judge (owned, NULL, SAMPLE_NOW, &RULES_DEFAULT);

  return view_build (owned, judgement);
}

static const char *
find_fact (const GPtrArray *facts, const char *name)
{
  for (guint i = 0; i < facts->len; i++)
    if (strcmp (((Fact *) facts->pdata[i])->name, name) == 0)
      return ((Fact *) facts->pdata[i])->value;
  return NULL;
}

static void
test_token (void)
{
  g_autoptr (View) view = look (sample_world (READER, sample_token ("12345678", 43)));
  const TokenView *token = view->tokens->pdata[0];
  const CertificateView *certificate = token->certificates->pdata[0];
  const Notice *notice = view->notices->pdata[0];

  g_assert_cmpstr (token->name, ==, "张三 · 5678");
  g_assert_cmpstr (token->headline, ==, "张三 · 北京示例商贸有限公司");
  g_assert_cmpstr (token->lifetime, ==, "Valid until 2027-02-27 (43 days left)");
  g_assert_cmpstr (token->menu_line, ==, "张三 · 5678 · 43 days left · 3 PIN tries left");
  g_assert_cmpstr (token->pin_status, ==, "3 of 3 tries left");
  g_assert_cmpstr (token->reader, ==, "Test Reader <b>00 00");
  g_assert_cmpstr (certificate->status, ==, "Valid · 43 days left");
  g_assert_cmpfloat_with_epsilon (certificate->elapsed, (365 - 43) / 365.0, 1e-6);
  g_assert_cmpstr (find_fact (certificate->facts, "Serial number"), ==, "1A2B 3C4D 5E6F 7081");
  g_assert_cmpstr (find_fact (certificate->facts, "Usages"), ==, "Digital signature, Client authentication");
  g_assert_cmpstr (find_fact (certificate->facts, "Alternative names"), ==, "Unknown");
  g_assert_cmpstr (find_fact (certificate->facts, "Slot"), ==, "9A");
  g_assert_cmpuint (view->notices->len, ==, 2);
  g_assert_cmpstr (notice->id, ==, "inserted:1");
  g_assert_cmpstr (notice->text, ==, token->lifetime);
  g_assert_cmpstr (view->icon, ==, "cert-assistant-warning");
  g_assert_cmpstr (view->title, ==, token->name);
  g_assert_true (view_find_token (view, "piv-12345678") == token);
  g_assert_false (view->quiet);
}

static const Fact *
get_fact (const GPtrArray *facts, const char *name)
{
  for (guint i = 0; i < facts->len; i++)
    if (strcmp (((Fact *) facts->pdata[i])->name, name) == 0)
      return facts->pdata[i];
  return NULL;
}

/* KIND and VALUE on the certificate I of TOKEN. */
static void
put_identity (Token *token, guint i, IdentityKind kind, const char *value, const char *label)
{
  Certificate *certificate = token->certificates->pdata[i];

  g_ptr_array_add (certificate->identities, identity_new (kind, value, label));
}

static void
assert_fact (const Fact *fact, const char *value, const char *copied, gboolean personal)
{
  g_assert_nonnull (fact);
  g_assert_cmpstr (fact->value, ==, value);
  g_assert_cmpstr (fact->copied, ==, copied);
  g_assert_true (fact->personal == personal);
}

/* The taxpayer number is on the page of the token, all numbers are among the details; those of a person there alone. */
static void
test_identities (void)
{
  g_autoptr (Token) token = sample_token (NULL, 100);
  g_autoptr (View) view = NULL;
  const TokenView *shown;
  const GPtrArray *facts;

  put_identity (token, 0, IDENTITY_USCC, "91350100M000100Y43", NULL);
  put_identity (token, 0, IDENTITY_ID_CARD, "11010519491231002X", NULL);
  put_identity (token, 0, IDENTITY_ENTITY_ID, "1@215009JJ0782543244", "Entity ID (BJCA)");
  view = look (sample_world (READER, token_ref (token)));
  shown = view->tokens->pdata[0];
  facts = ((CertificateView *) shown->certificates->pdata[0])->facts;
  assert_fact (get_fact (shown->facts, "Taxpayer number"), "91350100M000100Y43", "91350100M000100Y43", FALSE);
  assert_fact (get_fact (facts, "Unified social credit code"), "91350100M000100Y43", "91350100M000100Y43", FALSE);
  assert_fact (get_fact (facts, "ID number"), "11010519491231002X", "11010519491231002X", TRUE);
  assert_fact (get_fact (facts, "Entity ID (BJCA)"), "1@215009JJ0782543244", "1@215009JJ0782543244", FALSE);
  for (guint i = 0; i < shown->facts->len; i++)
    g_assert_null (strstr (((Fact *) shown->facts->pdata[i])->value, "110105"));
  for (guint i = 0; i < view->notices->len; i++)
    g_assert_null (strstr (((Notice *) view->notices->pdata[i])->text, "110105"));
  g_assert_null (strstr (shown->menu_line, "110105"));
}

/* One that does not fit is shown with a note, and copied without. The one of a person is hidden. */
static void
test_taxpayer_numbers (void)
{
  static const struct
  {
    const char *value, *shown, *copied, *detail;
  } cases[] = {
    { "91350100M000100Y44", "91350100M000100Y44 · the check digit does not fit", "91350100M000100Y44",
      "91350100M000100Y44 · the check digit does not fit" },
    { "110108782543244", "110108782543244", "110108782543244", "110108782543244" },
    { "11010519491231002X", "··············002X", NULL, "11010519491231002X" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token (NULL, 100);
      g_autoptr (View) view = NULL;
      const TokenView *shown;

      put_identity (token, 0, IDENTITY_TAXPAYER_ID, cases[i].value, NULL);
      view = look (sample_world (READER, token_ref (token)));
      shown = view->tokens->pdata[0];
      assert_fact (get_fact (shown->facts, "Taxpayer number"), cases[i].shown, cases[i].copied, !cases[i].copied);
      assert_fact (get_fact (((CertificateView *) shown->certificates->pdata[0])->facts, "Taxpayer number"),
                   cases[i].detail, cases[i].value, !cases[i].copied);
    }
}

/* Two certificates of a pair: the number of the second is the token's, unless somebody else is named there. */
static void
test_taxpayer_number_of_a_pair (void)
{
  for (int other = 0; other < 2; other++)
    {
      g_autoptr (Token) token = sample_token (NULL, 100);
      g_autoptr (View) view = NULL;
      Certificate *second = sample_certificate ("9d", 2, SAMPLE_NOW, SAMPLE_NOW + DAYS (100));

      second->role = CERTIFICATE_ROLE_ENCRYPTION;
      g_ptr_array_add (token->certificates, second);
      put_identity (token, 1, IDENTITY_USCC, "91350100M000100Y43", NULL);
      if (other)
        {
          g_free (second->holder);
          second->holder = g_strdup ("示例");
        }
      view = look (sample_world (READER, token_ref (token)));
      g_assert_cmpuint (view->tokens->len, ==, 1);
      g_assert_cmpstr (((CertificateView *) ((TokenView *) view->tokens->pdata[0])->certificates->pdata[1])->title, ==,
                       "Encryption");
      g_assert_cmpstr (find_fact (((TokenView *) view->tokens->pdata[0])->facts, "Taxpayer number"), ==,
                       other ? NULL : "91350100M000100Y43");
    }
}

static void
test_chain (void)
{
  static const struct
  {
    CertificateChain chain;
    const char *culprit, *told;
  } chains[] = {
    { CERTIFICATE_CHAIN_UNKNOWN, NULL, "Unknown" },
    { CERTIFICATE_CHAIN_TRUSTED, NULL, "Trusted" },
    { CERTIFICATE_CHAIN_NO_ROOT, NULL, "No root certificate is configured for it" },
    { CERTIFICATE_CHAIN_BROKEN, "Example %s CA", "Broken: Example %s CA does not fit" },
    { CERTIFICATE_CHAIN_BROKEN, NULL, "Broken" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (chains); i++)
    {
      Token *token = sample_token ("12345678", 200);
      g_autoptr (View) view = NULL;
      const CertificateView *certificate;

      token_get_primary (token)->chain = chains[i].chain;
      token_get_primary (token)->chain_culprit = g_strdup (chains[i].culprit);
      view = look (sample_world (READER, token));
      certificate = ((TokenView *) view->tokens->pdata[0])->certificates->pdata[0];
      g_assert_cmpstr (find_fact (certificate->facts, "Chain"), ==, chains[i].told);
      g_assert_cmpuint (view->findings->len, ==, 0); /* of no chain there is a warning */
      g_assert_cmpstr (view->icon, ==, "cert-assistant-token");
    }
}

static void
test_icons (void)
{
  static const struct
  {
    gint64 days_left;
    const char *icon, *menu_line;
  } cases[] = {
    { 100, "cert-assistant-token", "张三 · 100 days left · 3 PIN tries left" },
    { 1, "cert-assistant-warning", "张三 · 1 day left · 3 PIN tries left" },
    { 0, "cert-assistant-warning", "张三 · less than a day left · 3 PIN tries left" },
    { -1, "cert-assistant-problem", "张三 · Expired less than a day ago · 3 PIN tries left" },
    { -3, "cert-assistant-problem", "张三 · Expired 2 days ago · 3 PIN tries left" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token (NULL, cases[i].days_left);
      g_autoptr (View) view = NULL;

      view = look (sample_world (READER, token_ref (token)));
      g_assert_cmpstr (view->icon, ==, cases[i].icon);
      g_assert_cmpstr (((TokenView *) view->tokens->pdata[0])->menu_line, ==, cases[i].menu_line);
    }
}

static void
test_pins (void)
{
  static const struct
  {
    int left, max;
    gboolean blocked;
    const char *status, *in_line;
  } cases[] = {
    { 8, 10, FALSE, "8 of 10 tries left", "8 PIN tries left" }, { 1, 3, FALSE, "1 of 3 tries left", "1 PIN try left" },
    { 1, PIN_UNKNOWN, FALSE, "1 try left", "1 PIN try left" },  { 5, 3, FALSE, "5 tries left", "5 PIN tries left" },
    { PIN_UNKNOWN, 3, FALSE, "Tries left: unknown", NULL },     { 0, 3, TRUE, "Locked: no tries left", "PIN locked" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token (NULL, 100);
      g_autoptr (View) view = NULL;
      Pin *pin = token->pins->pdata[0];
      const char *line;

      pin->tries_left = cases[i].left;
      pin->tries_max = cases[i].max;
      pin->blocked = cases[i].blocked;
      view = look (sample_world (READER, token_ref (token)));
      g_assert_cmpstr (((TokenView *) view->tokens->pdata[0])->pin_status, ==, cases[i].status);
      line = ((TokenView *) view->tokens->pdata[0])->menu_line;
      g_assert_true (g_str_has_suffix (line, cases[i].in_line ? cases[i].in_line : "100 days left"));
    }
}

/* What is not there is said as unknown, and nothing is invented. */
static void
test_bare (void)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_PIV);
  g_autoptr (Token) nameless = sample_token (NULL, 100);
  g_autoptr (View) empty = NULL;
  g_autoptr (View) view = NULL;
  const TokenView *shown;

  token->complete = TRUE;
  token_set_identity (token);
  empty = look (sample_world (READER, token_ref (token)));
  shown = empty->tokens->pdata[0];
  g_assert_cmpstr (shown->name, ==, "Token without a certificate");
  g_assert_null (shown->pin_status);
  g_assert_cmpuint (shown->certificates->len, ==, 0);

  g_clear_pointer (&token_get_primary (nameless)->holder, g_free);
  g_clear_pointer (&token_get_primary (nameless)->organization, g_free);
  token_get_primary (nameless)->not_after = CERTIFICATE_TIME_UNKNOWN;
  view = look (sample_world (READER, token_ref (nameless)));
  shown = view->tokens->pdata[0];
  g_assert_cmpstr (shown->headline, ==, "Unnamed holder");
  g_assert_cmpstr (((CertificateView *) shown->certificates->pdata[0])->status, ==, "Validity unknown");
  g_assert_cmpfloat (((CertificateView *) shown->certificates->pdata[0])->elapsed, <, 0);
}

static void
test_far_future (void)
{
  g_autoptr (Token) token = sample_token (NULL, 100);
  g_autoptr (View) view = NULL;
  const CertificateView *certificate;

  token_get_primary (token)->not_before = G_GINT64_CONSTANT (-62167219200); /* year 0, which GDateTime does not know */
  token_get_primary (token)->not_after = G_GINT64_CONSTANT (253402300799);  /* 9999-12-31T23:59:59Z */
  view = look (sample_world (READER, token_ref (token)));
  certificate = ((TokenView *) view->tokens->pdata[0])->certificates->pdata[0];
  g_assert_cmpstr (certificate->valid_until, ==, "9999-12-31");
  g_assert_cmpint (certificate->validity, ==, VALIDITY_VALID);
}

static void
test_reading (void)
{
  g_autoptr (ReaderList) list = sample_readers (READER, READER_PRESENT, 1);
  g_autoptr (Token) token = sample_token (NULL, 100);
  World *world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  g_autoptr (View) before = look (world_ref (world));
  g_autoptr (View) view = NULL;

  g_assert_cmpstr (before->icon, ==, "cert-assistant-reading");
  g_assert_cmpuint (before->tokens->len, ==, 0);
  g_assert_cmpstr (((ReaderView *) before->readers->pdata[0])->state, ==, "reading");
  g_assert_false (before->settled);
  token->complete = FALSE;
  token->steps_done = 3;
  token->steps_total = 8;
  world = sample_after (world,
                        (WorldEvent){ .kind = WORLD_EVENT_PARTIAL, .reader = READER, .generation = 1, .token = token });
  view = look (world);
  g_assert_cmpstr (((TokenView *) view->tokens->pdata[0])->reading, ==, "Reading the token: step 3 of 8");
  g_assert_cmpuint (view->notices->len, ==, 0); /* not before it is whole */
}

static void
test_failures (void)
{
  static const struct
  {
    ErrorCode failure;
    const char *state;
  } cases[] = {
    { ERROR_TOKEN_MUTE, "mute" },     { ERROR_TOKEN_UNKNOWN, "unknown-card" }, { ERROR_READER_BUSY, "busy" },
    { ERROR_TOKEN_SILENT, "failed" }, { ERROR_TOKEN_REMOVED, "reading" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (ReaderList) list = sample_readers (READER, READER_PRESENT, 1);
      World *world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
      g_autoptr (View) view = NULL;

      world =
        sample_after (world,
                      (WorldEvent){
                        .kind = WORLD_EVENT_FAILURE, .reader = READER, .generation = 1, .failure = cases[i].failure });
      view = look (world);
      g_assert_cmpstr (((ReaderView *) view->readers->pdata[0])->state, ==, cases[i].state);
      if (view->findings->len == 0)
        continue;
      g_assert_cmpstr (view->icon, ==, "cert-assistant-problem");
      g_assert_cmpuint (view->notices->len, ==, 1);
      g_assert_null (strstr (((FindingView *) view->findings->pdata[0])->text, "\xe2\x80\xae"));
    }
}

/* Every code that reaches a person has a sentence. */
static void
test_sentences (void)
{
  for (ErrorCode code = ERROR_NONE + 1; code < ERROR_N_CODES; code++)
    {
      g_assert_cmpstr (error_to_sentence (code), !=, "");
      g_assert_nonnull (error_to_string (code));
    }
}

static void
test_nothing (void)
{
  g_autoptr (ReaderList) list = sample_readers ("x", READER_EMPTY, 0);
  g_autoptr (View) unknown = look (world_new ());
  g_autoptr (View) empty =
    look (sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list }));

  g_assert_null (unknown->service);
  g_assert_cmpstr (unknown->summary, ==, "Looking for tokens…");
  g_assert_cmpstr (empty->service, ==, "running");
  g_assert_cmpstr (empty->summary, ==, "No token is inserted");
  g_assert_true (empty->quiet);
}

static void
test_support (void)
{
  Issuer issuer = { .name = (char *) "Example CA",
                    .match = (char *[]){ (char *) "Example", NULL },
                    .hotline = (char *) "400-000-0000",
                    .check_url = (char *) "https://www.example.org/check" };
  g_autoptr (GPtrArray) issuers = g_ptr_array_new ();
  g_autoptr (Token) token = sample_token ("12345678", 300);
  g_autoptr (World) world = NULL;
  Rules rules = RULES_DEFAULT;

  g_free (token_get_primary (token)->issuer);
  token_get_primary (token)->issuer = g_strdup ("CN=Example Test CA");
  world = sample_world ("Test Reader", token_ref (token));
  g_ptr_array_add (issuers, &issuer);
  for (guint known = 0; known <= 1; known++)
    {
      g_autoptr (Judgement) judgement = NULL;
      g_autoptr (View) view = NULL;
      const TokenView *shown;

      rules.issuers = known ? issuers : NULL;
      judgement = judge (world, NULL, SAMPLE_NOW, &rules);
      view = view_build (world, judgement);
      shown = view->tokens->pdata[0];
      g_assert_cmpstr (find_fact (shown->facts, "Support"), ==, known ? "Example CA · 400-000-0000" : NULL);
      g_assert_cmpstr (shown->help_page, ==, known ? issuer.check_url : NULL);
      if (known)
        g_assert_cmpstr (((Fact *) shown->facts->pdata[shown->support])->name, ==, "Support");
    }
}

/* Each PIN has a row: the user's first, and what is done to another one names it. */
static void
test_several_pins (void)
{
  static const struct
  {
    const char *ref, *label, *name;
  } more[] = { { "sign", NULL, "Signature PIN" }, { "user-3", "Card PIN", "Card PIN" }, { "user-4", NULL, "user-4" } };
  Token *token = sample_token ("12345678", 100);
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;
  g_autoptr (View) view = NULL;
  const GPtrArray *pins;
  const PinRow *first;

  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    {
      Pin *pin = pin_new (more[i].ref);

      pin->label = g_strdup (more[i].label);
      pin->few = i == 0;
      pin->blocked = i == 1;
      g_ptr_array_add (token->pins, pin);
    }
  world = sample_world ("Test Reader 00 00", token);
  judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  view = view_build (world, judgement);
  pins = ((TokenView *) view->tokens->pdata[0])->pins;
  first = pins->pdata[0];
  g_assert_cmpuint (pins->len, ==, 1 + G_N_ELEMENTS (more));
  g_assert_cmpstr (first->name, ==, "PIN");
  g_assert_cmpstr (first->target, ==, token->id);
  for (gsize i = 0; i < G_N_ELEMENTS (more); i++)
    {
      const PinRow *row = pins->pdata[i + 1];
      g_autofree char *target = g_strconcat (token->id, "\n", more[i].ref, NULL);

      g_assert_cmpstr (row->name, ==, more[i].name);
      g_assert_cmpstr (row->target, ==, target);
      g_assert_cmpstr (row->action, ==, i == 1 ? "unlock" : "change-pin");
    }
  g_assert_cmpstr (((PinRow *) pins->pdata[1])->status, ==, "Few tries left");
}

/* One certificate, and the list of all. */
static void
test_unreadable (void)
{
  static const struct
  {
    const char *place, *title, *text;
  } cases[] = {
    { "9d", "One certificate cannot be read",
      "Slot 9D of the token holds something that is no certificate. The others are shown." },
    { TOKEN_CERTIFICATE_LIST, "The certificates cannot be read",
      "The token's list of its certificates cannot be read: some of them may be missing here." },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      Token *token = sample_token ("12345678", 300);
      g_autoptr (View) view = NULL;
      const FindingView *finding;

      token_add_unreadable (token, cases[i].place);
      view = look (sample_world (READER, token));
      g_assert_cmpuint (view->findings->len, ==, 1);
      finding = view->findings->pdata[0];
      g_assert_cmpstr (finding->title, ==, cases[i].title);
      g_assert_cmpstr (finding->text, ==, cases[i].text);
    }
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  g_setenv ("LANGUAGE", "C", TRUE);
  setlocale (LC_ALL, "C.UTF-8");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/view/token", test_token);
  g_test_add_func ("/view/identities", test_identities);
  g_test_add_func ("/view/taxpayer-numbers", test_taxpayer_numbers);
  g_test_add_func ("/view/taxpayer-number-of-a-pair", test_taxpayer_number_of_a_pair);
  g_test_add_func ("/view/chain", test_chain);
  g_test_add_func ("/view/icons", test_icons);
  g_test_add_func ("/view/pins", test_pins);
  g_test_add_func ("/view/bare", test_bare);
  g_test_add_func ("/view/far-future", test_far_future);
  g_test_add_func ("/view/reading", test_reading);
  g_test_add_func ("/view/failures", test_failures);
  g_test_add_func ("/view/sentences", test_sentences);
  g_test_add_func ("/view/nothing", test_nothing);
  g_test_add_func ("/view/support", test_support);
  g_test_add_func ("/view/several-pins", test_several_pins);
  g_test_add_func ("/view/unreadable", test_unreadable);
  return g_test_run ();
}
