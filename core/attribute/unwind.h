/* SPDX-License-Identifier: GPL-2.0-only */
/* Callers of a place in a process, from registers and pieces of its stack. */
#ifndef ATTRIBUTE_UNWIND_H
#define ATTRIBUTE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "attribute/attribution.h"
#include "session/maps.h"

/* A piece of memory as it was. */
struct unwind_window {
	uint64_t start;
	const uint8_t *bytes;
	uint64_t size;
};

struct unwind_registers {
	uint64_t pc, sp;
	uint64_t lr; /* arm64: where the innermost function returns to */
};

/* Why there are no more callers. */
enum unwind_end {
	UNWIND_ROOT,	     /* a function that nobody called: goexit, mstart, rt0_go … */
	UNWIND_SWITCH,	     /* the stack was switched: systemstack, mcall, morestack, cgo */
	UNWIND_NO_MEMORY,    /* the window ends */
	UNWIND_UNKNOWN_CODE, /* no Go, or a place that Go's tables do not tell of */
	UNWIND_FULL,	     /* more callers than room */
};

struct unwind_context {
	struct attribution *attribution;
	const struct maps *maps;
	struct unwind_window window;
};

/*
 * Writes the return addresses above the place in REGISTERS, which is in Go code: innermost first,
 * at most MAX. Returns how many.
 */
size_t unwind_go(const struct unwind_context *context, struct unwind_registers registers,
		 uint64_t *ret, size_t max, enum unwind_end *end_ret);

#endif
