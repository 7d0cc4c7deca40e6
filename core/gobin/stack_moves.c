// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/stack_moves.h"

#include "base/instruction.h"

enum { INSTRUCTION = 4, SP = 31 };

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

bool stack_moves_unnoticed(const struct gobin *go, const struct function *function,
			   uint64_t address, uint64_t key)
{
	uint64_t start, end, left;
	int32_t before, after;
	if (!gobin_function_bounds(go, address, &start, &end))
		return false;
	const uint8_t *code = image_bytes(go->image, start, &left);
	if (!code || end - start > left)
		return false;
	key -= address - start;
	for (uint64_t at = 0; at + 2 * INSTRUCTION <= end - start; at += INSTRUCTION) {
		int32_t by = added(instruction_word(code + at));
		if (by && pclntab_value(&go->table, function, function->depth, key + at, &before) &&
		    pclntab_value(&go->table, function, function->depth, key + at + INSTRUCTION,
				  &after) &&
		    after - before != -by)
			return true;
	}
	return false;
}
