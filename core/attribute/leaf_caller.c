// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/leaf_caller.h"

#include <string.h>

#include "base/hash.h"
#include "gobin/calls.h"

/* Where the innermost place in user space is in the chain; its count when there is none. */
static size_t find_leaf(const uint64_t *entries, size_t count, uint8_t cpumode)
{
	bool user = cpumode == PERF_RECORD_MISC_USER;
	for (size_t i = 0; i < count; i++) {
		if (entries[i] == PERF_CONTEXT_USER)
			user = true;
		else if (user)
			return i;
	}
	return count;
}

static void insert(struct made_stack *chain, size_t at, uint64_t entry)
{
	if (chain->count == chain->max)
		chain->count--;
	memmove(chain->entries + at + 1, chain->entries + at,
		(chain->count - at) * sizeof(*chain->entries));
	chain->entries[at] = entry;
	chain->count++;
}

/*
 * The only place from which it can have been called: NEXT returns behind a direct call of a
 * function, and that calls the innermost one once.
 */
static bool infer_caller(const struct unwind_code *leaf, const struct unwind_code *next,
			 uint64_t next_pc, uint64_t *ret)
{
	uint64_t caller, returns;
	if (next->binary != leaf->binary || next->kind == UNWIND_CODE_UNKNOWN)
		return false;
	const struct image *image = binary_image(leaf->binary);
	if (!gobin_call_before(image, next->address + 1, &caller) || caller == leaf->function ||
	    !gobin_only_call(binary_go(leaf->binary), image, caller, leaf->function, &returns))
		return false;
	/* Both lie in one binary, so they are as far apart as there. */
	*ret = next_pc + (returns - (next->address + 1));
	return true;
}

/* Where the function of a place starts, if it is Go's and has no frame there; else 0. */
static uint64_t frameless_function(struct leaf_callers *callers, struct unwind_codes *codes,
				   const struct maps *maps, uint64_t pc)
{
	uint64_t hash = hash_word(maps->generation, pc);
	struct leaf_place *place = &callers->places[hash_fold(hash) % LEAF_PLACES];
	if (place->pc != pc || place->generation != maps->generation) {
		const struct unwind_code *code = unwind_codes_find(codes, maps, pc, false);
		bool frameless = code->kind == UNWIND_CODE_GO && !code->depth && code->function;
		*place = (struct leaf_place){pc, maps->generation,
					     frameless ? pc - (code->address - code->function) : 0};
	}
	return place->function;
}

/* The caller at a place in FUNCTION, looked up before; 0 where it cannot be known. */
static uint64_t inferred_caller(struct leaf_callers *callers, struct unwind_codes *codes,
				const struct maps *maps, uint64_t function, uint64_t pc,
				uint64_t next_pc)
{
	uint64_t hash = hash_word(hash_word(maps->generation, function), next_pc);
	struct leaf_caller *known = &callers->known[hash_fold(hash) % LEAF_CALLERS];
	if (known->leaf == function && known->next == next_pc &&
	    known->generation == maps->generation)
		return known->caller;
	*known = (struct leaf_caller){function, next_pc, maps->generation, 0};
	struct unwind_code leaf = *unwind_codes_find(codes, maps, pc, false);
	struct unwind_code next = *unwind_codes_find(codes, maps, next_pc, true);
	if (!infer_caller(&leaf, &next, next_pc, &known->caller))
		known->caller = 0;
	return known->caller;
}

bool leaf_caller_missing(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode, const uint64_t *entries,
			 size_t count)
{
	size_t at = find_leaf(entries, count, cpumode);
	return at + 1 < count && frameless_function(callers, codes, maps, entries[at]);
}

void leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode, struct made_stack *chain)
{
	size_t at = find_leaf(chain->entries, chain->count, cpumode);
	uint64_t pc = chain->entries[at];
	uint64_t function = frameless_function(callers, codes, maps, pc);
	uint64_t caller =
		inferred_caller(callers, codes, maps, function, pc, chain->entries[at + 1]);
	if (!caller)
		return;
	insert(chain, at + 1, caller);
	chain->inferred = (uint32_t)at + 1;
}
