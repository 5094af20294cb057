/* GIDS cards that lie, go on for ever or go away: whatever they do, the reading ends, no PIN goes out, and one bad
 * place hides nothing. */
#include <string.h>

#include "gids-bench.h"
#include "hex.h"
#include "testcert.h"
#include "token/gids-file.h"

#define MAX_APDUS 64
#define ALL       "kxc00 ksc01 kxc02"

static const GidsContainer three[] = {
  { GIDS_VALID | GIDS_DEFAULT, TRUE, "P-256", "Zhang San", FALSE },
  { GIDS_VALID, FALSE, "P-256", "张三", FALSE },
  { GIDS_VALID, TRUE, "P-256", "Zhang San", TRUE },
};

static void
init_three (Bench *bench)
{
  bench_init_family (bench, &gids_driver);
  gids_put_containers (bench->card, three, G_N_ELEMENTS (three));
}

static void
put_raw_hex (Bench *bench, guint32 place, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  g_assert_true (vcard_put_object (bench->card, "gids", place, bytes->data, bytes->len, TRUE));
}

/* The answer with the table of files, tag and all. */
static const struct
{
  const char *name, *hex;
  const char *unreadable;
} tables[] = {
  { "no-data", "", "" },
  { "empty", "DF1F00", "" },
  { "without-tag", "01 6D736370", "masterfile" },
  { "another-tag", "DF2005 0100000000", "masterfile" },
  { "another-version", "DF1F01 02", "masterfile" },
  { "version-alone", "DF1F01 01", "" },
  { "half-an-entry", "DF1F05 016D736370", "" },
  { "length-ffffffff", "DF1F84FFFFFFFF01", "masterfile" },
  { "length-indefinite", "DF1F800100000000", "masterfile" },
  { "length-of-five-bytes", "DF1F850000000001 01", "masterfile" },
  { "cut", "DF1F820100 01", "masterfile" },
  { "wrapped-twice", "DF1F04 DF1F01 01", "masterfile" },
  { "tag-ffffff", "FFFFFFFFFFFF", "masterfile" },
  { "zeroes", "0000000000", "masterfile" },
};

static void
test_table (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  put_raw_hex (&bench, GIDS_TABLE, tables[i].hex);
  token = bench_read (&bench);
  bench_assert_ids (token, "", tables[i].unreadable);
  g_assert_cmpint (token_find_pin (token, "user")->tries_left, ==, 3);
  g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
}

/* One entry beside three good ones. */
static const struct
{
  const char *directory, *name;
  guint32 place;
  const char *certificates, *unreadable;
} entries[] = {
  { "mscp", "kxc00", GIDS_FIRST + 1, ALL, "" }, /* twice: the first counts */
  { "mscp", "kxc03", GIDS_FIRST, ALL, "" },     /* of no container */
  { "mscp", "ksc00", GIDS_FIRST + 9, ALL, "" }, /* not there */
  { "mscp", "ksc00", 0xA0100000, ALL, "" },
  { "mscp", "ksc00", GIDS_MAP, ALL, "ksc00" },
  { "mscp", "ksc0", GIDS_FIRST, ALL, "" },
  { "mscp", "ksc0G", GIDS_FIRST, ALL, "" },
  { "mscp", "ksc000", GIDS_FIRST, ALL, "" },
  { "mscp", "kac00", GIDS_FIRST, ALL, "" },
  { "mscp", "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", GIDS_FIRST, ALL, "" },
  { "mscpmscpm", "ksc00", GIDS_FIRST, ALL, "" },
  { "", "ksc00", GIDS_FIRST, ALL, "" },
  { "mscp", "KSC00", GIDS_FIRST, "kxc00 ksc00 ksc01 kxc02", "" },
};

static void
test_entry (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (entries); i++)
    {
      g_autoptr (GByteArray) table = gids_make_table ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      gids_append_entry (table, "mscp", "kxc00", GIDS_FIRST);
      gids_append_entry (table, "mscp", "ksc01", GIDS_FIRST + 1);
      gids_append_entry (table, "mscp", "kxc02", GIDS_FIRST + 2);
      gids_append_entry (table, entries[i].directory, entries[i].name, entries[i].place);
      gids_put (bench.card, GIDS_TABLE, table);
      token = bench_read (&bench);
      bench_assert_ids (token, entries[i].certificates, entries[i].unreadable);
    }
}

