// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/branch.h"

#include <elf.h>
#include <stddef.h>
#include <string.h>

#include "base/instruction.h"

/* CALL rel32 and JMP rel32 */
static const uint8_t amd64_opcodes[] = {[BRANCH_CALL] = 0xe8, [BRANCH_JUMP] = 0xe9};

static bool amd64_target(const uint8_t *code, uint64_t address, enum branch_kind kind,
			 uint64_t *ret)
{
	if (*code != amd64_opcodes[kind])
		return false;
	*ret = address + 5 + (uint64_t)(int64_t)(int32_t)instruction_word(code + 1);
	return true;
}

/* The size of CALL r/m64 (FF /2), of which CODE is the opcode; 0: it is none. */
static int indirect_call_size(const uint8_t *code)
{
	enum { CALL = 0xff, REGISTER = 2, SIB = 4, NO_BASE = 5 };
	static const int displacements[] = {0, 1, 4, 0}; /* by the mode in the ModRM byte */
	int mode = code[1] >> 6, base = code[1] & 7;
	if (code[0] != CALL || (code[1] >> 3 & 7) != REGISTER)
		return 0;
	int size = 2 + displacements[mode];
	if (mode != 3 && base == SIB) {
		base = code[2] & 7;
		size++;
	}
	return !mode && base == NO_BASE ? size + 4 : size;
}

static bool amd64_ends_call(const uint8_t *end)
{
	if (end[-5] == amd64_opcodes[BRANCH_CALL])
		return true;
	for (int size = 2; size <= 7; size++)
		if (indirect_call_size(end - size) == size)
			return true;
	return false;
}

/* BL, BLR, and BLR with authentication */
static bool arm64_ends_call(const uint8_t *end)
{
	uint32_t code = instruction_word(end - 4);
	return (code & 0xfc000000) == 0x94000000 || (code & 0xfefff000) == 0xd63f0000;
}

/* BL and B, with 26 bits that count instructions */
static bool arm64_target(const uint8_t *code, uint64_t address, enum branch_kind kind,
			 uint64_t *ret)
{
	static const uint32_t opcodes[] = {[BRANCH_CALL] = 0x94000000, [BRANCH_JUMP] = 0x14000000};
	if ((instruction_word(code) & 0xfc000000) != opcodes[kind])
		return false;
	*ret = address + (uint64_t)(int64_t)((int32_t)(instruction_word(code) << 6) >> 4);
	return true;
}

static const struct branch_encoding encodings[] = {
	{EM_X86_64, .size = 5, .step = 1, .opcodes = amd64_opcodes, .target = amd64_target,
	 .ends_call = amd64_ends_call},
	{EM_AARCH64, .size = 4, .step = 4, .target = arm64_target, .ends_call = arm64_ends_call},
};

const struct branch_encoding *branch_encoding(uint16_t machine)
{
	for (size_t i = 0; i < sizeof(encodings) / sizeof(*encodings); i++)
		if (encodings[i].machine == machine)
			return &encodings[i];
	return NULL;
}

bool branch_next(const struct branch_encoding *encoding, const uint8_t *code, uint64_t size,
		 uint64_t address, enum branch_kind kind, uint64_t *at, uint64_t *ret)
{
	for (; *at + encoding->size <= size; *at += encoding->step) {
		if (encoding->opcodes) {
			const uint8_t *found =
				memchr(code + *at, encoding->opcodes[kind], size - *at);
			*at = found ? (uint64_t)(found - code) : size;
			if (*at + encoding->size > size)
				break;
		}
		if (encoding->target(code + *at, address + *at, kind, ret))
			return true;
	}
	return false;
}
