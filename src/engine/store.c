#include "store.h"

#include <errno.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "file.h"
#include "jsonwriter.h"

#define VERSION_OF_FILE 1
#define MAX_SIZE        (1024 * 1024)

/* Ours has three levels; a later version may have more. The parser calls itself for each. */
#define MAX_DEPTH 64

struct _Store
{
  char *path;
  Memory *saved;   /* what is in the file; NULL: nobody knows */
  gboolean loaded; /* it has been looked at */
  gboolean taboo;  /* it is not ours to write: of a later version, or a device */
  gboolean failed; /* and that has been said */
};

Store *
store_new (const char *path)
{
  Store *store = g_new0 (Store, 1);

  store->path =
    path ? g_strdup (path) : g_build_filename (g_get_user_state_dir (), "cert-assistant", "state.json", NULL);
  return store;
}

void
store_free (Store *store)
{
  g_clear_pointer (&store->saved, memory_unref);
  g_free (store->path);
  g_free (store);
}

/* ---- JSON to memory ---- */

/* Whether TEXT can be JSON as it is and not too deep for the parser, which would also take comments. */
static gboolean
is_sound (const char *text)
{
  gboolean quoted = FALSE;
  int depth = 0;

  for (const char *p = text; *p; p++)
    {
      if (*p == '"')
        quoted = !quoted;
      else if (quoted)
        p += *p == '\\' && p[1] != '\0';
      else if (!g_ascii_isalnum (*p) && !strchr ("{}[]:,+-. \t\r\n", *p))
        return FALSE;
      else if (*p == '{' || *p == '[')
        depth++;
      else if (*p == '}' || *p == ']')
        depth--;
      if (depth > MAX_DEPTH)
        return FALSE;
    }
  return TRUE;
}

static gboolean
is_value (JsonNode *node, GType type)
{
  return node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

/* NULL when there is none. */
static const char *
get_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return is_value (node, G_TYPE_STRING) ? json_node_get_string (node) : NULL;
}

/* MISSING when there is none. */
static gint64
get_number (JsonObject *object, const char *name, gint64 missing)
{
  JsonNode *node = json_object_get_member (object, name);

  return is_value (node, G_TYPE_INT64) ? json_node_get_int (node) : missing;
}

static JsonArray *
get_array (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static gpointer
read_certificate (JsonObject *object)
{
  return memory_certificate_new (get_text (object, "sha256"), get_text (object, "label"), get_text (object, "issuer"),
                                 get_text (object, "profile"),
                                 get_number (object, "not_after", CERTIFICATE_TIME_UNKNOWN));
}

static gpointer
read_mark (JsonObject *object)
{
  const char *id = get_text (object, "id");

  return id ? memory_mark_new (id, get_number (object, "shown", 0), get_number (object, "snoozed_until", 0)) : NULL;
}

/* Adds to ITEMS what READ makes of each of ARRAY, up to MAX of them. What is none is left out, and so is what is there
 * a second time: the first member of each item is its name. */
static void
read_items (JsonArray *array, gpointer (*read) (JsonObject *), guint max, GPtrArray *items)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  guint n = json_array_get_length (array);

  for (guint i = 0; i < n && items->len < max; i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      gpointer item = JSON_NODE_HOLDS_OBJECT (node) ? read (json_node_get_object (node)) : NULL;

      if (!item)
        continue;
      g_ptr_array_add (items, item);
      if (!g_hash_table_add (names, *(char **) item))
        g_ptr_array_set_size (items, (int) items->len - 1);
    }
}

/* NULL with ERROR when TEXT is no state file, and without when it is of a later version. */
static Memory *
parse (const char *text, gsize length, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (Memory) memory = memory_new ();
  gboolean sound = g_utf8_validate (text, (gssize) length, NULL) && is_sound (text);
  JsonNode *root =
    sound && json_parser_load_from_data (parser, text, (gssize) length, NULL) ? json_parser_get_root (parser) : NULL;
  JsonObject *object = root && JSON_NODE_HOLDS_OBJECT (root) ? json_node_get_object (root) : NULL;
  gint64 version = object ? get_number (object, "version", 0) : 0;
  JsonArray *certificates = object ? get_array (object, "certificates") : NULL;
  JsonArray *marks = object ? get_array (object, "shown") : NULL;

  if (version > VERSION_OF_FILE)
    return NULL;
  if (version < 1 || !certificates || !marks)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "no state file");
      return NULL;
    }
  read_items (certificates, read_certificate, MEMORY_MAX_CERTIFICATES, memory->certificates);
  read_items (marks, read_mark, MEMORY_MAX_MARKS, memory->marks);
  return g_steal_pointer (&memory);
}

