/* SPDX-License-Identifier: GPL-2.0-only */
/* The function that a `go` statement named. */
#ifndef GOBIN_ENTRY_H
#define GOBIN_ENTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "gobin/gobin.h"

/*
 * START is where a goroutine starts (g.startpc). Where that is the wrapper that the compiler makes
 * for `go f(x)`, the function is the one the wrapper calls, unless its code leaves that open: then
 * it is the wrapper. Its file and line are those of its entry, unknown where it is inlined. False
 * where no Go function starts.
 */
bool gobin_entry_function(const struct gobin *go, const struct image *image, uint64_t start,
			  struct gobin_frame *ret);

#endif
