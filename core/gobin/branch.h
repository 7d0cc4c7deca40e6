/* SPDX-License-Identifier: GPL-2.0-only */
/* Direct calls and jumps, as the machines encode them. */
#ifndef GOBIN_BRANCH_H
#define GOBIN_BRANCH_H

#include <stdbool.h>
#include <stdint.h>

enum branch_kind { BRANCH_CALL, BRANCH_JUMP };

enum { BRANCH_MAX_CALL = 8 }; /* bytes of the longest call on any machine, or more */

/* A call and a jump have SIZE bytes; instructions begin at multiples of STEP. */
struct branch_encoding {
	uint16_t machine; /* EM_X86_64 … */
	uint8_t size, step;
	const uint8_t *opcodes; /* the first byte, by kind; NULL: no byte of its own */
	/* Where the one at ADDRESS leads, of which CODE is the bytes; false when it is none. */
	bool (*target)(const uint8_t *code, uint64_t address, enum branch_kind kind, uint64_t *ret);
	/* Whether a call, direct or not, ends at END, before which BRANCH_MAX_CALL bytes are. */
	bool (*ends_call)(const uint8_t *end);
};

/* NULL for a machine that is not known. */
const struct branch_encoding *branch_encoding(uint16_t machine);

/*
 * Where the next one is in the SIZE bytes at CODE, which lie at ADDRESS, from *AT on: puts its
 * place into *AT and where it leads into *RET. Bytes inside of another instruction may look like
 * one. False when there are no more.
 */
bool branch_next(const struct branch_encoding *encoding, const uint8_t *code, uint64_t size,
		 uint64_t address, enum branch_kind kind, uint64_t *at, uint64_t *ret);

#endif
