/* PC/SC: the one file that talks to the smart card service for reading tokens, and the table that turns its return
 * codes into our errors. Lives in a worker; every call may block for ever, the engine's deadline is outside. */
#pragma once

#include <winscard.h>

#include "channel.h"

/* Whether the smart card service is installed: its program is in one of its usual places, or its socket is there. */
gboolean pcsc_is_installed (void);

/* Whether somebody answers at its socket, be it only to hang up. */
gboolean pcsc_is_listening (void);

/* What the return code RV means. WHILE_TALKING: it came from a call that moves data to or from a token, where
 * SCARD_E_INVALID_VALUE and friends mean that the reader was unplugged. */
ErrorCode pcsc_error_from_code (LONG rv, gboolean while_talking);

/* Sets ERROR from RV; returns RV == SCARD_S_SUCCESS. */
gboolean pcsc_check (LONG rv, gboolean while_talking, GError **error);

/* An open transaction on the token in one reader: service context, shared connection, transaction. The token is
 * borrowed: closing ends the transaction, leaves the card as it is and gives everything back. */
typedef struct _PcscGuard PcscGuard;

typedef enum
{
  PCSC_STEP_SERVICE, /* about to ask for the service */
  PCSC_STEP_FREE,    /* no other program is connected to the token … */
  PCSC_STEP_IN_USE,  /* … or there is one, and the next step may block for long */
  PCSC_STEP_CONNECT, /* about to connect and begin: blocks while another program holds the token */
  PCSC_STEP_OPEN     /* the token is ours */
} PcscStep;

/* Opens READER. STEP, if not NULL, is called before each step that may hang, and when it is known whether others are at
 * the token already. */
PcscGuard *pcsc_guard_open (const char *reader, void (*step) (PcscStep step), GError **error) G_GNUC_WARN_UNUSED_RESULT;
void pcsc_guard_close (PcscGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PcscGuard, pcsc_guard_close)

/* The token is to be reset when GUARD is closed, before anybody else can talk to it: what was verified is forgotten. */
void pcsc_guard_want_reset (PcscGuard *guard);

/* The conversation over it; owned by the guard. */
Channel *pcsc_guard_get_channel (PcscGuard *guard);

/* In the LENGTH bytes that a reader answers to CM_IOCTL_GET_FEATURE_REQUEST: the control code of FEATURE, or 0 (PC/SC
 * part 10 section 2.2: tag, length 4, code in big-endian order). */
guint32 pcsc_find_feature (const guint8 *list, gsize length, guint8 feature);

/* In those that it answers to FEATURE_GET_TLV_PROPERTIES: the number PROPERTY, or 0 (section 2.6.14: tag, length, value
 * in little-endian order). */
guint32 pcsc_find_property (const guint8 *list, gsize length, guint8 property);
