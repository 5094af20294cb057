/* OpenPGP: Functional Specification of the OpenPGP application, version 3.4.1, and what 2.1 does otherwise.
 *
 * It reads, verifies, changes and unblocks. It does not sign, and it is written to from outside only
 * (vcard_put_object ()). Objects are kept by their tag: the certificates of the keys for authentication, decryption and
 * signature are 0x7F21, 0x7F2101 and 0x7F2102, and 0x4700 | the key's tag (B6, B8, A4) is what reading its public key
 * answers. What the card says of itself is made up unless it is put: 4F, C0, C5. Roles: "pin" is PW1, "puk" the
 * resetting code (none until vcard_set_pin ()), "admin" PW3.
 *
 * Wrong and blocked are both answered 6982, as the cards in the field do it: only C4 tells (section 4.3.3).
 */
#include "applet.h"

#include <stdlib.h>
#include <string.h>

#define DEFAULT_PIN    "123456"
#define DEFAULT_ADMIN  "12345678"
#define SHORTEST       6
#define ADMIN_SHORTEST 8
#define LONGEST        127

enum
{
  TAG_AID = 0x4F,
  TAG_NAME = 0x5B,
  TAG_LOGIN = 0x5E,
  TAG_LANGUAGE = 0x5F2D,
  TAG_SEX = 0x5F35,
  TAG_URL = 0x5F50,
  TAG_HISTORICAL = 0x5F52,
  TAG_CARDHOLDER = 0x65,
  TAG_APPLICATION = 0x6E,
  TAG_DISCRETIONARY = 0x73,
  TAG_SECURITY = 0x7A,
  TAG_COUNTER = 0x93,
  TAG_CERTIFICATE = 0x7F21,
  TAG_LENGTHS = 0x7F66,
  TAG_CAPABILITIES = 0xC0,
  TAG_PW_STATUS = 0xC4,
  TAG_FINGERPRINTS = 0xC5,
  TAG_KDF = 0xF9,
  TAG_PUBLIC_KEY = 0x4700,

  REF_SIGNATURE = 0x81,
  REF_OTHER = 0x82,
  REF_ADMIN = 0x83,

  N_CERTIFICATES = 3,
  AID_SIZE = 16,
  VERSION_AT = 6 /* in the AID */
};

typedef struct
{
  VCard *card;
  VObject *objects;
  VPin pin, resetting_code, admin;
  bool verified[3]; /* by REF_SIGNATURE, REF_OTHER, REF_ADMIN */
  unsigned occurrence;
} OpenPgp;

/* Without version, manufacturer and serial number, so that any beginning of the AID selects it: section 4.2.1. */
static const uint8_t openpgp_aid[] = { 0xD2, 0x76, 0x00, 0x01, 0x24, 0x01 };

static void *
create (VCard *card)
{
  OpenPgp *pgp = vcard_alloc (NULL, sizeof *pgp);

  *pgp = (OpenPgp){ .card = card };
  vpin_set (&pgp->pin, DEFAULT_PIN, 3, 3);
  vpin_set (&pgp->resetting_code, "", 0, 3);
  vpin_set (&pgp->admin, DEFAULT_ADMIN, 3, 3);
  return pgp;
}

static void
destroy (void *applet)
{
  OpenPgp *pgp = applet;

  vobjects_free (&pgp->objects);
  free (pgp);
}

static void
reset (void *applet)
{
  OpenPgp *pgp = applet;

  memset (pgp->verified, 0, sizeof pgp->verified);
  pgp->occurrence = 0;
}

static VObject **
objects (void *applet)
{
  OpenPgp *pgp = applet;

  return &pgp->objects;
}

static VPin *
pin (void *applet, const char *role)
{
  OpenPgp *pgp = applet;

  if (strcmp (role, "pin") == 0)
    return &pgp->pin;
  if (strcmp (role, "puk") == 0)
    return &pgp->resetting_code;
  return strcmp (role, "admin") == 0 ? &pgp->admin : NULL;
}

/* What the card says of itself */

