/* Yubico's own instructions in the PIV application ("PIV extensions", developers.yubico.com/PIV).
 *
 *   what                     command          answer
 *   serial number            00 F8            4 bytes
 *   version                  00 FD            3 bytes
 *   metadata of PIN, PUK     00 F7 00 80, 81  05 is it the initial one, 06 tries { at most, left }; since 5.3 */
#include "piv-yubico.h"

#include <string.h>

#include "tlv.h"

#define INS_GET_METADATA 0xF7
#define INS_GET_SERIAL   0xF8
#define INS_GET_VERSION  0xFD

#define REF_PIN 0x80
#define REF_PUK 0x81

#define TAG_IS_DEFAULT 0x05
#define TAG_RETRIES    0x06

/* What stands in the historical bytes, in small letters, the most telling first. */
static const struct
{
  const char *mark, *label;
} models[] = {
  { "yubikeyneo", "YubiKey NEO" },
  { "yubikey4", "YubiKey 4" },
  { "yubikey", "YubiKey" },
};

const char *
piv_yubico_find_label (const Channel *channel)
{
  gsize length;
  const guint8 *bytes = channel_get_historical_bytes (channel, &length);
  g_autofree char *small = bytes != NULL ? g_ascii_strdown ((const char *) bytes, (gssize) length) : NULL;

  for (gsize i = 0; small != NULL && i < G_N_ELEMENTS (models); i++)
    if (memmem (small, length, models[i].mark, strlen (models[i].mark)) != NULL)
      return models[i].label;

  return NULL;
}

/* The answer to one of these questions, or NULL. */
static GByteArray *
ask (Channel *channel, guint8 ins, guint8 p2)
{
  Apdu apdu = { .ins = ins, .p2 = p2, .ne = APDU_NE_SHORT };
  g_autoptr (GByteArray) data = NULL;
  guint16 status;

  if (!channel_send (channel, &apdu, &data, &status, NULL) || status != SW_OK)
    return NULL;
  return g_steal_pointer (&data);
}

char *
piv_yubico_read_serial (Channel *channel)
{
  g_autoptr (GByteArray) data = ask (channel, INS_GET_SERIAL, 0);
  guint32 serial;

  if (data == NULL || data->len != sizeof serial)
    return NULL;

  memcpy (&serial, data->data, sizeof serial);
  return serial != 0 ? g_strdup_printf ("%u", GUINT32_FROM_BE (serial)) : NULL;
}

/* Metadata */

static gboolean
has_metadata (Channel *channel)
{
  g_autoptr (GByteArray) version = ask (channel, INS_GET_VERSION, 0);

  return version != NULL && version->len == 3
         && (version->data[0] > 5 || (version->data[0] == 5 && version->data[1] >= 3));
}

/* Tries of a metadata answer; FALSE when it has none that make sense. */
static gboolean
find_retries (const GByteArray *metadata, guint *max, guint *left)
{
  Tlv tlv;

  if (metadata == NULL || !tlv_find (metadata->data, metadata->len, TAG_RETRIES, &tlv) || tlv.length != 2)
    return FALSE;

  *max = tlv.value[0];
  *left = tlv.value[1];
  return *max > 0 && *left <= *max;
}

static void
read_pin (Channel *channel, Pin *pin)
{
  g_autoptr (GByteArray) metadata = ask (channel, INS_GET_METADATA, REF_PIN);
  guint max, left;
  Tlv tlv;

  if (metadata != NULL && tlv_find (metadata->data, metadata->len, TAG_IS_DEFAULT, &tlv) && tlv.length == 1)
    pin->is_default = tlv.value[0] != 0;
  if (find_retries (metadata, &max, &left))
    {
      pin->tries_max = (int) max;
      pin->tries_left = (int) left;
      pin->blocked = left == 0;
    }
}

static void
read_puk (Channel *channel, Pin *pin)
{
  g_autoptr (GByteArray) metadata = ask (channel, INS_GET_METADATA, REF_PUK);
  guint max, left;

  if (find_retries (metadata, &max, &left))
    pin->unlock_tries_left = (int) left;
}

void
piv_yubico_read_metadata (Channel *channel, Pin *pin)
{
  if (!has_metadata (channel))
    return;

  read_pin (channel, pin);
  read_puk (channel, pin);
}
