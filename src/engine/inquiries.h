/* The questions to issuers that are under way, whether they have revoked a certificate: one worker each, and the only
 * ones that go to the network. */
#pragma once

#include "model/revocation.h"

typedef struct _Inquiries Inquiries;

/* Something is known of a certificate: first that its issuer is being asked, later what came of it. */
typedef void (*InquiriesFunc) (Revocation *revocation, gpointer data);

Inquiries *inquiries_new (InquiriesFunc func, gpointer data) G_GNUC_WARN_UNUSED_RESULT;

/* Gives up what is under way. */
void inquiries_free (Inquiries *inquiries);

/* Asks the issuer of CERTIFICATE, whose own certificate may be among OTHERS. Nothing happens where it is being asked
 * already. */
void inquiries_ask (Inquiries *inquiries, const Certificate *certificate, const GPtrArray *others);
