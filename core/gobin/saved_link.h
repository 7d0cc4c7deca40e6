/* SPDX-License-Identifier: GPL-2.0-only */
/* Where assembly of arm64 that makes its frame by hand has put the return address. */
#ifndef GOBIN_SAVED_LINK_H
#define GOBIN_SAVED_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/image.h"

struct saved_link {
	uint64_t from;	 /* the address from which on it is there; before, it is in LR */
	int32_t at;	 /* bytes from SP */
	bool with_frame; /* the caller's frame pointer is in the word below */
};

/*
 * False where the function at START does not begin with SUB $N, RSP, followed by a store of LR:
 * then LR is where the assembler puts it, at SP. So begins what C calls (runtime/cgo/asm_arm64.s).
 */
bool gobin_saved_link(const struct image *image, uint64_t start, struct saved_link *ret);

#endif
