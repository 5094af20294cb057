/* The certificates that this machine trusts: the system's own, looked up by name where they are needed, and those of
 * the folders anchors.d. Files of the person or the administrator, and yet they may be anything: what is no certificate
 * is left out, and nothing is waited for. In the worker only. */
#pragma once

#include <glib.h>
#include <openssl/x509.h>

#define ANCHORS_MAX_FILES        200 /* of a folder, by name */
#define ANCHORS_MAX_SIZE         (1024 * 1024)
#define ANCHORS_MAX_CERTIFICATES 1000

typedef struct _Anchors Anchors;

/* What is in the files *.pem (any number of certificates each) of FOLDERS (NULL at its end; none need exist), of which
 * a later file of the same name wins; and the system's folder, by OpenSSL's default. Loads no more from the monotonic
 * time DEADLINE (µs) on. */
Anchors *anchors_load (const char *const *folders, gint64 deadline) G_GNUC_WARN_UNUSED_RESULT;
void anchors_free (Anchors *anchors);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Anchors, anchors_free)

/* The folders of this installation, of the administrator and of the person. (transfer full) */
GStrv anchors_list_folders (void);

/* The X509s of this SUBJECT, in an array that owns them. (transfer full) */
GPtrArray *anchors_find (const Anchors *anchors, const X509_NAME *subject) G_GNUC_WARN_UNUSED_RESULT;
