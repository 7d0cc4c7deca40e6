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

enum { LEAF_CALLERS = 4096, LEAF_PLACES = 8192 };

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
		uint64_t function; /* where its function starts, if it has no frame there; else 0 */
	} places[LEAF_PLACES];
};

/*
 * Whether a caller is missing in a recorded chain of COUNT entries: the innermost place in user
 * space is Go code without a frame, and another frame follows it.
 */
bool leaf_caller_missing(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode, const uint64_t *entries,
			 size_t count);

/*
 * Puts it into the CHAIN, where it can be inferred: the function that the next frame has called, if
 * its code leaves one call to the innermost one. The chain says that it is inferred.
 */
void leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode, struct made_stack *chain);

#endif
