/* USB devices as the kernel tells of them: which are plugged in, and that one came or went. No device is opened, and
 * nothing is asked while nothing happens. */
#pragma once

#include <glib.h>

typedef struct _Usb Usb;

/* CHANGED is called when a USB device came or went, or may have, and once more a moment later: what the kernel and the
 * device's own software make of it takes a moment too. */
Usb *usb_new (void (*changed) (gpointer data), gpointer data) G_GNUC_WARN_UNUSED_RESULT;
void usb_free (Usb *usb);

/* Whether a device is plugged in whose vendor, "055c", or vendor and product, "055c:e618", are among IDS. FALSE too
 * where the kernel does not tell. */
gboolean usb_has_device (const char *const *ids);
