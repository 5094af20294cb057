/* The mode `revocation SHA256`: one click, one process, and the only one that goes to the network. The certificate with
 * this fingerprint comes in with FRAME_QUESTION, what its issuer says goes out with FRAME_REVOCATION. No token is
 * touched. */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "model/revocation.h"
#include "anchors.h"
#include "inquiry.h"
#include "worker.h"

/* Less than the engine waits: it has its word before that. */
#define BUDGET_US (25 * G_USEC_PER_SEC)

G_DEFINE_AUTOPTR_CLEANUP_FUNC (X509, X509_free)

/* The certificates of the question; ends the process when it is none. */
static GPtrArray *
receive_certificates (void)
{
  g_autoptr (GVariant) question = worker_receive (FRAME_QUESTION);
  GPtrArray *certificates = g_ptr_array_new_with_free_func ((GDestroyNotify) X509_free);

  for (gsize i = 0; i < g_variant_n_children (question); i++)
    {
      g_autoptr (GVariant) child = g_variant_get_child_value (question, i);
      const guint8 *der = g_variant_get_data (child);
      X509 *x509 = d2i_X509 (NULL, &der, (long) g_variant_get_size (child));

      if (x509 != NULL)
        g_ptr_array_add (certificates, x509);
      else if (i == 0)
        break;
    }
  if (certificates->len == 0)
    _exit (EXIT_FAILURE);
  return certificates;
}

int
revocation_run (char **arguments)
{
  g_autoptr (GPtrArray) certificates = NULL;
  g_autoptr (X509) x509 = NULL;
  g_autoptr (Revocation) revocation = NULL;
  g_auto (GStrv) folders = anchors_list_folders ();

  if (!arguments[0] || arguments[1])
    return 2;
  OPENSSL_init_crypto (OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
  certificates = receive_certificates ();
  x509 = g_ptr_array_steal_index (certificates, 0);
  revocation = revocation_new (arguments[0], REVOCATION_UNKNOWN);
  inquiry_make (revocation, x509, certificates, (const char *const *) folders, g_get_real_time () / G_USEC_PER_SEC,
                g_get_monotonic_time () + BUDGET_US);
  worker_send (FRAME_REVOCATION, revocation_to_variant (revocation));
  return EXIT_SUCCESS;
}
