/* What there is to say, ready to show: every sentence and row of the tray, the window, the notifications and the
 * command line. They differ in how they draw it and never in what they say. Pure but for the language and the time zone
 * of the process. All texts are plain, clean and never markup. */
#pragma once

#include "judge.h"

/* One row: a name, dim, and its value. */
typedef struct
{
  char *name;
  char *value;
  char *copied;      /* what people need of it elsewhere, or NULL */
  gboolean personal; /* it tells who somebody is: only for the page that shows all the details */
} Fact;

typedef struct
{
  Certificate *certificate;
  gboolean primary;
  Validity validity;
  gint64 days_left;   /* meaningless when the validity is unknown */
  double elapsed;     /* of its time, 0 to 1; below 0 when unknown */
  char *title;        /* "Signature" */
  char *summary;      /* "EC P-256 · 2027-01-04" */
  char *holder;       /* or "Unnamed holder" */
  char *organization; /* NULL where there is none or it is the holder */
  char *issued_by;    /* "Issued by Beijing CA", or NULL */
  char *status;       /* "Valid · 43 days left" */
  gboolean revoked;   /* its issuer says so */
  gboolean askable;   /* its issuer can be asked (engine_ask_revocation ()), and is not being asked */
  char *valid_from;   /* dates "2026-01-04", or NULL */
  char *valid_until;
  GPtrArray *facts; /* Fact: all of it */
  guint revocation; /* which of the facts tells whether it is revoked */
} CertificateView;

/* One PIN of a token. */
typedef struct
{
  char *name;         /* "PIN", "Signature PIN" */
  char *status;       /* "8 of 10 tries left" */
  const char *action; /* what can be done with it: "change-pin", "unlock", or NULL while that is not known */
  char *target; /* … the parameter of that action: the token's id, and the PIN's ref where it is not the first */
} PinRow;

/* Between the two in the target of a PinRow. */
#define PIN_ROW_SEPARATOR "\n"

typedef struct
{
  Token *token;
  guint generation; /* which insertion it is */
  char *reader;     /* clean */
  gboolean complete;
  double progress;         /* of the reading, 0 to 1 */
  char *name;              /* "Beijing Example Trading Co., Ltd. · 4821": short, tells two apart */
  char *headline;          /* "holder · organisation" */
  char *lifetime;          /* "Valid until 2027-01-04 (43 days left)" */
  char *menu_line;         /* "holder · 43 days left · 8 PIN tries left" */
  GPtrArray *pins;         /* PinRow: the user's first, those of administrators last */
  const char *pin_status;  /* of the first one, or NULL */
  const char *pin_action;  /* the same */
  const char *renewable;   /* SHA-256 of the certificate that should be renewed and can be; or NULL */
  char *reading;           /* "Reading: 3 of 8", or NULL */
  GPtrArray *facts;        /* Fact: about the token itself */
  guint support;           /* which of them tells whom to call; meaningless without: */
  const char *help_page;   /* https address at which its issuer tests or explains certificates, or NULL */
  GPtrArray *certificates; /* CertificateView, the primary one first */
} TokenView;

typedef struct
{
  char *name;        /* clean */
  const char *state; /* a word of the contract: "empty" … */
  gboolean in_use;
} ReaderView;

typedef struct
{
  const Finding *finding;
  char *title;
  char *text;
  const char *action; /* a word of the contract, or "change-pin" */
  const char *target; /* what that is done to: the id of a token; of "renew" the SHA-256 of a certificate; or NULL */
  gboolean beside;    /* the line and the page of its token say it already */
  gboolean hinders;   /* it is why a token, or any, is not seen */
} FindingView;

/* Something to say unasked, once, as long as its id is there. */
typedef struct
{
  char *id;
  FindingLevel level;
  char *title;
  char *text;
  char *token;        /* id of the token that it is about, or NULL */
  const char *action; /* these two as of a FindingView */
  char *target;
  gboolean reminder; /* it is said once, and only while it is `due`; it can be put off */
  gboolean due;
} Notice;

typedef struct
{
  grefcount refs;
  gboolean settled;    /* every inserted token is known or known to be unknowable */
  const char *service; /* a word of the contract; NULL before the watcher has spoken */
  const char *icon;    /* icon name for the tray */
  char *title;         /* for the tray: "Certificate Assistant", or the holder */
  char *summary;       /* the whole state in one line, for the tool tip and screen readers */
  gboolean quiet;      /* nothing is inserted and nothing is wrong */
  GPtrArray *readers;  /* ReaderView */
  GPtrArray *tokens;   /* TokenView */
  GPtrArray *findings; /* FindingView, the worst first */
  GPtrArray *notices;  /* Notice */
  World *world;
  Judgement *judgement;
} View;

View *view_build (World *world, Judgement *judgement) G_GNUC_WARN_UNUSED_RESULT;
View *view_ref (View *view);
void view_unref (View *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (View, view_unref)

/* What TOKEN is called: "Beijing Example Trading Co., Ltd. · 4821". (transfer full) */
char *view_name_token (const Token *token);

/* The number that portals ask for: of the primary certificate, otherwise of another one of the same holder; or NULL. */
const Identity *view_find_taxpayer_number (const Token *token);

/* The token with this id, or NULL. */
const TokenView *view_find_token (const View *view, const char *id);
