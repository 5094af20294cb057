/* The rows of the diagnosis about the reader and the token in it, as far as its power and its kind. */
#pragma once

#include "diagnosis.h"

void diagnosis_token_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view);
