/* PKCS#15 v1.1 section 6, in DER. Every object is
 *
 *   30 { 30 { 0C label, 03 flags, 04 id of the PIN that protects it },      common to all
 *        30 { 04 id, … },                                                   of its class
 *        A0 { … },                                                          of its subclass; not in all
 *        A1 { 30 { … } } }                                                  of its type
 *
 *   object directory     An { 30 path } or An { A0 { objects } }, …; n is the kind
 *   path                 30 { 04 identifiers, 02 offset, 80 size }
 *   certificate          class: 01 it is an authority's; type: 30 path or A0 { 30 certificate }
 *   private key          class: 03 usage
 *   PIN                  type: 03 flags, 0A type, 02 shortest, 02 stored, 02 longest, 80 reference, 04 filler, 30 path
 *   token information    30 { 02 version, 04 serial number, 0C manufacturer, 80 label, … }
 */
#include "pkcs15-object.h"

#include <string.h>

#include "model/text.h"

#define TAG_BOOLEAN    0x01
#define TAG_INTEGER    0x02
#define TAG_BITS       0x03
#define TAG_BYTES      0x04
#define TAG_ENUMERATED 0x0A
#define TAG_TEXT       0x0C
#define TAG_SEQUENCE   0x30
#define TAG_CONTEXT_0  0x80
#define TAG_CHOICE_0   0xA0
#define TAG_CHOICE_1   0xA1
#define CHOICE_MASK    0xF0

#define FLAG_PRIVATE (1u << 0) /* of the flags common to all */

#define MAX_LENGTH  255 /* of a PIN; what is longer is not told */
#define MAX_OBJECTS 256 /* that are looked at in one directory */

/* Bits of a key's usage, counted from the first. */
#define USAGE_DECRYPT         (1u << 1)
#define USAGE_SIGN            (1u << 2)
#define USAGE_SIGN_RECOVER    (1u << 3)
#define USAGE_UNWRAP          (1u << 5)
#define USAGE_DERIVE          (1u << 8)
#define USAGE_NON_REPUDIATION (1u << 9)

/* The parts of an object. */
typedef struct
{
  Tlv common, own, type;
} Parts;

/* Primitives */

/* The first part TAG of IN; an empty one where there is none. */
static gboolean
find (const Tlv *in, guint32 tag, Tlv *part)
{
  if (tlv_find (in->value, in->length, tag, part))
    return TRUE;
  *part = (Tlv){ 0 };
  return FALSE;
}

/* A number that is not negative and not large. */
static gboolean
parse_number (const Tlv *tlv, gsize *number)
{
  gsize value = 0;

  if (tlv->length == 0 || tlv->length > sizeof (guint32) || tlv->value[0] >= 0x80)
    return FALSE;
  for (gsize i = 0; i < tlv->length; i++)
    value = value << 8 | tlv->value[i];
  *number = value;
  return TRUE;
}

/* The first bits of a BIT STRING, the first of them lowest. */
static guint
parse_bits (const Tlv *tlv)
{
  guint bits = 0;

  for (guint i = 0; i < 16 && 1 + i / 8 < tlv->length; i++)
    if (tlv->value[1 + i / 8] & 0x80 >> i % 8)
      bits |= 1u << i;
  return bits;
}

static char *
parse_text (const Tlv *tlv)
{
  g_autofree char *text = text_clean ((const char *) tlv->value, (gssize) tlv->length);

  g_strstrip (text); /* some are filled up with blanks */
  return *text != '\0' ? g_steal_pointer (&text) : NULL;
}

static Pkcs15Id
parse_id (const Tlv *tlv)
{
  Pkcs15Id id = { 0 };

  if (tlv->length <= sizeof id.bytes)
    {
      id.length = tlv->length;
      memcpy (id.bytes, tlv->value, tlv->length);
    }
  return id;
}

gboolean
pkcs15_object_is_same_id (const Pkcs15Id *a, const Pkcs15Id *b)
{
  return a->length > 0 && a->length == b->length && memcmp (a->bytes, b->bytes, a->length) == 0;
}

/* Identifiers have two bytes each; what ends in half of one is a short name for READ BINARY, and not taken. */
static gboolean
parse_path (const Tlv *tlv, Pkcs15Path *path)
{
  Tlv bytes, offset, count;

  *path = (Pkcs15Path){ 0 };
  if (!find (tlv, TAG_BYTES, &bytes) || bytes.length == 0 || bytes.length > sizeof path->bytes || bytes.length % 2 != 0)
    return FALSE;
  path->length = bytes.length;
  memcpy (path->bytes, bytes.value, bytes.length);
  return (!find (tlv, TAG_INTEGER, &offset) || parse_number (&offset, &path->offset))
         && (!find (tlv, TAG_CONTEXT_0, &count) || parse_number (&count, &path->count));
}

