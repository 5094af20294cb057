#include "softskf.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *
store_get_folder (void)
{
  const char *folder = getenv ("SOFTSKF_DIR");

  return folder != NULL ? folder : "/nonexistent";
}

bool
store_make_path (char *path, const char *folder, const char *name)
{
  return name[0] != '\0' && name[0] != '.' && strchr (name, '/') == NULL
         && snprintf (path, STORE_PATH, "%s/%s", folder, name) < STORE_PATH;
}

bool
store_is_folder (const char *path)
{
  struct stat file;

  return stat (path, &file) == 0 && S_ISDIR (file.st_mode);
}

void
store_for_each (const char *folder, void (*visit) (const char *name, void *data), void *data)
{
  struct dirent **entries;
  int n = scandir (folder, &entries, NULL, alphasort);

  for (int i = 0; i < n; i++)
    {
      char path[STORE_PATH];

      if (store_make_path (path, folder, entries[i]->d_name) && store_is_folder (path))
        visit (entries[i]->d_name, data);
      free (entries[i]);
    }
  if (n >= 0)
    free (entries);
}

static FILE *
open_file (const char *folder, const char *name, const char *mode)
{
  char path[STORE_PATH];

  return store_make_path (path, folder, name) ? fopen (path, mode) : NULL;
}

long
store_read (const char *folder, const char *name, void *bytes, size_t size)
{
  FILE *file = open_file (folder, name, "re");
  long n;

  if (file == NULL)
    return -1;
  n = (long) fread (bytes, 1, size, file);
  fclose (file);
  return n;
}

bool
store_read_pin (const char *application, const char *name, StorePin *pin)
{
  FILE *file = open_file (application, name, "re");
  int n = 0;

  if (file == NULL)
    return false;
  n = fscanf (file, "%63s %u %u %u", pin->value, &pin->left, &pin->max, &pin->is_default);
  fclose (file);
  return n == 4;
}

void
store_write_pin (const char *application, const char *name, const StorePin *pin)
{
  FILE *file = open_file (application, name, "we");

  if (file == NULL)
    return;
  fprintf (file, "%s %u %u %u\n", pin->value, pin->left, pin->max, pin->is_default);
  fclose (file);
}
