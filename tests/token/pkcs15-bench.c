#include "pkcs15-bench.h"

#include <string.h>

#include "hex.h"
#include "testcert.h"

const Pkcs15PinObject pkcs15_bench_pin = {
  .label = "User PIN",
  .id = "01",
  .protector = "02",
  .flags = PKCS15_PIN_FLAGS,
  .type = 1,
  .min = 4,
  .stored = 8,
  .max = 8,
  .reference = 1,
  .filler = "00",
};

const Pkcs15PinObject pkcs15_bench_puk = {
  .label = "PUK",
  .id = "02",
  .flags = PKCS15_PUK_FLAGS,
  .type = 1,
  .min = 8,
  .stored = 8,
  .max = 8,
  .reference = 2,
  .filler = "00",
};

static GByteArray *
wrap (guint32 tag, GByteArray *inner)
{
  GByteArray *outer = g_byte_array_new ();

  hex_append_tlv (outer, tag, inner->data, inner->len);
  g_byte_array_unref (inner);
  return outer;
}

void
pkcs15_bench_take (GByteArray *into, GByteArray *part)
{
  if (part->len > 0)
    g_byte_array_append (into, part->data, part->len);
  g_byte_array_unref (part);
}

static void
add_hex (GByteArray *into, guint32 tag, const char *hex)
{
  if (hex != NULL)
    pkcs15_bench_take (into, wrap (tag, hex_to_bytes (hex)));
}

static void
add_text (GByteArray *into, guint32 tag, const char *text)
{
  if (text != NULL)
    hex_append_tlv (into, tag, (const guint8 *) text, strlen (text));
}

static void
add_number (GByteArray *into, guint32 tag, guint number)
{
  guint8 bytes[] = { (guint8) (number >> 8), (guint8) number };
  gsize skip = number < 0x80 ? 1 : 0;

  hex_append_tlv (into, tag, bytes + skip, sizeof bytes - skip);
}

static void
add_bits (GByteArray *into, guint bits)
{
  const guint8 bytes[] = { 0, (guint8) (bits >> 8), (guint8) bits };

  hex_append_tlv (into, 0x03, bytes, sizeof bytes);
}

GByteArray *
pkcs15_bench_path (const char *path)
{
  GByteArray *inner = g_byte_array_new ();

  add_hex (inner, 0x04, path);
  return wrap (0x30, inner);
}

GByteArray *
pkcs15_bench_place (guint kind, const char *path)
{
  return wrap (0xA0 + kind, pkcs15_bench_path (path));
}

static GByteArray *
make_certificate (const char *id, gboolean authority, guint flags, const GByteArray *value)
{
  GByteArray *object = g_byte_array_new (), *common = g_byte_array_new (), *own = g_byte_array_new ();
  GByteArray *type = g_byte_array_new ();

  add_text (common, 0x0C, "Certificate");
  if (flags != 0)
    add_bits (common, flags);
  add_hex (own, 0x04, id);
  if (authority)
    add_hex (own, 0x01, "FF");
  g_byte_array_append (type, value->data, value->len);
  pkcs15_bench_take (object, wrap (0x30, common));
  pkcs15_bench_take (object, wrap (0x30, own));
  pkcs15_bench_take (object, wrap (0xA1, wrap (0x30, type)));
  return wrap (0x30, object);
}

GByteArray *
pkcs15_bench_certificate (const char *id, gboolean authority, const GByteArray *value)
{
  return make_certificate (id, authority, 0, value);
}

GByteArray *
pkcs15_bench_private_certificate (const char *id, const GByteArray *value)
{
  return make_certificate (id, FALSE, 0x8000, value);
}

GByteArray *
pkcs15_bench_key (const char *id, guint usage)
{
  GByteArray *object = g_byte_array_new (), *common = g_byte_array_new (), *own = g_byte_array_new ();
  GByteArray *type = pkcs15_bench_path ("3F0050154600");

  add_text (common, 0x0C, "Private Key");
  add_hex (common, 0x04, "01");
  add_hex (own, 0x04, id);
  add_bits (own, usage);
  add_number (type, 0x02, 2048);
  pkcs15_bench_take (object, wrap (0x30, common));
  pkcs15_bench_take (object, wrap (0x30, own));
  pkcs15_bench_take (object, wrap (0xA1, wrap (0x30, type)));
  return wrap (0x30, object);
}

