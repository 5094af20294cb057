/* Files of a PKCS#15 token: PKCS#15 v1.1 section 5, ISO 7816-4.
 *
 *   what                        command                        answer
 *   application                 00 A4 04 00 AID                6F { 84 AID, … }, or nothing
 *   EF.DIR                      00 A4 08 00 2F00, READ BINARY  61 { 4F AID, 51 path, … }, …
 *   file, from the top          00 A4 08 00 path               6F { 80 size, … }; the path without 3F00
 *   file, from here             00 A4 09 00 path               the same
 *   file or folder here         00 A4 00 00 identifier         the same
 *   bytes from OFFSET on        00 B0 offset                   9000; 6282 there are fewer; 6B00 there are none
 *   … from 32768 on             00 B1 00 00, 54 { offset }     53 { bytes }
 *
 * A token that refuses whole paths gets them step by step. */
#include "pkcs15-file.h"

#include <string.h>

#include "tlv.h"

#define INS_SELECT          0xA4
#define INS_READ_BINARY     0xB0
#define INS_READ_BINARY_ODD 0xB1

#define SELECT_IDENTIFIER 0x00
#define SELECT_NAME       0x04
#define SELECT_FROM_TOP   0x08
#define SELECT_FROM_HERE  0x09

#define SW_FEWER_BYTES       0x6282
#define SW_NO_SUCH_FUNCTION  0x6A81
#define SW_INCONSISTENT      0x6A87
#define SW_WRONG_OFFSET      0x6B00
#define SW_CLASS_OF_WARNINGS 0x62

#define TAG_FCI         0x6F
#define TAG_FCP         0x62
#define TAG_DF_NAME     0x84
#define TAG_SIZE        0x80
#define TAG_SIZE_ALL    0x81
#define TAG_TEMPLATE    0x61
#define TAG_AID         0x4F
#define TAG_PATH        0x51
#define TAG_DATA        0x53
#define MAX_DIR         512 /* bytes of EF.DIR */
#define IDENTIFIER_SIZE 2

#define MAX_OFFSET   0x7FFF /* that fits READ BINARY with its even code */
#define MAX_READ     2048   /* asked for at once; what takes short APDUs gets 256 of them */
#define MAX_SHORT    256
#define UNKNOWN_SIZE G_MAXSIZE

static const guint8 aid[] = { 0xA0, 0x00, 0x00, 0x00, 0x63, 'P', 'K', 'C', 'S', '-', '1', '5' };
static const guint8 master[] = { 0x3F, 0x00 };
static const guint8 ef_dir[] = { 0x2F, 0x00 };

/* Paths */

static gboolean
is_absolute (const Pkcs15Path *path)
{
  return path->length >= sizeof master && memcmp (path->bytes, master, sizeof master) == 0;
}

static gboolean
is_same_folder (const Pkcs15Path *a, const Pkcs15Path *b)
{
  return a->length == b->length && memcmp (a->bytes, b->bytes, a->length) == 0;
}

gboolean
pkcs15_file_is_same_place (const Pkcs15Path *a, const Pkcs15Path *b)
{
  return is_same_folder (a, b) && a->offset == b->offset && a->count == b->count;
}

static Pkcs15Path
get_parent (const Pkcs15Path *path)
{
  Pkcs15Path parent = { .length = path->length - MIN (path->length, IDENTIFIER_SIZE) };

  memcpy (parent.bytes, path->bytes, parent.length);
  return parent;
}

/* READ BINARY */

/* One command. *DATA is what came, without a wrapper. */
static gboolean
read_piece (Channel *channel, gsize offset, gsize ask, GByteArray **data, guint16 *status)
{
  guint8 object[] = { 0x54, 4, 0, 0, (guint8) (offset >> 8), (guint8) offset };
  Apdu apdu = { .ins = INS_READ_BINARY, .p1 = (guint8) (offset >> 8), .p2 = (guint8) offset, .ne = (guint) ask };
  Tlv inner;

  if (offset > MAX_OFFSET)
    {
      object[2] = (guint8) (offset >> 24);
      object[3] = (guint8) (offset >> 16);
      apdu = (Apdu){ .ins = INS_READ_BINARY_ODD, .data = object, .length = sizeof object, .ne = APDU_NE_SHORT };
    }
  if (!channel_send (channel, &apdu, data, status, NULL))
    return FALSE;
  if (offset > MAX_OFFSET && tlv_find ((*data)->data, (*data)->len, TAG_DATA, &inner))
    {
      memmove ((*data)->data, inner.value, inner.length);
      g_byte_array_set_size (*data, (guint) inner.length);
    }
  return TRUE;
}

