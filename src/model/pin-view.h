/* One PIN of one token, as the dialog and the terminal show it: what can be done with it now, in sentences, and what
 * came of the last attempt. Built anew from every view; immutable; pure. Nothing secret is ever in here. */
#pragma once

#include "attempt.h"
#include "pin-rules.h"
#include "view.h"

/* What a person is offered. */
typedef enum
{
  PIN_OFFER_CHANGE, /* old, new, new again */
  PIN_OFFER_UNLOCK, /* PUK, new, new again */
  PIN_OFFER_DECIDE  /* nothing can be typed here: who can unlock it, and what is not lost */
} PinOffer;

typedef struct
{
  grefcount refs;
  PinOffer offer;
  PinTask task;       /* for the engine; meaningless where the offer is to decide */
  char *title;        /* "Change PIN" */
  char *token;        /* whose: "Beijing Example Trading Co., Ltd. · 4821" */
  char *tries;        /* of what is typed first: "8 of 10 tries left before this token locks." */
  FindingLevel level; /* how that is meant: warning for few, critical for the last and for none */
  char *explanation; /* DECIDE: what to do and what is not lost; otherwise a hint ("This is still the initial PIN."), or
                        NULL */
  char *secret_label;  /* "Current PIN", "PUK"; NULL where nothing is typed here */
  gboolean pad;        /* it is typed at the reader's keypad, … */
  GStrv steps;         /* … in these steps: "1. Type the current PIN and press OK."; NULL otherwise */
  char *obstacle;      /* why nothing can be sent now ("The token was pulled. …"), or NULL */
  char *confirmation;  /* what the person must type to use the last try ("1"), or NULL */
  char *confirm_text;  /* … and the sentence that asks for it */
  PinRules *rules;     /* of the new PIN */
  char *page_url;      /* the issuer's unlock page, or NULL */
  char *hotline;       /* "Hotline: 010-…", or NULL */
  char *link;          /* "Forgot the PIN? Unlock it with the PUK…": the way on to … */
  PinOperation linked; /* … this; NULL where there is none */
} PinView;

/* TOKEN: the one that the dialog was opened for, as it was last seen. OBSTACLE: why nothing can be sent to it now
 * (ERROR_TOKEN_ABSENT, ERROR_TOKEN_OTHER where a different one is in its reader, or what is wrong with the service), or
 * ERROR_NONE. WANTED: what the person asked for; a blocked PIN is never offered for change. ISSUER may be NULL. NULL
 * when the token has no PIN called REF. */
PinView *
pin_view_build (const TokenView *token, const char *ref, PinOperation wanted, const Issuer *issuer, ErrorCode obstacle);

/* What came of ATTEMPT at TASK, in a sentence or two: what was sent or that no try was used, what the token answered,
 * how many tries are left (those of ATTEMPT, else those of PIN, which may be NULL). (transfer full) */
char *pin_view_explain (const Attempt *attempt, const PinTask *task, const Pin *pin);

PinView *pin_view_ref (PinView *view);
void pin_view_unref (PinView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinView, pin_view_unref)
