/* Why something could not be done: the one error domain of the program, the same on both sides of the pipe, with the
 * sentence that a person reads. Worker, engine and desktop use it; a worker sends the code only, never a text. */
#pragma once

#include <glib.h>

#define ASSISTANT_ERROR (error_get_quark ())

typedef enum
{
  ERROR_NONE,              /* nothing went wrong */
  ERROR_SERVICE_STOPPED,   /* the smart card service (pcscd) is installed and does not run */
  ERROR_SERVICE_MISSING,   /* … is not installed */
  ERROR_SERVICE_DENIED,    /* … refuses this user (polkit), or has no room for one more program */
  ERROR_SERVICE_HUNG,      /* … runs and does not answer */
  ERROR_READER_GONE,       /* the reader was unplugged */
  ERROR_READER_BUSY,       /* another program has the token for itself */
  ERROR_TOKEN_REMOVED,     /* the token was pulled */
  ERROR_TOKEN_RESET,       /* another program reset the token: what we knew of its state is gone */
  ERROR_TOKEN_MUTE,        /* the token does not answer to power: inserted the wrong way round, or broken */
  ERROR_TOKEN_UNKNOWN,     /* no driver knows it */
  ERROR_TOKEN_SILENT,      /* it answered at first and then no more, until the deadline */
  ERROR_TOKEN_UNREADABLE,  /* its answers contradict its specification */
  ERROR_OBJECT_MISSING,    /* the token has no such object; used between driver and channel only */
  ERROR_WORKER_FAILED,     /* our own helper process crashed or spoke nonsense */
  ERROR_WORKER_MISSING,    /* … cannot be started */
  ERROR_TOKEN_OTHER,       /* it is not the token that the person saw */
  ERROR_TOKEN_ABSENT,      /* the token that the person saw is in no reader, or not read yet */
  ERROR_PIN_WRONG,         /* what was typed first (PIN or PUK) is wrong */
  ERROR_PIN_BLOCKED,       /* it has no tries left */
  ERROR_PIN_REFUSED,       /* the token does not take the new PIN, or the form of the old one */
  ERROR_PIN_LAST_TRY,      /* it would be the last try, and the person does not know that */
  ERROR_PIN_IMPOSSIBLE,    /* this token cannot do that */
  ERROR_PIN_STATUS,        /* an answer that says neither that it is done nor why not */
  ERROR_PIN_UNANSWERED,    /* sent, and no answer came */
  ERROR_PAD_TIMEOUT,       /* at the reader's keypad time ran out; as with the next three, nothing was sent */
  ERROR_PAD_CANCELLED,     /* … the person gave up there */
  ERROR_PAD_DIFFERENT,     /* … the two entries of the new PIN differ */
  ERROR_PAD_LENGTH,        /* … an entry was too short or too long */
  ERROR_MODULE_MISSING,    /* a vendor library: there is no such file */
  ERROR_MODULE_UNTRUSTED,  /* … somebody else could have put it there */
  ERROR_MODULE_MACHINE,    /* … it is for another kind of computer, or no such library at all */
  ERROR_MODULE_UNLOADABLE, /* … what it needs is not there, or it refuses to begin */
  ERROR_MODULE_CRASHED,    /* … it has crashed */
  ERROR_MODULE_SILENT,     /* … it does not answer */
  ERROR_CANCELLED,         /* the person gave up before anything was sent */
  ERROR_N_CODES
} ErrorCode;

GQuark error_get_quark (void);

/* The code of ERROR; ERROR_WORKER_FAILED for an error of another domain, ERROR_NONE for NULL. */
ErrorCode error_get_code (const GError *error);

/* A word for logs and tests: "token-removed". */
const char *error_to_string (ErrorCode code);

/* One translated sentence for a person, what happened and what to do. */
const char *error_to_sentence (ErrorCode code);

/* Whether it is about a vendor library. */
gboolean error_is_of_module (ErrorCode code);

/* Whether the same attempt may succeed a little later with nobody doing anything. */
gboolean error_is_passing (ErrorCode code);

/* Whether the token or its reader is gone, so that the watcher's next word settles the matter. */
gboolean error_is_absence (ErrorCode code);
