// SPDX-License-Identifier: GPL-2.0-only
#include "gobin/saved_link.h"

#include <elf.h>

#include "base/instruction.h"

enum { INSTRUCTION = 4, WORD = 8 };

/* SUB $N, RSP; BTI before it does not count (Arm ARM, C4.1). */
static bool makes_room(uint32_t instruction)
{
	return (instruction & 0xff8003ff) == 0xd10003ff;
}

/* STP (R29, R30), N(RSP); MOVD R30, N(RSP) */
static bool saves_link(uint32_t instruction, struct saved_link *ret)
{
	if ((instruction & 0xffc07fff) == 0xa9007bfd) {
		ret->at = ((int32_t)(instruction << 10) >> 25) * WORD + WORD;
		ret->with_frame = true;
		return true;
	}
	ret->at = (int32_t)(instruction >> 10 & 0xfff) * WORD;
	ret->with_frame = false;
	return (instruction & 0xffc003ff) == 0xf90003fe;
}

bool gobin_saved_link(const struct image *image, uint64_t start, struct saved_link *ret)
{
	enum { LAST = 128 }; /* bytes, behind the stores of other registers */
	uint64_t left;
	const uint8_t *code = image_bytes(image, start, &left);
	if (image_machine(image) != EM_AARCH64 || !code || left < LAST ||
	    !makes_room(instruction_word(code)))
		return false;
	for (uint64_t at = INSTRUCTION; at < LAST; at += INSTRUCTION)
		if (saves_link(instruction_word(code + at), ret)) {
			ret->from = start + at + INSTRUCTION;
			return true;
		}
	return false;
}
