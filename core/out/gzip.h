/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef OUT_GZIP_H
#define OUT_GZIP_H

#include <stddef.h>

/* BYTES as a gzip file, to be freed with free(); NULL without memory. */
void *gzip(const void *bytes, size_t size, size_t *size_ret);

#endif
