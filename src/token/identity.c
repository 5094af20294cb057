#include "identity.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "oids.h"
#include "tlv.h"
#include "x509-name.h"

#define MAX_DEPTH      8
#define MAX_EXTENSIONS 256
#define MAX_OID        80
#define MAX_BYTES      1024 /* of one text: more is no number */

#define TAG_OCTET_STRING 0x04
#define BIT_CONSTRUCTED  0x20
#define CLASS_MASK       0xC0
#define CLASS_CONTEXT    0x80

/* One that was found, and its place in the table. */
typedef struct
{
  Identity *identity;
  guint rank;
} Found;

/* ---- encodings ---- */

static gboolean
is_printable (const char *text)
{
  gboolean any = FALSE;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (!g_unichar_isprint (c))
        return FALSE;
      any |= g_unichar_isalnum (c);
    }
  return any;
}

/* BYTES as they are, as UTF-8 or else as GB18030; what C programs and editors leave behind a text is not part of it. */
static char *
decode_text (const guint8 *bytes, gsize length)
{
  const char *start = (const char *) bytes;
  g_autofree char *text = NULL;

  while (length > 0 && (start[length - 1] == '\0' || g_ascii_isspace (start[length - 1])))
    length--;
  if (length == 0 || length > MAX_BYTES || memchr (start, '\0', length))
    return NULL;
  text = g_utf8_validate (start, (gssize) length, NULL)
           ? g_strndup (start, length)
           : g_convert (start, (gssize) length, "UTF-8", "GB18030", NULL, NULL, NULL);
  return text && is_printable (text) ? g_steal_pointer (&text) : NULL;
}

/* The string types with more than one byte a character: OpenSSL knows them. */
static char *
decode_wide (int type, const guint8 *bytes, gsize length)
{
  ASN1_STRING *string = length <= MAX_BYTES ? ASN1_STRING_type_new (type) : NULL;
  char *text = NULL;

  if (string && ASN1_STRING_set (string, bytes, (int) length))
    text = x509_string_to_text (string);
  ASN1_STRING_free (string);
  return text;
}

static char *decode_bytes (const guint8 *bytes, gsize length, guint depth);
static char *decode_children (const Tlv *tlv, guint depth);

static char *
decode_object (const Tlv *tlv, guint depth)
{
  switch (tlv->tag)
    {
    case V_ASN1_UTF8STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_T61STRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_GENERALSTRING:
      return decode_text (tlv->value, tlv->length);
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      return decode_wide ((int) tlv->tag, tlv->value, tlv->length);
    case TAG_OCTET_STRING:
      return depth < MAX_DEPTH ? decode_bytes (tlv->value, tlv->length, depth + 1) : NULL;
    default:
      break;
    }
  if (tlv->tag > 0xFF)
    return NULL;
  if (tlv->tag & BIT_CONSTRUCTED)
    return depth < MAX_DEPTH ? decode_children (tlv, depth + 1) : NULL;
  return (tlv->tag & CLASS_MASK) == CLASS_CONTEXT ? decode_text (tlv->value, tlv->length) : NULL;
}

/* The first text inside TLV. One that ends before its last object does is no such thing. */
static char *
decode_children (const Tlv *tlv, guint depth)
{
  TlvCursor cursor = tlv_cursor_over (tlv->value, tlv->length);
  Tlv child;
  g_autofree char *text = NULL;

  while (tlv_cursor_next (&cursor, &child))
    if (!text)
      text = decode_object (&child, depth);
  return tlv_cursor_is_done (&cursor) ? g_steal_pointer (&text) : NULL;
}

/* That the object takes all of the bytes matters: "9111…" and "1@…" begin like one, and are none. */
static char *
decode_bytes (const guint8 *bytes, gsize length, guint depth)
{
  TlvCursor cursor = tlv_cursor_over (bytes, length);
  Tlv tlv;
  gboolean whole = length > 0 && bytes[0] != 0x00 && bytes[0] != 0xFF && tlv_cursor_next (&cursor, &tlv)
                   && tlv_cursor_is_done (&cursor);
  char *text = whole ? decode_object (&tlv, depth) : NULL;

  return text || (whole && tlv.length == 0) ? text : decode_text (bytes, length);
}

char *
identity_decode (const guint8 *bytes, gsize length)
{
  return decode_bytes (bytes, length, 0);
}

/* ---- what they say ---- */

/* BJCA's entity numbers name their holder by SF and the number of a card, or by JJ and an organisation code; a 0
 * between them counts the documents. */
