/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef REPORT_INTERNAL_H
#define REPORT_INTERNAL_H

#include "report/paths.h"
#include "report/report.h"
#include "base/tuples.h"

/* Some keys of the list: `at` is their place in it, and so that of their bit in a known mask. */
struct key_part {
	size_t count;
	const struct key *keys[MAX_KEYS];
	size_t at[MAX_KEYS];
};

/* Samples that agree in all that matters. */
struct class
{
	uint32_t event;
	uint32_t context; /* tuple of the keys that are not of code */
	uint32_t frame;	  /* self frame */
	uint32_t stack;	  /* 0 when stacks do not matter */
	uint32_t row;	  /* set when rows are made */
	uint64_t period, samples;
};

/* What a frame is to the report: cells are equal when rows and call graphs cannot tell them apart.
 */
struct cell {
	uint64_t code;			 /* tuple of the keys of code */
	uint64_t function, dso, inlined; /* for call graphs, else 0 */
	uint64_t place, line;		 /* what else tells them apart; string id of the line */
	uint64_t inferred;		 /* told by call graphs, which do not tell it apart */
};

struct report {
	struct facts *facts;
	struct report_options options;
	struct key_part context, code, sums;

	struct tuples contexts; /* values and known mask */
	struct tuples codes;	/* values and known mask */
	struct tuples cells;	/* struct cell */
	struct tuples roots;	/* event, context */
	struct tuples row_keys; /* event, context, code */

	uint32_t *cell_of_frame; /* by frame id; IDMAP_NONE: not made yet */
	size_t cell_of_frame_capacity, nr_cell_of_frame;

	/* By address id, where in cells_in_order its count and cells are, innermost first. */
	uint32_t *cells_of_address;
	size_t cells_of_address_capacity, nr_cells_of_address;
	uint32_t *cells_in_order;
	size_t cells_in_order_capacity, nr_cells_in_order;

	struct class *classes;
	uint64_t *class_sums; /* sums.count a class: the sum; then sums.count: how many known */
	size_t nr_classes, classes_capacity, class_sums_capacity;
	struct idmap classes_index;

	struct report_row *rows; /* by row key id, later sorted */
	uint64_t *row_sums;	 /* by row key id, as class_sums */
	struct paths paths;	 /* from the root of the stacks to where the sample is */
	uint32_t *row_of_node;	 /* row key id */
	uint32_t *first_of_row, *next_of_row; /* lists of the outermost nodes of a row */

	struct report_event *events;
	size_t nr_events, events_capacity;
	uint32_t *event_at; /* place in events by event index; IDMAP_NONE */
	size_t event_at_capacity, nr_event_at;

	uint32_t frames[BATCH_SIZE];
	bool pass[BATCH_SIZE];
	struct class wanted[BATCH_SIZE];
	uint32_t hashes[BATCH_SIZE];
	uint64_t tuples[BATCH_SIZE][MAX_KEYS + 1];
	struct column column;
	struct column sum_columns[MAX_KEYS];
};

/* The cell of a frame; IDMAP_NONE without memory. */
uint32_t report_cell(struct report *report, uint32_t frame);

/* The cells of the frames of an address, innermost first; NULL without memory. */
const uint32_t *report_cells(struct report *report, uint32_t address, uint32_t *count_ret);

#endif
