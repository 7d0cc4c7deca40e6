/* SPDX-License-Identifier: GPL-2.0-only */
/* Snapshots of goroutines beside a recording: who was where before and after a sample. */
#ifndef SESSION_SNAPSHOTS_H
#define SESSION_SNAPSHOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "goproc/snapshot.h"
#include "perfdata/perfdata.h"

/* Zero-initialised has none. */
struct snapshots {
	struct snapshot **list; /* by process, then time, once sorted */
	size_t count, capacity;
	bool sorted;
};

/* Takes SNAPSHOT over, also when it fails. False without memory. */
bool snapshots_add(struct snapshots *snapshots, struct snapshot *snapshot);
void snapshots_deinit(struct snapshots *snapshots);

/*
 * The goroutine that had its runtime.g at G in the last snapshot before TIME and in the first one
 * after it, if that was the same: it then had it all the time between, as ids of goroutines never
 * come again. NULL where they differ, or one is missing.
 */
const struct snapshot_goroutine *snapshots_agree(struct snapshots *snapshots, uint32_t pid,
						 uint64_t time, uint64_t g);

/* Whether the event's times are on the clock of snapshots: not perf's own (perf record -k mono). */
static inline bool snapshots_share_clock(const struct perfdata_attr *attr)
{
	return attr->flags & PERF_ATTR_USE_CLOCKID && attr->clockid == CLOCK_MONOTONIC;
}

#endif
