/* The state file: that it comes back as it was, and all that can be wrong with what is in it. */
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "store-bench.h"

#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* ---- the good file ---- */

static void
test_round_trip (void)
{
  static const guint sizes[] = { 0, 1, 2, 7, MEMORY_MAX_CERTIFICATES };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Memory) memory = store_bench_make_memory (sizes[i]);
      g_autoptr (Memory) back = NULL;

      store_bench_save (memory);
      back = store_bench_load ();
      g_assert_true (memory_is_same (memory, back));
    }
  g_assert_cmpuint (store_bench_count_files (), ==, 1);
}

/* All that fits into a memory fits into the file, however hostile the texts in it. */
static void
test_fullest (void)
{
  g_autoptr (GString) wide = g_string_new (NULL);
  g_autoptr (Memory) memory = memory_new ();
  g_autoptr (Memory) back = NULL;
  g_autofree char *contents = NULL;

  for (guint i = 0; i < 300; i++)
    g_string_append (wide, "\xf0\x9f\x98\x80");
  for (guint i = 0; i < MEMORY_MAX_CERTIFICATES; i++)
    {
      g_autofree char *number = g_strdup_printf ("%u", i);
      g_autofree char *fingerprint = g_compute_checksum_for_string (G_CHECKSUM_SHA256, number, -1);

      g_ptr_array_add (memory->certificates, memory_certificate_new (fingerprint, wide->str, wide->str, wide->str,
                                                                     G_GINT64_CONSTANT (253402300799)));
    }
  for (guint i = 0; i < MEMORY_MAX_MARKS; i++)
    {
      g_autofree char *id = g_strdup_printf ("%0160u", i);

      g_ptr_array_add (memory->marks, memory_mark_new (id, G_MAXINT64, G_MAXINT64));
      g_assert_cmpuint (strlen (((MemoryMark *) memory->marks->pdata[i])->id), ==, 160);
    }
  store_bench_save (memory);
  contents = store_bench_get (store_bench.path);
  g_test_message ("%zu bytes", strlen (contents));
  g_assert_cmpuint (strlen (contents), <=, 1024 * 1024);
  back = store_bench_load ();
  g_assert_true (memory_is_same (memory, back));
}

/* The file that this version writes is the one that later versions find. */
static void
test_contents (void)
{
  g_autoptr (Memory) memory = memory_new ();
  g_autofree char *contents = NULL;

  g_ptr_array_add (memory->certificates,
                   memory_certificate_new (PRINT, "张三 11010519900307123X · 北京", "CN=CA", "O=CA", STORE_BENCH_NOW));
  g_ptr_array_add (memory->certificates, memory_certificate_new (PRINT, NULL, NULL, NULL, -1));
  g_ptr_array_add (memory->marks, memory_mark_new ("expiring:1:90", STORE_BENCH_NOW, 0));
  g_ptr_array_add (memory->marks, memory_mark_new ("expiring:2:90", STORE_BENCH_NOW, STORE_BENCH_NOW + 1));
  store_bench_save (memory);
  contents = store_bench_get (store_bench.path);
  g_assert_cmpstr (contents, ==,
                   "{\"version\":1,\"certificates\":["
                   "{\"sha256\":\"" PRINT "\",\"label\":\"张三 ··············123X · 北京\","
                   "\"issuer\":\"CN=CA\",\"profile\":\"O=CA\",\"not_after\":1800000000},"
                   "{\"sha256\":\"" PRINT "\",\"label\":\"\",\"not_after\":-1}],"
                   "\"shown\":[{\"id\":\"expiring:1:90\",\"shown\":1800000000},"
                   "{\"id\":\"expiring:2:90\",\"shown\":1800000000,\"snoozed_until\":1800000001}]}");
}

