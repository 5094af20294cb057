/* The PKCS#11 libraries that are registered with p11-kit (pkcs11.conf(5)): files NAME.module in its folders, of lines
 * "key: value". They are read here because p11-kit itself would load every one of them into this process. */
#pragma once

#include "model/module.h"

/* Adds to PROFILES (ModuleProfile) those that none of them names yet, but for p11-kit's own: those show no token. */
void registry_add_modules (GPtrArray *profiles);
