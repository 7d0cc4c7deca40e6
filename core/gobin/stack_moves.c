// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/stack_moves.h"

#include "base/instruction.h"

enum { INSTRUCTION = 4, SP = 31 };
enum { MAX_SIZE = 1 << 18 }; /* what is larger is not by hand */

/* LDR and STR that add to their base register, before or after: Arm ARM, C4.1, loads and stores. */
static bool is_single(uint32_t instruction)
{
	return (instruction & 0x3b200400) == 0x38000400;
}

static int32_t single_offset(uint32_t instruction)
{
	return (int32_t)(instruction << 11) >> 23;
}

/* LDP and STP that do. */
static bool is_pair(uint32_t instruction)
{
	return (instruction & 0x3a800000) == 0x28800000;
}

static int32_t pair_offset(uint32_t instruction)
{
	bool vector = instruction & 1 << 26;
	uint32_t size = instruction >> 30;
	return ((int32_t)(instruction << 10) >> 25) * (vector ? 4 << size : size ? 8 : 4);
}

/* What an access to memory adds to SP on the way. */
static int32_t added(uint32_t instruction)
{
	if ((instruction >> 5 & 31) != SP)
		return 0;
	return is_single(instruction) ? single_offset(instruction)
	       : is_pair(instruction) ? pair_offset(instruction)
				      : 0;
}

/* The value at KEY, which is that of the call before or larger. */
static bool value_at(const struct gobin *go, struct run *run, uint64_t key, uint32_t *ret)
{
	while (key >= run->key)
		if (!pclntab_next_run(&go->table, run))
			return false;
	*ret = run->value;
	return true;
}

bool stack_moves_unnoticed(const struct gobin *go, const struct function *function,
			   uint64_t address, uint64_t key)
{
	uint64_t start, end, left;
	uint32_t before, after;
	if (!gobin_function_bounds(go, address, &start, &end))
		return false;
	const uint8_t *code = image_bytes(go->image, start, &left);
	if (!code || end - start > left || end - start > MAX_SIZE || !function->depth)
		return false;
	key -= address - start;
	struct run run = pclntab_runs(&go->table, function->start, function->depth);
	for (uint64_t at = 0; at + 2 * INSTRUCTION <= end - start; at += INSTRUCTION) {
		int32_t by = added(instruction_word(code + at));
		if (!by)
			continue;
		if (!value_at(go, &run, key + at, &before) ||
		    !value_at(go, &run, key + at + INSTRUCTION, &after))
			return false;
		if (after - before != -(uint32_t)by)
			return true;
	}
	return false;
}
