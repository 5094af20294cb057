#include "gids-bench.h"

#include <string.h>

#include "hex.h"
#include "testcert.h"

static void
append_number (GByteArray *into, guint32 number, gsize n_bytes)
{
  for (gsize i = 0; i < n_bytes; i++, number >>= 8)
    g_byte_array_append (into, &(guint8){ (guint8) number }, 1);
}

static void
append_name (GByteArray *into, const char *name)
{
  char field[9] = "";

  memcpy (field, name, MIN (strlen (name), sizeof field));
  g_byte_array_append (into, (const guint8 *) field, sizeof field);
}

void
gids_append_entry (GByteArray *table, const char *directory, const char *name, guint32 place)
{
  append_name (table, directory);
  append_name (table, name);
  append_number (table, 0, 2);
  append_number (table, place & 0xFFFF, 4);
  append_number (table, place >> 16, 4);
}

GByteArray *
gids_make_table (void)
{
  GByteArray *table = g_byte_array_new ();

  append_number (table, 1, 1);
  gids_append_entry (table, "mscp", "", 0xA0000000);
  gids_append_entry (table, "", "cardid", GIDS_CARD_ID);
  gids_append_entry (table, "", "cardapps", 0xA010DF21);
  gids_append_entry (table, "", "cardcf", 0xA010DF22);
  gids_append_entry (table, "mscp", "cmapfile", GIDS_MAP);
  return table;
}

void
gids_append_container (GByteArray *map, guint8 flags, gboolean exchange)
{
  static const char name[] = "example-container";
  guint start = map->len;

  for (const char *c = name; *c != '\0'; c++)
    append_number (map, (guint8) *c, 2);
  while (map->len < start + 80)
    append_number (map, 0, 1);
  append_number (map, flags, 2);
  append_number (map, exchange ? 0 : 2048, 2);
  append_number (map, exchange ? 2048 : 0, 2);
}

GByteArray *
gids_pack (const GByteArray *der)
{
  g_autoptr (GByteArray) stream = testcert_pack (der->data, der->len, TESTCERT_ZLIB);
  GByteArray *packed = g_byte_array_new ();

  append_number (packed, 1, 2);
  append_number (packed, der->len, 2);
  g_byte_array_append (packed, stream->data, stream->len);
  return packed;
}

void
gids_put (VCard *card, guint32 place, const GByteArray *bytes)
{
  g_assert_true (vcard_put_object (card, "gids", place, bytes->data, bytes->len, FALSE));
}

void
gids_put_hex (VCard *card, guint32 place, const char *hex)
{
  g_autoptr (GByteArray) bytes = hex_to_bytes (hex);

  gids_put (card, place, bytes);
}

void
gids_put_containers (VCard *card, const GidsContainer *containers, gsize n)
{
  g_autoptr (GByteArray) table = gids_make_table ();
  g_autoptr (GByteArray) map = g_byte_array_new ();

  for (gsize i = 0; i < n; i++)
    {
      g_autofree char *name = g_strdup_printf ("%s%02zX", containers[i].exchange ? "kxc" : "ksc", i);
      g_autoptr (GByteArray) der = NULL, packed = NULL;

      gids_append_container (map, containers[i].flags, containers[i].exchange);
      if (containers[i].key == NULL)
        continue;
      gids_append_entry (table, "mscp", name, GIDS_FIRST + (guint32) i);
      der = testcert_make (containers[i].key, containers[i].holder);
      packed = gids_pack (der);
      gids_put (card, GIDS_FIRST + (guint32) i, containers[i].plain ? der : packed);
    }
  gids_put (card, GIDS_TABLE, table);
  gids_put (card, GIDS_MAP, map);
}

void
gids_put_large (VCard *card, const char *key, gsize n)
{
  g_autofree GidsContainer *containers = g_new0 (GidsContainer, n);
  g_autoptr (GRand) random = g_rand_new_with_seed (1);
  g_autoptr (GString) holder = g_string_new ("Zhang San ");

  while (holder->len < 115) /* so that RSA-2048 makes the usual 900 bytes, and packing saves no more than usual */
    g_string_append_c (holder, (char) g_rand_int_range (random, 'a', 'z'));
  for (gsize i = 0; i < n; i++)
    containers[i] =
      (GidsContainer){ (guint8) (i == 0 ? GIDS_VALID | GIDS_DEFAULT : GIDS_VALID), TRUE, key, holder->str, FALSE };
  gids_put_containers (card, containers, n);
}
