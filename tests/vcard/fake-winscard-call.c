#include "fake-winscard-private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_PLANS         64
#define MAX_FUNCTIONS     24
#define FUNCTION_NAME_MAX 32

typedef struct
{
  const char *function;
  int n; /* calls to come until it strikes; 0: every one; negative: over */
  LONG code;
  FakeWinscardHook hook; /* NULL: it is a failure */
  void *data;
} Plan;

static Plan plans[MAX_PLANS];
static size_t n_plans;
static struct
{
  char name[FUNCTION_NAME_MAX];
  unsigned long calls;
} functions[MAX_FUNCTIONS];
static char *text;
static size_t n_text, text_size;
static FakeWinscardHook wait_hook;
static void *wait_data;

void
fake_call_reset (void)
{
  memset (plans, 0, sizeof plans);
  memset (functions, 0, sizeof functions);
  n_plans = 0;
  free (text);
  text = NULL;
  n_text = text_size = 0;
  wait_hook = NULL;
}

static void
add_plan (Plan plan)
{
  if (n_plans == MAX_PLANS)
    abort ();
  plans[n_plans++] = plan;
}

void
fake_winscard_fail (const char *function, int n, LONG code)
{
  add_plan ((Plan){ .function = function, .n = n, .code = code });
}

void
fake_winscard_at (const char *function, int n, FakeWinscardHook hook, void *data)
{
  add_plan ((Plan){ .function = function, .n = n, .hook = hook, .data = data });
}

void
fake_winscard_on_wait (FakeWinscardHook hook, void *data)
{
  wait_hook = hook;
  wait_data = data;
}

void
fake_call_wait (void)
{
  if (wait_hook != NULL)
    wait_hook (wait_data);
}

static unsigned long *
calls_of (const char *function)
{
  size_t i = 0;

  while (i < MAX_FUNCTIONS - 1 && functions[i].name[0] != '\0' && strcmp (functions[i].name, function) != 0)
    i++;
  snprintf (functions[i].name, sizeof functions[i].name, "%s", function);
  return &functions[i].calls;
}

unsigned long
fake_winscard_count (const char *function)
{
  return *calls_of (function);
}

LONG
fake_call_begin (const char *function)
{
  LONG code = SCARD_S_SUCCESS;

  ++*calls_of (function);
  for (size_t i = 0; i < n_plans; i++)
    {
      Plan *plan = &plans[i];

      if (plan->n < 0 || strcmp (plan->function, function) != 0)
        continue;
      if (plan->n > 0)
        {
          if (--plan->n > 0)
            continue;
          plan->n = -1;
        }
      if (plan->hook != NULL)
        plan->hook (plan->data);
      else if (code == SCARD_S_SUCCESS)
        code = plan->code;
    }
  return code;
}

LONG
fake_call_end (const char *function, const char *detail, LONG result)
{
  char line[256];
  int n = snprintf (line, sizeof line, "%s%s%.180s -> %08lX\n", function, detail != NULL ? " " : "",
                    detail != NULL ? detail : "", (unsigned long) result & 0xFFFFFFFF);

  if (n_text + (size_t) n + 1 > text_size)
    {
      text_size = 2 * (n_text + (size_t) n + 1);
      text = realloc (text, text_size);
      if (text == NULL)
        abort ();
    }
  memcpy (text + n_text, line, (size_t) n + 1);
  n_text += (size_t) n;
  return result;
}

const char *
fake_winscard_get_log (void)
{
  return text != NULL ? text : "";
}
