/* What a library of GM/T 0016 (SKF) showed, as tokens: a device is one, with all its applications and containers. RSA
 * and SM2 certificates of one holder stand in containers of one device.
 *
 *   DEVINFO, first 194 bytes       the same in every layout, whatever the library's compiler made of the rest
 *   0  2 version   2  64 manufacturer   66  64 issuer   130  32 label   162  32 serial number */
#include <string.h>

#include "charset.h"
#include "model/text.h"
#include "module-host/skf-api.h"
#include "module-kind.h"
#include "skf-status.h"
#include "x509.h"

#define INFO_LABEL  130
#define INFO_SERIAL 162
#define INFO_TEXT   32

/* GM/T 0016 leaves the lengths to the token; these are what the tokens of the authorities take. */
#define PIN_SHORTEST 6
#define PIN_LONGEST  16

#define MAX_ADDRESS_NAME ((WIRE_MAX_ADDRESS - 2) / 2)

/* One parsing; NULL where nothing of the kind is open. */
typedef struct
{
  GPtrArray *modules;
  GHashTable *devices; /* names, as they came */
  GHashTable *places;  /* … made clean and unique */

  /* of the device that the records are about */
  ModuleToken *module;
  const ModuleRecord *device;
  GHashTable *ids;        /* of its certificates */
  GHashTable *unreadable; /* what is in its list already */

  /* of its application */
  Pin *pin;
  char *application;

  char *container;
} Parsing;

/* Names */

/* Whether RECORD is a name that can be an address. */
static gboolean
is_name (const ModuleRecord *record)
{
  return record->length > 0 && record->length <= MAX_ADDRESS_NAME
         && memchr (record->bytes, '\0', record->length) == NULL;
}

/* As it is shown; where nothing of it can be shown, its bytes. (transfer full) */
static char *
make_name (const ModuleRecord *record)
{
  g_autofree char *text = charset_to_text ((const char *) record->bytes, record->length);

  if (text != NULL && *text != '\0')
    return g_steal_pointer (&text);
  return text_from_bytes (record->bytes, record->length, '\0');
}

/* NAME, or with a number behind it where it is in TAKEN; it is from now on. */
static char *
make_unique (GHashTable *taken, const char *name)
{
  char *unique = g_strdup (name);

  for (guint n = 2; g_hash_table_contains (taken, unique); n++)
    {
      g_free (unique);
      unique = g_strdup_printf ("%s-%u", name, n);
    }
  g_hash_table_add (taken, g_strdup (unique));
  return unique;
}

static GHashTable *
new_set (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

/* Devices */

static void
close_application (Parsing *parsing)
{
  parsing->pin = NULL;
  g_clear_pointer (&parsing->application, g_free);
  g_clear_pointer (&parsing->container, g_free);
}

static void
close_device (Parsing *parsing)
{
  close_application (parsing);
  parsing->module = NULL;
  g_hash_table_remove_all (parsing->ids);
  g_hash_table_remove_all (parsing->unreadable);
}

/* A device that is listed twice is one: the other would be opened as the same. */
static void
take_device (Parsing *parsing, const ModuleRecord *record)
{
  g_autofree char *name = NULL;

  close_device (parsing);
  if (!is_name (record) || parsing->modules->len >= MODULE_MAX_TOKENS
      || !g_hash_table_add (parsing->devices, g_strndup ((const char *) record->bytes, record->length)))
    return;
  name = make_name (record);
  parsing->module = module_token_new (TOKEN_FAMILY_SKF);
  parsing->module->hardware = TRUE;
  parsing->module->place = make_unique (parsing->places, name);
  parsing->device = record;
  g_ptr_array_add (parsing->modules, parsing->module);
}

/* A text in a field of DEVINFO, that need not have a NUL, or be filled at all. */
static gsize
measure_field (const guint8 *field)
{
  gsize n = strnlen ((const char *) field, INFO_TEXT);

  while (n > 0 && (field[n - 1] == 0xFF || field[n - 1] == ' '))
    n--;
  return n;
}

/* What tells one token from another must not lose a byte: what is no plain text is shown as its bytes. */
static char *
make_serial (const guint8 *field, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isprint (field[i]))
      return text_from_bytes (field, length, '\0');
  return length > 0 ? text_clean ((const char *) field, (gssize) length) : NULL;
}

