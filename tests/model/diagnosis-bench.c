#include "diagnosis-bench.h"

#include <string.h>

const DiagnosisFacts diagnosis_bench_well = {
  .usb = DIAGNOSIS_KNOWN,
  .devices = (DiagnosisDevice[]){ { 0x1050, 0x0407, (char *) "Yubico YubiKey", TRUE, TRUE } },
  .n_devices = 1,
  .drivers = DIAGNOSIS_KNOWN,
  .class_driver = TRUE,
  .installed = { DIAGNOSIS_KNOWN, TRUE },
  .socket = { DIAGNOSIS_KNOWN, TRUE },
  .listening = { DIAGNOSIS_KNOWN, TRUE },
  .running = { DIAGNOSIS_KNOWN, TRUE },
  .programs = DIAGNOSIS_KNOWN,
  .services = DIAGNOSIS_KNOWN,
  .tray = { DIAGNOSIS_KNOWN, TRUE },
  .notifications = { DIAGNOSIS_KNOWN, TRUE },
  .autostart = { DIAGNOSIS_KNOWN, TRUE },
};

World *
diagnosis_bench_make_well (void)
{
  Token *token = sample_token ("12345678", 200);

  token_get_primary (token)->chain = CERTIFICATE_CHAIN_TRUSTED;
  return sample_world (READER, token);
}

World *
diagnosis_bench_make_seen (const char *reader, ReaderState state, ErrorCode failure)
{
  g_autoptr (ReaderList) list = sample_readers (reader, state, 1);
  const WorldEvent event = { .kind = WORLD_EVENT_FAILURE, .reader = reader, .generation = 1, .failure = failure };
  World *world = sample_after (world_new (), (WorldEvent){ .kind = WORLD_EVENT_READERS, .readers = list });

  return failure != ERROR_NONE ? sample_after (world, event) : world;
}

Diagnosis *
diagnosis_bench_make (const DiagnosisFacts *facts, World *world, gint64 now, const GPtrArray *issuers)
{
  g_autoptr (World) owned = world;
  Rules rules = RULES_DEFAULT;
  g_autoptr (Judgement) judgement = NULL;
  g_autoptr (View) view = NULL;

  rules.built = SAMPLE_NOW - DAYS (1);
  rules.issuers = issuers;
  judgement = judge (owned, NULL, now, &rules);
  view = view_build (owned, judgement);
  return diagnosis_new (facts, view);
}

static const DiagnosisRow *
find_row (const Diagnosis *diagnosis, const char *layer)
{
  for (guint i = 0; i < diagnosis->rows->len; i++)
    if (strcmp (((DiagnosisRow *) diagnosis->rows->pdata[i])->layer, layer) == 0)
      return diagnosis->rows->pdata[i];
  g_error ("no row %s", layer);
}

void
diagnosis_bench_assert_row (const Diagnosis *diagnosis,
                            const char *layer,
                            DiagnosisState state,
                            const char *text,
                            const char *remedy)
{
  const DiagnosisRow *row = find_row (diagnosis, layer);
  g_autofree char *described = diagnosis_describe_remedy (row);

  g_assert_cmpstr (row->text, ==, text);
  g_assert_cmpstr (diagnosis_state_to_string (row->state), ==, diagnosis_state_to_string (state));
  g_assert_cmpstr (described, ==, remedy);
  g_assert_cmpint (row->label != NULL, ==, row->remedy != DIAGNOSIS_REMEDY_NONE);
}

void
diagnosis_bench_assert_found (const DiagnosisFacts *facts,
                              World *world,
                              const char *layer,
                              DiagnosisState state,
                              const char *text,
                              const char *remedy)
{
  g_autoptr (Diagnosis) diagnosis = diagnosis_bench_make (facts, world, SAMPLE_NOW, NULL);

  diagnosis_bench_assert_row (diagnosis, layer, state, text, remedy);
}
