// SPDX-License-Identifier: GPL-2.0-only
/* Call graphs in the look of perf report --stdio (tools/perf/ui/stdio/hist.c, perf 6.12). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "view.h"

enum { MARGIN = 12, ROOT_MARGIN = MARGIN + 3, INDENT = 11, MAX_LEVELS = 256 };

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

static void draw_name(struct drawing *drawing, const struct report_graph_entry *entry)
{
	const struct strings *strings = session_strings(drawing->view->recording->session);
	const char *name = strings_text(strings, entry->function);
	const char *line = strings_text(strings, entry->line);
	writer_string(&drawing->out, name ? name : "[unknown]");
	if (name && line)
		writer_printf(&drawing->out, " %s", line);
	writer_string(&drawing->out, entry->inlined ? " (inlined)\n" : "\n");
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
			  uint64_t total);

static void draw_branch(struct drawing *drawing, size_t entry, uint32_t level, uint64_t total)
{
	const struct report_graph_entry *entries = drawing->entries;
	size_t end = behind(drawing, entry);
	writer_printf(&drawing->out, "--%.2f%%--", percent(entries[entry].period, total));
	draw_name(drawing, &entries[entry]);
	while (goes_on(drawing, entry)) {
		draw_bars(drawing, level);
		writer_printf(&drawing->out, "%*s", INDENT - 1, "");
		draw_name(drawing, &entries[++entry]);
	}
	draw_branches(drawing, entry + 1, end, level + 1,
		      drawing->view->fractal ? entries[entry].below : total);
}

/* What is left of TOTAL behind branches that were too small to be drawn, as perf has it. */
static void draw_rest(struct drawing *drawing, uint32_t level, uint64_t rest, uint64_t total)
{
	drawing->bars[level] = false;
	draw_bars(drawing, level);
	writer_printf(&drawing->out, "--%.2f%%--[...]\n", percent(rest, total));
}

/* TOTAL is what shares are of. What is deeper than there are levels is left out. */
static void draw_branches(struct drawing *drawing, size_t first, size_t end, uint32_t level,
			  uint64_t total)
{
	uint64_t rest = total;
	size_t next;
	for (size_t entry = first; entry < end && level < MAX_LEVELS; entry = next) {
		next = behind(drawing, entry);
		rest -= drawing->entries[entry].period;
		drawing->bars[level] = true;
		draw_bars(drawing, level);
		writer_char(&drawing->out, '\n');
		drawing->bars[level] = next < end || (drawing->view->fractal && rest);
		draw_bars(drawing, level);
		draw_branch(drawing, entry, level, total);
	}
	if (drawing->view->fractal && rest && rest != total && level < MAX_LEVELS)
		draw_rest(drawing, level, rest, total);
}

/* One root with all of the row's period, as rows by function have, is not a branch either. */
static void draw_root(struct drawing *drawing, uint64_t total)
{
	size_t entry = 0;
	writer_printf(&drawing->out, "%*s|\n%*s---", MARGIN, "", MARGIN, "");
	draw_name(drawing, &drawing->entries[0]);
	while (goes_on(drawing, entry)) {
		writer_printf(&drawing->out, "%*s", ROOT_MARGIN, "");
		draw_name(drawing, &drawing->entries[++entry]);
	}
	drawing->margin = ROOT_MARGIN;
	draw_branches(drawing, entry + 1, drawing->count, 0, total);
}

static char *draw(struct drawing *drawing, uint64_t of_row, uint64_t total)
{
	drawing->out = writer_of_memory();
	if (behind(drawing, 0) == drawing->count && drawing->entries[0].period == of_row)
		draw_root(drawing, total);
	else
		draw_branches(drawing, 0, drawing->count, 0, total);
	writer_string(&drawing->out, "\n");
	size_t size;
	const char *text = writer_text(&drawing->out, &size);
	char *ret = strndup(text, size);
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
	uint64_t of_row = view->options.children ? row->children_period : row->period;
	*ret = draw(&drawing, of_row, view->fractal ? of_row : event->period);
	return *ret ? NULL : perfgo_error_no_memory();
}
