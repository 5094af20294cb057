/* PINs in the tests of the drivers: attempts as the worker makes them, and what comes of them whatever the family.
 *
 * Whatever is asked and whatever the card says, one command with a PIN goes out at most, or two by an administrator's
 * PIN, of which only the first may cost a try (pin_bench_attempt ()). The test of a family says in one PinFamily what
 * its card does; the tests are made of that here. What is given is borrowed until they have run. */
#pragma once

#include "piv-bench.h"

/* What is right on the cards of these tests, with three tries each; what is put in its place; and what is wrong. */
#define PIN   "123456"
#define PUK   "87654321"
#define ADMIN "12345678"
#define NEW   "24681357"
#define WRONG "13572468"

/* With FIRST it is done, and with WRONG a try of ROLE is gone. */
typedef struct
{
  PinOperation operation;
  const char *ref, *first, *new;
  const char *role;
} PinAttempt;

/* What can be seen to be wrong beforehand, and why. */
typedef struct
{
  PinOperation operation;
  const char *ref, *first, *new;
  ErrorCode failure;
} PinRefusal;

/* What a status word is taken for that has cost nothing. */
typedef struct
{
  guint16 status;
  ErrorCode failure;
  int tries;
} PinStatus;

/* Tables end with a row of zeroes. */
typedef struct
{
  const Driver *driver;
  void (*fill) (Bench *bench); /* makes a card with PINs of a new one */
  const PinAttempt *attempts;
  const PinRefusal *refusals;
  PinStatus statuses[4];   /* beside those that all families share */
  guint16 wrong;           /* the status word of what is wrong */
  guint n_questions;       /* that are asked when the command was answered */
  ErrorCode without_tries; /* what is made of the card's answer then; ERROR_NONE: nothing is sent */
} PinFamily;

/* Adds the tests of FAMILY. */
void pin_bench_add_tests (const PinFamily *family);

/* A card of FAMILY on which OPERATION is possible. */
void pin_bench_init (Bench *bench, const PinFamily *family, PinOperation operation);

/* One attempt after one reading; as change_pin () and unblock (), with the error in bench->error. */
gboolean pin_bench_attempt (Bench *bench,
                            PinOperation operation,
                            const char *ref,
                            const char *first,
                            const char *new,
                            Attempt *made);

/* … that the card answers, for which FAILURE is made of it and TRIES are left. */
void pin_bench_assert_answer (Bench *bench,
                              PinOperation operation,
                              const char *ref,
                              const char *first,
                              const char *new,
                              ErrorCode failure,
                              int tries);

/* … that is not sent. */
void pin_bench_assert_refusal (Bench *bench,
                               PinOperation operation,
                               const char *ref,
                               const char *first,
                               const char *new,
                               ErrorCode failure);

/* Commands with a PIN that the card has got since the beginning of the last attempt. */
guint pin_bench_count_secrets (const Bench *bench);

int pin_bench_get_tries (Bench *bench, const char *role);

/* (transfer full) */
Secret *pin_bench_make_secret (const char *text);
