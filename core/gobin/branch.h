/* SPDX-License-Identifier: GPL-2.0-only */
/* Direct calls and jumps, as the machines encode them. */
#ifndef GOBIN_BRANCH_H
#define GOBIN_BRANCH_H

#include <stdbool.h>
#include <stdint.h>

enum branch_kind { BRANCH_CALL, BRANCH_JUMP };

/* A call and a jump have SIZE bytes; instructions begin at multiples of STEP. */
struct branch_encoding {
	uint16_t machine; /* EM_X86_64 … */
	uint8_t size, step;
	/* Where the one at ADDRESS leads, of which CODE is the bytes; false when it is none. */
	bool (*target)(const uint8_t *code, uint64_t address, enum branch_kind kind, uint64_t *ret);
};

/* NULL for a machine that is not known. */
const struct branch_encoding *branch_encoding(uint16_t machine);

#endif
