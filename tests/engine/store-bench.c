#include "store-bench.h"

#include <glib/gstdio.h>
#include <sys/mount.h>

StoreBench store_bench;

void
store_bench_put (const char *contents, gssize length)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (store_bench.path, contents, length, &error);
  g_assert_no_error (error);
}

char *
store_bench_get (const char *name)
{
  char *contents = NULL;

  g_file_get_contents (name, &contents, NULL, NULL);
  return contents;
}

void
store_bench_expect_warning (const char *pattern)
{
  g_test_expect_message (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, pattern);
}

Memory *
store_bench_make_memory (guint n)
{
  Memory *memory = memory_new ();

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("张三 %u · \"北京\" \\ 😀", i);
      g_autofree char *id = g_strdup_printf ("expiring:%u:90", i);
      g_autofree char *fingerprint = g_compute_checksum_for_string (G_CHECKSUM_SHA256, name, -1);

      g_ptr_array_add (memory->certificates, memory_certificate_new (fingerprint, name, i % 2 ? "CN=Example" : NULL,
                                                                     i % 3 ? "O=Example" : NULL, STORE_BENCH_NOW + i));
      g_ptr_array_add (memory->marks, memory_mark_new (id, STORE_BENCH_NOW, i % 2 ? STORE_BENCH_NOW + 1 : 0));
    }
  return memory;
}

Memory *
store_bench_load (void)
{
  g_autoptr (Store) store = store_new (store_bench.path);
  Memory *memory = store_load (store);

  g_assert_nonnull (memory);
  return memory;
}

void
store_bench_save (Memory *memory)
{
  g_autoptr (Store) store = store_new (store_bench.path);

  store_save (store, memory);
}

guint
store_bench_count_files (void)
{
  g_autoptr (GDir) dir = g_dir_open (store_bench.folder, 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir))
    n++;
  return n;
}

void
store_bench_assert_no_news (void)
{
  g_test_assert_expected_messages ();
}

/* ---- the frame ---- */

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
run (gconstpointer data)
{
  const StoreBenchTest *test = data;

  store_bench.folder = g_dir_make_tmp ("test-store-XXXXXX", NULL);
  store_bench.path = g_build_filename (store_bench.folder, "state.json", NULL);
  store_bench.damaged = g_strconcat (store_bench.path, ".damaged", NULL);
  test->function ();
  if (g_test_subprocess ())
    umount2 (store_bench.folder, MNT_DETACH);
  remove_all (store_bench.folder);
  g_free (store_bench.folder);
  g_free (store_bench.path);
  g_free (store_bench.damaged);
}

int
store_bench_run (int argc, char **argv, const StoreBenchTest *tests)
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
  for (; tests->path; tests++)
    g_test_add_data_func (tests->path, tests, run);
  status = g_test_run ();
  remove_all (state);
  return status;
}
