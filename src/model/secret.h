/* Bytes of a PIN: in a page of their own that is never swapped out, never dumped, not inherited by a child, and wiped
 * when it is given back. A secret is moved and never copied; nobody prints one. Used by whoever holds a PIN without
 * GTK: the worker and the command line. */
#pragma once

#include <glib.h>

/* More than any token takes. */
#define SECRET_MAX 255

typedef struct
{
  guint8 *bytes; /* SECRET_MAX + 1 of them, the rest zero */
  gsize length;
} Secret;

/* An empty one. NULL when the system gives no such memory: then there is no PIN here. */
Secret *secret_new (void) G_GNUC_WARN_UNUSED_RESULT;

/* Wipes it. */
void secret_free (Secret *secret);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Secret, secret_free)
