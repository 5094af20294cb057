#include "pin-status.h"

#include "apdu.h"

/* The low half of 63Cx is the number of tries left. */
#define WRONG      0x63C0
#define WRONG_MASK 0xFFF0

static const struct
{
  guint16 status;
  ErrorCode failure;
} meanings[] = {
  { SW_OK, ERROR_NONE },
  { SW_BLOCKED, ERROR_PIN_BLOCKED },
  { SW_WRONG_DATA, ERROR_PIN_REFUSED }, /* the new one is not such a PIN */
  { SW_WRONG_LENGTH, ERROR_PIN_REFUSED },
  { SW_NOT_SATISFIED, ERROR_PIN_IMPOSSIBLE },
  { SW_BAD_INSTRUCTION, ERROR_PIN_IMPOSSIBLE },
  { SW_REFERENCE_MISSING, ERROR_PIN_IMPOSSIBLE },
  { SW_WRONG_P1_P2, ERROR_PIN_IMPOSSIBLE },
};

static ErrorCode
explain (guint16 status)
{
  if ((status & WRONG_MASK) == WRONG)
    return ERROR_PIN_WRONG;
  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].status == status)
      return meanings[i].failure;
  return ERROR_PIN_STATUS;
}

void
pin_status_take (guint16 status, Attempt *attempt)
{
  attempt->status = status;
  attempt->failure = explain (status);
  attempt->tries_left = PIN_UNKNOWN;
  if (attempt->failure == ERROR_PIN_WRONG)
    attempt->tries_left = status & ~WRONG_MASK;
  else if (attempt->failure == ERROR_PIN_BLOCKED)
    attempt->tries_left = 0;
}
