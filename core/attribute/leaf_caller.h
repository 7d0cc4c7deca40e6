/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The caller that frame pointers do not know. Where a function has no frame, or not yet, or no
 * longer, the frame pointer is its caller's, and the chain goes on with the caller's caller: so
 * with memmove, memeqbody and other leaves in assembly, and at the beginning and the end of every
 * function.
 */
#ifndef ATTRIBUTE_LEAF_CALLER_H
#define ATTRIBUTE_LEAF_CALLER_H

#include "attribute/unwind.h"

enum { LEAF_CALLERS = 4096, LEAF_PLACES = 1 << 15 };

/* What was found out before. Zero-initialised. */
struct leaf_callers {
	/* By the innermost function and the next frame. */
	struct leaf_caller {
		uint64_t leaf, next;
		uint32_t generation;
		uint64_t caller; /* 0: it cannot be known */
	} known[LEAF_CALLERS];
	/* By the innermost place. */
	struct leaf_place {
		uint64_t pc;
		uint32_t generation;
		enum frame_pointer frame_pointer; /* that of Go code; else FRAME_POINTER_UNKNOWN */
		bool link;			  /* the return address is in LR */
		uint32_t depth;			  /* bytes between SP and the return address */
		uint64_t function;		  /* where the function starts */
		uint16_t in_chain;		  /* recorded_chain_innermost() */
	} places[LEAF_PLACES];
};

/* What else a recording has of the place, as far as it has it. */
struct leaf_evidence {
	const struct unwind_machine *machine;
	struct cfi_registers registers;
	const uint8_t *stack; /* from the stack pointer on */
	uint64_t stack_size;
};

/*
 * The innermost place in user space of a recorded chain of COUNT entries, which is at *AT_RET; NULL
 * when there is none.
 */
const struct leaf_place *leaf_caller_place(struct leaf_callers *callers, struct unwind_codes *codes,
					   const struct maps *maps, uint8_t cpumode,
					   const uint64_t *entries, size_t count, size_t *at_ret);

/* Whether the chain is wrong about its caller. */
bool leaf_caller_wrong(const struct leaf_place *place);

/*
 * Puts it right in the CHAIN: exactly where EVIDENCE has the return address, else where it can be
 * inferred; that is the function that the next frame has called, if its code leaves one call to the
 * innermost one. The chain says that it is inferred. Returns whether the chain is now without a gap
 * there.
 */
bool leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, const struct leaf_evidence *evidence, size_t at,
			 struct made_stack *chain);

#endif
