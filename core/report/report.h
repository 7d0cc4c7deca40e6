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

/* What calls have to share to be taken together: perf's function, address, srcline. */
enum report_graph_by {
	GRAPH_BY_FUNCTION,
	GRAPH_BY_ADDRESS,
	GRAPH_BY_LINE,
};

struct report_options {
	struct key_list keys;
	/* A sample counts for every function on its stack too (perf's --children). */
	bool children;
	/* Call graphs below the rows can be asked for, and what is one in them. */
	bool callgraph;
	enum report_graph_by graph_by;
	bool no_inlines;       /* only physical functions are on stacks */
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

struct report_graph_entry {
	uint32_t depth;
	uint32_t function; /* string id; STRING_UNKNOWN */
	uint32_t line;	   /* string id of its file and line, but by function; STRING_UNKNOWN */
	uint32_t dso;	   /* dso id */
	bool inlined;
	bool inferred; /* nobody recorded it for any sample: it follows from the code */
	uint64_t period, samples;
	uint64_t below, below_samples; /* of all entries below, those left out included */
};

/* From where it goes on, and what is left out of it. */
struct report_graph_options {
	/*
	 * Towards who called: from the row to the outermost frames. Else towards the samples: from
	 * the row with children, from the outermost frames without.
	 */
	bool to_callers;
	uint64_t min_period; /* of an entry */
	double min_share;    /* of an entry among its siblings */
};

/*
 * The call graph below a row: entries in depth-first order, the largest first among siblings. *RET
 * is the caller's, to be freed with free().
 */
struct perfgo_error *report_graph(struct report *report, const struct report_row *row,
				  const struct report_graph_options *options,
				  struct report_graph_entry **ret, size_t *count_ret);

#endif
