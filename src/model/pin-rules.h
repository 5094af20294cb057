/* What a new PIN must be like, as a checklist: each rule is met or not, and has a sentence. Pure. PINs are borrowed
 * bytes in locked memory: nothing here copies, keeps or prints one, and no rule's sentence contains one. */
#pragma once

#include "issuer.h"
#include "token.h"

/* What somebody typed: LENGTH bytes of UTF-8, not ended by NUL. */
typedef struct
{
  const char *bytes;
  gsize length;
} PinText;

typedef enum
{
  PIN_RULE_LENGTH,       /* within the limits */
  PIN_RULE_CHARACTERS,   /* digits only; or printable ASCII, of the classes that the issuer wants */
  PIN_RULE_NOT_CURRENT,  /* not the old one; not asked where there is none */
  PIN_RULE_NOT_TRIVIAL,  /* no run (123456, 654321, abcdef), no repetition (111111, 121212, 123123), no initial PIN */
  PIN_RULE_NOT_PERSONAL, /* no part of the holder's numbers, nor his birth date in any order; only where there are any
                          */
  PIN_RULE_REPEATED,     /* both entries the same */
  PIN_N_RULES
} PinRule;

typedef struct
{
  grefcount refs;
  int min_length, max_length;         /* of a new PIN, in bytes; PIN_UNKNOWN: no limit known */
  int old_min_length, old_max_length; /* of one that the token can have: its own limits alone */
  PinCharset charset;                 /* PIN_CHARSET_DIGITS, or anything else for printable ASCII */
  guint classes;                      /* IssuerPinClass, all of which must occur */
  GStrv initial;                      /* PINs that everybody knows, never NULL */
  GStrv personal;                     /* digits that a PIN must not be made of, never NULL */
} PinRules;

/* For PIN of a token whose primary certificate is CERTIFICATE (may be NULL) and whose issuer is ISSUER (may be NULL).
 * Of the lengths the stricter holds, and where they contradict each other the token's own. Personal numbers are the
 * runs of 6 and more digits in the subject, the alternative names and the identities; of an identity number of 18
 * digits (GB 11643) the birth date is taken in the orders year-month-day, day-month-year and month-day-year, with two
 * and four digits of the year. */
PinRules *pin_rules_new (const Pin *pin, const Issuer *issuer, const Certificate *certificate);
PinRules *pin_rules_ref (PinRules *rules);
void pin_rules_unref (PinRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PinRules, pin_rules_unref)

/* The rules that apply, as bits (1 << PinRule). WITH_OLD: there is a current PIN to compare with (change, not unlock).
 */
guint pin_rules_list (const PinRules *rules, gboolean with_old);

/* Those of them that are met. OLD may be NULL. An empty new PIN meets none; PIN_RULE_NOT_CURRENT is not met before an
 * old one is there. */
guint pin_rules_check (const PinRules *rules, const PinText *old, const PinText *new, const PinText *repeat);

/* Whether OLD can be the current PIN of the token at all, by its length: one that cannot would only cost a try. Of its
 * characters others may have thought otherwise than we. */
gboolean pin_rules_may_be_current (const PinRules *rules, const PinText *old);

/* The sentence for the checklist, in small letters: "6 to 8 digits", "not the current PIN". (transfer full) */
char *pin_rules_describe (const PinRules *rules, PinRule rule);
