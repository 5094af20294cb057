/* PKCS#15: a tree of transparent files, ISO 7816-4, as IsoApplet and its kin have it.
 *
 * It reads, verifies, changes and unblocks. It does not sign, and it is written to from outside only
 * (vcard_put_object ()). A file is kept by its whole path: 0x3F0050155031 is the object directory. Folders are there by
 * themselves as soon as something is in them; that of the application is 3F00 5015 and always there. What is cut by
 * limit announces its whole size; what is put raw has no file control information. Beside files,
 *
 *   0x84                  is the name that the application answers to SELECT with; an empty one: there is none by name
 *   0x6F                  … all of that answer
 *   0x6F00…, then a path  is the file control information of that file
 *   0x2000…, then a path  is put where that file wants the PIN to be read; of three steps, as above
 *   0xA4                  is put where whole paths are not taken
 *   0x24                  is how PINs are written: type, stored length (0: no filler), filler; see AODF. 01 08 00
 *
 * Roles and their references: "pin" 01, "puk" 02, "admin" 03, "pin2" 04. The PUK unblocks both PINs. Wrong is 63Cx, and
 * blocked 63C0 again.
 */
#include "applet.h"

#include <stdlib.h>
#include <string.h>

#define SHORTEST 4

enum
{
  SW_FEWER_BYTES = 0x6282,
  SW_WRONG = 0x63C0,
  SW_NO_FILE = 0x6986,
  SW_WRONG_OFFSET = 0x6B00,

  TAG_NAME = 0x84,
  TAG_CONTROL = 0x6F,
  TAG_BY_STEPS = 0xA4,
  TAG_PIN_FORM = 0x24,
  TAG_PRIVATE = 0x20,
  CONTROL_SHIFT = 56,

  TYPE_BCD = 0,
  TYPE_ASCII = 1,
  TYPE_UTF8 = 2,
  TYPE_HALF_BCD = 3,
  TYPE_ISO9564 = 4,
  ISO9564_SIZE = 8,

  MAX_STEPS = 4, /* of a path */
  N_PINS = 4
};

#define MASTER      UINT64_C (0x3F00)
#define APPLICATION UINT64_C (0x3F005015)

typedef struct
{
  VCard *card;
  VObject *files;
  VPin pins[N_PINS];
  uint64_t folder;
  const VObject *file; /* the selected one, or NULL */
} Pkcs15;

typedef struct
{
  uint8_t type, stored, filler;
} PinForm;

static const char *const roles[N_PINS] = { "pin", "puk", "admin", "pin2" };

static const uint8_t pkcs15_aid[] = { 0xA0, 0x00, 0x00, 0x00, 0x63, 'P', 'K', 'C', 'S', '-', '1', '5' };

static void *
create (VCard *card)
{
  Pkcs15 *token = vcard_alloc (NULL, sizeof *token);

  *token = (Pkcs15){ .card = card, .folder = MASTER };
  vpin_set (&token->pins[0], "123456", 3, 3);
  vpin_set (&token->pins[1], "12345678", 3, 3);
  vpin_set (&token->pins[2], "87654321", 3, 3);
  vpin_set (&token->pins[3], "654321", 3, 3);
  return token;
}

static void
destroy (void *applet)
{
  Pkcs15 *token = applet;

  vobjects_free (&token->files);
  free (token);
}

static void
reset (void *applet)
{
  Pkcs15 *token = applet;

  token->folder = MASTER;
  token->file = NULL;
  for (size_t i = 0; i < N_PINS; i++)
    token->pins[i].verified = false;
}

/* Whoever changes the files may take the selected one away. */
static VObject **
objects (void *applet)
{
  Pkcs15 *token = applet;

  token->file = NULL;
  return &token->files;
}

static VPin *
pin (void *applet, const char *role)
{
  Pkcs15 *token = applet;

  for (size_t i = 0; i < N_PINS; i++)
    if (strcmp (roles[i], role) == 0)
      return &token->pins[i];
  return NULL;
}

/* The tree */

