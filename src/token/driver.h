/* What a card family is: read this first when you add one.
 *
 * A driver is one file, src/token/NAME.c, that defines one const Driver named NAME_driver; one word in the list
 * `drivers` of src/token/meson.build, whose order is that of probing but for is_likely (); and one folder of
 * transcripts under tests/cards/.
 *
 * A driver runs in a worker process that reads one insertion of one token and ends, inside one PC/SC transaction. It
 * may block, and it may be killed at any instruction. It has no sentences, no clock, no files and no memory of earlier
 * tokens. Everything that the token says is hostile: walk it with tlv.h, bound it, and let text_clean () have what will
 * be shown. Every APDU goes through session->channel.
 *
 * Reading never verifies a PIN, never writes, and leaves the token as it was found. A PIN is sent by change_pin and
 * unblock alone; its bytes stay on the stack and are wiped, or it is typed at the reader and never comes here. */
#pragma once

#include "channel.h"
#include "model/attempt.h"
#include "model/secret.h"

/* How sure a driver is that a token is of its family. */
typedef enum
{
  PROBE_NO,
  PROBE_MAYBE, /* taken if no driver is sure */
  PROBE_SURE
} Probe;

/* One reading of one token. */
typedef struct _Session Session;
struct _Session
{
  Channel *channel;

  /* Tells the engine what is known so far; TOKEN stays the driver's own. Worth calling when the first certificate and
   * the tries left are known, and after every certificate. */
  void (*report) (Session *session, const Token *token);

  /* A person is about to give a PIN, and the token will be reset: what other programs have verified may end with it.
   * Not for drivers, which leave it in any case. */
  gboolean for_pin;
};

typedef struct
{
  const char *name;

  /* Whether what the ATR says (its historical bytes, untrusted) makes this family likely, so that it is asked before
   * the others: it saves their APDUs and proves nothing. May be NULL. */
  gboolean (*is_likely) (const guint8 *historical, gsize length);

  /* Whether the token in SESSION is of this family: a SELECT or two, no side effect but the selected application. An
   * error of the channel (the token went away) is for the caller to find: PROBE_NO then. */
  Probe (*probe) (Session *session);

  /* All of the token, or NULL with ERROR. Called right after this driver's own probe, with its application selected.
   * One place that cannot be read goes to token->unreadable and hides nothing else; an error for which
   * channel_is_lost () holds ends the reading: a half-read token is never handed on as a whole one. The caller sets
   * the identity and `complete`. */
  Token *(*read) (Session *session, GError **error);

  /* Changes the PIN called REF (of a Pin that read () gave, or "puk" where one of them is unlocked by a PUK) from OLD
   * to NEW; unblocks it with PUK (or with the administrator's PIN, where pin->officer). Both NULL: they are typed at
   * the reader's keypad (channel_send_from_pad ()). What was typed goes to the token once or not at all, so one try at
   * most is at stake. Called after read (), with the application selected. TRUE when the token answered: ATTEMPT has
   * its failure, status and tries_left then. FALSE with ERROR when it did not, or when nothing was sent because it
   * could only be refused. May be NULL where the family cannot do it. */
  gboolean (*change_pin) (Session *session,
                          const char *ref,
                          const Secret *old,
                          const Secret *new,
                          Attempt *attempt,
                          GError **error);
  gboolean (*unblock) (Session *session,
                       const char *ref,
                       const Secret *puk,
                       const Secret *new,
                       Attempt *attempt,
                       GError **error);
} Driver;

/* The drivers in their order, ended by NULL; made by meson from its list. */
extern const Driver *const drivers[];
