/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How far a callchain by frame pointers holds. The kernel follows the frame pointer wherever it
 * leads: below the function that began the thread or the goroutine into what was there before, and
 * through C code without frame pointers to whatever C has in that register.
 */
#ifndef ATTRIBUTE_RECORDED_CHAIN_H
#define ATTRIBUTE_RECORDED_CHAIN_H

#include "attribute/goroutine_stack.h"
#include "attribute/unwind_code.h"

enum { CHAIN_PLACES = 1 << 15, RECENT_CHAINS = 256, RECENT_ENTRIES = 128 };

/* What was found out before about places in chains, and about chains. Zero-initialised. */
struct chain_places {
	struct chain_place {
		uint64_t pc;
		uint32_t generation;
		uint16_t flags;
		bool caller; /* a return address */
	} places[CHAIN_PLACES];
	/* Chains that held and ended in a root, by their outermost entries: the next one is alike.
	 */
	struct recent_chain {
		uint32_t generation;
		uint32_t count;
		uint64_t entries[RECENT_ENTRIES];
	} recent[RECENT_CHAINS];
};

/* Why it holds no further. */
enum chain_end {
	CHAIN_HOLDS, /* to its end */
	CHAIN_ROOT,  /* nobody called the last entry that holds */
	CHAIN_LEFT,  /* the last entry has left a goroutine's stack, which does not follow */
	CHAIN_LOST,  /* the next entry is no return address: C code had other uses for the register
		      */
};

/* A chain as recorded, in which the first COUNT entries hold. */
struct recorded_chain {
	const uint64_t *entries;
	size_t count;
	uint8_t cpumode;    /* of the sample */
	uint16_t innermost; /* recorded_chain_innermost() of it, where that is known; else 0 */
	enum chain_end end;
	bool artefacts; /* some of them are no callers */
};

/* What the code of the innermost place in user space means for a chain; not 0. */
uint16_t recorded_chain_innermost(const struct unwind_code *code);

/*
 * Shortens CHAIN to what holds. GO: the process is known to run Go, else that is seen by the chain.
 */
void recorded_chain_check(struct chain_places *places, struct unwind_codes *codes,
			  const struct maps *maps, bool go, struct recorded_chain *chain);

/* Puts its entries but for artefacts, from number FROM on, behind those of TO. */
void recorded_chain_append(struct chain_places *places, struct unwind_codes *codes,
			   const struct maps *maps, const struct recorded_chain *chain, size_t from,
			   struct made_stack *to);

#endif
