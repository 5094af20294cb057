/* The state file: that it comes back as it was, and all that can be wrong with it, its folder and the disk. Each test
 * has an empty folder of its own. */
#include "engine/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW   G_GINT64_CONSTANT (1800000000)
#define EMPTY "{\"version\":1,\"certificates\":[],\"shown\":[]}"
#define PRINT "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static char *folder, *path, *damaged;

/* ---- help ---- */

static void
put (const char *contents, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, contents, length, &error);
  g_assert_no_error (error);
}

/* What is in NAME, or NULL. */
static char *
get (const char *name)
{
  char *contents = NULL;

  g_file_get_contents (name, &contents, NULL, NULL);
  return contents;
}

static void
expect_warning (const char *pattern)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, pattern);
}

/* A memory of N certificates, and a mark for each that was put off for every second. */
static Memory *
make_memory (guint n)
{
  Memory *memory = memory_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("张三 %u · \"北京\" \\ 😀", i);
      g_autofree char *id = g_strdup_printf ("expiring:%u:90", i);
      g_autofree char *fingerprint = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);

      g_ptr_array_add (memory->certificates, memory_certificate_new (fingerprint, name, i % 2 ? "CN=Example" : NULL,
                                                                     i % 3 ? "O=Example" : NULL, NOW + i));
      g_ptr_array_add (memory->marks, memory_mark_new (id, NOW, i % 2 ? NOW + 1 : 0));
    }
  return memory;
}

static Memory *
load (void)
{
  g_autoptr (Store) store = store_new (path);
  Memory *memory = store_load (store);

  g_assert_nonnull (memory);
  return memory;
}

static void
save (Memory *memory)
{
  g_autoptr (Store) store = store_new (path);

  store_save (store, memory);
}

static guint
count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

static void
assert_no_news (void)
{
  g_test_assert_expected_messages ();
}

/* ---- the good file ---- */

static void
test_round_trip (void)
{
  static const guint sizes[] = { 0, 1, 2, 7, MEMORY_MAX_CERTIFICATES };

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (Memory) memory = make_memory (sizes[i]);
      g_autoptr (Memory) back = NULL;

      save (memory);
      back = load ();
      g_assert_true (memory_is_same (memory, back));
    }
  g_assert_cmpuint (count_files (), ==, 1);
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
  save (memory);
  contents = get (path);
  g_test_message ("%zu bytes", strlen (contents));
  g_assert_cmpuint (strlen (contents), <=, 1024 * 1024);
  back = load ();
  g_assert_true (memory_is_same (memory, back));
}

/* The file that this version writes is the one that later versions find. */
static void
test_contents (void)
{
  g_autoptr (Memory) memory = memory_new ();
  g_autofree char *contents = NULL;

  g_ptr_array_add (memory->certificates,
                   memory_certificate_new (PRINT, "张三 11010519900307123X · 北京", "CN=CA", "O=CA", NOW));
  g_ptr_array_add (memory->certificates, memory_certificate_new (PRINT, NULL, NULL, NULL, -1));
  g_ptr_array_add (memory->marks, memory_mark_new ("expiring:1:90", NOW, 0));
  g_ptr_array_add (memory->marks, memory_mark_new ("expiring:2:90", NOW, NOW + 1));
  save (memory);
  contents = get (path);
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
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autofree char *parent = g_build_filename (folder, "a", NULL), *child = g_build_filename (parent, "b", NULL);
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
  g_autoptr (Memory) memory = make_memory (1);

  store_save (store, memory);
  g_assert_true (g_file_test (own, G_FILE_TEST_IS_REGULAR));
  g_unlink (own);
}

