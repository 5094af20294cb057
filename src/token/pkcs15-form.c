/* How a PIN of PKCS#15 goes into a command: v1.1 section 6.8.
 *
 * Its object says it, and it is done exactly so or not at all: what is written in another way costs a try. With "1234"
 * of up to 8 bytes, filler FF:
 *
 *   ASCII digits     31323334FFFFFFFF      half BCD   F1F2F3F4FFFFFFFF
 *   BCD              1234FFFFFFFFFFFF      ISO 9564-1 241234FFFFFFFFFF; of 8 bytes always
 *   UTF-8            as it is typed, or in capitals where capitals do not count */
#include "pkcs15-form.h"

#include <string.h>

#define ISO9564_SIZE     8
#define ISO9564_SHORTEST 4
#define ISO9564_LONGEST  12
#define ISO9564_FORMAT   0x20

/* Each writes the N characters that are typed, and returns how many bytes they took, with enough room behind INTO. */

static gsize
write_nibbles (const guint8 *typed, gsize n, guint8 filler, guint8 *into)
{
  for (gsize i = 0; i < n; i += 2)
    {
      guint8 second = i + 1 < n ? typed[i + 1] : filler;

      into[i / 2] = (guint8) ((typed[i] & 0x0F) << 4 | (second & 0x0F));
    }
  return (n + 1) / 2;
}

static gsize
write_bcd (const Pkcs15Pin *pin, const guint8 *typed, gsize n, guint8 *into)
{
  return write_nibbles (typed, n, pin->filler, into);
}

static gsize
write_plain (const Pkcs15Pin *pin G_GNUC_UNUSED, const guint8 *typed, gsize n, guint8 *into)
{
  memcpy (into, typed, n);
  return n;
}

static gsize
write_utf8 (const Pkcs15Pin *pin, const guint8 *typed, gsize n, guint8 *into)
{
  for (gsize i = 0; i < n; i++)
    into[i] = pin->flags & PKCS15_PIN_CASE_SENSITIVE ? typed[i] : (guint8) g_ascii_toupper ((char) typed[i]);
  return n;
}

static gsize
write_half_bcd (const Pkcs15Pin *pin G_GNUC_UNUSED, const guint8 *typed, gsize n, guint8 *into)
{
  for (gsize i = 0; i < n; i++)
    into[i] = 0xF0 | (typed[i] & 0x0F);
  return n;
}

static gsize
write_iso9564 (const Pkcs15Pin *pin G_GNUC_UNUSED, const guint8 *typed, gsize n, guint8 *into)
{
  memset (into, 0xFF, ISO9564_SIZE);
  into[0] = (guint8) (ISO9564_FORMAT | n);
  write_nibbles (typed, n, 0x0F, into + 1);
  return ISO9564_SIZE;
}

static const struct
{
  gsize (*write) (const Pkcs15Pin *pin, const guint8 *typed, gsize n, guint8 *into);
  gboolean digits;
  guint a_byte;            /* characters in a stored byte; 0: it does not matter how many are stored */
  guint shortest, longest; /* 0: as the PIN says */
} forms[PKCS15_PIN_N_TYPES] = {
  [PKCS15_PIN_BCD] = { write_bcd, TRUE, 2, 0, 0 },
  [PKCS15_PIN_ASCII] = { write_plain, TRUE, 1, 0, 0 },
  [PKCS15_PIN_UTF8] = { write_utf8, FALSE, 1, 0, 0 },
  [PKCS15_PIN_HALF_BCD] = { write_half_bcd, TRUE, 1, 0, 0 },
  [PKCS15_PIN_ISO9564] = { write_iso9564, TRUE, 0, ISO9564_SHORTEST, ISO9564_LONGEST },
};

gboolean
pkcs15_form_get_limits (const Pkcs15Pin *pin, gsize *min, gsize *max)
{
  gsize stored = pin->stored_length * forms[pin->type].a_byte;

  *min = MAX (MAX (pin->min_length, forms[pin->type].shortest), 1);
  *max = pin->max_length > 0 ? pin->max_length : stored > 0 ? stored : SECRET_MAX;
  if (stored > 0 && pin->flags & PKCS15_PIN_NEEDS_PADDING)
    *max = MIN (*max, stored);
  if (forms[pin->type].longest > 0)
    *max = MIN (*max, forms[pin->type].longest);
  return *min <= *max;
}

gboolean
pkcs15_form_is_digits (const Pkcs15Pin *pin)
{
  return forms[pin->type].digits;
}

/* How many characters are typed; 0 when they are none that such a PIN can have. */
static gsize
count_characters (const Pkcs15Pin *pin, const Secret *typed)
{
  const char *text = (const char *) typed->bytes;
  gboolean plain = TRUE;

  for (gsize i = 0; i < typed->length; i++)
    {
      plain = plain && typed->bytes[i] < 0x80;
      if (forms[pin->type].digits && !g_ascii_isdigit (text[i]))
        return 0;
    }
  if (plain)
    return typed->length;
  /* Which capitals other letters have is not for us to say. */
  if (!(pin->flags & PKCS15_PIN_CASE_SENSITIVE) || !g_utf8_validate (text, (gssize) typed->length, NULL))
    return 0;
  return (gsize) g_utf8_strlen (text, (gssize) typed->length);
}

gsize
pkcs15_form_write (const Pkcs15Pin *pin, const Secret *typed, guint8 *into, gsize room)
{
  gsize n = count_characters (pin, typed);
  gsize min, max, size;

  if (!pkcs15_form_get_limits (pin, &min, &max) || n < min || n > max || MAX (typed->length, ISO9564_SIZE) > room)
    return 0;
  size = forms[pin->type].write (pin, typed->bytes, typed->length, into);
  if (!(pin->flags & PKCS15_PIN_NEEDS_PADDING) || pin->stored_length == 0)
    return size;
  if (size > pin->stored_length || pin->stored_length > room)
    return 0;
  memset (into + size, pin->filler, pin->stored_length - size);
  return pin->stored_length;
}

gboolean
pkcs15_form_fits_keypad (const Pkcs15Pin *pin)
{
  return (pin->type == PKCS15_PIN_ASCII || pin->type == PKCS15_PIN_UTF8) && pin->flags & PKCS15_PIN_NEEDS_PADDING
         && pin->stored_length > 0 && pin->stored_length <= PKCS15_FORM_MAX_BLOCK;
}
