/* Signatures of authorities: on certificates, on their lists of revoked ones and on their answers. OpenSSL verifies
 * them; what it does not know by itself is whose identity an SM2 signature is over (GB/T 32918.2), which nothing tells:
 * nearly every authority takes the one of GM/T 0009, some software takes none. In the worker only. */
#pragma once

#include <glib.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>

/* Whether X509 is signed with KEY. It remembers the identity that fits, so that OpenSSL finds it when it verifies a
 * chain. */
gboolean signature_fits_certificate (X509 *x509, EVP_PKEY *key);

gboolean signature_fits_list (X509_CRL *list, EVP_PKEY *key);
gboolean signature_fits_response (OCSP_BASICRESP *response, EVP_PKEY *key);
