/* What a library of GM/T 0016 (SKF) says to an attempt with a PIN. In the worker. */
#pragma once

#include "module-kind.h"

/* What is plausible as a number of tries: the tokens that were seen have 6 to 15. */
#define SKF_MAX_TRIES 100

/* ModuleKind.explain */
void skf_status_explain (const ModuleAnswer *answer, Attempt *attempt);