/* How many bytes the object takes whose LEFT first bytes are at BYTES, header included; 0 when it is none, UNKNOWN_SIZE
 * when they are too few to tell. Tags of one byte, as all of PKCS#15's are. */
static gsize
measure (const guint8 *bytes, gsize left)
{
  gsize n_length = left > 1 && bytes[1] > 0x80 ? bytes[1] & 0x7F : 0;
  gsize length = left > 1 ? bytes[1] : 0;

  if (left < 2 || left < 2 + n_length)
    return n_length > sizeof (guint32) ? 0 : UNKNOWN_SIZE;
  if ((bytes[0] & 0x1F) == 0x1F || length == 0x80 || n_length > sizeof (guint32))
    return 0;
  if (n_length > 0)
    length = 0;
  for (gsize i = 0; i < n_length; i++)
    length = length << 8 | bytes[2 + i];
  return 2 + n_length + length;
}

/* How many bytes DATA lacks: 0 when it is whole, UNKNOWN_SIZE when that cannot be told. */
static gsize
count_missing (const GByteArray *data, Pkcs15Extent extent)
{
  gsize at = 0;

  while (at < data->len)
    {
      gsize size = measure (data->data + at, data->len - at);

      if (data->data[at] == 0x00 || data->data[at] == 0xFF || size == 0)
        return 0;
      if (size == UNKNOWN_SIZE)
        return UNKNOWN_SIZE;
      at += size;
      if (extent == PKCS15_ONE_OBJECT && at <= data->len)
        return 0;
    }
  return at > data->len ? at - data->len : UNKNOWN_SIZE;
}

/* The size that the file control information tells, or UNKNOWN_SIZE. */
static gsize
find_size (const GByteArray *data)
{
  Tlv fci, size;
  gsize value = 0;

  if (!tlv_find (data->data, data->len, TAG_FCI, &fci) && !tlv_find (data->data, data->len, TAG_FCP, &fci))
    return UNKNOWN_SIZE;
  if ((!tlv_find (fci.value, fci.length, TAG_SIZE, &size) && !tlv_find (fci.value, fci.length, TAG_SIZE_ALL, &size))
      || size.length == 0 || size.length > sizeof (guint32))
    return UNKNOWN_SIZE;
  for (gsize i = 0; i < size.length; i++)
    value = value << 8 | size.value[i];
  return value;
}

/* How many bytes are asked for next: those that one object is MISSING, otherwise those that the token says there are.
 */
static gsize
choose_size (Pkcs15Extent extent, gsize missing, gsize size, gsize at, gsize room)
{
  gsize ask = size > at && size != UNKNOWN_SIZE ? size - at : MAX_READ;

  if (missing != UNKNOWN_SIZE && (extent == PKCS15_ONE_OBJECT || missing > ask))
    ask = missing;
  return MIN (ask, MIN (room, MAX_READ));
}

/* Why there is nothing where the first piece came with STATUS. */
static Found
judge_nothing (guint16 status)
{
  if (status == SW_OK || status == SW_WRONG_OFFSET || status == SW_NOT_FOUND || status >> 8 == SW_CLASS_OF_WARNINGS)
    return FOUND_NOTHING;
  return FOUND_REFUSED;
}

/* The selected file, of which the token says that it is SIZE bytes long. */
static Found
read_selected (Pkcs15Files *files, const Pkcs15Path *path, Pkcs15Extent extent, gsize size, GByteArray *whole)
{
  gsize limit = path->count > 0 ? MIN (path->count, PKCS15_MAX_FILE) : PKCS15_MAX_FILE;
  gboolean ended = FALSE;
  guint16 status = SW_OK;

  while (whole->len < limit)
    {
      g_autoptr (GByteArray) piece = NULL;
      gsize missing = count_missing (whole, extent);
      gsize at = path->offset + whole->len;
      gsize ask = choose_size (extent, missing, size, at, limit - whole->len);

      if (missing == 0 || (missing == UNKNOWN_SIZE && ended && whole->len > 0))
        break;
      if (!read_piece (files->channel, at, ask, &piece, &status))
        return FOUND_RUBBISH;
      if (piece->len == 0 || (status != SW_OK && status >> 8 != SW_CLASS_OF_WARNINGS))
        break;
      g_byte_array_append (whole, piece->data, (guint) MIN (piece->len, limit - whole->len));
      ended = at + piece->len == size || status != SW_OK || (piece->len < ask && piece->len % MAX_SHORT != 0);
    }
  return whole->len > 0 ? FOUND_SOMETHING : judge_nothing (status);
}