static void
test_nothing_to_write (void)
{
  g_autoptr (Store) store = store_new (path);
  g_autoptr (Memory) empty = store_load (store);
  g_autoptr (Memory) nothing = memory_new ();
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) alike = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autoptr (Store) again = store_new (path);
  g_autoptr (Memory) loaded = NULL;
  GStatBuf before, after;

  store_save (store, empty);
  store_save (store, nothing);
  g_assert_cmpuint (count_files (), ==, 0);

  store_save (store, one);
  g_assert_cmpint (g_stat (path, &before), ==, 0);
  store_save (store, one);
  store_save (store, alike);
  loaded = store_load (again);
  store_save (again, loaded);
  store_save (again, alike);
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_ino, ==, after.st_ino);
  g_assert_cmpint (before.st_mtim.tv_sec, ==, after.st_mtim.tv_sec);
  g_assert_cmpint (before.st_mtim.tv_nsec, ==, after.st_mtim.tv_nsec);

  store_save (store, two);
  g_assert_cmpint (g_stat (path, &after), ==, 0);
  g_assert_cmpint (before.st_ino, !=, after.st_ino);
  g_assert_cmpuint (count_files (), ==, 1);
}

/* ---- the damaged file ---- */

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
  { "\xef\xbb\xbf" EMPTY, -1 },
  { EMPTY "\0", sizeof EMPTY },
  { EMPTY "}", -1 },
  { "[" EMPTY "]", -1 },
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
  { "var a = " EMPTY, -1 },
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

      put (damages[i].contents, damages[i].length);
      expect_warning ("*/state.json is moved aside: no state file");
      memory = load ();
      assert_no_news ();
      g_assert_cmpuint (memory->certificates->len + memory->marks->len, ==, 0);
      g_assert_false (g_file_test (path, G_FILE_TEST_EXISTS));
      g_assert_cmpint (g_stat (damaged, &status), ==, 0); /* the last one, instead of the one before */
      g_assert_cmpint (status.st_size, ==,
                       damages[i].length < 0 ? (gssize) strlen (damages[i].contents) : damages[i].length);
    }
  g_assert_cmpuint (count_files (), ==, 1);
}

