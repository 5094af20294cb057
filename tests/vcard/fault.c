#include "fault.h"

#include "applet.h"

#include <stdlib.h>
#include <string.h>

struct Fault
{
  Fault *next;
  FaultKind kind;
  VCardMatch match;
  long count;
  unsigned long hits;
  unsigned ms;
  uint8_t *answer;
  size_t n;
};

/* Appended: the fault that was set first strikes first, so a list of answers is given in its order. */
void
faults_add (Fault **faults, FaultKind kind, VCardMatch match, long count, unsigned ms, const uint8_t *answer, size_t n)
{
  Fault *fault = vcard_alloc (NULL, sizeof *fault);

  *fault = (Fault){ .kind = kind, .match = match, .count = count, .ms = ms, .n = n };
  fault->answer = vcard_alloc (NULL, n);
  if (n > 0)
    memcpy (fault->answer, answer, n);
  while (*faults != NULL)
    faults = &(*faults)->next;
  *faults = fault;
}

void
faults_clear (Fault **faults)
{
  while (*faults != NULL)
    {
      Fault *fault = *faults;

      *faults = fault->next;
      free (fault->answer);
      free (fault);
    }
}

static bool
matches (const Fault *fault, unsigned long index, int ins)
{
  if (fault->count != VCARD_FOREVER && fault->hits >= (unsigned long) fault->count)
    return false;
  if (fault->match.index != VCARD_ANY && (unsigned long) fault->match.index != index)
    return false;
  return fault->match.ins == VCARD_ANY || fault->match.ins == ins;
}

/* One byte more at every hit, and always "there is more". */
static size_t
grow (unsigned long hits, uint8_t *buffer)
{
  size_t n = hits < VCARD_DATA_MAX - 2 ? hits : VCARD_DATA_MAX - 2;

  memset (buffer, 0, n);
  buffer[n] = 0x61;
  buffer[n + 1] = 0xFF;
  return n + 2;
}

void
faults_apply (Fault *faults, unsigned long index, int ins, uint8_t *buffer, FaultEffect *effect)
{
  memset (effect, 0, sizeof *effect);
  for (Fault *fault = faults; fault != NULL; fault = fault->next)
    {
      bool answers = fault->kind == FAULT_ANSWER || fault->kind == FAULT_GROW;

      if ((answers && effect->answered) || !matches (fault, index, ins))
        continue;
      fault->hits++;
      if (fault->kind == FAULT_DELAY)
        effect->delay_ms += fault->ms;
      else if (fault->kind == FAULT_DROP)
        effect->pulled = true;
      else
        {
          effect->answered = true;
          effect->answer = fault->kind == FAULT_GROW ? buffer : fault->answer;
          effect->n = fault->kind == FAULT_GROW ? grow (fault->hits, buffer) : fault->n;
        }
    }
}
