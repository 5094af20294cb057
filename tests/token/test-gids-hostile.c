/* GIDS cards that lie in their files. What any card can do besides is in hostile-bench. */
#include <string.h>

#include "gids-bench.h"
#include "hex.h"
#include "hostile-bench.h"
#include "testcert.h"
#include "token/gids-file.h"

#define ALL    "kxc00 ksc01 kxc02"
#define OTHERS "ksc01 kxc02"

/* The cards */

static const GidsContainer three[] = {
  { GIDS_VALID | GIDS_DEFAULT, TRUE, "P-256", "Zhang San", FALSE },
  { GIDS_VALID, FALSE, "P-256", "张三", FALSE },
  { GIDS_VALID, TRUE, "P-256", "Zhang San", TRUE },
};

static void
fill_three (Bench *bench)
{
  gids_put_containers (bench->card, three, G_N_ELEMENTS (three));
}

static void
fill_extended (Bench *bench)
{
  vcard_set_extended (bench->card, true);
  fill_three (bench);
}

static const HostileFamily family = {
  .driver = &gids_driver,
  .cards = { { "three", fill_three }, { "extended", fill_extended } },
  .ins = 0xCB,
  .id = "kxc00",
  .others = OTHERS,
  .places = { GIDS_FIRST, GIDS_FIRST + 2, GIDS_TABLE, GIDS_MAP },
};

static void
init_three (Bench *bench)
{
  bench_init_family (bench, &gids_driver);
  fill_three (bench);
}

/* The answer with the table of files, tag and all. */
static const HostileObject tables[] = {
  { "no-data", GIDS_TABLE, "", "", "", "" },
  { "empty", GIDS_TABLE, "DF1F00", "", "", "" },
  { "without-tag", GIDS_TABLE, "01 6D736370", "", "certificates", "" },
  { "another-tag", GIDS_TABLE, "DF2005 0100000000", "", "certificates", "" },
  { "another-version", GIDS_TABLE, "DF1F01 02", "", "certificates", "" },
  { "version-alone", GIDS_TABLE, "DF1F01 01", "", "", "" },
  { "half-an-entry", GIDS_TABLE, "DF1F05 016D736370", "", "", "" },
  { "length-ffffffff", GIDS_TABLE, "DF1F84FFFFFFFF01", "", "certificates", "" },
  { "length-indefinite", GIDS_TABLE, "DF1F800100000000", "", "certificates", "" },
  { "length-of-five-bytes", GIDS_TABLE, "DF1F850000000001 01", "", "certificates", "" },
  { "cut", GIDS_TABLE, "DF1F820100 01", "", "certificates", "" },
  { "wrapped-twice", GIDS_TABLE, "DF1F04 DF1F01 01", "", "certificates", "" },
  { "tag-ffffff", GIDS_TABLE, "FFFFFFFFFFFF", "", "certificates", "" },
  { "zeroes", GIDS_TABLE, "0000000000", "", "certificates", "" },
};

/* The map of containers; where it says nothing, every certificate counts. */
static const HostileObject maps[] = {
  { "no-data", GIDS_MAP, "", ALL, "" },
  { "empty", GIDS_MAP, "DF2300", ALL, "" },
  { "without-tag", GIDS_MAP, "4142", ALL, "certificates" },
  { "half-a-container", GIDS_MAP, "DF2304 41004200", ALL, "" },
  { "length-ffffffff", GIDS_MAP, "DF2384FFFFFFFF41", ALL, "certificates" },
  { "another-tag", GIDS_MAP, "DF2404 41004200", ALL, "certificates" },
};

/* Anything at all that is larger than it may be. */
static const HostileObject large[] = {
  { "table", GIDS_TABLE, "DF1F82FDE8", "", "certificates", "", .large = TRUE },
  { "map", GIDS_MAP, "DF2382FDE8", ALL, "certificates", .large = TRUE },
  { "certificate", GIDS_FIRST, "DF2482FDE8", OTHERS, "kxc00", .large = TRUE },
  { "card-id", GIDS_CARD_ID, "DF2082FDE8", ALL, "cardid", "", .large = TRUE },
  { "pin", GIDS_PIN, "7F7182FDE8", ALL, "", .tries = PIN_UNKNOWN, .large = TRUE },
  { "puk", GIDS_PUK, "7F7382FDE8", ALL, "", .large = TRUE },
};

/* The first certificate is spoilt, the others are good and must be there. */
static const HostileObject certificates[] = {
  { "no-data", GIDS_FIRST, "", OTHERS, "" },
  { "empty", GIDS_FIRST, "DF2400", OTHERS, "" },
  { "a-byte", GIDS_FIRST, "DF240130", OTHERS, "kxc00" },
  { "header-alone", GIDS_FIRST, "DF2404 01000000", OTHERS, "kxc00" },
  { "half-a-header", GIDS_FIRST, "DF2403 010000", OTHERS, "kxc00" },
  { "another-packing", GIDS_FIRST, "DF2408 0200040030020500", OTHERS, "kxc00" },
  { "not-packed", GIDS_FIRST, "DF2408 0100040030020500", OTHERS, "kxc00" },
  { "pem", GIDS_FIRST, "DF240A 2D2D2D2D2D424547494E", OTHERS, "kxc00" },
  { "length-ffffffff", GIDS_FIRST, "DF2484FFFFFFFF3000", OTHERS, "kxc00" },
  { "length-of-der", GIDS_FIRST, "DF2406 3084FFFFFFFF", OTHERS, "kxc00" },
  { "another-tag", GIDS_FIRST, "DF250130", OTHERS, "kxc00" },
};

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
      g_autoptr (GByteArray) bytes = hex_to_bytes (cases[i].hex);
      g_auto (Bench) bench;
      g_autoptr (Token) token = NULL;

      init_three (&bench);
      g_assert_true (vcard_put_object (bench.card, NULL, GIDS_PUK, bytes->data, bytes->len, TRUE));
      token = bench_read (&bench);
      g_assert_cmpint (token_find_pin (token, "user")->unlock, ==, cases[i].unlock);
      g_assert_cmpint (token_find_pin (token, "user")->unlock_tries_left, ==, cases[i].tries);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  hostile_bench_add_objects (&family, "table", tables, G_N_ELEMENTS (tables));
  hostile_bench_add_objects (&family, "map", maps, G_N_ELEMENTS (maps));
  hostile_bench_add_objects (&family, "certificate", certificates, G_N_ELEMENTS (certificates));
  hostile_bench_add_objects (&family, "large", large, G_N_ELEMENTS (large));
  g_test_add_func ("/gids-hostile/entry", test_entry);
  g_test_add_func ("/gids-hostile/cut-map", test_cut_map);
  g_test_add_func ("/gids-hostile/packing", test_packing);
  g_test_add_func ("/gids-hostile/bomb", test_bomb);
  g_test_add_func ("/gids-hostile/many", test_many);
  g_test_add_func ("/gids-hostile/puk", test_puk);
  hostile_bench_add_tests (&family);
  return g_test_run ();
}
