/* What is known of those who issue certificates: their pages, their hotline and their rules for PINs, from key files
 * (design: [Issuer]). An immutable value. Pure: whoever reads files hands in what stands in them. */
#pragma once

#include "certificate.h"

typedef enum
{
  ISSUER_PIN_DIGIT = 1 << 0,
  ISSUER_PIN_LOWER = 1 << 1,
  ISSUER_PIN_UPPER = 1 << 2,
  ISSUER_PIN_SIGN = 1 << 3
} IssuerPinClass;

typedef struct
{
  grefcount refs;
  char *name;      /* for people, in the language of the process where the file has it */
  GStrv match;     /* parts of an issuer's name, or policy OIDs */
  char *renew_url; /* these three only if they are https, or NULL */
  char *unlock_url;
  char *check_url;
  char *hotline;                      /* or NULL */
  int pin_min_length, pin_max_length; /* -1: not said */
  guint pin_classes;                  /* IssuerPinClass, all of which must occur */
  GStrv initial_pins;                 /* never NULL */
} Issuer;

/* The profile in FILE, group "Issuer"; NULL with ERROR (G_KEY_FILE_ERROR) when it has no Name or no Match, or a number
 * is none. Keys: Name (localised), Match, RenewUrl, UnlockUrl, CheckUrl, Hotline, PinMinLength, PinMaxLength,
 * PinClasses (digit;lower;upper;sign), InitialPins. Texts are cleaned and bounded; an URL that is not https is left
 * out. */
Issuer *issuer_new_from_key_file (GKeyFile *file, GError **error) G_GNUC_WARN_UNUSED_RESULT;
Issuer *issuer_ref (Issuer *issuer);
void issuer_unref (Issuer *issuer);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Issuer, issuer_unref)

/* What to know the profile by from one start to the next, whatever the language: its first match. */
const char *issuer_get_key (const Issuer *issuer);

/* Whether CERTIFICATE was issued by it: a part of the issuer's full name matches, whatever the case. A match that
 * consists of digits and dots alone is a policy OID, and is compared with the policies of the certificate. */
gboolean issuer_matches (const Issuer *issuer, const Certificate *certificate);

/* The first of ISSUERS (Issuer) that matches, or NULL. CERTIFICATE may be NULL. */
Issuer *issuer_find (const GPtrArray *issuers, const Certificate *certificate);
