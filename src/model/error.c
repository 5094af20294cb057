#include "error.h"

#include <glib/gi18n-lib.h>

GQuark
error_get_quark (void)
{
  return g_quark_from_static_string ("cert-assistant-error");
}

/* A passing failure may be gone in a moment; after an absence the watcher has the next word. */
typedef enum
{
  FATE_STAYS,
  FATE_PASSES,
  FATE_ABSENT
} Fate;

static const struct
{
  const char *word;
  const char *sentence;
  Fate fate;
} codes[ERROR_N_CODES] = {
  [ERROR_NONE] = { "none", NULL, FATE_STAYS },
  [ERROR_SERVICE_STOPPED] = { "service-stopped",
                              N_ ("The smart card service (pcscd) is not running. Start it, or restart the computer."),
                              FATE_PASSES },
  [ERROR_SERVICE_MISSING] = { "service-missing",
                              N_ ("The smart card service is not installed. Install the package “pcscd”."),
                              FATE_PASSES },
  [ERROR_SERVICE_DENIED] = { "service-denied",
                             N_ ("The smart card service refuses this user. Log in at the computer itself, or ask the "
                                 "administrator for access to smart cards."),
                             FATE_PASSES },
  [ERROR_SERVICE_HUNG] = { "service-hung",
                           N_ ("The smart card service does not answer. Pull the token and insert it again; if that "
                               "does not help, restart the computer."),
                           FATE_PASSES },
  [ERROR_READER_GONE] = { "reader-gone", N_ ("The reader was unplugged."), FATE_ABSENT },
  [ERROR_READER_BUSY] = { "reader-busy",
                          N_ ("Another program is using this token alone. It will be read when that program lets go."),
                          FATE_PASSES },
  [ERROR_TOKEN_REMOVED] = { "token-removed", N_ ("The token was pulled while it was being read."), FATE_ABSENT },
  [ERROR_TOKEN_RESET] = { "token-reset", N_ ("Another program reset the token while it was being read."), FATE_PASSES },
  [ERROR_TOKEN_MUTE] = { "token-mute", N_ ("The token does not answer. Pull it, turn it over and insert it again."),
                         FATE_STAYS },
  [ERROR_TOKEN_UNKNOWN] = { "token-unknown",
                            N_ ("This kind of token is not known. It may need a library of its vendor."), FATE_STAYS },
  [ERROR_TOKEN_SILENT] = { "token-silent", N_ ("The token stopped answering. Pull it and insert it again."),
                           FATE_STAYS },
  [ERROR_TOKEN_UNREADABLE] = { "token-unreadable",
                               N_ ("The token gives answers that make no sense. It may be damaged."), FATE_STAYS },
  [ERROR_OBJECT_MISSING] = { "object-missing", N_ ("The token does not hold what was asked for."), FATE_STAYS },
  [ERROR_WORKER_FAILED] = { "worker-failed",
                            N_ ("Reading failed inside Certificate Assistant. Pull the token and insert it again."),
                            FATE_PASSES },
  [ERROR_WORKER_MISSING] = { "worker-missing",
                             N_ ("A part of Certificate Assistant cannot be started. Install it again."), FATE_PASSES },
  [ERROR_TOKEN_OTHER] = { "token-other", N_ ("A different token is inserted."), FATE_STAYS },
  [ERROR_TOKEN_ABSENT] = { "token-absent", N_ ("The token is not inserted."), FATE_STAYS },
  [ERROR_PIN_WRONG] = { "pin-wrong", N_ ("The PIN is wrong."), FATE_STAYS },
  [ERROR_PIN_BLOCKED] = { "pin-blocked", N_ ("It is locked: no tries are left."), FATE_STAYS },
  [ERROR_PIN_REFUSED] = { "pin-refused", N_ ("The token does not accept this PIN."), FATE_STAYS },
  [ERROR_PIN_LAST_TRY] = { "pin-last-try", N_ ("Only one try is left."), FATE_STAYS },
  [ERROR_PIN_IMPOSSIBLE] = { "pin-impossible", N_ ("This token cannot do that."), FATE_STAYS },
  [ERROR_PIN_STATUS] = { "pin-status", N_ ("The token gave an answer that is not known."), FATE_STAYS },
  [ERROR_PIN_UNANSWERED] = { "pin-unanswered", N_ ("The token has not answered."), FATE_STAYS },
  [ERROR_PAD_TIMEOUT] = { "pad-timeout", N_ ("The time for typing at the reader's keypad ran out."), FATE_STAYS },
  [ERROR_PAD_CANCELLED] = { "pad-cancelled", N_ ("It was cancelled at the reader's keypad."), FATE_STAYS },
  [ERROR_PAD_DIFFERENT] = { "pad-different", N_ ("The two entries of the new PIN differ."), FATE_STAYS },
  [ERROR_PAD_LENGTH] = { "pad-length", N_ ("What was typed at the reader's keypad is too short or too long."),
                         FATE_STAYS },
  [ERROR_MODULE_MISSING] = { "module-missing",
                             N_ (
                               "A token of this kind is plugged in, and its software is not installed. Ask its issuer or its vendor for the one for Linux."),
                             FATE_STAYS },
  [ERROR_MODULE_UNTRUSTED] = { "module-untrusted",
                               N_ ("Others than the administrator can change its file, so it is not loaded."),
                               FATE_STAYS },
  [ERROR_MODULE_MACHINE] = { "module-machine",
                             N_ ("It is not a library for tokens, or made for another kind of computer."), FATE_STAYS },
  [ERROR_MODULE_UNLOADABLE] = { "module-unloadable",
                                N_ ("It cannot be loaded: something that it needs may be missing."), FATE_STAYS },
  [ERROR_MODULE_CRASHED] = { "module-crashed", N_ ("It has crashed. Ask its vendor for a newer version."), FATE_STAYS },
  [ERROR_MODULE_SILENT] = { "module-silent", N_ ("It does not answer. Pull the token and insert it again."),
                            FATE_STAYS },
  [ERROR_CANCELLED] = { "cancelled", N_ ("You cancelled it."), FATE_STAYS },
};

ErrorCode
error_get_code (const GError *error)
{
  if (!error)
    return ERROR_NONE;
  if (error->domain != ASSISTANT_ERROR || error->code <= ERROR_NONE || error->code >= ERROR_N_CODES)
    return ERROR_WORKER_FAILED;
  return error->code;
}

const char *
error_to_string (ErrorCode code)
{
  return codes[code].word;
}

const char *
error_to_sentence (ErrorCode code)
{
  return codes[code].sentence ? _ (codes[code].sentence) : "";
}

gboolean
error_is_of_module (ErrorCode code)
{
  return code >= ERROR_MODULE_MISSING && code <= ERROR_MODULE_SILENT;
}

gboolean
error_is_passing (ErrorCode code)
{
  return codes[code].fate == FATE_PASSES;
}

gboolean
error_is_absence (ErrorCode code)
{
  return codes[code].fate == FATE_ABSENT;
}
