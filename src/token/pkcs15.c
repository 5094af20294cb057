/* PKCS#15 (PKCS#15 v1.1, ISO 7816-15): a tree of files, and in it directories of objects. How files are read is in
 * pkcs15-file, what they say in pkcs15-object, PINs are in pkcs15-pin.
 *
 * AID A0 00 00 00 63 "PKCS-15"; a token that does not know it by that may name its folder in EF.DIR (3F00 2F00).
 *
 *   what                      where                              what is taken from it
 *   object directory          5031 in the application's folder   where the next three are
 *   certificates              certificates [4]                   entries with identifiers, and where each one is
 *   PINs                      authentication objects [8]         how they are written, and their tries left
 *   private keys              private keys [0]                   what a key is for, where no certificate says it
 *   token information         5032                               serial number and label
 *
 * Trusted and useful certificates ([5], [6]) are others' and not read. Nothing of this wants a PIN. */
#include <string.h>

#include "driver.h"
#include "pkcs15-pin.h"
#include "x509.h"

#define N_OTHER_STEPS 2 /* PINs, and who it is */

static const Pkcs15Path token_information = { .bytes = { 0x50, 0x32 }, .length = 2 };

/* One reading. Once the conversation is lost it is over: nothing more is sent, and whatever was read is thrown away. */
typedef struct
{
  Session *session;
  Token *token;
  Pkcs15Files files;
  GByteArray *directory; /* that the places borrow from */
  Pkcs15Place places[PKCS15_MAX_PLACES];
  gsize n_places;
  GPtrArray *entries; /* Pkcs15Entry: the person's own first */
  GArray *read;       /* which of the entries each of the token's certificates is of */
} Reading;

static gboolean
is_over (const Reading *reading)
{
  return channel_get_loss (reading->session->channel, NULL);
}

static void
report (Reading *reading)
{
  if (!is_over (reading) && reading->session->report != NULL)
    reading->session->report (reading->session, reading->token);
}

static gboolean
is_id_taken (const Token *token, const char *id)
{
  for (guint i = 0; i < token->certificates->len; i++)
    if (strcmp (((Certificate *) token->certificates->pdata[i])->id, id) == 0)
      return TRUE;
  return token->unreadable != NULL && g_strv_contains ((const char *const *) token->unreadable, id);
}

/* Directories */

/* The objects of PLACE (transfer full). */
static Found
read_place (Reading *reading, const Pkcs15Place *place, GByteArray **data)
{
  if (place->path.length > 0)
    return pkcs15_file_read (&reading->files, &place->path, PKCS15_ALL_OBJECTS, data);

  *data = g_byte_array_new ();
  g_byte_array_append (*data, place->objects.value, (guint) place->objects.length);
  return FOUND_SOMETHING;
}

static void
read_directory (Reading *reading)
{
  if (pkcs15_file_read_directory (&reading->files, &reading->directory) == FOUND_SOMETHING)
    reading->n_places = pkcs15_object_list_places (reading->directory->data, reading->directory->len, reading->places);
}

/* Those that stand for somebody come before those that vouch for them. */
static gint
compare_entries (gconstpointer a, gconstpointer b)
{
  const Pkcs15Entry *const *first = a, *const *second = b;

  if ((*first)->authority != (*second)->authority)
    return (*first)->authority ? 1 : -1;
  return (*first)->number < (*second)->number ? -1 : 1;
}

static void
read_entries (Reading *reading)
{
  for (gsize i = 0; i < reading->n_places && !is_over (reading); i++)
    {
      g_autoptr (GByteArray) data = NULL;
      Found found;

      if (reading->places[i].kind != PKCS15_CERTIFICATES)
        continue;
      found = read_place (reading, &reading->places[i], &data);
      if (found == FOUND_SOMETHING
          && !pkcs15_object_add_entries (data->data, data->len, reading->entries, TOKEN_MAX_CERTIFICATES))
        found = FOUND_RUBBISH;
      if ((found == FOUND_REFUSED || found == FOUND_RUBBISH) && !is_id_taken (reading->token, TOKEN_CERTIFICATE_LIST))
        token_add_unreadable (reading->token, TOKEN_CERTIFICATE_LIST);
    }
  g_ptr_array_sort (reading->entries, compare_entries);
}

