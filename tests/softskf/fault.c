#include "softskf.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static FILE *
open_switch (const char *name, const char *function)
{
  char path[STORE_PATH];

  snprintf (path, sizeof path, "%s/.faults/%s%s%s", store_get_folder (), name, function != NULL ? "-" : "",
            function != NULL ? function : "");
  return fopen (path, "re");
}

bool
fault_is_on_in (const char *name, const char *function)
{
  FILE *file = open_switch (name, function);

  if (file != NULL)
    fclose (file);
  return file != NULL;
}

bool
fault_is_on (const char *name)
{
  return fault_is_on_in (name, NULL);
}

void
fault_note (const char *text)
{
  char path[STORE_PATH], line[128];
  int fd;

  snprintf (path, sizeof path, "%s/.journal", store_get_folder ());
  fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0)
    return;
  snprintf (line, sizeof line, "%s\n", text);
  if (write (fd, line, strlen (line)) < 0)
    perror (path);
  close (fd);
}

static void
hang (void)
{
  for (;;)
    pause ();
}

/* The code to fail with, as often as the switch says. */
static uint32_t
fail (const char *function)
{
  static unsigned n_failed;
  FILE *file = open_switch ("fail", function);
  unsigned code = 0, times = 0;
  int n;

  if (file == NULL)
    return 0;
  n = fscanf (file, "%x %u", &code, &times);
  fclose (file);
  return n == 1 || (n == 2 && n_failed++ < times) ? code : 0;
}

static void
crash (const char *function)
{
  char path[STORE_PATH], word[8] = "";
  FILE *file = open_switch ("crash", function);

  if (file == NULL)
    return;
  snprintf (path, sizeof path, "%s/.faults/crash-%s", store_get_folder (), function);
  if (fscanf (file, "%7s", word) == 1 && strcmp (word, "once") == 0)
    unlink (path);
  fclose (file);
  raise (SIGSEGV);
}

/* As a vendor's tools share a token: one at a time. */
static void
wait_for_lock (void)
{
  char path[STORE_PATH];
  int fd;

  snprintf (path, sizeof path, "%s/.lock", store_get_folder ());
  fd = open (path, O_RDWR | O_CLOEXEC);
  if (fd < 0)
    return;
  flock (fd, LOCK_EX);
  close (fd);
}

/* A test that hears it has failed. */
static void
talk (const char *function)
{
  printf ("Bail out! %s\n", function);
  fprintf (stderr, "Bail out! %s\n", function);
  fflush (stdout);
}

uint32_t
fault_enter (const char *function)
{
  static bool is_removed;

  fault_note (function);
  if (fault_is_on ("talk"))
    talk (function);
  wait_for_lock ();
  if (fault_is_on_in ("hang", function))
    hang ();
  crash (function);
  is_removed |= fault_is_on_in ("removed", function);
  return is_removed ? SOFTSKF_REMOVED : fail (function);
}

void
fault_write_number (void *cell, uint32_t number)
{
  uint64_t wide = number;

  if (cell == NULL)
    return;
  if (fault_is_on ("wide"))
    memcpy (cell, &wide, sizeof wide);
  else
    memcpy (cell, &number, sizeof number);
}

void
fault_write_bool (void *cell, bool value)
{
  if (fault_is_on ("byte-bool"))
    *(uint8_t *) cell = value;
  else
    fault_write_number (cell, value);
}

uint64_t
fault_read_number (const void *cell)
{
  uint32_t number;
  uint64_t wide;

  memcpy (&number, cell, sizeof number);
  if (!fault_is_on ("wide"))
    return number;
  memcpy (&wide, cell, sizeof wide);
  return wide;
}

static void *
linger (void *nothing)
{
  hang ();
  return nothing;
}

__attribute__ ((constructor)) static void
load (void)
{
  pthread_t thread;

  fault_note ("loaded");
  if (fault_is_on ("crash-load"))
    raise (SIGSEGV);
  if (fault_is_on ("hang-load"))
    hang ();
  if (fault_is_on ("thread"))
    pthread_create (&thread, NULL, linger, NULL);
}
