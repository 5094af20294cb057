/* GIDS: Generic Identity Device Specification 2.0 (Microsoft), and the files that Windows keeps on such a card.
 *
 * It reads, verifies, changes and unblocks. It does not sign, it knows no admin key, and it is written to from outside
 * only (vcard_put_object ()). Objects are kept by their file and tag: 0xA010DF24 is the data object DF24 in the file
 * A010, and 0x3FFF0081 what is in the public key 81. The files that a card has from the day it is filled are made up
 * unless they are put: the table of files A000DF1F, A012DF20 "cardid" (from the serial number), A010DF21 "cardapps",
 * A010DF22 "cardcf" and A010DF23 "mscp/cmapfile". A raw object is answered without its tag and length. Roles: "pin",
 * and "puk", which version 2 does not have: none until vcard_set_pin ().
 *
 * As the cards in the field do it: VERIFY without data never says that the PIN is verified, and a command of a length
 * that no two PINs have together is called 63Cx and costs nothing.
 */
#include "applet.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_PIN "123456"
#define SHORTEST    4
#define LONGEST     16

enum
{
  TAG_APPLICATION = 0x61,
  TAG_AID = 0x4F,
  TAG_MECHANISMS = 0x73,
  TAG_LIST = 0x5C,
  TAG_KEY = 0x70,
  TAG_PUBLIC_KEY = 0x7F49,
  TAG_PIN_STATE = 0x7F71,
  TAG_ANY_STATE = 0x7F72,
  TAG_PUK_STATE = 0x7F73,
  TAG_LEFT = 0x97,
  TAG_MAX = 0x93,

  FILE_APPLICATION = 0x3FFF,

  REF_PIN = 0x80,
  REF_PUK = 0x81,
  REF_LOG_OUT = 0x82,

  CARD_ID_SIZE = 16,
  ENTRY_SIZE = 28
};

typedef struct
{
  VCard *card;
  VObject *objects;
  VPin pin, puk;
} Gids;

static const uint8_t gids_aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x97, 0x42, 0x54, 0x46, 0x59, 0x02, 0x01 };

static void *
create (VCard *card)
{
  Gids *gids = vcard_alloc (NULL, sizeof *gids);

  *gids = (Gids){ .card = card };
  vpin_set (&gids->pin, DEFAULT_PIN, 3, 3);
  return gids;
}

static void
destroy (void *applet)
{
  Gids *gids = applet;

  vobjects_free (&gids->objects);
  free (gids);
}

static void
reset (void *applet)
{
  Gids *gids = applet;

  gids->pin.verified = gids->puk.verified = false;
}

static VObject **
objects (void *applet)
{
  Gids *gids = applet;

  return &gids->objects;
}

static VPin *
pin (void *applet, const char *role)
{
  Gids *gids = applet;

  if (strcmp (role, "pin") == 0)
    return &gids->pin;
  return strcmp (role, "puk") == 0 ? &gids->puk : NULL;
}

static bool
has_puk (const Gids *gids)
{
  return gids->puk.max > 0;
}

/* What the card has from the day it is filled */

static const struct
{
  const char *directory, *name;
  unsigned file, tag;
} files[] = {
  { "mscp", "", 0xA000, 0 },        { "", "cardid", 0xA012, 0xDF20 },       { "", "cardapps", 0xA010, 0xDF21 },
  { "", "cardcf", 0xA010, 0xDF22 }, { "mscp", "cmapfile", 0xA010, 0xDF23 },
};

/* 01, and an entry each: directory, name, tag and file, their lowest byte first */
static void
append_table (const Gids *gids, VReply *value)
{
  static const uint8_t version = 0x01;

  (void) gids;
  vreply_append (value, &version, 1);
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    {
      uint8_t entry[ENTRY_SIZE] = { 0 };

      memcpy (entry, files[i].directory, strlen (files[i].directory));
      memcpy (entry + 9, files[i].name, strlen (files[i].name));
      entry[20] = (uint8_t) files[i].tag;
      entry[21] = (uint8_t) (files[i].tag >> 8);
      entry[24] = (uint8_t) files[i].file;
      entry[25] = (uint8_t) (files[i].file >> 8);
      vreply_append (value, entry, sizeof entry);
    }
}

static void
append_card_id (const Gids *gids, VReply *value)
{
  uint8_t id[CARD_ID_SIZE] = { 0x56, 0x43, 0x41, 0x52, 0x44 };
  uint32_t serial = vcard_get_serial (gids->card);

  for (int i = CARD_ID_SIZE - 1; serial != 0; i--, serial >>= 8)
    id[i] = (uint8_t) serial;
  vreply_append (value, id, sizeof id);
}

static void
append_applications (const Gids *gids, VReply *value)
{
  (void) gids;
  vreply_append (value, "mscp\0\0\0\0", 8);
}