/* The map of containers; where it says nothing, every certificate counts. */
static const struct
{
  const char *name, *hex;
  const char *certificates, *unreadable;
} maps[] = {
  { "no-data", "", ALL, "" },
  { "empty", "DF2300", ALL, "" },
  { "without-tag", "4142", ALL, "cmapfile" },
  { "half-a-container", "DF2304 41004200", ALL, "" },
  { "length-ffffffff", "DF2384FFFFFFFF41", ALL, "cmapfile" },
  { "another-tag", "DF2404 41004200", ALL, "cmapfile" },
};

static void
test_map (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  put_raw_hex (&bench, GIDS_MAP, maps[i].hex);
  token = bench_read (&bench);
  bench_assert_ids (token, maps[i].certificates, maps[i].unreadable);
}

/* A map that the table does not have, and one that is cut at every byte. */
static void
test_cut_map (void)
{
  for (gsize n = 0; n <= 3 * 86; n++)
    {
      g_autoptr (GByteArray) map = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      for (gsize i = 0; i < 3; i++)
        gids_append_container (map, GIDS_VALID, TRUE);
      g_byte_array_set_size (map, (guint) n);
      gids_put (bench.card, GIDS_MAP, map);
      token = bench_read (&bench);
      bench_assert_ids (token, n < 86 || n == 3 * 86 ? ALL : n < 2 * 86 ? "kxc00" : "kxc00 ksc01", "");
    }
}

/* Certificates: the first is spoilt, the others are good and must be there. */

static const struct
{
  const char *name, *hex;
  const char *certificates, *unreadable;
} certificates[] = {
  { "no-data", "", "ksc01 kxc02", "" },
  { "empty", "DF2400", "ksc01 kxc02", "" },
  { "a-byte", "DF240130", "ksc01 kxc02", "kxc00" },
  { "header-alone", "DF2404 01000000", "ksc01 kxc02", "kxc00" },
  { "half-a-header", "DF2403 010000", "ksc01 kxc02", "kxc00" },
  { "another-packing", "DF2408 0200040030020500", "ksc01 kxc02", "kxc00" },
  { "not-packed", "DF2408 0100040030020500", "ksc01 kxc02", "kxc00" },
  { "pem", "DF240A 2D2D2D2D2D424547494E", "ksc01 kxc02", "kxc00" },
  { "length-ffffffff", "DF2484FFFFFFFF3000", "ksc01 kxc02", "kxc00" },
  { "length-of-der", "DF2406 3084FFFFFFFF", "ksc01 kxc02", "kxc00" },
  { "another-tag", "DF250130", "ksc01 kxc02", "kxc00" },
};

static void
test_certificate (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  init_three (&bench);
  put_raw_hex (&bench, GIDS_FIRST, certificates[i].hex);
  token = bench_read (&bench);
  bench_assert_ids (token, certificates[i].certificates, certificates[i].unreadable);
  g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
}

/* What is packed is unpacked within bounds, and only as long as it says. */
static void
test_packing (void)
{
  g_autoptr (GByteArray) der = testcert_make ("P-256", "Zhang San");
  g_autoptr (GByteArray) packed = gids_pack (der);
  g_autofree guint8 *zeroes = g_malloc0 (60 * 1000 * 1000);
  g_autoptr (GByteArray) whole = g_byte_array_new_take (g_steal_pointer (&zeroes), 60 * 1000 * 1000);
  g_autoptr (GByteArray) bomb = gids_pack (whole);
  g_autoptr (Certificate) certificate = gids_file_parse_certificate (packed->data, packed->len, NULL);

  g_assert_nonnull (certificate);
  g_assert_null (gids_file_parse_certificate (bomb->data, bomb->len, NULL));
  for (guint n = 0; n < packed->len; n++)
    {
      g_autofree guint8 *part = g_memdup2 (packed->data, n);

      g_assert_null (gids_file_parse_certificate (part, n, NULL));
    }
  for (gsize i = 0; i < 4; i++)
    {
      packed->data[i] ^= 0x01;
      g_assert_null (gids_file_parse_certificate (packed->data, packed->len, NULL));
      packed->data[i] ^= 0x01;
    }
}

static void
test_bomb (void)
{
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  g_autoptr (GByteArray) bomb = NULL;
  g_auto (Bench) bench;
  g_autoptr (Token) token = NULL;

  g_byte_array_set_size (whole, 10 * 1000 * 1000);
  memset (whole->data, 0, whole->len);
  bomb = gids_pack (whole);
  g_assert_cmpuint (bomb->len, <, 16000);
  init_three (&bench);
  vcard_set_extended (bench.card, true);
  gids_put (bench.card, GIDS_FIRST, bomb);
  token = bench_read (&bench);
  bench_assert_ids (token, "ksc01 kxc02", "kxc00");
}

