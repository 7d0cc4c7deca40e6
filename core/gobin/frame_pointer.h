/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Whose the frame pointer is at an instruction of Go code. At most places it is that of the
 * function's own frame; where the frame is not there yet, or no longer, it is the caller's.
 */
#ifndef GOBIN_FRAME_POINTER_H
#define GOBIN_FRAME_POINTER_H

#include <stdbool.h>
#include <stdint.h>

#include "elf/image.h"

enum frame_pointer {
	FRAME_POINTER_UNKNOWN, /* assembly that does with it what it likes */
	FRAME_POINTER_OWN,
	FRAME_POINTER_CALLERS, /* what is saved there is the caller's return address */
	FRAME_POINTER_BELOW, /* it points below SP, to a frame that is not there yet or no longer */
};

/*
 * At ADDRESS in the function that begins at START, with a frame of DEPTH bytes by pclntab.
 * LINK_RET: on arm64 the function's return address is in LR.
 */
enum frame_pointer gobin_frame_pointer(const struct image *image, uint64_t start, uint64_t address,
				       int32_t depth, bool *link_ret);

#endif
