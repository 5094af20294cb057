#include "usb.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES     "/sys/bus/usb/devices"
#define MAX_DEVICES 1024
#define DIGITS      4
#define MAX_EVENT   4096
#define SECOND_MS   1500

struct _Usb
{
  void (*changed) (gpointer data);
  gpointer data;
  int fd; /* or -1 */
  guint source;
  guint second; /* source, or 0 */
};

/* Four hexadecimal digits in the file NAME of the device ENTRY, or NULL. */
static char *
read_number (const char *entry, const char *name)
{
  g_autofree char *path = g_build_filename (DEVICES, entry, name, NULL);
  g_autofree char *text = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL) || strlen (text) < DIGITS)
    return NULL;
  return g_strndup (text, DIGITS);
}

static gboolean
is_among (const char *const *ids, const char *vendor, const char *product)
{
  for (; *ids; ids++)
    if (g_ascii_strncasecmp (*ids, vendor, DIGITS) == 0
        && ((*ids)[DIGITS] == '\0' || g_ascii_strcasecmp (*ids + DIGITS + 1, product) == 0))
      return TRUE;
  return FALSE;
}

gboolean
usb_has_device (const char *const *ids)
{
  g_autoptr (GDir) dir = g_dir_open (DEVICES, 0, NULL);
  const char *entry;

  for (guint i = 0; dir && i < MAX_DEVICES && (entry = g_dir_read_name (dir)); i++)
    {
      g_autofree char *vendor = read_number (entry, "idVendor");
      g_autofree char *product = vendor ? read_number (entry, "idProduct") : NULL;

      if (product && is_among (ids, vendor, product))
        return TRUE;
    }
  return FALSE;
}

/* ---- events ---- */

/* -1 where they are not to be had. */
static int
open_events (void)
{
  struct sockaddr_nl address = { .nl_family = AF_NETLINK, .nl_groups = 1 };
  int fd = socket (AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

  if (fd >= 0 && bind (fd, (struct sockaddr *) &address, sizeof address) != 0)
    {
      close (fd);
      return -1;
    }
  return fd;
}

/* "add@/devices/pci0000:00/…/usb1/1-2" */
static gboolean
is_of_usb (const char *event)
{
  return (g_str_has_prefix (event, "add@") || g_str_has_prefix (event, "remove@")) && strstr (event, "/usb") != NULL;
}

/* Takes all that is there to be read. TRUE when a USB device came or went, or may have. */
static gboolean
take_events (int fd)
{
  char event[MAX_EVENT + 1];
  gboolean matters = FALSE;

  for (;;)
    {
      gssize n = recv (fd, event, MAX_EVENT, 0);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != ENOBUFS) /* that: more came than there was room for */
        return matters;
      event[MAX (n, 0)] = '\0';
      matters |= n < 0 || is_of_usb (event);
    }
}

static gboolean
on_second (gpointer data)
{
  Usb *usb = data;

  usb->second = 0;
  usb->changed (usb->data);
  return G_SOURCE_REMOVE;
}

static gboolean
on_event (int fd, GIOCondition condition G_GNUC_UNUSED, gpointer data)
{
  Usb *usb = data;

  if (!take_events (fd))
    return G_SOURCE_CONTINUE;
  g_clear_handle_id (&usb->second, g_source_remove);
  usb->second = g_timeout_add (SECOND_MS, on_second, usb);
  usb->changed (usb->data);
  return G_SOURCE_CONTINUE;
}

Usb *
usb_new (void (*changed) (gpointer data), gpointer data)
{
  Usb *usb = g_new0 (Usb, 1);

  usb->changed = changed;
  usb->data = data;
  usb->fd = open_events ();
  if (usb->fd >= 0)
    usb->source = g_unix_fd_add (usb->fd, G_IO_IN, on_event, usb);
  return usb;
}

void
usb_free (Usb *usb)
{
  g_clear_handle_id (&usb->source, g_source_remove);
  g_clear_handle_id (&usb->second, g_source_remove);
  if (usb->fd >= 0)
    close (usb->fd);
  g_free (usb);
}
