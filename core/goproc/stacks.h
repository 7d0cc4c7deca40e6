/* SPDX-License-Identifier: GPL-2.0-only */
/* Callchains of goroutines that stand still, out of their stacks. */
#ifndef GOPROC_STACKS_H
#define GOPROC_STACKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/process.h"

enum { STACK_MAX = 1024 }; /* addresses */

struct stacks_reader;
struct perfgo_error *stacks_reader_new(struct goproc *process, struct stacks_reader **ret);
void stacks_reader_free(struct stacks_reader *reader);

/* Where a goroutine stands. */
struct stack_place {
	uint64_t pc, sp, lr, hi; /* hi: the upper end of its stack */
	bool exact;		 /* pc is where it is, not where it returns to */
	bool none;		 /* it has no such place: it runs, its stack is moved */
};

/*
 * Reads the stacks at PLACES, which is one piece of memory for each as far as the innermost frames
 * go. stacks_unwind() then writes the addresses of the I-th, at most STACK_MAX, as
 * snapshot_stack() has them, and returns how many.
 */
bool stacks_read(struct stacks_reader *reader, const struct stack_place *places, size_t count);
size_t stacks_unwind(struct stacks_reader *reader, size_t i, uint64_t ret[STACK_MAX]);

#endif
