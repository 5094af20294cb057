#include "x509-name.h"

#include <string.h>

#include <openssl/asn1.h>
#include <openssl/objects.h>

#include "charset.h"
#include "model/text.h"

/* Bytes of a part whose type is no text, that are shown as hexadecimal. */
#define MAX_DUMP 128

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
      /* What the issuer's software wrote, whatever X.520 says: many Chinese authorities write GBK or UTF-8 into
       * T61String and PrintableString. */
      return charset_to_text ((const char *) ASN1_STRING_get0_data (string), (gsize) ASN1_STRING_length (string));
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
