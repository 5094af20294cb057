#include <errno.h>
#include <string.h>

#include "file.h"
#include "model/text.h"
#include "probe-part.h"
#include "profiles.h"

#define DEVICES          "/sys/bus/usb/devices"
#define MAX_ENTRIES      1024
#define ENTRIES_A_STEP   16
#define MAX_ATTRIBUTE    4096
#define MAX_DRIVER       (1024 * 1024)
#define SMART_CARD_CLASS "0b" /* bInterfaceClass of a CCID reader */

/* Where pcscd has its drivers (its --enable-usbdropdir), in the distributions that are known. */
static const char *const driver_folders[] = { "/usr/lib/pcsc/drivers", "/usr/lib64/pcsc/drivers",
                                              "/usr/local/lib/pcsc/drivers" };

/* A device that may turn out to be nothing of ours. */
typedef struct
{
  DiagnosisDevice device;
  char *entry; /* its name in DEVICES */
} Candidate;

typedef struct
{
  GKeyFile *known;
  GPtrArray *entries; /* names in DEVICES, each device before its interfaces; NULL: cannot be read */
  int failure;        /* then: errno */
  guint next;         /* the entry to look at in the next step */
  GPtrArray *candidates;
  GHashTable *driven; /* numbers of devices that a driver knows */
  gboolean class_driver;
  guint n_folders; /* of drivers that could be read */
} Usb;

/* ---- drivers ---- */

/* The parts of an Info.plist: which array the parser is in, and what has stood in it. */
typedef struct
{
  char *key, *text;
  GArray *vendors, *products; /* guint */
  gboolean class_driver;
} Bundle;

static void
on_text (GMarkupParseContext *context G_GNUC_UNUSED,
         const char *text,
         gsize length,
         gpointer data,
         GError **error G_GNUC_UNUSED)
{
  Bundle *bundle = data;

  g_free (bundle->text);
  bundle->text = g_strndup (text, length);
}

static void
on_element_end (GMarkupParseContext *context G_GNUC_UNUSED,
                const char *element,
                gpointer data,
                GError **error G_GNUC_UNUSED)
{
  Bundle *bundle = data;
  guint number = bundle->text ? (guint) g_ascii_strtoull (bundle->text, NULL, 16) : 0;

  if (strcmp (element, "key") == 0)
    {
      g_free (bundle->key);
      bundle->key = g_steal_pointer (&bundle->text);
    }
  else if (strcmp (element, "string") == 0 && bundle->key)
    {
      if (strcmp (bundle->key, "ifdVendorID") == 0)
        g_array_append_val (bundle->vendors, number);
      else if (strcmp (bundle->key, "ifdProductID") == 0)
        g_array_append_val (bundle->products, number);
      else if (strcmp (bundle->key, "CFBundleName") == 0)
        bundle->class_driver = g_strcmp0 (bundle->text, "CCIDCLASSDRIVER") == 0;
    }
}

static guint
make_number (guint vendor, guint product)
{
  return vendor << 16 | product;
}

/* Takes in what the driver described by the file PATH knows. */
static void
read_driver (Usb *usb, const char *path)
{
  static const GMarkupParser parser = { .text = on_text, .end_element = on_element_end };
  gsize length;
  g_autofree char *text = file_read (path, TRUE, MAX_DRIVER, &length, NULL);
  Bundle bundle = { .vendors = g_array_new (FALSE, FALSE, sizeof (guint)),
                    .products = g_array_new (FALSE, FALSE, sizeof (guint)) };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &bundle, NULL);

  /* What stands before a mistake counts. */
  if (text)
    g_markup_parse_context_parse (context, text, length, NULL);
  for (guint i = 0; i < MIN (bundle.vendors->len, bundle.products->len); i++)
    g_hash_table_add (usb->driven, GUINT_TO_POINTER (make_number (g_array_index (bundle.vendors, guint, i),
                                                                  g_array_index (bundle.products, guint, i))));
  usb->class_driver |= bundle.class_driver;
  g_array_unref (bundle.vendors);
  g_array_unref (bundle.products);
  g_free (bundle.key);
  g_free (bundle.text);
}

static void
read_drivers (Usb *usb, const char *folder)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  usb->n_folders += dir != NULL;
  for (guint n = 0; dir && n < MAX_ENTRIES && (name = g_dir_read_name (dir)); n++)
    if (g_str_has_suffix (name, ".bundle"))
      {
        g_autofree char *path = g_build_filename (folder, name, "Contents", "Info.plist", NULL);

        read_driver (usb, path);
      }
}

/* ---- devices ---- */

/* The attribute NAME of ENTRY, without what is around it; NULL where there is none. */
static char *
read_attribute (const char *entry, const char *name)
{
  g_autofree char *path = g_build_filename (DEVICES, entry, name, NULL);
  gsize length;
  g_autofree char *raw = file_read (path, TRUE, MAX_ATTRIBUTE, &length, NULL);
  char *text = raw ? g_strstrip (text_clean (raw, length)) : NULL;

  if (text && !*text)
    g_clear_pointer (&text, g_free);
  return text;
}

/* What is known of the device in GROUP, by both numbers or by the vendor's alone. */
static char *
look_up (Usb *usb, const char *group, const DiagnosisDevice *device)
{
  g_autofree char *both = g_strdup_printf ("%04x-%04x", device->vendor, device->product);
  g_autofree char *vendor = g_strdup_printf ("%04x", device->vendor);
  g_autofree char *raw = g_key_file_get_locale_string (usb->known, group, both, NULL, NULL);

  if (!raw)
    raw = g_key_file_get_locale_string (usb->known, group, vendor, NULL, NULL);
  return raw ? text_clean (raw, -1) : NULL;
}

