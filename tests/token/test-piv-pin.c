/* PINs of PIV; what is tested is in pin-bench. */
#include "pin-bench.h"

static void
fill (Bench *bench)
{
  vcard_set_pin (bench->card, NULL, "puk", PUK, 3, 3);
}

static const PinAttempt attempts[] = {
  { PIN_OPERATION_CHANGE, "user", PIN, NEW, "pin" },
  { PIN_OPERATION_CHANGE, "puk", PUK, NEW, "puk" },
  { PIN_OPERATION_UNLOCK, "user", PUK, NEW, "puk" },
  { 0 },
};

static const PinRefusal refusals[] = {
  { PIN_OPERATION_CHANGE, "user", "12345", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", "123456789", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "24681", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "246813579", ERROR_PIN_REFUSED },
  { PIN_OPERATION_CHANGE, "user", PIN, "24681\xFF", ERROR_PIN_REFUSED }, /* the filler */
  { PIN_OPERATION_CHANGE, "puk", "12345", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", "12345", NEW, ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "user", PUK, "24681", ERROR_PIN_REFUSED },
  { PIN_OPERATION_UNLOCK, "puk", PUK, NEW, ERROR_PIN_IMPOSSIBLE },
  { PIN_OPERATION_CHANGE, "nobody", PIN, NEW, ERROR_PIN_IMPOSSIBLE },
  { 0 },
};

static const PinFamily family = {
  .driver = &piv_driver,
  .fill = fill,
  .attempts = attempts,
  .refusals = refusals,
  .wrong = 0x63C2,
  .statuses = { { 0x6982, ERROR_PIN_STATUS, PIN_UNKNOWN } },
  .without_tries = ERROR_PIN_BLOCKED,
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  pin_bench_add_tests (&family);
  return g_test_run ();
}
