/* SPDX-License-Identifier: GPL-2.0-only */
/* Callers of Go code by pclntab's stack depths (pcsp), without DWARF or frame pointers. */
#ifndef GOBIN_UNWIND_H
#define GOBIN_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gobin/gobin.h"

enum {
	UNWIND_FUNCTION_TOP = 1,
	UNWIND_FUNCTION_SPWRITE = 2,
	UNWIND_FUNCTION_ASM = 4
}; /* abi.FuncFlag */

/* How a Go function's frame lies at one of its instructions. */
struct unwind_rule {
	int32_t depth;	    /* bytes between SP and the return address (amd64), or CFA (arm64) */
	uint8_t flags;	    /* UNWIND_FUNCTION_*; SPWRITE has flag bits only from 1.17 on */
	bool link_register; /* arm64: the return address is still in LR */
};

/* False where pclntab does not say: no Go code, padding, a table that ends before. */
bool gobin_unwind_rule(const struct gobin *go, uint64_t address, struct unwind_rule *ret);

#endif
