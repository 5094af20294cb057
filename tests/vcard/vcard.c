#include "vcard.h"

#include "apdu.h"
#include "fault.h"
#include "journal.h"

#include <stdlib.h>
#include <string.h>

#define MAX_APPLETS   4
#define INS_SELECT    0xA4
#define SELECT_BY_AID 0x04
#define SHORTEST_AID  5

struct VCard
{
  uint8_t atr[VCARD_ATR_MAX];
  size_t n_atr;
  bool mute;
  bool yubico;
  uint32_t serial;
  uint8_t version[3];

  const VCardApplet *applets[MAX_APPLETS];
  void *states[MAX_APPLETS];
  size_t n_applets;
  int selected; /* index of the applet, or -1 */

  Transport transport;
  VReply reply;
  Fault *faults;
  unsigned every_delay_ms, delay_ms;
  Journal journal;
  unsigned long index; /* of the next APDU, since insertion */
};

/* T=1; the historical bytes hold "card capabilities" (73 xx xx xx), whose last byte, here at EXTENDED, says chaining
 * and extended Le. */
typedef struct
{
  uint8_t n, extended;
  uint8_t bytes[VCARD_ATR_MAX];
} Atr;

static const Atr plain_atr = { 14, 7, { 0x3B, 0x8A, 0x01, 0x80, 0x73, 0xC0, 0x21, 0xC0, 'V', 'C', 'A', 'R', 'D' } };
static const Atr yubico_atr = { 23, 13, { 0x3B, 0xFD, 0x13, 0x00, 0x00, 0x81, 0x31, 0xFE, 0x15, 0x80, 0x73,
                                          0xC0, 0x21, 0xC0, 0x57, 0x59, 0x75, 0x62, 0x69, 0x4B, 0x65, 0x79 } };
/* Section 6.1 of its specification. */
static const Atr openpgp_atr = { 14,
                                 9,
                                 { 0x3B, 0x8A, 0x01, 0x00, 0x31, 0xC5, 0x73, 0xC0, 0x01, 0xC0, 0x05, 0x90, 0x00 } };

/* The ATR of this kind of card, with the bit for extended lengths as it is, and the check byte TCK to fit. */
static void
make_atr (VCard *card)
{
  bool openpgp = card->n_applets == 1 && strcmp (card->applets[0]->name, "openpgp") == 0;
  const Atr *atr = card->yubico ? &yubico_atr : openpgp ? &openpgp_atr : &plain_atr;

  card->n_atr = atr->n;
  memcpy (card->atr, atr->bytes, card->n_atr);
  if (!card->transport.extended)
    card->atr[atr->extended] &= (uint8_t) ~0x40;
  card->atr[card->n_atr - 1] = 0;
  for (size_t i = 1; i < card->n_atr - 1; i++)
    card->atr[card->n_atr - 1] ^= card->atr[i];
}

VCard *
vcard_new (void)
{
  VCard *card = vcard_alloc (NULL, sizeof *card);

  memset (card, 0, sizeof *card);
  card->selected = -1;
  card->serial = 12345678;
  vcard_set_version (card, 5, 4, 3);
  make_atr (card);
  return card;
}

void
vcard_free (VCard *card)
{
  if (card == NULL)
    return;
  for (size_t i = 0; i < card->n_applets; i++)
    card->applets[i]->destroy (card->states[i]);
  transport_reset (&card->transport);
  faults_clear (&card->faults);
  journal_clear (&card->journal);
  free (card);
}

bool
vcard_add_applet (VCard *card, const char *name)
{
  const VCardApplet *applet = vcard_applet_find (name);

  if (applet == NULL || card->n_applets == MAX_APPLETS)
    return false;
  card->states[card->n_applets] = applet->create (card);
  card->applets[card->n_applets++] = applet;
  make_atr (card);
  return true;
}

void
vcard_set_yubico (VCard *card, bool yubico)
{
  card->yubico = yubico;
  vcard_set_extended (card, yubico);
}

void
vcard_set_extended (VCard *card, bool extended)
{
  card->transport.extended = extended;
  make_atr (card);
}

void
vcard_set_exact_le (VCard *card, bool exact)
{
  card->transport.exact_le = exact;
}

void
vcard_set_serial (VCard *card, uint32_t serial)
{
  card->serial = serial;
}

void
vcard_set_version (VCard *card, uint8_t major, uint8_t minor, uint8_t patch)
{
  card->version[0] = major;
  card->version[1] = minor;
  card->version[2] = patch;
}

