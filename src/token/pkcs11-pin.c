/* PINs of PKCS #11 (version 3.0, sections 3.2 and 5.5). No number of tries is told:
 *
 *   flag of the token                            means
 *   CKF_LOGIN_REQUIRED, _USER_PIN_INITIALIZED    it has a PIN, if both are there
 *   CKF_USER_PIN_COUNT_LOW, _FINAL_TRY, _LOCKED  few tries, one, none
 *   CKF_USER_PIN_TO_BE_CHANGED                   it is the initial one
 *   CKF_TOKEN_INITIALIZED                        it has a security officer, who can unlock
 *   CKF_SO_PIN_FINAL_TRY, _LOCKED                of the security officer's PIN, one try, none
 *   CKF_PROTECTED_AUTHENTICATION_PATH            PINs are typed at the token
 */
#include "pkcs11-pin.h"

#include <string.h>

#define CKR_WEAK 0x1B8UL /* CKR_PIN_TOO_WEAK: p11-kit's header has another number than the specification */

/* Of an answer: where it is not one of those functions that has failed, no PIN has gone to the token. */
static const char *const with_pin[] = { "C_SetPIN", "C_Login", "C_InitPIN", NULL };

/* CKR_USER_NOT_LOGGED_IN is not among them: from one library it means that it cannot do this, and from OpenSC, of an
 * OpenPGP card, that the PIN was wrong and a try is gone. */
static const struct
{
  CK_RV code;
  ErrorCode failure;
} meanings[] = {
  { CKR_OK, ERROR_NONE },
  { CKR_PIN_INCORRECT, ERROR_PIN_WRONG },
  { CKR_PIN_LOCKED, ERROR_PIN_BLOCKED },
  { CKR_PIN_LEN_RANGE, ERROR_PIN_REFUSED },
  { CKR_PIN_INVALID, ERROR_PIN_REFUSED },
  { CKR_WEAK, ERROR_PIN_REFUSED },
  { CKR_PIN_EXPIRED, ERROR_PIN_IMPOSSIBLE },
  { CKR_FUNCTION_NOT_SUPPORTED, ERROR_PIN_IMPOSSIBLE },
  { CKR_SESSION_READ_ONLY, ERROR_PIN_IMPOSSIBLE },
  { CKR_TOKEN_WRITE_PROTECTED, ERROR_PIN_IMPOSSIBLE },
  { CKR_USER_PIN_NOT_INITIALIZED, ERROR_PIN_IMPOSSIBLE },
  { CKR_USER_TYPE_INVALID, ERROR_PIN_IMPOSSIBLE },
  { CKR_FUNCTION_CANCELED, ERROR_PAD_CANCELLED },
  { CKR_DEVICE_REMOVED, ERROR_TOKEN_REMOVED },
  { CKR_TOKEN_NOT_PRESENT, ERROR_TOKEN_REMOVED },
  { CKR_SLOT_ID_INVALID, ERROR_TOKEN_REMOVED },
};

static int
take_length (CK_ULONG length)
{
  return length > 0 && length <= G_MAXUINT8 ? (int) MIN (length, WIRE_MAX_SECRET) : PIN_UNKNOWN;
}

static void
take_flags (Pin *pin, CK_FLAGS flags)
{
  pin->blocked = (flags & CKF_USER_PIN_LOCKED) != 0;
  if (pin->blocked)
    pin->tries_left = 0;
  else if ((flags & CKF_USER_PIN_FINAL_TRY) != 0)
    pin->tries_left = 1;
  else
    pin->few = (flags & CKF_USER_PIN_COUNT_LOW) != 0;
  if ((flags & CKF_USER_PIN_TO_BE_CHANGED) != 0)
    pin->is_default = TRUE;
  pin->pinpad = (flags & CKF_PROTECTED_AUTHENTICATION_PATH) != 0;

  pin->unlock = PIN_UNLOCK_NONE;
  if ((flags & CKF_TOKEN_INITIALIZED) == 0 || (flags & CKF_WRITE_PROTECTED) != 0)
    return;
  pin->unlock = PIN_UNLOCK_ADMIN;
  pin->officer = TRUE;
  if ((flags & CKF_SO_PIN_LOCKED) != 0)
    pin->unlock_tries_left = 0;
  else if ((flags & CKF_SO_PIN_FINAL_TRY) != 0)
    pin->unlock_tries_left = 1;
}

Pin *
pkcs11_pin_new (const CK_TOKEN_INFO *info)
{
  Pin *pin;

  if ((info->flags & CKF_LOGIN_REQUIRED) == 0 || (info->flags & CKF_USER_PIN_INITIALIZED) == 0)
    return NULL;
  pin = pin_new ("user");
  pin->charset = PIN_CHARSET_ANY;
  pin->min_length = take_length (info->ulMinPinLen);
  pin->max_length = take_length (info->ulMaxPinLen);
  if (pin->max_length != PIN_UNKNOWN && pin->min_length > pin->max_length)
    pin->min_length = pin->max_length = PIN_UNKNOWN;
  take_flags (pin, info->flags);
  return pin;
}

