/* Vendor libraries: their profiles and reports, and what the world, the judgement and the check make of them. */
#include <string.h>

#include "model/diagnosis.h"
#include "sample.h"

#define READER "Test Reader 00 00"

/* ---- profiles ---- */

static ModuleProfile *
parse (const char *text, GError **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_assert_true (g_key_file_load_from_data (file, text, -1, G_KEY_FILE_NONE, NULL));
  return module_profile_new_from_key_file (file, "mine", error);
}

static void
test_profiles (void)
{
  static const struct
  {
    const char *text;
    gboolean good, enabled;
  } cases[] = {
    { "[Module]\nType=skf\nLibrary=/a.so\n", TRUE, TRUE },
    { "[Module]\nType=pkcs11\nLibrary=/a.so;/b*.so\nUsb=055c:e618;096e\nSoftwareTokens=true\n", TRUE, TRUE },
    { "[Module]\nType=skf\nLibrary=/a.so\nEnabled=true\n", TRUE, TRUE },
    { "[Module]\nEnabled=false\n", TRUE, FALSE },
    { "[Module]\nType=tape\nLibrary=/a.so\n", FALSE, FALSE },
    { "[Module]\nLibrary=/a.so\n", FALSE, FALSE },
    { "[Module]\nType=skf\n", FALSE, FALSE },
    { "[Module]\nType=skf\nLibrary=a.so\n", FALSE, FALSE },
    { "[Module]\nType=skf\nLibrary=/a.so\nUsb=55c\n", FALSE, FALSE },
    { "[Module]\nType=skf\nLibrary=/a.so\nUsb=055c-e618\n", FALSE, FALSE },
    { "[Module]\nType=skf\nLibrary=/a.so\nUsb=055c:e61z\n", FALSE, FALSE },
    { "[Other]\nType=skf\nLibrary=/a.so\n", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (ModuleProfile) profile = parse (cases[i].text, &error);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (error == NULL, ==, cases[i].good);
      g_assert_cmpint (profile != NULL, ==, cases[i].enabled);
    }
}

static void
test_devices (void)
{
  g_autoptr (ModuleProfile) profile = parse ("[Module]\nType=skf\nLibrary=/a.so\nUsb=055c:e618;096E\n", NULL);
  g_autoptr (ModuleProfile) any = parse ("[Module]\nType=skf\nLibrary=/a.so\n", NULL);

  g_assert_true (module_profile_has_device (profile, 0x055C, 0xE618));
  g_assert_true (module_profile_has_device (profile, 0x096E, 0x0309));
  g_assert_false (module_profile_has_device (profile, 0x055C, 0xE619));
  g_assert_false (module_profile_has_device (any, 0x055C, 0xE618));
  g_assert_cmpstr (profile->name, ==, "mine");
}

/* ---- reports ---- */

static ModuleReport *
make_report (const char *place, const char *serial)
{
  ModuleReport *report = module_report_new ();

  if (place)
    module_report_add (report, place, sample_token (serial, 200));
  return report;
}

static void
test_report_travels (void)
{
  g_autoptr (ModuleReport) report = make_report ("Slot 1", "12345678"), back = NULL;
  g_autoptr (GVariant) variant = NULL;

  module_report_add (report, "Slot 2", sample_token ("77770093", 200));
  report->only_software = TRUE;
  variant = g_variant_ref_sink (module_report_to_variant (report));
  back = module_report_from_variant (variant);
  g_assert_nonnull (back);
  g_assert_true (back->only_software);
  g_assert_false (back->uses_pcsc);
  g_assert_cmpuint (back->entries->len, ==, 2);
  g_assert_cmpstr (((ModuleEntry *) back->entries->pdata[1])->place, ==, "Slot 2");
  g_assert_cmpstr (((ModuleEntry *) back->entries->pdata[1])->token->serial, ==, "77770093");
}

/* What no worker of ours would send. */
static void
test_hostile_reports (void)
{
  g_autoptr (ModuleReport) twice = make_report ("Slot 1", "12345678"), many = module_report_new (), back = NULL;
  g_autoptr (GVariant) variant = NULL, bad = NULL, flood = NULL, partial = NULL;
  g_autoptr (ModuleReport) unread = make_report ("Slot 1", "12345678");

  module_report_add (twice, "Slot 1", sample_token ("77770093", 200));
  variant = g_variant_ref_sink (module_report_to_variant (twice));
  g_assert_null (module_report_from_variant (variant));
  bad = g_variant_ref_sink (g_variant_new_parsed ("(false, false, [('Slot 1', @a{sv} {})])"));
  g_assert_null (module_report_from_variant (bad));
  ((ModuleEntry *) unread->entries->pdata[0])->token->complete = FALSE;
  partial = g_variant_ref_sink (module_report_to_variant (unread));
  g_assert_null (module_report_from_variant (partial));
  for (guint i = 0; i < 1000; i++)
    {
      g_autofree char *place = g_strdup_printf ("Slot %u", i);

      module_report_add (many, place, sample_token ("12345678", 200));
    }
  flood = g_variant_ref_sink (module_report_to_variant (many));
  back = module_report_from_variant (flood);
  g_assert_cmpuint (back->entries->len, ==, MODULE_REPORT_MAX);
}

/* ---- the world ---- */

static ModuleProfile *
get_profile (void)
{
  static ModuleProfile *profile;

  if (!profile)
    profile = parse ("[Module]\nName=Vendor\nType=skf\nLibrary=/a.so\n", NULL);
  return profile;
}

/* WORLD (taken) after the library has shown the token with SERIAL in PLACE (NULL: nothing), or FAILURE. */
static World *
show (World *world, const char *place, const char *serial, ErrorCode failure)
{
  g_autoptr (ModuleReport) report = failure == ERROR_NONE ? make_report (place, serial) : NULL;

  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_MODULE,
                                            .module = get_profile (),
                                            .library = "/opt/vendor/lib/a.so",
                                            .report = report,
                                            .failure = failure });
}