/* SELECT */

static gboolean
send_select (Pkcs15Files *files, guint8 how, const guint8 *bytes, gsize length, GByteArray **data, guint16 *status)
{
  Apdu apdu = { .ins = INS_SELECT, .p1 = how, .data = bytes, .length = length, .ne = APDU_NE_SHORT };

  return channel_send (files->channel, &apdu, data, status, NULL);
}

/* Whether STATUS is about the form of the command and not about the file. */
static gboolean
is_about_form (guint16 status)
{
  static const guint16 words[] = { SW_WRONG_P1_P2,  SW_NO_SUCH_FUNCTION, SW_INCONSISTENT,   SW_WRONG_OFFSET,
                                   SW_WRONG_LENGTH, SW_WRONG_DATA,       SW_BAD_INSTRUCTION };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (words[i] == status)
      return TRUE;
  return FALSE;
}

/* One identifier after another, each as if it were the last. */
static gboolean
select_steps (Pkcs15Files *files, const guint8 *bytes, gsize length, GByteArray **data, guint16 *status)
{
  gboolean answered = FALSE;

  for (gsize at = 0; at + IDENTIFIER_SIZE <= length; at += IDENTIFIER_SIZE)
    {
      g_clear_pointer (data, g_byte_array_unref);
      answered = send_select (files, SELECT_IDENTIFIER, bytes + at, IDENTIFIER_SIZE, data, status);
      if (!answered || *status != SW_OK)
        break;
    }
  return answered;
}

/* PATH from the top, or from where the token stands; the fewest commands that there can be. */
static gboolean
select_path (Pkcs15Files *files, const Pkcs15Path *path, GByteArray **data, guint16 *status)
{
  gboolean absolute = is_absolute (path);
  gsize above = absolute ? sizeof master : 0;
  gsize step = path->length - MIN (path->length, IDENTIFIER_SIZE);
  Pkcs15Path parent = get_parent (path);

  if (path->length <= IDENTIFIER_SIZE || (files->by_steps && files->known && is_same_folder (&parent, &files->folder)))
    return send_select (files, SELECT_IDENTIFIER, path->bytes + step, path->length - step, data, status);
  if (!files->by_steps)
    {
      if (!send_select (files, absolute ? SELECT_FROM_TOP : SELECT_FROM_HERE, path->bytes + above, path->length - above,
                        data, status))
        return FALSE;
      if (!is_about_form (*status))
        return TRUE;
      files->by_steps = TRUE;
    }
  return select_steps (files, path->bytes, path->length, data, status);
}

/* Selects what is at PATH; the token stands in FOLDER afterwards. */
static Found
go (Pkcs15Files *files, const Pkcs15Path *path, const Pkcs15Path *folder, GByteArray **data)
{
  guint16 status = 0;
  gboolean answered;

  *data = NULL;
  if (path->length == 0 || path->length % IDENTIFIER_SIZE != 0)
    return FOUND_RUBBISH;
  if (!is_absolute (path) && (!files->known || files->folder.length > 0)
      && pkcs15_file_open_application (files) == PKCS15_ABSENT)
    return FOUND_NOTHING;

  answered = select_path (files, path, data, &status);
  files->known = answered && status == SW_OK;
  if (files->known)
    files->folder = *folder;
  if (!answered)
    return FOUND_RUBBISH;
  if (status == SW_NOT_FOUND)
    return FOUND_NOTHING;
  return status == SW_OK ? FOUND_SOMETHING : FOUND_REFUSED;
}

gboolean
pkcs15_file_enter_folder (Pkcs15Files *files, const Pkcs15Path *path)
{
  g_autoptr (GByteArray) data = NULL;

  if (path->length == 0 || (files->known && is_same_folder (path, &files->folder)))
    return TRUE;
  return go (files, path, path, &data) == FOUND_SOMETHING;
}

/* The application */

