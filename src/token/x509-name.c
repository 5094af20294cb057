#include "x509-name.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "model/text.h"

/* Bytes of a part whose type is no text, that are shown as hexadecimal. */
#define MAX_DUMP 128

/* How many of LENGTH BYTES, from the first on, are UTF-8; a NUL counts as a character here. */
static gsize
measure_utf8 (const char *bytes, gsize length)
{
  const char *start = bytes, *end;

  while (!g_utf8_validate (bytes, (gssize) (length - (gsize) (bytes - start)), &end) && end < start + length
         && *end == '\0')
    bytes = end + 1;
  return (gsize) (end - start);
}

/* Whether a character of three bytes or more, as every Chinese one is, begins in LENGTH BYTES of UTF-8. */
static gboolean
has_long_character (const char *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if ((guint8) bytes[i] >= 0xE0)
      return TRUE;

  return FALSE;
}

/* How many of LENGTH BYTES are the text, where they are UTF-8, else 0. Some software cuts a name at 64 bytes wherever
 * that is: then what is left of its last character is not part of it. */
static gsize
find_utf8 (const char *bytes, gsize length)
{
  gsize n = measure_utf8 (bytes, length);
  gboolean cut = n < length && g_utf8_get_char_validated (bytes + n, (gssize) (length - n)) == (gunichar) -2;

  return n == length || (cut && has_long_character (bytes, n)) ? n : 0;
}

/* Whether BYTES look like GB18030: two bytes beyond ASCII stand side by side, as in nearly every word in GBK and in
 * hardly one in Latin-1, or there is a character of four bytes, as in rare names (GB 18030 section 5). */
static gboolean
is_like_gb18030 (const char *bytes, gsize length)
{
  for (gsize i = 0; i + 1 < length; i++)
    {
      if ((bytes[i] & 0x80) == 0)
        continue;
      if ((bytes[i + 1] & 0x80) != 0)
        return TRUE;
      if (i + 3 < length && g_ascii_isdigit (bytes[i + 1]) && (bytes[i + 2] & 0x80) != 0
          && g_ascii_isdigit (bytes[i + 3]))
        return TRUE;
    }

  return FALSE;
}

/* The string types of one byte a character hold what the issuer's software wrote, whatever X.520 says: many Chinese
 * authorities write GBK or UTF-8 into T61String and PrintableString. */
static char *
bytes_to_text (const char *bytes, gsize length)
{
  g_autofree char *converted = NULL;
  gsize n = find_utf8 (bytes, length);

  if (n > 0)
    return text_clean (bytes, (gssize) n);

  if (is_like_gb18030 (bytes, length))
    converted = g_convert (bytes, (gssize) length, "UTF-8", "GB18030", NULL, &n, NULL);
  if (converted == NULL)
    converted = g_convert (bytes, (gssize) length, "UTF-8", "ISO-8859-1", NULL, &n, NULL);

  return converted != NULL ? text_clean (converted, (gssize) n) : NULL;
}

static char *
wide_to_text (const ASN1_STRING *string)
{
  guchar *utf8 = NULL;
  int n = ASN1_STRING_to_UTF8 (&utf8, string);
  char *text;

  if (n < 0)
    return NULL;

  text = text_clean ((const char *) utf8, n);
  OPENSSL_free (utf8);
  return text;
}

static char *
string_to_text (const ASN1_STRING *string)
{
  switch (ASN1_STRING_type (string))
    {
    case V_ASN1_UTF8STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_NUMERICSTRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_GENERALSTRING:
      return bytes_to_text ((const char *) ASN1_STRING_get0_data (string), (gsize) ASN1_STRING_length (string));
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      return wide_to_text (string);
    default:
      return NULL;
    }
}

char *
x509_string_to_text (const ASN1_STRING *string)
{
  g_autofree char *text = NULL;

  if (string == NULL || ASN1_STRING_length (string) <= 0)
    return NULL;

  text = string_to_text (string);
  return text != NULL && *text != '\0' ? g_steal_pointer (&text) : NULL;
}

static int
count_parts (const X509_NAME *name)
{
  return MIN (X509_NAME_entry_count (name), X509_NAME_MAX_PARTS);
}

char *
x509_name_get_text (const X509_NAME *name, int nid)
{
  for (int i = 0; i < count_parts (name); i++)
    {
      const X509_NAME_ENTRY *entry = X509_NAME_get_entry (name, i);
      char *text = NULL;

      if (OBJ_obj2nid (X509_NAME_ENTRY_get_object (entry)) == nid)
        text = x509_string_to_text (X509_NAME_ENTRY_get_data (entry));
      if (text != NULL)
        return text;
    }

  return NULL;
}

/* RFC 4514 section 2.4. */
static void
append_escaped (GString *into, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    {
      gboolean first = p == text, last = p[1] == '\0';

      if (strchr (",+\"\\<>;", *p) != NULL || (*p == '#' && first) || (*p == ' ' && (first || last)))
        g_string_append_c (into, '\\');
      g_string_append_c (into, *p);
    }
}

/* "#" and the DER of the value, for what is no text or stands under a name that nobody knows. */
static void
append_dump (GString *into, const ASN1_STRING *string)
{
  ASN1_TYPE value = { .type = ASN1_STRING_type (string), .value = { .asn1_string = (ASN1_STRING *) string } };
  guchar *der = NULL;
  int length = i2d_ASN1_TYPE (&value, &der);
  g_autofree char *hex = length > 0 ? text_from_bytes (der, (gsize) MIN (length, MAX_DUMP), '\0') : NULL;

  g_string_append_c (into, '#');
  if (hex != NULL)
    g_string_append (into, hex);
  OPENSSL_free (der);
}

static void
append_part (GString *into, const X509_NAME_ENTRY *entry)
{
  const ASN1_OBJECT *type = X509_NAME_ENTRY_get_object (entry);
  const ASN1_STRING *value = X509_NAME_ENTRY_get_data (entry);
  int nid = OBJ_obj2nid (type);
  g_autofree char *text = nid != NID_undef ? string_to_text (value) : NULL;
  char oid[80];

  OBJ_obj2txt (oid, sizeof oid, type, 1);
  g_string_append (into, nid != NID_undef ? OBJ_nid2sn (nid) : oid);
  g_string_append_c (into, '=');
  if (text != NULL)
    append_escaped (into, text);
  else
    append_dump (into, value);
}

char *
x509_name_to_text (const X509_NAME *name)
{
  g_autoptr (GString) whole = g_string_new (NULL);
  int set = -1;

  for (int i = count_parts (name) - 1; i >= 0; i--)
    {
      const X509_NAME_ENTRY *entry = X509_NAME_get_entry (name, i);

      if (whole->len > 0)
        g_string_append_c (whole, set == X509_NAME_ENTRY_set (entry) ? '+' : ',');
      set = X509_NAME_ENTRY_set (entry);
      append_part (whole, entry);
    }

  return whole->len > 0 ? text_clean (whole->str, (gssize) whole->len) : NULL;
}
