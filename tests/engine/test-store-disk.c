/* The state file where there is none, or something else in its place; and all that can be wrong with its folder and the
 * disk. */
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store-bench.h"

/* ---- no file ---- */

static void
make_pipe (void)
{
  g_assert_cmpint (mkfifo (store_bench.path, 0600), ==, 0);
}

static void
make_folder (void)
{
  g_assert_cmpint (g_mkdir (store_bench.path, 0700), ==, 0);
}

/* To a good state file somewhere else. */
static void
make_link (void)
{
  g_autofree char *elsewhere = g_build_filename (store_bench.folder, "elsewhere", NULL);
  g_autoptr (Memory) memory = store_bench_make_memory (3);
  g_autoptr (Store) store = store_new (elsewhere);

  store_save (store, memory);
  g_assert_cmpint (symlink ("elsewhere", store_bench.path), ==, 0);
}

static void
make_loop (void)
{
  g_assert_cmpint (symlink ("state.json", store_bench.path), ==, 0);
}

static void
make_endless (void)
{
  g_assert_cmpint (symlink ("/dev/zero", store_bench.path), ==, 0);
}

/* None is waited for, none is followed, and from then on there is a file. */
static void
test_no_file (void)
{
  void (*const makers[]) (void) = { make_pipe, make_folder, make_link, make_loop, make_endless };
  g_autofree char *elsewhere = g_build_filename (store_bench.folder, "elsewhere", NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (makers); i++)
    {
      g_autoptr (Store) store = store_new (store_bench.path);
      g_autoptr (Memory) memory = NULL;
      g_autoptr (Memory) one = store_bench_make_memory (1);
      g_autoptr (Memory) back = NULL;
      g_autofree char *before = NULL, *after = NULL;

      makers[i]();
      before = store_bench_get (elsewhere);
      store_bench_expect_warning ("*/state.json is moved aside: not a regular file");
      memory = store_load (store);
      store_bench_assert_no_news ();
      g_assert_cmpuint (memory->certificates->len, ==, 0);
      store_save (store, one);
      back = store_bench_load ();
      g_assert_true (memory_is_same (one, back));
      after = store_bench_get (elsewhere);
      g_assert_cmpstr (before, ==, after);
      g_assert_cmpint (g_remove (store_bench.path), ==, 0);
      g_assert_cmpint (g_remove (store_bench.damaged), ==, 0);
    }
}

/* Links that were put there while the program runs. */
static void
test_links_while_running (void)
{
  g_autofree char *elsewhere = g_build_filename (store_bench.folder, "elsewhere", NULL);
  g_autoptr (Store) store = store_new (store_bench.path);
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autofree char *contents = NULL;

  store_save (store, one);
  g_assert_cmpint (g_rename (store_bench.path, elsewhere), ==, 0);
  store_bench_put ("mine", -1);
  g_assert_cmpint (g_rename (store_bench.path, elsewhere), ==, 0);
  g_assert_cmpint (symlink ("elsewhere", store_bench.path), ==, 0);
  store_save (store, two);
  g_assert_false (g_file_test (store_bench.path, G_FILE_TEST_IS_SYMLINK));

  store_bench_put ("rubbish", -1);
  g_assert_cmpint (symlink ("elsewhere", store_bench.damaged), ==, 0);
  store_bench_expect_warning ("*/state.json is moved aside: *");
  memory_unref (store_bench_load ());
  store_bench_assert_no_news ();
  g_assert_false (g_file_test (store_bench.damaged, G_FILE_TEST_IS_SYMLINK));
  contents = store_bench_get (elsewhere);
  g_assert_cmpstr (contents, ==, "mine");
}

/* There is no place to move it to; then the next good one takes its own. */
static void
test_no_place_aside (void)
{
  g_autofree char *inside = g_build_filename (store_bench.damaged, "file", NULL);
  g_autoptr (Store) store = store_new (store_bench.path);
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) memory = NULL;
  g_autoptr (Memory) back = NULL;

  g_assert_cmpint (g_mkdir (store_bench.damaged, 0700), ==, 0);
  g_assert_true (g_file_set_contents (inside, "", 0, NULL));
  store_bench_put ("rubbish", -1);
  store_bench_expect_warning ("*/state.json cannot be read, nor moved aside: no state file");
  memory = store_load (store);
  store_bench_assert_no_news ();
  store_save (store, memory);
  g_clear_pointer (&memory, memory_unref);
  memory = store_bench_load ();
  g_assert_cmpuint (memory->certificates->len, ==, 0);
  store_save (store, one);
  back = store_bench_load ();
  g_assert_true (memory_is_same (one, back));
  g_unlink (inside);
}

static void
test_device (void)
{
  g_autoptr (Store) store = store_new (store_bench.path);
  g_autoptr (Memory) one = store_bench_make_memory (1);
  GStatBuf status;

  if (mknod (store_bench.path, S_IFCHR | 0600, 0x107) != 0) /* like /dev/full */
    {
      g_test_skip (g_strerror (errno));
      return;
    }
  store_bench_expect_warning ("*/state.json cannot be read*"); /* on a file system without devices that is already so */
  memory_unref (store_load (store));
  store_save (store, one);
  store_bench_assert_no_news ();
  g_assert_cmpint (g_lstat (store_bench.path, &status), ==, 0);
  g_assert_true (S_ISCHR (status.st_mode));
}

