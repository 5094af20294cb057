/* A shared library before it is loaded, and what came with it. */
#pragma once

#include <stdbool.h>

#include "wire.h"

/* Whether the file PATH may be loaded: 0, or why not. It belongs to root and nobody else can write it, nor its folder;
 * or it is the user's own choice (OWN), then it may be the user's as well. It is an ELF library for this machine. */
WireRefusal library_check (const char *path, bool own);

/* Whether what has been loaded into this process speaks with the smart card service, or would as soon as it begins:
 * libpcsclite is there, or a loaded library has its name in it. */
bool library_uses_pcsc (void);
