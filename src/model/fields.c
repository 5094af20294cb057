#include "fields.h"

#include <string.h>

#include "text.h"

#define MEMBER(Type, value, field) (*(Type *) ((char *) (value) + (field)->offset))

static GVariant *
member_to_variant (const Field *field, gconstpointer value)
{
  switch (field->kind)
    {
    case FIELD_TEXT:
      return MEMBER (char *, value, field) ? g_variant_new_string (MEMBER (char *, value, field)) : NULL;
    case FIELD_TEXTS:
      return MEMBER (GStrv, value, field) ? g_variant_new_strv ((const char *const *) MEMBER (GStrv, value, field), -1)
                                          : NULL;
    case FIELD_NUMBER:
      return g_variant_new_int32 (MEMBER (int, value, field));
    case FIELD_TIME:
      return g_variant_new_int64 (MEMBER (gint64, value, field));
    case FIELD_BYTES:
      return MEMBER (GBytes *, value, field)
               ? g_variant_new_from_bytes (G_VARIANT_TYPE_BYTESTRING, MEMBER (GBytes *, value, field), TRUE)
               : NULL;
    }
  g_return_val_if_reached (NULL);
}

void
fields_write (GVariantBuilder *builder, const Field *fields, gsize n, gconstpointer value)
{
  for (gsize i = 0; i < n; i++)
    {
      GVariant *variant = member_to_variant (&fields[i], value);

      if (variant)
        g_variant_builder_add (builder, "{sv}", fields[i].key, variant);
    }
}

static const GVariantType *
get_type (FieldKind kind)
{
  static const char *const types[] = { "s", "as", "i", "x", "ay" };

  return G_VARIANT_TYPE (types[kind]);
}

static GStrv
read_texts (GVariant *variant, int max)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  gsize n = MIN (g_variant_n_children (variant), (gsize) max);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (variant, i);
      g_autofree char *text = text_clean (g_variant_get_string (child, NULL), -1);

      g_strv_builder_add (texts, text);
    }
  return g_strv_builder_end (texts);
}

/* Sets the member of VALUE that FIELD describes from VARIANT, which is of its type. */
static void
read_member (const Field *field, GVariant *variant, gpointer value)
{
  switch (field->kind)
    {
    case FIELD_TEXT:
      MEMBER (char *, value, field) = text_clean (g_variant_get_string (variant, NULL), -1);
      break;
    case FIELD_TEXTS:
      MEMBER (GStrv, value, field) = read_texts (variant, field->max);
      break;
    case FIELD_NUMBER:
      {
        gint32 number = g_variant_get_int32 (variant);

        MEMBER (int, value, field) = number < field->min || number > field->max ? field->min : number;
        break;
      }
    case FIELD_TIME:
      MEMBER (gint64, value, field) = g_variant_get_int64 (variant);
      break;
    case FIELD_BYTES:
      if (g_variant_get_size (variant) <= (gsize) field->max)
        MEMBER (GBytes *, value, field) = g_variant_get_data_as_bytes (variant);
      break;
    }
}

/* One walk over the dictionary: to look every key up in it would be many. Of two entries with one key the first counts.
 */
void
fields_read (GVariant *dictionary, const Field *fields, gsize n, gpointer value)
{
  GVariantIter iter;
  GVariant *variant;
  const char *key;
  guint64 seen = 0;

  g_assert (n <= 64);
  fields_clear (fields, n, value);
  g_variant_iter_init (&iter, dictionary);
  while (g_variant_iter_next (&iter, "{&sv}", &key, &variant))
    {
      g_autoptr (GVariant) owned = variant;

      for (gsize i = 0; i < n; i++)
        if (strcmp (fields[i].key, key) == 0 && (seen & G_GUINT64_CONSTANT (1) << i) == 0)
          {
            seen |= G_GUINT64_CONSTANT (1) << i;
            if (g_variant_is_of_type (owned, get_type (fields[i].kind)))
              read_member (&fields[i], owned, value);
          }
    }
}

void
fields_clear (const Field *fields, gsize n, gpointer value)
{
  for (gsize i = 0; i < n; i++)
    {
      const Field *field = &fields[i];

      if (field->kind == FIELD_TEXT)
        g_clear_pointer (&MEMBER (char *, value, field), g_free);
      else if (field->kind == FIELD_TEXTS)
        g_clear_pointer (&MEMBER (GStrv, value, field), g_strfreev);
      else if (field->kind == FIELD_BYTES)
        g_clear_pointer (&MEMBER (GBytes *, value, field), g_bytes_unref);
    }
}
