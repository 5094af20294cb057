#include "model/judge.h"

#include "sample.h"

#define READER "Test Reader 00 00"

static const Rules rules = { .steps = { 90 }, .n_steps = 1 };

static void
test_validity (void)
{
  static const struct
  {
    gint64 not_before, not_after; /* seconds from now */
    Validity validity;
    gint64 days_left;
    gint64 next; /* seconds from now until another answer */
  } cases[] = {
    { -DAYS (1), DAYS (100), VALIDITY_VALID, 100, 1 },
    { -DAYS (1), DAYS (91) - 1, VALIDITY_EXPIRING, 90, DAYS (1) },
    { -DAYS (1), DAYS (91), VALIDITY_VALID, 91, 1 },
    { -DAYS (1), DAYS (1), VALIDITY_EXPIRING, 1, 1 },
    { -DAYS (1), DAYS (1) - 1, VALIDITY_EXPIRING, 0, DAYS (1) },
    { -DAYS (1), 0, VALIDITY_EXPIRING, 0, 1 },
    { -DAYS (2), -1, VALIDITY_EXPIRED, -1, DAYS (1) },
    { -DAYS (2), -DAYS (1), VALIDITY_EXPIRED, -1, 1 },
    { -DAYS (2), -DAYS (1) - 1, VALIDITY_EXPIRED, -2, DAYS (1) },
    { 5, DAYS (10), VALIDITY_NOT_YET_VALID, 10, 5 },
    { 0, DAYS (200), VALIDITY_VALID, 200, 1 },
    { DAYS (2), DAYS (1), VALIDITY_UNKNOWN, 0, 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token ("1", 1);
      Certificate *certificate = token_get_primary (token);
      g_autoptr (World) world = NULL;
      g_autoptr (Judgement) judgement = NULL;
      gint64 days_left = 0;

      certificate->not_before = SAMPLE_NOW + cases[i].not_before;
      certificate->not_after = SAMPLE_NOW + cases[i].not_after;
      g_assert_cmpint (judge_validity (certificate, SAMPLE_NOW, &rules, &days_left), ==, cases[i].validity);
      g_assert_cmpint (days_left, ==, cases[i].days_left);
      world = sample_world (READER, token_ref (token));
      judgement = judge (world, NULL, SAMPLE_NOW, &rules);
      g_assert_cmpint (judgement->next, ==, cases[i].next ? SAMPLE_NOW + cases[i].next : G_MAXINT64);
    }
}

/* The one next moment is exact: a second before it nothing has changed, at it something has. */
static void
test_next_is_exact (void)
{
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, SAMPLE_NOW + 1000, SAMPLE_NOW + DAYS (3) + 77);
  g_autoptr (Token) token = sample_token ("1", 1);
  g_autoptr (World) world = NULL;
  gint64 now = SAMPLE_NOW;

  g_ptr_array_set_size (token->certificates, 0);
  g_ptr_array_add (token->certificates, certificate_ref (certificate));
  world = sample_world (READER, token_ref (token));
  for (guint i = 0; i < 12; i++)
    {
      g_autoptr (Judgement) judgement = judge (world, NULL, now, &rules);
      gint64 days, before_days, then_days;
      Validity validity = judge_validity (certificate, now, &rules, &days);
      Validity before = judge_validity (certificate, judgement->next - 1, &rules, &before_days);
      Validity then = judge_validity (certificate, judgement->next, &rules, &then_days);

      g_assert_cmpint (judgement->next, >, now);
      g_assert_cmpint (validity, ==, before);
      if (validity != VALIDITY_NOT_YET_VALID)
        g_assert_cmpint (days, ==, before_days);
      g_assert_true (then != validity || then_days != days);
      now = judgement->next;
    }
}

static void
test_unknown_dates (void)
{
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, CERTIFICATE_TIME_UNKNOWN, SAMPLE_NOW);
  gint64 days_left = 12345;

  g_assert_cmpint (judge_validity (certificate, SAMPLE_NOW, &rules, &days_left), ==, VALIDITY_UNKNOWN);
  g_assert_cmpint (days_left, ==, 12345);
}

