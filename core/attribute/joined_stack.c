// SPDX-License-Identifier: GPL-2.0-only
#include "attribute/joined_stack.h"

enum { WORD = 8, MAX_SLOTS = 128 };

/*
 * Where the kernel has read the entries of a chain: behind the frame pointers, which it follows
 * from one to the next. Writes those that are known, from the second entry on, as far as the window
 * has the frame pointers, and returns how many entries that makes.
 */
static size_t find_slots(const struct unwind_machine *machine,
			 const struct cfi_registers *registers, const struct unwind_window *window,
			 size_t count, uint64_t *slots)
{
	size_t known = 1;
	slots[0] = 0;
	if (!(registers->known >> machine->frame_pointer & 1))
		return known;
	uint64_t pointer = registers->value[machine->frame_pointer], next;
	while (known < count && known < MAX_SLOTS) {
		slots[known++] = pointer + WORD;
		if (!unwind_window_word(window, pointer, &next) || next <= pointer)
			break;
		pointer = next;
	}
	return known;
}

static size_t find(const uint64_t *values, size_t from, size_t count, uint64_t value)
{
	while (from < count && values[from] != value)
		from++;
	return from;
}

static bool is_there_once(const uint64_t *values, size_t from, size_t count, uint64_t value,
			  size_t *at_ret)
{
	size_t at = *at_ret = find(values, from, count, value);
	return at < count && find(values, at + 1, count, value) == count;
}

/* Where the outermost caller, which is there but once, is in the chain, but once as well. */
static bool meet_by_value(const struct unwound *unwound, size_t count, uint64_t back,
			  const struct recorded_chain *chain, size_t *at_ret)
{
	uint64_t value = unwound->entries[count - 1];
	size_t at;
	return is_there_once(unwound->entries, 0, count, value, &at) &&
	       is_there_once(chain->entries, 1, chain->count, value + back, at_ret);
}

/* From which of the chain's entries on it goes on behind the callers. */
static bool meet(const struct joined_stack *joined, const struct unwound *unwound, size_t count,
		 const struct recorded_chain *chain, size_t *from_ret)
{
	const struct unwind_context *unwinding = &joined->unwinding;
	uint64_t slots[MAX_SLOTS];
	size_t known = find_slots(unwinding->machine, joined->registers, &unwinding->window,
				  chain->count, slots),
	       at;
	if (unwound->next_slot) {
		*from_ret = find(slots, 1, known, unwound->next_slot);
		if (*from_ret < known)
			return true;
	}
	if (!count)
		return false;
	at = unwound->slots[count - 1] ? find(slots, 1, known, unwound->slots[count - 1]) : known;
	/* By a frame pointer on another stack the chain has met none of them. */
	bool met = at < known ||
		   (known == 1 && meet_by_value(unwound, count, unwinding->back, chain, &at));
	*from_ret = at + 1;
	return met;
}

/* Makes entries of a chain, which are return addresses, those of the calls they return from. */
static void make_calls(const struct unwind_context *unwinding, uint64_t *entries, size_t count)
{
	for (size_t i = 0; i < count; i++)
		entries[i] -=
			!unwind_codes_find(unwinding->codes, unwinding->maps, entries[i], true)
				 ->begins;
}

enum unwind_end joined_stack_go_on(const struct joined_stack *joined, const struct unwound *unwound,
				   size_t count, const struct recorded_chain *chain,
				   struct made_stack *made)
{
	const struct unwind_context *unwinding = &joined->unwinding;
	size_t from, joint = made->count;
	if (!meet(joined, unwound, count, chain, &from))
		return UNWIND_GOES_ON;
	recorded_chain_append(joined->places, unwinding->codes, unwinding->maps, chain, from, made);
	if (unwinding->back)
		make_calls(unwinding, made->entries + joint, made->count - joint);
	return chain->end == CHAIN_ROOT	  ? UNWIND_ROOT
	       : chain->end >= CHAIN_LEFT ? UNWIND_LEFT
					  : unwound->end;
}
