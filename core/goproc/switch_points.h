/* SPDX-License-Identifier: GPL-2.0-only */
/* Where in a Go binary goroutines change their states: places for uprobes. */
#ifndef GOPROC_SWITCH_POINTS_H
#define GOPROC_SWITCH_POINTS_H

#include <stddef.h>
#include <stdint.h>

#include "elf/image.h"
#include "gobin/gobin.h"

enum { MAX_SWITCH_POINTS = 32 };

struct switch_point {
	uint64_t offset; /* in the file */
	uint8_t kind;	 /* enum go_switch_kind; the goroutine is in the first result register */
};

/*
 * The points of the binary, at most MAX_SWITCH_POINTS; returns how many, 0 where the code is not as
 * known: the machine is not x86-64, or functions do not begin with the check of their stack. An
 * entry has its probe behind that first instruction, on the conditional jump, which the kernel
 * emulates: one on the first would be single-stepped, and be hit again after the stack has grown
 * (seen in go1.17 - go1.27).
 */
size_t switch_points(const struct gobin *go, const struct image *image,
		     struct switch_point ret[MAX_SWITCH_POINTS]);

#endif