/* As many entries as fit, all of certificates that are good; more than any token has, and then more than is read. */
static void
test_many (void)
{
  static const gsize sizes[] = { 70, 200, 500, 1000 };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (GByteArray) table = gids_make_table (), map = g_byte_array_new ();
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      vcard_set_extended (bench.card, true);
      for (gsize j = 0; j < sizes[i]; j++)
        {
          g_autofree char *name = g_strdup_printf ("%s%02zX", j & 1 ? "kxc" : "ksc", j / 2 & 0xFF);

          gids_append_entry (table, "mscp", name, GIDS_FIRST);
          gids_append_container (map, GIDS_VALID, TRUE);
        }
      gids_put (bench.card, GIDS_TABLE, table);
      if (sizes[i] >= 100)
        g_byte_array_set_size (map, 0);
      gids_put (bench.card, GIDS_MAP, map);
      token = bench_read (&bench);
      g_assert_nonnull (token);
      g_assert_cmpuint (token->certificates->len, ==, sizes[i] * 28 < 16000 ? TOKEN_MAX_CERTIFICATES : 0);
      g_assert_cmpuint (bench.n_sent, <=, CHANNEL_MAX_APDUS);
    }
}

static void
test_large_objects (void)
{
  static const guint32 places[] = { GIDS_TABLE, GIDS_MAP, GIDS_FIRST, GIDS_CARD_ID, GIDS_PIN, GIDS_PUK };
  g_autoptr (GByteArray) large = g_byte_array_new ();

  g_byte_array_set_size (large, 65000);
  memset (large->data, 0x01, large->len);
  for (int extended = 0; extended <= 1; extended++)
    for (gsize i = 0; i < G_N_ELEMENTS (places); i++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_set_extended (bench.card, extended);
        gids_put (bench.card, places[i], large);
        token = bench_read (&bench);
        g_assert_nonnull (token);
        g_assert_cmpuint (token->certificates->len, ==, places[i] == GIDS_TABLE ? 0 : places[i] == GIDS_FIRST ? 2 : 3);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
      }
}

/* The state of the PUK */
static void
test_puk (void)
{
  static const struct
  {
    const char *hex;
    PinUnlock unlock;
    int tries;
  } cases[] = {
    { "7F7106 970103 930103", PIN_UNLOCK_ADMIN, PIN_UNKNOWN }, { "7F7300", PIN_UNLOCK_ADMIN, PIN_UNKNOWN },
    { "7F7384FFFFFFFF", PIN_UNLOCK_ADMIN, PIN_UNKNOWN },       { "7F7303 9701FF", PIN_UNLOCK_PUK, 255 },
    { "7F7303 970100", PIN_UNLOCK_ADMIN, PIN_UNKNOWN },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      put_raw_hex (&bench, GIDS_PUK, cases[i].hex);
      token = bench_read (&bench);
      g_assert_cmpint (token_find_pin (token, "user")->unlock, ==, cases[i].unlock);
      g_assert_cmpint (token_find_pin (token, "user")->unlock_tries_left, ==, cases[i].tries);
    }
}

/* Answers of all kinds, from the APDU number k on and to that one alone. */

static const struct
{
  const char *name;
  gsize n_data;
  const char *end;
} answers[] = {
  { "more-without-end", 256, "6100" },
  { "more-but-nothing", 0, "6100" },
  { "wrong-length-00", 0, "6C00" },
  { "failure", 0, "6F00" },
  { "success-without-data", 0, "9000" },
  { "a-byte", 0, "90" },
  { "nothing", 0, "" },
  { "65535-bytes", 65533, "9000" },
  { "refused", 0, "6982" },
  { "no-such-object", 0, "6A88" },
  { "no-instruction", 0, "6D00" },
  { "wrong-length-67", 0, "6700" },
  { "zeroes", 200, "9000" },
  { "rubbish", 0, "DF1F 82 70 00 AA BB 9000" },
  { "zero-status", 0, "0000" },
  { "ones", 0, "FFFF" },
};

static void
spoil (Bench *bench, gsize i, guint from, guint until)
{
  g_autofree guint8 *zeroes = g_malloc0 (answers[i].n_data + 1);

  bench->spoilt = g_byte_array_new ();
  g_byte_array_append (bench->spoilt, zeroes, (guint) answers[i].n_data);
  hex_append (bench->spoilt, answers[i].end);
  bench->spoil_from = from;
  bench->spoil_until = until;
}

