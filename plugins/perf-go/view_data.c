// SPDX-License-Identifier: GPL-2.0-only
/* Reports for programs: JSON and CSV, all rows, nothing but rows. */
#include <string.h>

#include "base/cleanup.h"
#include "labels.h"
#include "out/csv.h"
#include "out/json.h"
#include "view.h"

/* Columns that every row has come before those of keys: one under the same name has to give way. */
static const char *column_name(const struct key *key)
{
	if (!strcmp(key->name, "event"))
		return NULL;
	return strcmp(key->name, "period") != 0 ? key->name : "sample_period";
}

static void json_value(struct json *json, const struct view *view, const struct report_row *row,
		       size_t i)
{
	const struct key *key = view->options.keys.keys[i];
	const struct strings *strings = session_strings(view->recording->session);
	uint64_t value;
	if (!report_value(view->report, row, i, &value))
		json_null(json);
	else if (key->labels)
		json_labels(json, facts_label_set(view->recording->facts, value));
	else if (key->kind == KEY_TEXT)
		json_string(json, strings_text(strings, (uint32_t)value));
	else if (key->kind == KEY_ADDRESS)
		json_hex(json, value);
	else if (key->kind == KEY_SIGNED)
		json_signed(json, (int32_t)value);
	else
		json_unsigned(json, value);
}

static void json_call(struct json *json, const struct view *view,
		      const struct report_graph_entry *entry)
{
	struct session *session = view->recording->session;
	const struct strings *strings = session_strings(session);
	json_begin(json, '{');
	json_key(json, "func");
	json_string(json, strings_text(strings, entry->function));
	if (view->options.graph_by != GRAPH_BY_FUNCTION) {
		json_key(json, "line");
		json_string(json, strings_text(strings, entry->line));
	}
	json_key(json, "dso");
	json_string(json, strings_text(strings, session_dso(session, entry->dso)->short_name));
	json_key(json, "inlined");
	json_bool(json, entry->inlined);
	json_key(json, "inferred");
	json_bool(json, entry->inferred);
	json_key(json, "period");
	json_unsigned(json, entry->period);
	json_key(json, "samples");
	json_unsigned(json, entry->samples);
	json_key(json, "children");
	json_begin(json, '[');
}

static struct perfgo_error *json_graph(struct json *json, const struct view *view,
				       const struct report_event *event,
				       const struct report_row *row)
{
	_cleanup_free_ struct report_graph_entry *entries = NULL;
	size_t count;
	const struct report_graph_options options = view_graph_options(view, event);
	struct perfgo_error *error = report_graph(view->report, row, &options, &entries, &count);
	if (error)
		return error;
	json_key(json, "callgraph");
	json_begin(json, '[');
	uint32_t open = 0;
	for (size_t i = 0; i < count; i++) {
		for (; open > entries[i].depth; open--) {
			json_end(json, ']');
			json_end(json, '}');
		}
		json_call(json, view, &entries[i]);
		open++;
	}
	for (; open; open--) {
		json_end(json, ']');
		json_end(json, '}');
	}
	json_end(json, ']');
	return NULL;
}

static struct perfgo_error *json_row(struct json *json, const struct view *view,
				     const struct report_event *event, const struct report_row *row)
{
	struct perfgo_error *error = NULL;
	json_newline(json);
	json_begin(json, '{');
	json_key(json, "event");
	json_string(json, view_event_name(view, event));
	if (view->options.children) {
		json_key(json, "children");
		json_fixed(json, percent(row->children_period, event->period), 6);
	}
	json_key(json, "overhead");
	json_fixed(json, percent(row->period, event->period), 6);
	json_key(json, "samples");
	json_unsigned(json, row->samples);
	json_key(json, "period");
	json_unsigned(json, row->period);
	for (size_t i = 0; i < view->options.keys.count; i++) {
		const char *name = column_name(view->options.keys.keys[i]);
		if (!name)
			continue;
		json_key(json, name);
		json_value(json, view, row, i);
	}
	if (view->graph)
		error = json_graph(json, view, event, row);
	json_end(json, '}');
	return error;
}

struct perfgo_error *view_json(const struct view *view)
{
	struct perfgo_error *error = NULL;
	struct json json = {.writer = view->out};
	json_begin(&json, '[');
	for (size_t e = 0; e < view->nr_events; e++) {
		const struct report_event *event = &view->events[e];
		for (size_t i = 0; i < event->count && !error; i++)
			if (row_percent(view, event, &event->rows[i]) >= view->percent_limit)
				error = json_row(&json, view, event, &event->rows[i]);
	}
	json.comma = false;
	json_newline(&json);
	json_end(&json, ']');
	json_end_document(&json);
	return error;
}

static void csv_row(const struct view *view, const struct report_event *event,
		    const struct report_row *row)
{
	char text[KEY_TEXT_SIZE];
	uint64_t value;
	csv_field(view->out, view_event_name(view, event));
	if (view->options.children)
		writer_printf(view->out, ",%.6f", percent(row->children_period, event->period));
	writer_printf(view->out, ",%.6f", percent(row->period, event->period));
	writer_char(view->out, ',');
	writer_unsigned(view->out, row->samples);
	writer_char(view->out, ',');
	writer_unsigned(view->out, row->period);
	for (size_t i = 0; i < view->options.keys.count; i++) {
		if (!column_name(view->options.keys.keys[i]))
			continue;
		writer_char(view->out, ',');
		if (report_value(view->report, row, i, &value))
			csv_field(view->out, view_text(view, row, i, text));
	}
	writer_string(view->out, "\n");
}

struct perfgo_error *view_csv(const struct view *view)
{
	writer_string(view->out, "event");
	if (view->options.children)
		writer_string(view->out, ",children");
	writer_string(view->out, ",overhead,samples,period");
	for (size_t i = 0; i < view->options.keys.count; i++) {
		const char *name = column_name(view->options.keys.keys[i]);
		if (name)
			writer_printf(view->out, ",%s", name);
	}
	writer_string(view->out, "\n");
	for (size_t e = 0; e < view->nr_events; e++) {
		const struct report_event *event = &view->events[e];
		for (size_t i = 0; i < event->count; i++)
			if (row_percent(view, event, &event->rows[i]) >= view->percent_limit)
				csv_row(view, event, &event->rows[i]);
	}
	return NULL;
}
