#include "skf-bench.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "testcert.h"

SkfBench *
skf_bench_new (void)
{
  SkfBench *bench = g_new0 (SkfBench, 1);

  bench->folder = g_dir_make_tmp ("softskf-XXXXXX", NULL);
  g_assert_nonnull (bench->folder);
  g_setenv ("SOFTSKF_DIR", bench->folder, TRUE);
  return bench;
}

static void
remove_all (const char *path)
{
  GDir *entries = g_file_test (path, G_FILE_TEST_IS_SYMLINK) ? NULL : g_dir_open (path, 0, NULL);
  const char *name;

  while (entries != NULL && (name = g_dir_read_name (entries)) != NULL)
    {
      g_autofree char *entry = g_build_filename (path, name, NULL);

      remove_all (entry);
    }
  if (entries != NULL)
    g_dir_close (entries);
  g_remove (path);
}

void
skf_bench_free (SkfBench *bench)
{
  remove_all (bench->folder);
  g_free (bench->folder);
  g_free (bench);
}

void
skf_bench_put (SkfBench *bench, const char *path, gconstpointer bytes, gssize length)
{
  g_autofree char *whole = g_build_filename (bench->folder, path, NULL);
  g_autofree char *folder = g_path_get_dirname (whole);
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  g_file_set_contents (whole, bytes, length, &error);
  g_assert_no_error (error);
}

void
skf_bench_remove (SkfBench *bench, const char *path)
{
  g_autofree char *whole = g_build_filename (bench->folder, path, NULL);

  remove_all (whole);
}

/* The same ones for every token. */
static const GByteArray *
get_certificate (const char *key, const char *holder)
{
  static GHashTable *made;
  g_autofree char *name = g_strconcat (key, holder, NULL);
  GByteArray *der;

  if (made == NULL)
    made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_byte_array_unref);
  der = g_hash_table_lookup (made, name);
  if (der == NULL)
    {
      der = testcert_make (key, holder);
      g_hash_table_insert (made, g_steal_pointer (&name), der);
    }
  return der;
}

void
skf_bench_put_key (SkfBench *bench, const char *name)
{
  static const struct
  {
    const char *path, *key, *holder;
  } certificates[] = {
    { "personalCert00/sign", "SM2", "张三" },
    { "personalCert00/enc", "SM2", "张三 (2)" },
    { "rsa/sign", "RSA-2048", "张三" },
  };
  g_autofree char *label = g_build_filename (name, "label", NULL), *serial = g_build_filename (name, "serial", NULL);
  g_autofree char *application = g_build_filename (name, SKF_BENCH_APPLICATION, NULL);
  g_autofree char *user = g_build_filename (application, "user", NULL);
  g_autofree char *admin = g_build_filename (application, "admin", NULL);

  skf_bench_put (bench, label, "BJCA-UserKey", -1);
  skf_bench_put (bench, serial, "880000000001", -1);
  skf_bench_put (bench, user, SKF_BENCH_PIN " 10 10 1\n", -1);
  skf_bench_put (bench, admin, SKF_BENCH_ADMIN " 10 10 1\n", -1);
  for (gsize i = 0; i < G_N_ELEMENTS (certificates); i++)
    {
      g_autofree char *path = g_build_filename (application, certificates[i].path, NULL);
      const GByteArray *der = get_certificate (certificates[i].key, certificates[i].holder);

      skf_bench_put (bench, path, der->data, (gssize) der->len);
    }
}

void
skf_bench_set_faults (SkfBench *bench, const char *faults)
{
  g_auto (GStrv) names = g_strsplit (faults, " ", -1);

  for (char **name = names; *name != NULL; name++)
    {
      g_auto (GStrv) parts = g_strsplit_set (*name, "()", -1);
      g_autofree char *path = g_build_filename (".faults", parts[0], NULL);
      g_autofree char *text = g_strdelimit (g_strdup (parts[0] != NULL && parts[1] != NULL ? parts[1] : ""), ",", ' ');

      if (parts[0] != NULL && *parts[0] != '\0')
        skf_bench_put (bench, path, text, -1);
    }
}

