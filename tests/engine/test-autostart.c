/* Start at login, with folders of this test's own in place of the person's and the system's. */
#include "engine/autostart.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#define NAME "autostart/" APPLICATION_ID ".autostart.desktop"
#define HEAD "[Desktop Entry]\nType=Application\nName=Test\nExec=test\n"

static char *own, *system_first, *system_second;

static void
put (const char *base, const char *text)
{
  g_autofree char *path = g_build_filename (base, NAME, NULL), *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (path, text, -1, NULL));
}

/* What stands in BASE's entry, or NULL. (transfer full) */
static char *
get (const char *base)
{
  g_autofree char *path = g_build_filename (base, NAME, NULL);
  char *text = NULL;

  g_file_get_contents (path, &text, NULL, NULL);
  return text;
}

static void
clear (const char *base)
{
  g_autofree char *path = g_build_filename (base, NAME, NULL), *folder = g_path_get_dirname (path);

  g_chmod (base, 0700);
  g_remove (path);
  g_remove (folder);
  g_remove (base);
}

static void
set (gboolean on)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (autostart_set (on, &error));
  g_assert_no_error (error);
  g_assert_cmpint (autostart_is_on (), ==, on);
}

static const struct
{
  const char *own, *first, *second; /* what follows after HEAD, NULL: no file */
  gboolean on;
} rows[] = {
  { NULL, NULL, NULL, FALSE },
  { NULL, NULL, "", TRUE },
  { NULL, "", NULL, TRUE },
  { NULL, "Hidden=true\n", "", FALSE }, /* the first folder's goes before the second's */
  { "Hidden=true\n", "", NULL, FALSE },
  { "Hidden=false\n", "", NULL, TRUE },
  { "", "Hidden=true\n", NULL, TRUE },
  { "", NULL, NULL, TRUE },
  { "X-GNOME-Autostart-enabled=false\n", "", NULL, FALSE },
  { "X-GNOME-Autostart-enabled=true\n", NULL, NULL, TRUE },
  { "[[[\n", "", NULL, FALSE }, /* no entry, but in the way of the system's */
};

static void
put_row (gsize i)
{
  const char *texts[] = { rows[i].own, rows[i].first, rows[i].second };
  const char *bases[] = { own, system_first, system_second };

  for (gsize j = 0; j < G_N_ELEMENTS (bases); j++)
    if (texts[j])
      {
        g_autofree char *text = g_strconcat (HEAD, texts[j], NULL);

        put (bases[j], *texts[j] == '[' ? texts[j] : text);
      }
}

/* In every case: what it is, and that it can be made the other and back. */
static void
test_table (gconstpointer data)
{
  gsize i = GPOINTER_TO_SIZE (data);
  g_autofree char *first = NULL;

  put_row (i);
  first = get (system_first);
  g_assert_cmpint (autostart_is_on (), ==, rows[i].on);
  set (!rows[i].on);
  set (rows[i].on);
  set (rows[i].on);
  {
    g_autofree char *after = get (system_first);

    g_assert_cmpstr (first, ==, after);
  }
}

/* Off is a copy of the system's entry that is hidden; on again, no copy. */
static void
test_copy (gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *off = NULL, *on = NULL;

  put (system_first, HEAD "Name[zh_CN]=测试\n");
  set (FALSE);
  off = get (own);
  g_assert_nonnull (strstr (off, "Hidden=true"));
  g_assert_nonnull (strstr (off, "Name[zh_CN]=测试"));
  set (TRUE);
  on = get (own);
  g_assert_null (on);
}

/* Where no folder has an entry, one is written that a desktop can start. */
static void
test_written (gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;

  set (TRUE);
  text = get (own);
  g_assert_nonnull (strstr (text, "Type=Application\n"));
  g_assert_nonnull (strstr (text, "Exec=\"" BINDIR "/cert-assistant\" --background\n"));
  g_assert_null (strstr (text, "Hidden"));
}

/* What the person wrote himself stays, but for whether it starts. */
static void
test_own_words (gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *text = NULL;

  put (own, HEAD "X-Delay=9\nX-GNOME-Autostart-enabled=true\n");
  set (FALSE);
  set (TRUE);
  text = get (own);
  g_assert_cmpstr (text, ==, HEAD "X-Delay=9\n");
}

/* The folder cannot be made: a file is in its place. */
static void
test_trouble (gconstpointer data G_GNUC_UNUSED)
{
  g_autoptr (GError) error = NULL;

  put (system_first, HEAD);
  g_assert_true (g_file_set_contents (own, "in the way", -1, NULL));
  g_assert_true (autostart_is_on ());
  g_assert_false (autostart_set (FALSE, &error));
  g_assert_error (error, G_FILE_ERROR, G_FILE_ERROR_NOTDIR);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_true (autostart_is_on ());
}

static void
test_cannot_remove (gconstpointer data G_GNUC_UNUSED)
{
  g_autofree char *path = g_build_filename (own, NAME, NULL), *inside = g_build_filename (path, "x", NULL);
  g_autoptr (GError) error = NULL;

  put (system_first, HEAD);
  g_assert_cmpint (g_mkdir_with_parents (inside, 0700), ==, 0);
  g_assert_false (autostart_is_on ());
  g_assert_false (autostart_set (TRUE, &error));
  g_assert_nonnull (error);
  g_remove (inside);
}

typedef void (*Test) (gconstpointer data);

/* TEST, with nothing there before it and nothing left after it. */
typedef struct
{
  Test test;
  gsize row;
} Case;

static void
run (gconstpointer data)
{
  const Case *one = data;

  one->test (GSIZE_TO_POINTER (one->row));
  clear (own);
  clear (system_first);
  clear (system_second);
}

static void
add (const char *path, Test test, gsize row)
{
  Case *one = g_new (Case, 1);

  *one = (Case){ test, row };
  g_test_add_data_func_full (path, one, run, g_free);
}

int
main (int argc, char **argv)
{
  g_autofree char *home = g_dir_make_tmp ("test-autostart-XXXXXX", NULL);
  g_autofree char *systems = NULL;
  int status;

  own = g_build_filename (home, "own", NULL);
  system_first = g_build_filename (home, "first", NULL);
  system_second = g_build_filename (home, "second", NULL);
  systems = g_strjoin (":", system_first, system_second, NULL);
  g_setenv ("XDG_CONFIG_HOME", own, TRUE);
  g_setenv ("XDG_CONFIG_DIRS", systems, TRUE);
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      g_autofree char *path = g_strdup_printf ("/autostart/table/%zu", i);

      add (path, test_table, i);
    }
  add ("/autostart/copy", test_copy, 0);
  add ("/autostart/written", test_written, 0);
  add ("/autostart/own-words", test_own_words, 0);
  add ("/autostart/trouble", test_trouble, 0);
  add ("/autostart/cannot-remove", test_cannot_remove, 0);
  status = g_test_run ();
  g_remove (home);
  g_free (own);
  g_free (system_first);
  g_free (system_second);
  return status;
}
