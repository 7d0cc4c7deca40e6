/* SPDX-License-Identifier: GPL-2.0-only */
/* The runtime.g of a process, read while it runs. */
#ifndef GOPROC_GOROUTINES_H
#define GOPROC_GOROUTINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "goproc/process.h"

/* What is of interest in a runtime.g, as it was at one moment. */
struct goroutine_fields {
	uint64_t g;
	uint64_t stack_lo, stack_hi, m;
	uint64_t sp, pc, lr; /* g.sched */
	uint64_t syscall_sp, syscall_pc;
	uint64_t goid, parent; /* GO_GOID_UNKNOWN: the release does not keep it */
	uint64_t creator_pc, start_pc, wait_since, labels;
	uint32_t status; /* without the bit of a scan; see goroutine_state() */
	uint32_t wait_reason;
};

enum { GOROUTINE_BATCH = 512 };

/* The goroutines of a process, a batch at a time. */
struct goroutines_reader;
struct perfgo_error *goroutines_reader_new(struct goproc *process, struct goroutines_reader **ret);
void goroutines_reader_free(struct goroutines_reader *reader);

/*
 * Puts the next ones that are neither dead nor being made into RET, in order of their addresses;
 * 0 at the end. Valid until the next call. What is said of one that goroutines_unchanged() does not
 * confirm may not have been so at any one moment.
 */
size_t goroutines_next(struct goroutines_reader *reader, const struct goroutine_fields **ret);

/* How many could not be read at one moment: they kept changing. */
uint64_t goroutines_torn(const struct goroutines_reader *reader);

/* Reads the I-th goroutine of the last batch anew, at one moment; false when it is gone or torn. */
bool goroutines_again(struct goroutines_reader *reader, size_t i, struct goroutine_fields *ret);

/*
 * Which of the last batch are as they were when they were read: so is what was read meanwhile by
 * what they say, their stacks and labels.
 */
void goroutines_unchanged(struct goroutines_reader *reader, bool ret[GOROUTINE_BATCH]);

#endif