static void
take_info (Parsing *parsing, const ModuleRecord *record)
{
  Token *token = parsing->module->token;
  g_autofree char *label = NULL;
  gsize length;

  if (record->length < INFO_SERIAL + INFO_TEXT || token->label != NULL || token->serial != NULL)
    return;
  length = measure_field (record->bytes + INFO_LABEL);
  label = length > 0 ? charset_to_text ((const char *) record->bytes + INFO_LABEL, length) : NULL;
  if (label != NULL && *label != '\0')
    token->label = g_steal_pointer (&label);
  token->serial = make_serial (record->bytes + INFO_SERIAL, measure_field (record->bytes + INFO_SERIAL));
}

/* Applications and their PINs */

static void
add_pin (Parsing *parsing, const ModuleRecord *application)
{
  guint n = parsing->module->token->pins->len;
  g_autofree char *ref = n == 0 ? g_strdup ("user") : g_strdup_printf ("user-%u", n + 1);
  GByteArray *address = g_byte_array_new ();

  parsing->pin = pin_new (ref);
  parsing->pin->label = g_strdup (parsing->application);
  parsing->pin->min_length = PIN_SHORTEST;
  parsing->pin->max_length = PIN_LONGEST;
  parsing->pin->charset = PIN_CHARSET_ANY;
  parsing->pin->unlock = PIN_UNLOCK_ISSUER; /* few holders are given the administrator's PIN */
  g_ptr_array_add (parsing->module->token->pins, parsing->pin);

  /* With the NUL that is behind each name. */
  g_byte_array_append (address, parsing->device->bytes, (guint) parsing->device->length + 1);
  g_byte_array_append (address, application->bytes, (guint) application->length + 1);
  g_ptr_array_add (parsing->module->addresses, g_byte_array_free_to_bytes (address));
}

static void
take_application (Parsing *parsing, const ModuleRecord *record)
{
  close_application (parsing);
  if (!is_name (record))
    return;
  parsing->application = make_name (record);
  if (parsing->module->token->pins->len < TOKEN_MAX_PINS)
    add_pin (parsing, record);
}

/* A BOOL of one byte is in a cell of zeroes, one of more may be any number but 0. */
static int
take_bool (guint32 value)
{
  return value == 0 ? FALSE : value == 1 || value == 0xFF || value == 0xFFFFFFFF ? TRUE : PIN_UNKNOWN;
}

static void
take_pin (Parsing *parsing, const ModuleRecord *record)
{
  guint32 numbers[4]; /* type, most tries, tries left, whether it is the initial one */
  Pin *pin = parsing->pin;
  gboolean known;

  if (pin == NULL || record->length != sizeof numbers)
    return;
  memcpy (numbers, record->bytes, sizeof numbers);
  known = numbers[1] > 0 && numbers[1] <= SKF_MAX_TRIES && numbers[2] <= numbers[1];
  if (numbers[0] == SKF_ADMIN)
    {
      pin->officer = TRUE;
      pin->unlock_tries_left = known ? (int) numbers[2] : PIN_UNKNOWN;
    }
  if (numbers[0] != SKF_USER)
    return;
  pin->is_default = take_bool (numbers[3]);
  if (!known)
    return;
  pin->tries_max = (int) numbers[1];
  pin->tries_left = (int) numbers[2];
  pin->blocked = pin->tries_left == 0;
}

/* Containers and their certificates */

static void
add_unreadable (Parsing *parsing, const char *place)
{
  if (g_hash_table_size (parsing->unreadable) < TOKEN_MAX_CERTIFICATES
      && g_hash_table_add (parsing->unreadable, g_strdup (place)))
    token_add_unreadable (parsing->module->token, place);
}

static void
take_container (Parsing *parsing, const ModuleRecord *record)
{
  g_clear_pointer (&parsing->container, g_free);
  if (parsing->application != NULL && is_name (record))
    parsing->container = make_name (record);
}

static void
take_certificate (Parsing *parsing, const ModuleRecord *record)
{
  gboolean encryption = record->kind == WIRE_ENCRYPTION;
  g_autoptr (Certificate) certificate = NULL;
  g_autofree char *id = NULL;
  Token *token = parsing->module->token;

  if (parsing->container == NULL || record->length == 0 || token->certificates->len >= TOKEN_MAX_CERTIFICATES)
    return;
  certificate = x509_parse (record->bytes, record->length, NULL);
  if (certificate == NULL)
    {
      add_unreadable (parsing, parsing->container);
      return;
    }
  /* A library that heeds no flag gives one certificate for both. */
  if (token_find_certificate (token, certificate->sha256))
    return;
  id = g_strconcat (parsing->container, encryption ? "-enc" : NULL, NULL);
  certificate->id = make_unique (parsing->ids, id);
  if (encryption)
    certificate->role = CERTIFICATE_ROLE_ENCRYPTION;
  else if (certificate->role != CERTIFICATE_ROLE_AUTHENTICATION)
    certificate->role = CERTIFICATE_ROLE_SIGNATURE;
  g_ptr_array_add (token->certificates, g_steal_pointer (&certificate));
}