/* ---- no disk ---- */

/* A file stands where the store_bench.folder should be. It is said once, and again only after it has been well in
 * between. */
static void
test_no_folder (void)
{
  g_autofree char *parent = g_build_filename (store_bench.folder, "parent", NULL);
  g_autofree char *below = g_build_filename (parent, "state.json", NULL);
  g_autoptr (Store) store = store_new (below);
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autoptr (Memory) three = store_bench_make_memory (3);
  g_autoptr (Memory) memory = NULL;

  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  store_bench_expect_warning ("*/state.json cannot be read: *");
  memory = store_load (store);
  store_save (store, one);
  store_save (store, two);
  store_bench_assert_no_news ();

  g_assert_cmpint (g_unlink (parent), ==, 0);
  store_save (store, two);
  g_assert_true (g_file_test (below, G_FILE_TEST_IS_REGULAR));

  g_assert_cmpint (g_unlink (below), ==, 0);
  g_assert_cmpint (g_rmdir (parent), ==, 0);
  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  store_bench_expect_warning ("*/state.json cannot be saved: *");
  store_save (store, three);
  store_save (store, one);
  store_bench_assert_no_news ();
}

/* Neither a home nor a way to make one. */
static void
test_no_home (void)
{
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) memory = NULL;
  g_autoptr (Memory) one = store_bench_make_memory (1);

  if (!g_test_subprocess ())
    {
      g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
      g_test_trap_assert_passed ();
      return;
    }
  store = store_new (NULL);
  memory = store_load (store);
  store_bench_expect_warning ("/proc/nowhere/.local/state/cert-assistant/state.json cannot be saved: *");
  store_save (store, one);
  store_save (store, one);
  store_bench_assert_no_news ();
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
         && mount ("none", store_bench.folder, "tmpfs", 0, "size=32k") == 0;
}

/* Runs the test again in a process whose store_bench.folder is a small disk; FALSE: this is that process. */
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
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autoptr (Memory) many = store_bench_make_memory (MEMORY_MAX_CERTIFICATES);
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) back = NULL;

  if (is_outside ())
    return;
  store = store_new (store_bench.path);
  store_save (store, one);
  store_bench_expect_warning ("*/state.json cannot be saved: *No space left on device*");
  store_save (store, many);
  store_save (store, many);
  store_bench_assert_no_news ();
  g_assert_cmpuint (store_bench_count_files (), ==, 1); /* nothing half of it is left */
  back = store_bench_load ();
  g_assert_true (memory_is_same (back, one));

  store_save (store, two);
  g_clear_pointer (&back, memory_unref);
  back = store_bench_load ();
  g_assert_true (memory_is_same (back, two));
  store_bench_expect_warning ("*/state.json cannot be saved: *No space left on device*");
  store_save (store, many);
  store_save (store, many);
  store_bench_assert_no_news ();
}

static void
remount (unsigned long flags)
{
  g_assert_cmpint (mount ("none", store_bench.folder, NULL, MS_REMOUNT | flags, NULL), ==, 0);
}

static void
test_read_only_disk (void)
{
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Memory) two = store_bench_make_memory (2);
  g_autoptr (Store) store = NULL;
  g_autoptr (Memory) loaded = NULL;
  g_autoptr (Memory) back = NULL;

  if (is_outside ())
    return;
  store_bench_save (one);
  remount (MS_RDONLY);
  store = store_new (store_bench.path);
  loaded = store_load (store);
  g_assert_true (memory_is_same (loaded, one));
  store_save (store, one);
  store_bench_expect_warning ("*/state.json cannot be saved: *Read-only file system*");
  store_save (store, two);
  store_save (store, two);
  store_bench_assert_no_news ();

  remount (0);
  store_save (store, two);
  back = store_bench_load ();
  g_assert_true (memory_is_same (back, two));
  remount (MS_RDONLY);
  store_bench_expect_warning ("*/state.json cannot be saved: *Read-only file system*");
  store_save (store, one);
  store_bench_assert_no_news ();
}

static void
test_read_only_rubbish (void)
{
  g_autoptr (Memory) one = store_bench_make_memory (1);
  g_autoptr (Store) store = NULL;
  g_autofree char *contents = NULL;

  if (is_outside ())
    return;
  store_bench_put ("rubbish", -1);
  remount (MS_RDONLY);
  store = store_new (store_bench.path);
  store_bench_expect_warning ("*/state.json cannot be read, nor moved aside: no state file");
  memory_unref (store_load (store));
  store_save (store, one);
  store_save (store, one);
  store_bench_assert_no_news ();
  contents = store_bench_get (store_bench.path);
  g_assert_cmpstr (contents, ==, "rubbish");
}

int
main (int argc, char **argv)
{
  static const StoreBenchTest tests[] = {
    { "/store/no-file", test_no_file },
    { "/store/links-while-running", test_links_while_running },
    { "/store/no-place-aside", test_no_place_aside },
    { "/store/device", test_device },
    { "/store/no-folder", test_no_folder },
    { "/store/no-home", test_no_home },
    { "/store/full-disk", test_full_disk },
    { "/store/read-only-disk", test_read_only_disk },
    { "/store/read-only-rubbish", test_read_only_rubbish },
    { NULL },
  };

  return store_bench_run (argc, argv, tests);
}
