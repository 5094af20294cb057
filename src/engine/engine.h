/* The program: events from workers → world → judgement → view, in one main loop that never waits. The tray, the window
 * and the command line own one Engine each process and show what it says. */
#pragma once

#include <glib-object.h>

#include "model/view.h"
#include "store.h"

#define ENGINE_TYPE (engine_get_type ())
G_DECLARE_FINAL_TYPE (Engine, engine, ASSISTANT, ENGINE, GObject)

/* Signal "changed" (): engine_get_view () says something new. */
Engine *engine_new (void);

/* By which rules the view is judged from now on; RULES_DEFAULT until then. Of the issuers and of when the program was
 * built the engine knows itself. */
void engine_set_rules (Engine *engine, const Rules *rules);

/* Begins to watch; without it the view stays empty. */
void engine_start (Engine *engine);

/* From now on what is remembered is kept in STORE (taken), and certificates are reminded of whose token is away. */
void engine_set_store (Engine *engine, Store *store);

/* The reminder ID (of a finding) has been shown; it is to come again tomorrow; the certificates that were seen are to
 * be forgotten. */
void engine_remind_done (Engine *engine, const char *id);
void engine_remind_tomorrow (Engine *engine, const char *id);
void engine_forget (Engine *engine);

/* Where a token is. */
typedef struct
{
  char *reader; /* the key of its slot; of a reader of the service what that calls it */
  guint generation;
  const ModuleProfile *module; /* the vendor library that shows it, or NULL */
  const char *library;         /* … its file */
} EnginePlace;

/* Where the token with this fingerprint (token_make_fingerprint ()) is now, read as a whole. PLACE->reader is the
 * caller's, the rest the engine's. FALSE when it is nowhere. */
gboolean engine_find_token (Engine *engine, const char *fingerprint, EnginePlace *place);

/* Vendor libraries that failed too often may try again. */
void engine_retry_modules (Engine *engine);

/* Asks the issuer of the certificate with this fingerprint, on a token that is inserted, over the network whether it
 * has revoked it; the view tells what came of it. Only when a person wants it. */
void engine_ask_revocation (Engine *engine, const char *sha256);

/* A PIN was at work on what is in READER: TOKEN is how it is now; NULL: it has to be read again. */
void engine_refresh_token (Engine *engine, const char *reader, guint generation, Token *token);

/* The newest view, never NULL; owned by the engine until it changes. */
View *engine_get_view (Engine *engine);
