/* The keypad of a reader and the person at it: what FEATURE_MODIFY_PIN_DIRECT of PC/SC part 10 does with what is typed.
 * Written from the specification, not from the program under test; the structure is taken apart byte by byte. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYPAD_ENTRIES   3
#define KEYPAD_ENTRY_MAX 32
#define KEYPAD_APDU_MAX  261

/* What the reader says by itself; nothing went to the token then. */
#define KEYPAD_TIMEOUT   0x6400
#define KEYPAD_CANCELLED 0x6401
#define KEYPAD_DIFFERENT 0x6402
#define KEYPAD_LENGTH    0x6403
#define KEYPAD_NONSENSE  0x6B80 /* a structure that it does not take */

typedef struct
{
  uint16_t gives_up; /* KEYPAD_TIMEOUT or KEYPAD_CANCELLED; 0: all is typed */
  char entries[KEYPAD_ENTRIES][KEYPAD_ENTRY_MAX];
  uint16_t lie; /* what the reader says when the token has answered; 0: what the token said */
} KeypadPerson;

/* From words: OLD NEW AGAIN [LIE, in hex], or "timeout", or "cancel". */
bool keypad_parse (char *const *words, int n_words, KeypadPerson *person);

/* What PERSON makes of the structure BLOCK of N bytes: the APDU for the token (at most KEYPAD_APDU_MAX bytes) and its
 * length, or 0 and the reader's own words in *STATUS. */
size_t keypad_type (const uint8_t *block, size_t n, const KeypadPerson *person, uint8_t *apdu, uint16_t *status);
