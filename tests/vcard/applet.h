/* What an applet of the virtual token is: read this first to add a card family.
 *
 * An applet is one file with one const VCardApplet, named in the table of applet.c. The card does the transport (APDU
 * cases, chaining, GET RESPONSE) and SELECT by AID; an applet sees whole commands and appends to a reply. It owns its
 * objects and PINs through the two small helpers below.
 */
#pragma once

#include "vcard.h"

/* Status words, ISO 7816-4 section 5.6 */
enum
{
  SW_OK = 0x9000,
  SW_WRONG_LENGTH = 0x6700,
  SW_LAST_OF_CHAIN_EXPECTED = 0x6883,
  SW_CHAINING_NOT_SUPPORTED = 0x6884,
  SW_SECURITY_STATUS = 0x6982,
  SW_BLOCKED = 0x6983,
  SW_CONDITIONS = 0x6985,
  SW_WRONG_DATA = 0x6A80,
  SW_NOT_FOUND = 0x6A82,
  SW_WRONG_P1_P2 = 0x6A86,
  SW_REFERENCE_NOT_FOUND = 0x6A88,
  SW_INS_NOT_SUPPORTED = 0x6D00,
  SW_CLA_NOT_SUPPORTED = 0x6E00
};

typedef struct
{
  uint8_t cla, ins, p1, p2;
  const uint8_t *data; /* after chaining: the data of all links */
  size_t n;
  size_t le; /* 0: none was asked for */
  bool extended;
} VCommand;

typedef struct
{
  uint8_t data[VCARD_DATA_MAX];
  size_t n;
  uint16_t sw;
} VReply;

void vreply_append (VReply *reply, const void *data, size_t n);
void vreply_append_tlv (VReply *reply, unsigned tag, const void *data, size_t n);

/* A PIN or PUK: a value and its retry counter. */
typedef struct
{
  char value[128];
  unsigned left, max;
  bool verified;
} VPin;

void vpin_set (VPin *pin, const char *value, unsigned left, unsigned max);

/* Compares; the right value fills the counter, a wrong one costs a try. Nothing happens to a blocked one. */
bool vpin_check (VPin *pin, const char *value);

/* Objects by tag (a BER tag, or a file path of up to eight bytes). */
typedef struct VObject VObject;
struct VObject
{
  VObject *next;
  uint64_t tag;
  uint8_t *data;
  size_t n;
  size_t limit;
  bool raw;
};

const VObject *vobjects_find (const VObject *list, uint64_t tag);
void vobjects_free (VObject **list);

typedef struct
{
  const char *name;
  const uint8_t *aid;
  size_t n_aid;
  bool is_whole_card; /* selected as long as no other one is */
  void *(*create) (VCard *card);
  void (*destroy) (void *applet);
  void (*reset) (void *applet); /* power, reset or another applet selected: forget the verified state */
  void (*select) (void *applet, VReply *reply);
  void (*command) (void *applet, const VCommand *command, VReply *reply);
  VObject **(*objects) (void *applet);
  VPin *(*pin) (void *applet, const char *role); /* NULL: no such role */
} VCardApplet;

const VCardApplet *vcard_applet_find (const char *name);

/* What an applet may ask its card. */
bool vcard_is_yubico (const VCard *card);
uint32_t vcard_get_serial (const VCard *card);
const uint8_t *vcard_get_version (const VCard *card); /* three bytes */
void *vcard_alloc (void *old, size_t n);              /* never NULL: a test without memory ends */