/* Version 3.4, manufacturer, serial number. Yubico's (0006) is the decimal one, digit by digit; the other manufacturer
 * is of the range that nobody manages. */
static void
make_aid (const OpenPgp *pgp, uint8_t aid[AID_SIZE])
{
  const VObject *own = vobjects_find (pgp->objects, TAG_AID);
  uint32_t serial = vcard_get_serial (pgp->card);
  bool yubico = vcard_is_yubico (pgp->card);

  memset (aid, 0, AID_SIZE);
  if (own != NULL)
    {
      memcpy (aid, own->data, own->n < AID_SIZE ? own->n : AID_SIZE);
      return;
    }
  memcpy (aid, openpgp_aid, sizeof openpgp_aid);
  aid[VERSION_AT] = 3;
  aid[VERSION_AT + 1] = 4;
  aid[8] = yubico ? 0x00 : 0xFF;
  aid[9] = yubico ? 0x06 : 0x00;
  for (int i = 13; i >= 10; i--)
    {
      aid[i] = (uint8_t) (yubico ? serial % 10 | serial / 10 % 10 << 4 : serial);
      serial = yubico ? serial / 100 : serial >> 8;
    }
}

static bool
is_version_3 (const OpenPgp *pgp)
{
  uint8_t aid[AID_SIZE];

  make_aid (pgp, aid);
  return aid[VERSION_AT] >= 3;
}

/* The card capabilities (73) of the ATR, and the life cycle: section 6.1 */
static void
append_historical (const OpenPgp *pgp, VReply *reply)
{
  uint8_t bytes[] = { 0x00, 0x73, 0x00, 0x00, 0x00, 0x05, 0x90, 0x00 };
  size_t n;
  const uint8_t *atr = vcard_get_atr (pgp->card, &n);

  for (size_t i = 0; i + 3 < n; i++)
    if (atr[i] == 0x73)
      memcpy (bytes + 2, atr + i + 1, 3);
  vreply_append_tlv (reply, TAG_HISTORICAL, bytes, sizeof bytes);
}

/* Section 4.4.3.7: the PW status can be changed, private objects; the key derivation only where there is one */
static void
append_capabilities (const OpenPgp *pgp, VReply *reply)
{
  const VObject *own = vobjects_find (pgp->objects, TAG_CAPABILITIES);
  uint8_t bytes[] = { 0x34, 0x00, 0x00, 0x00, 0x20, 0x00, 0x00, 0xFF, 0x00, 0x00 };

  bytes[0] |= vobjects_find (pgp->objects, TAG_KDF) != NULL;
  if (own != NULL)
    vreply_append_tlv (reply, TAG_CAPABILITIES, own->data, own->n);
  else
    vreply_append_tlv (reply, TAG_CAPABILITIES, bytes, sizeof bytes);
}

static void
make_pw_status (const OpenPgp *pgp, uint8_t status[7])
{
  status[0] = 0x00;
  memset (status + 1, LONGEST, 3);
  status[4] = (uint8_t) pgp->pin.left;
  status[5] = (uint8_t) pgp->resetting_code.left;
  status[6] = (uint8_t) pgp->admin.left;
}

static void
append_pw_status (const OpenPgp *pgp, VReply *reply)
{
  const VObject *own = vobjects_find (pgp->objects, TAG_PW_STATUS);
  uint8_t status[7];

  make_pw_status (pgp, status);
  if (own != NULL)
    vreply_append_tlv (reply, TAG_PW_STATUS, own->data, own->n);
  else
    vreply_append_tlv (reply, TAG_PW_STATUS, status, sizeof status);
}

