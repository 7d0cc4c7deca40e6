// SPDX-License-Identifier: GPL-2.0-only
/* Reports for people: a table an event, with comments above and below. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "out/table.h"
#include "numbers.h"
#include "view.h"

/* Where perf's colours begin (tools/perf/util/color.h, perf 6.12). */
#define MIN_RED 5.0
#define MIN_GREEN 0.5

static void cleanup_table(struct table **table)
{
	table_free(*table);
}

const char *view_text(const struct view *view, const struct report_row *row, size_t i,
		      char buffer[KEY_TEXT_SIZE])
{
	uint64_t value = 0;
	bool known = report_value(view->report, row, i, &value);
	return key_text(view->options.keys.keys[i], view->recording->facts, value, known, buffer);
}

static void add_columns(const struct view *view, struct table *table)
{
	if (view->options.children)
		table_column(table, "Children", true);
	table_column(table, view->options.children ? "Self" : "Overhead", true);
	if (view->show_samples)
		table_column(table, "Samples", true);
	for (size_t i = 0; i < view->options.keys.count; i++) {
		const struct key *key = view->options.keys.keys[i];
		table_column(table, key->name, key->kind != KEY_TEXT);
	}
}

static void add_percent(struct table *table, uint64_t period, uint64_t total)
{
	char text[32];
	double value = percent(period, total);
	snprintf(text, sizeof(text), "%.2f%%", value);
	table_cell(table, text);
	if (value >= MIN_RED)
		table_color(table, "red");
	else if (value >= MIN_GREEN)
		table_color(table, "green");
}

static void add_value(const struct view *view, struct table *table, const struct report_row *row,
		      size_t i)
{
	char text[KEY_TEXT_SIZE], count[NUMBER_TEXT_SIZE];
	uint64_t value;
	if (view->options.keys.keys[i]->sums && report_value(view->report, row, i, &value))
		table_cell(table, number_text(value, view->terminal, count));
	else
		table_cell(table, view_text(view, row, i, text));
}

static struct perfgo_error *add_row(const struct view *view, const struct report_event *event,
				    const struct report_row *row, struct table *table)
{
	char count[NUMBER_TEXT_SIZE];
	table_row(table);
	if (view->options.children)
		add_percent(table, row->children_period, event->period);
	add_percent(table, row->period, event->period);
	if (view->show_samples)
		table_cell(table, number_text(row->samples, view->terminal, count));
	for (size_t i = 0; i < view->options.keys.count; i++)
		add_value(view, table, row, i);
	if (!view->graph)
		return NULL;
	char *graph;
	struct perfgo_error *error = view_graph(view, event, row, &graph);
	if (!error && graph)
		table_below(table, graph);
	return error;
}

static struct perfgo_error *write_event(const struct view *view, const struct report_event *event)
{
	_cleanup_(cleanup_table) struct table *table = NULL;
	struct perfgo_error *error = table_new(view->terminal, &table);
	size_t shown = 0;
	if (error)
		return error;
	view_header(view, event);
	add_columns(view, table);
	while (!error && shown < event->count &&
	       row_percent(view, event, &event->rows[shown]) >= view->percent_limit)
		error = add_row(view, event, &event->rows[shown++], table);
	if (!error && shown)
		error = table_write(table, "  ", view->out);
	if (!error)
		view_footer(view, event, shown);
	return error;
}

struct perfgo_error *view_table(const struct view *view)
{
	struct perfgo_error *error = NULL;
	for (size_t i = 0; i < view->nr_events && !error; i++) {
		if (i)
			writer_char(view->out, '\n');
		error = write_event(view, &view->events[i]);
	}
	if (!view->nr_events)
		writer_printf(view->out, "# 0 samples, from %s\n", view->input);
	if (!error)
		view_closing(view);
	return error;
}