/* ---- names of two PINs ---- */

/* OpenSC: the label of the token, the PIN in parentheses, "Zhang San (User PIN)". The first part of that, where all
 * PINs have the same; otherwise NULL. (transfer full) */
static char *
find_stem (const Token *token)
{
  const char *first = ((Pin *) token->pins->pdata[0])->label;
  const char *end = first != NULL ? strstr (first, " (") : NULL;

  for (guint i = 1; end != NULL && i < token->pins->len; i++)
    {
      const char *label = ((Pin *) token->pins->pdata[i])->label;

      if (label == NULL || strncmp (label, first, (gsize) (end - first) + 2) != 0)
        end = NULL;
    }
  return end != NULL ? g_strndup (first, (gsize) (end - first)) : NULL;
}

static void
keep_pin_name (Pin *pin, const char *stem)
{
  const char *name = pin->label + strlen (stem) + 2;
  gsize length = strlen (name);
  char *label = g_strndup (name, g_str_has_suffix (name, ")") ? length - 1 : length);

  g_free (pin->label);
  pin->label = *label != '\0' ? label : NULL;
  if (pin->label == NULL)
    g_free (label);
}

static char *
make_ref (const Token *token, guint i)
{
  const Pin *pin = token->pins->pdata[i];
  g_autofree char *label = pin->label != NULL ? g_utf8_strdown (pin->label, -1) : NULL;

  if (i == 0)
    return g_strdup ("user");
  if (label != NULL && strstr (label, "sig") != NULL && token_find_pin (token, "sign") == NULL)
    return g_strdup ("sign");
  return g_strdup_printf ("user-%u", i + 1);
}

void
pkcs11_pin_name_all (Token *token)
{
  g_autofree char *stem = token->pins->len > 1 ? find_stem (token) : NULL;

  if (token->pins->len == 1)
    g_clear_pointer (&((Pin *) token->pins->pdata[0])->label, g_free);
  for (guint i = 0; i < token->pins->len; i++)
    {
      Pin *pin = token->pins->pdata[i];
      char *ref;

      if (stem != NULL)
        keep_pin_name (pin, stem);
      ref = make_ref (token, i);
      g_free (pin->ref);
      pin->ref = ref;
    }
  if (stem != NULL)
    {
      g_free (token->label);
      token->label = g_steal_pointer (&stem);
    }
}

/* ---- answers ---- */

/* The tries that are left of what was typed, by the flags that came with the answer. */
static int
find_tries (const ModuleAnswer *answer)
{
  gboolean officer = strcmp (answer->function, "C_Login") == 0;
  CK_FLAGS locked = officer ? CKF_SO_PIN_LOCKED : CKF_USER_PIN_LOCKED;
  CK_FLAGS last = officer ? CKF_SO_PIN_FINAL_TRY : CKF_USER_PIN_FINAL_TRY;

  for (guint i = 0; i < answer->records->len; i++)
    {
      const ModuleRecord *record = answer->records->pdata[i];
      CK_TOKEN_INFO info;

      if (record->kind != WIRE_TOKEN || record->length != sizeof info)
        continue;
      memcpy (&info, record->bytes, sizeof info);
      if ((info.flags & locked) != 0)
        return 0;
      if ((info.flags & last) != 0)
        return 1;
    }
  return PIN_UNKNOWN;
}

static ErrorCode
find_meaning (guint64 code)
{
  for (gsize i = 0; i < G_N_ELEMENTS (meanings); i++)
    if (meanings[i].code == code)
      return meanings[i].failure;
  return ERROR_PIN_STATUS;
}

void
pkcs11_pin_explain (const ModuleAnswer *answer, Attempt *attempt)
{
  gboolean sent = answer->code == CKR_OK || g_strv_contains (with_pin, answer->function);

  attempt->failure = find_meaning (answer->code);
  attempt->status = answer->code <= G_MAXINT ? (int) answer->code : ATTEMPT_NO_STATUS;
  attempt->tries_left = PIN_UNKNOWN;
  if (attempt->failure == ERROR_PIN_BLOCKED)
    attempt->tries_left = 0;
  else if (attempt->failure == ERROR_PIN_WRONG)
    attempt->tries_left = find_tries (answer);
  if (sent && attempt->failure == ERROR_TOKEN_REMOVED)
    attempt->failure = ERROR_PIN_UNANSWERED;
  if (!sent || attempt->failure == ERROR_PAD_CANCELLED)
    {
      attempt->sent = FALSE;
      attempt->status = ATTEMPT_NO_STATUS;
    }
}