/* Section 4.4.1: the discretionary objects */
static void
append_discretionary (const OpenPgp *pgp, VReply *reply)
{
  static const uint8_t rsa_2048[] = { 0x01, 0x08, 0x00, 0x00, 0x20, 0x00 };
  static const uint8_t nothing[60];
  const VObject *fingerprints = vobjects_find (pgp->objects, TAG_FINGERPRINTS);
  VReply *inner = vcard_alloc (NULL, sizeof *inner);

  inner->n = 0;
  append_capabilities (pgp, inner);
  for (unsigned tag = 0xC1; tag <= 0xC3; tag++)
    vreply_append_tlv (inner, tag, rsa_2048, sizeof rsa_2048);
  append_pw_status (pgp, inner);
  if (fingerprints != NULL)
    vreply_append_tlv (inner, TAG_FINGERPRINTS, fingerprints->data, fingerprints->n);
  else
    vreply_append_tlv (inner, TAG_FINGERPRINTS, nothing, 60);
  vreply_append_tlv (inner, 0xC6, nothing, 60);
  vreply_append_tlv (inner, 0xCD, nothing, 12);
  vreply_append_tlv (reply, TAG_DISCRETIONARY, inner->data, inner->n);
  free (inner);
}

static void
append_application (const OpenPgp *pgp, VReply *reply)
{
  static const uint8_t lengths[] = { 0x02, 0x02, 0x08, 0x00, 0x02, 0x02, 0x08, 0x00 };
  uint8_t aid[AID_SIZE];

  make_aid (pgp, aid);
  vreply_append_tlv (reply, TAG_AID, aid, sizeof aid);
  append_historical (pgp, reply);
  if (is_version_3 (pgp))
    vreply_append_tlv (reply, TAG_LENGTHS, lengths, sizeof lengths);
  append_discretionary (pgp, reply);
}

static void
append_cardholder (const OpenPgp *pgp, VReply *reply)
{
  static const unsigned tags[] = { TAG_NAME, TAG_LANGUAGE, TAG_SEX };

  for (size_t i = 0; i < sizeof tags / sizeof tags[0]; i++)
    {
      const VObject *object = vobjects_find (pgp->objects, tags[i]);

      if (object != NULL)
        vreply_append_tlv (reply, tags[i], object->data, object->n);
      else
        vreply_append_tlv (reply, tags[i], "9", tags[i] == TAG_SEX ? 1 : 0);
    }
}

static void
append_security (const OpenPgp *pgp, VReply *reply)
{
  static const uint8_t counter[3];

  (void) pgp;
  vreply_append_tlv (reply, TAG_COUNTER, counter, sizeof counter);
}

/* GET DATA: section 7.2.6 */

static const struct
{
  unsigned tag;
  void (*append) (const OpenPgp *pgp, VReply *reply);
} templates[] = {
  { TAG_CARDHOLDER, append_cardholder },
  { TAG_APPLICATION, append_application },
  { TAG_SECURITY, append_security },
};

/* Some cards answer with the template's own tag around it. */
static void
wrap (VReply *reply, unsigned tag)
{
  uint8_t *inner = vcard_alloc (NULL, reply->n);
  size_t n = reply->n;

  memcpy (inner, reply->data, n);
  reply->n = 0;
  vreply_append_tlv (reply, tag, inner, n);
  free (inner);
}

static bool
answer_template (const OpenPgp *pgp, unsigned tag, VReply *reply)
{
  for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++)
    if (templates[i].tag == tag)
      {
        templates[i].append (pgp, reply);
        if (vcard_is_yubico (pgp->card))
          wrap (reply, tag);
        return true;
      }
  return false;
}

static bool
answer_own (const OpenPgp *pgp, unsigned tag, VReply *reply)
{
  uint8_t aid[AID_SIZE], status[7];

  if (tag == TAG_AID)
    {
      make_aid (pgp, aid);
      vreply_append (reply, aid, sizeof aid);
    }
  else if (tag == TAG_PW_STATUS)
    {
      make_pw_status (pgp, status);
      vreply_append (reply, status, sizeof status);
    }
  else if (tag == TAG_HISTORICAL)
    {
      append_historical (pgp, reply);
      memmove (reply->data, reply->data + 3, reply->n -= 3);
    }
  else
    return false;
  return true;
}

