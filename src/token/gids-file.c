/* The files of GIDS: Generic Identity Device Specification 2.0 (GET DATA), and the Smart Card Minidriver Specification
 * (what is in the files). Where both are silent, in the table and in how a certificate is packed, this is what cards
 * have on them.
 *
 *   table of files        01, then of 28 bytes each: directory (9, with NUL), name (9, with NUL), 2 unused, tag (4),
 *                         file (4)
 *
 *   mscp/cmapfile         of 86 bytes each: name (80), flags, 1 unused, bits of the signature key (2), of the exchange
 *                         key (2)
 *
 *   mscp/kscNN, kxcNN     certificate of the signature or exchange key of container NN, hexadecimal: 01 00, its length
 *                         (2), zlib stream; or plain DER
 *
 * Numbers begin with their lowest byte. */
#include "gids-file.h"

#include <stdlib.h>

#include "gzip.h"
#include "model/error.h"
#include "x509.h"

#define INS_GET_DATA 0xCB

#define TABLE_VERSION 0x01
#define ENTRY_SIZE    28
#define ENTRY_NAME    9
#define ENTRY_OBJECT  20
#define ENTRY_FILE    24

#define CONTAINER_SIZE    86
#define CONTAINER_FLAGS   80
#define CONTAINER_VALID   0x01
#define CONTAINER_DEFAULT 0x02

#define PACKED_HEADER 4
#define DER_SEQUENCE  0x30

/* Asking */

Found
gids_file_get (Channel *channel, GidsPlace place, GByteArray **data, Tlv *value)
{
  const guint8 list[] = { 0x5C, 0x02, (guint8) (place.object >> 8), (guint8) place.object };
  Apdu apdu = { .ins = INS_GET_DATA,
                .p1 = (guint8) (place.file >> 8),
                .p2 = (guint8) place.file,
                .data = list,
                .length = sizeof list,
                .ne = APDU_NE_MAX };
  g_autoptr (GByteArray) answer = NULL;
  guint16 status;

  *data = NULL;
  if (!channel_send (channel, &apdu, &answer, &status, NULL))
    return FOUND_RUBBISH;
  if (status == SW_NOT_FOUND || status == SW_REFERENCE_MISSING || (status == SW_OK && answer->len == 0))
    return FOUND_NOTHING;
  if (status != SW_OK)
    return FOUND_REFUSED;
  if (!tlv_find (answer->data, answer->len, place.object, value))
    return FOUND_RUBBISH;
  if (value->length == 0)
    return FOUND_NOTHING;

  *data = g_steal_pointer (&answer);
  return FOUND_SOMETHING;
}

/* The table of files */

static guint
read_number (const guint8 *bytes)
{
  return bytes[0] | bytes[1] << 8;
}

/* Whether the name at FIELD, with its NUL, is NAME; FIELD has ENTRY_NAME bytes. */
static gboolean
is_name (const guint8 *field, const char *name)
{
  return g_ascii_strncasecmp ((const char *) field, name, ENTRY_NAME) == 0;
}

/* "kxc00" */
static gboolean
parse_name (const guint8 *field, GidsCertificate *certificate)
{
  int high = g_ascii_xdigit_value ((char) field[3]);
  int low = high >= 0 ? g_ascii_xdigit_value ((char) field[4]) : -1;

  certificate->exchange = g_ascii_strncasecmp ((const char *) field, "kxc", 3) == 0;
  if ((!certificate->exchange && g_ascii_strncasecmp ((const char *) field, "ksc", 3) != 0) || low < 0
      || field[5] != '\0')
    return FALSE;

  certificate->container = (guint8) (high << 4 | low);
  g_snprintf (certificate->id, sizeof certificate->id, "%s%02x", certificate->exchange ? "kxc" : "ksc",
              certificate->container);
  return TRUE;
}

