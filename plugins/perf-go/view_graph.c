// SPDX-License-Identifier: GPL-2.0-only
/* Call graphs in the look of perf report --stdio (tools/perf/ui/stdio/hist.c, perf 6.12). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "view.h"

enum { MARGIN = 12, ROOT_MARGIN = MARGIN + 3, INDENT = 11, MAX_LEVELS = 256 };

/* The graph being drawn. */
struct drawing {
	const struct view *view;
	uint64_t total;
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
	writer_string(&drawing->out, name ? name : "[unknown]");
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

static void draw_branches(struct drawing *drawing, size_t first, size_t end, uint32_t level);

static void draw_branch(struct drawing *drawing, size_t entry, uint32_t level)
{
	size_t end = behind(drawing, entry);
	writer_printf(&drawing->out, "--%.2f%%--",
		      percent(drawing->entries[entry].period, drawing->total));
	draw_name(drawing, &drawing->entries[entry]);
	while (goes_on(drawing, entry)) {
		draw_bars(drawing, level);
		writer_printf(&drawing->out, "%*s", INDENT - 1, "");
		draw_name(drawing, &drawing->entries[++entry]);
	}
	draw_branches(drawing, entry + 1, end, level + 1);
}

/* What is deeper than there are levels is left out. */
static void draw_branches(struct drawing *drawing, size_t first, size_t end, uint32_t level)
{
	size_t next;
	for (size_t entry = first; entry < end && level < MAX_LEVELS; entry = next) {
		next = behind(drawing, entry);
		drawing->bars[level] = true;
		draw_bars(drawing, level);
		writer_char(&drawing->out, '\n');
		drawing->bars[level] = next < end;
		draw_bars(drawing, level);
		draw_branch(drawing, entry, level);
	}
}

/* One root, as rows by function have, is not a branch either. */
static void draw_root(struct drawing *drawing)
{
	size_t entry = 0;
	writer_printf(&drawing->out, "%*s|\n%*s---", MARGIN, "", MARGIN, "");
	draw_name(drawing, &drawing->entries[0]);
	while (goes_on(drawing, entry)) {
		writer_printf(&drawing->out, "%*s", ROOT_MARGIN, "");
		draw_name(drawing, &drawing->entries[++entry]);
	}
	drawing->margin = ROOT_MARGIN;
	draw_branches(drawing, entry + 1, drawing->count, 0);
}

static char *draw(struct drawing *drawing)
{
	drawing->out = writer_of_memory();
	if (drawing->count && behind(drawing, 0) == drawing->count)
		draw_root(drawing);
	else
		draw_branches(drawing, 0, drawing->count, 0);
	writer_string(&drawing->out, "\n");
	size_t size;
	const char *text = writer_text(&drawing->out, &size);
	char *ret = strndup(text, size);
	perfgo_error_destroy(writer_finish(&drawing->out));
	return ret;
}

struct perfgo_error *view_graph(const struct view *view, const struct report_event *event,
				const struct report_row *row, char **ret)
{
	_cleanup_free_ struct report_graph_entry *entries = NULL;
	struct drawing drawing = {.view = view, .total = event->period, .margin = MARGIN};
	uint64_t min_period = (uint64_t)(view->graph_limit / 100 * (double)event->period);
	struct perfgo_error *error =
		report_graph(view->report, row, min_period, &entries, &drawing.count);
	*ret = NULL;
	if (error || !drawing.count)
		return error;
	drawing.entries = entries;
	*ret = draw(&drawing);
	return *ret ? NULL : perfgo_error_no_memory();
}
