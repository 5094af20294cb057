/* print-calendar END HOLDER ORGANIZATION   Prints the calendar entry of a certificate that ends at END (seconds since
 * 1970). */
#include "model/calendar.h"

#include <locale.h>
#include <stdio.h>

#include "sample.h"

int
main (int argc, char **argv)
{
  g_autoptr (Certificate) certificate = NULL;
  g_autofree char *calendar = NULL;

  setlocale (LC_ALL, "");
  if (argc != 4)
    return 2;
  certificate = sample_certificate ("9a", 1, 0, g_ascii_strtoll (argv[1], NULL, 10));
  calendar = calendar_build (certificate, argv[2], argv[3], SAMPLE_NOW);
  if (!calendar)
    return 1;
  fputs (calendar, stdout);
  return 0;
}
