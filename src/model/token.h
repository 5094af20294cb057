/* One token (smart card or USB key) as a value: who it is, its certificates and the state of its PINs. A driver in the
 * worker fills it; it goes up the pipe as a GVariant, and is immutable from the moment it is handed on. A token that is
 * still being read travels too, with complete == FALSE: it may be shown as such and is never taken for a whole one. */
#pragma once

#include "certificate.h"

typedef enum
{
  TOKEN_FAMILY_PIV,
  TOKEN_FAMILY_OPENPGP,
  TOKEN_FAMILY_PKCS15,
  TOKEN_FAMILY_GIDS,
  TOKEN_FAMILY_PKCS11,
  TOKEN_FAMILY_SKF,
  TOKEN_N_FAMILIES
} TokenFamily;

typedef enum
{
  PIN_CHARSET_UNKNOWN,
  PIN_CHARSET_DIGITS,
  PIN_CHARSET_ANY,
  PIN_N_CHARSETS
} PinCharset;

/* Who can unlock a blocked PIN. */
typedef enum
{
  PIN_UNLOCK_UNKNOWN,
  PIN_UNLOCK_NONE,
  PIN_UNLOCK_PUK,
  PIN_UNLOCK_ADMIN,
  PIN_UNLOCK_ISSUER,
  PIN_N_UNLOCKS
} PinUnlock;

#define PIN_UNKNOWN (-1)

typedef struct
{
  char *ref;      /* as --pin takes it: "user"; pin_is_administrators () by it */
  char *label;    /* the token's own name for it, or NULL */
  int tries_left; /* PIN_UNKNOWN where the token does not tell */
  int tries_max;
  gboolean blocked;
  gboolean few;   /* few tries are left, where the token does not tell how many */
  int is_default; /* still the initial PIN: 0, 1 or PIN_UNKNOWN */
  int min_length; /* in characters, or PIN_UNKNOWN */
  int max_length;
  PinCharset charset;
  gboolean pinpad; /* it is typed at the reader's own keypad */
  PinUnlock unlock;
  gboolean officer;      /* ADMIN, ISSUER: it is done by an administrator's PIN, which can be typed here */
  int unlock_tries_left; /* of the PUK or administrator PIN, or PIN_UNKNOWN */
} Pin;

#define TOKEN_MAX_PINS         8
#define TOKEN_MAX_CERTIFICATES 64

typedef struct
{
  grefcount refs;
  char *id; /* stable: token_set_identity (); means nothing before the token is complete */
  TokenFamily family;
  char *label;             /* the token's own name, or NULL: "YubiKey" */
  char *serial;            /* as printed on it where that is known, or NULL */
  GPtrArray *pins;         /* Pin, the user's first */
  GPtrArray *certificates; /* Certificate, the primary one first */
  GStrv unreadable;        /* ids of the places that hold something that cannot be read */
  gboolean complete;
  guint steps_done; /* while being read: how far */
  guint steps_total;
} Token;

Pin *pin_new (const char *ref);
void pin_free (Pin *pin);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pin, pin_free)

/* Whether only the administrator of the token uses PIN: "admin" is a word of its ref, "admin-2", "openpgp-admin". */
gboolean pin_is_administrators (const Pin *pin);

const char *pin_charset_to_string (PinCharset charset); /* NULL when unknown */
const char *pin_unlock_to_string (PinUnlock unlock);    /* NULL when unknown */

Token *token_new (TokenFamily family);
Token *token_ref (Token *token);
void token_unref (Token *token);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Token, token_unref)

/* The place that tells which certificates there are, whatever a family calls it. */
#define TOKEN_CERTIFICATE_LIST "certificates"

/* The place ID of TOKEN holds something that cannot be read. */
void token_add_unreadable (Token *token, const char *id);

/* Gives TOKEN its id, "piv-12345678": from the serial, or where there is none from the fingerprints of its
 * certificates; "piv-unknown" where there is neither. */
void token_set_identity (Token *token);

/* A hash over who TOKEN is: its family, serial number and the fingerprints of its certificates; two tokens that have
 * the same one are the same to us (transfer full). Nothing can be learned from it. */
char *token_make_fingerprint (const Token *token);

/* TOKEN as far as it is still known after something was at work on its PINs and did not say what came of it: without
 * its counters. (transfer full) */
Token *token_forget_counters (Token *token);

/* The PIN called REF, or NULL. */
const Pin *token_find_pin (const Token *token, const char *ref);

/* The certificate with this fingerprint (not NULL), or NULL. */
const Certificate *token_find_certificate (const Token *token, const char *sha256);

/* Whether A and B are the same token with the same certificates. */
gboolean token_is_same (const Token *a, const Token *b);

/* Whether A and B are of one holder, by the names in their primary certificates; where neither has a name, whether they
 * are the same token. A renewed certificate, or a second token of one person, is of the same holder. */
gboolean token_has_same_holder (const Token *a, const Token *b);

/* The certificate that stands for the token, or NULL. */
Certificate *token_get_primary (const Token *token);

/* As a{sv}. from_variant takes an untrusted VARIANT and returns NULL when it is no token. */
GVariant *token_to_variant (const Token *token);
Token *token_from_variant (GVariant *variant) G_GNUC_WARN_UNUSED_RESULT;

const char *token_family_to_string (TokenFamily family);