bool
vcard_set_atr (VCard *card, const uint8_t *atr, size_t n)
{
  if (n > sizeof card->atr)
    return false;
  if (n > 0)
    memcpy (card->atr, atr, n);
  card->n_atr = n;
  return true;
}

const uint8_t *
vcard_get_atr (const VCard *card, size_t *n)
{
  *n = card->n_atr;
  return card->atr;
}

bool
vcard_is_yubico (const VCard *card)
{
  return card->yubico;
}

uint32_t
vcard_get_serial (const VCard *card)
{
  return card->serial;
}

const uint8_t *
vcard_get_version (const VCard *card)
{
  return card->version;
}

/* Contents */

static int
find_applet (const VCard *card, const char *name)
{
  for (size_t i = 0; i < card->n_applets; i++)
    if (name == NULL || strcmp (card->applets[i]->name, name) == 0)
      return (int) i;
  return -1;
}

static VObject **
objects_of (VCard *card, const char *applet)
{
  int i = find_applet (card, applet);

  return i < 0 ? NULL : card->applets[i]->objects (card->states[i]);
}

bool
vcard_delete_object (VCard *card, const char *applet, uint64_t tag)
{
  VObject **link = objects_of (card, applet);
  VObject *object;

  while (link != NULL && *link != NULL && (*link)->tag != tag)
    link = &(*link)->next;
  if (link == NULL || *link == NULL)
    return false;
  object = *link;
  *link = object->next;
  free (object->data);
  free (object);
  return true;
}

bool
vcard_put_object (VCard *card, const char *applet, uint64_t tag, const uint8_t *data, size_t n, bool raw)
{
  VObject **list = objects_of (card, applet);
  VObject *object;

  if (list == NULL || n > VCARD_DATA_MAX)
    return false;
  vcard_delete_object (card, applet, tag);
  object = vcard_alloc (NULL, sizeof *object);
  *object = (VObject){ .next = *list, .tag = tag, .n = n, .limit = SIZE_MAX, .raw = raw };
  object->data = vcard_alloc (NULL, n);
  if (n > 0)
    memcpy (object->data, data, n);
  *list = object;
  return true;
}

bool
vcard_limit_object (VCard *card, const char *applet, uint64_t tag, size_t limit)
{
  VObject **list = objects_of (card, applet);
  VObject *object = list != NULL ? (VObject *) vobjects_find (*list, tag) : NULL;

  if (object != NULL)
    object->limit = limit;
  return object != NULL;
}

static VPin *
pin_of (VCard *card, const char *applet, const char *role)
{
  int i = find_applet (card, applet);

  return i < 0 ? NULL : card->applets[i]->pin (card->states[i], role);
}

bool
vcard_set_pin (VCard *card, const char *applet, const char *role, const char *value, unsigned left, unsigned max)
{
  VPin *pin = pin_of (card, applet, role);

  if (pin == NULL || strlen (value) >= sizeof pin->value)
    return false;
  vpin_set (pin, value, left, max);
  return true;
}

bool
vcard_get_tries (VCard *card, const char *applet, const char *role, unsigned *left, unsigned *max)
{
  VPin *pin = pin_of (card, applet, role);

  if (pin == NULL)
    return false;
  *left = pin->left;
  *max = pin->max;
  return true;
}

/* Life in the reader */

void
vcard_reset (VCard *card)
{
  card->selected = -1;
  transport_reset (&card->transport);
  for (size_t i = 0; i < card->n_applets; i++)
    card->applets[i]->reset (card->states[i]);
}

void
vcard_insert (VCard *card)
{
  vcard_reset (card);
  card->index = 0;
  card->journal.counters.insertions++;
  journal_note (&card->journal, "insert");
}

size_t
vcard_power (VCard *card, VCardPower what, uint8_t *atr)
{
  static const char *const names[] = { "power-up", "reset", "power-down" };

  vcard_reset (card);
  journal_note (&card->journal, names[what]);
  card->journal.counters.power_ups += what == VCARD_POWER_UP;
  card->journal.counters.resets += what == VCARD_RESET;
  if (what == VCARD_POWER_DOWN || card->mute)
    return 0;
  memcpy (atr, card->atr, card->n_atr);
  return card->n_atr;
}

static void
select_by_aid (VCard *card, const VCommand *command, VReply *reply)
{
  for (size_t i = 0; i < card->n_applets; i++)
    {
      const VCardApplet *applet = card->applets[i];

      if (command->n < SHORTEST_AID || command->n > applet->n_aid
          || memcmp (command->data, applet->aid, command->n) != 0)
        continue;
      if (card->selected >= 0 && card->selected != (int) i)
        card->applets[card->selected]->reset (card->states[card->selected]);
      card->selected = (int) i;
      applet->select (card->states[i], reply);
      return;
    }
  reply->sw = SW_NOT_FOUND;
}

