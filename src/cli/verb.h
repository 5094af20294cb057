/* A verb of cert-assistant-cli: one small file and one entry in the table of main.c. */
#pragma once

#include "engine/engine.h"

/* Exit statuses of the contract. */
enum
{
  EXIT_WELL,       /* all well */
  EXIT_FINDING,    /* a finding of level warning or worse, or the operation failed */
  EXIT_USAGE,      /* not a command line that we know */
  EXIT_NO_SERVICE, /* no token service */
};

/* What the command line asked for; a verb's `options` says which of them it takes. */
typedef struct
{
  gboolean json;
  gboolean pem;
  gboolean revocation; /* issuers are to be asked, over the network */
  char *token;
  char *pin;
} VerbOptions;

typedef struct
{
  const char *name;
  const char *options; /* for the help: "[--json]" */
  const char *help;
  gboolean takes_json, takes_pem, takes_token, takes_pin, takes_revocation;
  int (*run) (Engine *engine, const VerbOptions *options);
} Verb;

extern const Verb list_verb, watch_verb, check_verb, show_verb, record_verb, change_pin_verb, unlock_verb;

/* Runs the main loop until the view is settled: every inserted token has been read or has failed. */
View *verb_settle (Engine *engine);

/* The status that the contract asks for when VIEW is the answer. */
int verb_get_exit (const View *view);

/* Lines for a person on standard output: what is wrong, the worst first. */
void verb_print_findings (const View *view);
