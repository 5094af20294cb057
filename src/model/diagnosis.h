/* Why a token is not seen or does not work: a row for every layer from the USB socket up to the clock, each with its
 * state, whole sentences and what can be done about it. Pure: what the probes of the machine found comes as
 * DiagnosisFacts, what the token service says as a View; everything that asks for a check shows the same rows. */
#pragma once

#include "view.h"

/* Why something is not known. A fact that nobody filled in was not found out in time. */
typedef enum
{
  DIAGNOSIS_SILENT,     /* no answer came in time */
  DIAGNOSIS_NOT_TOLD,   /* the system does not say it */
  DIAGNOSIS_FORBIDDEN,  /* … not to this user */
  DIAGNOSIS_NO_SESSION, /* there is no session bus to ask on */
  DIAGNOSIS_KNOWN,
  DIAGNOSIS_N_REASONS
} DiagnosisReason;

/* Whether something is so; `is` means nothing unless the reason is DIAGNOSIS_KNOWN. */
typedef struct
{
  DiagnosisReason reason;
  gboolean is;
} DiagnosisFact;

/* A USB device that is, or may be, a reader or a token. */
typedef struct
{
  guint vendor, product; /* as in lsusb */
  char *name;            /* clean, or NULL */
  gboolean ccid;         /* it says that it is a smart card reader (interface class 0b) */
  gboolean driven;       /* the service has a driver that knows it */
} DiagnosisDevice;

/* What the probes found. Strings are clean. All zero: nothing is known yet. */
typedef struct
{
  gint64 now;          /* what the clock says, in seconds since 1970; 0: what it said when the view was made */
  DiagnosisReason usb; /* of the devices */
  DiagnosisDevice *devices;
  guint n_devices;
  DiagnosisReason drivers;     /* of each device's `driven`, and of: */
  gboolean class_driver;       /* the driver for all devices that are `ccid` is installed */
  DiagnosisFact installed;     /* the program pcscd */
  DiagnosisFact socket;        /* its socket is there */
  DiagnosisFact listening;     /* … and somebody listens: pcscd, or who starts it when it is needed */
  DiagnosisFact running;       /* a process of pcscd is there */
  gboolean suspended;          /* … and stands still */
  DiagnosisReason programs;    /* of those connected to it, besides our own: */
  GStrv program_names;         /* each once; NULL or empty: none that has a name */
  guint n_nameless;            /* others whose name this user may not see */
  gboolean scdaemon;           /* it runs, connected or not; FALSE also when not known */
  gboolean scdaemon_shares;    /* … and is configured to share the token */
  DiagnosisReason services;    /* of the local services of vendors: */
  GStrv service_names;         /* those that listen */
  gboolean gnome;              /* the desktop is GNOME, which shows tray icons by an extension only */
  DiagnosisFact tray;          /* something shows tray icons */
  DiagnosisFact notifications; /* … notifications */
  DiagnosisFact autostart;     /* the assistant starts at login */
} DiagnosisFacts;

typedef enum
{
  DIAGNOSIS_OK,
  DIAGNOSIS_UNKNOWN,
  DIAGNOSIS_WARNING,
  DIAGNOSIS_PROBLEM,
  DIAGNOSIS_N_STATES
} DiagnosisState;

typedef enum
{
  DIAGNOSIS_REMEDY_NONE,
  DIAGNOSIS_REMEDY_PAGE,    /* `target`: the https address of an issuer's page */
  DIAGNOSIS_REMEDY_COMMAND, /* … a line for a terminal */
  DIAGNOSIS_REMEDY_RETRY,   /* what the sentence asks for, and then another check */
  DIAGNOSIS_REMEDY_ACTION   /* … an action of the application, in GAction's detailed form: "unlock-of::piv-1234" */
} DiagnosisRemedy;

typedef struct
{
  const char *layer; /* a word that stays: "usb" */
  const char *title;
  DiagnosisState state;
  char *text; /* whole sentences; of an unknown row: what is not known, and why */
  DiagnosisRemedy remedy;
  const char *label; /* of a button, with a mnemonic; NULL without a remedy */
  char *target;      /* or NULL */
} DiagnosisRow;

typedef struct
{
  gint64 time;      /* at which it was made, in seconds since 1970 */
  GPtrArray *rows;  /* DiagnosisRow, from bottom to top */
  guint n_problems; /* … and how many there are of them */
  guint n_warnings;
  char *summary; /* "1 problem, 1 warning" */
} Diagnosis;

Diagnosis *diagnosis_new (const DiagnosisFacts *facts, const View *view) G_GNUC_WARN_UNUSED_RESULT;
void diagnosis_free (Diagnosis *diagnosis);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Diagnosis, diagnosis_free)

const char *diagnosis_state_to_string (DiagnosisState state); /* a word of the contract */
const char *diagnosis_state_to_phrase (DiagnosisState state); /* … for people */
const char *diagnosis_state_to_sign (DiagnosisState state);   /* "✓" */

/* What a person at a terminal can do: a command, an address, a sentence; NULL where there is nothing.
 * (transfer full) */
char *diagnosis_describe_remedy (const DiagnosisRow *row);

/* All of it as text to send to somebody: without serial numbers and personal numbers. (transfer full) */
char *diagnosis_to_text (const Diagnosis *diagnosis);

/* Frees what FACTS point to, and makes them all zero. */
void diagnosis_clear_facts (DiagnosisFacts *facts);

/* ---- for the parts of the diagnosis ---- */

typedef struct
{
  const char *layer, *title;
  /* Fills ROW, whose layer and title are there. */
  void (*fill) (DiagnosisRow *row, const DiagnosisFacts *facts, const View *view);
} DiagnosisLayer;

void diagnosis_add_rows (Diagnosis *diagnosis,
                         const DiagnosisLayer *layers,
                         gsize n,
                         const DiagnosisFacts *facts,
                         const View *view);

/* TEXT is taken. */
void diagnosis_say (DiagnosisRow *row, DiagnosisState state, char *text);

/* WHAT is not known, and WHY: two whole sentences, translated. */
void diagnosis_leave_open (DiagnosisRow *row, const char *what, const char *why);

/* LABEL: NULL for the usual one. */
void diagnosis_offer (DiagnosisRow *row, DiagnosisRemedy remedy, const char *label, const char *target);

/* The sentence for REASON. */
const char *diagnosis_explain_reason (DiagnosisReason reason);

/* Why nothing is known of what lies above the service: it has not answered, or not to us. NULL: it has. */
const char *diagnosis_explain_service (const View *view);