static World *
make_world (void)
{
  g_autoptr (ReaderList) list = sample_readers (READER, READER_EMPTY, 0);

  return sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });
}

static void
test_asked_and_answered (void)
{
  g_autoptr (World) world = make_world ();
  const Slot *slot;
  guint generation;

  g_assert_true (world_is_settled (world));
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_MODULE, .module = get_profile () });
  g_assert_false (world_is_settled (world));
  world = show (world, "Key", "12345678", ERROR_NONE);
  g_assert_true (world_is_settled (world));
  slot = world_find_slot (world, "Vendor: Key");
  g_assert_nonnull (slot);
  g_assert_cmpint (slot->state, ==, SLOT_READY);
  g_assert_cmpstr (slot->module, ==, "mine");
  generation = slot->generation;

  world = show (world, "Key", "12345678", ERROR_NONE);
  g_assert_cmpuint (world_find_slot (world, "Vendor: Key")->generation, ==, generation);
  world = show (world, "Key", "77770093", ERROR_NONE);
  g_assert_cmpuint (world_find_slot (world, "Vendor: Key")->generation, ==, generation + 1);
  world = show (world, NULL, NULL, ERROR_NONE);
  g_assert_null (world_find_slot (world, "Vendor: Key"));
  g_assert_nonnull (world_find_slot (world, READER));
}

/* The readers of the service change; what a library shows stays. */
static void
test_beside_the_service (void)
{
  g_autoptr (World) world = show (make_world (), "Key", "12345678", ERROR_NONE);
  g_autoptr (ReaderList) stopped = reader_list_new (ERROR_SERVICE_STOPPED, 1);
  g_autoptr (Judgement) judgement = NULL;

  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = stopped });
  g_assert_nonnull (world_find_slot (world, "Vendor: Key"));
  g_assert_null (world_find_slot (world, READER));
  judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  for (guint i = 0; i < judgement->findings->len; i++)
    {
      const Finding *finding = judgement->findings->pdata[i];

      if (finding->kind == FINDING_SERVICE_STOPPED)
        g_assert_cmpint (finding->level, ==, FINDING_INFO);
    }
}

/* A token that we read ourselves is not shown a second time, and is shown again when it is only there. */
static void
test_twins (void)
{
  g_autoptr (Token) token = sample_token ("12345678", 200);
  g_autoptr (World) world = show (make_world (), "Key", "12345678", ERROR_NONE);
  g_autoptr (ReaderList) in = sample_readers (READER, READER_PRESENT, 1),
                         out = sample_readers (READER, READER_EMPTY, 2);

  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = in });
  g_assert_nonnull (world_find_slot (world, "Vendor: Key"));
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_TOKEN,
                                             .reader = READER,
                                             .generation = world_find_slot (world, READER)->generation,
                                             .token = token });
  g_assert_null (world_find_slot (world, "Vendor: Key"));
  g_assert_cmpuint (world->twins->len, ==, 1);
  world = show (world, "Key", "12345678", ERROR_NONE);
  g_assert_null (world_find_slot (world, "Vendor: Key"));
  world = sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = out });
  g_assert_nonnull (world_find_slot (world, "Vendor: Key"));
  g_assert_cmpuint (world->twins->len, ==, 0);
}

