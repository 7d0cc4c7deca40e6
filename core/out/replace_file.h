/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OUT_REPLACE_FILE_H
#define OUT_REPLACE_FILE_H

#include <stddef.h>

#include "base/error.h"

/*
 * Makes PATH a file of these bytes: the old one, if any, is there until the new one is whole, and
 * no signal that ends the program leaves a part behind. What is no regular file, as a terminal or
 * /dev/null, is written to.
 */
struct perfgo_error *replace_file(const char *path, const void *bytes, size_t size);

#endif
