/* What one place on a token turned out to hold, as every driver says it to itself. */
#pragma once

typedef enum
{
  FOUND_NOTHING, /* it is not there, or empty */
  FOUND_REFUSED,
  FOUND_SOMETHING,
  FOUND_RUBBISH
} Found;