/* ---- memory to JSON ---- */

static void
add_certificate (JsonBuilder *json, gconstpointer item)
{
  const MemoryCertificate *certificate = item;

  jsonwriter_add_text (json, "sha256", certificate->fingerprint);
  jsonwriter_add_text (json, "label", certificate->label);
  jsonwriter_add_text (json, "issuer", certificate->issuer);
  jsonwriter_add_text (json, "profile", certificate->profile);
  jsonwriter_add_number (json, "not_after", certificate->not_after);
}

static void
add_mark (JsonBuilder *json, gconstpointer item)
{
  const MemoryMark *mark = item;

  jsonwriter_add_text (json, "id", mark->id);
  jsonwriter_add_number (json, "shown", mark->shown);
  if (mark->snoozed_until != 0)
    jsonwriter_add_number (json, "snoozed_until", mark->snoozed_until);
}

static char *
to_json (const Memory *memory)
{
  g_autoptr (JsonBuilder) json = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  json_builder_begin_object (json);
  jsonwriter_add_number (json, "version", VERSION_OF_FILE);
  jsonwriter_add_array (json, "certificates", memory->certificates, add_certificate);
  jsonwriter_add_array (json, "shown", memory->marks, add_mark);
  json_builder_end_object (json);
  root = json_builder_get_root (json);
  return json_to_string (root, FALSE);
}

/* ---- the file ---- */

static void
warn (Store *store, const char *what, const char *reason)
{
  g_autofree char *shown = g_filename_display_name (store->path);

  g_warning ("%s %s: %s", shown, what, reason);
}

/* A device is nobody's state file; without it the machine may not work. */
static gboolean
is_device (const char *path)
{
  GStatBuf status;

  return g_lstat (path, &status) == 0 && (S_ISCHR (status.st_mode) || S_ISBLK (status.st_mode));
}

static void
move_aside (Store *store, const char *reason)
{
  g_autofree char *aside = g_strconcat (store->path, ".damaged", NULL);
  gboolean moved;

  store->taboo = is_device (store->path);
  moved = !store->taboo && g_rename (store->path, aside) == 0;
  warn (store, moved ? "is moved aside" : "cannot be read, nor moved aside", reason);
  store->saved = moved ? memory_new () : NULL;
  store->failed = !moved;
}

/* What there is in the file, or NULL; then it has been said why, if there is anything to say. */
static Memory *
read_file (Store *store)
{
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  g_autofree char *text = file_read (store->path, FALSE, MAX_SIZE, &length, &error);
  Memory *memory = text ? parse (text, length, &error) : NULL;

  if (memory)
    store->saved = memory_ref (memory);
  else if (!error)
    {
      store->taboo = TRUE;
      warn (store, "is left as it is", "it is of a later version");
    }
  else if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND))
    store->saved = memory_new ();
  else if (text || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE)
           || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_MESSAGE_TOO_LARGE))
    move_aside (store, error->message);
  else
    {
      store->failed = TRUE;
      warn (store, "cannot be read", error->message);
    }
  return memory;
}

Memory *
store_load (Store *store)
{
  Memory *memory;

  g_clear_pointer (&store->saved, memory_unref);
  store->taboo = FALSE;
  store->loaded = TRUE;
  memory = read_file (store);
  return memory ? memory : memory_new ();
}

/* Glib writes a file beside it and puts that in its place: a link there is replaced, not followed. */
static gboolean
write_file (Store *store, const Memory *memory, GError **error)
{
  g_autofree char *folder = g_path_get_dirname (store->path);
  g_autofree char *text = to_json (memory);

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      int code = errno;

      g_set_error_literal (error, G_IO_ERROR, g_io_error_from_errno (code), g_strerror (code));
      return FALSE;
    }
  return g_file_set_contents_full (store->path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT, 0600, error);
}

void
store_save (Store *store, Memory *memory)
{
  g_autoptr (GError) error = NULL;

  if (!store->loaded) /* it could be of a later version */
    memory_unref (store_load (store));
  if (store->taboo || (store->saved && memory_is_same (store->saved, memory)))
    return;
  if (!write_file (store, memory, &error))
    {
      if (!store->failed)
        warn (store, "cannot be saved", error->message);
      store->failed = TRUE;
      return;
    }
  store->failed = FALSE;
  g_clear_pointer (&store->saved, memory_unref);
  store->saved = memory_ref (memory);
}
