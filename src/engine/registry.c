#include "registry.h"

#include <string.h>

#include "file.h"

#define EXTENSION ".module"
#define OWN       "p11-kit-" /* how p11-kit's own libraries begin */
#define PROGRAM   "cert-assistant"
#define MAX_SIZE  (16 * 1024)
#define MAX_FILES 100

/* The value of KEY in TEXT, or NULL. (transfer full) */
static char *
find_value (const char *text, const char *key)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (gsize i = 0; lines[i]; i++)
    {
      char *colon = strchr (lines[i], ':');

      if (!colon || lines[i][0] == '#')
        continue;
      *colon = '\0';
      if (strcmp (g_strstrip (lines[i]), key) == 0)
        return g_strdup (g_strstrip (colon + 1));
    }
  return NULL;
}

static gboolean
names_program (const char *list)
{
  g_auto (GStrv) programs = g_strsplit_set (list, ", \t", -1);

  return g_strv_contains ((const char *const *) programs, PROGRAM);
}

/* Whether the file with TEXT is for us. */
static gboolean
is_enabled (const char *text)
{
  g_autofree char *enabled = find_value (text, "enable-in"), *disabled = find_value (text, "disable-in");

  return (!enabled || names_program (enabled)) && !(disabled && names_program (disabled));
}

static gboolean
is_listed (const GPtrArray *profiles, const char *library)
{
  for (guint i = 0; i < profiles->len; i++)
    if (g_strv_contains ((const char *const *) ((ModuleProfile *) profiles->pdata[i])->libraries, library))
      return TRUE;
  return FALSE;
}

static ModuleProfile *
make_profile (const char *name, const char *library)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autofree char *id = g_strndup (name, strlen (name) - strlen (EXTENSION));
  ModuleProfile *profile;

  g_key_file_set_string (file, "Module", "Name", id);
  g_key_file_set_string (file, "Module", "Type", "pkcs11");
  g_key_file_set_string_list (file, "Module", "Library", &library, 1);
  profile = module_profile_new_from_key_file (file, id, NULL);
  if (profile)
    profile->registered = TRUE;
  return profile;
}

/* Where the file NAME with TEXT says that its library is, or NULL. (transfer full) */
static char *
find_library (const char *text)
{
  g_autofree char *module = find_value (text, "module");
  g_autofree char *base = module ? g_path_get_basename (module) : NULL;

  if (!module || *module == '\0' || g_str_has_prefix (base, OWN))
    return NULL;
  return g_path_is_absolute (module) ? g_steal_pointer (&module) : g_build_filename (P11_MODULE_PATH, module, NULL);
}

/* The text of NAME in the last of FOLDERS that has it: that one counts. (transfer full) */
static char *
read_last (const char *const *folders, const char *name)
{
  char *text = NULL;

  for (; *folders; folders++)
    {
      g_autofree char *path = g_build_filename (*folders, name, NULL);
      gsize length;
      char *found = file_read (path, TRUE, MAX_SIZE, &length, NULL);

      if (!found)
        continue;
      g_free (text);
      text = found;
    }
  return text;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* The names of all files, each once, in their order. (transfer full) */
static GPtrArray *
list_names (const char *const *folders)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);

  for (; *folders; folders++)
    {
      g_autoptr (GDir) dir = g_dir_open (*folders, 0, NULL);
      const char *name;

      while (dir && names->len < MAX_FILES && (name = g_dir_read_name (dir)))
        if (g_str_has_suffix (name, EXTENSION) && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
          g_ptr_array_add (names, g_strdup (name));
    }
  g_ptr_array_sort (names, compare_names);
  return names;
}

void
registry_add_modules (GPtrArray *profiles)
{
  g_autofree char *own = g_build_filename (g_get_user_config_dir (), "pkcs11", "modules", NULL);
  const char *const folders[] = { P11_MODULE_CONFIGS, "/etc/pkcs11/modules", own, NULL };
  g_autoptr (GPtrArray) names = list_names (folders);

  for (guint i = 0; i < names->len; i++)
    {
      g_autofree char *text = read_last (folders, names->pdata[i]);
      g_autofree char *library = text && is_enabled (text) ? find_library (text) : NULL;
      ModuleProfile *profile =
        library && !is_listed (profiles, library) ? make_profile (names->pdata[i], library) : NULL;

      if (profile)
        g_ptr_array_add (profiles, profile);
    }
}