/* Certificates */

/* The identifier of ENTRY as other programs write it; its number where it has none, or another certificate has the
 * same. (transfer full) */
static char *
make_id (const Reading *reading, const Pkcs15Entry *entry)
{
  g_autoptr (GString) id = g_string_new (NULL);

  for (gsize i = 0; i < entry->id.length; i++)
    g_string_append_printf (id, "%02x", entry->id.bytes[i]);
  if (id->len == 0 || is_id_taken (reading->token, id->str))
    g_string_printf (id, "#%u", entry->number);
  return g_strdup (id->str);
}

/* Not every card says of such an entry what it is. */
static gboolean
is_authority (const Certificate *certificate)
{
  return certificate->usages != NULL && g_strv_contains ((const char *const *) certificate->usages, "keyCertSign");
}

/* Behind those that are there, but before those of authorities. */
static void
add_certificate (Reading *reading, Certificate *certificate, guint entry)
{
  GPtrArray *certificates = reading->token->certificates;
  guint at = certificates->len;

  while (at > 0 && !is_authority (certificate) && is_authority (certificates->pdata[at - 1]))
    at--;
  g_ptr_array_insert (certificates, (gint) at, certificate);
  g_array_insert_val (reading->read, at, entry);
}

/* Reads entry number I. */
static Found
read_certificate (Reading *reading, guint i)
{
  const Pkcs15Entry *entry = reading->entries->pdata[i];
  g_autoptr (GByteArray) data = NULL;
  g_autoptr (Certificate) certificate = NULL;
  Found found = FOUND_SOMETHING;

  if (entry->der != NULL)
    certificate = x509_parse (g_bytes_get_data (entry->der, NULL), g_bytes_get_size (entry->der), NULL);
  else
    {
      found = pkcs15_file_read (&reading->files, &entry->path, PKCS15_ONE_OBJECT, &data);
      if (found == FOUND_SOMETHING)
        certificate = x509_parse (data->data, data->len, NULL);
    }
  if (found != FOUND_SOMETHING)
    return found;
  if (certificate == NULL)
    return FOUND_RUBBISH;
  if (token_find_certificate (reading->token, certificate->sha256))
    return FOUND_NOTHING;

  certificate->id = make_id (reading, entry);
  add_certificate (reading, g_steal_pointer (&certificate), i);
  return FOUND_SOMETHING;
}

/* Reads entry number I into the token: whether that made a certificate of it. What comes of a reading that is over does
 * not matter. */
static gboolean
read_entry (Reading *reading, guint i)
{
  const Pkcs15Entry *entry = reading->entries->pdata[i];
  Found found = read_certificate (reading, i);

  reading->token->steps_done++;
  if ((found == FOUND_REFUSED && !entry->is_private) || found == FOUND_RUBBISH)
    {
      g_autofree char *id = make_id (reading, entry);

      token_add_unreadable (reading->token, id);
    }
  return found == FOUND_SOMETHING;
}

/* Entries from number I on, up to and with the first that has a certificate; the number of the next. */
static guint
read_up_to_one (Reading *reading, guint i)
{
  while (i < reading->entries->len && !is_over (reading))
    if (read_entry (reading, i++))
      {
        report (reading);
        break;
      }
  return i;
}

