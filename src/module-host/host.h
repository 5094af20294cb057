/* cert-assistant-module-host TYPE LIBRARY [own]: one vendor library in a process of its own, with nothing beside it but
 * the C library, so that nothing of it can clash with anything and nothing of ours is lost with it. It may hang, crash
 * and lie; the worker that started it waits no longer than its deadlines and kills it.
 *
 * main.c speaks with the worker; a kind of library is one file with one const Kind. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "wire.h"

/* Sends a record; ends the process when the worker is gone. Bytes beyond WIRE_MAX_RECORD, and records beyond the bounds
 * of an answer, are not sent. */
void host_put (WireKind kind, const void *bytes, size_t length);

/* A WIRE_FAILED record: FUNCTION returned CODE. */
void host_put_failure (const char *function, unsigned long code);

/* Memory for LENGTH bytes of a library's answer, all zero, with the end of the mapping right behind them: a library
 * that writes past what it was given ends this process and spoils nothing. NULL when LENGTH is 0 or more than
 * WIRE_MAX_ANSWER. */
void *host_alloc (size_t length);
void host_free (void *bytes, size_t length);

/* What became of a request. */
typedef struct
{
  unsigned long code; /* of the function that failed, or 0 */
  const char *function;
} Outcome;

/* One kind of library. */
typedef struct
{
  const char *type; /* "pkcs11", "skf" */

  /* Looks up the functions in LIBRARY (of dlopen ()). FALSE: they are not there. */
  bool (*bind) (void *library);

  /* Before anything else is asked. */
  Outcome (*begin) (void);

  Outcome (*list) (void);
  Outcome (*wait) (void);

  /* One call with these PINs, strings, at ADDRESS (wire.h), LENGTH bytes; and no other before it that could cost a try.
   * What the token kept open for it is closed again. */
  Outcome (*change_pin) (const void *address, size_t length, char *current, char *new_pin);
  Outcome (*unblock) (const void *address, size_t length, char *admin, char *new_pin);
} Kind;

extern const Kind pkcs11_kind, skf_kind;