static World *
make_unknown (void)
{
  g_autoptr (ReaderList) in = sample_readers (READER, READER_PRESENT, 1);
  World *world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = in });

  return sample_after (world, (WorldEvent){ .kind = WORLD_EVENT_FAILURE,
                                            .reader = READER,
                                            .generation = 1,
                                            .failure = ERROR_TOKEN_UNKNOWN });
}

static guint
count_findings (const World *world, FindingKind kind, FindingLevel *level)
{
  g_autoptr (Judgement) judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
  guint n = 0;

  for (guint i = 0; i < judgement->findings->len; i++)
    {
      const Finding *finding = judgement->findings->pdata[i];

      n += finding->kind == kind;
      if (finding->kind == kind)
        *level = finding->level;
    }
  return n;
}

/* A token of which a library that speaks with the service knows more is not unknown. */
static void
test_unknown_no_more (void)
{
  g_autoptr (World) world = make_unknown ();
  FindingLevel level;

  g_assert_cmpuint (count_findings (world, FINDING_TOKEN_UNKNOWN, &level), ==, 1);
  world = show (world, "Another reader", "12345678", ERROR_NONE);
  g_assert_cmpuint (count_findings (world, FINDING_TOKEN_UNKNOWN, &level), ==, 1);
  world = show (world, READER, "12345678", ERROR_NONE);
  g_assert_cmpuint (count_findings (world, FINDING_TOKEN_UNKNOWN, &level), ==, 0);
}

static void
test_failures (void)
{
  g_autoptr (World) world = show (make_world (), "Key", "12345678", ERROR_NONE);
  FindingLevel level = FINDING_INFO;

  world = show (world, NULL, NULL, ERROR_MODULE_CRASHED);
  g_assert_true (world_is_settled (world));
  g_assert_null (world_find_slot (world, "Vendor: Key"));
  g_assert_cmpuint (count_findings (world, FINDING_MODULE_FAILED, &level), ==, 1);
  g_assert_cmpint (level, ==, FINDING_WARNING);
  world = show (world, NULL, NULL, ERROR_NONE);
  g_assert_cmpuint (count_findings (world, FINDING_MODULE_FAILED, &level), ==, 0);
}

/* ---- the check ---- */

static void
test_check (void)
{
  static const DiagnosisFacts facts = { 0 };
  static const struct
  {
    ErrorCode failure;
    const char *text, *remedy;
  } cases[] = {
    { ERROR_MODULE_CRASHED, "Vendor: It has crashed. Ask its vendor for a newer version.", "Then check again." },
    { ERROR_MODULE_UNTRUSTED, "Vendor: Others than the administrator can change its file, so it is not loaded.",
      "sudo chown -R root: '/opt/vendor/lib'; sudo chmod -R go-w '/opt/vendor/lib'" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (World) world = show (make_world (), NULL, NULL, cases[i].failure);
      g_autoptr (Judgement) judgement = judge (world, NULL, SAMPLE_NOW, &RULES_DEFAULT);
      g_autoptr (View) view = view_build (world, judgement);
      g_autoptr (Diagnosis) diagnosis = diagnosis_new (&facts, view);

      for (guint j = 0; j < diagnosis->rows->len; j++)
        {
          const DiagnosisRow *row = diagnosis->rows->pdata[j];
          g_autofree char *remedy = diagnosis_describe_remedy (row);

          if (strcmp (row->layer, "applet") != 0)
            continue;
          g_assert_cmpint (row->state, ==, DIAGNOSIS_PROBLEM);
          g_assert_cmpstr (row->text, ==, cases[i].text);
          g_assert_cmpstr (remedy, ==, cases[i].remedy);
        }
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/module/profiles", test_profiles);
  g_test_add_func ("/module/devices", test_devices);
  g_test_add_func ("/module/report-travels", test_report_travels);
  g_test_add_func ("/module/hostile-reports", test_hostile_reports);
  g_test_add_func ("/module/asked-and-answered", test_asked_and_answered);
  g_test_add_func ("/module/beside-the-service", test_beside_the_service);
  g_test_add_func ("/module/twins", test_twins);
  g_test_add_func ("/module/unknown-no-more", test_unknown_no_more);
  g_test_add_func ("/module/failures", test_failures);
  g_test_add_func ("/module/check", test_check);
  return g_test_run ();
}
