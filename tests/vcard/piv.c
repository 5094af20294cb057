/* PIV: NIST SP 800-73-4 part 2, and the extensions of the YubiKey that its own tools need.
 *
 * It reads, verifies, changes and unblocks. It does not sign, and it is written to from outside only
 * (vcard_put_object ()). Objects are kept by the tag that GET DATA asks for. Two pseudo tags hold what a YubiKey
 * computes from its keys: 0xF700 | slot the answer of GET METADATA, 0xF900 | slot the attestation certificate.
 * A third role beside "pin" and "puk" is "global", the PIN of the whole card: there is none until vcard_set_pin ().
 */
#include "applet.h"

#include <stdlib.h>
#include <string.h>

#define PIN_SIZE     8
#define PIN_SHORTEST 6
#define DEFAULT_PIN  "123456"
#define DEFAULT_PUK  "12345678"

enum
{
  TAG_DISCOVERY = 0x7E,
  TAG_BIOMETRIC_GROUP = 0x7F61,
  TAG_METADATA = 0xF700,
  TAG_ATTESTATION = 0xF900,

  REF_GLOBAL = 0x00,
  REF_PIN = 0x80,
  REF_PUK = 0x81,
  REF_MANAGEMENT_KEY = 0x9B
};

typedef struct
{
  VCard *card;
  VObject *objects;
  VPin pin, puk, global;
} Piv;

static const uint8_t piv_aid[] = { 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00 };

/* Objects that need the PIN: SP 800-73-4 part 1, table 2 */
static const uint64_t pin_protected[] = { 0x5FC103, 0x5FC108, 0x5FC109, 0x5FC121 };

static void *
create (VCard *card)
{
  /* AID, and the PIN usage policy: the card application's PIN and no other (part 1, section 3.3.2) */
  static const uint8_t discovery[] = { 0x7E, 0x12, 0x4F, 0x0B, 0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                       0x00, 0x10, 0x00, 0x01, 0x00, 0x5F, 0x2F, 0x02, 0x40, 0x00 };
  Piv *piv = vcard_alloc (NULL, sizeof *piv);
  VObject *object = vcard_alloc (NULL, sizeof *object);

  *piv = (Piv){ .card = card, .objects = object };
  vpin_set (&piv->pin, DEFAULT_PIN, 3, 3);
  vpin_set (&piv->puk, DEFAULT_PUK, 3, 3);
  *object = (VObject){ .tag = TAG_DISCOVERY, .n = sizeof discovery, .limit = SIZE_MAX, .raw = true };
  object->data = vcard_alloc (NULL, sizeof discovery);
  memcpy (object->data, discovery, sizeof discovery);
  return piv;
}

static void
destroy (void *applet)
{
  Piv *piv = applet;

  vobjects_free (&piv->objects);
  free (piv);
}

static void
reset (void *applet)
{
  Piv *piv = applet;

  piv->pin.verified = piv->global.verified = false;
}

static VObject **
objects (void *applet)
{
  Piv *piv = applet;

  return &piv->objects;
}

static VPin *
pin (void *applet, const char *role)
{
  Piv *piv = applet;

  if (strcmp (role, "pin") == 0)
    return &piv->pin;
  if (strcmp (role, "global") == 0)
    return &piv->global;
  return strcmp (role, "puk") == 0 ? &piv->puk : NULL;
}

/* The application property template, part 2 section 3.1.1 */
static void
select_applet (void *applet, VReply *reply)
{
  static const uint8_t properties[] = { 0x4F, 0x06, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00, 0x79,
                                        0x07, 0x4F, 0x05, 0xA0, 0x00, 0x00, 0x03, 0x08 };

  (void) applet;
  vreply_append_tlv (reply, 0x61, properties, sizeof properties);
}

/* Objects */

static bool
may_read (const Piv *piv, uint64_t tag)
{
  for (size_t i = 0; i < sizeof pin_protected / sizeof pin_protected[0]; i++)
    if (pin_protected[i] == tag)
      return piv->pin.verified || piv->global.verified;
  return true;
}

static void
answer_object (const Piv *piv, uint64_t tag, VReply *reply)
{
  const VObject *object = vobjects_find (piv->objects, tag);

  if (object == NULL)
    reply->sw = SW_NOT_FOUND;
  else if (!may_read (piv, tag))
    reply->sw = SW_SECURITY_STATUS;
  else
    {
      if (object->raw || tag == TAG_DISCOVERY || tag == TAG_BIOMETRIC_GROUP)
        vreply_append (reply, object->data, object->n);
      else
        vreply_append_tlv (reply, 0x53, object->data, object->n);
      if (reply->n > object->limit)
        reply->n = object->limit;
    }
}