/* The files of a card are there without anything having been selected. */
static int
find_whole_card (const VCard *card)
{
  for (size_t i = 0; i < card->n_applets; i++)
    if (card->applets[i]->is_whole_card)
      return (int) i;
  return -1;
}

static void
execute (VCard *card, const VCommand *command, VReply *reply)
{
  reply->n = 0;
  reply->sw = SW_OK;
  if (card->selected < 0)
    card->selected = find_whole_card (card);
  if (command->ins == INS_SELECT && command->p1 == SELECT_BY_AID)
    select_by_aid (card, command, reply);
  else if (card->selected < 0)
    reply->sw = SW_INS_NOT_SUPPORTED;
  else
    card->applets[card->selected]->command (card->states[card->selected], command, reply);
}

VCardOutcome
vcard_transmit (VCard *card, const uint8_t *apdu, size_t n, uint8_t *answer, size_t *n_answer)
{
  VCommand command;
  FaultEffect effect;

  *n_answer = 0;
  faults_apply (card->faults, card->index++, n > 1 ? apdu[1] : VCARD_ANY, card->reply.data, &effect);
  card->delay_ms = card->every_delay_ms + effect.delay_ms;
  if (effect.pulled)
    {
      journal_note (&card->journal, "pulled");
      return VCARD_PULLED;
    }
  if (effect.answered)
    {
      *n_answer = effect.n < VCARD_ANSWER_MAX ? effect.n : VCARD_ANSWER_MAX;
      memcpy (answer, effect.answer, *n_answer);
    }
  else if (transport_receive (&card->transport, apdu, n, &command, answer, n_answer) == TRANSPORT_EXECUTE)
    {
      execute (card, &command, &card->reply);
      transport_send (&card->transport, &command, &card->reply, answer, n_answer);
    }
  journal_apdu (&card->journal, apdu, n, answer, *n_answer);
  return VCARD_ANSWERED;
}

unsigned
vcard_delay_ms (const VCard *card)
{
  return card->delay_ms;
}

/* Faults */

void
vcard_set_mute (VCard *card, bool mute)
{
  card->mute = mute;
}

void
vcard_set_delay (VCard *card, unsigned ms)
{
  card->every_delay_ms = ms;
}

void
vcard_fault_delay (VCard *card, VCardMatch match, unsigned ms, long count)
{
  faults_add (&card->faults, FAULT_DELAY, match, count, ms, NULL, 0);
}

void
vcard_fault_drop (VCard *card, VCardMatch match)
{
  faults_add (&card->faults, FAULT_DROP, match, 1, 0, NULL, 0);
}

void
vcard_fault_answer (VCard *card, VCardMatch match, const uint8_t *answer, size_t n, long count)
{
  faults_add (&card->faults, FAULT_ANSWER, match, count, 0, answer, n);
}

bool
vcard_fault_endless (VCard *card, const char *kind)
{
  static const VCardMatch all = { VCARD_ANY, VCARD_ANY };
  uint8_t full[258] = { 0 };

  full[256] = 0x61;
  if (strcmp (kind, "61") == 0)
    vcard_fault_answer (card, all, full, sizeof full, VCARD_FOREVER);
  else if (strcmp (kind, "61-empty") == 0)
    vcard_fault_answer (card, all, full + 256, 2, VCARD_FOREVER);
  else if (strcmp (kind, "6c") == 0)
    vcard_fault_answer (card, all, (const uint8_t[]){ 0x6C, 0x10 }, 2, VCARD_FOREVER);
  else if (strcmp (kind, "grow") == 0)
    faults_add (&card->faults, FAULT_GROW, all, VCARD_FOREVER, 0, NULL, 0);
  else
    return false;
  return true;
}

/* Every fault and every delay; the contents, PINs and mute stay. */
void
vcard_faults_clear (VCard *card)
{
  faults_clear (&card->faults);
  card->every_delay_ms = 0;
}

/* Journal */

const char *
vcard_get_log (const VCard *card)
{
  return card->journal.text != NULL ? card->journal.text : "";
}

const VCardCounters *
vcard_get_counters (const VCard *card)
{
  return &card->journal.counters;
}

void
vcard_reset_counters (VCard *card)
{
  journal_clear (&card->journal);
  card->index = 0;
}