static void
get_data (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  static const unsigned may_be_empty[] = { TAG_LOGIN, TAG_URL, TAG_CERTIFICATE };
  unsigned tag = (unsigned) command->p1 << 8 | command->p2;
  uint64_t stored = tag;
  const VObject *object;

  if (tag == TAG_CERTIFICATE && pgp->occurrence > 0)
    stored = (uint64_t) tag << 8 | pgp->occurrence;
  object = vobjects_find (pgp->objects, stored);
  if (object != NULL)
    {
      vreply_append (reply, object->data, object->n);
      if (reply->n > object->limit)
        reply->n = object->limit;
      return;
    }
  if (answer_template (pgp, tag, reply) || answer_own (pgp, tag, reply))
    return;
  for (size_t i = 0; i < sizeof may_be_empty / sizeof may_be_empty[0]; i++)
    if (may_be_empty[i] == tag)
      return;
  reply->sw = SW_REFERENCE_NOT_FOUND;
}

/* Yubico's tokens before 5.4.4 want what is selected behind its length, and refuse what the specification says. */
static bool
wants_length (const OpenPgp *pgp)
{
  const uint8_t *version = vcard_get_version (pgp->card);

  return vcard_is_yubico (pgp->card) && (version[0] << 16 | version[1] << 8 | version[2]) < 0x050404;
}

/* SELECT DATA, section 7.2.5: which of the three certificates GET DATA means from now on */
static void
select_data (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  static const uint8_t whole[] = { 0x06, 0x60, 0x04, 0x5C, 0x02, 0x7F, 0x21 };
  const uint8_t *certificate = wants_length (pgp) ? whole : whole + 1;
  size_t n = sizeof whole - (size_t) (certificate - whole);

  if (!is_version_3 (pgp))
    reply->sw = SW_INS_NOT_SUPPORTED;
  else if (command->p2 != 0x04)
    reply->sw = SW_WRONG_P1_P2;
  else if (command->n != n || memcmp (command->data, certificate, n) != 0)
    reply->sw = SW_WRONG_DATA;
  else if (command->p1 >= N_CERTIFICATES)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else
    pgp->occurrence = command->p1;
}

/* PINs: sections 4.3 and 7.2.2 to 7.2.4 */

static VPin *
reference (OpenPgp *pgp, uint8_t p2)
{
  if (p2 == REF_ADMIN)
    return &pgp->admin;
  return p2 == REF_SIGNATURE || p2 == REF_OTHER ? &pgp->pin : NULL;
}

/* Whether the N bytes at VALUE are the secret; a wrong one costs a try. */
static bool
check (VPin *secret, const uint8_t *value, size_t n, VReply *reply)
{
  char text[sizeof secret->value] = "";

  if (n < sizeof text)
    memcpy (text, value, n);
  if (secret->left > 0 && vpin_check (secret, text))
    return true;
  reply->sw = SW_SECURITY_STATUS;
  return false;
}

static void
log_out (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  if (!is_version_3 (pgp) || command->n != 0)
    reply->sw = SW_WRONG_P1_P2;
  else
    pgp->verified[command->p2 - REF_SIGNATURE] = false;
}

/* Without data, since version 3: is it verified, and how many tries are left. */
static void
tell_state (OpenPgp *pgp, const VCommand *command, const VPin *secret, VReply *reply)
{
  if (!is_version_3 (pgp))
    reply->sw = SW_WRONG_DATA;
  else if (!pgp->verified[command->p2 - REF_SIGNATURE])
    reply->sw = (uint16_t) (0x63C0 | secret->left);
}

static void
verify (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (pgp, command->p2);
  bool *verified;

  if (secret == NULL || (command->p1 != 0x00 && command->p1 != 0xFF))
    {
      reply->sw = SW_WRONG_P1_P2;
      return;
    }
  verified = &pgp->verified[command->p2 - REF_SIGNATURE];
  if (command->p1 == 0xFF)
    log_out (pgp, command, reply);
  else if (command->n == 0)
    tell_state (pgp, command, secret, reply);
  else
    *verified = check (secret, command->data, command->n, reply);
}

