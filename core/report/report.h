/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Groups samples by keys: a row for each distinct combination of values, an event at a time.
 *
 * Samples that agree in event, keys, code and stack are one class; stacks are only walked when all
 * classes are known, once each.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "keys/keys.h"
#include "report/filter.h"

struct report;

struct report_options {
	struct key_list keys;
	/* A sample counts for every function on its stack too (perf's --children). */
	bool children;
	/* Call graphs below the rows can be asked for. */
	bool callgraph;
	struct filter *filter; /* borrowed; may be NULL */
};

/* Borrows FACTS. The caller frees *RET with report_free(). */
struct perfgo_error *report_new(struct facts *facts, const struct report_options *options,
				struct report **ret);
void report_free(struct report *report);

/* Adds a batch of samples. */
struct perfgo_error *report_add(struct report *report, const struct batch *batch);

struct report_row {
	uint64_t period;	  /* of the samples at the row itself */
	uint64_t children_period; /* of all samples it is on the stack of; with children only */
	uint64_t samples;	  /* at the row itself */
	uint64_t children_samples;
	uint32_t id; /* for report_value() and report_graph() */
};

struct report_event {
	uint32_t event;		   /* perfdata_event() index */
	uint64_t samples, period;  /* of all samples, those filtered out included */
	uint64_t filtered_samples; /* that the filter did not let through */
	size_t count;
	/* Largest first: by children_period with children, else by period; then by values. */
	const struct report_row *rows;
};

/*
 * Makes the rows; nothing is added afterwards. *RET has an entry for each event with samples and is
 * valid as long as the report.
 */
struct perfgo_error *report_finish(struct report *report, const struct report_event **ret,
				   size_t *count_ret);

/* The value of the i-th key of a row. False when it is not known. */
bool report_value(const struct report *report, const struct report_row *row, size_t i,
		  uint64_t *value_ret);

/*
 * The call graph below a row: with children what it called, on the way to the samples; else who
 * called it. Entries in depth-first order, the largest first among siblings, those below
 * MIN_PERIOD left out. *RET is the caller's, to be freed with free().
 */
struct report_graph_entry {
	uint32_t depth;	   /* 0: the row's own function */
	uint32_t function; /* string id; STRING_UNKNOWN */
	uint32_t dso;	   /* dso id */
	bool inlined;
	uint64_t period;
};
struct perfgo_error *report_graph(struct report *report, const struct report_row *row,
				  uint64_t min_period, struct report_graph_entry **ret,
				  size_t *count_ret);

#endif
