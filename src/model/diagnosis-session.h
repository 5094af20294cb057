/* The rows of the diagnosis around the token: who else is at it, what the desktop shows, and the clock. */
#pragma once

#include "diagnosis.h"

void diagnosis_session_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view);