/* It ends anywhere. */
static void
test_truncated (void)
{
  g_autoptr (Memory) memory = make_memory (2);
  g_autofree char *whole = NULL;
  gsize length;

  save (memory);
  whole = get (path);
  length = strlen (whole);
  for (gsize i = 0; i < length; i++)
    {
      g_autoptr (Memory) loaded = NULL;

      put (whole, (gssize) i);
      expect_warning ("*/state.json is moved aside: no state file");
      loaded = load ();
      assert_no_news ();
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
  g_autoptr (Memory) memory = make_memory (3);
  g_autofree char *whole = NULL;
  guint handler = g_log_set_handler (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING | G_LOG_FLAG_FATAL, ignore, NULL),
        n_accepted = 0;
  gsize length;

  g_test_log_set_fatal_handler (is_fatal, NULL);
  save (memory);
  whole = get (path);
  length = strlen (whole);
  for (int i = 0; i < 3000; i++)
    {
      g_autofree char *copy = g_memdup2 (whole, length);
      g_autoptr (Memory) loaded = NULL;
      g_autoptr (Memory) back = NULL;

      for (int j = g_rand_int_range (random, 1, 4); j > 0; j--)
        copy[g_rand_int_range (random, 0, (int) length)] = spice[g_rand_int_range (random, 0, sizeof spice - 1)];
      put (copy, (gssize) length);
      loaded = load ();
      n_accepted += loaded->certificates->len > 0;
      g_unlink (path);
      save (loaded);
      back = load ();
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
        put (contents->str, (gssize) contents->len);
        expect_warning (beyond ? "*/state.json is moved aside: more than 1048576 bytes"
                               : "*/state.json is moved aside: no state file");
        memory = load ();
        assert_no_news ();
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

  put (contents, -1);
  memory = load ();
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
  put (contents->str, -1);
  memory = load ();
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
      g_autoptr (Store) store = store_new (path);
      g_autoptr (Store) blind = store_new (path);
      g_autoptr (Memory) one = make_memory (1);
      g_autoptr (Memory) memory = NULL;
      g_autofree char *after = NULL;
      GStatBuf before, then;

      put (files[i], -1);
      g_assert_cmpint (g_stat (path, &before), ==, 0);
      expect_warning ("*/state.json is left as it is: it is of a later version");
      expect_warning ("*/state.json is left as it is: it is of a later version");
      memory = store_load (store);
      g_assert_cmpuint (memory->certificates->len, ==, 0);
      store_save (store, one);
      store_save (store, memory);
      store_save (blind, one); /* without having asked what there is */
      assert_no_news ();
      after = get (path);
      g_assert_cmpstr (after, ==, files[i]);
      g_assert_cmpint (g_stat (path, &then), ==, 0);
      g_assert_cmpint (before.st_ino, ==, then.st_ino);
      g_assert_cmpuint (count_files (), ==, 1);
    }
}

/* ---- no file ---- */

static void
make_pipe (void)
{
  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
}

static void
make_folder (void)
{
  g_assert_cmpint (g_mkdir (path, 0700), ==, 0);
}

/* To a good state file somewhere else. */
static void
make_link (void)
{
  g_autofree char *elsewhere = g_build_filename (folder, "elsewhere", NULL);
  g_autoptr (Memory) memory = make_memory (3);
  g_autoptr (Store) store = store_new (elsewhere);

  store_save (store, memory);
  g_assert_cmpint (symlink ("elsewhere", path), ==, 0);
}

static void
make_loop (void)
{
  g_assert_cmpint (symlink ("state.json", path), ==, 0);
}

static void
make_endless (void)
{
  g_assert_cmpint (symlink ("/dev/zero", path), ==, 0);
}

/* None is waited for, none is followed, and from then on there is a file. */
static void
test_no_file (void)
{
  void (*const makers[]) (void) = { make_pipe, make_folder, make_link, make_loop, make_endless };
  g_autofree char *elsewhere = g_build_filename (folder, "elsewhere", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autoptr (Store) store = store_new (path);
      g_autoptr (Memory) memory = NULL;
      g_autoptr (Memory) one = make_memory (1);
      g_autoptr (Memory) back = NULL;
      g_autofree char *before = NULL, *after = NULL;

      makers[i]();
      before = get (elsewhere);
      expect_warning ("*/state.json is moved aside: not a regular file");
      memory = store_load (store);
      assert_no_news ();
      g_assert_cmpuint (memory->certificates->len, ==, 0);
      store_save (store, one);
      back = load ();
      g_assert_true (memory_is_same (one, back));
      after = get (elsewhere);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (g_remove (path), ==, 0);
      g_assert_cmpint (g_remove (damaged), ==, 0);
    }
}

/* Links that were put there while the program runs. */
static void
test_links_while_running (void)
{
  g_autofree char *elsewhere = g_build_filename (folder, "elsewhere", NULL);
  g_autoptr (Store) store = store_new (path);
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autofree char *contents = NULL;

  store_save (store, one);
  g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
  put ("mine", -1);
  g_assert_cmpint (g_rename (path, elsewhere), ==, 0);
  g_assert_cmpint (symlink ("elsewhere", path), ==, 0);
  store_save (store, two);
  g_assert_false (g_file_test (path, G_FILE_TEST_IS_SYMLINK));

  put ("rubbish", -1);
  g_assert_cmpint (symlink ("elsewhere", damaged), ==, 0);
  expect_warning ("*/state.json is moved aside: *");
  memory_unref (load ());
  assert_no_news ();
  g_assert_false (g_file_test (damaged, G_FILE_TEST_IS_SYMLINK));
  contents = get (elsewhere);
  g_assert_cmpstr (contents, ==, "mine");
}

/* There is no place to move it to; then the next good one takes its own. */
static void
test_no_place_aside (void)
{
  g_autofree char *inside = g_build_filename (damaged, "file", NULL);
  g_autoptr (Store) store = store_new (path);
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) memory = NULL;
  g_autoptr (Memory) back = NULL;

  g_assert_cmpint (g_mkdir (damaged, 0700), ==, 0);
  g_assert_true (g_file_set_contents (inside, "", 0, NULL));
  put ("rubbish", -1);
  expect_warning ("*/state.json cannot be read, nor moved aside: no state file");
  memory = store_load (store);
  assert_no_news ();
  store_save (store, memory);
  g_clear_pointer (&memory, memory_unref);
  memory = load ();
  g_assert_cmpuint (memory->certificates->len, ==, 0);
  store_save (store, one);
  back = load ();
  g_assert_true (memory_is_same (one, back));
  g_unlink (inside);
}