/* None twice: the first one of a name counts. */
static void
add_certificate (GidsFiles *files, const GidsCertificate *new)
{
  for (gsize i = 0; i < files->n_certificates; i++)
    if (files->certificates[i].container == new->container && files->certificates[i].exchange == new->exchange)
      return;
  if (files->n_certificates < G_N_ELEMENTS (files->certificates))
    files->certificates[files->n_certificates++] = *new;
}

static void
take_entry (GidsFiles *files, const guint8 *entry)
{
  const guint8 *directory = entry, *name = entry + ENTRY_NAME;
  GidsCertificate certificate = { .place = { .file = (guint16) read_number (entry + ENTRY_FILE),
                                             .object = (guint16) read_number (entry + ENTRY_OBJECT) } };

  if (is_name (directory, "") && is_name (name, "cardid"))
    files->card_id = certificate.place;
  else if (is_name (directory, "mscp") && is_name (name, "cmapfile"))
    files->containers = certificate.place;
  else if (is_name (directory, "mscp") && certificate.place.object != 0 && parse_name (name, &certificate))
    add_certificate (files, &certificate);
}

gboolean
gids_file_parse_table (const guint8 *bytes, gsize length, GidsFiles *files)
{
  *files = (GidsFiles){ 0 };
  if (length == 0 || bytes[0] != TABLE_VERSION)
    return FALSE;

  for (gsize at = 1; length - at >= ENTRY_SIZE; at += ENTRY_SIZE)
    take_entry (files, bytes + at);
  return TRUE;
}

/* Containers */

static int
compare_certificates (gconstpointer a, gconstpointer b)
{
  const GidsCertificate *first = a, *second = b;

  if (first->container != second->container)
    return first->container < second->container ? -1 : 1;
  return second->exchange - first->exchange;
}

/* Brings the certificates of the default container to the front, in the order that they have. */
static void
promote (GidsFiles *files, guint container)
{
  gsize n_front = 0;

  for (gsize i = 0; i < files->n_certificates; i++)
    {
      GidsCertificate certificate = files->certificates[i];

      if (certificate.container != container)
        continue;
      for (gsize j = i; j > n_front; j--)
        files->certificates[j] = files->certificates[j - 1];
      files->certificates[n_front++] = certificate;
    }
}

void
gids_file_apply_containers (GidsFiles *files, const guint8 *map, gsize length)
{
  gsize n_containers = length / CONTAINER_SIZE;
  gsize n_left = 0;

  for (gsize i = 0; i < files->n_certificates && n_containers > 0; i++)
    {
      gsize container = files->certificates[i].container;

      if (container < n_containers && (map[container * CONTAINER_SIZE + CONTAINER_FLAGS] & CONTAINER_VALID) != 0)
        files->certificates[n_left++] = files->certificates[i];
    }
  if (n_containers > 0)
    files->n_certificates = n_left;
  qsort (files->certificates, files->n_certificates, sizeof files->certificates[0], compare_certificates);

  for (gsize i = 0; i < n_containers; i++)
    if ((map[i * CONTAINER_SIZE + CONTAINER_FLAGS] & CONTAINER_DEFAULT) != 0)
      {
        promote (files, (guint) i);
        break;
      }
}

/* Certificates */

Certificate *
gids_file_parse_certificate (const guint8 *bytes, gsize length, GError **error)
{
  g_autoptr (GByteArray) der = NULL;

  if (length > 0 && bytes[0] == DER_SEQUENCE)
    return x509_parse (bytes, length, error);

  if (length > PACKED_HEADER && bytes[0] == 0x01 && bytes[1] == 0x00)
    {
      der = gzip_unpack_zlib (bytes + PACKED_HEADER, length - PACKED_HEADER, error);
      if (der == NULL)
        return NULL;
      if (der->len == read_number (bytes + 2))
        return x509_parse (der->data, der->len, error);
    }
  g_set_error_literal (error, ASSISTANT_ERROR, ERROR_TOKEN_UNREADABLE, "no certificate as GIDS packs them");
  return NULL;
}
