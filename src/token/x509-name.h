/* Names in certificates as text: every string type, whatever bytes stand in it. Everything that is returned went
 * through text_clean (). Part of token/x509; in the worker only. */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

/* What is taken into account of a name that has more. */
#define X509_NAME_MAX_PARTS 64

/* STRING as text; NULL when it is empty, of no character type, or not to be decoded. (transfer full) */
char *x509_string_to_text (const ASN1_STRING *string);

/* The first attribute NID of NAME that is a text, or NULL. (transfer full) */
char *x509_name_get_text (const X509_NAME *name, int nid);

/* All of NAME as RFC 4514 has it, last part first, as `openssl x509 -nameopt RFC2253,utf8,-esc_msb` prints it; NULL
 * when it is empty. (transfer full) */
char *x509_name_to_text (const X509_NAME *name);