/* What a certificate is for that does not say it: as its key says. */
static void
read_roles (Reading *reading)
{
  gboolean open = FALSE;

  for (guint i = 0; i < reading->read->len; i++)
    open |= ((Certificate *) reading->token->certificates->pdata[i])->role == CERTIFICATE_ROLE_OTHER;
  for (gsize i = 0; open && i < reading->n_places && !is_over (reading); i++)
    {
      g_autoptr (GByteArray) data = NULL;

      if (reading->places[i].kind != PKCS15_PRIVATE_KEYS
          || read_place (reading, &reading->places[i], &data) != FOUND_SOMETHING)
        continue;
      for (guint j = 0; j < reading->read->len; j++)
        {
          Certificate *certificate = reading->token->certificates->pdata[j];
          const Pkcs15Entry *entry = reading->entries->pdata[g_array_index (reading->read, guint, j)];

          if (certificate->role == CERTIFICATE_ROLE_OTHER)
            certificate->role = pkcs15_object_find_role (data->data, data->len, &entry->id);
        }
    }
}

/* The rest */

static void
read_pins (Reading *reading)
{
  g_autoptr (GPtrArray) pins = pkcs15_pin_read_all (&reading->files, reading->places, reading->n_places);

  pkcs15_pin_add_all (&reading->files, pins, reading->token);
  reading->token->steps_done++;
}

static void
read_information (Reading *reading)
{
  g_autoptr (GByteArray) data = NULL;
  Pkcs15Info info;

  reading->token->steps_done++;
  if (pkcs15_file_read (&reading->files, &token_information, PKCS15_ONE_OBJECT, &data) != FOUND_SOMETHING
      || !pkcs15_object_parse_info (data->data, data->len, &info))
    return;

  reading->token->serial = g_steal_pointer (&info.serial);
  reading->token->label = info.label != NULL ? g_steal_pointer (&info.label) : g_steal_pointer (&info.manufacturer);
  pkcs15_object_clear_info (&info);
}

/* The order is the point: what is shown first costs SELECT, two directories and one certificate. */
static void
read_all (Reading *reading)
{
  Token *token = reading->token;
  guint next;

  token->steps_total = N_OTHER_STEPS;
  read_directory (reading);
  read_entries (reading);
  token->steps_total += reading->entries->len;
  next = read_up_to_one (reading, 0);
  read_pins (reading);
  if (reading->n_places > 0)
    report (reading);
  read_information (reading);

  while (next < reading->entries->len && !is_over (reading))
    next = read_up_to_one (reading, next);
  read_roles (reading);
}

/* The driver */

static Probe
probe (Session *session)
{
  static const Probe probes[] = {
    [PKCS15_ABSENT] = PROBE_NO, [PKCS15_SILENT] = PROBE_MAYBE, [PKCS15_NAMED] = PROBE_SURE
  };
  Pkcs15Files files = pkcs15_file_tree_over (session->channel);

  return probes[pkcs15_file_open_application (&files)];
}

/* Some cards say 9000 to any SELECT and to much else. A token without an object directory is of the family if its
 * SELECT says so; that answer was not kept. */
static gboolean
is_pkcs15 (const Reading *reading)
{
  return reading->n_places > 0 || probe (reading->session) == PROBE_SURE;
}

static Token *
read_token (Session *session, GError **error)
{
  g_autoptr (Token) token = token_new (TOKEN_FAMILY_PKCS15);
  g_autoptr (GPtrArray) entries = g_ptr_array_new_with_free_func (pkcs15_object_free_entry);
  g_autoptr (GArray) read = g_array_new (FALSE, FALSE, sizeof (guint));
  Reading reading = { .session = session,
                      .token = token,
                      .files = pkcs15_file_tree_over (session->channel),
                      .entries = entries,
                      .read = read };
  gboolean known;

  read_all (&reading);
  known = is_pkcs15 (&reading);
  g_clear_pointer (&reading.directory, g_byte_array_unref);

  if (channel_get_loss (session->channel, error))
    return NULL;
  if (known)
    return g_steal_pointer (&token);
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNKNOWN, "nothing of PKCS#15 on it");
  return NULL;
}

const Driver pkcs15_driver = {
  .name = "pkcs15",
  .probe = probe,
  .read = read_token,
  .change_pin = pkcs15_pin_change,
  .unblock = pkcs15_pin_unblock,
};