static gboolean
is_named (const GByteArray *data)
{
  Tlv fci, name;

  return (tlv_find (data->data, data->len, TAG_FCI, &fci) || tlv_find (data->data, data->len, TAG_FCP, &fci))
         && tlv_find (fci.value, fci.length, TAG_DF_NAME, &name) && name.length >= sizeof aid
         && memcmp (name.value, aid, sizeof aid) == 0;
}

/* The path in EF.DIR, section 6.2 (ISO 7816-4 section 8.2.1.1). FALSE when the application is not in it. */
static gboolean
find_in_dir (const GByteArray *dir, Pkcs15Path *path)
{
  TlvCursor cursor = tlv_cursor_over (dir->data, dir->len);
  Tlv template, name, place;

  while (tlv_cursor_next (&cursor, &template))
    if (template.tag == TAG_TEMPLATE && tlv_find (template.value, template.length, TAG_AID, &name)
        && name.length >= sizeof aid && memcmp (name.value, aid, sizeof aid) == 0
        && tlv_find (template.value, template.length, TAG_PATH, &place) && place.length <= sizeof path->bytes)
      {
        *path = (Pkcs15Path){ .length = place.length };
        memcpy (path->bytes, place.value, place.length);
        return is_absolute (path);
      }
  return FALSE;
}

/* Only with the whole path at once: most tokens without the application are of another family, and this is not the
 * place for many questions. */
static gboolean
read_dir (Pkcs15Files *files, GByteArray *dir)
{
  static const Pkcs15Path all = { .count = MAX_DIR };
  g_autoptr (GByteArray) control = NULL;
  guint16 status;

  return send_select (files, SELECT_FROM_TOP, ef_dir, sizeof ef_dir, &control, &status) && status == SW_OK
         && read_selected (files, &all, PKCS15_ALL_OBJECTS, find_size (control), dir) == FOUND_SOMETHING;
}

static Pkcs15Presence
open_from_dir (Pkcs15Files *files)
{
  g_autoptr (GByteArray) dir = g_byte_array_new (), control = NULL;
  Pkcs15Path path;

  if (read_dir (files, dir) && find_in_dir (dir, &path)
      && go (files, &path, &(Pkcs15Path){ 0 }, &control) == FOUND_SOMETHING)
    return PKCS15_NAMED;
  return PKCS15_ABSENT;
}

Pkcs15Presence
pkcs15_file_open_application (Pkcs15Files *files)
{
  g_autoptr (GByteArray) data = NULL;
  guint16 status;

  files->known = FALSE;
  if (!send_select (files, SELECT_NAME, aid, sizeof aid, &data, &status))
    return PKCS15_ABSENT;
  if (status != SW_OK)
    return open_from_dir (files);

  files->known = TRUE;
  files->folder.length = 0;
  return is_named (data) ? PKCS15_NAMED : PKCS15_SILENT;
}

Pkcs15Files
pkcs15_file_tree_over (Channel *channel)
{
  return (Pkcs15Files){ .channel = channel, .known = TRUE };
}

/* Files */

/* Whether DATA is nothing but filler. */
static gboolean
is_blank (const GByteArray *data)
{
  return data->len > 0 && (data->data[0] == 0x00 || data->data[0] == 0xFF);
}

Found
pkcs15_file_read (Pkcs15Files *files, const Pkcs15Path *path, Pkcs15Extent extent, GByteArray **data)
{
  g_autoptr (GByteArray) control = NULL;
  g_autoptr (GByteArray) whole = g_byte_array_new ();
  Pkcs15Path folder = get_parent (path);
  Found found;

  *data = NULL;
  if (is_absolute (path) && folder.length == 0)
    return FOUND_RUBBISH; /* the master file is none that is read */
  found = go (files, path, &folder, &control);
  if (found == FOUND_SOMETHING)
    {
      found = read_selected (files, path, extent, find_size (control), whole);
      files->known = found == FOUND_SOMETHING || found == FOUND_NOTHING; /* otherwise it may be a folder */
    }
  if (found != FOUND_SOMETHING)
    return found;
  if (is_blank (whole))
    return FOUND_NOTHING;

  *data = g_steal_pointer (&whole);
  return FOUND_SOMETHING;
}

Found
pkcs15_file_read_directory (Pkcs15Files *files, GByteArray **data)
{
  static const Pkcs15Path directory = { .bytes = { 0x50, 0x31 }, .length = 2 };

  return pkcs15_file_read (files, &directory, PKCS15_ALL_OBJECTS, data);
}
