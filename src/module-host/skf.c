#include "host.h"

static bool
bind_functions (void *library)
{
  (void) library;
  return false;
}

static Outcome
nothing (void)
{
  return (Outcome){ 0, "" };
}

const Kind skf_kind = { .type = "skf", .bind = bind_functions, .begin = nothing, .list = nothing, .wait = nothing };