GByteArray *
pkcs15_bench_pin_object (const Pkcs15PinObject *pin)
{
  GByteArray *object = g_byte_array_new (), *common = g_byte_array_new (), *own = g_byte_array_new ();
  GByteArray *type = g_byte_array_new ();

  add_text (common, 0x0C, pin->label);
  add_hex (common, 0x04, pin->protector);
  add_hex (own, 0x04, pin->id);
  add_bits (type, pin->flags);
  add_number (type, 0x0A, pin->type);
  add_number (type, 0x02, pin->min);
  add_number (type, 0x02, pin->stored);
  if (pin->max > 0)
    add_number (type, 0x02, pin->max);
  add_number (type, 0x80, pin->reference);
  add_hex (type, 0x04, pin->filler);
  if (pin->path != NULL)
    pkcs15_bench_take (type, pkcs15_bench_path (pin->path));
  pkcs15_bench_take (object, wrap (0x30, common));
  pkcs15_bench_take (object, wrap (0x30, own));
  pkcs15_bench_take (object, wrap (0xA1, wrap (0x30, type)));
  return wrap (0x30, object);
}

void
pkcs15_bench_put (VCard *card, guint64 path, GByteArray *data)
{
  g_assert_true (vcard_put_object (card, "pkcs15", path, data->data, data->len, FALSE));
  g_byte_array_unref (data);
}

void
pkcs15_bench_put_hex (VCard *card, guint64 path, const char *hex)
{
  pkcs15_bench_put (card, path, hex_to_bytes (hex));
}

void
pkcs15_bench_put_pins (VCard *card, const Pkcs15PinObject *pins, gsize n)
{
  GByteArray *aodf = g_byte_array_new ();

  for (gsize i = 0; i < n; i++)
    pkcs15_bench_take (aodf, pkcs15_bench_pin_object (&pins[i]));
  pkcs15_bench_put (card, PKCS15_AODF, aodf);
}

void
pkcs15_bench_fill (VCard *card)
{
  const Pkcs15PinObject pins[] = { pkcs15_bench_pin, pkcs15_bench_puk };
  GByteArray *odf = g_byte_array_new (), *info = g_byte_array_new ();

  pkcs15_bench_take (odf, pkcs15_bench_place (0, "3F0050154402"));
  pkcs15_bench_take (odf, pkcs15_bench_place (4, "3F0050154404"));
  pkcs15_bench_take (odf, pkcs15_bench_place (8, "3F0050154401"));
  pkcs15_bench_put (card, PKCS15_ODF, odf);

  add_number (info, 0x02, 0);
  add_hex (info, 0x04, "0123456789");
  add_text (info, 0x0C, "Example Maker");
  add_text (info, 0x80, "Example Card");
  add_bits (info, 0x4000);
  pkcs15_bench_put (card, PKCS15_INFO, wrap (0x30, info));

  pkcs15_bench_put_pins (card, pins, G_N_ELEMENTS (pins));
  pkcs15_bench_put_hex (card, PKCS15_CDF, "");
  pkcs15_bench_put_hex (card, PKCS15_PRKDF, "");
}

void
pkcs15_bench_fill_certificates (VCard *card, const char *key, const char *holders)
{
  static const guint usages[] = { 0x2000, 0x2040, 0x4400 }; /* sign; … that is binding; decrypt, unwrap */
  g_auto (GStrv) names = g_strsplit (holders, "|", -1);
  GByteArray *cdf = g_byte_array_new (), *prkdf = g_byte_array_new ();

  pkcs15_bench_fill (card);
  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autofree char *id = g_strdup_printf ("%02X", i + 1);
      g_autofree char *path = g_strdup_printf ("3F00501545%s", id);
      g_autoptr (GByteArray) value = pkcs15_bench_path (path);

      pkcs15_bench_take (cdf, pkcs15_bench_certificate (id, FALSE, value));
      pkcs15_bench_take (prkdf, pkcs15_bench_key (id, usages[i % G_N_ELEMENTS (usages)]));
      pkcs15_bench_put (card, PKCS15_CERT + i + 1, testcert_make (key, names[i]));
    }
  pkcs15_bench_put (card, PKCS15_CDF, cdf);
  pkcs15_bench_put (card, PKCS15_PRKDF, prkdf);
}

void
pkcs15_bench_init (Bench *bench, const char *key, const char *holders)
{
  bench_init_family (bench, &pkcs15_driver);
  pkcs15_bench_fill_certificates (bench->card, key, holders);
}