/* Whether something is below FOLDER. */
static bool
is_folder (const Pkcs15 *token, uint64_t folder)
{
  if (folder == MASTER || folder == APPLICATION)
    return true;
  for (const VObject *file = token->files; file != NULL; file = file->next)
    for (uint64_t above = file->tag >> 16; above >= MASTER; above >>= 16)
      if (above == folder)
        return true;
  return false;
}

static bool
is_file (const Pkcs15 *token, uint64_t path)
{
  return path > MASTER && vobjects_find (token->files, path) != NULL;
}

static void
append_control (const Pkcs15 *token, uint64_t path, VReply *reply)
{
  const VObject *own = vobjects_find (token->files, (uint64_t) TAG_CONTROL << CONTROL_SHIFT | path);
  uint8_t control[] = { 0x80, 2, 0, 0, 0x82, 1, 0x38, 0x83, 2, (uint8_t) (path >> 8), (uint8_t) path };

  if (own != NULL)
    {
      vreply_append (reply, own->data, own->n);
      return;
    }
  if (token->file != NULL)
    {
      if (token->file->raw)
        return;
      control[2] = (uint8_t) (token->file->n >> 8);
      control[3] = (uint8_t) token->file->n;
      control[6] = 0x01;
    }
  vreply_append_tlv (reply, TAG_CONTROL, control, sizeof control);
}

/* One step down from *AT, which becomes a file only by the last. */
static bool
descend (const Pkcs15 *token, uint64_t *at, unsigned identifier)
{
  uint64_t below = *at << 16 | identifier;

  if (identifier == MASTER)
    below = MASTER;
  if (*at >> 48 != 0 || (!is_file (token, below) && !is_folder (token, below)))
    return false;
  *at = below;
  return true;
}

static void
go (Pkcs15 *token, uint64_t path, VReply *reply)
{
  token->file = is_file (token, path) ? vobjects_find (token->files, path) : NULL;
  token->folder = token->file != NULL ? path >> 16 : path;
  append_control (token, path, reply);
}

/* By identifier: something in the current folder, that folder itself, one beside it, or the master file. */
static void
select_identifier (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  unsigned identifier = command->n == 2 ? (unsigned) command->data[0] << 8 | command->data[1] : 0x3F00;
  uint64_t at = token->folder, beside = token->folder >> 16;

  if (command->n != 0 && command->n != 2)
    reply->sw = SW_WRONG_DATA;
  else if (descend (token, &at, identifier))
    go (token, at, reply);
  else if ((token->folder & 0xFFFF) == identifier)
    go (token, token->folder, reply);
  else if (beside != 0 && descend (token, &beside, identifier))
    go (token, beside, reply);
  else
    reply->sw = SW_NOT_FOUND;
}

static void
select_path (Pkcs15 *token, uint64_t from, const VCommand *command, VReply *reply)
{
  uint64_t at = from;

  if (vobjects_find (token->files, TAG_BY_STEPS) != NULL)
    {
      reply->sw = SW_WRONG_P1_P2;
      return;
    }
  if (command->n == 0 || command->n % 2 != 0 || command->n > 2 * MAX_STEPS)
    {
      reply->sw = SW_WRONG_DATA;
      return;
    }
  for (size_t i = 0; i < command->n; i += 2)
    if (!descend (token, &at, (unsigned) command->data[i] << 8 | command->data[i + 1]))
      {
        reply->sw = SW_NOT_FOUND;
        return;
      }
  go (token, at, reply);
}

static void
select_file (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  if (command->p1 == 0x00)
    select_identifier (token, command, reply);
  else if (command->p1 == 0x08)
    select_path (token, MASTER, command, reply);
  else if (command->p1 == 0x09)
    select_path (token, token->folder, command, reply);
  else
    reply->sw = SW_WRONG_P1_P2;
  if (command->p2 == 0x0C)
    reply->n = 0;
}

