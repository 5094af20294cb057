/* What can be wrong with a vendor library, a case a row: each is a process of its own (test-module-faults). */
#pragma once

#include "module-probe.h"

typedef struct _Case Case;

struct _Case
{
  const char *kind;   /* of the library, "skf" or "pkcs11" */
  const char *faults; /* what goes wrong (probe_set_faults ()), from the beginning; NULL: nothing yet */
  void (*run) (Probe *probe, const Case *what);
  const char *later; /* … once it has shown a token */
  double seconds;    /* until it is said to have failed */
  gboolean slow;
  const char *name; /* NULL: as its faults */
};

/* Up to the one without a kind. */
extern const Case module_cases[];
