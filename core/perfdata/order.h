/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * perf's time order (tools/perf/util/ordered-events.c, perf 6.12): a FINISHED_ROUND lets go what is
 * not later than the latest record known at the round before.
 */
#ifndef PERFDATA_ORDER_H
#define PERFDATA_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct record;

/* A stretch of the pending records with ascending times: one buffer of perf's, mostly. */
struct run {
	size_t at, end;
};

struct head {
	uint64_t time;
	size_t run;
};

/* Zero-initialised is an empty queue. */
struct order {
	struct record *pending;
	size_t nr_pending, pending_capacity;
	struct run *runs;
	size_t nr_runs, runs_capacity;
	struct head *heap; /* the runs that have something to let go, the earliest on top */
	size_t nr_heap, heap_capacity;
	uint64_t limit;	     /* of the flush under way */
	uint64_t next_limit; /* of that at the next round */
	uint64_t latest;     /* time of the latest pending record */
	uint64_t round;	     /* how many flushes were begun */
	bool flushing;
};

/* Queues a record. False without memory. Not while flushing. */
bool order_add(struct order *order, const struct record *record);

/* Begin to flush: at a FINISHED_ROUND, and at the end. False without memory. */
bool order_round(struct order *order);
bool order_finish(struct order *order);

/* The next of the flush under way, at most MAX. When there are none the flush is over. */
size_t order_take(struct order *order, struct record *ret, size_t max);

void order_deinit(struct order *order);

#endif