/* The parts of OBJECT, which may lack the last. FALSE when it is none. */
static gboolean
open_object (const Tlv *object, Parts *parts)
{
  TlvCursor cursor = tlv_cursor_over (object->value, object->length);
  Tlv part;

  *parts = (Parts){ 0 };
  if (!tlv_cursor_next (&cursor, &parts->common) || parts->common.tag != TAG_SEQUENCE
      || !tlv_cursor_next (&cursor, &parts->own) || parts->own.tag != TAG_SEQUENCE)
    return FALSE;
  while (tlv_cursor_next (&cursor, &part))
    if (part.tag == TAG_CHOICE_1 && find (&part, TAG_SEQUENCE, &parts->type))
      return TRUE;
  return TRUE;
}

/* The object directory */

static gboolean
is_listed (const Pkcs15Place *places, gsize n, const Pkcs15Place *place)
{
  for (gsize i = 0; i < n; i++)
    if (place->path.length > 0 && pkcs15_file_is_same_place (&places[i].path, &place->path))
      return TRUE;
  return FALSE;
}

static gboolean
parse_place (const Tlv *choice, Pkcs15Place *place)
{
  static const Pkcs15Kind kinds[] = { PKCS15_PRIVATE_KEYS, PKCS15_CERTIFICATES, PKCS15_PINS };
  TlvCursor cursor = tlv_cursor_over (choice->value, choice->length);
  Tlv inner;

  *place = (Pkcs15Place){ 0 };
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    if (choice->tag == (TAG_CHOICE_0 | kinds[i]) && tlv_cursor_next (&cursor, &inner))
      {
        place->kind = kinds[i];
        place->objects = inner;
        return inner.tag == TAG_CHOICE_0 || (inner.tag == TAG_SEQUENCE && parse_path (&inner, &place->path));
      }
  return FALSE;
}

gsize
pkcs15_object_list_places (const guint8 *bytes, gsize length, Pkcs15Place places[PKCS15_MAX_PLACES])
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);
  gsize n = 0;
  Tlv choice;

  for (guint i = 0; i < MAX_OBJECTS && n < PKCS15_MAX_PLACES && tlv_cursor_next (&cursor, &choice); i++)
    if (parse_place (&choice, &places[n]) && !is_listed (places, n, &places[n]))
      n++;
  return n;
}

/* Certificates */

void
pkcs15_object_free_entry (gpointer data)
{
  Pkcs15Entry *entry = data;

  g_clear_pointer (&entry->der, g_bytes_unref);
  g_free (entry);
}

static Pkcs15Entry *
parse_entry (const Tlv *object)
{
  Pkcs15Entry entry = { 0 };
  Parts parts;
  Tlv part;

  if (!open_object (object, &parts))
    return NULL;
  if (find (&parts.own, TAG_BYTES, &part))
    entry.id = parse_id (&part);
  if (find (&parts.common, TAG_BITS, &part))
    entry.is_private = (parse_bits (&part) & FLAG_PRIVATE) != 0;
  if (find (&parts.own, TAG_BOOLEAN, &part))
    entry.authority = part.length > 0 && part.value[0] != 0;
  if (find (&parts.type, TAG_CHOICE_0, &part))
    entry.der = g_bytes_new (part.value, part.length);
  else if (!find (&parts.type, TAG_SEQUENCE, &part) || !parse_path (&part, &entry.path))
    return NULL;
  return g_memdup2 (&entry, sizeof entry);
}

/* Whether the place of ENTRY is that of another one: it is not read twice. */
static gboolean
is_repeated (const GPtrArray *entries, const Pkcs15Entry *entry)
{
  for (guint i = 0; i < entries->len; i++)
    if (entry->path.length > 0 && pkcs15_file_is_same_place (&((Pkcs15Entry *) entries->pdata[i])->path, &entry->path))
      return TRUE;
  return FALSE;
}

gboolean
pkcs15_object_add_entries (const guint8 *bytes, gsize length, GPtrArray *entries, guint max)
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);
  guint n_before = entries->len;
  Tlv object;

  for (guint i = 0; i < MAX_OBJECTS && entries->len < max && tlv_cursor_next (&cursor, &object); i++)
    {
      Pkcs15Entry *entry = object.tag == TAG_SEQUENCE ? parse_entry (&object) : NULL;

      if (entry != NULL && is_repeated (entries, entry))
        g_clear_pointer (&entry, pkcs15_object_free_entry);
      if (entry == NULL)
        continue;
      entry->number = entries->len + 1;
      g_ptr_array_add (entries, entry);
    }
  return entries->len > n_before || n_before == max || tlv_cursor_is_done (&cursor);
}

/* Private keys: of any algorithm, each of which has a tag of its own */

static CertificateRole
get_role (guint usage)
{
  static const guint decrypts = USAGE_DECRYPT | USAGE_UNWRAP | USAGE_DERIVE;
  static const guint signs = USAGE_SIGN | USAGE_SIGN_RECOVER;

  if (usage & USAGE_NON_REPUDIATION)
    return CERTIFICATE_ROLE_SIGNATURE;
  if (usage & signs)
    return CERTIFICATE_ROLE_AUTHENTICATION;
  return usage & decrypts ? CERTIFICATE_ROLE_ENCRYPTION : CERTIFICATE_ROLE_OTHER;
}