static Judgement *
judge_failure (ErrorCode failure)
{
  g_autoptr (ReaderList) list = sample_readers (READER, READER_PRESENT, 1);
  g_autoptr (World) world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });

  world =
    sample_after (g_steal_pointer (&world),
                  (WorldEvent){ .kind = WORLD_EVENT_FAILURE, .reader = READER, .generation = 1, .failure = failure });
  return judge (world, NULL, SAMPLE_NOW, &rules);
}

static void
test_findings_of_slots (void)
{
  static const struct
  {
    ErrorCode failure;
    const char *kind; /* NULL: says nothing */
  } cases[] = {
    { ERROR_TOKEN_MUTE, "token-mute" },
    { ERROR_TOKEN_UNKNOWN, "token-unknown" },
    { ERROR_TOKEN_SILENT, "token-unreadable" },
    { ERROR_TOKEN_UNREADABLE, "token-unreadable" },
    { ERROR_READER_BUSY, "reader-busy" },
    { ERROR_SERVICE_HUNG, "service-hung" },
    { ERROR_TOKEN_REMOVED, NULL },
    { ERROR_READER_GONE, NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Judgement) judgement = judge_failure (cases[i].failure);
      const Finding *finding;

      g_assert_cmpuint (judgement->findings->len, ==, cases[i].kind ? 1 : 0);
      if (!cases[i].kind)
        continue;
      finding = judgement->findings->pdata[0];
      g_assert_cmpstr (finding_kind_to_string (finding->kind), ==, cases[i].kind);
      g_assert_cmpstr (finding->reader, ==, READER);
      g_assert_true (g_str_has_prefix (finding->id, cases[i].kind));
      g_assert_null (strstr (finding->id, "Reader"));
    }
}

static void
test_findings_of_service (void)
{
  g_autoptr (World) nobody_looked = world_new ();
  g_autoptr (Judgement) nothing = judge (nobody_looked, NULL, SAMPLE_NOW, &rules);
  g_autoptr (ReaderList) none = sample_readers (NULL, READER_EMPTY, 0);
  g_autoptr (ReaderList) denied = reader_list_new (ERROR_SERVICE_DENIED, 0);
  g_autoptr (World) world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = none });
  g_autoptr (Judgement) no_reader = judge (world, NULL, SAMPLE_NOW, &rules);
  g_autoptr (Judgement) refused = NULL;

  g_assert_cmpuint (nothing->findings->len, ==, 0);
  g_assert_cmpstr (((Finding *) no_reader->findings->pdata[0])->id, ==, "no-reader:service");
  g_assert_cmpint (((Finding *) no_reader->findings->pdata[0])->level, ==, FINDING_INFO);
  world = sample_after (g_steal_pointer (&world), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = denied });
  refused = judge (world, NULL, SAMPLE_NOW, &rules);
  g_assert_cmpuint (refused->findings->len, ==, 1);
  g_assert_cmpstr (((Finding *) refused->findings->pdata[0])->id, ==, "service-denied:service");
  g_assert_cmpint (((Finding *) refused->findings->pdata[0])->level, ==, FINDING_CRITICAL);
}

static void
test_unreadable_places (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 100);
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;

  token->unreadable = g_strsplit ("9c,83", ",", -1);
  world = sample_world (READER, token_ref (token));
  judgement = judge (world, NULL, SAMPLE_NOW, &rules);
  g_assert_cmpuint (judgement->findings->len, ==, 2);
  g_assert_cmpstr (((Finding *) judgement->findings->pdata[0])->id, ==, "token-unreadable:piv-12345678:83");
  g_assert_cmpstr (((Finding *) judgement->findings->pdata[1])->token, ==, "piv-12345678");
}

