/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GOBIN_STD_PACKAGES_H
#define GOBIN_STD_PACKAGES_H

#include <stdbool.h>

/* Whether an import path is one of the standard library of any release from 1.17 to 1.27. */
bool std_package(const char *path);

/* Whether it is, among these, the runtime or a part of it. */
bool std_package_of_runtime(const char *path);

#endif
