/* PINs of tokens behind a library of PKCS #11, as their flags tell of them. Part of token/pkcs11; pure. */
#pragma once

#include <p11-kit/pkcs11.h>

#include "module-kind.h"

/* The user's PIN of the token with INFO, without its label; NULL where it has none. (transfer full) */
Pin *pkcs11_pin_new (const CK_TOKEN_INFO *info) G_GNUC_WARN_UNUSED_RESULT;

/* Gives the PINs of TOKEN, each with the label of its slot, their refs and their own labels: "user" and none where it
 * is the only one; otherwise "user", and "sign" for that of signatures, "user-2" … for others. */
void pkcs11_pin_name_all (Token *token);

/* ModuleKind.explain. Where no PIN has gone to the token ATTEMPT->sent becomes FALSE. */
void pkcs11_pin_explain (const ModuleAnswer *answer, Attempt *attempt);