static void
test_answer (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  guint n_most = 0;

  for (int extended = 0; extended <= 1; extended++)
    for (guint k = 0; k <= 16; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        vcard_set_extended (bench.card, extended);
        spoil (&bench, i, k, G_MAXUINT);
        token = bench_read (&bench);

        /* Saying the same to everything makes no GIDS card of it. */
        g_assert_true (k == 0 ? token == NULL : token != NULL || bench.error != NULL);
        if (bench.error != NULL && !g_error_matches (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN))
          g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE);
        g_assert_cmpuint (bench.n_sent, <=, MAX (MAX_APDUS, k + CHANNEL_MAX_FAULTS * (1 + CHANNEL_MAX_PARTS)));
        n_most = MAX (n_most, bench.n_sent);
      }
  g_test_message ("at most %u APDUs", n_most);
}

static void
test_one_answer (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    for (guint k = 0; k < 14; k++)
      {
        g_auto (Bench) bench;
        g_autoptr (Token) token = NULL;

        init_three (&bench);
        spoil (&bench, i, k, k + 1);
        token = bench_read (&bench);
        g_assert_no_error (bench.error);
        g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
        if (k > 0)
          g_assert_nonnull (token);
      }
}

static void
test_endless (void)
{
  static const char *const kinds[] = { "61", "61-empty", "6c", "grow" };

  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      g_assert_true (vcard_fault_endless (bench.card, kinds[i]));
      token = bench_read (&bench);
      g_assert_null (token);
      g_assert_cmpuint (bench.n_sent, <=, MAX_APDUS);
    }
}

/* The token, the reader or the service goes away at every APDU; afterwards everything would be well again. */
static void
test_loss_anywhere (void)
{
  static const ErrorCode losses[] = { ERROR_TOKEN_REMOVED, ERROR_TOKEN_RESET,     ERROR_READER_GONE,
                                      ERROR_READER_BUSY,   ERROR_SERVICE_STOPPED, ERROR_TOKEN_SILENT };

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) whole = NULL;
      guint n_whole;

      init_three (&bench);
      whole = bench_read (&bench);
      n_whole = bench.n_sent;
      g_assert_nonnull (whole);

      bench.failure = losses[i];
      for (guint k = 0; k < n_whole; k++)
        {
          g_autoptr (Token) token = NULL;

          bench.spoil_from = k;
          bench.spoil_until = k + 1;
          token = bench_read (&bench);
          g_assert_null (token);
          g_assert_cmpuint (bench.n_sent, ==, k + 1);
          if (k > 0)
            g_assert_error (bench.error, ASSISTANT_ERROR, (int) losses[i]);
        }
    }
}

/* Nothing is invented: what says 9000 to SELECT must have something of GIDS, or name it there. */
static void
test_evidence (void)
{
  static const guint8 yes[] = { 0x90, 0x00 };

  for (int all = 0; all <= 1; all++)
    {
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      vcard_fault_answer (bench.card, (VCardMatch){ VCARD_ANY, all ? VCARD_ANY : 0xCB }, yes, sizeof yes,
                          VCARD_FOREVER);
      token = bench_read (&bench);
      g_assert_cmpint (token != NULL, ==, !all);
      g_assert_cmpuint (bench.n_reports, ==, 0);
      if (all)
        g_assert_error (bench.error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    bench_add_table ("/gids-hostile/table/", tables[i].name, i, test_table);
  g_test_add_func ("/gids-hostile/entry", test_entry);
  for (gsize i = 0; i < G_N_ELEMENTS (maps); i++)
    bench_add_table ("/gids-hostile/map/", maps[i].name, i, test_map);
  g_test_add_func ("/gids-hostile/cut-map", test_cut_map);
  for (gsize i = 0; i < G_N_ELEMENTS (certificates); i++)
    bench_add_table ("/gids-hostile/certificate/", certificates[i].name, i, test_certificate);
  g_test_add_func ("/gids-hostile/packing", test_packing);
  g_test_add_func ("/gids-hostile/bomb", test_bomb);
  g_test_add_func ("/gids-hostile/many", test_many);
  g_test_add_func ("/gids-hostile/large-objects", test_large_objects);
  g_test_add_func ("/gids-hostile/puk", test_puk);
  for (gsize i = 0; i < G_N_ELEMENTS (answers); i++)
    bench_add_table ("/gids-hostile/answer/", answers[i].name, i, test_answer);
  g_test_add_func ("/gids-hostile/one-answer", test_one_answer);
  g_test_add_func ("/gids-hostile/endless", test_endless);
  g_test_add_func ("/gids-hostile/loss-anywhere", test_loss_anywhere);
  g_test_add_func ("/gids-hostile/evidence", test_evidence);
  return g_test_run ();
}
