/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef GOBIN_KEPT_STACK_H
#define GOBIN_KEPT_STACK_H

#include <stdbool.h>
#include <stdint.h>

#include "gobin/gobin.h"

/*
 * Whether a call of asmcgocall, which begins at START, that returns to ADDRESS was made on the
 * stack asmcgocall itself was called on: it does not change it on g0 and gsignal. SP_RET: where
 * from SP on it has kept its own; DEPTH_RET: the bytes between that and the return address (amd64),
 * or CFA.
 */
bool gobin_kept_stack(const struct gobin *go, const struct image *image, uint64_t start,
		      uint64_t address, int32_t *sp_ret, int32_t *depth_ret);

#endif
