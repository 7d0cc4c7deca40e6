/* SPDX-License-Identifier: GPL-2.0-only */
/* A report that is made, and the ways to show it. */
#ifndef PERF_GO_VIEW_H
#define PERF_GO_VIEW_H

#include "goroutine_tally.h"
#include "out/writer.h"
#include "recording.h"
#include "report/report.h"

enum graph_order {
	GRAPH_AS_ROWS, /* of the caller with children, else of the callee */
	GRAPH_OF_CALLER,
	GRAPH_OF_CALLEE,
};

/* What calls are drawn as, and what is told of each. */
enum graph_form { GRAPH_AS_TREE, GRAPH_FLAT, GRAPH_FOLDED };
enum graph_value { GRAPH_PERCENT, GRAPH_PERIOD, GRAPH_COUNT };

struct view {
	const struct recording *recording;
	const char *input;
	struct report_options options;
	struct report *report;
	const struct report_event *events;
	size_t nr_events;
	struct goroutine_tally goroutines; /* of all samples */
	uint64_t first_time, last_time;	   /* of all samples; equal when unknown */
	bool show_samples, graph, terminal;
	enum graph_order graph_order;
	enum graph_form graph_form;
	enum graph_value graph_value;
	size_t graph_entries; /* siblings, or chains, that are shown at most; 0: all */
	bool fractal;	      /* shares of calls are those of their parent's, not of all */
	bool inlines;	      /* inlined calls of C code too: their DWARF is slow to open */
	double percent_limit, graph_limit; /* rows, and calls, below are left out */
	struct writer *out;
};

typedef struct perfgo_error *view_writer(const struct view *view);
view_writer view_table, view_json, view_csv;

static inline double percent(uint64_t part, uint64_t whole)
{
	return whole ? 100.0 * (double)part / (double)whole : 0;
}

/* What a row is shown and left out by. */
static inline double row_percent(const struct view *view, const struct report_event *event,
				 const struct report_row *row)
{
	return percent(view->options.children ? row->children_period : row->period, event->period);
}

static inline const char *view_event_name(const struct view *view, const struct report_event *event)
{
	return perfdata_event(session_data(view->recording->session), event->event)->name;
}

/* The i-th value of a row as text; "?" unknown. Valid until the next call with BUFFER. */
const char *view_text(const struct view *view, const struct report_row *row, size_t i,
		      char buffer[KEY_TEXT_SIZE]);

/* What is said around the table: one line above an event's rows, and below. */
void view_header(const struct view *view, const struct report_event *event);
void view_footer(const struct view *view, const struct report_event *event, size_t left_out);
void view_closing(const struct view *view);
void view_goroutines(const struct view *view);

/* Which way call graphs go, and what is left out of them. */
struct report_graph_options view_graph_options(const struct view *view,
					       const struct report_event *event);

/* The name of a call as it stands in any form, with what is to be known of it. */
void view_call(struct writer *out, const struct view *view, const struct report_graph_entry *entry);

/* "12.34%", or the period or the samples. TOTAL is the period that 100 % are. */
void view_amount(struct writer *out, const struct view *view, uint64_t period, uint64_t samples,
		 uint64_t total);

/* The chains of calls that samples end with, as perf's forms flat and folded have them. */
void view_chains(struct writer *out, const struct view *view,
		 const struct report_graph_entry *entries, size_t count, uint64_t total);

/* The call graph below a row as lines of text, which the caller frees; NULL for none. */
struct perfgo_error *view_graph(const struct view *view, const struct report_event *event,
				const struct report_row *row, char **ret);

#endif
