#include "library.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PCSC_NAME "libpcsclite.so"

/* Of the C library's own files it is known what is in them. */
static const char *const plain[] = { "/libc.so.",       "/libdl.so.", "/ld-linux",
                                     "/libpthread.so.", "/libm.so.",  "linux-vdso" };

#if __x86_64__
#define MACHINE EM_X86_64
#elif __aarch64__
#define MACHINE EM_AARCH64
#elif __i386__
#define MACHINE EM_386
#elif __arm__
#define MACHINE EM_ARM
#elif __riscv
#define MACHINE EM_RISCV
#elif __loongarch__
#define MACHINE 258
#elif __mips__
#define MACHINE EM_MIPS
#elif __powerpc64__
#define MACHINE EM_PPC64
#elif __s390__
#define MACHINE EM_S390
#else
#error "which e_machine is this?"
#endif

/* Whether nobody but root, or with OWN the user, could have put FILE there. */
static bool
is_trusted (const struct stat *file, bool own)
{
  bool ours = file->st_uid == 0 || (own && file->st_uid == geteuid ());

  return ours && (file->st_mode & (S_IWOTH | (own ? 0 : S_IWGRP))) == 0;
}

static bool
is_folder_trusted (const char *path, bool own)
{
  char copy[PATH_MAX];
  struct stat folder;

  if (strlen (path) >= sizeof copy)
    return false;
  strcpy (copy, path);
  return stat (dirname (copy), &folder) == 0 && is_trusted (&folder, own);
}

static bool
is_for_this_machine (int fd)
{
  ElfW (Ehdr) header;

  return pread (fd, &header, sizeof header, 0) == sizeof header && memcmp (header.e_ident, ELFMAG, SELFMAG) == 0
         && header.e_ident[EI_CLASS] == (sizeof (void *) == 8 ? ELFCLASS64 : ELFCLASS32) && header.e_type == ET_DYN
         && header.e_machine == MACHINE;
}

WireRefusal
library_check (const char *path, bool own)
{
  char real[PATH_MAX];
  WireRefusal refusal = 0;
  struct stat file;
  int fd;

  if (path[0] != '/' || realpath (path, real) == NULL)
    return WIRE_MISSING;
  fd = open (real, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return errno == EACCES ? WIRE_UNTRUSTED : WIRE_MISSING;
  if (fstat (fd, &file) != 0 || !S_ISREG (file.st_mode))
    refusal = WIRE_MACHINE;
  else if (!is_trusted (&file, own) || !is_folder_trusted (real, own))
    refusal = WIRE_UNTRUSTED;
  else if (!is_for_this_machine (fd))
    refusal = WIRE_MACHINE;
  close (fd);
  return refusal;
}

/* Whether the file of a library names PCSC_NAME, to load it later. */
static bool
names_pcsc (const char *path)
{
  int fd = open (path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat file;
  void *bytes = MAP_FAILED;
  bool found;

  if (fd < 0)
    return false;
  if (fstat (fd, &file) == 0 && S_ISREG (file.st_mode) && file.st_size > 0)
    bytes = mmap (NULL, (size_t) file.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
  close (fd);
  if (bytes == MAP_FAILED)
    return false;
  found = memmem (bytes, (size_t) file.st_size, PCSC_NAME, strlen (PCSC_NAME)) != NULL;
  munmap (bytes, (size_t) file.st_size);
  return found;
}

static int
look (struct dl_phdr_info *object, size_t size, void *found)
{
  const char *path = object->dlpi_name;

  (void) size;
  if (path == NULL || path[0] == '\0') /* this program */
    return 0;
  for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
    if (strstr (path, plain[i]) != NULL)
      return 0;
  *(bool *) found = strstr (path, PCSC_NAME) != NULL || names_pcsc (path);
  return *(bool *) found;
}

bool
library_uses_pcsc (void)
{
  bool found = false;

  dl_iterate_phdr (look, &found);
  return found;
}
