/* Values as a{sv} dictionaries, by a table: which member of a struct stands under which key, and of what kind it is.
 * The one way that model values cross the pipe, so that a new field is one row. Pure. */
#pragma once

#include <glib.h>

typedef enum
{
  FIELD_TEXT,   /* char *, cleaned when it comes in (model/text) */
  FIELD_TEXTS,  /* GStrv, each cleaned, at most `max` of them */
  FIELD_NUMBER, /* int between `min` and `max`; another number becomes `min`; also gboolean */
  FIELD_TIME,   /* gint64 */
  FIELD_BYTES   /* GBytes *, at most `max` of them, else left out */
} FieldKind;

typedef struct
{
  const char *key;
  FieldKind kind;
  gsize offset;
  int min, max;
} Field;

#define FIELD(Type, member, kind, min, max)                                                                            \
  {                                                                                                                    \
#member, kind, G_STRUCT_OFFSET(Type, member), min, max                                                             \
  }

/* Adds the N FIELDS of VALUE to BUILDER (of type a{sv}); a NULL text, list or bytes is left out. */
void fields_write (GVariantBuilder *builder, const Field *fields, gsize n, gconstpointer value);

/* Sets the N FIELDS of VALUE from DICTIONARY (a{sv}, untrusted); what is missing or of another type stays as it is. */
void fields_read (GVariant *dictionary, const Field *fields, gsize n, gpointer value);

/* Frees the texts, lists and bytes of VALUE. */
void fields_clear (const Field *fields, gsize n, gpointer value);
