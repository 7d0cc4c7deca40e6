/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A stack that was recorded twice: as a dump, which is exact as far as it reaches, and as a chain
 * of frame pointers, which reaches further but misses callers.
 */
#ifndef ATTRIBUTE_JOINED_STACK_H
#define ATTRIBUTE_JOINED_STACK_H

#include "attribute/unwind.h"

/* The chain in user space, from the place itself on, as far as it holds. */
struct frame_chain {
	const uint64_t *entries;
	size_t count;
};

/*
 * From which of its entries on, in *FROM_RET, the chain goes on behind the COUNT callers in
 * UNWOUND. REGISTERS are those of the place, WINDOW is its dump. False where the two do not meet
 * for sure behind the last of them: the chain then misses what the dump knows, and maybe more.
 * Where a frame's return address lies on the stack tells which frame it is; without a frame pointer
 * values do so, where they are there but once.
 */
bool joined_stack_meet(const struct unwind_machine *machine, const struct cfi_registers *registers,
		       const struct unwind_window *window, const struct unwound *unwound,
		       size_t count, const struct frame_chain *chain, size_t *from_ret);

#endif
