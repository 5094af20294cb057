/* The rows of the diagnosis about what was read from the tokens: certificates, whom they name, their time, the PIN. */
#pragma once

#include "diagnosis.h"

void diagnosis_certificate_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view);
