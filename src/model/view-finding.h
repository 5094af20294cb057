/* What is wrong, in sentences: the part of the view about findings, and what of them is said unasked. */
#pragma once

#include "view.h"

/* About what is in WHOLE, whose tokens are there already. (transfer full) */
FindingView *view_finding_build (const View *whole, const Finding *finding);
void view_finding_free (FindingView *view);

/* Fills the notices of VIEW from its tokens and findings. */
void view_finding_add_notices (View *view);
void view_finding_free_notice (Notice *notice);