/* 00 CB 3F FF: the tag list 5C with one tag, part 2 section 3.1.2 */
static void
get_data (Piv *piv, const VCommand *command, VReply *reply)
{
  uint64_t tag = 0;

  if (command->p1 != 0x3F || command->p2 != 0xFF)
    reply->sw = SW_WRONG_P1_P2;
  else if (command->n < 3 || command->data[0] != 0x5C || command->data[1] != command->n - 2 || command->n > 5)
    reply->sw = SW_WRONG_DATA;
  else
    {
      for (size_t i = 2; i < command->n; i++)
        tag = tag << 8 | command->data[i];
      answer_object (piv, tag, reply);
    }
}

/* PIN and PUK */

static VPin *
reference (Piv *piv, uint8_t p2)
{
  if (p2 == REF_PIN)
    return &piv->pin;
  if (p2 == REF_GLOBAL && piv->global.max > 0)
    return &piv->global;
  return p2 == REF_PUK ? &piv->puk : NULL;
}

/* Eight bytes, filled up with FF, to a string; "" when the filling is not at the end. */
static void
unpad (const uint8_t *padded, char *value)
{
  size_t n = 0;

  while (n < PIN_SIZE && padded[n] != 0xFF)
    n++;
  memcpy (value, padded, n);
  value[n] = '\0';
  for (size_t i = n; i < PIN_SIZE; i++)
    if (padded[i] != 0xFF)
      value[0] = '\0';
}

static uint16_t
tries_sw (const VPin *secret)
{
  return (uint16_t) (0x63C0 | (secret->left < 15 ? secret->left : 15));
}

/* Checks VALUE and says what a wrong one is answered: 63C0 on the last try, 6983 from then on. */
static bool
check (VPin *secret, const uint8_t *padded, VReply *reply)
{
  char value[PIN_SIZE + 1];

  unpad (padded, value);
  if (secret->left == 0)
    {
      secret->verified = false;
      reply->sw = SW_BLOCKED;
      return false;
    }
  if (vpin_check (secret, value))
    return true;
  reply->sw = tries_sw (secret);
  return false;
}

/* Judged before the old value is: a refused new PIN costs no try. */
static bool
is_acceptable (const uint8_t *padded)
{
  char value[PIN_SIZE + 1];

  unpad (padded, value);
  return strlen (value) >= PIN_SHORTEST;
}

static void
assign (VPin *secret, const uint8_t *padded)
{
  char value[PIN_SIZE + 1];

  unpad (padded, value);
  vpin_set (secret, value, secret->max, secret->max);
}

static void
verify (Piv *piv, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (piv, command->p2);

  if (secret == NULL || secret == &piv->puk)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->p1 == 0xFF && command->n == 0)
    secret->verified = false;
  else if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (command->n == 0 && !secret->verified)
    reply->sw = secret->left == 0 ? SW_BLOCKED : tries_sw (secret);
  else if (command->n != 0 && command->n != PIN_SIZE)
    reply->sw = SW_WRONG_DATA;
  else if (command->n == PIN_SIZE && check (secret, command->data, reply))
    secret->verified = true;
}

static void
change_reference_data (Piv *piv, const VCommand *command, VReply *reply)
{
  VPin *secret = reference (piv, command->p2);

  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (secret == NULL)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->n != 2 * PIN_SIZE || !is_acceptable (command->data + PIN_SIZE))
    reply->sw = SW_WRONG_DATA;
  else if (check (secret, command->data, reply))
    {
      assign (secret, command->data + PIN_SIZE);
      secret->verified = secret != &piv->puk;
    }
}

static void
reset_retry_counter (Piv *piv, const VCommand *command, VReply *reply)
{
  if (command->p1 != 0x00)
    reply->sw = SW_WRONG_P1_P2;
  else if (command->p2 != REF_PIN)
    reply->sw = SW_REFERENCE_NOT_FOUND;
  else if (command->n != 2 * PIN_SIZE || !is_acceptable (command->data + PIN_SIZE))
    reply->sw = SW_WRONG_DATA;
  else if (check (&piv->puk, command->data, reply))
    assign (&piv->pin, command->data + PIN_SIZE);
}

