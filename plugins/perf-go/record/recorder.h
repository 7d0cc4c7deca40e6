/* SPDX-License-Identifier: GPL-2.0-only */
/* A recording from its beginning to its end. */
#ifndef RECORD_RECORDER_H
#define RECORD_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "record/attrs.h"
#include "record/opened.h"
#include "record/rings.h"
#include "record/targets.h"

/* Everything is borrowed. */
struct recorder_options {
	const char *output;
	struct targets_options targets;
	const char *cpus;		   /* NULL: all */
	const struct opened_event *events; /* to be sampled: names, and attrs that are complete */
	size_t nr_events;
	struct sampling sampling;
	const void *tracing_data; /* of the tracepoints among them */
	size_t tracing_data_size;
	unsigned int pages; /* of a ring; where not as many are allowed, at least: */
	unsigned int least_pages;
	int compression;
	bool bpf, switches;
	uint32_t goroutine_stack;
	char **command_line; /* of perf-go itself */
	size_t nr_words;
	/* A line for the user. */
	void (*say)(void *context, const char *text);
	/* Called ten times a second or so while it records. */
	void (*tick)(void *context, const struct rings_counts *counts, size_t nr_processes);
	void *context;
	const volatile int *stop; /* not 0: end the recording */
};

struct recorder_summary {
	struct rings_counts counts;
	size_t nr_processes;
	size_t nr_unreadable; /* processes that could not be looked into */
	uint64_t file_size;
	bool bpf; /* else goroutines are by registers and snapshots */
	size_t nr_snapshots;
	int status;	  /* of the command */
	char labels[256]; /* keys, comma-separated */
};

/* Records. The summary holds also after an error, as far as it came. */
struct perfgo_error *recorder_run(const struct recorder_options *options,
				  struct recorder_summary *ret);

#endif
