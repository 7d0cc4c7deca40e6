/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * When records may be missing. The kernel says of a CPU's ring that some were lost behind the
 * record before, so they are of the time since that one (PERF_RECORD_LOST, perf_event_open(2)).
 */
#ifndef REPORT_LOSSES_H
#define REPORT_LOSSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "session/session.h"

/*
 * A record has the time of when it was begun, which is before the kernel told of the loss, for the
 * one behind it and those that an interrupt was in the middle of.
 */
enum { LOSSES_BEGUN = 4 };

struct loss_cpu {
	uint64_t last[LOSSES_BEGUN]; /* times of samples, the latest last */
};

struct loss_window {
	uint64_t from, to;
};

/* Zero-initialised has none. */
struct losses {
	struct loss_cpu *cpus;
	size_t nr_cpus, cpus_capacity;
	size_t seen; /* of the session's */
	struct loss_window *windows;
	size_t count, capacity;
};
void losses_deinit(struct losses *losses);

/* Of the samples of BATCH, and of what was lost before its end. False without memory. */
bool losses_add(struct losses *losses, const struct session *session, const struct batch *batch);

/* Puts them in order, overlapping ones together. Then whether one is between, at least in part. */
void losses_finish(struct losses *losses);
bool losses_within(const struct losses *losses, uint64_t from, uint64_t to);

#endif
