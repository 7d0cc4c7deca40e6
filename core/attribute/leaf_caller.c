// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/leaf_caller.h"

#include <string.h>

#include "attribute/recorded_chain.h"
#include "base/hash.h"
#include "gobin/calls.h"

enum { WORD = 8 };

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
	if (at > chain->count)
		return;
	memmove(chain->entries + at + 1, chain->entries + at,
		(chain->count - at) * sizeof(*chain->entries));
	chain->entries[at] = entry;
	chain->count++;
}

static void take_out(struct made_stack *chain, size_t at)
{
	chain->count--;
	memmove(chain->entries + at, chain->entries + at + 1,
		(chain->count - at) * sizeof(*chain->entries));
}

/* What changes stacks has not done so where it has not kept its SP yet, and at its beginning. */
static bool stack_is_own(const struct unwind_code *code)
{
	switch (code->kind) {
	case UNWIND_CODE_GO:
		return true;
	case UNWIND_CODE_VDSO:
		return !code->keeps_sp;
	case UNWIND_CODE_SWITCH:
	case UNWIND_CODE_LEFT:
		return code->address == code->function;
	default:
		return false;
	}
}

static const struct leaf_place *find_place(struct leaf_callers *callers, struct unwind_codes *codes,
					   const struct maps *maps, uint64_t pc)
{
	uint64_t hash = hash_word(maps->generation, pc);
	struct leaf_place *place = &callers->places[hash_fold(hash) % LEAF_PLACES];
	if (place->pc == pc && place->generation == maps->generation)
		return place;
	const struct unwind_code *code = unwind_codes_find(codes, maps, pc, false);
	*place = (struct leaf_place){.pc = pc,
				     .generation = maps->generation,
				     .in_chain = recorded_chain_innermost(code)};
	if (code->function && stack_is_own(code)) {
		place->frame_pointer = code->frame_pointer;
		place->link = code->link;
		place->depth = (uint32_t)code->depth;
		place->function = pc - (code->address - code->function);
	}
	return place;
}

static bool knows(const struct leaf_evidence *evidence, uint8_t number)
{
	return number < CFI_REGISTERS && evidence->registers.known >> number & 1;
}

/* The word at OFFSET from the stack pointer. */
static bool stack_word(const struct leaf_evidence *evidence, uint64_t offset, uint64_t *ret)
{
	if (evidence->stack_size < WORD || offset > evidence->stack_size - WORD)
		return false;
	memcpy(ret, evidence->stack + offset, WORD);
	return *ret;
}

/* The return address as it was recorded. */
static bool recorded_caller(const struct leaf_evidence *evidence, const struct leaf_place *place,
			    uint64_t *ret)
{
	const struct unwind_machine *machine = evidence->machine;
	if (place->link && knows(evidence, machine->link_register)) {
		*ret = evidence->registers.value[machine->link_register];
		return true;
	}
	/* On arm64 it is at SP, where it is on the stack. */
	return !place->link && stack_word(evidence, machine->return_size ? place->depth : 0, ret);
}

/*
 * Puts callers that were recorded into the chain: of a caller without a frame as well, as that of
 * morestack. False where the first is not known; a new thread, in clone, has none, whatever the
 * table says.
 */
static bool insert_recorded(struct unwind_codes *codes, const struct maps *maps,
			    const struct leaf_evidence *evidence, const struct leaf_place *place,
			    size_t at, struct made_stack *chain)
{
	uint64_t caller, offset = place->depth;
	size_t count = 0;
	bool known = recorded_caller(evidence, place, &caller);
	while (known) {
		const struct unwind_code *code = unwind_codes_find(codes, maps, caller, true);
		if (code->kind == UNWIND_CODE_UNKNOWN)
			break;
		insert(chain, at + ++count, caller);
		offset += WORD + (uint64_t)code->depth;
		known = evidence->machine->return_size && code->kind == UNWIND_CODE_GO &&
			code->frame_pointer == FRAME_POINTER_CALLERS &&
			stack_word(evidence, offset, &caller);
	}
	return count;
}

/*
 * Whether the registers are those of a function that returns to RETURNS, with a frame of its own:
 * where the recording has them, they must fit.
 */
static bool fits_registers(struct unwind_codes *codes, const struct maps *maps,
			   const struct leaf_evidence *evidence, const struct leaf_place *place,
			   uint64_t returns)
{
	const struct unwind_machine *machine = evidence->machine;
	if (!machine->return_size || !knows(evidence, machine->stack_pointer) ||
	    !knows(evidence, machine->frame_pointer))
		return true;
	const struct unwind_code *code = unwind_codes_find(codes, maps, returns, true);
	uint64_t sp = evidence->registers.value[machine->stack_pointer] + place->depth + WORD;
	return code->kind != UNWIND_CODE_GO || code->frame_pointer != FRAME_POINTER_OWN ||
	       sp + (uint64_t)code->depth - WORD ==
		       evidence->registers.value[machine->frame_pointer];
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

/* The caller of a place, looked up before; 0 where it cannot be known. */
static uint64_t inferred_caller(struct leaf_callers *callers, struct unwind_codes *codes,
				const struct maps *maps, const struct leaf_place *place,
				uint64_t next_pc)
{
	uint64_t hash = hash_word(hash_word(maps->generation, place->function), next_pc);
	struct leaf_caller *known = &callers->known[hash_fold(hash) % LEAF_CALLERS];
	if (known->leaf == place->function && known->next == next_pc &&
	    known->generation == maps->generation)
		return known->caller;
	*known = (struct leaf_caller){place->function, next_pc, maps->generation, 0};
	struct unwind_code leaf = *unwind_codes_find(codes, maps, place->pc, false);
	struct unwind_code next = *unwind_codes_find(codes, maps, next_pc, true);
	if (!infer_caller(&leaf, &next, next_pc, &known->caller))
		known->caller = 0;
	return known->caller;
}

const struct leaf_place *leaf_caller_place(struct leaf_callers *callers, struct unwind_codes *codes,
					   const struct maps *maps, uint8_t cpumode,
					   const uint64_t *entries, size_t count, size_t *at_ret)
{
	*at_ret = find_leaf(entries, count, cpumode);
	return *at_ret < count ? find_place(callers, codes, maps, entries[*at_ret]) : NULL;
}

bool leaf_caller_wrong(const struct leaf_place *place)
{
	return place->frame_pointer == FRAME_POINTER_CALLERS ||
	       place->frame_pointer == FRAME_POINTER_BELOW;
}

bool leaf_caller_restore(struct leaf_callers *callers, struct unwind_codes *codes,
			 const struct maps *maps, const struct leaf_evidence *evidence, size_t at,
			 struct made_stack *chain)
{
	const struct leaf_place *place = find_place(callers, codes, maps, chain->entries[at]);
	if (place->frame_pointer == FRAME_POINTER_BELOW) {
		if (at + 1 < chain->count)
			take_out(chain, at + 1);
		return true;
	}
	if (insert_recorded(codes, maps, evidence, place, at, chain))
		return true;
	uint64_t caller = at + 1 < chain->count ? inferred_caller(callers, codes, maps, place,
								  chain->entries[at + 1])
						: 0;
	if (!caller || !fits_registers(codes, maps, evidence, place, caller))
		return false;
	insert(chain, at + 1, caller);
	chain->inferred = (uint32_t)at + 1;
	return true;
}