/* What is said of a PIN: at most one thing about its tries; of the administrator's nothing. */
static void
test_pins (void)
{
  static const struct
  {
    int left, max, blocked, is_default, puk_left;
    const char *ids; /* the worst first */
  } cases[] = {
    { 3, 3, FALSE, FALSE, 3, "" },
    { PIN_UNKNOWN, PIN_UNKNOWN, FALSE, PIN_UNKNOWN, PIN_UNKNOWN, "" },
    { 3, 10, FALSE, FALSE, 3, "" },
    { 2, 10, FALSE, FALSE, 3, "pin-low" },
    { 2, 2, FALSE, FALSE, 3, "" },
    { 2, PIN_UNKNOWN, FALSE, FALSE, PIN_UNKNOWN, "pin-low" },
    { 1, 3, FALSE, FALSE, 3, "pin-last-try" },
    { 1, 1, FALSE, FALSE, 3, "pin-last-try" },
    { 0, 3, TRUE, FALSE, 3, "pin-blocked" },
    { 0, 3, TRUE, TRUE, 0, "pin-blocked unlock-blocked" },
    { 3, 3, FALSE, TRUE, 0, "unlock-blocked pin-default" },
    { 1, 3, FALSE, TRUE, 3, "pin-last-try pin-default" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Token) token = sample_token ("12345678", 100);
      g_autoptr (World) world = NULL;
      g_autoptr (Judgement) judgement = NULL;
      g_autoptr (GString) ids = g_string_new (NULL);
      Pin *pin = token->pins->pdata[0], *admin = pin_new (i % 2 ? "admin" : "openpgp-admin");

      admin->tries_left = (int) i % 3;
      g_ptr_array_add (token->pins, admin);
      pin->tries_left = cases[i].left;
      pin->tries_max = cases[i].max;
      pin->blocked = cases[i].blocked;
      pin->is_default = cases[i].is_default;
      pin->unlock = PIN_UNLOCK_PUK;
      pin->unlock_tries_left = cases[i].puk_left;
      world = sample_world (READER, token_ref (token));
      judgement = judge (world, NULL, SAMPLE_NOW, &rules);
      for (guint j = 0; j < judgement->findings->len; j++)
        {
          const Finding *finding = judgement->findings->pdata[j];

          g_string_append_printf (ids, "%s%s", j ? " " : "", finding_kind_to_string (finding->kind));
          g_assert_true (g_str_has_suffix (finding->id, ":piv-12345678:user"));
        }
      g_assert_cmpstr (ids->str, ==, cases[i].ids);
    }
}

/* The second PIN of a token is named by the token's word for it. */
static void
test_second_pin (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 100);
  g_autoptr (World) world = NULL;
  g_autoptr (Judgement) judgement = NULL;
  Pin *first = token->pins->pdata[0], *second = pin_new ("openpgp-user");

  first->label = g_strdup ("User PIN");
  first->tries_left = second->tries_left = 1;
  first->is_default = second->is_default = FALSE;
  second->label = g_strdup ("OpenPGP User PIN");
  g_ptr_array_add (token->pins, second);
  world = sample_world (READER, token_ref (token));
  judgement = judge (world, NULL, SAMPLE_NOW, &rules);

  g_assert_cmpuint (judgement->findings->len, ==, 2);
  for (guint i = 0; i < 2; i++)
    {
      const Finding *finding = judgement->findings->pdata[i];

      g_assert_cmpint (finding->kind, ==, FINDING_PIN_LAST_TRY);
      g_assert_cmpstr (finding->label, ==, g_str_has_suffix (finding->id, ":openpgp-user") ? "OpenPGP User PIN" : NULL);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/judge/second-pin", test_second_pin);
  g_test_add_func ("/judge/validity", test_validity);
  g_test_add_func ("/judge/next-is-exact", test_next_is_exact);
  g_test_add_func ("/judge/unknown-dates", test_unknown_dates);
  g_test_add_func ("/judge/findings-of-slots", test_findings_of_slots);
  g_test_add_func ("/judge/findings-of-service", test_findings_of_service);
  g_test_add_func ("/judge/unreadable-places", test_unreadable_places);
  g_test_add_func ("/judge/pins", test_pins);
  return g_test_run ();
}