/* Failures */

typedef enum
{
  PLACE_DEVICE,
  PLACE_APPLICATION,
  PLACE_CONTAINER,
  PLACE_NONE,
} Place;

/* What cannot be read where a function fails. */
static const struct
{
  const char *function;
  Place place;
} losses[] = {
  { "SKF_OpenApplication", PLACE_APPLICATION },
  { "SKF_EnumContainer", PLACE_APPLICATION },
  { "SKF_OpenContainer", PLACE_CONTAINER },
  { "SKF_ExportCertificate", PLACE_CONTAINER },
  { "SKF_GetPINInfo", PLACE_NONE }, /* the numbers are unknown, the PIN is there */
};

static const char *
find_lost (const Parsing *parsing, const ModuleRecord *record, gsize n_code)
{
  Place place = PLACE_DEVICE;

  for (gsize i = 0; i < G_N_ELEMENTS (losses); i++)
    if (strcmp ((const char *) record->bytes + n_code, losses[i].function) == 0)
      place = losses[i].place;
  if (place == PLACE_NONE)
    return NULL;
  if (place == PLACE_CONTAINER && parsing->container != NULL)
    return parsing->container;
  return place != PLACE_DEVICE && parsing->application != NULL ? parsing->application : parsing->module->place;
}

/* What was pulled while it was being read is not there any more. */
static void
take_failure (Parsing *parsing, const ModuleRecord *record)
{
  const char *lost;
  guint64 code;

  if (record->length < sizeof code)
    return;
  memcpy (&code, record->bytes, sizeof code);
  if ((guint32) code == SKF_DEVICE_REMOVED)
    {
      g_ptr_array_remove (parsing->modules, parsing->module);
      close_device (parsing);
      return;
    }
  lost = find_lost (parsing, record, sizeof code);
  if (lost != NULL)
    add_unreadable (parsing, lost);
}

/* The list */

static const struct
{
  WireKind kind;
  void (*take) (Parsing *parsing, const ModuleRecord *record);
} takers[] = {
  { WIRE_DEVICE_INFO, take_info },    { WIRE_APPLICATION, take_application }, { WIRE_PIN, take_pin },
  { WIRE_CONTAINER, take_container }, { WIRE_SIGNATURE, take_certificate },   { WIRE_ENCRYPTION, take_certificate },
  { WIRE_FAILED, take_failure },
};

static void
take (Parsing *parsing, const ModuleRecord *record)
{
  if (record->kind == WIRE_DEVICE)
    take_device (parsing, record);
  for (gsize i = 0; i < G_N_ELEMENTS (takers) && parsing->module != NULL; i++)
    if (takers[i].kind == record->kind)
      {
        takers[i].take (parsing, record);
        return;
      }
}

/* Those that sign before those that decrypt, and of these the one first that is valid longest: a renewed certificate
 * often stands behind the old one. */
static int
compare_certificates (gconstpointer a, gconstpointer b)
{
  const Certificate *x = *(Certificate *const *) a, *y = *(Certificate *const *) b;
  int roles = (x->role == CERTIFICATE_ROLE_ENCRYPTION) - (y->role == CERTIFICATE_ROLE_ENCRYPTION);

  return roles != 0 ? roles : (x->not_after < y->not_after) - (x->not_after > y->not_after);
}

static GPtrArray *
parse (const GPtrArray *records)
{
  g_autoptr (GHashTable) devices = new_set (), places = new_set (), ids = new_set (), unreadable = new_set ();
  GPtrArray *modules = g_ptr_array_new_with_free_func ((GDestroyNotify) module_token_free);
  Parsing parsing = { .modules = modules, .devices = devices, .places = places, .ids = ids, .unreadable = unreadable };

  for (guint i = 0; i < records->len; i++)
    take (&parsing, records->pdata[i]);
  close_device (&parsing);
  for (guint i = 0; i < modules->len; i++)
    g_ptr_array_sort (((ModuleToken *) modules->pdata[i])->token->certificates, compare_certificates);
  return modules;
}

const ModuleKind skf_module = { .type = "skf", .parse = parse, .explain = skf_status_explain };