static const struct
{
  const char *prefix;
  IdentityKind kind;
  gsize lengths[2];
} documents[] = {
  { "SF", IDENTITY_ID_CARD, { 18, 15 } },
  { "JJ", IDENTITY_ORGANIZATION_CODE, { 9, 18 } },
};

static gboolean
has_length (const char *number, const gsize lengths[2])
{
  gsize length = strlen (number);

  length -= length == 10 && number[8] == '-' ? 1 : 0;
  return strspn (number, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZx-") == strlen (number)
         && (length == lengths[0] || length == lengths[1]);
}

/* What VALUE is, and in *NUMBER the part of it that says so. */
static IdentityKind
refine_kind (IdentityKind kind, const char *value, const char **number)
{
  *number = value;
  for (gsize i = 0; kind == IDENTITY_ENTITY_ID && i < G_N_ELEMENTS (documents); i++)
    {
      const char *rest = value + strlen (documents[i].prefix);

      if (!g_str_has_prefix (value, documents[i].prefix))
        continue;
      if (*rest == '0' && !has_length (rest, documents[i].lengths))
        rest++;
      if (!has_length (rest, documents[i].lengths))
        continue;
      *number = rest;
      kind = documents[i].kind;
    }
  /* GM/T 0015 has no place for the credit code, which came later: it stands where the organisation code stood. */
  return kind == IDENTITY_ORGANIZATION_CODE && strlen (*number) == 18 ? IDENTITY_USCC : kind;
}

static gint
compare_found (gconstpointer a, gconstpointer b)
{
  const Found *x = a, *y = b;

  return (x->rank > y->rank) - (x->rank < y->rank);
}

/* Takes TEXT (may be NULL), which stands under the identifier of ROW. */
static void
take (GArray *found, const OidsRow *row, char *text)
{
  g_autofree char *owned G_GNUC_UNUSED = text;
  const char *number;
  IdentityKind kind;
  Found one = { .rank = row->rank };

  if (!text || found->len >= IDENTITY_MAX_LIST)
    return;
  kind = refine_kind (row->kind, text, &number);
  one.identity = identity_new (kind, number, kind == row->kind ? row->label : NULL);
  if (one.identity)
    g_array_append_val (found, one);
}

/* ---- where they stand ---- */

/* The row of an identifier that OpenSSL has no name for, or NULL. */
static const OidsRow *
find_row (const ASN1_OBJECT *object)
{
  static GHashTable *table;
  char oid[MAX_OID];
  int length;

  if (OBJ_obj2nid (object) != NID_undef)
    return NULL;
  length = OBJ_obj2txt (oid, sizeof oid, object, 1);
  if (length <= 0 || length >= (int) sizeof oid)
    return NULL;
  if (!table)
    table = oids_load ();
  return g_hash_table_lookup (table, oid);
}

static void
take_extensions (GArray *found, const X509 *x509)
{
  int n = MIN (X509_get_ext_count (x509), MAX_EXTENSIONS);

  for (int i = 0; i < n; i++)
    {
      X509_EXTENSION *extension = X509_get_ext (x509, i);
      const OidsRow *row = find_row (X509_EXTENSION_get_object (extension));
      const ASN1_OCTET_STRING *value = X509_EXTENSION_get_data (extension);

      if (row)
        take (found, row, identity_decode (ASN1_STRING_get0_data (value), (gsize) MAX (ASN1_STRING_length (value), 0)));
    }
}

static void
take_subject (GArray *found, const X509_NAME *subject)
{
  int n = MIN (X509_NAME_entry_count (subject), X509_NAME_MAX_PARTS);

  for (int i = 0; i < n; i++)
    {
      const X509_NAME_ENTRY *entry = X509_NAME_get_entry (subject, i);
      const OidsRow *row = find_row (X509_NAME_ENTRY_get_object (entry));

      if (row)
        take (found, row, x509_string_to_text (X509_NAME_ENTRY_get_data (entry)));
    }
}

static gboolean
is_listed (const GPtrArray *list, const Identity *identity)
{
  for (guint i = 0; i < list->len; i++)
    {
      const Identity *other = list->pdata[i];

      if (other->kind == identity->kind && strcmp (other->value, identity->value) == 0)
        return TRUE;
    }
  return FALSE;
}

void
identity_collect (Certificate *certificate, const X509 *x509)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (Found));

  take_extensions (found, x509);
  take_subject (found, X509_get_subject_name (x509));
  g_array_sort (found, compare_found);
  for (guint i = 0; i < found->len; i++)
    {
      Identity *identity = g_array_index (found, Found, i).identity;

      if (is_listed (certificate->identities, identity))
        identity_free (identity);
      else
        g_ptr_array_add (certificate->identities, identity);
    }
}
