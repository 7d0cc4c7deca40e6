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

enum { LEAF_CALLERS = 4096 };

/* Callers that were inferred before, or not, by the innermost function and the next frame.
 * Zero-initialised. */
struct leaf_callers {
	struct leaf_caller {
		uint64_t leaf, next;
		uint32_t generation;
		uint64_t caller; /* 0: it cannot be known */
	} known[LEAF_CALLERS];
};

/*
 * Puts the caller of the innermost Go function into a CHAIN that was recorded by frame pointers, if
 * it is missing. With WINDOW, which has the top of the stack, it is what is there; without, it is
 * the function that the next frame has called, if its code leaves one call to the innermost one:
 * then the chain says that it is inferred.
 */
void leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode,
			 const struct unwind_window *window, struct made_stack *chain);

/*
 * Whether there may be a caller to restore: the innermost place in user space is Go's, and another
 * frame follows it. For a recorded chain of COUNT entries.
 */
bool leaf_caller_missing(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			 const uint64_t *entries, size_t count);

#endif
