/* The rows of the diagnosis below the token: the USB device, its driver, and the smart card service. */
#pragma once

#include "diagnosis.h"

void diagnosis_machine_add_rows (Diagnosis *diagnosis, const DiagnosisFacts *facts, const View *view);
