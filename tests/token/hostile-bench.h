/* Cards that lie, go on for ever or go away: the faults that are the same whatever the family, and the readings that
 * are run through all of them.
 *
 * The test of a family says in one HostileFamily what its good cards are, and in tables of HostileObject what is read
 * of them when one thing on them is spoilt. The tests are made of that here: whatever the card does, the reading ends
 * within its bound of APDUs, no PIN goes out, there is an error of the right kind or a token that can be sent on
 * (bench_read ()), and one bad place hides nothing. What is given is borrowed until the tests have run. */
#pragma once

#include "piv-bench.h"

#define HOSTILE_NO_PIN (-2)

/* A good card of a family: FILL makes it of one that is empty. */
typedef struct
{
  const char *name;
  void (*fill) (Bench *bench);
} HostileCard;

typedef struct
{
  const Driver *driver;
  HostileCard cards[4]; /* three at the most, each read in another way */
  guint8 ins;           /* of the command that reads what is on them */

  /* Of the first card: the certificates that one bad answer leaves at least; its places, ended by 0, the first of them
   * that of the certificate ID, beside which there are OTHERS. */
  guint n_spared;
  const char *id, *others;
  guint64 places[8];
} HostileFamily;

/* The first card of a family with HEX at PLACE, and what is read of it. */
typedef struct
{
  const char *name;
  guint64 place;
  const char *hex;
  const char *certificates, *unreadable; /* as bench_assert_ids () takes them */
  const char *serial;                    /* NULL: as before; "": none */
  int tries;                             /* of the PIN; 0: as before */
  gboolean large;                        /* 65000 bytes 30 stand behind HEX */
} HostileObject;

/* Adds the tests of FAMILY. */
void hostile_bench_add_tests (const HostileFamily *family);

/* … and one for each of the N OBJECTS, which are of the kind WHAT. */
void hostile_bench_add_objects (const HostileFamily *family, const char *what, const HostileObject *objects, gsize n);
