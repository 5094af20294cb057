#include "secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static gsize
get_page_size (void)
{
  return (gsize) sysconf (_SC_PAGESIZE);
}

Secret *
secret_new (void)
{
  gsize size = get_page_size ();
  guint8 *page = mmap (NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  Secret *secret;

  if (page == MAP_FAILED)
    return NULL;
  if (mlock (page, size) != 0 || madvise (page, size, MADV_DONTDUMP) != 0 || madvise (page, size, MADV_WIPEONFORK) != 0)
    {
      munmap (page, size);
      return NULL;
    }

  secret = g_new0 (Secret, 1);
  secret->bytes = page;
  return secret;
}

void
secret_free (Secret *secret)
{
  explicit_bzero (secret->bytes, get_page_size ());
  munmap (secret->bytes, get_page_size ());
  g_free (secret);
}
