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

/* The return address that is on the stack. */
static bool read_caller(const struct unwind_window *window, const struct unwind_code *leaf,
			uint64_t *ret)
{
	uint64_t depth = (uint64_t)leaf->depth;
	if (window->size < sizeof(*ret) || depth > window->size - sizeof(*ret))
		return false;
	memcpy(ret, window->bytes + depth, sizeof(*ret));
	return true;
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

/* The same, looked up before; 0 where it cannot be known. */
static uint64_t inferred_caller(struct leaf_callers *callers, struct unwind_codes *codes,
				const struct maps *maps, uint64_t leaf_pc, uint64_t next_pc)
{
	struct unwind_code leaf = *unwind_codes_find(codes, maps, leaf_pc, false);
	uint64_t hash = hash_word(hash_word(maps->generation, leaf.function), next_pc);
	struct leaf_caller *known = &callers->known[hash_fold(hash) % LEAF_CALLERS];
	if (known->leaf == leaf.function && known->next == next_pc &&
	    known->generation == maps->generation)
		return known->caller;
	*known = (struct leaf_caller){leaf.function, next_pc, maps->generation, 0};
	struct unwind_code next = *unwind_codes_find(codes, maps, next_pc, true);
	if (!infer_caller(&leaf, &next, next_pc, &known->caller))
		known->caller = 0;
	return known->caller;
}

bool leaf_caller_missing(struct unwind_codes *codes, const struct maps *maps, uint8_t cpumode,
			 const uint64_t *entries, size_t count)
{
	size_t at = find_leaf(entries, count, cpumode);
	if (at + 1 >= count)
		return false;
	const struct unwind_code *code = unwind_codes_find(codes, maps, entries[at], false);
	return code->kind == UNWIND_CODE_GO && !code->depth;
}

void leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, uint8_t cpumode,
			 const struct unwind_window *window, struct made_stack *chain)
{
	size_t at = find_leaf(chain->entries, chain->count, cpumode);
	uint64_t caller, leaf_pc = chain->entries[at], next = chain->entries[at + 1];
	const struct unwind_code *leaf = unwind_codes_find(codes, maps, leaf_pc, false);
	if (window && read_caller(window, leaf, &caller)) {
		if (caller != next && unwind_codes_find(codes, maps, caller, true)->binary)
			insert(chain, at + 1, caller);
		return;
	}
	caller = inferred_caller(callers, codes, maps, leaf_pc, next);
	if (!caller)
		return;
	insert(chain, at + 1, caller);
	chain->inferred = (uint32_t)at + 1;
}
