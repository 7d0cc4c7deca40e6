/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef ATTRIBUTE_BINARY_DEBUG_FILE_H
#define ATTRIBUTE_BINARY_DEBUG_FILE_H

#include "elf/image.h"

/*
 * The separate debug file of IMAGE, as gdb finds it: by build id below /usr/lib/debug, else the one
 * .gnu_debuglink names if its checksum is right. NULL when there is none. The caller closes it.
 */
struct image *binary_find_debug_file(const struct image *image);

#endif
