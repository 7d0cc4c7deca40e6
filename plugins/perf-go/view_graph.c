// SPDX-License-Identifier: GPL-2.0-only
/* Call graphs in the look of perf report --stdio (tools/perf/ui/stdio/hist.c, perf 6.12). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "view.h"

enum { MARGIN = 12, ROOT_MARGIN = MARGIN + 3, INDENT = 11, MAX_LEVELS = 256 };

struct amount {
	uint64_t period, samples;
};

/* The graph being drawn. */
struct drawing {
	const struct view *view;
	const struct report_graph_entry *entries; /* depth first */
	size_t count;
	int margin;
	bool bars[MAX_LEVELS]; /* by level of branches: a sibling follows below */
	struct writer out;
};

/* The columns left of a branch of LEVEL, its own bar included. */
static void draw_bars(struct drawing *drawing, uint32_t level)
{
	writer_printf(&drawing->out, "%*s", drawing->margin, "");
	for (uint32_t i = 0; i <= level; i++)
		writer_printf(&drawing->out, i < level ? "%-*s" : "%.*s", i < level ? INDENT : 1,
			      drawing->bars[i] ? "|" : " ");
}

void view_call(struct writer *out, const struct view *view, const struct report_graph_entry *entry)
{
	const struct strings *strings = session_strings(view->recording->session);
	const char *name = strings_text(strings, entry->function);
	const char *line = strings_text(strings, entry->line);
	writer_string(out, name ? name : "[unknown]");
	if (name && line)
		writer_printf(out, " %s", line);
	if (entry->inlined)
		writer_string(out, " (inlined)");
	if (entry->inferred)
		writer_string(out, " (inferred)");
}

void view_amount(struct writer *out, const struct view *view, uint64_t period, uint64_t samples,
		 uint64_t total)
{
	if (view->graph_value == GRAPH_PERCENT)
		writer_printf(out, "%.2f%%", percent(period, total));
	else
		writer_unsigned(out, view->graph_value == GRAPH_PERIOD ? period : samples);
}

static void draw_name(struct drawing *drawing, const struct report_graph_entry *entry)
{
	view_call(&drawing->out, drawing->view, entry);
	writer_char(&drawing->out, '\n');
}

static void draw_amount(struct drawing *drawing, const struct amount *amount, uint64_t total)
{
	writer_string(&drawing->out, "--");
	view_amount(&drawing->out, drawing->view, amount->period, amount->samples, total);
	writer_string(&drawing->out, "--");
}

/* The first entry behind ENTRY and all that is below it. */
static size_t behind(const struct drawing *drawing, size_t entry)
{
	size_t end = entry + 1;
	while (end < drawing->count && drawing->entries[end].depth > drawing->entries[entry].depth)
		end++;
	return end;
}

/* An only child with all of its parent's period is no branch: it goes on in the same column. */
static bool goes_on(const struct drawing *drawing, size_t entry)
{
	const struct report_graph_entry *entries = drawing->entries;
	return entry + 1 < drawing->count && entries[entry + 1].depth > entries[entry].depth &&
	       entries[entry + 1].period == entries[entry].period;
}

static void draw_branches(struct drawing *drawing, size_t first, size_t end, uint32_t level,
			  struct amount all, uint64_t total);

static void draw_branch(struct drawing *drawing, size_t entry, uint32_t level, uint64_t total)
{
	const struct report_graph_entry *entries = drawing->entries;
	size_t end = behind(drawing, entry);
	draw_amount(drawing, &(struct amount){entries[entry].period, entries[entry].samples},
		    total);
	draw_name(drawing, &entries[entry]);
	while (goes_on(drawing, entry)) {
		draw_bars(drawing, level);
		writer_printf(&drawing->out, "%*s", INDENT - 1, "");
		draw_name(drawing, &entries[++entry]);
	}
	draw_branches(drawing, entry + 1, end, level + 1,
		      (struct amount){entries[entry].below, entries[entry].below_samples},
		      drawing->view->fractal ? entries[entry].below : total);
}

