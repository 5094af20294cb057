/* The clipboard. What is put there stays until another program puts something else there or this one ends; nothing
 * secret ever goes there. */
#pragma once

void clipboard_set_text (const char *text);