static void
append_freshness (const Gids *gids, VReply *value)
{
  (void) gids;
  vreply_append (value, "\0\0\0\0\0\0", 6);
}

static void
append_nothing (const Gids *gids, VReply *value)
{
  (void) gids;
  (void) value;
}

/* {97 tries left, 93 most tries} */
static void
append_state (const VPin *secret, VReply *value)
{
  vreply_append_tlv (value, TAG_LEFT, &(uint8_t){ (uint8_t) secret->left }, 1);
  vreply_append_tlv (value, TAG_MAX, &(uint8_t){ (uint8_t) secret->max }, 1);
}

static void
append_pin_state (const Gids *gids, VReply *value)
{
  append_state (&gids->pin, value);
}

static void
append_puk_state (const Gids *gids, VReply *value)
{
  append_state (&gids->puk, value);
}

static const struct
{
  unsigned file, tag;
  void (*append) (const Gids *gids, VReply *value);
} own[] = {
  { 0xA000, 0xDF1F, append_table },
  { 0xA012, 0xDF20, append_card_id },
  { 0xA010, 0xDF21, append_applications },
  { 0xA010, 0xDF22, append_freshness },
  { 0xA010, 0xDF23, append_nothing },
  { FILE_APPLICATION, TAG_PIN_STATE, append_pin_state },
  { FILE_APPLICATION, TAG_ANY_STATE, append_pin_state },
  { FILE_APPLICATION, TAG_PUK_STATE, append_puk_state },
};

/* GET DATA */

static void
answer_object (const VObject *object, unsigned tag, VReply *reply)
{
  if (object->raw)
    vreply_append (reply, object->data, object->n);
  else
    vreply_append_tlv (reply, tag, object->data, object->n);
  if (reply->n > object->limit)
    reply->n = object->limit;
}

static void
answer_own (const Gids *gids, unsigned file, unsigned tag, VReply *reply)
{
  VReply *value;

  for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
    if (own[i].file == file && own[i].tag == tag && (tag != TAG_PUK_STATE || has_puk (gids)))
      {
        value = vcard_alloc (NULL, sizeof *value);
        value->n = 0;
        own[i].append (gids, value);
        vreply_append_tlv (reply, tag, value->data, value->n);
        free (value);
        return;
      }
  reply->sw = SW_REFERENCE_NOT_FOUND;
}

/* 70 { 84 reference, A5 { 7F49 80 } }: the public half of a key */
static void
get_public_key (const Gids *gids, const VCommand *command, VReply *reply)
{
  const VObject *object =
    command->n == 10 ? vobjects_find (gids->objects, (uint64_t) FILE_APPLICATION << 16 | command->data[4]) : NULL;

  if (object != NULL)
    answer_object (object, TAG_PUBLIC_KEY, reply);
  else
    reply->sw = SW_REFERENCE_NOT_FOUND;
}

static void
get_data (Gids *gids, const VCommand *command, VReply *reply)
{
  unsigned file = (unsigned) command->p1 << 8 | command->p2;
  const VObject *object;
  unsigned tag;

  if (file == FILE_APPLICATION && command->n > 0 && command->data[0] == TAG_KEY)
    {
      get_public_key (gids, command, reply);
      return;
    }
  if (command->n != 4 || command->data[0] != TAG_LIST || command->data[1] != 2)
    {
      reply->sw = SW_WRONG_DATA;
      return;
    }
  tag = (unsigned) command->data[2] << 8 | command->data[3];
  object = vobjects_find (gids->objects, (uint64_t) file << 16 | tag);
  if (object != NULL)
    answer_object (object, tag, reply);
  else
    answer_own (gids, file, tag, reply);
}

/* PINs */

static VPin *
reference (Gids *gids, uint8_t p2)
{
  if (p2 == REF_PUK && has_puk (gids))
    return &gids->puk;
  return p2 == REF_PIN ? &gids->pin : NULL;
}

static uint16_t
tries_left (const VPin *secret)
{
  return (uint16_t) (0x63C0 | (secret->left < 15 ? secret->left : 15));
}

/* Whether the N bytes at VALUE are the secret; a wrong one costs a try. */
static bool
check (VPin *secret, const uint8_t *value, size_t n, VReply *reply)
{
  char text[sizeof secret->value] = "";

  if (secret->left == 0)
    {
      reply->sw = SW_BLOCKED;
      return false;
    }
  if (n < sizeof text)
    memcpy (text, value, n);
  secret->verified = vpin_check (secret, text);
  if (!secret->verified)
    reply->sw = tries_left (secret);
  return secret->verified;
}

