/* Which certificates are remembered, what of them, and which make others be forgotten. What is remembered of reminders
 * is in test-memory-marks.c. */
#include "model/memory.h"

#include <string.h>

#include "sample.h"

static GPtrArray *
no_issuers (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) issuer_unref);
}

/* MEMORY (taken) after it saw WORLD (taken). */
static Memory *
see (Memory *memory, World *world)
{
  g_autoptr (Memory) before = memory;
  g_autoptr (World) seen = world;
  g_autoptr (GPtrArray) issuers = no_issuers ();

  return memory_see (before, seen, issuers);
}

static const MemoryCertificate *
get (const Memory *memory, guint i)
{
  g_assert_cmpuint (i, <, memory->certificates->len);
  return memory->certificates->pdata[i];
}

/* A token whose certificates are made of DESCRIPTION, "place seed days-until-the-end role" each, after a comma. */
static Token *
make_token (const char *serial, const char *description)
{
  Token *token = sample_token (serial, 0);
  g_auto (GStrv) words = g_strsplit (description, ",", -1);

  g_ptr_array_set_size (token->certificates, 0);
  for (guint i = 0; words[i]; i++)
    {
      g_auto (GStrv) parts = g_strsplit (words[i], " ", 4);
      Certificate *certificate =
        sample_certificate (parts[0], (guint8) atoi (parts[1]), 0, SAMPLE_NOW + DAYS (atoi (parts[2])));

      certificate->role = (CertificateRole) atoi (parts[3]);
      g_ptr_array_add (token->certificates, certificate);
    }
  token_set_identity (token);
  return token;
}

/* A world with these tokens (taken; NULL: none), each in a reader of its own. */
static World *
make_world (Token *a, Token *b)
{
  g_autoptr (ReaderList) list = reader_list_new (ERROR_NONE, 1);
  Token *const tokens[] = { a, b };
  static const char *const names[] = { "a", "b" };
  World *world;

  for (guint i = 0; i < 2; i++)
    if (tokens[i])
      g_ptr_array_add (list->readers, reader_event_new (names[i], READER_PRESENT, 1));
  world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
  for (guint i = 0, generation = 1; i < 2; i++)
    if (tokens[i])
      {
        world = sample_after (world, (WorldEvent){
                                       .kind = tokens[i]->complete ? WORLD_EVENT_TOKEN : WORLD_EVENT_PARTIAL,
                                       .reader = names[i],
                                       .generation = generation++,
                                       .token = tokens[i],
                                     });
        token_unref (tokens[i]);
      }
  return world;
}

/* Which certificates MEMORY holds, by their seeds: "1 3". */
static char *
list_seeds (const Memory *memory)
{
  GString *seeds = g_string_new (NULL);

  for (guint i = 0; i < memory->certificates->len; i++)
    for (guint seed = 0; seed < 256; seed++)
      {
        g_autoptr (Certificate) certificate = sample_certificate ("9a", (guint8) seed, 0, 1);

        if (strcmp (certificate->sha256, get (memory, i)->fingerprint) == 0)
          g_string_append_printf (seeds, "%s%u", seeds->len > 0 ? " " : "", seed);
      }
  return g_string_free (seeds, FALSE);
}

static void
assert_seeds (const Memory *memory, const char *expected)
{
  g_autofree char *seeds = list_seeds (memory);

  g_assert_cmpstr (seeds, ==, expected);
}

static void
test_see (void)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GPtrArray) issuers = no_issuers ();
  g_autoptr (Memory) empty = memory_new (), memory = NULL, again = NULL, absent = NULL;
  g_autoptr (World) world = sample_world ("reader", sample_token ("1", 100)), nothing = world_new ();
  g_autoptr (Certificate) certificate = sample_certificate ("9a", 1, 0, 1);

  g_key_file_set_string (file, "Issuer", "Name", "Example");
  g_key_file_set_string (file, "Issuer", "Match", "Another;Example Test");
  g_ptr_array_add (issuers, issuer_new_from_key_file (file, NULL));

  memory = memory_see (empty, world, issuers);
  g_assert_cmpuint (memory->certificates->len, ==, 1);
  g_assert_cmpstr (get (memory, 0)->fingerprint, ==, certificate->sha256);
  g_assert_cmpstr (get (memory, 0)->label, ==, SAMPLE_HOLDER " · " SAMPLE_ORGANIZATION);
  g_assert_cmpstr (get (memory, 0)->issuer, ==, "CN=Example Test CA");
  g_assert_cmpstr (get (memory, 0)->profile, ==, "Another");
  g_assert_cmpint (get (memory, 0)->not_after, ==, SAMPLE_NOW + DAYS (100));

  again = memory_see (memory, world, issuers);
  absent = memory_see (memory, nothing, issuers);
  g_assert_true (again == memory);
  g_assert_true (absent == memory);
  g_assert_cmpuint (empty->certificates->len, ==, 0); /* the old value is untouched */
}