/* By its name */
static void
select_applet (void *applet, VReply *reply)
{
  Pkcs15 *token = applet;
  const VObject *name = vobjects_find (token->files, TAG_NAME);
  const VObject *all = vobjects_find (token->files, TAG_CONTROL);
  VReply *inner;

  if (name != NULL && name->n == 0)
    {
      reply->sw = SW_NOT_FOUND;
      return;
    }
  token->folder = APPLICATION;
  token->file = NULL;
  if (all != NULL)
    {
      vreply_append (reply, all->data, all->n);
      return;
    }
  inner = vcard_alloc (NULL, sizeof *inner);
  inner->n = 0;
  vreply_append (inner, (const uint8_t[]){ 0x82, 1, 0x38, 0x83, 2, 0x50, 0x15 }, 7);
  vreply_append_tlv (inner, TAG_NAME, name != NULL ? name->data : pkcs15_aid,
                     name != NULL ? name->n : sizeof pkcs15_aid);
  vreply_append_tlv (reply, TAG_CONTROL, inner->data, inner->n);
  free (inner);
}

/* READ BINARY */

static void
read_from (const Pkcs15 *token, size_t offset, size_t le, VReply *reply)
{
  size_t n = token->file->n < token->file->limit ? token->file->n : token->file->limit;
  size_t asked = le > 0 ? le : 256;

  if (offset >= n)
    {
      reply->sw = n == 0 ? SW_OK : SW_WRONG_OFFSET;
      return;
    }
  vreply_append (reply, token->file->data + offset, n - offset < asked ? n - offset : asked);
  if (n - offset < asked && asked < 256)
    reply->sw = SW_FEWER_BYTES;
}

static bool
may_read (const Pkcs15 *token)
{
  uint64_t mark = (uint64_t) TAG_PRIVATE << CONTROL_SHIFT ^ token->file->tag;

  return token->pins[0].verified || vobjects_find (token->files, mark) == NULL;
}

static void
read_binary (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  if (token->file == NULL)
    reply->sw = SW_NO_FILE;
  else if (!may_read (token))
    reply->sw = SW_SECURITY_STATUS;
  else if (command->p1 & 0x80)
    reply->sw = SW_WRONG_P1_P2; /* no short names */
  else
    read_from (token, (size_t) command->p1 << 8 | command->p2, command->le, reply);
}

/* With the offset in an object, and the bytes in another: ISO 7816-4 section 7.2.3 */
static void
read_binary_odd (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  VReply *inner;
  size_t offset = 0, header;

  if (token->file == NULL)
    {
      reply->sw = SW_NO_FILE;
      return;
    }
  if (command->n < 3 || command->data[0] != 0x54 || command->data[1] != command->n - 2 || command->data[1] > 4)
    {
      reply->sw = SW_WRONG_DATA;
      return;
    }
  for (size_t i = 2; i < command->n; i++)
    offset = offset << 8 | command->data[i];
  inner = vcard_alloc (NULL, sizeof *inner);
  inner->n = 0;
  inner->sw = SW_OK;
  header = command->extended ? 4 : 3;
  read_from (token, offset, (command->le > 4 ? command->le : 256) - header, inner);
  if (inner->n > 0)
    vreply_append_tlv (reply, 0x53, inner->data, inner->n);
  reply->sw = inner->sw;
  free (inner);
}

/* PINs */

static PinForm
get_form (const Pkcs15 *token)
{
  const VObject *own = vobjects_find (token->files, TAG_PIN_FORM);

  if (own == NULL || own->n != 3)
    return (PinForm){ TYPE_ASCII, 8, 0x00 };
  return (PinForm){ own->data[0], own->data[1], own->data[2] };
}

static VPin *
reference (Pkcs15 *token, uint8_t p2)
{
  return p2 >= 1 && p2 <= N_PINS ? &token->pins[p2 - 1] : NULL;
}

static bool
take_digit (char *text, size_t at, unsigned digit)
{
  if (digit > 9)
    return false;
  text[at] = (char) ('0' + digit);
  return true;
}

/* The digits in N bytes from number FIRST nibble on, up to the first that is none. */
static void
read_nibbles (const uint8_t *bytes, size_t n, size_t first, size_t step, char *text)
{
  size_t at = 0;

  for (size_t i = first; i < 2 * n; i += step)
    if (!take_digit (text, at++, i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 0x0F))
      break;
}

