/* SPDX-License-Identifier: GPL-2.0-only */
/* Events that are open in the kernel, and the rings that they write into: all that libperf does. */
#ifndef RECORD_OPENED_H
#define RECORD_OPENED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/perf_event.h>

#include "base/error.h"
#include "out/writer.h"

struct opened;

struct opened_event {
	const char *name;
	struct perf_event_attr attr; /* with its size */
	bool system_wide;	     /* on every CPU, whatever is recorded */
	bool most_precise; /* precise_ip may be less than it says, where the machine has no more */
	const char *cpus;  /* that its PMU is for; NULL all */
	size_t leader;	   /* of its group; its own index when it is alone */
};

struct opened_targets {
	const pid_t *threads; /* whose children are recorded too, where the attr says so */
	size_t nr_threads;    /* 0: all that runs */
	const char *cpus;     /* "0-3,7"; NULL all */
};

/* What was in the way: the event, and the error of the system call. */
struct opened_failure {
	size_t event;
	int errnum;
};

/*
 * Opens all COUNT events, or none: then *FAILURE_RET says which could not be. The caller closes
 * *RET with opened_close().
 */
struct perfgo_error *opened_open(const struct opened_event *events, size_t count,
				 const struct opened_targets *targets, struct opened **ret,
				 struct opened_failure *failure_ret);
void opened_close(struct opened *opened);

/* Calls VISIT for each file descriptor of an event, until it does not return 0. */
int opened_visit(struct opened *opened, size_t event, int (*visit)(void *context, int cpu, int fd),
		 void *context);

/* Makes the rings, of PAGES each, or as many as are allowed down to LEAST; powers of two. */
struct perfgo_error *opened_map(struct opened *opened, unsigned int pages, unsigned int least);
size_t opened_nr_rings(const struct opened *opened);

/* The ids by which samples name an event, once there are rings. */
const uint64_t *opened_ids(const struct opened *opened, size_t event, size_t *count_ret);

/* Moves the records that are in a ring to the end of TO. */
void opened_drain(struct opened *opened, size_t ring, struct writer *to);

void opened_enable(struct opened *opened, size_t event);
void opened_disable(struct opened *opened);

/* Waits until a ring is half full, at most that long. */
void opened_wait(struct opened *opened, int milliseconds);

#endif