/* Nobody else may read it, whatever was there before and whatever the process hands out otherwise. */
static void
test_mode (void)
{
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autofree char *parent = g_build_filename (store_bench.folder, "a", NULL),
                  *child = g_build_filename (parent, "b", NULL);
  g_autofree char *deep = g_build_filename (child, "state.json", NULL);
  g_autoptr (Store) store = store_new (deep);
  mode_t mask = umask (0);
  GStatBuf status;

  store_save (store, one);
  g_assert_cmpint (g_stat (parent, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpint (g_stat (child, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0700);
  g_assert_cmpint (g_stat (deep, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);

  g_assert_cmpint (g_chmod (deep, 0666), ==, 0);
  store_save (store, two);
  g_assert_cmpint (g_stat (deep, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 07777, ==, 0600);
  umask (mask);
}

static void
test_default_place (void)
{
  g_autofree char *own = g_build_filename (g_get_user_state_dir (), "cert-assistant", "state.json", NULL);
  g_autoptr (Store) store = store_new (NULL);
  g_autoptr (Memory) memory = store_bench_make_memory (1);

  store_save (store, memory);
  g_assert_true (g_file_test (own, G_FILE_TEST_IS_REGULAR));
  g_unlink (own);
}

static void
test_nothing_to_write (void)
{
  g_autoptr (Store) store = store_new (store_bench.path);
  g_autoptr (Memory) empty = store_load (store);
  g_autoptr (Memory) nothing = memory_new ();
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) alike = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autoptr (Store) again = store_new (store_bench.path);
  g_autoptr (Memory) loaded = NULL;
  GStatBuf before, after;

  store_save (store, empty);
  store_save (store, nothing);
  g_assert_cmpuint (store_bench_count_files (), ==, 0);

  store_save (store, one);
  g_assert_cmpint (g_stat (store_bench.path, &before), ==, 0);
  store_save (store, one);
  store_save (store, alike);
  loaded = store_load (again);
  store_save (again, loaded);
  store_save (again, alike);
  g_assert_cmpint (g_stat (store_bench.path, &after), ==, 0);
  g_assert_cmpint (before.st_ino, ==, after.st_ino);
  g_assert_cmpint (before.st_mtim.tv_sec, ==, after.st_mtim.tv_sec);
  g_assert_cmpint (before.st_mtim.tv_nsec, ==, after.st_mtim.tv_nsec);

  store_save (store, two);
  g_assert_cmpint (g_stat (store_bench.path, &after), ==, 0);
  g_assert_cmpint (before.st_ino, !=, after.st_ino);
  g_assert_cmpuint (store_bench_count_files (), ==, 1);
}

/* ---- the store_bench.damaged file ---- */

/* None of them is a state file. */
static const struct
{
  const char *contents;
  gssize length;
} damages[] = {
  { "", 0 },
  { "\0\0\0\0", 4 },
  { "\n", -1 },
  { "rubbish", -1 },
  { "\xef\xbb\xbf" STORE_BENCH_EMPTY, -1 },
  { STORE_BENCH_EMPTY "\0", sizeof STORE_BENCH_EMPTY },
  { STORE_BENCH_EMPTY "}", -1 },
  { "[" STORE_BENCH_EMPTY "]", -1 },
  { "null", -1 },
  { "1", -1 },
  { "\"version\"", -1 },
  { "{}", -1 },
  { "{\"version\":1}", -1 },
  { "{\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":0,\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":-2,\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":\"1\",\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":1.0,\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":1e400,\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":true,\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":[1],\"certificates\":[],\"shown\":[]}", -1 },
  { "{\"version\":1,\"certificates\":{},\"shown\":[]}", -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":1}", -1 },
  { "{\"version\":1,\"certificates\":null,\"shown\":[]}", -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":[\"\xff\"]}", -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":[\"\xed\xa0\x80\"]}", -1 },
  { "{\"version\":1,\"certificates\":[],/* \" */\"shown\":[]}", -1 },
  { "{'version':1,'certificates':[],'shown':[]}", -1 },
  { "var a = " STORE_BENCH_EMPTY, -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":[", -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":[]", -1 },
  { "{\"version\":1 \"certificates\":[] \"shown\":[]}", -1 },
  { "{\"version\":1,\"certificates\":[],\"shown\":[\"\\", -1 },
};

static void
test_damaged (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (damages); i++)
    {
      g_autoptr (Memory) memory = NULL;
      GStatBuf status;

      store_bench_put (damages[i].contents, damages[i].length);
      store_bench_expect_warning ("*/state.json is moved aside: no state file");
      memory = store_bench_load ();
      store_bench_assert_no_news ();
      g_assert_cmpuint (memory->certificates->len + memory->marks->len, ==, 0);
      g_assert_false (g_file_test (store_bench.path, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_stat (store_bench.damaged, &status), ==, 0); /* the last one, instead of the one before */
      g_assert_cmpint (status.st_size, ==,
                       damages[i].length < 0 ? (gssize) strlen (damages[i].contents) : damages[i].length);
    }
  g_assert_cmpuint (store_bench_count_files (), ==, 1);
}

/* It ends anywhere. */
static void
test_truncated (void)
{
  g_autoptr (Memory) memory = store_bench_make_memory (2);
  g_autofree char *whole = NULL;
  gsize length;

  store_bench_save (memory);
  whole = store_bench_get (store_bench.path);
  length = strlen (whole);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (Memory) loaded = NULL;

      store_bench_put (whole, (gssize) i);
      store_bench_expect_warning ("*/state.json is moved aside: no state file");
      loaded = store_bench_load ();
      store_bench_assert_no_news ();
      g_assert_cmpuint (loaded->certificates->len + loaded->marks->len, ==, 0);
    }
}

static gboolean
is_fatal (const char *domain, GLogLevelFlags level, const char *message G_GNUC_UNUSED, gpointer data G_GNUC_UNUSED)
{
  return !(level & G_LOG_LEVEL_WARNING) || g_strcmp0 (domain, G_LOG_DOMAIN) != 0;
}

static void
ignore (const char *domain G_GNUC_UNUSED,
        GLogLevelFlags level G_GNUC_UNUSED,
        const char *message G_GNUC_UNUSED,
        gpointer data G_GNUC_UNUSED)
{
}

/* Whatever stands in it, what is loaded can be saved and comes back. */
static void
test_random (void)
{
  static const char spice[] = "{}[]:,\"\\\0\xff ue01d8-.\n/";
  g_autoptr (GRand) random = g_rand_new_with_seed (4);
  g_autoptr (Memory) memory = store_bench_make_memory (3);
  g_autofree char *whole = NULL;
  guint handler = g_log_set_handler (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, ignore, NULL),
        n_accepted = 0;
  gsize length;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  store_bench_save (memory);
  whole = store_bench_get (store_bench.path);
  length = strlen (whole);
  for (int i = 0; i < 3000; i++)
    {
      g_autofree char *copy = g_memdup2 (whole, length);
      g_autoptr (Memory) loaded = NULL;
      g_autoptr (Memory) back = NULL;

      for (int j = g_rand_int_range (random, 1, 4); j > 0; j--)
        copy[g_rand_int_range (random, 0, (int) length)] = spice[g_rand_int_range (random, 0, sizeof spice - 1)];
      store_bench_put (copy, (gssize) length);
      loaded = store_bench_load ();
      n_accepted += loaded->certificates->len > 0;
      g_unlink (store_bench.path);
      store_bench_save (loaded);
      back = store_bench_load ();
      g_assert_true (memory_is_same (loaded, back));
    }
  g_test_message ("%u of 3000 accepted", n_accepted);
  g_assert_cmpuint (n_accepted, >, 100);
  g_log_remove_handler (G_LOG_DOMAIN, handler);
  g_test_log_set_fatal_handler (NULL, NULL);
}

/* As much as may be, of what a parser likes least. */
static void
test_large (void)
{
  static const char *const patterns[] = {
    "[", "{\"a\":", "\"", "\\", "9", "[1,", "\xf0\x9f\x98\x80", "\"\\ud800\"", "/*\"*/[", "{\"version\":1,", "-", " ",
  };
  g_autoptr (GTimer) timer = g_timer_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (patterns); i++)
    for (int beyond = 0; beyond < 2; beyond++)
      {
        g_autoptr (GString) contents = g_string_new (NULL);
        g_autoptr (Memory) memory = NULL;

        while (contents->len < 1024 * 1024)
          g_string_append (contents, patterns[i]);
        g_string_truncate (contents, 1024 * 1024);
        if (beyond)
          g_string_append (contents, " ");
        store_bench_put (contents->str, (gssize) contents->len);
        store_bench_expect_warning (beyond ? "*/state.json is moved aside: more than 1048576 bytes"
                                           : "*/state.json is moved aside: no state file");
        memory = store_bench_load ();
        store_bench_assert_no_news ();
      }
  g_assert_cmpfloat (g_timer_elapsed (timer, NULL), <, 60);
}

/* A good file with bad parts: they are left out, and texts are made fit to show. */
static void
test_parts (void)
{
  static const char contents[] =
    "{\"version\":1,\"more\":{\"a\":[null]},\"certificates\":[1,null,\"a\",[],{},"
    "{\"sha256\":\"" PRINT "\"},"
    "{\"sha256\":\"" PRINT "\",\"not_after\":\"1\"},"
    "{\"sha256\":\"" PRINT "\",\"not_after\":1e300},"
    "{\"sha256\":\"" PRINT "\",\"not_after\":253402300800},"
    "{\"sha256\":\"../../etc/passwd\",\"not_after\":1},"
    "{\"sha256\":1,\"not_after\":1},"
    "{\"sha256\":\"" PRINT "\",\"label\":\"a\\u202e\\nb 123456789012345\",\"issuer\":[],\"profile\":3,\"not_after\":7},"
    "{\"sha256\":\"" PRINT "\",\"label\":\"again\",\"not_after\":8}],"
    "\"shown\":[{},{\"id\":\"\"},{\"id\":1},{\"id\":\"\\u0000\"},"
    "{\"id\":\"a\",\"shown\":-5,\"snoozed_until\":99999999999999999},"
    "{\"id\":\"a\",\"shown\":6},{\"id\":\"b\",\"shown\":null,\"snoozed_until\":1.5}]}";
  g_autoptr (Memory) memory = NULL;
  const MemoryCertificate *certificate;
  const MemoryMark *mark;

  store_bench_put (contents, -1);
  memory = store_bench_load ();
  g_assert_cmpuint (memory->certificates->len, ==, 1);
  certificate = memory->certificates->pdata[0];
  g_assert_cmpstr (certificate->label, ==, "a b ···········2345");
  g_assert_null (certificate->issuer);
  g_assert_null (certificate->profile);
  g_assert_cmpint (certificate->not_after, ==, 7);

  g_assert_cmpuint (memory->marks->len, ==, 2);
  mark = memory->marks->pdata[0];
  g_assert_cmpstr (mark->id, ==, "a");
  g_assert_cmpint (mark->shown, ==, 0);
  g_assert_cmpint (mark->snoozed_until, ==, G_GINT64_CONSTANT (253402300799));
  mark = memory->marks->pdata[1];
  g_assert_cmpstr (mark->id, ==, "b");
  g_assert_cmpint (mark->snoozed_until, ==, 0);
}

/* More of them than may be. */
static void
test_crowd (void)
{
  g_autoptr (GString) contents = g_string_new ("{\"version\":1,\"certificates\":[");
  g_autoptr (Memory) memory = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append_printf (contents, "%s{\"sha256\":\"%064x\",\"not_after\":1}", i > 0 ? "," : "", i);
  g_string_append (contents, "],\"shown\":[");
  for (guint i = 0; i < 5000; i++)
    g_string_append_printf (contents, "%s{\"id\":\"%u\"}", i > 0 ? "," : "", i);
  g_string_append (contents, "]}");
  store_bench_put (contents->str, -1);
  memory = store_bench_load ();
  g_assert_cmpuint (memory->certificates->len, ==, MEMORY_MAX_CERTIFICATES);
  g_assert_cmpuint (memory->marks->len, ==, MEMORY_MAX_MARKS);
}

static void
test_later_version (void)
{
  static const char *const files[] = {
    "{\"version\":2}",
    "{\"version\":2,\"certificates\":[],\"shown\":[]}",
    "{\"version\":9223372036854775807,\"certificates\":{\"a\":[[[[[[[[1]]]]]]]]}}",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (Store) store = store_new (store_bench.path);
      g_autoptr (Store) blind = store_new (store_bench.path);
      g_autoptr (Memory) one = store_bench_make_memory (1);
      g_autoptr (Memory) memory = NULL;
      g_autofree char *after = NULL;
      GStatBuf before, then;

      store_bench_put (files[i], -1);
      g_assert_cmpint (g_stat (store_bench.path, &before), ==, 0);
      store_bench_expect_warning ("*/state.json is left as it is: it is of a later version");
      store_bench_expect_warning ("*/state.json is left as it is: it is of a later version");
      memory = store_load (store);
      g_assert_cmpuint (memory->certificates->len, ==, 0);
      store_save (store, one);
      store_save (store, memory);
      store_save (blind, one); /* without having asked what there is */
      store_bench_assert_no_news ();
      after = store_bench_get (store_bench.path);
      g_assert_cmpstr (after, ==, files[i]);
      g_assert_cmpint (g_stat (store_bench.path, &then), ==, 0);
      g_assert_cmpint (before.st_ino, ==, then.st_ino);
      g_assert_cmpuint (store_bench_count_files (), ==, 1);
    }
}

int
main (int argc, char **argv)
{
  static const StoreBenchTest tests[] = {
    { "/store/round-trip", test_round_trip },
    { "/store/fullest", test_fullest },
    { "/store/contents", test_contents },
    { "/store/mode", test_mode },
    { "/store/default-place", test_default_place },
    { "/store/nothing-to-write", test_nothing_to_write },
    { "/store/damaged", test_damaged },
    { "/store/truncated", test_truncated },
    { "/store/random", test_random },
    { "/store/large", test_large },
    { "/store/parts", test_parts },
    { "/store/crowd", test_crowd },
    { "/store/later-version", test_later_version },
    { NULL },
  };

  return store_bench_run (argc, argv, tests);
}