/* What was typed to make the N bytes at VALUE: the other way round from what AODF says. */
static bool
decode (const PinForm *form, const uint8_t *value, size_t n, char *text, size_t room)
{
  size_t length = n;

  if (2 * n >= room || (form->stored > 0 && n != form->stored))
    return false;
  if (form->type == TYPE_BCD || form->type == TYPE_ISO9564)
    {
      bool iso = form->type == TYPE_ISO9564;

      read_nibbles (value, n, iso ? 2 : 0, 1, text);
      return !iso || (n == ISO9564_SIZE && value[0] == (0x20 | strlen (text)));
    }
  if (form->type == TYPE_HALF_BCD)
    {
      read_nibbles (value, n, 1, 2, text);
      return true;
    }
  while (form->stored > 0 && length > 0 && value[length - 1] == form->filler)
    length--;
  memcpy (text, value, length);
  return true;
}

/* Whether the N bytes at VALUE are the secret; a wrong one costs a try. */
static bool
check (const Pkcs15 *token, VPin *secret, const uint8_t *value, size_t n, VReply *reply)
{
  PinForm form = get_form (token);
  char text[sizeof secret->value] = "";

  if (!decode (&form, value, n, text, sizeof text))
    {
      reply->sw = SW_WRONG_LENGTH;
      return false;
    }
  if (vpin_check (secret, text))
    return true;
  reply->sw = (uint16_t) (SW_WRONG | secret->left);
  return false;
}

static void
verify (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (token, command->p2);

  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (secret == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->n > 0)
    secret->verified = check (token, secret, command->data, command->n, reply);
  else if (!secret->verified)
    reply->sw = (uint16_t) (SW_WRONG | secret->left);
}

/* FIRST and a new value, one behind the other. Judged in this order. */
static void
take_new (const Pkcs15 *token, VPin *first, VPin *target, const VCommand *command, VReply *reply)
{
  PinForm form = get_form (token);
  size_t n_first = form.stored > 0 ? form.stored : strlen (first->value);
  size_t n_new = command->n > n_first ? command->n - n_first : 0;
  char value[sizeof target->value] = "";

  if (form.type == TYPE_BCD && form.stored == 0)
    n_first = (n_first + 1) / 2;
  if (form.stored > 0 && command->n != 2u * form.stored)
    reply->sw = SW_WRONG_LENGTH;
  else if (check (token, first, command->data, n_first < command->n ? n_first : command->n, reply))
    {
      n_new = command->n - n_first;
      if (decode (&form, command->data + n_first, n_new, value, sizeof value) && strlen (value) >= SHORTEST)
        vpin_set (target, value, target->max, target->max);
      else
        reply->sw = SW_WRONG_DATA;
    }
}

static void
change_reference_data (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (token, command->p2);

  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (secret == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else
    take_new (token, secret, secret, command, reply);
}

static void
reset_retry_counter (Pkcs15 *token, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (token, command->p2);

  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (secret != &token->pins[0] && secret != &token->pins[3])
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else
    take_new (token, &token->pins[1], secret, command, reply);
}

/* Commands */

static const struct
{
  uint8_t ins;
  void (*run) (Pkcs15 *token, const VCommand *command, VReply *reply);
} commands[] = {
  { 0xA4, select_file }, { 0xB0, read_binary },           { 0xB1, read_binary_odd },
  { 0x20, verify },      { 0x24, change_reference_data }, { 0x2C, reset_retry_counter },
};

static void
run_command (void *applet, const VCommand *command, VReply *reply)
{
  Pkcs15 *token = applet;

  if ((command->cla & ~0x10) != 0)
    {
      reply->sw = SW_CLA_NOT_SUPPORTED;
      return;
    }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (commands[i].ins == command->ins)
      {
        commands[i].run (token, command, reply);
        return;
      }
  reply->sw = SW_INS_NOT_SUPPORTED;
}

const VCardApplet vcard_applet_pkcs15 = {
  .name = "pkcs15",
  .aid = pkcs15_aid,
  .n_aid = sizeof pkcs15_aid,
  .is_whole_card = true,
  .create = create,
  .destroy = destroy,
  .reset = reset,
  .select = select_applet,
  .command = run_command,
  .objects = objects,
  .pin = pin,
};
