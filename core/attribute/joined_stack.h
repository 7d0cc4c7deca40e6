/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stack that was recorded twice: as a dump, which is exact as far as it reaches, and as a chain
 * of frame pointers, which reaches further but misses callers.
 */
#ifndef ATTRIBUTE_JOINED_STACK_H
#define ATTRIBUTE_JOINED_STACK_H

#include "attribute/recorded_chain.h"
#include "attribute/unwind.h"

struct joined_stack {
	struct chain_places *places;
	struct unwind_context unwinding;       /* of the dump */
	const struct cfi_registers *registers; /* of the place itself */
};

/*
 * Puts what the CHAIN knows behind the COUNT callers in UNWOUND, which are the last entries of
 * MADE. The chain has the place itself first, and holds. Returns how the stack then ends;
 * UNWIND_GOES_ON, and leaves it, where the two do not meet for sure behind the last of the callers:
 * the chain then misses what the dump knows, and maybe more. Where a frame's return address lies on
 * the stack tells which frame it is; without a frame pointer values do so, where they are there but
 * once.
 */
enum unwind_end joined_stack_go_on(const struct joined_stack *joined, const struct unwound *unwound,
				   size_t count, const struct recorded_chain *chain,
				   struct made_stack *made);

#endif
