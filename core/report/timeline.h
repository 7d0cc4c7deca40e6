/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * How long goroutines ran, could have run, and waited for what: from the switches that `perf go
 * record --sched` has recorded.
 */
#ifndef REPORT_TIMELINE_H
#define REPORT_TIMELINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keys/keys.h"
#include "report/filter.h"
#include "report/losses.h"

struct timeline;

enum timeline_state {
	TIMELINE_UNSEEN, /* before its first switch */
	TIMELINE_RUNNING,
	TIMELINE_RUNNABLE,
	TIMELINE_WAITING,
	TIMELINE_ENDED,
	TIMELINE_STATES,
};

/* A goroutine in one state, from one switch to the next. Times as in the recording, ns. */
struct timeline_interval {
	uint32_t pid, tid; /* tid: the thread of its first switch */
	uint64_t goid;
	uint32_t goroutine; /* string id of its entry function */
	enum timeline_state state;
	uint32_t reason; /* of waiting: string id */
	uint64_t from, to;
	uint64_t by; /* goid of who ended the waiting; 0 none */
};

struct timeline_options {
	struct key_list keys; /* what makes a row */
	/* What counts by the switch that begins it. Borrowed; may be NULL. */
	struct filter *filter;
	/* Intervals that one is in may be two, and do not count. Borrowed; may be NULL. */
	const struct losses *losses;
	/* Called for each interval, in the order of their ends. May be NULL. */
	void (*visit)(void *context, const struct timeline_interval *interval);
	void *context;
};

/* Borrows FACTS. The caller frees *RET with timeline_free(). */
struct perfgo_error *timeline_new(struct facts *facts, const struct timeline_options *options,
				  struct timeline **ret);
void timeline_free(struct timeline *timeline);

/* Adds a batch: samples of other events are passed over. */
struct perfgo_error *timeline_add(struct timeline *timeline, const struct batch *batch);

struct timeline_reason {
	uint32_t row;
	uint32_t reason; /* string id */
	uint64_t time;	 /* ns */
};

struct timeline_row {
	uint64_t goroutines;
	uint64_t time[TIMELINE_STATES];		    /* ns in each state */
	uint64_t runs;				    /* how often one began to run */
	uint64_t delays;			    /* how often one could run and then did: */
	uint64_t delay_median, delay_99, delay_max; /* ns from ready to running */
	const struct timeline_reason *reasons;	    /* of waiting, the longest first */
	size_t nr_reasons;
	uint32_t id; /* for timeline_value() */
};

struct timeline_totals {
	uint64_t switches;
	uint64_t lost;	       /* intervals that records are missing in */
	uint64_t inconsistent; /* that did not fit the state before: time until there is not counted
				*/
	uint64_t first, last;  /* times of the first and the last switch */
};

/*
 * Makes the rows, those that ran longest first; what still goes on ends with the last switch of its
 * process.
 * Nothing is added afterwards. *RET is valid as long as the timeline.
 */
struct perfgo_error *timeline_finish(struct timeline *timeline, const struct timeline_row **ret,
				     size_t *count_ret);
const struct timeline_totals *timeline_totals(const struct timeline *timeline);

/* The value of the i-th key of a row. False when it is not known. */
bool timeline_value(const struct timeline *timeline, const struct timeline_row *row, size_t i,
		    uint64_t *value_ret);

#endif