static void
verify (Gids *gids, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (gids, command->p2);

  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (command->p2 == REF_LOG_OUT)
    reset (gids);
  else if (secret == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (secret->left == 0)
    reply->sw = SW_BLOCKED;
  else if (command->n < SHORTEST || command->n > LONGEST)
    reply->sw = tries_left (secret);
  else
    check (secret, command->data, command->n, reply);
}

/* FIRST and a new value for TARGET stand one behind the other: where the first ends only the card knows. */
static void
take_both (VPin *first, VPin *target, const VCommand *command, VReply *reply)
{
  size_t n_first = strlen (first->value) < command->n ? strlen (first->value) : command->n;
  size_t n_new = command->n - n_first;
  char value[LONGEST + 1] = "";

  if (command->n < 2 * SHORTEST || command->n > 2 * LONGEST)
    {
      reply->sw = tries_left (first);
      return;
    }
  if (!check (first, command->data, n_first, reply))
    return;
  if (n_new < SHORTEST || n_new > LONGEST)
    {
      reply->sw = SW_WRONG_LENGTH;
      return;
    }
  memcpy (value, command->data + n_first, n_new);
  vpin_set (target, value, target->max, target->max);
}

/* P1 01: the new one alone, after the old one was verified */
static void
take_new (VPin *target, const VCommand *command, VReply *reply)
{
  char value[LONGEST + 1] = "";

  if (command->n < SHORTEST || command->n > LONGEST)
    reply->sw = SW_WRONG_LENGTH;
  else if (!target->verified)
    reply->sw = SW_SECURITY_STATUS;
  else
    {
      memcpy (value, command->data, command->n);
      vpin_set (target, value, target->max, target->max);
    }
}

static void
change_reference_data (Gids *gids, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (gids, command->p2);

  if (command->p1 > 0x01)
    reply->sw = SW_WRONG_P1_P2;
  else if (secret == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->p1 == 0x01)
    take_new (secret, command, reply);
  else
    take_both (secret, secret, command, reply);
}

/* With the PUK where there is one; P1 02, after the admin key, is for those who have it. */
static void
reset_retry_counter (Gids *gids, const VCommand *command, VReply *reply)
{
  if (command->p2 != REF_PIN)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->p1 == 0x02)
    reply->sw = SW_SECURITY_STATUS;
  else if (command->p1 != 0x00 || !has_puk (gids))
    reply->sw = SW_WRONG_P1_P2;
  else
    take_both (&gids->puk, &gids->pin, command, reply);
}

/* What it does not do */

static void
select_file (Gids *gids, const VCommand *command, VReply *reply)
{
  (void) gids;
  (void) command;
  reply->sw = SW_NOT_FOUND;
}

static void
refuse (Gids *gids, const VCommand *command, VReply *reply)
{
  (void) gids;
  (void) command;
  reply->sw = SW_SECURITY_STATUS;
}

static const struct
{
  uint8_t ins;
  void (*run) (Gids *gids, const VCommand *command, VReply *reply);
} commands[] = {
  { 0xCB, get_data },    { 0x20, verify }, { 0x24, change_reference_data }, { 0x2C, reset_retry_counter },
  { 0xA4, select_file }, { 0xDB, refuse }, /* PUT DATA */
  { 0xE0, refuse },                        /* CREATE FILE */
  { 0x87, refuse },                        /* GENERAL AUTHENTICATE */
  { 0x2A, refuse },                        /* PERFORM SECURITY OPERATION */
};

static void
run_command (void *applet, const VCommand *command, VReply *reply)
{
  Gids *gids = applet;

  if ((command->cla & ~0x10) != 0)
    {
      reply->sw = SW_CLA_NOT_SUPPORTED;
      return;
    }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (commands[i].ins == command->ins)
      {
        commands[i].run (gids, command, reply);
        return;
      }
  reply->sw = SW_INS_NOT_SUPPORTED;
}

/* The application template: whole AID, and that RSA and ECC are done */
static void
select_applet (void *applet, VReply *reply)
{
  static const uint8_t mechanisms[] = { 0x40, 0x01, 0xC0 };
  VReply *inner = vcard_alloc (NULL, sizeof *inner);

  (void) applet;
  inner->n = 0;
  vreply_append_tlv (inner, TAG_AID, gids_aid, sizeof gids_aid);
  vreply_append_tlv (inner, TAG_MECHANISMS, mechanisms, sizeof mechanisms);
  vreply_append_tlv (reply, TAG_APPLICATION, inner->data, inner->n);
  free (inner);
}

const VCardApplet vcard_applet_gids = {
  .name = "gids",
  .aid = gids_aid,
  .n_aid = sizeof gids_aid,
  .create = create,
  .destroy = destroy,
  .reset = reset,
  .select = select_applet,
  .command = run_command,
  .objects = objects,
  .pin = pin,
};
