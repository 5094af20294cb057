#include "keypad.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where everything stands in the structure; numbers are little endian. */
enum
{
  AT_TIMEOUT = 0,
  AT_TIMEOUT_AFTER_KEY = 1,
  AT_FORMAT = 2,
  AT_BLOCK_SIZE = 3,
  AT_LENGTH_FORMAT = 4,
  AT_OFFSET_OLD = 5,
  AT_OFFSET_NEW = 6,
  AT_MAX = 7,
  AT_MIN = 8,
  AT_CONFIRM = 9,
  AT_CONDITION = 10,
  AT_N_MESSAGES = 11,
  AT_MESSAGES = 14,
  AT_PROLOGUE = 17,
  AT_LENGTH = 20,
  AT_APDU = 24
};

#define APDU_HEADER 5
#define BYTES_ASCII 0x82
#define CONFIRM_NEW 0x01
#define ASK_OLD     0x02
#define END_BY_KEY  0x02

/* Whether a PIN of the size of a block fits into the data of the APDU at OFFSET. */
static bool
fits (const uint8_t *block, uint8_t offset)
{
  return offset + block[AT_BLOCK_SIZE] <= block[AT_APDU + APDU_HEADER - 1];
}

/* A short APDU with data and no Le, and a structure that says what is typed and where it goes. */
static bool
makes_sense (const uint8_t *block, size_t n)
{
  static const uint8_t prologue[3] = { 0, 0, 0 };
  static const uint8_t messages[3] = { 0, 1, 2 };
  size_t n_apdu = n - AT_APDU;

  return n > AT_APDU + APDU_HEADER && n_apdu <= KEYPAD_APDU_MAX
         && n_apdu == (block[AT_LENGTH] | (size_t) block[AT_LENGTH + 1] << 8) && block[AT_LENGTH + 2] == 0
         && block[AT_LENGTH + 3] == 0 && block[AT_APDU + APDU_HEADER - 1] == n_apdu - APDU_HEADER
         && block[AT_TIMEOUT] > 0 && block[AT_TIMEOUT_AFTER_KEY] > 0 && block[AT_FORMAT] == BYTES_ASCII
         && block[AT_LENGTH_FORMAT] == 0 && block[AT_BLOCK_SIZE] < 16 && block[AT_MIN] <= block[AT_MAX]
         && block[AT_MAX] <= block[AT_BLOCK_SIZE] && (block[AT_CONFIRM] & ~(CONFIRM_NEW | ASK_OLD)) == 0
         && (block[AT_CONDITION] & END_BY_KEY) != 0
         && block[AT_N_MESSAGES] == 1 + (block[AT_CONFIRM] & 1) + (block[AT_CONFIRM] >> 1)
         && (block[AT_N_MESSAGES] < 3 || memcmp (block + AT_MESSAGES, messages, sizeof messages) == 0)
         && memcmp (block + AT_PROLOGUE, prologue, sizeof prologue) == 0 && fits (block, block[AT_OFFSET_OLD])
         && fits (block, block[AT_OFFSET_NEW]);
}

/* An entry into the APDU; false if it is too short or too long. */
static bool
take_entry (const uint8_t *block, const char *entry, uint8_t *apdu, uint8_t offset)
{
  size_t n = strlen (entry);

  if (n < block[AT_MIN] || n > block[AT_MAX])
    return false;
  memcpy (apdu + APDU_HEADER + offset, entry, n);
  return true;
}

size_t
keypad_type (const uint8_t *block, size_t n, const KeypadPerson *person, uint8_t *apdu, uint16_t *status)
{
  size_t at = 0;

  *status = KEYPAD_NONSENSE;
  if (n <= AT_APDU || !makes_sense (block, n))
    return 0;
  *status = person->gives_up;
  if (person->gives_up != 0)
    return 0;
  memcpy (apdu, block + AT_APDU, n - AT_APDU);
  *status = KEYPAD_LENGTH;
  if ((block[AT_CONFIRM] & ASK_OLD) != 0 && !take_entry (block, person->entries[at++], apdu, block[AT_OFFSET_OLD]))
    return 0;
  if (!take_entry (block, person->entries[at], apdu, block[AT_OFFSET_NEW]))
    return 0;
  *status = KEYPAD_DIFFERENT;
  if ((block[AT_CONFIRM] & CONFIRM_NEW) != 0 && strcmp (person->entries[at], person->entries[at + 1]) != 0)
    return 0;
  return n - AT_APDU;
}

bool
keypad_parse (char *const *words, int n_words, KeypadPerson *person)
{
  *person = (KeypadPerson){ 0 };
  if (n_words == 1 && strcmp (words[0], "timeout") == 0)
    person->gives_up = KEYPAD_TIMEOUT;
  else if (n_words == 1 && strcmp (words[0], "cancel") == 0)
    person->gives_up = KEYPAD_CANCELLED;
  else if (n_words < KEYPAD_ENTRIES)
    return false;
  for (int i = 0; i < KEYPAD_ENTRIES && person->gives_up == 0; i++)
    snprintf (person->entries[i], sizeof person->entries[i], "%s", words[i]);
  if (n_words > KEYPAD_ENTRIES)
    person->lie = (uint16_t) strtoul (words[KEYPAD_ENTRIES], NULL, 16);
  return true;
}
