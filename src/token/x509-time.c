#include "x509-time.h"

#include <time.h>

#include "model/certificate.h"

/* OpenSSL knows both kinds, the years 1950 to 2049 of the short one and the lengths of months. */
gint64
x509_time_get (const ASN1_TIME *time)
{
  struct tm tm = { 0 };

  if (time == NULL || !ASN1_TIME_to_tm (time, &tm))
    return CERTIFICATE_TIME_UNKNOWN;
  return timegm (&tm);
}