static void
test_device (void)
{
  g_autoptr (Store) store = store_new (path);
  g_autoptr (Memory) one = make_memory (1);
  GStatBuf status;

  if (mknod (path, S_IFCHR | 0600, 0x107) != 0) /* like /dev/full */
    {
      g_test_skip (g_strerror (errno));
      return;
    }
  expect_warning ("*/state.json cannot be read*"); /* on a file system without devices that is already so */
  memory_unref (store_load (store));
  store_save (store, one);
  assert_no_news ();
  g_assert_cmpint (g_lstat (path, &status), ==, 0);
  g_assert_true (S_ISCHR (status.st_mode));
}

/* ---- no disk ---- */

/* A file stands where the folder should be. It is said once, and again only after it has been well in between. */
static void
test_no_folder (void)
{
  g_autofree char *parent = g_build_filename (folder, "parent", NULL);
  g_autofree char *below = g_build_filename (parent, "state.json", NULL);
  g_autoptr (Store) store = store_new (below);
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autoptr (Memory) three = make_memory (3);
  g_autoptr (Memory) memory = NULL;

  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  expect_warning ("*/state.json cannot be read: *");
  memory = store_load (store);
  store_save (store, one);
  store_save (store, two);
  assert_no_news ();

  g_assert_cmpint (g_unlink (parent), ==, 0);
  store_save (store, two);
  g_assert_true (g_file_test (below, G_FILE_TEST_IS_REGULAR));

  g_assert_cmpint (g_unlink (below), ==, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  expect_warning ("*/state.json cannot be saved: *");
  store_save (store, three);
  store_save (store, one);
  assert_no_news ();
}

/* Neither a home nor a way to make one. */
static void
test_no_home (void)
{
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) memory = NULL;
  g_autoptr (Memory) one = make_memory (1);

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  store = store_new (NULL);
  memory = store_load (store);
  expect_warning ("/proc/nowhere/.local/state/cert-assistant/state.json cannot be saved: *");
  store_save (store, one);
  store_save (store, one);
  assert_no_news ();
}

/* Who we are outside is who we are inside: nobody else's files can be written. */
static gboolean
map_identity (uid_t user, gid_t group)
{
  g_autofree char *users = g_strdup_printf ("%u %u 1", user, user);
  g_autofree char *groups = g_strdup_printf ("%u %u 1", group, group);
  const char *const files[][2] = {
    { "/proc/self/uid_map", users },
    { "/proc/self/setgroups", "deny" },
    { "/proc/self/gid_map", groups },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (files); i++)
    {
      int fd = open (files[i][0], O_WRONLY | O_CLOEXEC);
      gssize length = (gssize) strlen (files[i][1]);
      gboolean written = fd >= 0 && write (fd, files[i][1], (gsize) length) == length;

      if (fd >= 0)
        close (fd);
      if (!written)
        return FALSE;
    }
  return TRUE;
}

/* A mount name space: of root, or of what looks like it. */
static gboolean
enter_namespace (void)
{
  uid_t user = geteuid ();
  gid_t group = getegid ();

  return unshare (CLONE_NEWNS | (user == 0 ? 0 : CLONE_NEWUSER)) == 0 && (user == 0 || map_identity (user, group))
         && mount ("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0
         && mount ("none", folder, "tmpfs", 0, "size=32k") == 0;
}

/* Runs the test again in a process whose folder is a small disk; FALSE: this is that process. */
static gboolean
is_outside (void)
{
  pid_t child;
  int status = 0;

  if (g_test_subprocess ())
    {
      g_assert_true (enter_namespace ());
      return FALSE;
    }
  child = fork ();
  if (child == 0)
    _exit (enter_namespace () ? 0 : errno);
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  if (WEXITSTATUS (status) != 0)
    {
      g_autofree char *reason = g_strdup_printf ("no small disk: %s", g_strerror (WEXITSTATUS (status)));

      g_test_skip (reason);
      return TRUE;
    }
  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
  return TRUE;
}

static void
test_full_disk (void)
{
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autoptr (Memory) many = make_memory (MEMORY_MAX_CERTIFICATES);
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) back = NULL;

  if (is_outside ())
    return;
  store = store_new (path);
  store_save (store, one);
  expect_warning ("*/state.json cannot be saved: *No space left on device*");
  store_save (store, many);
  store_save (store, many);
  assert_no_news ();
  g_assert_cmpuint (count_files (), ==, 1); /* nothing half of it is left */
  back = load ();
  g_assert_true (memory_is_same (back, one));

  store_save (store, two);
  g_clear_pointer (&back, memory_unref);
  back = load ();
  g_assert_true (memory_is_same (back, two));
  expect_warning ("*/state.json cannot be saved: *No space left on device*");
  store_save (store, many);
  store_save (store, many);
  assert_no_news ();
}

