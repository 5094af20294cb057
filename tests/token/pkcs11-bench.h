/* Records as the host of a library of PKCS #11 sends them, for the tests of token/pkcs11. */
#pragma once

#include <p11-kit/pkcs11.h>

#include "token/module-kind.h"

/* The flags of a token that somebody uses. */
#define PKCS11_PLAIN (CKF_TOKEN_INITIALIZED | CKF_LOGIN_REQUIRED | CKF_USER_PIN_INITIALIZED)

/* The slot of pkcs11_put_one (). */
#define PKCS11_PLACE "Example Reader 00 00"
#define PKCS11_SLOT  7

GPtrArray *pkcs11_records_new (void);

void pkcs11_put (GPtrArray *records, WireKind kind, gconstpointer bytes, gsize length);
void pkcs11_put_slot (GPtrArray *records, CK_SLOT_ID slot, const char *description, CK_FLAGS flags);
void pkcs11_put_token (GPtrArray *records, const char *label, const char *maker, const char *serial, CK_FLAGS flags);

/* A slot, and the token "Zhang San", serial number 4711, with FLAGS. */
void pkcs11_put_one (GPtrArray *records, CK_FLAGS flags);

/* A certificate; ID in hexadecimal. */
void pkcs11_put_der (GPtrArray *records, const char *id, const guint8 *der, gsize length);
void pkcs11_put_certificate (GPtrArray *records, const char *id, const char *holder);

void pkcs11_put_failure (GPtrArray *records, guint64 code, const char *function);

/* The tokens in RECORDS, which are sound whatever those are: the test fails otherwise. (transfer full) */
GPtrArray *pkcs11_parse (const GPtrArray *records);

ModuleToken *pkcs11_get (const GPtrArray *tokens, guint i);
void pkcs11_assert_ids (const Token *token, const char *readable, const char *unreadable);
