/* SPDX-License-Identifier: GPL-2.0-only */
/* Words in code, which is little-endian on all machines and need not be aligned. */
#ifndef BASE_INSTRUCTION_H
#define BASE_INSTRUCTION_H

#include <stdint.h>

static inline uint32_t instruction_word(const uint8_t *code)
{
	return code[0] | code[1] << 8 | code[2] << 16 | (uint32_t)code[3] << 24;
}

#endif