/* Only whole tokens: of one that is being read, nobody knows yet which certificate stands for it. */
static void
test_partial (void)
{
  Token *token = sample_token ("1", 100);
  g_autoptr (Memory) memory = NULL;

  token->complete = FALSE;
  memory = see (memory_new (), make_world (token, NULL));
  assert_seeds (memory, "");
}

static void
test_labels (void)
{
  static const struct
  {
    const char *holder, *organization, *label;
  } labels[] = {
    { "张三", "北京", "张三 · 北京" },
    { "北京", "北京", "北京" },
    { "张三", NULL, "张三" },
    { "张三", "", "张三" },
    { NULL, "北京", "北京" },
    { "", "北京", "北京" },
    { NULL, NULL, "" },
    { "张三 11010519900307123X", "北京 123456789012345", "张三 ··············123X · 北京 ···········2345" },
    { "SF110105199003071234", "91110108MA01ABCD2X", "SF··············1234 · 91110108MA01ABCD2X" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (labels); i++)
    {
      Token *token = sample_token ("1", 100);
      Certificate *certificate = token_get_primary (token);
      g_autoptr (Memory) memory = NULL;

      g_free (certificate->holder);
      g_free (certificate->organization);
      certificate->holder = g_strdup (labels[i].holder);
      certificate->organization = g_strdup (labels[i].organization);
      memory = see (memory_new (), make_world (token, NULL));
      g_assert_cmpstr (get (memory, 0)->label, ==, labels[i].label);
    }
}

/* What is no date is not remembered; what is one is, however odd. */
static void
test_dates (void)
{
  static const struct
  {
    gint64 not_before, not_after;
    gboolean remembered;
  } dates[] = {
    { 0, CERTIFICATE_TIME_UNKNOWN, FALSE },
    { CERTIFICATE_TIME_UNKNOWN, SAMPLE_NOW, FALSE },
    { SAMPLE_NOW + 1, SAMPLE_NOW, FALSE },
    { SAMPLE_NOW, SAMPLE_NOW, TRUE },
    { -DAYS (10), -DAYS (1), TRUE }, /* before 1970 */
    { 0, G_GINT64_CONSTANT (4102444800), TRUE },
    { 0, G_GINT64_CONSTANT (253402300799), TRUE }, /* the end of 9999 */
    { 0, G_GINT64_CONSTANT (253402300800), FALSE },
    { 0, G_MAXINT64, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (dates); i++)
    {
      Token *token = sample_token ("1", 100);
      g_autoptr (Memory) memory = NULL;

      token_get_primary (token)->not_before = dates[i].not_before;
      token_get_primary (token)->not_after = dates[i].not_after;
      memory = see (memory_new (), make_world (token, NULL));
      g_assert_cmpuint (memory->certificates->len, ==, dates[i].remembered);
    }
}

/* 0: another role, 1: authentication, 2: signature, 3: encryption. */
static void
test_which (void)
{
  static const struct
  {
    const char *a, *b; /* tokens */
    const char *seeds;
  } cases[] = {
    { "9a 1 100 1,9c 2 100 2,9d 3 100 3", NULL, "1" },           /* all end with the primary one */
    { "9a 1 100 1,9c 2 300 2,9d 3 300 3", NULL, "1 2" },         /* … and those two on one other day */
    { "9a 1 100 1,9c 2 99 2,9d 3 101 3", NULL, "1 2 3" },        /* each for itself */
    { "9a 1 100 1,82 2 -900 3,9d 3 100 3", NULL, "1" },          /* kept to decrypt what is old */
    { "9a 1 100 1", "9a 1 100 1", "1" },                         /* the same on two tokens */
    { "9a 1 100 1,9c 2 300 2", "9a 1 100 1,9c 2 300 2", "1 2" }, /* … all of them */
    { "9a 1 100 1", "9a 2 100 1", "1 2" },                       /* neither is the later one */
    { "9a 1 100 1", "9a 2 400 1", "2" },                         /* renewed, and both inserted */
    { "9a 2 400 1", "9a 1 100 1", "2" },                         /* whatever the order */
    { "", NULL, "" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world =
        make_world (make_token ("1", cases[i].a), cases[i].b ? make_token ("2", cases[i].b) : NULL);
      g_autoptr (Memory) memory = see (memory_new (), world_ref (world));
      g_autoptr (Memory) again = see (memory_ref (memory), world_ref (world));

      assert_seeds (memory, cases[i].seeds);
      g_assert_true (again == memory);
    }
}

/* The day is that of the people: half an hour may lie between two days, 23 hours in one. */
static void
test_days (void)
{
  static const struct
  {
    int seconds; /* from the noon of a day to the end of the second certificate */
    guint n;
  } days[] = {
    { 0, 1 }, { -12 * 3600, 1 }, { -12 * 3600 - 1, 2 }, { 12 * 3600 - 1, 1 }, { 12 * 3600, 2 },
  };
  g_autoptr (GDateTime) noon = g_date_time_new_local (2027, 5, 4, 12, 0, 0);

  for (gsize i = 0; i < G_N_ELEMENTS (days); i++)
    {
      Token *token = make_token ("1", "9a 1 100 1,9c 2 100 2");
      g_autoptr (Memory) memory = NULL;

      token_get_primary (token)->not_after = g_date_time_to_unix (noon);
      ((Certificate *) token->certificates->pdata[1])->not_after = g_date_time_to_unix (noon) + days[i].seconds;
      memory = see (memory_new (), make_world (token, NULL));
      g_assert_cmpuint (memory->certificates->len, ==, days[i].n);
    }
}

/* A primary certificate without a date stands for nothing; another may. */
static void
test_no_primary (void)
{
  Token *token = make_token ("1", "9a 1 100 1,9c 2 100 2,9d 3 100 3");
  g_autoptr (Memory) memory = NULL;

  token_get_primary (token)->not_after = CERTIFICATE_TIME_UNKNOWN;
  memory = see (memory_new (), make_world (token, NULL));
  assert_seeds (memory, "2");
}

static void
test_renewed (void)
{
  static const struct
  {
    const char *steps[4]; /* what is inserted, one after the other */
    const char *seeds;
  } cases[] = {
    { { "9a 1 10 1", "9a 2 375 1" }, "2" },                          /* renewed */
    { { "9a 1 10 1", "9a 2 375 1", "9a 1 10 1" }, "2" },             /* … and the old one is used to its end */
    { { "9a 1 375 1", "9a 2 10 1" }, "1" },                          /* an older one turns up */
    { { "9a 1 10 1", "9a 2 10 1" }, "2 1" },                         /* two of a kind */
    { { "9a 1 10 1,9c 2 20 2", "9a 3 375 1" }, "3" },                /* renewed, all of it */
    { { "9a 1 10 1,9c 2 20 2", "9a 1 10 1,9c 2 20 2" }, "1 2" },     /* both stay, however often it is seen */
    { { "9a 1 10 1,9c 2 20 2", "9a 3 375 1,9c 2 20 2" }, "3 2" },    /* one was renewed on the token */
    { { "9a 1 10 1,9c 2 20 2", "9a 3 375 1", "9c 2 20 2" }, "3" },   /* what was renewed stays away */
    { { "9a 1 10 1,9c 2 20 2", "9a 1 10 1" }, "1 2" },               /* its other place cannot be read today */
    { { "9a 1 10 1", "9a 2 20 1", "9a 3 30 1", "9a 4 40 1" }, "4" }, /* year after year */
    { { "9a 4 40 1", "9a 3 30 1", "9a 2 20 1", "9a 1 10 1" }, "4" }, /* … backwards */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Memory) memory = memory_new ();

      for (gsize j = 0; j < G_N_ELEMENTS (cases[i].steps) && cases[i].steps[j]; j++)
        memory = see (g_steal_pointer (&memory), make_world (make_token ("1", cases[i].steps[j]), NULL));
      assert_seeds (memory, cases[i].seeds);
    }
}

/* Only of the same person by the same issuer; nobody is the same as nobody. */
static void
test_not_renewed (void)
{
  static const struct
  {
    const char *holder, *issuer;
    gboolean renewed;
  } cases[] = {
    { SAMPLE_HOLDER, "CN=Example Test CA", TRUE },
    { "示例", "CN=Example Test CA", FALSE },
    { SAMPLE_HOLDER, "CN=Another CA", FALSE },
    { SAMPLE_HOLDER, NULL, FALSE },
  };
  g_autoptr (Memory) nobodies = memory_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (Memory) memory = see (memory_new (), make_world (make_token ("1", "9a 1 10 1"), NULL));
      Token *token = make_token ("2", "9a 2 375 1");

      g_free (token_get_primary (token)->holder);
      g_free (token_get_primary (token)->issuer);
      token_get_primary (token)->holder = g_strdup (cases[i].holder);
      token_get_primary (token)->issuer = g_strdup (cases[i].issuer);
      memory = see (g_steal_pointer (&memory), make_world (token, NULL));
      assert_seeds (memory, cases[i].renewed ? "2" : "2 1");
    }
  for (guint i = 1; i <= 2; i++)
    {
      g_autofree char *description = g_strdup_printf ("9a %u %u 1", i, i * 100);
      Token *token = make_token ("1", description);

      g_clear_pointer (&token_get_primary (token)->holder, g_free);
      g_clear_pointer (&token_get_primary (token)->organization, g_free);
      nobodies = see (g_steal_pointer (&nobodies), make_world (token, NULL));
    }
  assert_seeds (nobodies, "2 1");
}

/* The last seen stand first, so that the others are dropped. */
static void
test_certificate_bounds (void)
{
  g_autoptr (Memory) memory = memory_new (), before = NULL;
  g_autofree char *now = NULL, *then = NULL;

  for (guint i = 1; i <= MEMORY_MAX_CERTIFICATES + 1; i++)
    {
      g_autofree char *description = g_strdup_printf ("9a %u 100 1", i);

      g_clear_pointer (&before, memory_unref);
      before = memory_ref (memory);
      memory = see (g_steal_pointer (&memory), make_world (make_token ("1", description), NULL));
    }
  g_assert_cmpuint (memory->certificates->len, ==, MEMORY_MAX_CERTIFICATES);
  g_assert_cmpuint (before->certificates->len, ==, MEMORY_MAX_CERTIFICATES);
  now = list_seeds (memory);
  then = list_seeds (before);
  g_assert_true (g_str_has_prefix (now, "201 200 199 "));
  g_assert_true (g_str_has_suffix (now, " 3 2"));
  g_assert_true (g_str_has_suffix (then, " 2 1"));
}

/* A crowd of certificates stays as it is, too. */
static void
test_crowd (void)
{
  g_autoptr (Memory) memory = NULL, again = NULL;
  g_autoptr (World) world = NULL;
  Token *token = make_token ("1", "");

  for (guint i = 0; i < 250; i++)
    {
      Certificate *certificate = sample_certificate ("9a", (guint8) i, 0, SAMPLE_NOW + DAYS (i));

      g_free (certificate->holder);
      certificate->holder = g_strdup_printf ("holder %u", i);
      g_ptr_array_add (token->certificates, certificate);
    }
  world = make_world (token, NULL);
  memory = see (memory_new (), world_ref (world));
  again = see (memory_ref (memory), world_ref (world));
  g_assert_cmpuint (memory->certificates->len, ==, MEMORY_MAX_CERTIFICATES);
  g_assert_true (again == memory);
}

static void
test_certificate_new (void)
{
  g_autofree char *many = g_strnfill (1000, 'a');
  g_autofree char *fingerprint = g_strnfill (64, 'f');
  g_autoptr (Memory) memory = memory_new ();
  MemoryCertificate *dirty =
    memory_certificate_new (fingerprint, "a\n\u202e b 123456789012345", "CN=123456789012345\xff", "1.2\n", 1);
  MemoryCertificate *large = memory_certificate_new (fingerprint, many, many, many, 1);
  MemoryCertificate *empty = memory_certificate_new (fingerprint, NULL, NULL, NULL, 1);

  g_ptr_array_add (memory->certificates, dirty);
  g_ptr_array_add (memory->certificates, large);
  g_ptr_array_add (memory->certificates, empty);
  g_assert_cmpstr (dirty->label, ==, "a b ···········2345");
  g_assert_cmpstr (dirty->issuer, ==, "CN=···········2345\xef\xbf\xbd");
  g_assert_cmpstr (dirty->profile, ==, "1.2");
  g_assert_cmpint (g_utf8_strlen (large->label, -1), ==, 140);
  g_assert_cmpint (g_utf8_strlen (large->issuer, -1), ==, 200);
  g_assert_cmpint (g_utf8_strlen (large->profile, -1), ==, 200);
  g_assert_true (g_str_has_suffix (large->label, "a…"));
  g_assert_cmpstr (empty->label, ==, "");
  g_assert_null (empty->issuer);

  g_assert_null (memory_certificate_new (NULL, "a", NULL, NULL, 1));
  g_assert_null (memory_certificate_new ("ff", "a", NULL, NULL, 1));
  g_assert_null (memory_certificate_new (many, "a", NULL, NULL, 1));
  g_assert_null (memory_certificate_new (fingerprint, "a", NULL, NULL, G_MAXINT64));
  g_assert_null (memory_certificate_new (fingerprint, "a", NULL, NULL, CERTIFICATE_TIME_UNKNOWN));
  fingerprint[7] = 'F';
  g_assert_null (memory_certificate_new (fingerprint, "a", NULL, NULL, 1));
}

static void
test_forget (void)
{
  g_autoptr (Memory) seen = see (memory_new (), make_world (sample_token ("1", 100), NULL));
  g_autoptr (Memory) shown = memory_show (seen, "expiring:1:90", SAMPLE_NOW);
  g_autoptr (Memory) forgotten = memory_forget (shown);
  g_autoptr (Memory) again = memory_forget (forgotten);

  g_assert_cmpuint (forgotten->certificates->len, ==, 0);
  g_assert_true (memory_has_shown (forgotten, "expiring:1:90", SAMPLE_NOW));
  g_assert_true (again == forgotten);
  g_assert_cmpuint (shown->certificates->len, ==, 1);
  g_assert_cmpuint (seen->marks->len, ==, 0);
}

static void
test_same (void)
{
  g_autoptr (Memory) a = see (memory_new (), make_world (sample_token ("1", 100), NULL));
  g_autoptr (Memory) b = see (memory_new (), make_world (sample_token ("2", 100), NULL));
  g_autoptr (Memory) other = see (memory_new (), make_world (sample_token ("1", 101), NULL));
  g_autoptr (Memory) shown = memory_show (a, "a", SAMPLE_NOW);
  g_autoptr (Memory) later = memory_show (a, "a", SAMPLE_NOW + 1);
  g_autoptr (Memory) alike = memory_show (b, "a", SAMPLE_NOW);

  g_assert_true (memory_is_same (a, b));
  g_assert_false (memory_is_same (a, other));
  g_assert_false (memory_is_same (a, shown));
  g_assert_false (memory_is_same (shown, later));
  g_assert_true (memory_is_same (shown, alike));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/memory/see", test_see);
  g_test_add_func ("/memory/partial", test_partial);
  g_test_add_func ("/memory/labels", test_labels);
  g_test_add_func ("/memory/dates", test_dates);
  g_test_add_func ("/memory/which", test_which);
  g_test_add_func ("/memory/days", test_days);
  g_test_add_func ("/memory/no-primary", test_no_primary);
  g_test_add_func ("/memory/renewed", test_renewed);
  g_test_add_func ("/memory/not-renewed", test_not_renewed);
  g_test_add_func ("/memory/certificate-bounds", test_certificate_bounds);
  g_test_add_func ("/memory/crowd", test_crowd);
  g_test_add_func ("/memory/certificate-new", test_certificate_new);
  g_test_add_func ("/memory/forget", test_forget);
  g_test_add_func ("/memory/same", test_same);
  return g_test_run ();
}
