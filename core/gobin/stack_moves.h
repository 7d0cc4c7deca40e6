/* SPDX-License-Identifier: GPL-2.0-only */
/* Code that moves the stack pointer unnoticed by Go's assembler. */
#ifndef GOBIN_STACK_MOVES_H
#define GOBIN_STACK_MOVES_H

#include <stdbool.h>

#include "gobin/internal.h"

/*
 * Whether a function of arm64 moves SP where its pcsp table says that it does not: in assembly by
 * hand, MOVD.W R30, -16(RSP) and its like (cmd/internal/obj/arm64/obj7.go, preprocess(), looks at
 * ADD and SUB only).
 */
bool stack_moves_unnoticed(const struct gobin *go, const struct function *function,
			   uint64_t address, uint64_t key);

#endif