/* What is left of all behind branches that were too small to be drawn, as perf has it. */
static void draw_rest(struct drawing *drawing, uint32_t level, const struct amount *rest,
		      uint64_t total)
{
	drawing->bars[level] = false;
	draw_bars(drawing, level);
	draw_amount(drawing, rest, total);
	writer_string(&drawing->out, "[...]\n");
}

/* TOTAL is what shares are of, ALL the branches together. What is deeper than there are levels is
 * left out. */
static void draw_branches(struct drawing *drawing, size_t first, size_t end, uint32_t level,
			  struct amount all, uint64_t total)
{
	struct amount rest = all;
	size_t next, count = 0, most = drawing->view->graph_entries;
	for (size_t entry = first; entry < end && level < MAX_LEVELS; entry = next) {
		if (most && count++ == most)
			break;
		next = behind(drawing, entry);
		rest.period -= drawing->entries[entry].period;
		rest.samples -= drawing->entries[entry].samples;
		drawing->bars[level] = true;
		draw_bars(drawing, level);
		writer_char(&drawing->out, '\n');
		drawing->bars[level] = next < end || (drawing->view->fractal && rest.period);
		draw_bars(drawing, level);
		draw_branch(drawing, entry, level, total);
	}
	if (drawing->view->fractal && rest.period && rest.period != total && level < MAX_LEVELS)
		draw_rest(drawing, level, &rest, total);
}

/* One root with all of the row's period, as rows by function have, is not a branch either. */
static void draw_root(struct drawing *drawing, struct amount of_row, uint64_t total)
{
	size_t entry = 0;
	writer_printf(&drawing->out, "%*s|\n%*s---", MARGIN, "", MARGIN, "");
	draw_name(drawing, &drawing->entries[0]);
	while (goes_on(drawing, entry)) {
		writer_printf(&drawing->out, "%*s", ROOT_MARGIN, "");
		draw_name(drawing, &drawing->entries[++entry]);
	}
	drawing->margin = ROOT_MARGIN;
	draw_branches(drawing, entry + 1, drawing->count, 0, of_row, total);
}

static void draw_tree(struct drawing *drawing, struct amount of_row, uint64_t total)
{
	if (behind(drawing, 0) == drawing->count && drawing->entries[0].period == of_row.period)
		draw_root(drawing, of_row, total);
	else
		draw_branches(drawing, 0, drawing->count, 0, of_row, total);
	writer_string(&drawing->out, "\n");
}

static char *draw(struct drawing *drawing, struct amount of_row, uint64_t total)
{
	drawing->out = writer_of_memory();
	if (drawing->view->graph_form == GRAPH_AS_TREE)
		draw_tree(drawing, of_row, total);
	else
		view_chains(&drawing->out, drawing->view, drawing->entries, drawing->count, total);
	size_t size;
	const char *text = writer_text(&drawing->out, &size);
	char *ret = strndup(text ? text : "", size);
	perfgo_error_destroy(writer_finish(&drawing->out));
	return ret;
}

struct report_graph_options view_graph_options(const struct view *view,
					       const struct report_event *event)
{
	struct report_graph_options options = {
		.to_callers = view->graph_order == GRAPH_AS_ROWS
				      ? !view->options.children
				      : view->graph_order == GRAPH_OF_CALLEE,
	};
	double least = view->graph_limit / 100;
	if (view->fractal)
		options.min_share = least;
	else
		options.min_period = (uint64_t)(least * (double)event->period);
	return options;
}

struct perfgo_error *view_graph(const struct view *view, const struct report_event *event,
				const struct report_row *row, char **ret)
{
	_cleanup_free_ struct report_graph_entry *entries = NULL;
	struct drawing drawing = {.view = view, .margin = MARGIN};
	const struct report_graph_options options = view_graph_options(view, event);
	struct perfgo_error *error =
		report_graph(view->report, row, &options, &entries, &drawing.count);
	*ret = NULL;
	if (error || !drawing.count)
		return error;
	drawing.entries = entries;
	struct amount of_row = {row->period, row->samples};
	if (view->options.children)
		of_row = (struct amount){row->children_period, row->children_samples};
	*ret = draw(&drawing, of_row, view->fractal ? of_row.period : event->period);
	return *ret ? NULL : perfgo_error_no_memory();
}