static void
remount (unsigned long flags)
{
  g_assert_cmpint (mount ("none", folder, NULL, MS_REMOUNT | flags, NULL), ==, 0);
}

static void
test_read_only_disk (void)
{
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Memory) two = make_memory (2);
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) loaded = NULL;
  g_autoptr (Memory) back = NULL;

  if (is_outside ())
    return;
  save (one);
  remount (MS_RDONLY);
  store = store_new (path);
  loaded = store_load (store);
  g_assert_true (memory_is_same (loaded, one));
  store_save (store, one);
  expect_warning ("*/state.json cannot be saved: *Read-only file system*");
  store_save (store, two);
  store_save (store, two);
  assert_no_news ();

  remount (0);
  store_save (store, two);
  back = load ();
  g_assert_true (memory_is_same (back, two));
  remount (MS_RDONLY);
  expect_warning ("*/state.json cannot be saved: *Read-only file system*");
  store_save (store, one);
  assert_no_news ();
}

static void
test_read_only_rubbish (void)
{
  g_autoptr (Memory) one = make_memory (1);
  g_autoptr (Store) store = NULL;
  g_autofree char *contents = NULL;

  if (is_outside ())
    return;
  put ("rubbish", -1);
  remount (MS_RDONLY);
  store = store_new (path);
  expect_warning ("*/state.json cannot be read, nor moved aside: no state file");
  memory_unref (store_load (store));
  store_save (store, one);
  store_save (store, one);
  assert_no_news ();
  contents = get (path);
  g_assert_cmpstr (contents, ==, "rubbish");
}

/* ---- the frame ---- */

static const struct
{
  const char *path;
  void (*function) (void);
} tests[] = {
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
  { "/store/no-file", test_no_file },
  { "/store/links-while-running", test_links_while_running },
  { "/store/no-place-aside", test_no_place_aside },
  { "/store/device", test_device },
  { "/store/no-folder", test_no_folder },
  { "/store/no-home", test_no_home },
  { "/store/full-disk", test_full_disk },
  { "/store/read-only-disk", test_read_only_disk },
  { "/store/read-only-rubbish", test_read_only_rubbish },
};

static void
remove_all (const char *name)
{
  g_autoptr (GDir) dir = g_file_test (name, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (name, 0, NULL);
  const char *child;

  while (dir && (child = g_dir_read_name (dir)))
    {
      g_autofree char *whole = g_build_filename (name, child, NULL);

      remove_all (whole);
    }
  g_remove (name);
}

static void
run (gconstpointer index)
{
  folder = g_dir_make_tmp ("test-store-XXXXXX", NULL);
  path = g_build_filename (folder, "state.json", NULL);
  damaged = g_strconcat (path, ".damaged", NULL);
  tests[GPOINTER_TO_SIZE (index)].function ();
  if (g_test_subprocess ())
    umount2 (folder, MNT_DETACH);
  remove_all (folder);
  g_free (folder);
  g_free (path);
  g_free (damaged);
}

int
main (int argc, char **argv)
{
  g_autofree char *state = g_dir_make_tmp ("test-store-XXXXXX", NULL);
  int status;

  g_setenv ("XDG_STATE_HOME", state, TRUE);
  g_test_init (&argc, &argv, NULL);
  if (g_test_subprocess ()) /* of the test without a home; the others name their file */
    {
      g_unsetenv ("XDG_STATE_HOME");
      g_setenv ("HOME", "/proc/nowhere", TRUE);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add_data_func (tests[i].path, GSIZE_TO_POINTER (i), run);
  status = g_test_run ();
  remove_all (state);
  return status;
}
