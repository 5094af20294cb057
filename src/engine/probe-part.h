/* The parts of a probe. One that reads files does so step by step, each of which takes a few milliseconds at most; the
 * one on the bus asks and is called back. For probe.c alone. */
#pragma once

#include <gio/gio.h>

#include "model/diagnosis.h"

typedef struct
{
  gpointer (*begin) (void);
  /* Goes on, and fills in what it knows by then. FALSE: that was all. */
  gboolean (*step) (gpointer part, DiagnosisFacts *facts);
  void (*end) (gpointer part);
} ProbePart;

extern const ProbePart probe_part_usb;     /* devices and their drivers */
extern const ProbePart probe_part_service; /* pcscd, and the processes connected to it */
extern const ProbePart probe_part_ports;   /* services of vendors on this machine */

typedef struct _ProbeBus ProbeBus;

/* Asks the session bus about the tray and the notifications. DONE is called once, later; FACTS are filled in until
 * then, and not touched any more after probe_bus_free (). */
ProbeBus *probe_bus_new (DiagnosisFacts *facts, void (*done) (gpointer data), gpointer data);
void probe_bus_free (ProbeBus *bus);

/* The inode of the socket at the other end of the connected UNIX socket INODE of this network namespace; 0 when there
 * is none any more, PROBE_PEERS_NOT_TOLD when the kernel does not tell. FD: from probe_peers_open (), or -1. */
#define PROBE_PEERS_NOT_TOLD G_MAXUINT64
int probe_peers_open (void);
guint64 probe_peers_find (int fd, guint64 inode);

/* The user whose socket INODE is. */
guint32 probe_peers_get_user (int fd, guint64 inode);

/* Why FAILURE (of file_read ()) leaves something unknown. */
DiagnosisReason probe_part_explain (const GError *failure);