CertificateRole
pkcs15_object_find_role (const guint8 *bytes, gsize length, const Pkcs15Id *id)
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);
  Tlv object, part, usage;
  Parts parts;

  for (guint i = 0; i < MAX_OBJECTS && tlv_cursor_next (&cursor, &object); i++)
    if ((object.tag == TAG_SEQUENCE || (object.tag & CHOICE_MASK) == TAG_CHOICE_0) && open_object (&object, &parts)
        && find (&parts.own, TAG_BYTES, &part) && find (&parts.own, TAG_BITS, &usage))
      {
        Pkcs15Id own = parse_id (&part);

        if (pkcs15_object_is_same_id (&own, id))
          return get_role (parse_bits (&usage));
      }
  return CERTIFICATE_ROLE_OTHER;
}

/* PINs */

void
pkcs15_object_free_pin (gpointer data)
{
  Pkcs15Pin *pin = data;

  g_free (pin->label);
  g_free (pin);
}

/* Shortest, stored and longest: three numbers one behind the other, the last of which may lack. */
static gboolean
parse_lengths (const Tlv *type, Pkcs15Pin *pin)
{
  gsize *const lengths[] = { &pin->min_length, &pin->stored_length, &pin->max_length };
  TlvCursor cursor = tlv_cursor_over (type->value, type->length);
  gsize n = 0;
  Tlv part;

  while (n < G_N_ELEMENTS (lengths) && tlv_cursor_next (&cursor, &part))
    if (part.tag == TAG_INTEGER)
      {
        if (!parse_number (&part, lengths[n]) || *lengths[n] > MAX_LENGTH)
          return FALSE;
        n++;
      }
  return n >= 2;
}

static gboolean
parse_type (const Tlv *type, Pkcs15Pin *pin)
{
  gsize number = 0;
  Tlv part;

  if (!find (type, TAG_BITS, &part))
    return FALSE;
  pin->flags = parse_bits (&part);
  if (!find (type, TAG_ENUMERATED, &part) || !parse_number (&part, &number) || number >= PKCS15_PIN_N_TYPES)
    return FALSE;
  pin->type = (Pkcs15PinType) number;
  if (!parse_lengths (type, pin))
    return FALSE;

  /* The reference is a byte, whether as a number or, by mistake, as a negative one. */
  if (find (type, TAG_CONTEXT_0, &part))
    {
      if (part.length == 0 || part.length > 2 || (part.length == 2 && part.value[0] != 0))
        return FALSE;
      pin->reference = part.value[part.length - 1];
    }
  if (find (type, TAG_BYTES, &part) && part.length > 0)
    pin->filler = part.value[0];
  return !find (type, TAG_SEQUENCE, &part) || parse_path (&part, &pin->path);
}

static Pkcs15Pin *
parse_pin (const Tlv *object)
{
  Pkcs15Pin pin = { 0 };
  Parts parts;
  Tlv part;

  if (!open_object (object, &parts) || !parse_type (&parts.type, &pin))
    return NULL;
  if (find (&parts.common, TAG_TEXT, &part))
    pin.label = parse_text (&part);
  if (find (&parts.common, TAG_BYTES, &part))
    pin.unblocked_by = parse_id (&part);
  if (find (&parts.own, TAG_BYTES, &part))
    pin.id = parse_id (&part);
  return g_memdup2 (&pin, sizeof pin);
}

void
pkcs15_object_add_pins (const guint8 *bytes, gsize length, GPtrArray *pins, guint max)
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);
  Tlv object;

  for (guint i = 0; i < MAX_OBJECTS && pins->len < max && tlv_cursor_next (&cursor, &object); i++)
    {
      Pkcs15Pin *pin = object.tag == TAG_SEQUENCE ? parse_pin (&object) : NULL;

      if (pin != NULL)
        g_ptr_array_add (pins, pin);
    }
}

/* Token information */

static char *
make_serial (const Tlv *tlv)
{
  gsize n_zeroes = 0;

  while (n_zeroes < tlv->length && tlv->value[n_zeroes] == 0)
    n_zeroes++;
  return n_zeroes == tlv->length || tlv->length > PKCS15_MAX_ID ? NULL
                                                                : text_from_bytes (tlv->value, tlv->length, '\0');
}

void
pkcs15_object_clear_info (Pkcs15Info *info)
{
  g_clear_pointer (&info->serial, g_free);
  g_clear_pointer (&info->label, g_free);
  g_clear_pointer (&info->manufacturer, g_free);
}

gboolean
pkcs15_object_parse_info (const guint8 *bytes, gsize length, Pkcs15Info *info)
{
  Tlv whole, part;

  *info = (Pkcs15Info){ 0 };
  if (!tlv_find (bytes, length, TAG_SEQUENCE, &whole))
    return FALSE;
  if (find (&whole, TAG_BYTES, &part))
    info->serial = make_serial (&part);
  if (find (&whole, TAG_TEXT, &part))
    info->manufacturer = parse_text (&part);
  if (find (&whole, TAG_CONTEXT_0, &part))
    info->label = parse_text (&part);
  return TRUE;
}