/* "Yubico YubiKey OTP+FIDO+CCID": its own name, with its maker's where that is not in it; NULL where there is none. */
static char *
make_name (Usb *usb, const char *entry, const DiagnosisDevice *device)
{
  g_autofree char *own = read_attribute (entry, "product");
  g_autofree char *kind = look_up (usb, "Tokens", device), *known = look_up (usb, "Makers", device);
  g_autofree char *said = known ? NULL : read_attribute (entry, "manufacturer");
  const char *maker = known ? known : said, *name = own ? own : kind;

  if (!maker || !name)
    return g_strdup (maker ? maker : name);
  return strstr (name, maker) ? g_strdup (name) : g_strdup_printf ("%s %s", maker, name);
}

static void
add_device (Usb *usb, const char *entry)
{
  Candidate *candidate = g_new0 (Candidate, 1);
  g_autofree char *vendor = read_attribute (entry, "idVendor"), *product = read_attribute (entry, "idProduct");

  candidate->entry = g_strdup (entry);
  candidate->device.vendor = vendor ? g_ascii_strtoull (vendor, NULL, 16) & 0xFFFF : 0;
  candidate->device.product = product ? g_ascii_strtoull (product, NULL, 16) & 0xFFFF : 0;
  g_ptr_array_add (usb->candidates, candidate);
}

/* ENTRY is an interface: "1-2:1.0" of the device "1-2". */
static void
add_interface (Usb *usb, const char *entry)
{
  g_autofree char *class = read_attribute (entry, "bInterfaceClass");

  if (!class || g_ascii_strcasecmp (class, SMART_CARD_CLASS) != 0)
    return;
  for (guint i = 0; i < usb->candidates->len; i++)
    {
      Candidate *candidate = usb->candidates->pdata[i];
      gsize length = strlen (candidate->entry);

      if (strncmp (candidate->entry, entry, length) == 0 && entry[length] == ':')
        candidate->device.ccid = TRUE;
    }
}

/* Those of the candidates that are readers or tokens, and whether they have a driver. */
static void
fill_in (Usb *usb, DiagnosisFacts *facts)
{
  g_autoptr (GArray) devices = g_array_new (FALSE, FALSE, sizeof (DiagnosisDevice));

  for (guint i = 0; i < usb->candidates->len; i++)
    {
      Candidate *candidate = usb->candidates->pdata[i];
      DiagnosisDevice device = candidate->device;
      g_autofree char *kind = look_up (usb, "Tokens", &device);
      gboolean listed =
        g_hash_table_contains (usb->driven, GUINT_TO_POINTER (make_number (device.vendor, device.product)));

      if (!device.ccid && !listed && !kind)
        continue;
      device.driven = listed || (device.ccid && usb->class_driver);
      device.name = make_name (usb, candidate->entry, &device);
      g_array_append_val (devices, device);
    }
  facts->usb = DIAGNOSIS_KNOWN;
  facts->n_devices = devices->len;
  facts->devices = (DiagnosisDevice *) g_array_free (g_steal_pointer (&devices), FALSE);
}

/* ---- the part ---- */

static int
compare_texts (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
candidate_free (gpointer data)
{
  g_free (((Candidate *) data)->entry);
  g_free (data);
}

static void
list_entries (Usb *usb)
{
  g_autoptr (GDir) dir = NULL;
  const char *name;

  errno = 0;
  dir = g_dir_open (DEVICES, 0, NULL);
  usb->failure = errno;
  if (!dir)
    return;
  usb->entries = g_ptr_array_new_with_free_func (g_free);
  while (usb->entries->len < MAX_ENTRIES && (name = g_dir_read_name (dir)))
    g_ptr_array_add (usb->entries, g_strdup (name));
  g_ptr_array_sort (usb->entries, compare_texts);
}

static gpointer
begin (void)
{
  Usb *usb = g_new0 (Usb, 1);

  usb->known = profiles_load_file ("check.ini");
  usb->candidates = g_ptr_array_new_with_free_func (candidate_free);
  usb->driven = g_hash_table_new (NULL, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (driver_folders); i++)
    read_drivers (usb, driver_folders[i]);
  list_entries (usb);
  return usb;
}

static void
end (gpointer part)
{
  Usb *usb = part;

  g_key_file_unref (usb->known);
  g_clear_pointer (&usb->entries, g_ptr_array_unref);
  g_ptr_array_unref (usb->candidates);
  g_hash_table_unref (usb->driven);
  g_free (usb);
}

/* Each device is before its interfaces, whose names begin with its own. */
static gboolean
step (gpointer part, DiagnosisFacts *facts)
{
  Usb *usb = part;

  facts->drivers = usb->n_folders > 0 ? DIAGNOSIS_KNOWN : DIAGNOSIS_NOT_TOLD;
  facts->class_driver = usb->class_driver;
  if (!usb->entries)
    {
      facts->usb = usb->failure == EACCES ? DIAGNOSIS_FORBIDDEN : DIAGNOSIS_NOT_TOLD;
      return FALSE;
    }
  for (guint i = 0; i < ENTRIES_A_STEP && usb->next < usb->entries->len; i++)
    {
      const char *entry = usb->entries->pdata[usb->next++];

      if (strchr (entry, ':'))
        add_interface (usb, entry);
      else
        add_device (usb, entry);
    }
  if (usb->next < usb->entries->len)
    return TRUE;
  fill_in (usb, facts);
  return FALSE;
}

const ProbePart probe_part_usb = { begin, step, end };
