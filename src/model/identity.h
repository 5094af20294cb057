/* Whom a certificate names, in numbers: the codes and numbers that Chinese authorities write into certificates and that
 * portals read out of them. The worker finds them (token/identity); every other process receives them and only shows
 * them. A value is immutable once it is handed on. Whether a number fits its check digit is worked out here, never
 * taken from somebody's word; one that does not fit is still the number: codes that are in use fail the check. Pure. */
#pragma once

#include <glib.h>

typedef enum
{
  IDENTITY_USCC, /* unified social credit code, GB 32100 */
  IDENTITY_TAXPAYER_ID,
  IDENTITY_ORGANIZATION_CODE, /* GB 11714 */
  IDENTITY_BUSINESS_REGISTRATION,
  IDENTITY_ID_CARD, /* GB 11643; or of another document of a person */
  IDENTITY_SOCIAL_INSURANCE,
  IDENTITY_ENTITY_ID, /* what an authority calls a holder by, of its own making */
  IDENTITY_N_KINDS
} IdentityKind;

typedef enum
{
  IDENTITY_CHECK_NONE, /* it has no check digit that is known */
  IDENTITY_CHECK_OK,
  IDENTITY_CHECK_MISMATCH,
  IDENTITY_N_CHECKS
} IdentityCheck;

/* The longest value that is kept, and the longest label, in characters. */
#define IDENTITY_MAX_CHARS 128

/* How many of them a certificate may have. */
#define IDENTITY_MAX_LIST 32

typedef struct
{
  IdentityKind kind;
  char *value; /* clean */
  char *label; /* what it is called where the kind does not say enough; clean, or NULL */
  IdentityCheck check;
} Identity;

/* VALUE and LABEL (may be NULL) are cleaned, and the check digit is looked at. NULL when nothing is left of VALUE, when
 * it is too long for a number or was damaged. */
Identity *identity_new (IdentityKind kind, const char *value, const char *label) G_GNUC_WARN_UNUSED_RESULT;
void identity_free (Identity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Identity, identity_free)

/* An empty list of Identity that frees them. */
GPtrArray *identity_list_new (void);

/* LIST as a(sss): kind, value, label. append_variant takes an untrusted VARIANT of this type: what is no identity is
 * left out, and so is what comes after the IDENTITY_MAX_LISTth. */
GVariant *identity_list_to_variant (const GPtrArray *list);
void identity_list_append_variant (GPtrArray *list, GVariant *variant);

/* The words of the contract: "uscc" …, "ok" … FALSE when WORD is no kind. */
const char *identity_kind_to_string (IdentityKind kind);
gboolean identity_kind_from_string (const char *word, IdentityKind *kind);
const char *identity_check_to_string (IdentityCheck check);

/* Whether TEXT is a code of the right form with the right check digit; in either case of letters.
 * GB 32100: 18 places. GB 11714: 9 places, with or without the dash before the last one. GB 11643: 18 places. */
gboolean identity_fits_credit_code (const char *text);
gboolean identity_fits_organization_code (const char *text);
gboolean identity_fits_id_card (const char *text);

/* Whether it tells who somebody is in person: such a number is shown in full only where the person asked for all the
 * details. The taxpayer number of a person is one. */
gboolean identity_is_personal (const Identity *identity);

/* Its value, hidden but for the last four characters where it is personal. (transfer full) */
char *identity_mask (const Identity *identity);

/* That one of LIST which portals call the taxpayer number: the first taxpayer number, otherwise the first credit code,
 * which is one since 2015; or NULL. The order of LIST is that of preference. */
const Identity *identity_find_taxpayer_number (const GPtrArray *list);
