/* Questions to a person at the terminal, or to whoever writes lines to our standard input. What is typed goes straight
 * into locked memory and is not shown. */
#pragma once

#include "model/secret.h"

/* Where standard input is a terminal, prints PROMPT there and reads a line without echo; otherwise reads a line. NULL
 * at the end of the input, or when the line is longer than any PIN. */
Secret *terminal_ask_secret (const char *prompt) G_GNUC_WARN_UNUSED_RESULT;

/* The same with echo, for what is no secret. */
Secret *terminal_ask (const char *prompt) G_GNUC_WARN_UNUSED_RESULT;
