/* SPDX-License-Identifier: GPL-2.0-only */
/* Direct calls in the code of a Go binary. */
#ifndef GOBIN_CALLS_H
#define GOBIN_CALLS_H

#include <stdbool.h>
#include <stdint.h>

#include "gobin/gobin.h"

/* Where the direct call goes that returns to ADDRESS; false when it is none. */
bool gobin_call_before(const struct image *image, uint64_t address, uint64_t *target_ret);

/* Whether a call, direct or not, ends before ADDRESS. */
bool gobin_returns_to(const struct image *image, uint64_t address);

/*
 * Where the only direct call in the function that starts at FUNCTION returns to that leads to
 * TARGET, be it by a jump at the end of another function, as runtime.memequal's to memeqbody. False
 * when there is none, or there are several.
 */
bool gobin_only_call(const struct gobin *go, const struct image *image, uint64_t function,
		     uint64_t target, uint64_t *return_ret);

#endif