static void
refuse_data (Piv *piv, const VCommand *command, VReply *reply)
{
  (void) piv;
  (void) command;
  reply->sw = SW_WRONG_DATA;
}

static void
refuse_right (Piv *piv, const VCommand *command, VReply *reply)
{
  (void) piv;
  (void) command;
  reply->sw = SW_SECURITY_STATUS;
}

/* YubiKey */

static void
get_version (Piv *piv, const VCommand *command, VReply *reply)
{
  (void) command;
  vreply_append (reply, vcard_get_version (piv->card), 3);
}

static void
get_serial (Piv *piv, const VCommand *command, VReply *reply)
{
  uint32_t serial = vcard_get_serial (piv->card);
  const uint8_t bytes[] = { (uint8_t) (serial >> 24), (uint8_t) (serial >> 16), (uint8_t) (serial >> 8),
                            (uint8_t) serial };

  (void) command;
  vreply_append (reply, bytes, sizeof bytes);
}

/* Algorithm FF is a PIN; then: is it the default, and tries of and left. */
static void
describe_pin (const VPin *secret, const char *initial, VReply *reply)
{
  const uint8_t metadata[] = { 0x01,
                               0x01,
                               0xFF,
                               0x05,
                               0x01,
                               strcmp (secret->value, initial) == 0,
                               0x06,
                               0x02,
                               (uint8_t) secret->max,
                               (uint8_t) secret->left };

  vreply_append (reply, metadata, sizeof metadata);
}

static bool
has_metadata (const Piv *piv)
{
  const uint8_t *version = vcard_get_version (piv->card);

  return version[0] > 5 || (version[0] == 5 && version[1] >= 3);
}

static void
get_metadata (Piv *piv, const VCommand *command, VReply *reply)
{
  static const uint8_t management_key[] = { 0x01, 0x01, 0x03, 0x02, 0x02, 0x00, 0x01, 0x05, 0x01, 0x01 };
  const VObject *object = vobjects_find (piv->objects, TAG_METADATA | command->p2);

  if (!has_metadata (piv))
    reply->sw = SW_INS_NOT_SUPPORTED;
  else if (command->p2 == REF_PIN)
    describe_pin (&piv->pin, DEFAULT_PIN, reply);
  else if (command->p2 == REF_PUK)
    describe_pin (&piv->puk, DEFAULT_PUK, reply);
  else if (command->p2 == REF_MANAGEMENT_KEY)
    vreply_append (reply, management_key, sizeof management_key);
  else if (object != NULL)
    vreply_append (reply, object->data, object->n);
  else
    reply->sw = SW_REFERENCE_NOT_FOUND;
}

static void
attest (Piv *piv, const VCommand *command, VReply *reply)
{
  const VObject *object = vobjects_find (piv->objects, TAG_ATTESTATION | command->p1);

  if (object != NULL)
    vreply_append (reply, object->data, object->n);
  else
    reply->sw = SW_WRONG_DATA;
}

static const struct
{
  uint8_t ins;
  bool yubico;
  void (*run) (Piv *piv, const VCommand *command, VReply *reply);
} commands[] = {
  { 0xCB, false, get_data },
  { 0x20, false, verify },
  { 0x24, false, change_reference_data },
  { 0x2C, false, reset_retry_counter },
  { 0x87, false, refuse_data },  /* GENERAL AUTHENTICATE */
  { 0xDB, false, refuse_right }, /* PUT DATA */
  { 0x47, false, refuse_right }, /* GENERATE ASYMMETRIC KEY PAIR */
  { 0xFD, true, get_version },
  { 0xF8, true, get_serial },
  { 0xF7, true, get_metadata },
  { 0xF9, true, attest },
};

static void
run_command (void *applet, const VCommand *command, VReply *reply)
{
  Piv *piv = applet;

  if ((command->cla & ~0x10) != 0)
    {
      reply->sw = SW_CLA_NOT_SUPPORTED;
      return;
    }
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    if (commands[i].ins == command->ins && (!commands[i].yubico || vcard_is_yubico (piv->card)))
      {
        commands[i].run (piv, command, reply);
        return;
      }
  reply->sw = SW_INS_NOT_SUPPORTED;
}

const VCardApplet vcard_applet_piv = {
  .name = "piv",
  .aid = piv_aid,
  .n_aid = sizeof piv_aid,
  .create = create,
  .destroy = destroy,
  .reset = reset,
  .select = select_applet,
  .command = run_command,
  .objects = objects,
  .pin = pin,
};
