/* What the transcripts of tests/cards are of: virtual tokens of each family, how they are filled, and what reading them
 * must come to. See tests/cards/README.md. */
#pragma once

#include <glib.h>

#include "vcard.h"

typedef struct
{
  const char *family, *name; /* tests/cards/FAMILY/NAME.txt */
  const char *title;
  void (*fill) (VCard *card);
  gboolean t0;
  const char *expected; /* the lines for the replay test */
} Recording;

/* The last one has no family. */
extern const Recording recordings[];