guint
skf_bench_count (SkfBench *bench, const char *line)
{
  g_autofree char *path = g_build_filename (bench->folder, ".journal", NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  guint n = 0;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return 0;
  lines = g_strsplit (text, "\n", -1);
  for (char **next = lines; *next != NULL; next++)
    n += strcmp (*next, line) == 0;
  return n;
}

void
skf_bench_assert_closed (SkfBench *bench)
{
  g_assert_cmpuint (skf_bench_count (bench, "+"), ==, skf_bench_count (bench, "-"));
}

char *
skf_bench_get_pin (SkfBench *bench, const char *path)
{
  g_autofree char *whole = g_build_filename (bench->folder, path, NULL);
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (whole, &text, NULL, &error);
  g_assert_no_error (error);
  return g_strchomp (text);
}

const char *
skf_bench_get_library (void)
{
  const char *path = g_getenv ("SOFTSKF");

  g_assert_nonnull (path);
  return path;
}

char *
skf_bench_copy_library (SkfBench *bench, gconstpointer from, gconstpointer to, gsize length, int mode)
{
  char *path = g_build_filename (bench->folder, ".library.so", NULL);
  g_autofree char *bytes = NULL;
  g_autoptr (GError) error = NULL;
  gsize n;

  g_file_get_contents (skf_bench_get_library (), &bytes, &n, &error);
  g_assert_no_error (error);
  for (char *next = bytes; length > 0 && (next = memmem (next, n - (gsize) (next - bytes), from, length)) != NULL;)
    memcpy (next, to, length);
  g_file_set_contents (path, bytes, (gssize) n, &error);
  g_assert_no_error (error);
  g_assert_cmpint (chmod (path, (mode_t) mode), ==, 0);
  return path;
}

char *
skf_bench_copy_without (SkfBench *bench, const char *function)
{
  g_autofree char *other = g_strdup (function);

  other[0] = 'X';
  return skf_bench_copy_library (bench, function, other, strlen (function) + 1, 0755);
}

Module *
skf_bench_start (GError **error)
{
  return module_start ("skf", skf_bench_get_library (), TRUE, error);
}

Module *
skf_bench_start_well (void)
{
  g_autoptr (GError) error = NULL;
  Module *module = skf_bench_start (&error);

  g_assert_no_error (error);
  g_assert_nonnull (module);
  return module;
}

static void
append_token (GString *text, const ModuleToken *module)
{
  const Token *token = module->token;

  g_string_append_printf (text, "%s %s %s [", module->place, token->label != NULL ? token->label : "-",
                          token->serial != NULL ? token->serial : "-");
  for (guint i = 0; i < token->pins->len; i++)
    {
      const Pin *pin = token->pins->pdata[i];

      g_string_append_printf (text, "%s%s %d/%d %d", i > 0 ? ", " : "", pin->ref, pin->tries_left, pin->tries_max,
                              pin->is_default);
    }
  g_string_append (text, "] [");
  for (guint i = 0; i < token->certificates->len; i++)
    {
      const Certificate *certificate = token->certificates->pdata[i];

      g_string_append_printf (text, "%s%s %s", i > 0 ? ", " : "", certificate->id, certificate->key);
    }
  g_string_append (text, "] [");
  for (guint i = 0; token->unreadable != NULL && token->unreadable[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? ", " : "", token->unreadable[i]);
  g_string_append (text, "]\n");
}

char *
skf_bench_list (Module *module, guint64 code)
{
  g_auto (ModuleAnswer) answer = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) modules = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean ok = module_list (module, &answer, &error);

  g_assert_no_error (error);
  g_assert_true (ok);
  g_assert_cmphex (answer.code, ==, code);
  modules = skf_module.parse (answer.records);
  for (guint i = 0; i < modules->len; i++)
    append_token (text, modules->pdata[i]);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

Secret *
skf_bench_secret (const char *text)
{
  Secret *secret = secret_new ();

  g_assert_nonnull (secret);
  secret->length = strlen (text);
  memcpy (secret->bytes, text, secret->length);
  return secret;
}

static const char address[] = "Key\0" SKF_BENCH_APPLICATION;

gboolean
skf_bench_attempt (Module *module, WireKind request, const char *first, const char *new, Attempt *made, GError **error)
{
  g_autoptr (GBytes) where = g_bytes_new (address, sizeof address);
  g_autoptr (Secret) typed = skf_bench_secret (first), chosen = skf_bench_secret (new);
  g_auto (ModuleAnswer) answer = { NULL };

  *made = (Attempt){ .sent = TRUE, .status = ATTEMPT_NO_STATUS, .tries_left = PIN_UNKNOWN };
  if (!module_use_pins (module, request, where, typed, chosen, &answer, error))
    return FALSE;
  skf_module.explain (&answer, made);
  return TRUE;
}
