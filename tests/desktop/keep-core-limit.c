/* For LD_PRELOAD: a program that takes the core files away from itself keeps them, so that a test can look into one. Built
 * as the programs are, it has the name that they call, setrlimit or setrlimit64. */
#include <stddef.h>
#include <sys/resource.h>

int
setrlimit (__rlimit_resource_t resource, const struct rlimit *limit)
{
  return resource == RLIMIT_CORE ? 0 : prlimit (0, resource, limit, NULL);
}