/* FIRST and a new value stand one behind the other: where the first ends only the card knows. Judged in this order. */
static bool
take_new (VPin *first, VPin *target, size_t shortest, const VCommand *command, VReply *reply)
{
  size_t n_first = first != NULL ? strlen (first->value) : 0;
  size_t n_new = command->n > n_first ? command->n - n_first : 0;
  char value[sizeof target->value] = "";

  if (first != NULL && !check (first, command->data, n_first < command->n ? n_first : command->n, reply))
    return false;
  if (n_new < shortest || n_new > LONGEST)
    {
      reply->sw = SW_WRONG_DATA;
      return false;
    }
  memcpy (value, command->data + n_first, n_new);
  vpin_set (target, value, target->max, target->max);
  return true;
}

static void
change_reference_data (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  if (command->p1 != 0x00 || (command->p2 != REF_SIGNATURE && command->p2 != REF_ADMIN))
    reply->sw = SW_WRONG_P1_P2;
  else if (command->p2 == REF_ADMIN)
    take_new (&pgp->admin, &pgp->admin, ADMIN_SHORTEST, command, reply);
  else
    take_new (&pgp->pin, &pgp->pin, SHORTEST, command, reply);
}

/* With the resetting code, or after PW3 was verified */
static void
reset_retry_counter (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  if (command->p2 != REF_SIGNATURE || (command->p1 != 0x00 && command->p1 != 0x02))
    reply->sw = SW_WRONG_P1_P2;
  else if (command->p1 == 0x00)
    take_new (&pgp->resetting_code, &pgp->pin, SHORTEST, command, reply);
  else if (!pgp->verified[REF_ADMIN - REF_SIGNATURE])
    reply->sw = SW_SECURITY_STATUS;
  else
    take_new (NULL, &pgp->pin, SHORTEST, command, reply);
}

/* What it does not do */

/* Reading a public key (section 7.2.14) is answered from the objects; making one wants PW3. */
static void
get_public_key (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  const VObject *object = command->n > 0 ? vobjects_find (pgp->objects, TAG_PUBLIC_KEY | command->data[0]) : NULL;

  if (command->p1 != 0x81)
    reply->sw = SW_SECURITY_STATUS;
  else if (object == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else
    vreply_append (reply, object->data, object->n);
}

static void
refuse (OpenPgp *pgp, const VCommand *command, VReply *reply)
{
  (void) pgp;
  (void) command;
  reply->sw = SW_SECURITY_STATUS;
}

static const struct
{
  uint8_t ins;
  void (*run) (OpenPgp *pgp, const VCommand *command, VReply *reply);
} commands[] = {
  { 0xCA, get_data },
  { 0xA5, select_data },
  { 0x20, verify },
  { 0x24, change_reference_data },
  { 0x2C, reset_retry_counter },
  { 0x47, get_public_key },
  { 0xDA, refuse }, /* PUT DATA */
  { 0x2A, refuse }, /* PERFORM SECURITY OPERATION */
  { 0x88, refuse }, /* INTERNAL AUTHENTICATE */
};

static void
run_command (void *applet, const VCommand *command, VReply *reply)
{
  OpenPgp *pgp = applet;

  if ((command->cla & ~0x10) != 0)
    {
      reply->sw = SW_CLA_NOT_SUPPORTED;
      return;
    }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (commands[i].ins == command->ins)
      {
        commands[i].run (pgp, command, reply);
        return;
      }
  reply->sw = SW_INS_NOT_SUPPORTED;
}

/* Section 7.2.1: the name of what was selected, or nothing, as Yubico's tokens do it */
static void
select_applet (void *applet, VReply *reply)
{
  OpenPgp *pgp = applet;
  uint8_t name[2 + AID_SIZE] = { 0x84, AID_SIZE };

  pgp->occurrence = 0;
  if (vcard_is_yubico (pgp->card))
    return;
  make_aid (pgp, name + 2);
  vreply_append_tlv (reply, 0x6F, name, sizeof name);
}

const VCardApplet vcard_applet_openpgp = {
  .name = "openpgp",
  .aid = openpgp_aid,
  .n_aid = sizeof openpgp_aid,
  .create = create,
  .destroy = destroy,
  .reset = reset,
  .select = select_applet,
  .command = run_command,
  .objects = objects,
  .pin = pin,
};
