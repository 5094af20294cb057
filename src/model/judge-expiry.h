/* The part of the judgement that is about the dates of certificates, those of the tokens that are here and those that
 * are remembered, and about when a person is reminded. */
#pragma once

#include "judge.h"

/* Adds what there is to say to JUDGEMENT, and lowers its next moment. */
void judge_expiry (Judgement *judgement, const World *world, Memory *memory);

/* Which of the reminders in JUDGEMENT are due: not said yet, or put off until now, and no quiet hour. */
void judge_expiry_set_due (Judgement *judgement, const Memory *memory);
