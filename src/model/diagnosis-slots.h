/* What the parts of the diagnosis ask of the readers and the tokens in them, and say of them in the same words. */
#pragma once

#include "diagnosis.h"

const Slot *diagnosis_slots_get (const View *view, guint i);
const TokenView *diagnosis_slots_get_token (const View *view, guint i);

/* How many tokens are inserted, known or not. */
guint diagnosis_slots_count (const View *view);

/* The first slot that has failed so, or NULL. */
const Slot *diagnosis_slots_find_failure (const View *view, ErrorCode failure);

/* Of the reader, clean and not long. (transfer full) */
char *diagnosis_slots_name (const Slot *slot);

/* Why SLOT has failed, as a problem that is gone when the token has been inserted again. */
void diagnosis_slots_say_failure (DiagnosisRow *row, const Slot *slot);

/* What is in the way of knowing more of a token than is known. */
const char *diagnosis_slots_explain (const View *view);

/* TRUE, and WHAT is left open, where no token has been read: then there is nothing above the reader to look at. */
gboolean diagnosis_slots_leave_unread (DiagnosisRow *row, const View *view, const char *what);

/* The profile of who issued TOKEN's certificate, or NULL. */
const Issuer *diagnosis_slots_find_issuer (const View *view, const TokenView *token);

/* TEXT about TOKEN; which one it is, is said where there are more. (transfer full) */
char *diagnosis_slots_name_token (const View *view, const TokenView *token, const char *text);

/* The first finding of KIND, or NULL. */
const FindingView *diagnosis_slots_find_finding (const View *view, FindingKind kind);
